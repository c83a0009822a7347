"""The Parisi flow of a one-dimensional sector: free entropy, overlaps and their response to the variances.

Given variances V_0 ≤ … ≤ V_k and a terminal function φ_k, the flow (T5), (T6) yields

    Φ = E_0[φ_0],      G_i = E_i[(φ_i')²],  i = 0…k,

with ∂Φ/∂V_i = -½ Δm_i G_i, Δm_i = m_{i+1} - m_i. Its second derivatives are closed-form averages over the same
path measure. With u_l^{(i)}(h) = E[φ_i'(x_i)² | x_l = h],

    dG_j/dV_i = δ_ij E_i[(φ_i'')²] - ½ Δm_i B_ij,                      B symmetric, for j ≤ i
    B_ij = 2 E_j[φ_j' ∂_h u_j^{(i)}] + m_j E_j[φ_j'² u_j^{(i)}] - Σ_{l<j} Δm_l E_l[u_l^{(i)} u_l^{(j)}].

Derivation: raising V_i moves φ_l, l < i, by -½Δm_i u_l^{(i)}, and a path (x_0…x_j) carries the weight
exp(m_j φ_j - Σ_{l<j} Δm_l φ_l); the diagonal term is what survives of the Laplacian that V_i adds and removes
at level i itself. The terminal function may carry its own dependence on V_k when it is the convolution of a fixed
function with variance 1 - V_k at m = 1 (gap sector), or obeys φ'' + φ'² = 1 (spin sector): both keep the formula.

Accuracy: trapezoid rule and degree-11 interpolation on a grid of spacing dt; the discretisation error falls
like e^{-1.3/dt}. Cost per level: n² multiply-adds and some n·50 exponentials, n ≈ 2 asinh(R/s)/dt nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from gardner.theory.parisi import kernels, response

REACH = 8.6  # standard deviations covered by the grid: Gaussian mass beyond is 1e-17
POINT = 1e-30  # a variance this small is a delta to machine precision


@dataclass(frozen=True)
class GridSettings:
    """dt: node spacing in t; hermite: Gauss–Hermite order of the interpolated rows."""

    dt: float = 0.05
    hermite: int = 10

    @classmethod
    def for_accuracy(cls, accuracy: float) -> GridSettings:
        """The grid whose overlaps err by about `accuracy` in ordinary cases (ten times that in extreme ones).

        Measured over random profiles with 1 - V_k down to 1e-7 and q̂ up to 1e4: error ∝ e^{-1.34/dt}.
        """
        return cls(dt=float(np.clip(1.0 / (20.0 - np.log(accuracy / 1e-10) / 1.34), 0.03, 0.1)))

    def refined(self) -> GridSettings:
        """A grid whose error is negligible beside this one's, to measure the discretisation error."""
        return GridSettings(dt=self.dt / 1.4, hermite=self.hermite + 4)


