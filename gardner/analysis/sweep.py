"""Sweeps: branches of saddle points along α for several depths, margins and temperatures, in both directions.

Each depth, potential and direction is one chain (`branches`), so chains run in parallel and every point is kept as
soon as it is done. The result is one labelled Dataset: arrays over (depth, [margin], [beta], direction, alpha), NaN
beyond the last layer of shallower nets, the status of every point beside its numbers.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from gardner.analysis.branches import DIRECTIONS, PLANTED_NUMBERS, PlantedBranch, RandomBranch
from gardner.checks import checked_margin
from gardner.model import (
    CLOSURES,
    MAX_ALPHA,
    MAX_DEPTH,
    SolverSettings,
    checked_parisi,
    positive,
    uniform_parisi,
    whole,
)
from gardner.potentials import POTENTIALS, Potential, choose_potential
from gardner.results.solution import DIAGNOSTICS, Header, to_attribute
from gardner.runtime.chains import Workers, brief, run_chains

MAX_POINTS = 100_000
LABELS = {
    "free_entropy": ("free entropy per N·M", "1"),
    "q": ("spin overlap q_i(l)", "1"),
    "Q": ("bond overlap Q_i(l)", "1"),
    "q_EA": ("Edwards–Anderson overlap of spins", "1"),
    "Q_EA": ("Edwards–Anderson overlap of bonds", "1"),
    "fresh_overlap": ("teacher–student overlap of layer l on fresh inputs (T17)", "1"),
    "seconds": ("time of the point", "s"),
}


def _increasing(name: str, values: Sequence, check) -> tuple:
    result = tuple(check(name, value) for value in values)
    if not result:
        raise ValueError(f"{name}: no value given; give at least one")
    if len(set(result)) < len(result):
        raise ValueError(f"{name} = {', '.join(map(str, values))}: a value is given twice")
    return tuple(sorted(result))


@dataclass(frozen=True)
class RandomSweep:
    """What to sweep in the random setting, for `run_sweep`.

    alphas, depths, margins, betas: values, sorted here (β = 1/T, k_B = 1); parisi: the m_i, common to all points;
    potential: a name of `POTENTIALS`, by default the hard core without `betas` and the soft core with them;
    directions: "up", "down" or both; solver: a SolverSettings; closure: as in `solve_random`.
    ValueError for values out of range or given twice, and for more than 100 000 points.
    """

    alphas: tuple[float, ...]
    depths: tuple[int, ...]
    parisi: tuple[float, ...] = uniform_parisi(10)
    margins: tuple[float, ...] = (0.0,)
    betas: tuple[float, ...] = ()
    directions: tuple[str, ...] = DIRECTIONS
    solver: SolverSettings = field(default_factory=SolverSettings)
    closure: str = "symmetric"
    potential: str | None = None
    setting = "random"

    def __post_init__(self):
        _check_plan(self)
        object.__setattr__(self, "parisi", checked_parisi(self.parisi))
        object.__setattr__(self, "margins", _increasing("margin", self.margins, lambda _, v: checked_margin(v)))
        if self.closure not in CLOSURES:
            raise ValueError(f"closure = {self.closure!r}: must be one of {', '.join(CLOSURES)}")
        kind = POTENTIALS[self.potential_name]
        if self.betas and not kind.has_temperature():
            raise ValueError(f"beta = {self.betas}: the {kind.title} has no temperature, leave it out")
        if kind.has_temperature():
            betas = _increasing("beta", self.betas or (kind.usual_beta,), positive)
            object.__setattr__(self, "betas", betas)
        _check_size(self)

    @property
    def potential_name(self) -> str:
        """The name of the potential of all chains."""
        return self.potential or ("soft" if self.betas else "hard")

    def axes(self) -> dict[str, tuple]:
        """The axes other than α, in the order of the chains; those of one value are attributes of the Dataset."""
        return {"depth": self.depths, "margin": self.margins, "beta": self.betas or (None,)} | {
            "direction": self.directions
        }

    def chain(self, depth, margin, beta, direction) -> RandomBranch:
        """The branch followed at these values of the axes."""
        warm = "" if beta is None else f"-beta{brief(beta)}"
        name = f"L{depth}-kappa{brief(margin)}{warm}-{direction}"
        alphas = self.alphas if direction == "up" else self.alphas[::-1]
        core: Potential = choose_potential(self.potential_name, margin, beta)
        return RandomBranch(name, direction, alphas, depth, core, self.parisi, self.solver, self.closure)

    def parameters(self) -> dict:
        """Everything that makes this plan what it is: header of files, fingerprint of checkpoints."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class PlantedSweep:
    """What to sweep in the planted setting (hard core, κ = 0), for `run_sweep`.

    alphas, depths: values, sorted here; closure: "symmetric" or "directed"; field: symmetry-breaking field (T18);
    tolerance: of the fixed points; directions: "up" follows the liquid, "down" the crystal. ValueError as RandomSweep.
    """

    alphas: tuple[float, ...]
    depths: tuple[int, ...]
    closure: str = "symmetric"
    field: float = 0.0
    tolerance: float = 1e-12
    directions: tuple[str, ...] = DIRECTIONS
    setting = "planted"

    def __post_init__(self):
        from gardner.theory.planted.solve import checked_alpha, checked_chain

        _check_plan(self)
        _check_size(self)
        for depth in self.depths:
            checked_chain(depth, self.closure, self.field)
        for alpha in self.alphas:
            checked_alpha(alpha)
        positive("tol", self.tolerance, 1.0)

    def axes(self) -> dict[str, tuple]:
        """The axes other than α, in the order of the chains."""
        return {"depth": self.depths, "direction": self.directions}

    def chain(self, depth, direction) -> PlantedBranch:
        """The branch followed at these values of the axes."""
        alphas = self.alphas if direction == "up" else self.alphas[::-1]
        name = f"L{depth}-{direction}"
        return PlantedBranch(name, direction, alphas, depth, self.closure, self.field, self.tolerance)

    def parameters(self) -> dict:
        """Everything that makes this plan what it is: header of files, fingerprint of checkpoints."""
        return asdict(self)


