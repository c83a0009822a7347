"""Runs that fit a budget.

A *pilot* at the two smallest connectivities of each α (a short run of a narrow net) gives the seconds of an attempt and
the time t_m in which a student's spins forget the teacher's down to an overlap of MEMORY. Turning a hidden spin needs
the consent of its c readers, of which about √c are near their wall, so that ln t_m grows as √c, with a factor that was
seen between .73 and .82 (α = .4 to 1 at L = 2, 2 at L = 3; c = 8 to 48): GROWTH. Two pilots are too noisy to tell it,
their mean sets the offset. A run lasts BURN_IN t_m before and MEASURED t_m while it counts.

What limits the error is not time but the number of units: each has its own labels, and time averages over the
posterior of these alone. So a run is short, and what is left of the budget buys samples, in equal shares to all
connectivities. One connectivity (the middle one) is run at a second, four times narrower net, for the influence of
loops and of M/N.
"""

from __future__ import annotations

import math
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gardner.comparison.liquid.settings import LiquidSettings
from gardner.comparison.planning import clock
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.montecarlo.unit_overlaps import run_unit_overlaps

MEMORY = 0.1
BURN_IN, MEASURED = 2.0, 3.0  # in units of t_m
MEASUREMENTS = 100
PILOT_SWEEPS, PILOT_WIDTH, PILOT_MEASUREMENTS = 400, 256, 40
GROWTH = 0.8  # of ln t_m with √c
FEWEST, MOST = 1, 64  # samples of a run; the units of one sample are many
NARROW_SHARE = 0.5  # of the time of a connectivity that its second, narrower net gets
RESERVE = 0.85  # of the budget is planned


@dataclass(frozen=True)
class Pilot:
    """Of one α: ln t_m = offset + GROWTH √c (sweeps), and seconds of an attempt at M patterns: first + second M."""

    offset: float
    first: float
    second: float

    def memory(self, c: int) -> float:
        """t_m in sweeps."""
        return math.exp(self.offset + GROWTH * math.sqrt(c))

    def attempt(self, patterns: int) -> float:
        """Seconds of drawing one weight."""
        return self.first + self.second * patterns


@dataclass(frozen=True)
class LiquidPlan:
    """The runs, the seconds each is expected to take on one core, and what had to be given up."""

    runs: tuple[MonteCarloSettings, ...]
    seconds: tuple[float, ...]
    notes: tuple[str, ...]


def run_settings(
    settings: LiquidSettings, alpha: float, c: int, width: int, sweeps: tuple[int, int], samples: int
) -> MonteCarloSettings:
    """One run; sweeps: of the burn-in and of the whole."""
    return MonteCarloSettings(
        (width,),
        settings.depth,
        settings.patterns(alpha, c) / c,
        settings.setting,
        potential=settings.potential,
        connectivity=c,
        graph="regular",
        dynamics=settings.dynamics,
        sweeps=sweeps[1],
        burn_in=sweeps[0],
        samples=samples,
        replicas=settings.replicas,
        start="teacher" if settings.planted else "random",
        measurements=MEASUREMENTS,
        points=4,
        fresh=1,
        seed=settings.seed,
    )


def attempts(run: MonteCarloSettings) -> int:
    """Weights, and spins unless they follow the weights, drawn in one sweep of one sample, all students."""
    bonds = run.depth * run.widths[0] * run.connectivity
    spins = (run.depth - 1) * run.widths[0] * run.patterns if run.moves_spins else 0
    return run.replicas * (bonds + spins)


