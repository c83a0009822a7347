"""One disorder sample as a chain of blocks of sweeps: when what is measured, and the records (see observables).

Times are counted in sweeps from the start. Everything a block needs from the past is in its state: the sampler
(weights, spins, generators, step sizes, counters) and the snapshots at the waiting times t_w.
"""

from __future__ import annotations

import time as clock
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gardner.montecarlo.hebb import hebb_error
from gardner.montecarlo.net import draw_disorder
from gardner.montecarlo.observables import Observer, layer_means
from gardner.montecarlo.samplers import Sampler, make_sampler
from gardner.montecarlo.settings import MonteCarloSettings

COUNTERS = ("attempts_l", "accepted_l", "spin_attempts_l", "spin_accepted_l")


@dataclass(frozen=True)
class SampleChain:
    """Sample number `sample` of a run."""

    settings: MonteCarloSettings
    sample: int

    @property
    def name(self) -> str:
        return f"sample{self.sample:05d}"

    @property
    def length(self) -> int:
        return self.settings.points

    @cached_property
    def disorder(self):
        return draw_disorder(self.settings, self.sample)

    @cached_property
    def observer(self) -> Observer:
        return Observer(self.settings, self.disorder)

    def __getstate__(self):
        return {"settings": self.settings, "sample": self.sample}  # what is cached is drawn again elsewhere

    def _sampler(self) -> Sampler:
        return make_sampler(self.settings, self.disorder, self.settings.seeds(self.sample)[1])

    def start(self) -> dict:
        sampler = self._sampler()
        sampler.run(0)  # a random start of the hard core finds its first satisfying state here
        return {"sampler": sampler.state(), "snapshots": {}}

    def step(self, state: dict, index: int) -> tuple[dict, dict]:
        settings = self.settings
        sampler = self._sampler()
        sampler.restore(state["sampler"])
        snapshots = dict(state["snapshots"])
        block = _Block(self, sampler, snapshots)
        before = {name: getattr(sampler, name).copy() for name in COUNTERS}
        first, last = settings.block(index)
        now = first
        for time in _events(settings, first, last):
            began = clock.process_time()
            sampler.run(int(time - now))
            block.seconds += clock.process_time() - began
            now = time
            block.measure(int(time))
        record = block.record()
        record |= {name: getattr(sampler, name) - before[name] for name in COUNTERS}
        record["hebb_error"] = hebb_error(self.disorder) if index == 0 else np.nan
        record |= sampler.extras()  # before the state: what was reported is part of it
        return {"sampler": sampler.state(), "snapshots": snapshots}, record


def _events(settings: MonteCarloSettings, first: int, last: int) -> np.ndarray:
    """Times at which a block stops to measure; its end is always one of them."""
    times = [settings.measurement_times, settings.correlation_events[:, 0], [settings.burn_in, last]]
    every = np.unique(np.concatenate(times))
    return every[(every > first) & (every <= last) | ((every == 0) & (first == 0))]


