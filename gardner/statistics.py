"""Errors of means and of limits.

**Extrapolation in the number of RSB steps.** A quantity computed with k steps approaches its full-RSB limit along
powers of 1/(k+1),

    value(k) = a_0 + Σ_p a_p (k+1)^{-p},

p = 2, 4, … for a fixed grid m_i = i/(k+1) (second-order quadrature of a smooth x(q)), p = 4, 6, … where the steps
themselves minimise a functional (the error of the minimiser enters squared).

The error of a_0 is the largest of: its change when any one point is left out; its change when the highest power is
dropped; the given errors of the values carried through the fit. The first two measure the truncated series from two
sides; they are systematic, not a standard deviation.

A kink of x(q) — the breakpoint where q(x) becomes a plateau — falls anywhere within a step of a fixed grid; the error
then has a rough part of the same order as the smooth one, value(k) = a_0 + (a_2 + r_k)/(k+1)², r_k of order one and
without pattern. `extrapolate_rough` fits a_0 and a_2 with weights (k+1)², estimates r from the scatter, raises it by
half of itself (a scatter of three degrees of freedom is known to no better), and bounds a_0 by the worst case of its
signs. With five points and r_k drawn uniformly from an interval the error covers a_0 in 95 % of 20000 draws.

**Monte Carlo means.** A series of autocorrelation ρ(t) and variance σ² has a mean of variance σ²τ/T after T ≫ τ steps,
τ = 1 + 2Σ_{t>0} ρ(t): T/τ independent values. τ is known to a relative error of about (τ/T)^{1/2} and is
underestimated below T ≈ 50τ; R-hat compares the variance between chains with that within. Disorder samples are
independent, so the standard error over them needs no τ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gardner.values import ByValue


@dataclass(frozen=True, eq=False)
class Extrapolation(ByValue):
    """value and error of the limit; coefficients of the powers; residuals of the fit, value(k) - fit(k)."""

    value: float
    error: float
    powers: tuple[float, ...]
    coefficients: tuple[float, ...]
    residuals: np.ndarray


def _limit(levels: np.ndarray, values: np.ndarray, powers: Sequence[float]) -> np.ndarray:
    design = (levels[:, None] + 1.0) ** -np.array([0.0, *powers])
    scale = np.abs(design).max(axis=0)
    return np.linalg.lstsq(design / scale, values, rcond=None)[0] / scale


def extrapolate(
    levels: Sequence[int], values: Sequence[float], powers: Sequence[float] = (2.0, 4.0), errors: Sequence[float] = ()
) -> Extrapolation:
    """The limit k → ∞ of `values` at `levels` steps, least squares in (k+1)^{-p}; needs len(powers) + 2 points."""
    k, v = np.asarray(levels, dtype=float), np.asarray(values, dtype=float)
    powers = tuple(float(p) for p in powers)
    if k.ndim != 1 or k.shape != v.shape or len(np.unique(k)) != len(k) or not np.isfinite(v).all():
        raise ValueError("extrapolate: one finite value per distinct number of levels is needed")
    if not powers or min(powers) <= 0.0:
        raise ValueError(f"powers = {powers}: at least one positive exponent is needed")
    if len(k) < len(powers) + 2:
        raise ValueError(f"{len(k)} values: at least {len(powers) + 2} are needed to fit {len(powers)} powers")
    coefficients = _limit(k, v, powers)
    keep = ~np.eye(len(k), dtype=bool)
    changes = [abs(_limit(k[row], v[row], powers)[0] - coefficients[0]) for row in keep]
    if len(powers) > 1:
        changes.append(abs(_limit(k, v, powers[:-1])[0] - coefficients[0]))
    if len(errors):
        weights = np.array([_limit(k, unit, powers)[0] for unit in np.eye(len(k))])
        changes.append(float(np.abs(weights) @ np.asarray(errors, dtype=float)))
    fit = (k[:, None] + 1.0) ** -np.array([0.0, *powers]) @ coefficients
    return Extrapolation(float(coefficients[0]), float(max(changes)), powers, tuple(coefficients[1:]), v - fit)


def extrapolate_rough(levels: Sequence[int], values: Sequence[float], errors: Sequence[float] = ()) -> Extrapolation:
    """The limit k → ∞ of values with a rough error of order (k+1)^{-2} (module docstring); needs five points.

    The error of a_0 is the largest of the worst case of the rough part, the change when a point is left out, and the
    whole correction to the value at the most levels (few levels may not follow the power law), plus the given errors
    carried through the fit.
    """
    k, v = np.asarray(levels, dtype=float), np.asarray(values, dtype=float)
    if k.ndim != 1 or k.shape != v.shape or len(np.unique(k)) != len(k) or not np.isfinite(v).all():
        raise ValueError("extrapolate_rough: one finite value per distinct number of levels is needed")
    if len(k) < 5:
        raise ValueError(f"{len(k)} values: at least 5 are needed to tell the rough part from the smooth one")
    weight = (k + 1.0) ** 2

    def solution(keep) -> np.ndarray:
        """The linear map from values to (a_0, a_2)."""
        design = np.column_stack([np.ones(keep.sum()), 1.0 / weight[keep]])
        return np.linalg.pinv(design * weight[keep, None]) * weight[keep]

    every = np.ones(len(k), dtype=bool)
    linear = solution(every)
    limit, slope = linear @ v
    residuals = v - limit - slope / weight
    rough = 1.5 * np.sqrt(np.sum((residuals * weight) ** 2) / (len(k) - 2))
    bounds = [float(np.abs(linear[0]) @ (rough / weight)), abs(float(limit - v[np.argmax(k)]))]
    for left_out in range(len(k)):
        keep = np.arange(len(k)) != left_out
        bounds.append(abs(float((solution(keep) @ v[keep])[0] - limit)))
    carried = float(np.abs(linear[0]) @ np.asarray(errors, dtype=float)) if len(errors) else 0.0
    return Extrapolation(float(limit), max(bounds) + carried, (2.0,), (float(slope),), residuals)


RUN_PER_TAU = 50.0  # shortest run, in autocorrelation times, that counts as equilibrated
LARGEST_RHAT = 1.05


@dataclass(frozen=True)
class Estimate:
    """A Monte Carlo mean and what it takes to trust it.

    error: standard error over disorder samples, thermal noise included; of a single sample, its thermal error alone.
    tau: integrated autocorrelation time 1 + 2Σρ(t), rhat: split R-hat between chains, both of the worst sample, in
    units of the run (sweeps); ess: effective sample size, all samples together; run: length of the series of one chain.
    What a series is too short or too still to tell is nan.
    """

    mean: float
    error: float
    tau: float
    rhat: float
    ess: float
    run: float

    @property
    def equilibrated(self) -> bool:
        """τ_int ≤ run/50 and R-hat < 1.05; False where either is unknown."""
        return bool(self.tau * RUN_PER_TAU <= self.run and self.rhat < LARGEST_RHAT)


def integrated_time(x_rt: np.ndarray) -> float:
    """1 + 2Σ_{t>0} ρ(t) of the mean of x, in steps, over chains r (Geyer's initial monotone sequence of arviz-stats).

    An AR(1) chain of coefficient φ has (1+φ)/(1-φ). Chains that disagree count as correlated. nan below 4 steps or
    where no chain ever moves.
    """
    return np.size(x_rt) / effective_size(x_rt)


def effective_size(x_rt: np.ndarray) -> float:
    """Number of independent values that would fix the mean as well; nan below 4 steps or where no chain ever moves."""
    chains = _chains(x_rt)
    if chains.shape[1] < 4 or not np.isfinite(chains).all() or (np.ptp(chains, axis=1) == 0.0).all():
        return np.nan
    from arviz_stats.base import array_stats  # takes seconds to import: only when needed

    return float(array_stats.ess(chains, method="mean"))


def split_rhat(x_rt: np.ndarray) -> float:
    """Rank-normalised split R-hat, the larger of bulk and folded, of the halves of every chain.

    One chain is compared with itself. nan below 8 steps or where no chain ever moves; inf where every quarter of the
    run stands still, at different values.
    """
    chains = _chains(x_rt)
    half = chains.shape[1] // 2
    if half < 4 or not np.isfinite(chains).all() or (np.ptp(chains, axis=1) == 0.0).all():
        return np.nan
    halves = np.concatenate([chains[:, :half], chains[:, -half:]])
    # arviz splits what it is given once more, as it does with any chain: a stricter test, and one chain is enough
    quarters = np.concatenate([halves[:, : half // 2], halves[:, -(half // 2) :]])
    if (np.ptp(quarters, axis=1) == 0.0).all():
        return np.inf
    from arviz_stats.base import array_stats

    # two values equally far from the median leave a folded series that stands still: 0/0, and the bulk decides
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(array_stats.rhat(halves, method="rank"))


def _chains(x_rt: np.ndarray) -> np.ndarray:
    chains = np.atleast_2d(np.asarray(x_rt, dtype=float))
    if chains.ndim != 2 or chains.size == 0:
        raise ValueError(f"series of shape {np.shape(x_rt)}: chains × times are needed, at least one of each")
    return chains


def estimate(x_srt: np.ndarray, interval: float = 1.0) -> Estimate:
    """The mean of x over times, chains r and disorder samples s, from values `interval` sweeps apart.

    A series that never changes, in any sample, is a constant of the problem (an imposed overlap, an energy at its
    bound) and counts as known: tau = interval, R-hat 1; so do two or more chains of one sample that stand still
    together. Otherwise, what stands still in one sample but differs from the others may just be stuck: tau and R-hat
    are nan there, hence of the whole. Whether anything moved at all is for the acceptance to say.
    """
    x = np.asarray(x_srt, dtype=float)
    if x.ndim != 3 or x.size == 0:
        raise ValueError(f"series of shape {x.shape}: samples × chains × times are needed, at least one of each")
    samples, chains, times = x.shape
    run = times * float(interval)
    if not np.isfinite(x).all():
        return Estimate(np.nan, np.nan, np.nan, np.nan, np.nan, run)
    if np.ptp(x) == 0.0:
        return Estimate(float(x.flat[0]), 0.0, float(interval), 1.0, float(x.size), run)
    still_s = np.ptp(x, axis=(1, 2)) == 0.0 if chains > 1 else np.zeros(samples, dtype=bool)
    size_s = np.array([x_rt.size if still else effective_size(x_rt) for still, x_rt in zip(still_s, x)])
    rhat = max_or_nan([1.0 if still else split_rhat(x_rt) for still, x_rt in zip(still_s, x)])
    tau = max_or_nan(x[0].size / size_s) * float(interval)
    mean_s = x.mean(axis=(1, 2))
    error = mean_s.std(ddof=1) / np.sqrt(samples) if samples > 1 else x.std() / np.sqrt(size_s[0])
    return Estimate(float(mean_s.mean()), float(error), tau, rhat, float(size_s.sum()), run)


def max_or_nan(values) -> float:
    """The largest value, nan if any is."""
    return float(np.max(np.asarray(values, dtype=float)))


def standard_error(value_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard error over the first axis, independent samples; the error of one sample is nan."""
    values = np.asarray(value_s, dtype=float)
    count = values.shape[0] if values.ndim else 0
    if count == 0:
        raise ValueError("no samples: at least one is needed for a mean")
    mean = values.mean(axis=0)
    if count == 1:
        return mean, np.full_like(mean, np.nan)
    return mean, values.std(axis=0, ddof=1) / np.sqrt(count)
