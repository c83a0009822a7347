"""The exponents of jamming, γ, θ and a, from the scaling equations of the jamming flow.

Close to q = 1 the solution of (C4), (C5) forgets everything but its powers. Put w = (1-q)^{1/2}, λ = ∫_q^1 y and

    λ = C (1-q)^a,   y = -dλ/dq ~ (1-q)^{-1/κ_J},   1/κ_J = 1-a,
    h = κ + w t,     ∂_h F = (w/λ) M(t),            P = w^{-γ} p(t).                                      (C45)

Then (C4) and (T6) in this limit read

    M'' = (1-2a) M - t M' - 2a M M',      M → -t  (t → -∞),     M → 0  (t → ∞),
    p'' = γ p + t p' + 2a (p M)',         p → |t|^θ (t → -∞),   p → t^{-γ}  (t → ∞),                      (C46)

where the growing exponentials, e^{(1-2a)t²/2} on the left and e^{t²/2} on the right, are excluded. For t → -∞
(C46) gives θ = (2a-γ)/(1-2a): forces |t|^θ and gaps t^{-γ} match. The replicon vanishes at every q,
α∫P F''² = λ^{-2} (C7); its derivative with respect to q is

    ∫ p M''² dt = 2a ∫ p M'² (1+M') dt.                                                                   (C47)

Which relations hold. f = M'(1+M') obeys L†f = (1-2a) M' + (1-6a) M'² - 4a M'³ + 2M''², where L† is the adjoint of the
right-hand operator, L p = p'' - t p' - 2a(pM)' = γp. Under ∫p the last term becomes 4a(M'² + M'³) by (C47), so that
γ∫pf = (1-2a)∫pf. Hence, exactly,

    γ = 1-2a,     θ = 1/γ - 2,     that is     γ = 1/(2+θ),    a = (1+θ)/(4+2θ),    κ_J = 2 - 2/(3+θ).      (C48)

With γ = 1-2a in (C46), a is the only unknown; (C47) is left as a check, and its violation is part of the error.

Corrections. A perturbation λ = C(1-q)^a (1 + l (1-q)^σ), with M + (1-q)^σ n and p + (1-q)^σ r, solves the linearised
(C46), (C47) for discrete σ, all of them real, in pairs σ and -1-σ; σ = 0 are the amplitudes of λ and P. The smallest
positive one, ω = 0.32577, is how everything approaches its power law: relative corrections of order (1-q)^ω.

Method: Chebyshev collocation of M, p on (-13, 9), Newton's method for the values and a at once. At the ends M and p
obey the solutions of the equations without M (a confluent hypergeometric function U), up to e^{-γ 13²/2} = 1e-15. The
error falls exponentially with the number of nodes; the difference of two of them and of two intervals is stated.

Sources: Charbonneau, Kurchan, Parisi, Urbani and Zamponi, Nat. Commun. 5, 3725 (2014) (hard spheres); Franz, Parisi,
Sevelev, Urbani and Zamponi, SciPost Phys. 2, 019 (2017) (the perceptron).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.polynomial import chebyshev
from scipy.linalg import eigvals
from scipy.special import hyperu

from gardner.errors import ConvergenceError
from gardner.values import ByValue

LEFT, RIGHT = -13.0, 9.0
NODES, COARSE = 80, 70
WIDER = 1.1  # factor of the interval by which its influence is measured
MOST, SETTLED = 40, 1e-11  # Newton steps, and the largest change that ends them
FIRST = 0.29  # a to start from; anything between .27 and .35 ends at the same
SPECTRUM = 3.0  # |σ| up to which the discretised spectrum is looked at
ZERO = 1e-3  # |σ| of the amplitudes of λ and P, after discretisation


@dataclass(frozen=True, eq=False)
class ScalingSolution(ByValue):
    """a, t_j (n,), M and p with p(t ≈ 0) = 1 on the nodes, and the violation of (C47), relative."""

    a: float
    t_j: np.ndarray
    M_j: np.ndarray
    p_j: np.ndarray
    violation: float


@dataclass(frozen=True, eq=False)
class JammingExponents(ByValue):
    """gamma: gaps g(h) ~ h^{-γ}; theta: forces p(f) ~ f^θ; a: λ ~ (1-q)^a; kappa: y ~ (1-q)^{-1/κ_J}; error: of a.

    Errors of the others follow: 2 error for gamma, 2 (2+θ)² error for theta, κ_J² error for kappa.
    """

    a: float
    error: float
    solution: ScalingSolution

    @property
    def gamma(self) -> float:
        """γ = 1-2a."""
        return 1.0 - 2.0 * self.a

    @property
    def theta(self) -> float:
        """θ = 1/γ - 2."""
        return 1.0 / self.gamma - 2.0

    @property
    def kappa(self) -> float:
        """κ_J = 1/(1-a)."""
        return 1.0 / (1.0 - self.a)

    @cached_property
    def correction(self) -> float:
        """ω: relative corrections to the power laws are (1-q)^ω."""
        return _smallest_correction(self.solution)


@dataclass(frozen=True, eq=False)
class _Mesh(ByValue):
    """Chebyshev points t_j from the right end (j = 0) to the left, d/dt on them, and the weights of ∫dt."""

    t_j: np.ndarray
    derivative: np.ndarray
    weight_j: np.ndarray

    @classmethod
    def build(cls, nodes: int, left: float, right: float) -> _Mesh:
        """`nodes` + 1 points on [left, right]."""
        j = np.arange(nodes + 1)
        x_j, half = np.cos(np.pi * j / nodes), 0.5 * (right - left)
        c_j = np.where((j == 0) | (j == nodes), 2.0, 1.0) * (-1.0) ** j
        matrix = np.outer(c_j, 1.0 / c_j) / (x_j[:, None] - x_j[None, :] + np.eye(nodes + 1))
        matrix -= np.diag(matrix.sum(axis=1))
        moments = np.where(j % 2 == 0, 2.0 / (1.0 - j**2 + (j == 1)), 0.0)  # ∫T_j over (-1, 1)
        weight_j = np.linalg.solve(chebyshev.chebvander(x_j, nodes).T, moments)
        return cls(left + half * (x_j + 1.0), matrix / half, weight_j * half)


def _slopes_at_the_ends(a: float, left: float, right: float) -> np.ndarray:
    """M'/M at the right end, p'/p at the right and p'/p at the left, of the solutions that do not explode there."""

    def slope(index, x):
        """d ln U(index, ½, x)/dx."""
        return -index * hyperu(index + 1.0, 1.5, x) / hyperu(index, 0.5, x)

    gamma = 1.0 - 2.0 * a
    theta = (4.0 * a - 1.0) / gamma
    return np.array(
        [
            -right + right * slope(0.5 * (1.0 + gamma), 0.5 * right**2),
            right * slope(0.5 * gamma, 0.5 * right**2),
            gamma * left * slope(-0.5 * theta, 0.5 * gamma * left**2),
        ]
    )


