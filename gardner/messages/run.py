"""Message passing on every sample of a run, each one point of the runtime: finished samples are kept when a run stops.

A sample ends *converged* when what is known of every layer has changed by no more than the tolerance in WINDOW sweeps
(relative), with *max_iterations* after that many sweeps, and *diverged* when a number is no longer finite. One that
ends certain of weights that its patterns rule out, as binary ones at finite c may, is *contradictory*. Single rows may
go on moving at finite c: the last change of the weights (root mean square) stands beside.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gardner import __version__
from gardner.messages.data import MessageData, assemble
from gardner.messages.free_entropy import free_entropy, is_contradictory
from gardner.messages.measures import NAMES, estimator_error, known, overlaps, student_error
from gardner.messages.passing import sweep
from gardner.messages.settings import AmpSettings
from gardner.messages.start import start_layers
from gardner.nets.disorder import draw_disorder
from gardner.runtime.chains import Workers, run_chains

WINDOW = 10
NOTHING = 1e-6  # of what is known: a change of this size is none, whatever its share
COMMAND = "amp planted"


@dataclass(frozen=True)
class AmpChain:
    """Sample number `sample` of a run."""

    settings: AmpSettings
    sample: int

    @property
    def name(self) -> str:
        return f"sample{self.sample:05d}"

    @property
    def length(self) -> int:
        return 1

    def start(self) -> dict:
        return {}

    def step(self, state: dict, index: int) -> tuple[dict, dict]:
        return {}, run_sample(self.settings, self.sample)


def run_sample(settings: AmpSettings, sample: int) -> dict:
    """The record of one sample: histories by sweep (0: the start), and what stands at the end."""
    disorder, rng = draw_disorder(settings, sample), np.random.default_rng(settings.seeds(sample)[1])
    layers, began = start_layers(settings, disorder, rng), time.process_time()
    history, moved, seen = [overlaps(layers, disorder)], [np.nan], [known(layers, disorder.patterns)]
    status = "max_iterations"
    for done in range(1, settings.iterations + 1):
        with np.errstate(all="ignore"):  # a run that diverges ends here, and says so
            moved.append(sweep(layers, settings.weights, settings.damping))
            seen.append(known(layers, disorder.patterns))
        history.append(overlaps(layers, disorder))
        if not np.isfinite([moved[-1], *seen[-1]]).all():
            status = "diverged"
            break
        if done >= WINDOW and _is_steady(seen, settings.tolerance):
            status = "converged"
            break
    if status != "diverged" and is_contradictory(layers):
        status = "contradictory"
    record = {name: np.array([row[name] for row in history]) for name in NAMES}
    record |= {"moved": np.array(moved), "status": status, "seconds": time.process_time() - began}
    return record | _end(settings, layers, disorder, rng, status)


def _is_steady(seen: list[np.ndarray], tolerance: float) -> bool:
    last, before = seen[-1], seen[-1 - WINDOW]
    return bool(np.all(np.abs(last - before) <= tolerance * last + NOTHING))


def _end(settings, layers, disorder, rng, status: str) -> dict:
    if status == "diverged":
        return dict.fromkeys(("free_entropy", "estimator_error", "student_error"), np.nan)
    sound = status != "contradictory"
    return {
        "free_entropy": free_entropy(layers, settings.weights, disorder.patterns) if sound else np.nan,
        "estimator_error": estimator_error(layers, disorder),
        "student_error": student_error(layers, disorder, settings.weights, rng),
    }


def run_amp(
    settings: AmpSettings,
    store: Path | None = None,
    workers: Workers | None = None,
    resume: bool = False,
    force: bool = False,
) -> MessageData:
    """Pass messages on every sample of a drawn net with a teacher: histories, means, and errors over samples.

    THEORY section 18.

    Parameters
    ----------
    settings : AmpSettings
        The net, the start, and when to stop.
    store : Path, optional
        Folder of the checkpoints, left to the caller; none are kept by default.
    workers, resume, force
        As in `run_sweep`.

    Returns
    -------
    MessageData
        Every sample's overlaps sweep by sweep; its status is the worst of the samples: converged, max_iterations,
        contradictory or diverged.

    Raises
    ------
    InterruptedRun
        After Ctrl-C; the finished samples are kept in `store`.
    ValueError
        If `store` holds another run.
    """
    began = time.perf_counter()
    chains = [AmpChain(settings, sample) for sample in range(settings.samples)]
    fingerprint = {"command": COMMAND, "version": __version__} | settings.parameters()
    records = run_chains(chains, store, fingerprint, workers, resume, force, "gardner amp")
    return assemble(settings, COMMAND, [chain[0] for chain in records], time.perf_counter() - began)
