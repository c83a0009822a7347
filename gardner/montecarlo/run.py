"""A whole Monte Carlo run: all samples through the runtime, the records as one labelled dataset.

The dataset holds every measured number (the table of `series`), none of the timings: a resumed run gives the same
arrays as an uninterrupted one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gardner import __version__
from gardner.montecarlo.chain import SampleChain
from gardner.montecarlo.observables import GAP_EDGES
from gardner.montecarlo.series import COORDINATES, TIMES, Quantity, choose_rows
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.montecarlo.state import FORMAT
from gardner.runtime.chains import Workers, run_chains
from gardner.values import ByValue


@dataclass(frozen=True, eq=False)
class MonteCarloRun(ByValue):
    """settings, every measured number, and the CPU seconds spent in moves, all samples together."""

    settings: MonteCarloSettings
    data: object
    seconds: float


def run_monte_carlo(
    settings: MonteCarloSettings,
    store: Path | None = None,
    workers: Workers | None = None,
    resume: bool = False,
    force: bool = False,
) -> MonteCarloRun:
    """Run every disorder sample of a Monte Carlo run.

    Parameters
    ----------
    settings : MonteCarloSettings
        What to sample.
    store : Path, optional
        Folder of the checkpoints (none are kept by default), left to the caller.
    workers, resume, force
        As in `run_sweep`.

    Returns
    -------
    MonteCarloRun
        All measured numbers as a Dataset. `gardner.montecarlo.report.document(run)` gives means
        with error, autocorrelation time and R-hat per layer.

    Raises
    ------
    InterruptedRun
        After Ctrl-C.
    ValueError
        If `store` holds another run.
    ConvergenceError
        If a hard-core run from random weights finds no state with every output right.

    Notes
    -----
    Conventions: THEORY section 8.
    """
    chains = [SampleChain(settings, sample) for sample in range(settings.samples)]
    fingerprint = {"command": f"mc {settings.setting}", "version": __version__, "state": FORMAT}
    fingerprint |= settings.parameters()
    records = run_chains(chains, store, fingerprint, workers, resume, force, "gardner mc")
    seconds = sum(float(record["seconds"]) for chain in records for record in chain)
    return MonteCarloRun(settings, to_dataset(settings, records), seconds)


def to_dataset(settings: MonteCarloSettings, records: list[list[dict]]):
    """xarray Dataset of the records [sample][point]."""
    import xarray as xr

    variables = {}
    for row in choose_rows(settings.tempering is not None):
        values = np.stack([_join(row, settings, chain) for chain in records])
        variables[row.name] = (("sample", *row.axes), values, {"long_name": row.long_name, "units": "1"})
    a, b = np.triu_indices(settings.replicas, 1)
    coordinates = {
        "layer": np.arange(settings.depth + 1),
        "bond_layer": np.arange(1, settings.depth + 1),
        "time": _concatenate([record["time_t"] for record in records[0]], 0),
        "matched_time": _concatenate([record["matched_time_t"] for record in records[0]], 0),
        "waiting": settings.waiting_times,
        "lag": settings.lags,
        "gap": 0.5 * (GAP_EDGES[1:] + GAP_EDGES[:-1]),
        "pair_a": ("pair", a),
        "pair_b": ("pair", b),
    }
    data = xr.Dataset(variables, coordinates)
    for name, meaning in COORDINATES.items():
        data[name].attrs = {"long_name": meaning, "units": "sweeps" if name in TIMES else "1"}
    return data


def _join(row: Quantity, settings: MonteCarloSettings, chain: list[dict]) -> np.ndarray:
    """One quantity of one sample, from the records of its blocks."""
    values = [record[row.name] for record in chain]
    if row.join is not None:
        return np.asarray(row.join(values))
    if row.when == "waiting":
        return _scatter(row, settings, chain)
    if row.when == "point":
        return np.stack(values)
    return _concatenate(values, row.axes.index(row.when))


def _concatenate(parts: list[np.ndarray], axis: int) -> np.ndarray:
    """Blocks one after the other; blocks without any measurement are skipped."""
    axes = max(np.ndim(part) for part in parts)
    filled = [np.asarray(part) for part in parts if np.ndim(part) == axes]
    return np.concatenate(filled, axis=axis)


def _scatter(row: Quantity, settings: MonteCarloSettings, chain: list[dict]) -> np.ndarray:
    """Values at pairs of times, placed by waiting time and lag; nan where there was no such pair."""
    layers = settings.depth + (row.axes[-1] == "layer")
    shape = (settings.clones, len(settings.waiting_times), len(settings.lags), layers)
    values = np.full(shape, np.nan)
    for record in chain:
        for (w, lag), value_rl in zip(record["event_e"], record[row.name]):
            values[:, w, np.searchsorted(settings.lags, lag)] = value_rl
    return values