def measure_pilot(settings: LiquidSettings, alpha: float) -> Pilot:
    """Speed and memory of the two smallest connectivities."""
    times, speeds = [], []
    for c in settings.connectivities[:2]:
        width = max(PILOT_WIDTH, 4 * c)
        run = replace(
            run_settings(settings, alpha, c, width, (PILOT_SWEEPS // 4, PILOT_SWEEPS), 1),
            replicas=2,
            measurements=PILOT_MEASUREMENTS,
            points=1,
        )
        with tempfile.TemporaryDirectory() as folder:
            run_unit_overlaps(replace(run, sweeps=4, burn_in=1, measurements=1), Path(folder) / "compile.parts")
            began = time.perf_counter()
            data = run_unit_overlaps(run, Path(folder) / "pilot.parts")
            elapsed = time.perf_counter() - began
        speeds.append((run.patterns, elapsed / (attempts(run) * PILOT_SWEEPS)))
        times.append((math.sqrt(c), _memory_time(data, settings.planted)))
    offset = float(np.mean([math.log(t) - GROWTH * x for x, t in times]))
    (m1, s1), (m2, s2) = speeds
    second = max((s2 - s1) / (m2 - m1), 0.0) if m2 > m1 else 0.0
    return Pilot(offset, max(s1 - second * m1, 0.25 * s1), second)


def _memory_time(data, planted: bool) -> float:
    """Sweeps until spins overlap by MEMORY with where they started, from an exponential through what was seen."""
    if not planted:
        return PILOT_SWEEPS / 4.0  # replicas start apart: only the length of the run is at stake
    overlap_t = data["mean_overlap"].sel(kind="teacher", overlap="q").mean(("sample", "hidden_layer")).values
    time_t = data["time"].values
    seen = (overlap_t < 0.8) & (overlap_t > MEMORY)
    if seen.sum() < 2:
        return float(PILOT_SWEEPS if overlap_t[-1] > 0.8 else time_t[1])
    slope, start = np.polyfit(time_t[seen], np.log(overlap_t[seen]), 1)
    if slope >= 0.0:
        return float(PILOT_SWEEPS)
    return float((math.log(MEMORY) - start) / slope)


def make_plan(settings: LiquidSettings, pilots: dict[float, Pilot], workers: int = 1) -> LiquidPlan:
    """The runs; a pure function of its arguments. ValueError if fewer than three connectivities fit."""
    total = RESERVE * settings.budget * workers / len(settings.alphas)
    runs, seconds, notes = [], [], []
    for alpha in settings.alphas:
        offered = _single_samples(settings, alpha, pilots[alpha])
        costs = [_cost(run, pilots[alpha]) for run in offered]

        # sizes from the smallest on, as long as the fewest samples of all fit
        kept = len(offered)
        while kept > 0 and FEWEST * sum(costs[:kept]) > total:
            kept -= 1
        wide = [i for i, run in enumerate(offered) if run.widths[0] == settings.width(run.connectivity)]
        if kept <= wide[2]:
            need = FEWEST * sum(costs[: wide[2] + 1]) / (RESERVE * workers) * len(settings.alphas)
            raise ValueError(
                f"budget = {clock(settings.budget)}: fewer than three connectivities fit at alpha = {alpha:g}; "
                f"give {clock(1.1 * need)} or smaller connectivities"
            )
        for run, cost in zip(offered[kept:], costs[kept:]):
            notes.append(f"α = {alpha:g}, c = {run.connectivity} is left out: one sample takes {clock(cost)}")

        # equal shares of the time buy samples, half of one for the narrower net
        weights = [1.0 if run.widths[0] == settings.width(run.connectivity) else NARROW_SHARE for run in offered[:kept]]
        for run, cost, weight in zip(offered[:kept], costs[:kept], weights):
            samples = min(MOST, max(FEWEST, int(total * weight / sum(weights) / cost)))
            times = run.burn_in, run.sweeps
            runs.append(run_settings(settings, alpha, run.connectivity, run.widths[0], times, samples))
            seconds.append(samples * cost)
    return LiquidPlan(tuple(runs), tuple(seconds), tuple(notes))


def _single_samples(settings: LiquidSettings, alpha: float, pilot: Pilot) -> list[MonteCarloSettings]:
    """One sample of every connectivity in turn, the middle one at two widths."""
    middle = settings.connectivities[len(settings.connectivities) // 2]
    offered = []
    for c in settings.connectivities:
        memory = max(pilot.memory(c), 20.0)
        sweeps = math.ceil(BURN_IN * memory), math.ceil((BURN_IN + MEASURED) * memory)
        offered.append(run_settings(settings, alpha, c, settings.width(c), sweeps, 1))
        if c == middle:
            offered.insert(-1, run_settings(settings, alpha, c, max(2 * c, settings.width(c) // 4), sweeps, 1))
    return offered


def _cost(run: MonteCarloSettings, pilot: Pilot) -> float:
    return run.sweeps * attempts(run) * pilot.attempt(run.patterns)