class _Block:
    """Collects the record of one block."""

    def __init__(self, chain: SampleChain, sampler: Sampler, snapshots: dict):
        self.chain, self.settings, self.sampler, self.snapshots = chain, chain.settings, sampler, snapshots
        self.seconds = 0.0
        self.series: list[tuple[int, dict]] = []
        self.matched: list[tuple[int, dict]] = []
        self.correlations: list[tuple[int, int, np.ndarray, np.ndarray]] = []
        self.gap_counts = 0
        self.matrices = None

    def measure(self, time: int) -> None:
        """Everything due at `time`, the clones as they are."""
        settings, sampler = self.settings, self.sampler
        if settings.guest and time == settings.burn_in:
            sampler.clone(0, settings.replicas)
        weights, spins = sampler.weight_rk, sampler.spin_rum
        self.matrices = self.chain.observer.overlap_matrices(weights, spins)
        if time in settings.measurement_times:
            self.series.append((time, self._numbers(time, weights, spins)))
        if time in settings.matching_times:
            self.matched.append((time, self.chain.observer.matched(weights, spins, time, self.chain.sample)))
        events = settings.correlation_events
        for _, w, lag in events[events[:, 0] == time]:
            self._correlate(int(w), int(lag), weights, spins)
        if time < settings.burn_in and time in settings.measurement_times:
            sampler.tune()

    def _numbers(self, time: int, weights: np.ndarray, spins: np.ndarray) -> dict:
        observer, replicas = self.chain.observer, self.settings.replicas
        Q_lab, q_lab = self.matrices
        gap_rpm = observer.gaps(weights, spins)
        if time > self.settings.burn_in:
            self.gap_counts = self.gap_counts + observer.histogram(gap_rpm[: self.sampler.active])
        numbers = {"energy": self.sampler.energy_r.copy(), **observer.errors(weights, gap_rpm)}
        numbers["Q_teacher"], numbers["q_teacher"] = observer.teacher_overlaps(weights, spins)
        if self.sampler.active < len(weights):
            for values in numbers.values():
                values[self.sampler.active :] = np.nan
        a, b = observer.pairs
        numbers["Q_replica"], numbers["q_replica"] = Q_lab[:, a, b].T, q_lab[:, a, b].T
        there = self.sampler.active > replicas
        numbers["Q_guest"] = Q_lab[:, 0, replicas] if there else np.full(len(Q_lab), np.nan)
        numbers["q_guest"] = q_lab[:, 0, replicas] if there else np.full(len(q_lab), np.nan)
        return numbers

    def _correlate(self, w: int, lag: int, weights: np.ndarray, spins: np.ndarray) -> None:
        if lag == 0:
            self.snapshots[f"weight_{w}"], self.snapshots[f"spin_{w}"] = weights.copy(), spins.copy()
        observer = self.chain.observer
        then, spins_then = self.snapshots[f"weight_{w}"], self.snapshots[f"spin_{w}"]
        bond = layer_means(weights * then, observer.bond_slices)
        spin = 2.0 * layer_means((spins == spins_then).mean(axis=2), observer.unit_slices) - 1.0
        missing = np.arange(len(weights)) >= self.sampler.active
        bond[missing], spin[missing] = np.nan, np.nan
        if (then[missing == 0] == 0.0).all(axis=1).any():  # the guest came after t_w
            bond[(then == 0.0).all(axis=1)] = np.nan
            spin[(then == 0.0).all(axis=1)] = np.nan
        self.correlations.append((w, lag, bond, spin))

    def record(self) -> dict:
        """The record of the block, in the schema of `observables`."""
        observer, settings = self.chain.observer, self.settings
        bins = np.zeros((settings.depth, observer.bins), np.int64)
        record = {
            "time_t": np.array([time for time, _ in self.series], np.int64),
            "matched_time_m": np.array([time for time, _ in self.matched], np.int64),
            "waiting_e": np.array([w for w, *_ in self.correlations], np.int64),
            "lag_e": np.array([lag for _, lag, *_ in self.correlations], np.int64),
            "gap_counts_lb": bins + self.gap_counts,
            "Q_matrix_lab": self.matrices[0],
            "q_matrix_lab": self.matrices[1],
            "drift": self.sampler.drift,
            "seconds": self.seconds,
        }
        for name, axes in SERIES_AXES.items():
            record[f"{name}_{axes}"] = _stacked([numbers[name] for _, numbers in self.series], axes.index("t"))
        for name, axes in MATCHED_AXES.items():
            record[f"{name}_{axes}"] = _stacked([numbers[name] for _, numbers in self.matched], axes.index("m"))
        record["C_bond_erl"] = _stacked([bond for _, _, bond, _ in self.correlations], 0)
        record["C_spin_erl"] = _stacked([spin for *_, spin in self.correlations], 0)
        return record


SERIES_AXES = {
    "energy": "rt",
    "training_error": "rt",
    "negative_gaps": "rt",
    "fresh_error": "rt",
    "Q_teacher": "rtl",
    "q_teacher": "rtl",
    "Q_replica": "ptl",
    "q_replica": "ptl",
    "Q_guest": "tl",
    "q_guest": "tl",
}
MATCHED_AXES = {
    "Q_teacher_matched": "rml",
    "q_teacher_matched": "rml",
    "Q_replica_matched": "pml",
    "q_replica_matched": "pml",
    "Q_null": "ml",
    "q_null": "ml",
}


def _stacked(parts: list[np.ndarray], axis: int) -> np.ndarray:
    """Measurements along a new axis; a block without any contributes an empty array that concatenates with others."""
    return np.stack(parts, axis=axis) if parts else np.empty(0)
