"""One step at L = 1, for itself and at m → 1: states, their number, their stability.

With λ_2 = 1 - Q_1 and λ_1 = λ_2 + m (Q_1 - Q_0) the saddle point (T9), (T11) and the optimum of m
(C9) read

    Q_0 = α λ_1² G_0,     Q_1 - Q_0 = α λ_1 λ_2 (G_1 - G_0),     ∂s/∂m = 0.                    (C37)

The first gives α of every (Q_0, Q_1, m). The two others are solved at a given relative jump d =
(Q_1 - Q_0)/(1 - Q_0), along which the branch has no fold: it leaves the RS line at d = 0, α = α_AT
and m = x of (C35), and goes on to d → 1 at the capacity of one step.

States of internal entropy s_int per N·M, e^{NMΣ} in number, are weighed by m (Monasson): m s(m) =
max [Σ + m s_int], so

    Σ(m) = -m² ∂s/∂m,     s_int(m) = ∂(m s)/∂m = s + m ∂s/∂m.                                  (C38)

The m at which Σ = 0 makes s(m) smallest: it is the thermodynamic one.

m = 1. Here λ_1 = 1 - Q_0 and φ_0 is that of RS, so that Q_0 is the RS solution and Q_1 is left
alone,

    g(Q_1) = α (1-Q_0)(1-Q_1) (G_1 - G_0)/(Q_1 - Q_0) = 1.                                     (C39)

Since dG_1/dQ_1 = E_1[φ_1''²] at m = 1, the slope of g and the replicon (C7) are one,

    ∂g/∂Q_1 = -R_1 (1-Q_0) / [(1-Q_1)(Q_1-Q_0)]     where g = 1.                               (C40)

States are there from the α on at which the maximum of g reaches 1, the dynamic transition α_d, and
are marginal there; beyond it the outermost root has R_1 > 0: typical states never break further
before α_K, where Σ(1) = 0 and m* leaves 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gardner.perceptron.replicon import replicons
from gardner.perceptron.vertices import BreakingPoint, breaking_point
from gardner.potentials import Potential
from gardner.theory.parisi.flow import Flow, GridSettings
from gardner.theory.parisi.functional import bond_functional, flow_gradient
from gardner.theory.sectors.gap import gap_sector
from gardner.values import ByValue

GRID = GridSettings.for_accuracy(1e-12)
CLOSE = 1e-8  # largest violation of the equations, relative, of a solution
NEWTON = 30  # steps of Newton's method
NUDGE = 1e-6  # finite difference of its Jacobian


@dataclass(frozen=True, eq=False)
class OneStep(ByValue):
    """Overlaps Q_0 < Q_1 and m, with the α at which Q_0 is stationary and what is left of (C37).

    jump: (Q_1 - Q_0)/(1 - Q_0); free_entropy, complexity: s and Σ(m) per N·M; excess: g - 1 of
    (C39) at any m, 0 where Q_1 is stationary; replicon_i: (C7), i = 0, 1.
    """

    outer: float
    inner: float
    m: float
    alpha: float
    free_entropy: float
    complexity: float
    excess: float
    replicon_i: np.ndarray
    flow: Flow

    @property
    def jump(self) -> float:
        """(Q_1 - Q_0)/(1 - Q_0)."""
        return (self.inner - self.outer) / (1.0 - self.outer)

    @property
    def internal_entropy(self) -> float:
        """s_int of (C38), per N·M."""
        return self.free_entropy - self.complexity / self.m

    @property
    def scaled_complexity(self) -> float:
        """αΣ/jump²: Σ per weight without the power with which it vanishes at d → 0."""
        return self.alpha * self.complexity / self.jump**2

    def breaking(self) -> BreakingPoint:
        """How level 1 breaks next, where R_1 = 0 (C35), (C36)."""
        return breaking_point(self.alpha, np.array([self.outer, self.inner]), self.flow)


def one_step(outer: float, jump: float, m: float, potential: Potential, grid: GridSettings = GRID) -> OneStep:
    """The point with Q_0 = `outer`, relative jump and m, 0 < outer, jump < 1, m > 0."""
    overlaps_i = np.array([outer, outer + jump * (1.0 - outer)])
    m_i = np.array([0.0, m, 1.0])
    gap = gap_sector(overlaps_i, m_i, potential, grid)
    last = 1.0 - overlaps_i[1]
    first = last + m * (overlaps_i[1] - overlaps_i[0])
    strength_i = gap.overlaps_i

    # the stationarity of Q_0 fixes α, that of Q_1 is left
    alpha = outer / (first**2 * strength_i[0])
    excess = alpha * first * last * (strength_i[1] - strength_i[0]) / (overlaps_i[1] - overlaps_i[0]) - 1.0
    bond, _, bond_m = bond_functional(overlaps_i, m_i)
    slope = bond_m[0] / alpha + flow_gradient(gap.flow)[1][0]
    return OneStep(
        float(outer), float(overlaps_i[1]), float(m), float(alpha), float(bond / alpha + gap.free_entropy),
        float(-(m**2) * slope), float(excess), replicons(alpha, overlaps_i, gap.flow), gap.flow,
    )  # fmt: skip


def solve_equations(equations: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray | None:
    """A root by Newton's method with difference quotients; None if it is not reached."""
    value = equations(x)
    for _ in range(NEWTON):
        shifts = NUDGE * np.eye(len(x))
        jacobian = np.array([equations(x + shift) - equations(x - shift) for shift in shifts]).T / (2.0 * NUDGE)
        if not np.isfinite(jacobian).all() or np.linalg.matrix_rank(jacobian) < len(x):
            return None
        step = -np.linalg.solve(jacobian, value)
        x = x + step * min(1.0, 0.5 / max(np.abs(step).max(), 0.5))
        value = equations(x)
        if not np.isfinite(value).all():
            return None
        if np.abs(step).max() < 1e-11:
            break
    return x if np.abs(value).max() < CLOSE else None


@dataclass(frozen=True, eq=False)
class Located:
    """A solution of some equations with the change of its α on a finer grid."""

    point: OneStep
    error: float


def locate(
    equations: Callable[[OneStep], list[float]], make: Callable[[np.ndarray, GridSettings], OneStep], x: np.ndarray
) -> Located | None:
    """The point make(x) that satisfies all equations, from x near it; None if it is not reached."""

    def solve(x, grid):
        return solve_equations(lambda x: np.array(equations(make(x, grid))), x)

    found = solve(x, GRID)
    finer = None if found is None else solve(found, GRID.refined())
    if found is None:
        return None
    point = make(found, GRID)
    error = np.nan if finer is None else abs(make(finer, GRID.refined()).alpha - point.alpha)
    return Located(point, max(float(error), float(np.spacing(point.alpha))))


def logit(p: float) -> float:
    """ln p/(1-p)."""
    return float(np.log(p) - np.log1p(-p))


def fraction(z: float) -> float:
    """The inverse of `logit`, kept within 1e-12 of 0 and 1."""
    return float(np.clip(1.0 / (1.0 + np.exp(-z)), 1e-12, 1.0 - 1e-12))


def optimal_one_step(
    jump: float, near: tuple[float, float], potential: Potential, grid: GridSettings = GRID
) -> OneStep | None:
    """The solution of (C37) at a given relative jump; near: Q_0 and m of a solution close by."""

    def make(x):
        return one_step(fraction(x[0]), jump, float(np.exp(x[1])), potential, grid)

    def equations(x):
        point = make(x)
        return np.array([point.excess, point.scaled_complexity])

    x = solve_equations(equations, np.array([logit(near[0]), np.log(near[1])]))
    return None if x is None else make(x)
