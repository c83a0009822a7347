"""Monte Carlo points of the planted transitions of binary weights: overlaps against α, from the teacher and from afar.

Three kinds, which a picture of the transitions sets beside the branches of the theory:

    counted     L = 1, all 2^N rows (`montecarlo.enumeration`): equilibrium at finite N, every α at once
    "teacher"   dense nets, rows drawn afresh from the teacher on: the crystal, and wherever single rows leave it
                (α < α*(1) as c → ∞, later at finite c) what they relax to
    "random"    the same nets, single flips from random weights, tempered: the liquid as long as it lasts

A discontinuous transition shows as two values, of the two starts, at one α; where both starts agree and the run counts
(`measured`), the point is equilibrium at this c. Raw overlaps are those with the teacher's own signs; random starts
have signs of their own for hidden units, so that only matched overlaps say something of them, beside their null, which
at connectivity c is of order c^-1/2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gardner.comparison.measured import measure
from gardner.montecarlo.enumeration import enumerate_rows
from gardner.montecarlo.run import run_monte_carlo
from gardner.montecarlo.settings import STARTS, MonteCarloSettings, WrongOutputs, choice
from gardner.runtime.chains import Workers
from gardner.statistics import standard_error
from gardner.theory.liquid import overlaps_of
from gardner.values import ByValue

HARDEST = 1e3  # β of the coldest slot: no wrong output
COUNTS = 0.02  # difference of the two kinds of pairs below a fifth of which a run counts in any case


@dataclass(frozen=True)
class PointSettings:
    """Nets and schedules of the points.

    connectivity: c, odd; ratio: M/N aimed at, for L > 1; samples, replicas: of every point; rows: sweeps of drawn rows
    from the teacher; flips, temperatures: sweeps of single flips and slots of their ladder, from random weights.
    """

    connectivity: int = 9
    ratio: float = 0.1
    samples: int = 4
    replicas: int = 2
    rows: int = 400
    flips: int = 10_000
    temperatures: int = 24
    seed: int = 0

    def run(self, depth: int, alpha: float, start: str) -> MonteCarloSettings:
        """The run of one point; ValueError for an unknown start and impossible nets."""
        tempered, c = choice("start", start, STARTS) == "random", self.connectivity
        width = 4 * c if depth == 1 else max(4 * c, round(alpha * c / self.ratio))
        return MonteCarloSettings(
            (width,),
            depth,
            alpha,
            weights="binary",
            potential=WrongOutputs(HARDEST),
            connectivity=c,
            graph="regular",
            dynamics="metropolis" if tempered else "heat-bath",
            sweeps=self.flips if tempered else self.rows,
            samples=self.samples,
            replicas=self.replicas,
            start=start,
            tempering=self.temperatures if tempered else None,
            measurements=200,
            points=10,
            fresh=200,
            seed=self.seed,
        )


@dataclass(frozen=True, eq=False)
class TransitionPoint(ByValue):
    """One run: overlaps in the order of `theory.liquid.overlaps_of`, Q(1)…Q(L), q(1)…q(L-1).

    raw_k, error_k: pairs of students and with the teacher, and the standard error over samples; matched_k, null_k:
    with the teacher after matching signs, and what matching makes of noise; energy: wrong outputs; excluded: why the
    run does not count as equilibrium, or "".
    """

    depth: int
    alpha: float
    start: str
    connectivity: int
    width: int
    raw_k: np.ndarray
    error_k: np.ndarray
    matched_k: np.ndarray
    null_k: np.ndarray
    energy: float
    tau: float
    excluded: str

    @property
    def keys(self) -> list[tuple[str, int]]:
        """Names and layers of the overlaps."""
        return overlaps_of(self.depth)


def transition_point(
    depth: int, alpha: float, start: str, settings: PointSettings | None = None, workers: Workers | None = None
) -> TransitionPoint:
    """Run one point. At α ≈ 2, L = 2 and the default settings some ten seconds of one core."""
    settings = settings or PointSettings()
    run = settings.run(depth, alpha, start)
    data = run_monte_carlo(run, workers=workers).data
    found = measure(data, run, COUNTS)
    late = data["energy"].isel(time=data["time"].values > run.burn_in)
    overlaps = found.mean_k, found.error_k, found.matched_k, found.null_k
    net = depth, run.alpha, start, run.connectivity, run.widths[0]
    return TransitionPoint(*net, *overlaps, float(late.mean()), found.tau, found.excluded)


def counted_overlaps(alphas: Sequence[float], size: int, samples: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Q of one layer of N = `size` weights at every α, equilibrium exactly, and its standard error over samples.

    All α come from the same samples: neighbouring points are correlated. ValueError for even N.
    """
    found = enumerate_rows(size, int(np.ceil(max(alphas) * size)), samples, seed)
    return standard_error(np.column_stack([found.overlaps(alpha) for alpha in alphas]))