def _linearised(a: float, M_j: np.ndarray, p_j: np.ndarray, mesh: _Mesh) -> tuple[np.ndarray, np.ndarray]:
    """Residual (2n+1,) of (C46), the ends and p(0) = 1, and its Jacobian; unknowns M_j, p_j, a."""
    n, t, d = len(mesh.t_j), mesh.t_j, mesh.derivative
    d2, one, gamma = d @ d, np.eye(n), 1.0 - 2.0 * a
    residual, jacobian = np.zeros(2 * n + 1), np.zeros((2 * n + 1, 2 * n + 1))
    of_m, of_p = slice(0, n), slice(n, 2 * n)

    # the equations of M and p, with M M' = ½(M²)'
    square, flux = d @ M_j**2, d @ (p_j * M_j)
    jacobian[of_m, of_m] = d2 - gamma * one + np.diag(t) @ d + 2.0 * a * d @ np.diag(M_j)
    residual[of_m] = d2 @ M_j - gamma * M_j + t * (d @ M_j) + a * square
    jacobian[of_m, -1] = 2.0 * M_j + square
    jacobian[of_p, of_p] = d2 - gamma * one - np.diag(t) @ d - 2.0 * a * d @ np.diag(M_j)
    residual[of_p] = d2 @ p_j - gamma * p_j - t * (d @ p_j) - 2.0 * a * flux
    jacobian[of_p, of_m] = -2.0 * a * d @ np.diag(p_j)
    jacobian[of_p, -1] = 2.0 * (p_j - flux)

    # the ends: rows 0 (right) and n-1 (left) of each equation
    left, right, small = t[-1], t[0], 1e-5
    slopes = _slopes_at_the_ends(a, left, right)
    by_a = (_slopes_at_the_ends(a + small, left, right) - _slopes_at_the_ends(a - small, left, right)) / (2.0 * small)
    ends = ((0, 0, of_m, M_j, 0), (n, 0, of_p, p_j, 1), (2 * n - 1, n - 1, of_p, p_j, 2))
    for row, point, block, values, which in ends:
        jacobian[row] = 0.0
        jacobian[row, block] = d[point] - slopes[which] * one[point]
        jacobian[row, -1] = -by_a[which] * values[point]
        residual[row] = d[point] @ values - slopes[which] * values[point]
    jacobian[n - 1], residual[n - 1] = 0.0, M_j[-1] + left
    jacobian[n - 1, n - 1] = 1.0
    centre = int(np.argmin(np.abs(t)))
    jacobian[-1, n + centre], residual[-1] = 1.0, p_j[centre] - 1.0
    return residual, jacobian


