"""The limit of infinite connectivity (or width) of a vector of overlaps, with every source of its error.

Each run r gives a vector y_r of K overlaps at x_r = 1/c (1/N) with the covariance C_r of its mean, estimated from S_r
independent samples. The models are

    y(x, ρ) = a_0 + Σ_{p=1}^{P} a_p x^p + b ρ,      P = 0, 1, 2, 3,

fitted to all sizes or with the smallest ones, at most half of them, left out. Where some size was run at two ratios
ρ = M/N (dense limit), models with b = 0 stand beside models whose b is the difference of these two runs, the same for
all sizes; a_0 is then at ρ = 0. All components share the weights of a fit (inverse mean variances of the runs), so that
a_0 = Σ_r w_r y_r, b included, and cov(a_0) = Σ_r w_r² C_r exactly, with the correlations between overlaps.

*Choice of model.* Models enter with Akaike's weights exp(-½[χ² + 2K(parameters) + 2K(runs left out)]) (Jay and Neil,
Phys. Rev. D 103, 114502): a_0 is the weighted mean, and the spread of the models is added to its covariance. If even
the best model has χ² above its degrees of freedom the statistical covariance is multiplied by χ²/degrees. Models keep a
degree of freedom, except where there are three sizes only.

*Leaving one size out.* What the spread cannot see is a term that no model has. The limit is therefore formed again
without each size in turn; it is *unstable* where that moves some overlap by more than STABLE times the sum of both
errors, and then no verdict rests on it. (Normal errors and sufficient models: false alarm below 1e-3.)

Scaling: the statistical error falls as (bonds × samples × time)^{-1/2}, the model's as the next power of 1/c_max.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gardner.values import ByValue

HIGHEST_POWER = 3
STABLE = 3.0
SMALLEST_WEIGHT = 1e-3  # models below are not listed


@dataclass(frozen=True, eq=False)
class Point(ByValue):
    """One run: size c or N, ratio M/N, mean_k and covariance_kk of the mean, samples behind them."""

    size: int
    ratio: float
    mean_k: np.ndarray
    covariance_kk: np.ndarray
    samples: int


@dataclass(frozen=True, eq=False)
class Fit(ByValue):
    """One model: coefficients_pk a_0…a_P by component, whether b is free, runs used, weights, cov(a_0), χ²."""

    powers: int
    with_ratio: bool
    used: tuple[int, ...]
    weight_r: np.ndarray
    coefficients_pk: np.ndarray
    covariance_kk: np.ndarray
    chi_square: float
    degrees: int
    criterion: float

    @property
    def limit_k(self) -> np.ndarray:
        return self.coefficients_pk[0]


@dataclass(frozen=True, eq=False)
class RatioSlope(ByValue):
    """b and its error: (y(second) - y(first))/(ρ(second) - ρ(first)) of two runs of one size, given by their places."""

    slope_k: np.ndarray
    error_k: np.ndarray
    first: int
    second: int
    step: float


@dataclass(frozen=True, eq=False)
class Limit(ByValue):
    """The averaged limit. covariance_kk includes both errors; degrees: of the estimated covariance (t, Hotelling).

    statistical_k, model_k: the two errors; chi_square, chi_degrees: of the best model; slope: b, None without;
    left_out: size, limit without it, error of that; fits: with their weights.
    """

    value_k: np.ndarray
    covariance_kk: np.ndarray
    statistical_k: np.ndarray
    model_k: np.ndarray
    degrees: float
    chi_square: float
    chi_degrees: int
    inflation: float
    slope: RatioSlope | None
    fits: tuple[tuple[float, Fit], ...]
    left_out: tuple[tuple[int, np.ndarray, np.ndarray], ...]

    @property
    def error_k(self) -> np.ndarray:
        return np.sqrt(np.diag(self.covariance_kk))

    @property
    def unstable(self) -> tuple[int, ...]:
        """Sizes without which the limit is another one."""
        return tuple(
            size
            for size, value_k, error_k in self.left_out
            if (np.abs(value_k - self.value_k) > STABLE * (error_k + self.error_k)).any()
        )


def ratio_slope(points: Sequence[Point]) -> RatioSlope | None:
    """b from the two runs of one size, their ratios at least 20 % apart, that know it best, or None."""
    best = None
    for i, a in enumerate(points):
        for j, b in enumerate(points[i + 1 :], start=i + 1):
            if a.size == b.size and max(a.ratio, b.ratio) > 1.2 * min(a.ratio, b.ratio):
                step = b.ratio - a.ratio
                error = np.sqrt(np.diag(a.covariance_kk + b.covariance_kk)) / abs(step)
                if best is None or error.sum() < best.error_k.sum():
                    best = RatioSlope((b.mean_k - a.mean_k) / step, error, i, j, step)
    return best


def least_squares(
    points: Sequence[Point], matrix_rp: np.ndarray, mean_rk: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Solver of shape (coefficients, runs), coefficients and χ² of `mean_rk`; all components of a run weigh alike."""
    scale_r = np.array([np.sqrt(np.diag(p.covariance_kk).mean()) for p in points])
    solver_pr = np.linalg.pinv(matrix_rp / scale_r[:, None]) / scale_r
    coefficients_pk = solver_pr @ mean_rk
    residual_rk = mean_rk - matrix_rp @ coefficients_pk
    chi = sum((residual**2 / np.diag(p.covariance_kk)).sum() for residual, p in zip(residual_rk, points))
    return solver_pr, coefficients_pk, float(chi)