Sweep = RandomSweep | PlantedSweep


def _check_plan(plan) -> None:
    object.__setattr__(plan, "alphas", _increasing("alpha", plan.alphas, lambda n, v: positive(n, v, MAX_ALPHA)))
    depths = _increasing("depth", plan.depths, lambda n, v: whole(n, v, 1, MAX_DEPTH))
    object.__setattr__(plan, "depths", depths)
    for direction in plan.directions:
        if direction not in DIRECTIONS:
            raise ValueError(f"direction = {direction!r}: must be one of {', '.join(DIRECTIONS)}, or both")


def _check_size(plan) -> None:
    points = math.prod(len(values) for values in plan.axes().values()) * len(plan.alphas)
    if points > MAX_POINTS:
        raise ValueError(f"sweep: {points} points asked for, at most {MAX_POINTS} are allowed; make a coarser grid")


def combinations(plan: Sweep) -> list[dict]:
    """The value of every axis for each chain, in the order of the Dataset."""
    result: list[dict] = [{}]
    for name, values in plan.axes().items():
        result = [chosen | {name: value} for chosen in result for value in values]
    return result


def run_sweep(
    plan: Sweep,
    store: Path,
    workers: Workers | None = None,
    resume: bool = False,
    force: bool = False,
):
    """Compute every point of `plan` (RandomSweep or PlantedSweep); `store` is the folder of the checkpoints.

    Returns an xarray Dataset over (depth, [margin], [beta], direction, alpha): free_entropy, q, Q, q_EA, Q_EA, status,
    diagnostics; layers beyond the last one of shallower nets are nan, failed points are in it with their status.
    workers: `runtime.chains.Workers`, this process by default; resume: go on from `store`; force: replace it.
    InterruptedRun after Ctrl-C; ValueError if `store` holds another run.
    """
    import gardner

    chosen = combinations(plan)
    chains = [plan.chain(**values) for values in chosen]
    # the costliest chains first, so that no worker is left with one at the end
    order = sorted(range(len(chains)), key=lambda c: -chosen[c]["depth"])
    fingerprint = {"setting": plan.setting, "version": gardner.__version__} | plan.parameters()
    began = time.perf_counter()
    title = f"sweep {plan.setting}"
    records = run_chains([chains[c] for c in order], store, fingerprint, workers, resume, force, title)
    sorted_records = dict(zip(order, records))
    return assemble(plan, [sorted_records[c] for c in range(len(chains))], time.perf_counter() - began)


def _padded(values: np.ndarray, length: int) -> np.ndarray:
    """Layers beyond the last one of a shallower net are NaN."""
    values = np.asarray(values, dtype=float)
    return np.concatenate([values, np.full((length - len(values), *values.shape[1:]), np.nan)])


def _variable(plan: Sweep, records: list[list[dict]], name: str, length: int | None) -> np.ndarray:
    """One quantity of all points, chains first, α in increasing order."""
    rows = []
    for values, chain in zip(combinations(plan), records):
        row = [record[name] if length is None else _padded(record[name], length) for record in chain]
        rows.append(row if values["direction"] == "up" else row[::-1])
    return np.array(rows)