@dataclass
class Flow:
    """φ_i, its derivatives and the measure P_i on the grids of all levels.

    h_ia, phi_ia, d1_ia, d2_ia, p_ia: (k+1, n_max), valid up to n_i[i]; p_ia holds probabilities of the nodes.
    steps[i] is the stochastic matrix i → i-1, (n_{i-1}, n_i), or None where V_i = V_{i-1}. Of an even flow (φ_i(-h) =
    φ_i(h), centre 0) only the rows of h ≥ 0 are there, (n_{i-1}//2 + 1, n_i).
    """

    m: np.ndarray
    variances: np.ndarray
    n_i: np.ndarray
    scale_i: np.ndarray
    dt: float
    h_ia: np.ndarray
    phi_ia: np.ndarray
    d1_ia: np.ndarray
    d2_ia: np.ndarray
    p_ia: np.ndarray
    steps: list
    is_even: bool = False

    @property
    def free_entropy(self) -> float:
        """Φ = E_0[φ_0]."""
        n = self.n_i[0]
        return float(self.p_ia[0, :n] @ self.phi_ia[0, :n])

    @property
    def overlaps(self) -> np.ndarray:
        """G_i = E_i[(φ_i')²], shape (k+1,)."""
        return np.maximum(np.einsum("ia,ia->i", self.p_ia, self.d1_ia**2), 0.0)

    def spacing(self, i: int) -> np.ndarray:
        """dh/da of the nodes of level i, (n_i,)."""
        return self.scale_i[i] * self.dt * sinh_grid(int(self.n_i[i]) // 2, self.dt)[1]

    @property
    def curvatures(self) -> np.ndarray:
        """E_i[(φ_i'')²], shape (k+1,)."""
        return np.einsum("ia,ia->i", self.p_ia, self.d2_ia**2)

    def response(self) -> np.ndarray:
        """dG_j/dV_i, shape (k+1, k+1), row j, column i."""
        return response.response(self)


@lru_cache(maxsize=8)
def _gauss_hermite(order: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and log weights of ∫Dz f(z)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(order)
    return nodes, np.log(weights / np.sqrt(2.0 * np.pi))


@lru_cache(maxsize=512)
def sinh_grid(half: int, dt: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """sinh t, cosh t and ln cosh t at t = -half·dt … half·dt."""
    t = np.arange(-half, half + 1) * dt
    cosh = np.cosh(t)
    return np.sinh(t), cosh, np.log(cosh)


def _level_grids(scale_i, centre, reach, settings):
    """Nodes and log quadrature weights of every level."""
    # beyond the reach one full stencil, so that no field of weight meets the continuation at the ends of the grid
    half_i = np.ceil(np.arcsinh(reach / scale_i) / settings.dt).astype(np.int64)
    half_i += kernels.MARGIN + kernels.POINTS // 2
    n_i = 2 * half_i + 1
    h_ia = np.zeros((len(scale_i), n_i.max()))
    logw_ia = np.zeros_like(h_ia)
    for i, (half, s) in enumerate(zip(half_i, scale_i)):
        sinh, _, log_cosh = sinh_grid(int(half), settings.dt)
        h_ia[i, : n_i[i]] = centre + s * sinh
        logw_ia[i, : n_i[i]] = np.log(s * settings.dt) + log_cosh
    return half_i, n_i, h_ia, logw_ia


def _push_weights(p_ia: np.ndarray, base_a: np.ndarray, n_i: np.ndarray, steps: list, is_even: bool) -> None:
    """Weights of paths at the nodes of every level, from those at the first one upwards. (T6)"""
    p_ia[0, : n_i[0]] = base_a
    for i in range(1, len(steps)):
        n, below = n_i[i], n_i[i - 1]
        if steps[i] is None:
            p_ia[i] = p_ia[i - 1]
        elif is_even:
            kept = p_ia[i - 1, below // 2 : below].copy()
            kept[0] *= 0.5
            pushed = kept @ steps[i]
            p_ia[i, :n] = pushed + pushed[::-1]
        else:
            p_ia[i, :n] = p_ia[i - 1, :below] @ steps[i]


def solve_flow(
    variances: np.ndarray,
    m: np.ndarray,
    terminal: Callable,
    scale_i: np.ndarray,
    centre: float = 0.0,
    drift: float = 0.0,
    settings: GridSettings | None = None,
    is_even: bool = False,
) -> Flow:
    """Run the flow (T5), (T6).

    variances (k+1,): V_0 ≤ … ≤ V_k; m (k+2,) with m_0 = 0, m_{k+1} = 1; terminal: h ↦ (φ_k, φ_k', φ_k'');
    scale_i (k+1,): length on which φ_i varies near `centre`; drift: how far the tilt may carry fields beyond the
    Gaussian reach. Increments of exactly zero are skipped (merged levels), V_0 = 0 starts from a delta at h = 0.
    is_even: the terminal function is, and the centre is 0; half of every step is then enough.
    """
    settings = settings or GridSettings()
    gh_x, gh_logw = _gauss_hermite(settings.hermite)
    # every level to the reach of the last one: cut at their own, they lose five digits where paths leave them
    reach = REACH * np.sqrt(variances[-1]) + abs(centre) + drift
    half_i, n_i, h_ia, logw_ia = _level_grids(scale_i, centre, reach, settings)
    k = len(variances) - 1
    phi_ia, d1_ia, d2_ia, p_ia = (np.zeros_like(h_ia) for _ in range(4))
    n = n_i[k]
    phi_ia[k, :n], d1_ia[k, :n], d2_ia[k, :n] = terminal(h_ia[k, :n])
    bounds = float(d2_ia[k, :n].min()), float(d2_ia[k, :n].max())
    steps: list = [None] * (k + 1)

    def rows(targets, variance, weight, i):
        """Weights from level i to the target fields, the nodes they touch, and φ there."""
        n = n_i[i]
        out, value, span = np.empty((len(targets), n)), np.empty(len(targets)), np.empty((len(targets), 2), np.int64)
        kernels.tilted_rows(
            targets, max(variance, POINT), weight, centre, scale_i[i], settings.dt, half_i[i],
            h_ia[i, :n], logw_ia[i, :n], phi_ia[i, :n], d1_ia[i, :n], d2_ia[i, :n], gh_x, gh_logw, out, value, span,
        )  # fmt: skip
        return out, value, span

    for i in range(k, 0, -1):
        n, below = n_i[i], n_i[i - 1]
        increment = variances[i] - variances[i - 1]
        if increment <= 0.0:
            phi_ia[i - 1], d1_ia[i - 1], d2_ia[i - 1] = phi_ia[i], d1_ia[i], d2_ia[i]
            continue
        wanted = slice(below // 2 if is_even else 0, below)
        first, second = d1_ia[i - 1, wanted], d2_ia[i - 1, wanted]
        steps[i], phi_ia[i - 1, wanted], span = rows(h_ia[i - 1, wanted], increment, m[i], i)
        kernels.tilted_derivatives(steps[i], span, m[i], d1_ia[i, :n], d2_ia[i, :n], *bounds, first, second)
        if is_even:
            for values, sign in ((phi_ia, 1.0), (d1_ia, -1.0), (d2_ia, 1.0)):
                values[i - 1, : below // 2] = sign * values[i - 1, below - 1 : below // 2 : -1]
    base, _, _ = rows(np.zeros(1), variances[0], 0.0, 0)
    _push_weights(p_ia, base[0], n_i, steps, is_even)
    return Flow(m, variances, n_i, scale_i, settings.dt, h_ia, phi_ia, d1_ia, d2_ia, p_ia, steps, is_even)


def differentiate_in_field(flow: Flow, level: int, values_a: np.ndarray) -> np.ndarray:
    """∂/∂h of a function given on the nodes of one level, (n,)."""
    return response.derivative_matrix(int(flow.n_i[level])) @ values_a / flow.spacing(level)