def fit_model(points: Sequence[Point], used: Sequence[int], powers: int, total: int, slope: RatioSlope | None) -> Fit:
    """Least squares of one model on the runs `used`, of which `total` are available, all at ρ = 0 if b is known."""
    chosen = [points[i] for i in used]
    x_r = 1.0 / np.array([point.size for point in chosen], dtype=float)
    matrix = x_r[:, None] ** np.arange(powers + 1)
    mean_rk, ratio_r = np.stack([p.mean_k for p in chosen]), np.array([p.ratio for p in chosen])
    if slope is not None:
        mean_rk = mean_rk - ratio_r[:, None] * slope.slope_k
    solver_pr, coefficients_pk, chi = least_squares(chosen, matrix, mean_rk)
    weight_r = np.zeros(len(points))
    weight_r[list(used)] = solver_pr[0]
    if slope is not None:
        moved = solver_pr[0] @ ratio_r / slope.step
        weight_r[slope.first] += moved
        weight_r[slope.second] -= moved
    covariance = sum(w**2 * p.covariance_kk for w, p in zip(weight_r, points))
    components = mean_rk.shape[1]
    degrees = components * (len(chosen) - powers - 1)
    parameters = powers + 1 + (slope is not None)  # the second run, which b reproduces, is in neither count of runs
    criterion = chi + 2.0 * components * (parameters + total - len(chosen))
    return Fit(powers, slope is not None, tuple(used), weight_r, coefficients_pk, covariance, chi, degrees, criterion)


def candidate_fits(points: Sequence[Point], slope: RatioSlope | None, lowest: int = 0) -> list[Fit]:
    """All models of P ≥ lowest that the sizes can fix (module docstring); the slope's second run serves b alone."""
    fits = []
    for free in (None, slope) if slope is not None else (None,):
        places = [i for i in range(len(points)) if free is None or i != free.second]
        places.sort(key=lambda i: points[i].size)
        sizes = sorted({points[i].size for i in places})
        for smallest in sizes[: len(sizes) // 2 + 1]:
            used = [i for i in places if points[i].size >= smallest]
            distinct = len({points[i].size for i in used})
            for powers in range(lowest, HIGHEST_POWER + 1):
                if distinct > powers + (len(sizes) > 3):
                    fit = fit_model(points, used, powers, len(places), free)
                    if slope is not None and free is None and slope.first not in used:
                        # b = 0 is an assumption about the runs left out too: their difference counts against it
                        fit = replace(
                            fit, criterion=fit.criterion + float(((slope.slope_k / slope.error_k) ** 2).sum())
                        )
                    fits.append(fit)
    return fits


def averaged(fits: Sequence[Fit]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Akaike weights, mean limit, mean statistical covariance, covariance of the models' spread."""
    criterion = np.array([fit.criterion for fit in fits])
    weight_f = np.exp(-0.5 * (criterion - criterion.min()))
    weight_f /= weight_f.sum()
    limit_fk = np.stack([fit.limit_k for fit in fits])
    mean_k = weight_f @ limit_fk
    statistical = sum(w * fit.covariance_kk for w, fit in zip(weight_f, fits))
    away_fk = limit_fk - mean_k
    return weight_f, mean_k, statistical, (weight_f[:, None] * away_fk).T @ away_fk


def extrapolate(points: Sequence[Point], lowest: int = 0) -> Limit:
    """a_0 with its covariance; needs runs of two sizes at least; lowest: the smallest P that is allowed."""

    def candidates(points):
        slope = ratio_slope(points)
        return candidate_fits(points, slope, lowest), slope

    return average_models(points, candidates, 2 + lowest)


def average_models(
    points: Sequence[Point],
    candidates: Callable[[Sequence[Point]], tuple[list[Fit], RatioSlope | None]],
    fewest: int = 2,
) -> Limit:
    """a_0 of the models that `candidates` makes of points; fewest: sizes that must be left when one is left out."""
    points = list(points)
    if len({point.size for point in points}) < 2:
        raise ValueError(f"extrapolate: {len(points)} runs of one size; at least two sizes are needed for a limit")
    fits, slope = candidates(points)
    weight_f, value, statistical, spread = averaged(fits)
    best = min(fits, key=lambda fit: fit.criterion)
    inflation = max(1.0, best.chi_square / best.degrees) if best.degrees else 1.0
    statistical = statistical * inflation
    listed = sorted(zip(weight_f, fits), key=lambda pair: -pair[0])
    left_out = []
    for size in sorted({point.size for point in points}):
        rest = [point for point in points if point.size != size]
        if len({point.size for point in rest}) >= fewest and (others := candidates(rest)[0]):
            _, without_k, *parts = averaged(others)
            left_out.append((size, without_k, np.sqrt(np.diag(sum(parts)))))
    return Limit(
        value,
        statistical + spread,
        np.sqrt(np.diag(statistical)),
        np.sqrt(np.diag(spread)),
        effective_degrees(points, best),
        best.chi_square,
        best.degrees,
        inflation,
        slope,
        tuple((float(w), fit) for w, fit in listed if w >= SMALLEST_WEIGHT),
        tuple(left_out),
    )


def effective_degrees(points: Sequence[Point], fit: Fit) -> float:
    """Welch–Satterthwaite degrees of freedom of cov(a_0) = Σ w² C, each C from S-1."""
    part = np.array([w**2 * np.trace(point.covariance_kk) for w, point in zip(fit.weight_r, points)])
    free = np.array([max(point.samples - 1, 1) for point in points])
    total = part.sum()
    return float(total**2 / (part**2 / free).sum()) if total > 0.0 else float(free.sum())
