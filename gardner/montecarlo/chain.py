"""One disorder sample as a chain of blocks of sweeps: when what is measured, and the record of a block (`series`).

Times are counted in sweeps from the start. Everything a block needs from the past is in its state: the sampler
(weights, spins, generators, step sizes, counters) and the snapshots at the waiting times t_w.
"""

from __future__ import annotations

import time as clock
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gardner.montecarlo.observables import Look, Observer
from gardner.montecarlo.sampler import Sampler
from gardner.montecarlo.series import choose_rows
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.nets.disorder import draw_disorder


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

    def start(self) -> dict:
        sampler = Sampler(self.settings, self.disorder, self.settings.seeds(self.sample)[1])
        sampler.run(0)  # a random start of the hard core finds its first satisfying state here
        return {"sampler": sampler.state.to_dict(), "snapshots": {}}

    def step(self, state: dict, index: int) -> tuple[dict, dict]:
        sampler = Sampler(self.settings, self.disorder, saved=state["sampler"])
        recorder = Recorder(self, sampler, dict(state["snapshots"]), index)
        first, last = self.settings.block(index)
        now = first
        for time in _events(self.settings, first, last):
            began = clock.process_time()
            sampler.run(int(time - now))
            recorder.seconds += clock.process_time() - began
            now = time
            recorder.measure(int(time))
        return {"sampler": sampler.state.to_dict(), "snapshots": recorder.snapshots}, recorder.record()


def _events(settings: MonteCarloSettings, first: int, last: int) -> np.ndarray:
    """Times at which a block stops to measure; its end is always one of them."""
    times = [settings.measurement_times, settings.correlation_events[:, 0], [settings.burn_in, last]]
    every = np.unique(np.concatenate(times))
    return every[(every > first) & (every <= last) | ((every == 0) & (first == 0))]


class Recorder:
    """Collects the record of one block: of every quantity of the table its values, by name, and their times."""

    def __init__(self, chain: SampleChain, sampler: Sampler, snapshots: dict, index: int):
        self.chain, self.settings, self.sampler = chain, chain.settings, sampler
        self.snapshots, self.is_first, self.seconds = snapshots, index == 0, 0.0
        rows = choose_rows(chain.settings.tempering is not None)
        self.rows = {when: [row for row in rows if row.when == when] for when in WHEN}
        self.times: dict[str, list] = {when: [] for when in WHEN}
        self.values: dict[str, list] = {row.name: [] for row in rows}
        self.before = {name: count.copy() for name, count in sampler.counts.items()}
        self.gap_counts_lb = 0
        self.look: Look | None = None

    def measure(self, time: int) -> None:
        """Everything due at `time`, the clones as they are."""
        settings, sampler = self.settings, self.sampler
        if settings.guest and time == settings.burn_in:
            sampler.clone(0, settings.replicas)
        self.look = Look(self.chain.observer, sampler, time, self.chain.sample, self.is_first)
        if time in settings.measurement_times:
            self._add("time", time)
            if time > settings.burn_in:
                moving = self.look.gap_rpm[: sampler.active]
                self.gap_counts_lb = self.gap_counts_lb + self.chain.observer.count_gaps(moving)
        if time in settings.matching_times:
            self._add("matched_time", time)
        events = settings.correlation_events
        for _, w, lag in events[events[:, 0] == time]:
            self._correlate(int(w), int(lag))
        if time < settings.burn_in and time in settings.measurement_times:
            sampler.tune()

    def _add(self, when: str, time, *arguments) -> None:
        self.times[when].append(time)
        for row in self.rows[when]:
            self.values[row.name].append(row.value(self.look, *arguments))

    def _correlate(self, w: int, lag: int) -> None:
        """Compare with the snapshot at waiting time number w, which lag 0 takes."""
        names = f"weight_{w}", f"spin_{w}"
        if lag == 0:
            self.snapshots |= zip(names, (self.look.weight_rk.copy(), self.look.spin_rum.copy()))
        self._add("waiting", (w, lag), tuple(self.snapshots[name] for name in names))

    def record(self) -> dict:
        """Values stacked over the times of the block, along the axis of time; counts as they have grown in it."""
        self.look.gap_counts_lb = self.look.gap_counts_lb + self.gap_counts_lb
        record = {f"{when}_t": np.array(self.times[when], np.int64) for when in ("time", "matched_time")}
        record["event_e"] = np.array(self.times["waiting"], np.int64).reshape(-1, 2)
        for when in ("time", "matched_time", "waiting"):
            for row in self.rows[when]:
                axis = 0 if when == "waiting" else row.axes.index(when)
                record[row.name] = _stack(self.values[row.name], axis)
        for row in self.rows["point"]:
            value = row.value(self.look)
            record[row.name] = value - self.before[row.name] if row.counted else value
        return record | {"seconds": self.seconds}


WHEN = ("time", "matched_time", "waiting", "point")


def _stack(parts: list[np.ndarray], axis: int) -> np.ndarray:
    """Measurements along a new axis; a block without any contributes an empty array that concatenates with others."""
    return np.stack(parts, axis=axis) if parts else np.empty(0)
