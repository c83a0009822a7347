"""The two directions of the flow (T10): nodes of every level, and the matrices of the Gaussian steps along y.

A step i → i-1 of the site sector factorises into a Gaussian average along ω and one along y. Along y it is a stochastic
matrix that does not know ω,

    Σ_b T_i[a, b] f_b = ∫dy' γ_w²(y_a - y') e^{m_i r_i(y')} f(y') / ∫dy' γ_w²(y_a - y') e^{m_i r_i(y')},
    w² = q̂_i - q̂_{i-1},

tilted by the flow r_i of a free spin, r_k = ln 2cosh y (T8): the steep part of φ_i is then in the rows, and what is
left is bounded. Rows come from `axis_kernels`. A step of zero variance is None and keeps the nodes.

Nodes: h = c sinh(t), spacing c·dt at the centre: uniform within the core |h| < c, logarithmic beyond. Level i reaches
out to REACH sqrt(V_i) + drift_i, further than any field of weight gets (mass beyond: 1e-12), plus END nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.errors import FrozenError
from gardner.theory import terminal
from gardner.theory.parisi import axis_kernels, kernels
from gardner.theory.parisi.flow import POINT, _gauss_hermite
from gardner.theory.parisi.response import STENCIL, central_difference

REACH = 7.2  # standard deviations covered by the nodes
FINEST = 0.72  # spacing in units of sqrt(V): a Gaussian of variance V is then wide enough for the trapezoid rule
NARROWEST = 1e-9  # smallest spacing in units of the core
END = 8  # nodes beyond the reach: the continuation at the ends of a grid touches no field of weight
MOST_NODES = (6_000, 1_500)  # on either side, for k = 0 and k > 0: beyond, the fields are refused as frozen


@dataclass(frozen=True)
class Axis:
    """Nodes of one direction.

    h_i[i] (n_i,) = core sinh((b - half) dt); weight_i[i] (n_i,): trapezoid weights dh; core_i, dt_i; base (n_0,): node
    probabilities of N(0, V_0).
    """

    variances: np.ndarray
    h_i: list
    weight_i: list
    core_i: list
    dt_i: list

    @property
    def base(self) -> np.ndarray:
        """Node probabilities of N(0, V_0): everything at the centre if V_0 = 0."""
        exponent = -0.5 * self.h_i[0] ** 2 / max(self.variances[0], POINT)
        p = np.exp(exponent) * self.weight_i[0]
        return p / p.sum()

    def differentiated(self, i: int, p: np.ndarray) -> np.ndarray:
        """The functional f ↦ Σ p f' as weights of f; p runs over the nodes of level i in its last axis.

        The central difference of order 2·STENCIL, transposed; the last nodes of the grid, where nothing is left, are
        cut.
        """
        inner = slice(STENCIL, p.shape[-1] - STENCIL)
        p = p[..., inner] / self.weight_i[i][inner]
        out = np.zeros((*p.shape[:-1], len(self.h_i[i])))
        for j, weight in enumerate(central_difference(STENCIL), start=1):
            for step, sign in ((j, weight), (-j, -weight)):
                out[..., STENCIL + step : STENCIL + step + p.shape[-1]] += sign * p
        return out


def build_axis(
    variances: np.ndarray, core_i: np.ndarray, spacing: np.ndarray, reach_i: np.ndarray, refinement: float = 1.0
) -> Axis:
    """Nodes at variances V_0 ≤ … ≤ V_k with the cores, central spacings and reaches (k+1,) of the levels.

    refinement: of the spacings against those of the default grid; a finer grid may have so many more nodes.
    """
    k = len(variances) - 1
    h_i, weight_i, cores, dt_i = ([None] * (k + 1) for _ in range(4))
    for i in range(k, -1, -1):
        if i < k and variances[i] == variances[i + 1]:
            h_i[i], weight_i[i], cores[i], dt_i[i] = h_i[i + 1], weight_i[i + 1], cores[i + 1], dt_i[i + 1]
            continue
        dt = max(min(spacing[i], FINEST * np.sqrt(variances[i])) / core_i[i], NARROWEST)
        half = int(np.ceil(np.arcsinh(reach_i[i] / core_i[i]) / dt)) + END
        if half > MOST_NODES[k > 0] * refinement:
            raise FrozenError(f"a field of variance {variances[i]:.1e} needs {2 * half + 1} nodes")
        t = np.arange(-half, half + 1) * dt
        h_i[i], weight_i[i] = core_i[i] * np.sinh(t), core_i[i] * np.cosh(t) * dt
        cores[i], dt_i[i] = float(core_i[i]), dt
    return Axis(variances, h_i, weight_i, cores, dt_i)


@dataclass(frozen=True)
class SpinSteps:
    """The flow of a free spin on an axis: r_i (n_i,), steps T_i (n_{i-1}, n_i) or None, and non-negative substitutes.

    safe_i[i] stands in where T_i, which interpolates, meets a function that grows by orders of magnitude from node to
    node: three nodes with the mean and variance of the tilted Gaussian, negative weights cut. None where T_i ≥ 0.
    """

    reference_i: list
    step_i: list
    safe_i: list


def _three_nodes(means: np.ndarray, variance: float, h: np.ndarray) -> np.ndarray:
    """Rows with given mean and variance on the three nodes about each mean."""
    centre = np.clip(np.searchsorted(0.5 * (h[1:] + h[:-1]), means), 1, len(h) - 2)
    left, middle, right = (means - h[centre + step] for step in (-1, 0, 1))
    weights = np.stack(
        [
            (variance + middle * right) / ((left - middle) * (left - right)),
            (variance + left * right) / ((middle - left) * (middle - right)),
            (variance + left * middle) / ((right - left) * (right - middle)),
        ],
        axis=1,
    )
    weights = np.maximum(weights, 0.0)
    rows = np.zeros((len(means), len(h)))
    rows[np.arange(len(means))[:, None], centre[:, None] + np.array([-1, 0, 1])] = weights
    return rows / weights.sum(axis=1, keepdims=True)


def spin_steps(axis: Axis, m: np.ndarray, hermite: int) -> SpinSteps:
    """The flow of a free spin, r_k = ln 2cosh y, on all levels."""
    k = len(axis.variances) - 1
    gh_x, gh_logw = _gauss_hermite(hermite)
    levels, steps, safe = [None] * (k + 1), [None] * (k + 1), [None] * (k + 1)
    levels[k] = terminal.spin(axis.h_i[k])
    for i in range(k, 0, -1):
        levels[i - 1] = levels[i]
        if axis.variances[i] == axis.variances[i - 1]:
            continue
        targets, half = axis.h_i[i - 1], len(axis.h_i[i]) // 2
        rows, (value, first, second) = np.empty((len(targets), len(axis.h_i[i]))), np.empty((3, len(targets)))
        variance = max(axis.variances[i] - axis.variances[i - 1], POINT)
        axis_kernels.axis_rows(
            targets, variance, m[i], axis.core_i[i], axis.dt_i[i], half,
            axis.h_i[i], np.log(axis.weight_i[i]), *levels[i], gh_x, gh_logw, rows, value,
        )  # fmt: skip
        whole = np.tile([0, rows.shape[1]], (len(rows), 1))
        kernels.tilted_derivatives(rows, whole, m[i], levels[i][1], levels[i][2], 0.0, 1.0, first, second)
        steps[i], levels[i - 1] = rows, (value, first, second)
        if rows.min() < 0.0:
            means = targets + m[i] * variance * first
            safe[i] = np.where(rows.min(axis=1, keepdims=True) < 0.0, _three_nodes(means, variance, axis.h_i[i]), rows)
    return SpinSteps([level[0] for level in levels], steps, safe)
