"""Monte Carlo of the O(D) φ⁴ field on a periodic lattice, one chain of blocks per lattice and mass.

Axis 0 of the lattice is the layer t, the others are the samples. One sweep is a checkerboard Metropolis sweep, four
overrelaxations and one Swendsen–Wang reflection (`lattice_kernels`); measurements follow every sweep and are averaged
over a block. With
M = (1/V) Σ φ, n = M/|M| and φ̃(p, k) the Fourier transform along axis 0 at momentum k = 0 or 2π/L across it,

    G_c(p, k) = <|φ̃_c(p, k)|²>/V

is recorded in the fixed frame (mean over components) and in the frame turned so that component 0 lies along n: σ; the
other D-1 are π. At k = 0 the π components have no p = 0 mode by construction, and σ has V M² there. The identity

    <Σ_i (φ(x+i) - φ(x))² + m² φ² + λ (φ²)²> = D          (Schwinger–Dyson: φ → (1+ε)φ)

holds exactly at every mass, coupling and size, and checks each run. Errors fall as the root of the number of blocks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gardner.checks import SCALES, checked_coupling, whole, within
from gardner.fieldtheory.lattice_kernels import cluster_sweep, metropolis_sweep, reflection_sweep
from gardner.values import ByValue

MAX_SITES = 1 << 20
ACCEPTANCE = 0.6  # wanted of Metropolis; the step is tuned during thermalisation only
REFLECTIONS = 4  # overrelaxations for one Metropolis sweep
SCALARS = ("magnetization", "m2", "m4", "phi2", "identity", "acceptance")


@dataclass(frozen=True)
class Lattice:
    """Lengths (even, at least 4; axis 0 is the layer) and the parameters of the action."""

    shape: tuple[int, ...]
    components: int
    mass2: float
    coupling: float

    def __post_init__(self):
        shape = tuple(whole("size", length, 4, 4096) for length in self.shape)
        object.__setattr__(self, "shape", shape)
        if len(shape) < 2 or any(length % 2 for length in shape):
            raise ValueError(f"size = {'x'.join(map(str, shape))}: two or more even lengths are needed (checkerboard)")
        if math.prod(shape) > MAX_SITES:
            raise ValueError(f"size = {'x'.join(map(str, shape))}: more than {MAX_SITES} sites; take a smaller lattice")
        object.__setattr__(self, "components", whole("components", self.components, 1, 16))
        object.__setattr__(self, "mass2", within("mass2", self.mass2, -SCALES[1], SCALES[1]))
        object.__setattr__(self, "coupling", checked_coupling(self.coupling, free=True))
        if self.coupling == 0.0 and self.mass2 < SCALES[0]:  # its mean relaxes in 1/m² sweeps
            raise ValueError(f"mass2 = {self.mass2}: the free field (coupling 0) needs mass2 ≥ {SCALES[0]:g}")

    @property
    def volume(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True, eq=False)
class Geometry(ByValue):
    """Sites numbered in C order: forward neighbours (V, d), all neighbours (V, 2d), even sites before odd ones."""

    forward_xi: np.ndarray
    neighbours_xn: np.ndarray
    order_x: np.ndarray


def geometry(shape: tuple[int, ...]) -> Geometry:
    """Neighbour tables of a periodic lattice."""
    sites = np.arange(math.prod(shape)).reshape(shape)
    axes = range(len(shape))
    forward = np.stack([np.roll(sites, -1, axis).ravel() for axis in axes], axis=1)
    backward = np.stack([np.roll(sites, 1, axis).ravel() for axis in axes], axis=1)
    parity = np.indices(shape).sum(axis=0).ravel() % 2
    return Geometry(forward, np.concatenate([forward, backward], axis=1), np.argsort(parity, kind="stable"))


def sweep(lattice: Lattice, places: Geometry, field_xc: np.ndarray, step: float, rng: np.random.Generator) -> float:
    """One Metropolis sweep, overrelaxation and one cluster reflection, in place; the Metropolis acceptance."""
    sites, components = field_xc.shape
    around, tables = np.empty(components), (places.neighbours_xn, places.order_x)
    for _ in range(REFLECTIONS):
        reflection_sweep(field_xc, *tables, rng.random(sites), lattice.mass2, lattice.coupling, around)
    change = step * (2.0 * rng.random((sites, components)) - 1.0)
    accepted = metropolis_sweep(field_xc, *tables, change, rng.random(sites), lattice.mass2, lattice.coupling)
    mirror = rng.standard_normal(components)
    mirror /= np.linalg.norm(mirror)
    along, parent = np.empty(sites), np.empty(sites, dtype=np.int64)
    bonds = rng.random(places.forward_xi.shape)
    cluster_sweep(field_xc, places.forward_xi, mirror, bonds, rng.random(sites), along, parent)
    return accepted / sites


def aligned(value_xc: np.ndarray, direction_c: np.ndarray) -> np.ndarray:
    """Values turned by the reflection that takes the unit vector `direction_c` to component 0."""
    axis = direction_c.copy()
    axis[0] -= 1.0
    norm2 = axis @ axis
    return value_xc if norm2 < 1e-24 else value_xc - (2.0 / norm2) * (value_xc @ axis)[..., None] * axis


def measure(lattice: Lattice, places: Geometry, field_xc: np.ndarray) -> dict[str, np.ndarray]:
    """Scalars and the spectra `full` (k, p) and `body` (k, component, p) of one configuration."""
    D, shape, volume = lattice.components, lattice.shape, lattice.volume
    mean_c = field_xc.mean(axis=0)
    m2 = float(mean_c @ mean_c)
    square_x = (field_xc**2).sum(axis=1)
    kinetic = sum(float(((field_xc[places.forward_xi[:, i]] - field_xc) ** 2).sum()) for i in range(len(shape)))
    identity = (kinetic + lattice.mass2 * square_x.sum() + lattice.coupling * (square_x**2).sum()) / volume
    phase = np.exp(-2j * np.pi * np.arange(shape[1]) / shape[1])
    rows_tkc = field_xc.reshape(shape[0], shape[1], -1, D).sum(axis=2)
    slices_ktc = np.stack([rows_tkc.sum(axis=1), np.einsum("y,tyc->tc", phase, rows_tkc)])
    direction = mean_c / math.sqrt(m2) if m2 > 0.0 else np.eye(D)[0]
    fourier_kpc = np.fft.fft(slices_ktc, axis=1)
    body_kpc = np.abs(aligned(fourier_kpc, direction)) ** 2 / volume
    return {
        "magnetization": math.sqrt(m2),
        "m2": m2,
        "m4": m2 * m2,
        "phi2": float(square_x.mean()),
        "identity": float(identity),
        "full": (np.abs(fourier_kpc) ** 2).mean(axis=2) / volume,
        "body": body_kpc.transpose(0, 2, 1),
    }


@dataclass(frozen=True)
class LatticeChain:
    """`length` blocks of `sweeps` sweeps after `thermalisation` sweeps; a chain of the runtime."""

    name: str
    length: int
    lattice: Lattice
    sweeps: int
    thermalisation: int
    entropy: tuple[int, ...]

    def start(self) -> dict:
        """A warm start: the minimum of the potential with noise, then thermalisation with the step tuned."""
        rng = np.random.default_rng(np.random.SeedSequence(self.entropy[0], spawn_key=self.entropy[1:]))
        lattice, places = self.lattice, geometry(self.lattice.shape)
        v = math.sqrt(max(0.0, -lattice.mass2) / lattice.coupling) if lattice.coupling > 0.0 else 0.0
        field = 0.3 * rng.standard_normal((lattice.volume, lattice.components))
        field[:, 0] += v
        step = 1.0
        for _ in range(self.thermalisation):
            step *= math.exp(0.3 * (sweep(lattice, places, field, step, rng) - ACCEPTANCE))
        return {"field": field, "step": step, "generator": rng.bit_generator.state}

    def step(self, state: dict, index: int) -> tuple[dict, dict]:
        """One block: mean of every measurement."""
        rng = np.random.default_rng()
        rng.bit_generator.state = state["generator"]
        field, places = state["field"].copy(), geometry(self.lattice.shape)
        total: dict = {}
        for _ in range(self.sweeps):
            acceptance = sweep(self.lattice, places, field, state["step"], rng)
            for name, value in (measure(self.lattice, places, field) | {"acceptance": acceptance}).items():
                total[name] = total.get(name, 0.0) + value
        record = {name: value / self.sweeps for name, value in total.items()}
        return {"field": field, "step": state["step"], "generator": rng.bit_generator.state}, record
