"""Curves and histograms of a comparison's figures: fits towards the limit, gaps of a run and of theory."""

from __future__ import annotations

import numpy as np

from gardner.comparison.analysis import Comparison
from gardner.comparison.settings import ComparisonSettings
from gardner.comparison.theory import LEVELS, linear_phase


def limit_curve(comparison: Comparison, k: int, right: float) -> tuple[np.ndarray, np.ndarray]:
    """1/size and overlap number k along the model of largest weight, at M/N = 0 where its influence was measured.

    From the limit to the smallest size that the model used, or to 1/size = `right`.
    """
    fit = comparison.limit.fits[0][1]
    points = [run.point for run in comparison.measured if not run.excluded]
    x = np.linspace(0.0, min(right, 1.0 / min(points[i].size for i in fit.used)), 60)
    return x, fit.coefficients_pk[:, k] @ x ** np.arange(fit.powers + 1)[:, None]


def linear_errors(settings: ComparisonSettings) -> dict[str, float]:
    """Fresh-input errors of the linear phase (T22) by name: of the full limit, none in the dense one."""
    if settings.dense:
        return {}
    phase = linear_phase(settings.alpha, settings.depth)
    names = {"one_student": "linear phase, one student", "attainable": "linear phase, attainable"}
    return {words: phase[name] for name, words in names.items()}


def gap_histogram(data, layer: int) -> tuple[np.ndarray, np.ndarray]:
    """Gaps r of the filled bins of one bond layer of a run, and their density."""
    r, counts = data["gap"].values, data["gap_counts"].sel(bond_layer=layer).sum("sample").values
    shown = counts > 0
    return r[shown], counts[shown] / counts.sum() / (r[1] - r[0])


def gap_theory(settings: ComparisonSettings, r: np.ndarray) -> list[np.ndarray]:
    """P(r, l) by bond layer. Planted: 2 N(r; 0, 1) θ(r) in every layer of every closure, given once.

    Random: of the closure whose perceptrons are all gaps between free spins (`solution_gaps`).
    """
    if settings.setting == "planted":
        return [np.where(r > 0.0, 2.0 * np.exp(-0.5 * r**2) / np.sqrt(2.0 * np.pi), 0.0)]
    from gardner.analysis.gaps import solution_gaps
    from gardner.potentials.soft import SoftCore
    from gardner.theory.random_setting import solve_random

    solution = solve_random(
        settings.alpha, settings.depth, LEVELS, potential=SoftCore(settings.beta), tolerance=1e-8, accuracy=1e-8
    )
    return [np.interp(r, gap.r_a, gap.density_a, left=0.0, right=0.0) for gap in solution_gaps(solution)]
