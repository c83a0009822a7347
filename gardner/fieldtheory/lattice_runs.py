"""Lattice runs: every size and mass with several chains, as independent work, and the labelled Dataset of all blocks.

A plan spans sizes × mass2 × chains; each is one chain of blocks of the runtime, with checkpoints, so that a stopped run
goes on bit for bit. The Dataset keeps the block means, from which every estimator and error can be had again.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from gardner import __version__
from gardner.checks import checked_rate, whole
from gardner.fieldtheory.lattice import SCALARS, Lattice, LatticeChain
from gardner.results.solution import Header, from_attribute, to_attribute
from gardner.runtime.chains import Workers, run_chains

MAX_CHAINS = 10_000


@dataclass(frozen=True)
class LatticePlan:
    """What to run: hypercubic lattices of `sizes` in `dimensions`, all `mass2` values at one coupling λ.

    blocks of `sweeps` sweeps in each of `chains` independent chains, after `thermalisation` sweeps; learning_rate: η
    of the potential whose m² is `mass2`, only needed to quote the source's π mass ¼λη².
    """

    sizes: tuple[int, ...] = (16,)
    mass2: tuple[float, ...] = (0.25,)
    coupling: float = 0.0
    dimensions: int = 2
    components: int = 1
    blocks: int = 64
    sweeps: int = 50
    thermalisation: int = 500
    chains: int = 2
    seed: int = 1
    learning_rate: float | None = None

    def __post_init__(self):
        object.__setattr__(self, "dimensions", whole("dimensions", self.dimensions, 2, 4))
        for name, smallest, largest in (
            ("blocks", 8, 100_000), ("sweeps", 1, 10**6), ("thermalisation", 0, 10**7), ("chains", 2, 1000),
            ("seed", 0, None),
        ):  # fmt: skip
            object.__setattr__(self, name, whole(name, getattr(self, name), smallest, largest))
        for name in ("sizes", "mass2"):
            values = tuple(sorted(getattr(self, name)))
            if not values or len(set(values)) < len(values):
                raise ValueError(f"{name} = {', '.join(map(str, values))}: give one or more different values")
            object.__setattr__(self, name, values)
        if self.learning_rate is not None:
            checked_rate("learning_rate", self.learning_rate)
        if len(self.sizes) * len(self.mass2) * self.chains > MAX_CHAINS:
            raise ValueError(f"{len(self.sizes) * len(self.mass2)} lattices: too many; make a coarser grid of mass2")
        for size in self.sizes:
            for mass2 in self.mass2:
                self.lattice(size, mass2)

    def lattice(self, size: int, mass2: float) -> Lattice:
        return Lattice((size,) * self.dimensions, self.components, mass2, self.coupling)

    def jobs(self) -> list[LatticeChain]:
        """One chain of blocks per size, mass and replica; a generator of its own each, from `seed`."""
        result = []
        for s, size in enumerate(self.sizes):
            for m, mass2 in enumerate(self.mass2):
                for c in range(self.chains):
                    name = f"L{size}-m{m}-c{c}"
                    entropy = (self.seed, s, m, c)
                    lattice = self.lattice(size, mass2)
                    chain = LatticeChain(name, self.blocks, lattice, self.sweeps, self.thermalisation, entropy)
                    result.append(chain)
        return result

    def parameters(self) -> dict:
        return asdict(self)


def run_lattice(
    plan: LatticePlan, store: Path, workers: Workers | None = None, resume: bool = False, force: bool = False
):
    """Compute every block of `plan` and return the Dataset; `store` is the folder of the checkpoints."""
    began = time.perf_counter()
    jobs = plan.jobs()
    # the largest lattices first, so that no worker is left with one at the end
    order = sorted(range(len(jobs)), key=lambda j: -jobs[j].lattice.volume)
    fingerprint = {"command": "fieldtheory lattice", "version": __version__} | plan.parameters()
    title = "fieldtheory lattice"
    done = run_chains([jobs[j] for j in order], store, fingerprint, workers, resume, force, title)
    records = dict(zip(order, done))
    return assemble(plan, [records[j] for j in range(len(jobs))], time.perf_counter() - began)


def assemble(plan: LatticePlan, records: list[list[dict]], seconds: float):
    """The Dataset of the block means; spectra of smaller lattices end in nan."""
    import xarray as xr

    shape = (len(plan.sizes), len(plan.mass2), plan.chains, plan.blocks)
    dims = ("size", "mass2", "chain", "block")
    variables = {
        name: (dims, np.array([[record[name] for record in chain] for chain in records]).reshape(shape))
        for name in SCALARS
    }
    longest = max(plan.sizes)

    def padded(name: str) -> np.ndarray:
        rows = [np.array([record[name] for record in chain]) for chain in records]
        missing = [[(0, 0)] * (row.ndim - 1) + [(0, longest - row.shape[-1])] for row in rows]
        pad = [np.pad(row, widths, constant_values=np.nan) for row, widths in zip(rows, missing)]
        return np.array(pad).reshape(*shape, *pad[0].shape[1:])

    variables["spectrum"] = ((*dims, "k", "p"), padded("full"))
    variables["spectrum_body"] = ((*dims, "k", "component", "p"), padded("body"))
    dataset = xr.Dataset(variables, {"size": list(plan.sizes), "mass2": list(plan.mass2)})
    for name, label in LABELS.items():
        dataset[name].attrs = {"long_name": label, "units": "1"}
    header = Header("fieldtheory lattice", plan.parameters(), "converged", seconds, plan.seed)
    dataset.attrs = {name: to_attribute(v) for name, v in ({"kind": "fieldtheory lattice"} | asdict(header)).items()}
    return dataset


LABELS = {
    "magnetization": "|M|, M the mean of the field",
    "m2": "M²",
    "m4": "M⁴",
    "phi2": "mean of φ²",
    "identity": "Schwinger–Dyson sum, D exactly",
    "acceptance": "Metropolis acceptance",
    "spectrum": "<|φ̃(p,k)|²>/V, mean over components",
    "spectrum_body": "the same with component 0 along M (σ), the others across it (π)",
}


def plan_of(dataset) -> LatticePlan:
    """The plan a Dataset was made with."""
    values = dict(from_attribute(dataset.attrs["parameters"]))
    for name in ("sizes", "mass2"):
        values[name] = tuple(values[name])
    return LatticePlan(**values)