def assemble(plan: Sweep, records: list[list[dict]], seconds: float):
    """The Dataset of all records (chains in the order of `combinations`)."""
    import xarray as xr

    random = plan.setting == "random"
    scalars = (*DIAGNOSTICS,) if random else (*PLANTED_NUMBERS, "iterations")
    layered = {"q": "spin_layer", "Q": "bond_layer"} | ({} if random else {"fresh_overlap": "spin_layer"})
    deepest = max(plan.depths)
    axes = {n: v for n, v in plan.axes().items() if n in ("depth", "direction") or len(v) > 1}
    shape = tuple(len(values) for values in axes.values())
    dims = (*axes, "alpha")
    coords: dict = {name: list(values) for name, values in axes.items()} | {"alpha": np.array(plan.alphas)}
    coords |= {"spin_layer": np.arange(deepest + 1), "bond_layer": np.arange(1, deepest + 1)}
    x = ()
    if random:
        m = np.array((0.0, *plan.parisi, 1.0))
        coords |= {"x": 0.5 * (m[:-1] + m[1:]), "m_lower": ("x", m[:-1]), "m_upper": ("x", m[1:])}
        x = ("x",)
    variables = {}
    for name in (*scalars, "seconds", "status", "start"):
        array = _variable(plan, records, name, None)
        variables[name] = (dims, array.reshape(*shape, -1).astype(str if name in ("status", "start") else float))
    for name, layers in layered.items():
        array = _variable(plan, records, name, deepest + (layers == "spin_layer"))
        array = array.reshape(*shape, len(plan.alphas), *array.shape[2:])
        layer_dims = (*dims, layers, *(x if name != "fresh_overlap" else ()))
        variables[name] = (layer_dims, array)
        if name != "fresh_overlap":
            variables[f"{name}_EA"] = ((*dims, layers), array[..., -1] if random else array)
    dataset = xr.Dataset(variables, coords)
    for name, (label, units) in LABELS.items():
        if name in dataset:
            dataset[name].attrs = {"long_name": label, "units": units}
    dataset.attrs = _attributes(plan, dataset, seconds)
    return dataset


def _attributes(plan: Sweep, dataset, seconds: float) -> dict:
    statuses = Counter(dataset["status"].values.ravel().tolist())
    status = "converged" if set(statuses) == {"converged"} else "incomplete"
    header = Header(f"sweep {plan.setting}", plan.parameters(), status, seconds)
    attributes = {"kind": "sweep", "setting": plan.setting, "closure": plan.closure} | asdict(header)
    attributes |= {"statuses": dict(statuses)}
    if plan.setting == "random":
        attributes |= {"levels": len(plan.parisi), "potential": plan.potential_name}
        attributes |= {"margin": list(plan.margins), "beta": list(plan.betas)}
    else:
        attributes |= {"levels": 0, "field": plan.field}
    return {name: to_attribute(value) for name, value in attributes.items()}


def with_all_axes(dataset):
    """The Dataset of a sweep, or of a slice of one, with depth, direction and alpha as axes, of length 1 where sliced.

    ValueError if a slice has lost the value itself (`drop=True`).
    """
    for name in ("alpha", "direction", "depth"):
        if name in dataset.dims:
            continue
        if name not in dataset.coords:
            raise ValueError(f"a sweep without {name}: keep the coordinate when slicing, without drop=True")
        dataset = dataset.expand_dims(name)
    order = [name for name in ("depth", "margin", "beta", "direction", "alpha") if name in dataset.dims]
    return dataset.transpose(*order, ...)


def summary(dataset) -> dict:
    """Counts of statuses, the points that failed, and the points where the two directions differ."""
    dataset = with_all_axes(dataset)
    status = dataset["status"]
    failed = []
    for index in np.argwhere(status.values != "converged"):
        place = {dim: status[dim].values[i].item() for dim, i in zip(status.dims, index)}
        failed.append(place | {"status": str(status.values[tuple(index)])})
    return {
        "points": int(status.size),
        "converged": int((status == "converged").sum()),
        "failed": failed,
        "hysteresis": hysteresis(dataset),
    }


def hysteresis(dataset, threshold: float = 1e-5) -> list[dict]:
    """Windows of α in which up and down, both converged, differ by more than `threshold` in some q_EA or Q_EA.

    One entry per run of neighbouring points: the values of the other axes, alpha_from, alpha_to, largest distance.
    """
    dataset = with_all_axes(dataset)
    if dataset.sizes["direction"] < 2:
        return []
    both = (dataset["status"] == "converged").all("direction")
    layers = (("q_EA", "spin_layer"), ("Q_EA", "bond_layer"))
    gaps = [abs(dataset[n].diff("direction").isel(direction=0, drop=True)).max(dim) for n, dim in layers]
    distance = np.fmax(*gaps).where(both).transpose(..., "alpha")
    alphas, result = distance["alpha"].values, []
    for index in np.ndindex(distance.shape[:-1]):
        row = distance.values[index]
        place = {dim: distance[dim].values[i].item() for dim, i in zip(distance.dims, index)}
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row > threshold, [0]])))
        for first, beyond in edges.reshape(-1, 2):
            window = {"alpha_from": float(alphas[first]), "alpha_to": float(alphas[beyond - 1])}
            result.append(place | window | {"distance": float(row[first:beyond].max())})
    return result
