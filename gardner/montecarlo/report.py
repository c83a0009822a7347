"""Means of a Monte Carlo run with their errors, autocorrelation times and R-hat, layer by layer.

Means are over the equally spaced measurements after the burn-in, replicas and samples; errors over samples. A run is
equilibrated where moves of every layer are accepted, and the energy and every raw overlap of bonds and hidden spins
between replicas (and with the teacher) satisfy τ_int ≤ run/50 and R-hat < 1.05; matched overlaps and the guest's are
reported beside them and do not enter, nor do the spins of the ends: inputs are imposed, and the outputs are what the
energy counts.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict

import numpy as np

from gardner.montecarlo.autocorrelation import relaxation_time
from gardner.montecarlo.run import MonteCarloRun
from gardner.montecarlo.series import CHAINS, MATCHED_CHAINS, ROWS, TABLE, Quantity
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.results.solution import Header, jsonable, to_attribute
from gardner.statistics import Estimate, estimate

FIELDS = ("mean", "error", "tau", "rhat", "ess")

NET = ("setting", "depth", "alpha", "connectivity", "graph", "dynamics", "dilution")


def document(run: MonteCarloRun) -> dict:
    """The body of the JSON document of `gardner mc`."""
    settings, data = run.settings, run.data
    series = _Series(settings, data)
    plain = {row.name: series.estimate(row.name) for row in TABLE if row.axes == ("clone", "time")}
    layers = [_layer(series, l) for l in range(settings.depth + 1)]
    moving = bool((data["accepted"].sum(("sample", "point")) > 0).all())
    attempts = int(data["attempts"].sum() + data["spin_attempts"].sum())
    gaps = settings.patterns * sum(settings.layer_widths[1:])
    parameters = settings.parameters()
    body = {name: parameters[name] for name in (*NET, "weights", "potential", "beta", "margin")}
    body |= {
        "widths": list(settings.layer_widths),
        "patterns": settings.patterns,
        "layers": layers,
        **{name: _fields(result) for name, result in plain.items()},
        "energy_per_gap": plain["energy"].mean / gaps,
        "hebb_error": float(data["hebb_error"].mean()),
        "acceptance": acceptance(data),
        "relaxation": relaxation(settings, data),
        "attempts_per_second": attempts / run.seconds if run.seconds > 0.0 else None,
        "drift": float(data["drift"].max()),
        "equilibrated": moving and all(judgement.equilibrated for judgement in series.judged),
    }
    if "exchange_attempts" in data:
        body["exchange_rates"] = (
            data["exchange_accepted"].sum(("sample", "point")) / data["exchange_attempts"].sum(("sample", "point"))
        ).values
        body["round_trips"] = int(data["round_trips"].sum())
    return body


class _Series:
    """Series [sample, chain, time] of a dataset as estimates; `judged`: those that equilibration is judged by."""

    def __init__(self, settings: MonteCarloSettings, data):
        self.settings, self.judged = settings, []
        time = data["time"].values
        linear = (time > settings.burn_in) & (time % settings.interval == 0)
        self.equal, self.all = data.isel(time=np.flatnonzero(linear)), data

    def estimate(self, name: str, l: int | None = None) -> Estimate | None:
        """A row of the table, of layer l (coordinate value) if it has layers; None for a layer never measured."""
        row = ROWS[name]
        values = (self.all if row.when == "matched_time" else self.equal)[name]
        if l is not None:
            values = values.sel({row.axes[-1]: l})
        if "clone" in values.dims:
            values = values.isel(clone=slice(0, self.settings.replicas))
        chains = [dim for dim in values.dims if dim in ("clone", "replica", "pair")]
        array = values.transpose("sample", *chains, row.when).values
        array = array if chains else array[:, None]
        if l is not None and (array.size == 0 or np.isnan(array).all()):
            return None

        result = estimate(array, self._interval(row)) if array.size else Estimate(*[math.nan] * 6)
        if row.judged and self._is_free(row, l):
            self.judged.append(result)
        return result

    def _is_free(self, row: Quantity, l: int | None) -> bool:
        """False of the spins of the ends: inputs are imposed, and the outputs are what the energy counts."""
        return l is None or row.axes[-1] == "bond_layer" or 0 < l < self.settings.depth

    def _interval(self, row: Quantity) -> int:
        """Sweeps between measurements."""
        times = self.settings.matching_times
        if row.when == "matched_time" and len(times) > 1:
            return int(times[1] - times[0])
        return self.settings.interval


def _fields(result: Estimate | None) -> dict | None:
    return None if result is None else {name: getattr(result, name) for name in FIELDS}


def _layer(series: _Series, l: int) -> dict:
    """The entry of layer l: "q" always, "Q" of the bonds below it for l ≥ 1."""
    entry = {"layer": l}
    for name in ("q", "Q")[: 2 if l else 1]:
        entry[name] = {
            other: {
                "raw": _fields(series.estimate(f"{name}_{other}", l)),
                "matched": _fields(series.estimate(f"{name}_{other}_matched", l)) if other in MATCHED_CHAINS else None,
            }
            for other in CHAINS
        }
        null = series.estimate(f"{name}_null", l)
        entry[name]["null"] = None if null is None else null.mean
    if l:  # mean J² at the end: 1 on the sphere, what the energy leaves of it for Gaussian weights
        entry["Q"]["norm"] = float(np.mean(_diagonal(series.all["Q_matrix"], l)))
    return entry


def _diagonal(matrices, l: int) -> np.ndarray:
    """Q_aa(l) of all replicas and samples after the last block."""
    values = matrices.isel(point=-1).sel(bond_layer=l).transpose("sample", "clone", "clone_b").values
    return np.diagonal(values, axis1=1, axis2=2)


def acceptance(data) -> dict:
    """Share of accepted moves by layer, bonds 1…L and spins 0…L (nan where none is attempted), whole run."""
    sums = {name: data[name].sum(("sample", "point")).values for name in ("attempts", "accepted")}
    spins = {name: data[f"spin_{name}"].sum(("sample", "point")).values for name in ("attempts", "accepted")}
    with np.errstate(invalid="ignore"):
        return {"bond": sums["accepted"] / sums["attempts"], "spin": spins["accepted"] / spins["attempts"]}


def relaxation(settings: MonteCarloSettings, data) -> dict:
    """τ_l of bonds and spins from the waiting time at the end of the burn-in."""
    waiting = settings.burn_in if settings.burn_in in settings.waiting_times else settings.waiting_times[-1]
    result = {"waiting": int(waiting)}
    for name, letter, layer in (("C_bond", "Q", "bond_layer"), ("C_spin", "q", "layer")):
        values = data[name].sel(waiting=waiting).isel(clone=slice(0, settings.replicas)).mean(("sample", "clone"))
        limit = _plateau(settings, data, letter)
        result["bond" if letter == "Q" else "spin"] = [
            relaxation_time(data["lag"].values, values.sel({layer: l}).values, float(limit.sel({layer: l})))
            for l in data[layer].values
        ]
    return result


def _plateau(settings: MonteCarloSettings, data, letter: str):
    """C(∞) by layer: overlap of two clones of one start, or 0."""
    late = data.isel(time=np.flatnonzero(data["time"].values > (settings.burn_in + settings.sweeps) // 2))
    if settings.start == "teacher" and settings.replicas > 1:
        return late[f"{letter}_replica"].mean(("sample", "pair", "time"))
    if settings.guest:
        return late[f"{letter}_guest"].mean(("sample", "time"))
    return late[f"{letter}_replica"].isel(time=0, sample=0).sum("pair") * 0.0


def report_run(run: MonteCarloRun, began: float):
    """Header, body and file Dataset of a finished run that started at `began` (`time.perf_counter`)."""
    settings, body = run.settings, jsonable(document(run))
    status = "equilibrated" if body["equilibrated"] else "not equilibrated"
    elapsed = time.perf_counter() - began
    header = Header(f"mc {settings.setting}", settings.parameters(), status, elapsed, settings.seed)
    return header, body, file_dataset(run, header, body)


def file_dataset(run: MonteCarloRun, header: Header, body: dict):
    """The dataset of a run with header and means as attributes: what `--out` writes."""
    data = run.data.copy()
    attributes = asdict(header) | {"setting": body["setting"], "document": body}
    data.attrs = {"kind": header.command} | {name: to_attribute(value) for name, value in attributes.items()}
    return data