def solve_scaling(nodes: int = NODES, left: float = LEFT, right: float = RIGHT) -> ScalingSolution:
    """M, p and a of (C46) with γ = 1-2a; ConvergenceError if Newton's method does not settle."""
    mesh = _Mesh.build(nodes, left, right)
    t, a = mesh.t_j, FIRST
    M_j = 0.5 * (np.sqrt(t**2 + 2.0) - t) * np.exp(-0.5 * np.maximum(t, 0.0) ** 2)
    p_j = np.where(t < 0.0, (1.0 + t**2) ** 0.21, (1.0 + t**2) ** -0.21)
    n, change = len(t), np.inf
    for _ in range(MOST):
        residual, jacobian = _linearised(a, M_j, p_j, mesh)
        step = np.linalg.solve(jacobian, -residual)
        M_j, p_j, a = M_j + step[:n], p_j + step[n:-1], a + float(step[-1])
        change = float(np.abs(step).max())
        if change < SETTLED or not np.isfinite(change):
            break
    if not change < SETTLED:
        raise ConvergenceError(f"scaling equations of jamming: {nodes} nodes on ({left:g}, {right:g}) do not settle")
    first = mesh.derivative @ M_j
    second = mesh.derivative @ first
    loss = mesh.weight_j @ (p_j * second**2)
    gain = 2.0 * a * mesh.weight_j @ (p_j * first**2 * (1.0 + first))
    return ScalingSolution(a, t, M_j, p_j, float(abs(loss / gain - 1.0)))


def _smallest_correction(found: ScalingSolution) -> float:
    """The smallest positive σ of the linearised (C46), (C47); unknowns n_j, r_j, l (module docstring).

    n'' = (1-2a+2σ) n - t n' - 2a(Mn)' - 2(a+σ) l M M',               n → l t  (-∞),  n → 0  (∞),
    r'' = (γ-2σ) r + t r' + 2a(rM + pn)' + 2(a+σ) l (pM)',            r ~ |t|^{θ+2σ/γ},  r ~ t^{-γ+2σ},
    ∫[r M''² + 2p M''m''] = 2a ∫[r M'²(1+M') + p (2M' + 3M'²) m'] + 2σ l ∫p M'²(1+M'),   m = n + lM.
    """
    a, M_j, p_j, n = found.a, found.M_j, found.p_j, len(found.t_j)
    mesh = _Mesh.build(n - 1, found.t_j[-1], found.t_j[0])
    t, d, w = mesh.t_j, mesh.derivative, mesh.weight_j
    d2, one, gamma = d @ d, np.eye(n), 1.0 - 2.0 * a
    first, second, flux = d @ M_j, d @ (d @ M_j), d @ (p_j * M_j)
    left, right = np.zeros((2 * n + 1, 2 * n + 1)), np.zeros((2 * n + 1, 2 * n + 1))
    of_n, of_r = slice(0, n), slice(n, 2 * n)

    # left @ x = σ right @ x, x = (n, r, l)
    left[of_n, of_n] = d2 - gamma * one + np.diag(t) @ d + 2.0 * a * d @ np.diag(M_j)
    left[of_n, -1], right[of_n, -1] = 2.0 * a * M_j * first, -2.0 * M_j * first
    right[of_n, of_n] = 2.0 * one
    left[of_r, of_r] = d2 - gamma * one - np.diag(t) @ d - 2.0 * a * d @ np.diag(M_j)
    left[of_r, of_n] = -2.0 * a * d @ np.diag(p_j)
    left[of_r, -1], right[of_r, -1] = -2.0 * a * flux, 2.0 * flux
    right[of_r, of_r] = -2.0 * one

    # the ends
    for row in (0, n - 1, n, 2 * n - 1):
        left[row], right[row] = 0.0, 0.0
    left[0, 0] = 1.0
    left[n - 1, n - 1], left[n - 1, -1] = 1.0, -t[-1]
    left[n, of_r] = t[0] * d[0] + gamma * one[0]
    right[n, n] = 2.0
    left[2 * n - 1, of_r] = t[-1] * d[-1] - (1.0 / gamma - 2.0) * one[-1]
    right[2 * n - 1, 2 * n - 1] = 2.0 / gamma

    # marginal stability
    of_m = 2.0 * (w * p_j * second) @ d2 - 2.0 * a * (w * p_j * (2.0 * first + 3.0 * first**2)) @ d
    left[-1, of_r] = w * (second**2 - 2.0 * a * first**2 * (1.0 + first))
    left[-1, of_n], left[-1, -1] = of_m, of_m @ M_j
    right[-1, -1] = 2.0 * (w * p_j) @ (first**2 * (1.0 + first))
    sigma = eigvals(left, right)
    sigma = sigma[np.isfinite(sigma) & (np.abs(sigma) < SPECTRUM)]
    return float(np.min(sigma.real[(sigma.real > ZERO) & (np.abs(sigma.imag) < ZERO)]))


@lru_cache(maxsize=1)
def jamming_exponents() -> JammingExponents:
    """γ, θ, a and κ_J of the jamming point from the scaling equations (C46), with an error; 0.3 s.

    error of a: fewer nodes, a wider interval with more nodes, and the violation of (C47) times a. Independent of κ < 0:
    jamming with full replica symmetry breaking up to contact has these exponents whatever the model.
    """
    found = solve_scaling()
    fewer = solve_scaling(COARSE)
    wider = solve_scaling(int(NODES * WIDER), WIDER * LEFT, WIDER * RIGHT)
    error = max(abs(fewer.a - found.a), abs(wider.a - found.a), found.violation * found.a, 1e-14)
    return JammingExponents(found.a, error, found)
