"""Runs that fit a budget: sizes, widths, sweeps and samples from measured speeds.

A *pilot* (a short real run at the smallest size) gives seconds per attempt, seconds per measurement and the
autocorrelation time τ. A sweep of one sample costs

    t = clones × (bonds + hidden spins × M, these in the soft core) attempts,     bonds = L c N or L N²,

an attempt as M^0.4 (many end early) or, of the heat bath, as M + DRAW; rows of binary weights, drawn as a whole, as
e^{-sM}, s the planted free entropy of one layer; a measurement as N² (M + fresh inputs), since
nets run forward as matrices. With PER_TAU τ(c) sweeps, τ(c) ∝ c^SLOWING (steps shrink as c^{-1/2}, so that diffusion
alone gives c), the cost of a run is known in advance. Near a transition relaxation is slower: `revised` lengthens a run
by the τ that smaller sizes have shown, at the expense of its width and samples, or drops it where even the cheapest
form costs too much.

Sizes enter from the smallest on, each in its cheapest form: FEWEST samples and, in the dense limit, the width of ratio
WORST (4c at L = 1, where perceptrons are independent and M/N does not matter). What is left buys, for the size that
costs least so far, twice the samples, then width down to the ratio asked for, then samples. A size left out is named
with the budget that would have admitted it.

Estimates hold within a factor of about two on a machine whose load changes; the budget is aimed at, not enforced.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gardner.comparison.settings import ComparisonSettings
from gardner.comparison.theory import draws_per_row
from gardner.montecarlo.settings import MonteCarloSettings

PER_TAU = 80.0  # sweeps of a run per τ: 50 are asked for after the burn-in of a fifth; a guest has half of that
PER_TAU_RELAXED = 20.0  # 10 are asked for, and estimates of τ are rough
SLOWING, SLOWEST = 1.25, 2.5  # τ ∝ size^SLOWING until two sizes have shown the exponent, which is kept below SLOWEST
OVERSPENT = 2.0  # cost of a lengthened run in units of the planned one
FEWEST, WORST = 4, 0.4  # samples and ratio that a plan does not go below and above
RESERVE = 0.85  # of the budget is planned
ATTEMPT_POWER = {"metropolis": 0.4, "heat-bath": 1.0}  # of M, in the time of an attempt at large M
DRAW = 200.0  # patterns whose passes cost as much as the draw of a weight
FRESH, REPLICAS, POINTS = 200, 2, 10
MEASUREMENTS = {"planted": 124, "random": 250}  # 99 after the burn-in, all of them matched; 100 in half a guest's life
PILOT = {"spherical": 2000, "binary": 400}  # sweeps of the pilot
SHORTEST = {"spherical": 1000, "binary": 200}  # sweeps; rows drawn as a whole forget in a few
FLAT = 2e6  # work that takes as long as a stop does in any case
WIDEST = 4000  # units of a layer of a sparse net, for its matrices


@dataclass(frozen=True)
class Speed:
    """Seconds per attempt at `patterns`, seconds per measurement and unit² × input, τ in sweeps, at size `size`."""

    size: int
    patterns: int
    attempt: float
    measurement: float
    tau: float


@dataclass(frozen=True)
class Plan:
    """The runs with their expected seconds, and what had to be given up."""

    runs: tuple[MonteCarloSettings, ...]
    seconds: tuple[float, ...]
    notes: tuple[str, ...]


def run_settings(settings: ComparisonSettings, size: int, width: int, sweeps: int, samples: int) -> MonteCarloSettings:
    """One run of the comparison."""
    return MonteCarloSettings(
        (width,),
        settings.depth,
        settings.alpha if settings.dense else settings.patterns(size) / size,
        settings.setting,
        connectivity=size if settings.dense else None,
        graph=settings.graph if settings.dense else "random",
        sweeps=sweeps,
        samples=samples,
        replicas=REPLICAS,
        **settings.measure,
        measurements=MEASUREMENTS[settings.setting],
        points=POINTS,
        fresh=FRESH,
        seed=settings.seed,
    )


def size_of(run: MonteCarloSettings) -> int:
    """c or N."""
    return run.connectivity or run.widths[0]


def attempts_per_sweep(run: MonteCarloSettings) -> float:
    """Of one sample, all clones."""
    fans = [run.connectivity or width for width in run.layer_widths[:-1]]
    bonds = sum(fan * width for fan, width in zip(fans, run.layer_widths[1:]))
    spins = run.patterns * sum(run.layer_widths[1:-1]) if run.moves_spins else 0
    return float(run.clones * (bonds + spins))


def measuring_work(run: MonteCarloSettings) -> float:
    """Of a stop, in units of unit² × input; nets of binary weights are so small that most of it depends on nothing."""
    work = sum(a * b for a, b in zip(run.layer_widths, run.layer_widths[1:])) * (run.patterns + run.fresh)
    return work + FLAT if run.weights == "binary" else work


def measuring_times(run: MonteCarloSettings) -> int:
    """How often a run stops to measure."""
    return len(np.union1d(run.measurement_times, run.correlation_events[:, 0]))


def cost(run: MonteCarloSettings, speed: Speed) -> float:
    """Expected seconds of a whole run on one core."""
    if run.weights == "binary":
        longer = draws_per_row(run.alpha, run.patterns) / draws_per_row(run.alpha, speed.patterns)
    elif run.dynamics == "heat-bath":
        longer = (run.patterns + DRAW) / (speed.patterns + DRAW)
    else:
        longer = (run.patterns / speed.patterns) ** ATTEMPT_POWER["metropolis"]
    per_attempt = speed.attempt * longer
    moves = run.sweeps * attempts_per_sweep(run) * per_attempt
    work = measuring_work(run)
    return run.samples * (moves + measuring_times(run) * run.clones * work * speed.measurement)


def pilot_settings(settings: ComparisonSettings) -> MonteCarloSettings:
    """A short run at the smallest size."""
    size = settings.sizes[0]
    least = 4 * size if settings.binary else size  # small nets measure nothing but how long a stop takes
    width = size if not settings.dense else min(WIDEST, max(least, math.ceil(settings.patterns(size) / 0.2)))
    return replace(
        run_settings(settings, size, width, settings.sweeps or PILOT[settings.weights], 2),
        seed=settings.seed + 1,
        points=4,
    )


def measure_speed(run: MonteCarloSettings, matched: bool = False) -> Speed:
    """The pilot: run it, and take its speed and τ; the first sweeps compile and are not counted."""
    from gardner.comparison.measured import measure
    from gardner.montecarlo.run import run_monte_carlo

    run_monte_carlo(replace(run, sweeps=20, burn_in=4, samples=1, points=1, measurements=2))
    began, began_cpu = time.perf_counter(), time.process_time()
    result = run_monte_carlo(run)
    elapsed = time.perf_counter() - began
    moving = result.seconds * max(1.0, elapsed / (time.process_time() - began_cpu))  # a shared core counts as slower
    attempts = run.samples * run.sweeps * attempts_per_sweep(run)
    work = measuring_work(run)
    measuring = max(elapsed - moving, 0.0) / (run.samples * measuring_times(run) * run.clones * work)
    tau = measure(result.data, run, 1.0, matched).tau
    tau = tau if np.isfinite(tau) else run.sweeps / 50.0
    return Speed(size_of(run), run.patterns, moving / attempts, measuring, float(tau))


def sweeps_for(settings: ComparisonSettings, size: int, speed: Speed) -> int:
    """Length of a run of one size."""
    if settings.sweeps is not None:
        return settings.sweeps
    return _sweeps(settings, max(speed.tau, 1.0) * (size / speed.size) ** SLOWING)


def _sweeps(settings: ComparisonSettings, tau: float) -> int:
    halves = 1.0 if settings.setting == "planted" else 2.0
    return max(SHORTEST[settings.weights], 100 * math.ceil(per_tau(settings) * halves * tau / 100))


def per_tau(settings: ComparisonSettings) -> float:
    """Sweeps of a run per τ."""
    return PER_TAU_RELAXED if settings.relaxed else PER_TAU


def extrapolate_tau(known: Sequence[tuple[int, float]], size: int) -> float:
    """τ at `size` from (size, τ) of finished runs: a power law through the two largest of them."""
    largest = dict(sorted(known))
    if size in largest:
        return largest[size]
    sizes = list(largest)[-2:]
    exponent = SLOWING
    if len(sizes) == 2:
        ratio = math.log(largest[sizes[1]] / largest[sizes[0]]) / math.log(sizes[1] / sizes[0])
        exponent = min(max(ratio, 1.0), SLOWEST)
    return largest[sizes[-1]] * (size / sizes[-1]) ** exponent


def revised(
    settings: ComparisonSettings, run: MonteCarloSettings, known: Sequence[tuple[int, float]], speed: Speed
) -> MonteCarloSettings | None:
    """`run`, or a longer one of about the same cost if finished runs have shown that τ asks for it; None: too dear."""
    size = size_of(run)
    if settings.sweeps is not None or not known:
        return run
    sweeps = _sweeps(settings, extrapolate_tau(known, size))
    if sweeps <= 1.1 * run.sweeps:
        return run
    options = run_options(settings, size, sweeps)
    affordable = [option for option in options if cost(option, speed) <= cost(run, speed)]
    if affordable:
        return affordable[-1]
    return options[0] if cost(options[0], speed) <= OVERSPENT * cost(run, speed) else None


def make_plan(
    settings: ComparisonSettings, speed: Speed, workers: int = 1, made: Sequence[MonteCarloSettings] = ()
) -> Plan:
    """The runs; a pure function of its arguments. ValueError if fewer than three sizes fit.

    made: runs that exist and count; they stay, and the budget is for the other sizes.
    """
    covered = [size_of(run) for run in made]
    sizes = [size for size in settings.sizes if size not in covered]
    several = settings.dense and settings.depth > 1 and len(set(covered)) == len(covered)
    total = RESERVE * settings.budget * workers * (1.0 - several / (len(sizes) + 1))  # rest: second width
    options = [run_options(settings, size, sweeps_for(settings, size, speed)) for size in sizes]
    costs = [[cost(run, speed) for run in offered] for offered in options]
    chosen, notes, asked = [], [], 0.0
    for size, offered in zip(sizes, costs):
        asked += offered[0]
        if asked <= total:
            chosen.append(0)
        else:
            need = asked * settings.budget / total
            notes.append(f"size {size} is left out: with {FEWEST} samples it asks for a budget of {clock(need)}")
    if len(chosen) + len(set(covered)) < 3:
        raise ValueError(
            f"budget = {clock(settings.budget)}: admits {len(chosen)} of {len(sizes)} sizes, three are needed "
            f"for a limit; give more time or smaller sizes ({'; '.join(notes)})"
        )
    _upgrade(chosen, costs, total)
    runs = [*made, *(options[i][step] for i, step in enumerate(chosen))]
    runs.sort(key=size_of)
    if several:
        runs.append(_second_ratio(settings, runs[0]))
    notes += _ratio_notes(settings, runs)
    return Plan(tuple(runs), tuple(0.0 if run in made else cost(run, speed) for run in runs), tuple(notes))


def run_options(settings: ComparisonSettings, size: int, sweeps: int) -> list[MonteCarloSettings]:
    """Runs of one size from the cheapest on: samples to twice the fewest, then the width, then all samples."""
    widths, fewest = [size], min(FEWEST, settings.samples)
    if settings.dense:
        patterns = settings.patterns(size)
        best = min(WIDEST, max(4 * size, math.ceil(patterns / settings.ratio)))
        worst = min(best, max(4 * size, math.ceil(patterns / WORST) if settings.depth > 1 else 0))
        widths = sorted({round(w) for w in np.geomspace(worst, best, 16)})
    more = min(2 * fewest, settings.samples)
    steps = [(widths[0], fewest), *((width, more) for width in widths)]
    while more < settings.samples:
        more = min(2 * more, settings.samples)
        steps.append((widths[-1], more))
    return [run_settings(settings, size, width, sweeps, samples) for width, samples in dict.fromkeys(steps)]


def _upgrade(chosen: list[int], costs: list[list[float]], total: float) -> None:
    """Spend what is left of `total` on the next option of the size that costs least so far; in place."""
    spent = sum(costs[i][step] for i, step in enumerate(chosen))
    open_ = set(range(len(chosen)))
    while open_:
        i = min(open_, key=lambda i: costs[i][chosen[i]])
        if chosen[i] + 1 >= len(costs[i]) or spent + costs[i][chosen[i] + 1] - costs[i][chosen[i]] > total:
            open_.remove(i)
            continue
        spent += costs[i][chosen[i] + 1] - costs[i][chosen[i]]
        chosen[i] += 1


def _second_ratio(settings: ComparisonSettings, first: MonteCarloSettings) -> MonteCarloSettings:
    """The smallest connectivity at another ratio: half its width, or twice where that would be below 4c or WORST."""
    size, width = first.connectivity, first.widths[0]
    if width // 2 >= 4 * size and 2 * first.patterns / width <= 1.01 * WORST:
        return run_settings(settings, size, width // 2, first.sweeps, min(2 * first.samples, settings.samples))
    return run_settings(settings, size, 2 * width, first.sweeps, first.samples)


def _ratio_notes(settings: ComparisonSettings, runs: list[MonteCarloSettings]) -> list[str]:
    if not settings.dense or settings.depth == 1:
        return []
    high = [
        f"c = {r.connectivity}: {r.patterns / r.widths[0]:.2f}"
        for r in runs
        if r.patterns / r.widths[0] > 1.01 * settings.ratio
    ]
    if not high:
        return []
    return [f"M/N exceeds {settings.ratio:g} (the budget does not allow wider nets): {', '.join(high)}"]


def clock(seconds: float) -> str:
    """A duration in words."""
    if seconds < 100.0:
        return f"{seconds:.0f} s"
    if seconds < 6000.0:
        return f"{seconds / 60.0:.0f} min"
    return f"{seconds / 3600.0:.1f} h" if seconds < 172_800.0 else f"{seconds / 86400.0:.1f} days"
