"""A whole Monte Carlo run: all samples through the runtime, the records as one labelled dataset.

The dataset holds every measured number (docstring of `observables`), none of the timings: a resumed run gives the same
arrays as an uninterrupted one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from gardner.montecarlo.chain import COUNTERS, MATCHED_AXES, SERIES_AXES, SampleChain
from gardner.montecarlo.observables import GAP_EDGES
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.runtime.chains import Workers, run_chains
from gardner.values import ByValue

DIMENSIONS = {"r": "clone", "p": "pair", "t": "time", "m": "matched_time", "k": "temperature"}


@dataclass(frozen=True, eq=False)
class MonteCarloRun(ByValue):
    """settings, every measured number, and the CPU seconds spent in moves, all samples together."""

    settings: MonteCarloSettings
    data: object
    seconds: float


def parameters(settings: MonteCarloSettings) -> dict:
    """The settings as plain values: header of files, fingerprint of checkpoints."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(settings).items()}


def run_monte_carlo(
    settings: MonteCarloSettings,
    store: Path | None = None,
    workers: Workers | None = None,
    resume: bool = False,
    force: bool = False,
) -> MonteCarloRun:
    """Run every disorder sample of `settings` and return a MonteCarloRun with all measured numbers as a Dataset.

    store: folder of the checkpoints (none are kept by default), left to the caller; workers, resume, force: as in
    `run_sweep`. `gardner.montecarlo.report.document(run)` gives means with error, autocorrelation time and R-hat per
    layer. InterruptedRun after Ctrl-C; ValueError if `store` holds another run;
    ConvergenceError if a hard-core run from random weights finds no state with every output right. Conventions: THEORY
    section 8.
    """
    import gardner

    chains = [SampleChain(settings, sample) for sample in range(settings.samples)]
    fingerprint = {"command": f"mc {settings.setting}", "version": gardner.__version__} | parameters(settings)
    records = run_chains(chains, store, fingerprint, workers, resume, force, "gardner mc")
    seconds = sum(float(record["seconds"]) for chain in records for record in chain)
    return MonteCarloRun(settings, to_dataset(settings, records), seconds)


def to_dataset(settings: MonteCarloSettings, records: list[list[dict]]):
    """xarray Dataset of the records [sample][point]."""
    import xarray as xr

    variables = {}
    for name, axes in {**SERIES_AXES, **MATCHED_AXES}.items():
        axis = axes.index("t" if "t" in axes else "m")
        values = np.stack([_joined([record[f"{name}_{axes}"] for record in chain], axis) for chain in records])
        variables[name] = (("sample", *(_dimension(name, letter) for letter in axes)), values)
    for name in COUNTERS:
        layer = "layer" if name.startswith("spin") else "bond_layer"
        values = np.array([[record[name] for record in chain] for chain in records])
        variables[name.removesuffix("_l")] = (("sample", "point", layer), values)
    for name in ("Q_matrix", "q_matrix"):
        values = np.array([[record[f"{name}_lab"] for record in chain] for chain in records])
        variables[name] = (("sample", "point", _dimension(name, "l"), "clone", "clone_b"), values)
    variables["gap_counts"] = (
        ("sample", "bond_layer", "gap"),
        np.array([sum(record["gap_counts_lb"] for record in chain) for chain in records]),
    )
    variables["drift"] = ("sample", np.array([max(float(record["drift"]) for record in chain) for chain in records]))
    variables["hebb_error"] = ("sample", np.array([float(chain[0]["hebb_error"]) for chain in records]))
    for name in ("exchange_attempts_k", "exchange_accepted_k", "round_trips"):
        if name in records[0][-1]:
            values = np.array([[record[name] for record in chain] for chain in records])
            variables[name.removesuffix("_k")] = (("sample", "point", "exchange")[: values.ndim], values)
    variables |= _correlations(settings, records)
    a, b = np.triu_indices(settings.replicas, 1)
    coordinates = {
        "layer": np.arange(settings.depth + 1),
        "bond_layer": np.arange(1, settings.depth + 1),
        "time": _joined([record["time_t"] for record in records[0]], 0),
        "matched_time": _joined([record["matched_time_m"] for record in records[0]], 0),
        "waiting": settings.waiting_times,
        "lag": settings.lags,
        "gap": 0.5 * (GAP_EDGES[1:] + GAP_EDGES[:-1]),
        "pair_a": ("pair", a),
        "pair_b": ("pair", b),
    }
    return xr.Dataset(variables, coordinates)


def _dimension(name: str, letter: str) -> str:
    if letter == "l":
        return "bond_layer" if name.startswith("Q") else "layer"
    if letter == "r" and name.endswith("matched"):
        return "replica"  # the guest is not matched
    return DIMENSIONS[letter]


def _joined(parts: list[np.ndarray], axis: int) -> np.ndarray:
    """Blocks one after the other; blocks without any measurement are skipped."""
    axes = max(np.ndim(part) for part in parts)
    filled = [np.asarray(part) for part in parts if np.ndim(part) == axes]
    return np.concatenate(filled, axis=axis)


def _correlations(settings: MonteCarloSettings, records: list[list[dict]]) -> dict:
    lags, variables = settings.lags, {}
    for name, layer, width in (("C_bond", "bond_layer", settings.depth), ("C_spin", "layer", settings.depth + 1)):
        shape = (settings.samples, settings.clones, len(settings.waiting_times), len(lags), width)
        values = np.full(shape, np.nan)
        for s, chain in enumerate(records):
            for record in chain:
                for e, (w, lag) in enumerate(zip(record["waiting_e"], record["lag_e"])):
                    values[s, :, w, np.searchsorted(lags, lag)] = record[f"{name}_erl"][e]
        variables[name] = (("sample", "clone", "waiting", "lag", layer), values)
    return variables
