"""Do runs reach zero training error? Greedy descent and annealing of binary students of a binary teacher.

A run starts from random weights and makes one sweep at each inverse temperature of its schedule: greedy (β = ∞ from
the start: every change that costs nothing is accepted) or annealed (β geometric from HOTTEST to COLDEST, then greedy
for the last tenth). The teacher itself has zero error, so every failure is one of the search. Eight runs share a
disorder sample: the fraction of successful runs carries the standard error over samples. Conventions of THEORY
section 8: dilution removes the same bonds from teacher and student.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gardner.montecarlo.bitpacked.chains import LANES, BinaryLanes
from gardner.montecarlo.settings import MonteCarloSettings, choice
from gardner.nets.disorder import draw_disorder
from gardner.statistics import standard_error
from gardner.values import ByValue

SCHEDULES = ("greedy", "annealed")
HOTTEST, COLDEST = 0.2, 5.0
GREEDY_END = 0.1
CHECK_EVERY = 10  # sweeps between looks at the energy


@dataclass(frozen=True, eq=False)
class Training(ByValue):
    """Runs [sample, run] of one schedule.

    final_sr: fraction of wrong outputs at the end; fresh_sr: on fresh inputs, nan without a teacher; first_sr: sweep at
    which zero error was first seen (checked every `CHECK_EVERY`), -1 for never; time_t, error_tsr: training error
    against time.
    """

    settings: MonteCarloSettings
    schedule: str
    time_t: np.ndarray
    error_tsr: np.ndarray
    final_sr: np.ndarray
    fresh_sr: np.ndarray
    first_sr: np.ndarray

    @property
    def success(self) -> tuple[float, float]:
        """Fraction of runs that reached zero error, and its standard error over samples."""
        mean, error = standard_error((self.first_sr >= 0).mean(axis=1))
        return float(mean), float(error)

    @property
    def ended_at_zero(self) -> tuple[float, float]:
        """The same of runs whose last state has zero error: annealing may pass through zero and leave it again."""
        mean, error = standard_error((self.final_sr == 0.0).mean(axis=1))
        return float(mean), float(error)


def schedule_of(name: str, sweeps: int) -> np.ndarray:
    """β of every sweep."""
    choice("schedule", name, SCHEDULES)
    beta_t = np.full(sweeps, np.inf)
    if name == "annealed":
        cooling = sweeps - round(GREEDY_END * sweeps)
        beta_t[:cooling] = np.geomspace(HOTTEST, COLDEST, cooling)
    return beta_t


def train(settings: MonteCarloSettings, schedule: str = "annealed") -> Training:
    """`LANES` runs of `settings.sweeps` sweeps on each of `settings.samples` samples, random start."""
    settings = replace(settings, weights="binary", potential=None, start="random")
    beta_t, samples = schedule_of(schedule, settings.sweeps), settings.samples
    stops = np.unique(np.append(np.arange(0, settings.sweeps, CHECK_EVERY), settings.sweeps))
    error_tsr, fresh_sr = np.empty((len(stops), samples, LANES)), np.full((samples, LANES), np.nan)
    for s in range(samples):
        disorder = draw_disorder(settings, s)
        lanes = BinaryLanes.start(disorder.topology, disorder.input_jm, disorder.output_im, settings.seeds(s)[1])
        error_tsr[0, s] = lanes.energy_c / lanes.outputs
        for t, (start, stop) in enumerate(zip(stops, stops[1:]), start=1):
            lanes.anneal(beta_t[start:stop])
            error_tsr[t, s] = lanes.energy_c / lanes.outputs
        if disorder.fresh_jm is not None:
            fresh_sr[s] = lanes.errors_on(disorder.fresh_jm, disorder.fresh_output_im)
    zero_tsr = error_tsr == 0.0
    first_sr = np.where(zero_tsr.any(axis=0), stops[zero_tsr.argmax(axis=0)], -1)
    return Training(settings, schedule, stops, error_tsr, error_tsr[-1], fresh_sr, first_sr)
