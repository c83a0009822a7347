"""Overlaps of single hidden units among the members of one sample, and the products of them that are averaged (T24).

Members a, b are the students and, where there is one, the teacher. For the hidden unit j of spin layer l = 1…L-1,

    R_j = c^-1 Σ J_a J_b over the unit's own row,    C_j = c^-1 Σ J_a J_b over the c weights that read the unit,
    q_j = M^-1 Σ_μ S_a S_b.

All three change sign when the unit is flipped in one member, so that their products need no matching. What is kept is
M times the products of `PRODUCTS`, averaged over the units of a block (units are independent of each other in the
liquid, so that blocks give errors) and over the pairs of one kind: teacher with student, or student with student.

A run is a chain of blocks of sweeps (`UnitChain`) with the samplers, checkpoints and workers of any other run; it
records these products alone and is therefore cheap at thousands of units. One Gram matrix over members per unit costs
(members)² c operations, against (members) c (M + a draw) of a sweep.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from gardner.montecarlo.sampler import Sampler
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.montecarlo.state import FORMAT
from gardner.nets.disorder import Disorder, draw_disorder
from gardner.nets.graphs import Topology
from gardner.runtime.chains import Workers, run_chains

PRODUCTS = ("RR", "CC", "qq", "Rq", "Cq", "RC")
PLACES = ((0, 0), (1, 1), (2, 2), (0, 2), (1, 2), (0, 1))  # of x = (R, C, q), in the order of PRODUCTS
KINDS = ("teacher", "students")
BLOCKS = 16  # groups of units


def check_regular(settings: MonteCarloSettings) -> None:
    """ValueError unless every unit reads c units and is read by c, in a net with hidden units."""
    widths = set(settings.layer_widths)
    if settings.connectivity is None or settings.graph != "regular" or settings.dilution or len(widths) > 1:
        raise ValueError(
            "overlaps of single units: need a regular graph of one width (connectivity given, graph = regular, no "
            "dilution); choose --connectivity c --graph regular"
        )
    if settings.depth < 2:
        raise ValueError("depth = 1: has no hidden unit; overlaps of single units need at least 2")


def unit_overlaps(topology: Topology, layer: int, weight_ak: np.ndarray, spin_aum: np.ndarray) -> np.ndarray:
    """x_juab = (R, C, q) of every unit u of hidden spin layer `layer` for all members a, b; shape (3, n, A, A).

    weight_ak: weights of all bonds of each member; spin_aum: spins [member, unit, pattern] of all layers, ±1.
    """
    units = topology.layer_units(layer)
    rows = topology.row_p[units.start - topology.width_l[0] : units.stop - topology.width_l[0] + 1]
    columns = topology.column_u[units.start : units.stop + 1]
    count = units.stop - units.start
    own_auk = weight_ak[:, rows[0] : rows[-1]].reshape(len(weight_ak), count, -1)
    read_auk = weight_ak[:, topology.bond_k[columns[0] : columns[-1]]].reshape(len(weight_ak), count, -1)
    spin_aum = spin_aum[:, units].astype(np.float32)
    return np.stack([_gram(part) for part in (own_auk, read_auk, spin_aum)])


def _gram(x_auk: np.ndarray) -> np.ndarray:
    """Mean over the last axis of the products of members, unit by unit: shape (n, A, A)."""
    x_uak = np.swapaxes(x_auk, 0, 1)
    return x_uak @ np.swapaxes(x_uak, 1, 2) / x_auk.shape[-1]


def blocked_products(x_jup: np.ndarray, patterns: int, blocks: int = BLOCKS) -> np.ndarray:
    """M times the products of `PRODUCTS`, averaged over pairs p and the units of each block: shape (blocks, 6)."""
    products_eu = np.stack([(x_jup[i] * x_jup[j]).mean(axis=-1) for i, j in PLACES])
    groups = np.array_split(products_eu, min(blocks, products_eu.shape[1]), axis=1)
    return patterns * np.stack([group.mean(axis=1) for group in groups])


class UnitObserver:
    """Measures all pairs of members of one sample; knows the disorder, keeps no state."""

    def __init__(self, settings: MonteCarloSettings, disorder: Disorder):
        self.settings, self.disorder = settings, disorder
        members = settings.replicas + (disorder.teacher_k is not None)
        first, second = np.triu_indices(members, 1)
        with_teacher = (second == settings.replicas) if members > settings.replicas else np.zeros(len(first), bool)
        self.pairs = {"teacher": (first[with_teacher], second[with_teacher])}
        self.pairs["students"] = first[~with_teacher], second[~with_teacher]

    def measure(self, sampler: Sampler) -> tuple[np.ndarray, np.ndarray]:
        """products[kind, hidden layer, block, product], and the mean x[kind, hidden layer, (R, C, q)]; nan: no pair."""
        settings, teacher = self.settings, self.disorder.teacher_k
        weights, spins = sampler.weight_rk[: settings.replicas], sampler.spin_rum[: settings.replicas]
        if teacher is not None:
            weights = np.concatenate([weights, teacher[None]])
            spins = np.concatenate([spins, self.disorder.teacher_um[None]])
        hidden, blocks = settings.depth - 1, min(BLOCKS, settings.layer_widths[1])
        products = np.full((len(KINDS), hidden, blocks, len(PRODUCTS)), np.nan)
        means = np.full((len(KINDS), hidden, 3), np.nan)
        for h in range(hidden):
            x_juab = unit_overlaps(self.disorder.topology, h + 1, weights, spins)
            for k, kind in enumerate(KINDS):
                a, b = self.pairs[kind]
                if len(a):
                    x_jup = x_juab[:, :, a, b]
                    products[k, h] = blocked_products(x_jup, settings.patterns)
                    means[k, h] = x_jup.mean(axis=(1, 2))
        return products, means


@dataclass(frozen=True)
class UnitChain:
    """Sample number `sample` of a run that records overlaps of single units."""

    settings: MonteCarloSettings
    sample: int

    @property
    def name(self) -> str:
        return f"units{self.sample:05d}"

    @property
    def length(self) -> int:
        return self.settings.points

    @cached_property
    def disorder(self) -> Disorder:
        return draw_disorder(self.settings, self.sample)

    def __getstate__(self):
        return {"settings": self.settings, "sample": self.sample}  # what is cached is drawn again elsewhere

    def start(self) -> dict:
        sampler = Sampler(self.settings, self.disorder, self.settings.seeds(self.sample)[1])
        sampler.run(0)  # a random start of the hard core finds its first satisfying state here
        return {"sampler": sampler.state.to_dict()}

    def step(self, state: dict, index: int) -> tuple[dict, dict]:
        settings = self.settings
        sampler = Sampler(settings, self.disorder, saved=state["sampler"])
        observer = UnitObserver(settings, self.disorder)
        first, last = settings.block(index)
        times = settings.measurement_times
        times = times[(times > first) & (times <= last)]
        products, means, now = [], [], first
        for time in np.union1d(times, [last]):
            sampler.run(int(time - now))
            now = time
            if time in times:
                found = observer.measure(sampler)
                products.append(found[0])
                means.append(found[1])
        if last <= settings.burn_in:
            sampler.tune()
        record = {"time_t": times, "drift": sampler.drift, "accepted_l": sampler.counts["accepted"].copy()}
        record |= {"products": np.array(products), "means": np.array(means)} if products else {}
        return {"sampler": sampler.state.to_dict()}, record


def run_unit_overlaps(
    settings: MonteCarloSettings,
    store: Path,
    workers: Workers | None = None,
    resume: bool = False,
    force: bool = False,
):
    """Run every sample of `settings` and return the products and means of unit overlaps as an xarray Dataset.

    store: folder of the checkpoints, left to the caller; workers, resume, force: as in `run_sweep`. Dimensions
    (sample, time, kind, hidden_layer, block, product); `mean_overlap` has (overlap) in place of (block, product).
    ValueError for a graph that is not regular or a folder of another run; InterruptedRun after Ctrl-C.
    """
    import xarray as xr

    check_regular(settings)
    chains = [UnitChain(settings, sample) for sample in range(settings.samples)]
    fingerprint = {"measured": "unit overlaps"} | {"state": FORMAT} | settings.parameters()
    records = run_chains(chains, store, fingerprint, workers, resume, force, "unit overlaps")
    parts = [[record for record in chain if len(record["time_t"])] for chain in records]
    series = {
        name: np.stack([np.concatenate([record[name] for record in chain]) for chain in parts])
        for name in ("products", "means")
    }
    accepted = np.array([chain[-1]["accepted_l"] for chain in records])
    return xr.Dataset(
        {
            "products": (("sample", "time", "kind", "hidden_layer", "block", "product"), series["products"]),
            "mean_overlap": (("sample", "time", "kind", "hidden_layer", "overlap"), series["means"]),
            "accepted": (("sample", "bond_layer"), accepted),
            "drift": ("sample", [max(float(record["drift"]) for record in chain) for chain in records]),
        },
        {
            "time": np.concatenate([record["time_t"] for record in parts[0]]),
            "kind": list(KINDS),
            "hidden_layer": np.arange(1, settings.depth),
            "product": list(PRODUCTS),
            "overlap": ["R", "C", "q"],
        },
    )
