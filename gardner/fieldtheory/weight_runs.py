"""Scans of the learning rate for the potential itself, and what they say: `weight_dynamics` across η, with verdicts.

Compared are: the η at which the order parameter vanishes with η_c = 2μ/√λ; the coefficient b of
|<w>|² = (μ² - bη²)/λ at small η with the source's ¼λ; the η at which gradient descent leaves its minimum with
2/λ_max = 1/μ². Where the order parameter vanishes is read off the grid: error = half the spacing there.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from gardner import __version__
from gardner.checks import MAX_RATE, positive, whole
from gardner.fieldtheory.potential import SymmetryBreaking
from gardner.fieldtheory.verdicts import Claim
from gardner.fieldtheory.weight_dynamics import DYNAMICS, MERGING, WeightChain
from gardner.results.solution import Header, from_attribute, to_attribute
from gardner.runtime.chains import Workers, run_chains
from gardner.values import ByValue

VANISHED = 0.1  # of |w*| at η = 0
MOVING = 1e-6  # relative variance in time above which gradient descent has left the minimum


def checked_rates(values) -> tuple[float, ...]:
    """Learning rates, sorted; at least three different positive ones."""
    rates = tuple(sorted({positive("rates", value, MAX_RATE) for value in values}))
    if len(rates) < 3:
        raise ValueError(f"rates = {', '.join(map(str, values))}: at least three different learning rates are needed")
    return rates


@dataclass(frozen=True)
class WeightPlan:
    """Learning rates and dynamics for one potential; windows of `steps` steps, `blocks` of them, `runs` runs."""

    rates: tuple[float, ...]
    theory: SymmetryBreaking = field(default_factory=lambda: SymmetryBreaking(components=1))
    dynamics: tuple[str, ...] = DYNAMICS
    noise: float = 0.1
    runs: int = 16
    steps: int = 1000
    blocks: int = 4
    burn: int = 1000
    seed: int = 1

    def __post_init__(self):
        object.__setattr__(self, "rates", checked_rates(self.rates))
        object.__setattr__(self, "noise", positive("noise", self.noise, 1e3))
        for name, smallest in (("runs", 2), ("steps", 10), ("blocks", 2), ("burn", 0), ("seed", 0)):
            object.__setattr__(
                self, name, whole(name, getattr(self, name), smallest, None if name == "seed" else 10**7)
            )
        if not self.dynamics:
            raise ValueError(f"dynamics: none given; choose of {', '.join(DYNAMICS)}")
        for kind in self.dynamics:
            if kind not in DYNAMICS:
                raise ValueError(f"dynamics = {kind!r}: must be of {', '.join(DYNAMICS)}")
        if not self.dynamics or len(set(self.dynamics)) < len(self.dynamics):
            raise ValueError(f"dynamics = {', '.join(self.dynamics)}: give one or more different ones")

    def jobs(self) -> list[WeightChain]:
        return [
            WeightChain(f"{kind}-{r}", self.blocks, self.theory, kind, rate, self.noise, self.runs, self.steps,
                        self.burn, (self.seed, DYNAMICS.index(kind), r))
            for kind in self.dynamics for r, rate in enumerate(self.rates)
        ]  # fmt: skip

    def parameters(self) -> dict:
        return asdict(self)


def run_weight(plan: WeightPlan, store: Path, workers: Workers | None = None, resume=False, force=False):
    """All runs of `plan` as a Dataset; `store` is the folder of the checkpoints."""
    import xarray as xr

    began = time.perf_counter()
    fingerprint = {"command": "fieldtheory learning-rate weight", "version": __version__} | plan.parameters()
    records = run_chains(plan.jobs(), store, fingerprint, workers, resume, force, "fieldtheory learning-rate")
    shape = (len(plan.dynamics), len(plan.rates), plan.blocks, plan.runs)
    dims = ("dynamics", "rate", "window", "run")
    mean = np.array([[r["mean"] for r in chain] for chain in records]).reshape(*shape, -1)
    square = np.array([[r["square"] for r in chain] for chain in records]).reshape(shape)
    dataset = xr.Dataset(
        {"mean_weight": ((*dims, "component"), mean), "mean_square": (dims, square)},
        {"dynamics": list(plan.dynamics), "rate": list(plan.rates)},
    )
    dataset["mean_weight"].attrs = {"long_name": "mean of w over a window", "units": "1"}
    dataset["mean_square"].attrs = {"long_name": "mean of w² over a window", "units": "1"}
    seconds = time.perf_counter() - began
    header = asdict(Header("fieldtheory learning-rate", plan.parameters(), "converged", seconds, plan.seed))
    dataset.attrs = {n: to_attribute(v) for n, v in ({"kind": "fieldtheory learning-rate weight"} | header).items()}
    return dataset


@dataclass(frozen=True, eq=False)
class WeightScan(ByValue):
    """Order parameter of one dynamics across learning rates.

    order, order_error: |<w>_t| over one window, mean over runs and windows; long_order: the same over all windows
    together; variance: of w in time, relative to |w*|² at η = 0; diverged: fraction of runs.
    """

    dynamics: str
    rates: np.ndarray
    order: np.ndarray
    order_error: np.ndarray
    long_order: np.ndarray
    variance: np.ndarray
    diverged: np.ndarray


def scans(dataset) -> tuple[WeightPlan, list[WeightScan]]:
    """The plan and one scan per dynamics."""
    values = dict(from_attribute(dataset.attrs["parameters"]))
    values["theory"] = SymmetryBreaking(**values["theory"])
    plan = WeightPlan(**{n: tuple(v) if isinstance(v, list) else v for n, v in values.items()})
    result = []
    for kind in plan.dynamics:
        part = dataset.sel(dynamics=kind)
        mean_ewrc, square_ewr = part["mean_weight"].values, part["mean_square"].values
        alive_er = np.isfinite(mean_ewrc).all(axis=(1, 3))
        count = np.maximum(alive_er.sum(axis=1), 1)

        def average(value_er, alive_er=alive_er, count=count):
            total = np.where(alive_er, value_er, 0.0).sum(axis=1)
            return np.where(alive_er.any(axis=1), total / count, np.nan)

        order_er = np.linalg.norm(mean_ewrc, axis=-1).mean(axis=1)
        order = average(order_er)
        spread = average((order_er - order[:, None]) ** 2)
        long_order = average(np.linalg.norm(mean_ewrc.mean(axis=1), axis=-1))
        variance = average((square_ewr - (mean_ewrc**2).sum(axis=-1)).mean(axis=1))
        scale = plan.theory.order_parameter(0.0) ** 2
        result.append(
            WeightScan(kind, np.array(plan.rates), order, np.sqrt(spread / np.maximum(count - 1, 1)), long_order,
                       variance / scale, 1.0 - alive_er.mean(axis=1))
        )  # fmt: skip
    return plan, result


def vanishing_rate(scan: WeightScan, scale: float) -> tuple[float, float]:
    """η between the last ordered and the first disordered or diverged grid point, and its largest error; nan if none.

    The error is half the distance and, since (1 - η²/η_c²)^{1/2} passes VANISHED below η_c, half of VANISHED² of η.
    """
    ordered = (scan.long_order > VANISHED * scale) & (scan.diverged < 0.5)
    gone = np.flatnonzero(~ordered)
    if not len(gone) or gone[0] == 0:
        return math.nan, math.nan
    low, high = scan.rates[gone[0] - 1], scan.rates[gone[0]]
    return 0.5 * (low + high), 0.5 * (high - low) + 0.5 * VANISHED**2 * high


def leaving_rate(scan: WeightScan) -> tuple[float, float]:
    """η at which w starts to move in time, from the grid as above."""
    moving = np.flatnonzero(~(scan.variance < MOVING))
    if not len(moving) or moving[0] == 0:
        return math.nan, math.nan
    low, high = scan.rates[moving[0] - 1], scan.rates[moving[0]]
    return 0.5 * (low + high), 0.5 * (high - low)


def restoring_coefficient(scan: WeightScan, theory: SymmetryBreaking) -> tuple[float, float, int]:
    """b of λ|<w>|² = μ² - bη² below half the rate at which the order vanishes, by least squares with equal weights.

    Its error is the larger of that from the scatter about the fit and that from the errors of the points. Also the
    number of rates used; nan below three. Nearer to the transition fluctuations and oscillations blur any formula.
    """
    edge = vanishing_rate(scan, theory.order_parameter(0.0))[0]
    use = (scan.diverged == 0.0) & ~(scan.rates > 0.5 * edge)
    if use.sum() < 3:
        return math.nan, math.nan, int(use.sum())
    x, y = scan.rates[use] ** 2, theory.mu**2 - theory.coupling * scan.order[use] ** 2
    b = float((x * y).sum() / (x * x).sum())
    scatter = ((y - b * x) ** 2).sum() / (use.sum() - 1)
    noise = 2.0 * theory.coupling * scan.order[use] * scan.order_error[use]
    own = math.sqrt(((x * noise) ** 2).sum()) / (x * x).sum()
    return b, float(max(own, math.sqrt(scatter / (x * x).sum()))), int(use.sum())


def weight_verdicts(plan: WeightPlan, found: list[WeightScan]) -> list[Claim]:
    """Agreement and disagreement with the source, and with the stability of gradient descent."""
    theory, result = plan.theory, []
    scale, samples = theory.order_parameter(0.0), plan.runs
    for scan in found:
        rate, error = vanishing_rate(scan, scale)
        # a point read off a grid is wrong by at most half a spacing, not by three
        grid = {"tolerance": 1.0 + 1e-9, "note": "read off the grid: error = half its spacing"}
        if math.isfinite(rate):
            result.append(Claim(f"{scan.dynamics}: order vanishes at η_c = 2μ/√λ", rate, theory.critical_rate, error,
                                  samples, "runs per rate", **grid))  # fmt: skip
        if scan.dynamics == "gd":
            if math.isfinite(rate):
                result.append(Claim("gd: order vanishes where the bands of the cubic map merge, (3√3/2 - 1)/μ²", rate,
                                      MERGING / theory.mu**2, error, samples, "runs per rate", **grid))  # fmt: skip
            leave, half = leaving_rate(scan)
            if math.isfinite(leave):
                result.append(Claim("gd: the minimum is left at 2/λ_max = 1/μ²", leave, theory.mu**-2.0, half,
                                      samples, "runs per rate", **grid))  # fmt: skip
        b, error, used = restoring_coefficient(scan, theory)
        if theory.components > 1 and scan.dynamics == "sgd" and scan.diverged[0] == 0.0:
            ratio = scan.long_order[0] / scan.order[0]
            result.append(Claim("sgd: |<w>| does not depend on the window (smallest η)", ratio, 1.0,
                                  scan.order_error[0] / scan.order[0], samples, "runs",
                                  note=f"{plan.blocks} windows over one; noise moves w along the minima"))  # fmt: skip
        if math.isfinite(b):
            # without noise the points lie on the fit to round-off: nothing to divide by
            exact = error < 1e-9 * theory.coupling
            result.append(Claim(f"{scan.dynamics}: m² = -μ² + bη² with b = ¼λ", b, 0.25 * theory.coupling,
                                  0.0 if exact else error, used, "learning rates",
                                  tolerance=1e-6 * theory.coupling if exact else 3.0))  # fmt: skip
    return result
