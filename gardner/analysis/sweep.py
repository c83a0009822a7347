"""Sweeps: branches of saddle points along α for several depths, margins and temperatures, in both directions.

Each depth, potential and direction is one chain (`branches`), so chains run in parallel and every point is kept as
soon as it is done. The result is one labelled Dataset: arrays over (depth, [margin], [beta], direction, alpha), NaN
beyond the last layer of shallower nets, the status of every point beside its numbers.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np

from gardner import __version__
from gardner.analysis.branches import PLANTED_NUMBERS
from gardner.analysis.plans import Sweep
from gardner.criteria import DIFFERENT
from gardner.results.solution import DIAGNOSTICS, Header, to_attribute
from gardner.results.warnings import NO_WARNINGS, from_text
from gardner.runtime.chains import Workers, run_chains

LABELS = {
    "free_entropy": ("free entropy per N·M", "1"),
    "q": ("spin overlap q_i(l)", "1"),
    "Q": ("bond overlap Q_i(l)", "1"),
    "q_EA": ("Edwards–Anderson overlap of spins", "1"),
    "Q_EA": ("Edwards–Anderson overlap of bonds", "1"),
    "fresh_overlap": ("teacher–student overlap of layer l on fresh inputs (T17)", "1"),
    "seconds": ("time of the point", "s"),
    "warnings": ("what is known against the point, as JSON", "1"),
}
TEXTS = ("status", "start", "warnings")


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
    """Compute every point of a plan along α, and keep each finished one.

    Parameters
    ----------
    plan : RandomSweep or PlantedSweep
        What to compute.
    store : Path
        The folder of the checkpoints.
    workers : Workers, optional
        This process by default.
    resume : bool
        Go on from `store`.
    force : bool
        Replace it.

    Returns
    -------
    xarray.Dataset
        Over (depth, [margin], [beta], direction, alpha): free_entropy, q, Q, q_EA, Q_EA,
        status, diagnostics. Layers beyond the last one of shallower nets are nan, failed points
        are in it with their status.

    Raises
    ------
    InterruptedRun
        After Ctrl-C.
    ValueError
        If `store` holds another run.
    """
    chosen = combinations(plan)
    chains = [plan.chain(**values) for values in chosen]
    # the costliest chains first, so that no worker is left with one at the end
    order = sorted(range(len(chains)), key=lambda c: -chosen[c]["depth"])
    fingerprint = {"setting": plan.setting, "version": __version__} | plan.parameters()
    began = time.perf_counter()
    title = f"sweep {plan.setting}"
    records = run_chains([chains[c] for c in order], store, fingerprint, workers, resume, force, title)
    sorted_records = dict(zip(order, records))
    return assemble(plan, [sorted_records[c] for c in range(len(chains))], time.perf_counter() - began)


def _pad(values: np.ndarray, length: int) -> np.ndarray:
    """Layers beyond the last one of a shallower net are NaN."""
    values = np.asarray(values, dtype=float)
    return np.concatenate([values, np.full((length - len(values), *values.shape[1:]), np.nan)])


def _variable(plan: Sweep, records: list[list[dict]], name: str, length: int | None) -> np.ndarray:
    """One quantity of all points, chains first, α in increasing order."""
    rows = []
    for values, chain in zip(combinations(plan), records):
        if name == "warnings":  # checkpoints of before have none
            row = [record.get(name, NO_WARNINGS) for record in chain]
        else:
            row = [record[name] if length is None else _pad(record[name], length) for record in chain]
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
    for name in (*scalars, "seconds", *TEXTS):
        array = _variable(plan, records, name, None)
        variables[name] = (dims, array.reshape(*shape, -1).astype(str if name in TEXTS else float))
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
    """Counts of statuses, the points that failed, those with warnings, and where the two directions differ."""
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
        "warnings": warned_points(dataset),
    }


def warned_points(dataset) -> list[dict]:
    """The points with warnings, together for each kind and branch: the values of the other axes, first and last α.

    One entry per kind and chain: kind, points (how many), alpha_from, alpha_to, and the text of the largest α. Files of
    before have none. FileFormatError where the variable is damaged.
    """
    if "warnings" not in dataset:
        return []
    said = with_all_axes(dataset)["warnings"].transpose(..., "alpha")
    alphas, result = said["alpha"].values, []
    for index in np.ndindex(said.shape[:-1]):
        place = {dim: said[dim].values[i].item() for dim, i in zip(said.dims, index)}
        points: dict[str, list] = {}
        for alpha, text in zip(alphas, said.values[index]):
            for warning in from_text(text):
                points.setdefault(warning.kind, []).append((float(alpha), warning.text))
        for kind, found in points.items():
            (first, _), (last, text) = found[0], found[-1]
            span = {"alpha_from": first, "alpha_to": last, "points": len({alpha for alpha, _ in found})}
            result.append(place | {"kind": kind} | span | {"text": text})
    return result


def branch_distance(dataset):
    """Largest distance of up and down in some q_EA or Q_EA over all axes but direction, nan unless both converged."""
    both = (dataset["status"] == "converged").all("direction")
    layers = (("q_EA", "spin_layer"), ("Q_EA", "bond_layer"))
    gaps = [abs(dataset[n].diff("direction").isel(direction=0, drop=True)).max(dim) for n, dim in layers]
    return np.fmax(*gaps).where(both)


def hysteresis(dataset, threshold: float = DIFFERENT) -> list[dict]:
    """Windows of α in which up and down, both converged, differ by more than `threshold` in some q_EA or Q_EA.

    One entry per run of neighbouring points: the values of the other axes, alpha_from, alpha_to, largest distance.
    """
    dataset = with_all_axes(dataset)
    if dataset.sizes["direction"] < 2:
        return []
    distance = branch_distance(dataset).transpose(..., "alpha")
    alphas, result = distance["alpha"].values, []
    for index in np.ndindex(distance.shape[:-1]):
        row = distance.values[index]
        place = {dim: distance[dim].values[i].item() for dim, i in zip(distance.dims, index)}
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row > threshold, [0]])))
        for first, beyond in edges.reshape(-1, 2):
            window = {"alpha_from": float(alphas[first]), "alpha_to": float(alphas[beyond - 1])}
            result.append(place | window | {"distance": float(row[first:beyond].max())})
    return result
