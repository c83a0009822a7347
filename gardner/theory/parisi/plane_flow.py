"""The Parisi flow in two independent fields (ω, y): site sector of the directed closure (T10).

The flow (T5), (T6) with Gaussian steps of ω (variances Λ_0 ≤ … ≤ Λ_k) and of y (q̂_0 ≤ … ≤ q̂_k). It is written
relative to a free spin, φ_i(ω,y) = r_i(y) + δ_i(ω,y) with r_i the flow of ln 2cosh y (T8). The terminal function

    e^{δ_k} = g(ω) s(y) + g(-ω) s(-y),   s(y) = 1/(1+e^{-2y}),   0 < e^δ ≤ max g

is bounded, and a step averages e^{m_i δ_i} with a Gaussian along ω and with the tilted matrix of the free spin along y
(`plane_step`). The steep, unbounded part of φ stays in the log domain of that matrix; e^{mδ} can only underflow where a
strong field y contradicts a strong ω, which carries no weight. The measure is pushed forward by the transposes, so
normalisation and the identity of both directions hold at any resolution.

Overlaps q_i = E_i[(∂_yφ_i)²], G_i = E_i[(∂_ωφ_i)²]; ∂φ_{i-1} = <∂φ_i>. With V^a = Λ for a = ω, q̂ for a = y, and
u_l^{(i,a)} = E[(∂_aφ_i)² | level l], the response is that of `flow` with directions attached,

    dG^b_j/dV^a_i = δ_ij E_i[(∂_a∂_bφ_i)²] - ½ Δm_i B,   B symmetric under (i,a) ↔ (j,b), and for j ≤ i
    B = 2 E_j[∂_bφ_j ∂_b u_j^{(i,a)}] + m_j E_j[(∂_bφ_j)² u_j^{(i,a)}] - Σ_{l<j} Δm_l E_l[u_l^{(i,a)} u_l^{(j,b)}].

Its derivation is that of THEORY section 11.4: the terminal weight e^{φ_k} is a convolution of variance 1-Λ_k
along ω, and obeys ∂_y² e^φ = e^φ along y, as gap and spin do.

Symmetry: everything is even or odd under (ω,y) → (-ω,-y), so only ω ≥ 0 is kept: arrays run over (ω, y) or (ω,
quantity, y).

Plan. With n_ω × n_y nodes per level (100 × 150 at q ~ 0.9, 350 × 750 at 1-q ~ 1e-7; half of them kept) one step of one
function costs n_ω n_y (n_ω + n_y)/2 ≈ 2 M multiply-adds in BLAS, less where steps are narrow (15 per point). The flow
needs 3 functions per level, the response 2(k+1) going down through k levels: 2 M k² ≈ 0.8 G per layer at k = 20. The
floor of an evaluation, points × levels × layers = 7500 · 20 · (L-1) numbers written once, is 10⁻³ s per layer; the
measured 0.1 s of processor time per layer with response is 10² times that, (2k functions) × (some 100 operations per
point)/k. Merged levels cost nothing. Memory: rows and functions of all levels, 10 MB per layer, one layer at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.theory.parisi.axis import Axis, spin_steps
from gardner.theory.parisi.plane_step import EVEN, ODD, PlaneStep, folded, mirrored


@dataclass(frozen=True)
class PlaneTerminal:
    """δ_k and the derivatives of φ_k on the nodes (ω ≥ 0, y): slopes (ω, y), curvatures (ωω, ωy, yy)."""

    delta: np.ndarray
    slopes: np.ndarray
    curvatures: np.ndarray


@dataclass
class PlaneFlow:
    """δ_i, ∂φ_i and the measure on the half planes of all levels.

    delta_i[i] (ω, y); slopes_i[i] (ω, 2, y), the derivatives along ω and y; p_i[i] (ω, y): probabilities, both mirror
    images counted; steps[i]: the step i → i-1, None where neither variance grows; reference: r_0 on the nodes of y.
    """

    m: np.ndarray
    axes: tuple[Axis, Axis]
    terminal: PlaneTerminal
    reference: np.ndarray
    steps: list
    delta_i: list
    slopes_i: list
    p_i: list

    @property
    def free_entropy(self) -> float:
        """Φ = E_0[φ_0]."""
        return float(np.sum(self.p_i[0] * (self.delta_i[0] + self.reference)))

    @property
    def work(self) -> float:
        """Nodes of all levels times the 2(k+1) functions that the response carries."""
        return 2.0 * len(self.p_i) * sum(p.size for p in self.p_i)

    @property
    def overlaps(self) -> np.ndarray:
        """(G_i, q_i) = E_i[(∂φ_i)²] along ω and along y, shape (2, k+1)."""
        values = [np.einsum("wy,wfy->f", p, slopes**2) for p, slopes in zip(self.p_i, self.slopes_i)]
        return np.maximum(np.array(values).T, 0.0)

    def average(self, i: int, f: np.ndarray, parity: float) -> np.ndarray:
        """<f>: functions of level i averaged down to level i-1."""
        return f if self.steps[i] is None else self.steps[i].average(f, parity)

    def response(self, m: np.ndarray, level_i: np.ndarray) -> np.ndarray:
        """dG^b_j/dV^a_i, shape (2, k+1, 2, k+1): [b, j, a, i], directions 0 = ω, 1 = y.

        The levels i = 0…k of the grid `m` are those of this flow, level_i[i], merged ones told apart. B is the same
        for all members of a group (the terms m_j and -Σ_l Δm_l within it cancel), only Δm_i differs.
        """
        b_pairs, diagonal = _response(self)
        response = -0.5 * b_pairs[level_i][:, :, level_i] * np.diff(m)[None, None, :, None]
        own = np.arange(len(level_i))
        response[own, :, own, :] += diagonal[level_i]
        return np.ascontiguousarray(response.transpose(1, 0, 3, 2))


def solve_plane(m: np.ndarray, axes: tuple[Axis, Axis], terminal, hermite: int) -> PlaneFlow:
    """Run the flow down to level 0 and its measure up again; `terminal` maps nodes (ω ≥ 0, y) to a PlaneTerminal."""
    omega, field = axes
    k = len(m) - 2
    spin = spin_steps(field, m, hermite)
    top = terminal(omega.h_i[k][len(omega.h_i[k]) // 2 :], field.h_i[k])
    steps, delta_i, slopes_i, p_i = ([None] * (k + 1) for _ in range(4))
    delta_i[k], slopes_i[k] = top.delta, top.slopes
    for i in range(k, 0, -1):
        delta_i[i - 1], slopes_i[i - 1] = delta_i[i], slopes_i[i]
        if spin.step_i[i] is not None or omega.variances[i] > omega.variances[i - 1]:
            steps[i] = PlaneStep(omega, spin, i, m[i], delta_i[i], hermite)
            delta_i[i - 1] = steps[i].delta
            slopes_i[i - 1] = steps[i].average(slopes_i[i], ODD)
    p_i[0] = folded(np.outer(omega.base, field.base))
    for i in range(1, k + 1):
        p_i[i] = p_i[i - 1] if steps[i] is None else steps[i].push(p_i[i - 1])
    return PlaneFlow(m, axes, top, spin.reference_i[0], steps, delta_i, slopes_i, p_i)


def _curvatures(flow: PlaneFlow) -> list:
    """(∂_ωω, ∂_ωy, ∂_yy)φ_i on all levels: ∂_a∂_bφ_{i-1} = <∂_a∂_bφ_i> + m_i <cov(∂_aφ_i, ∂_bφ_i)>."""
    k = len(flow.delta_i) - 1
    values = [None] * (k + 1)
    values[k] = flow.terminal.curvatures
    for i in range(k, 0, -1):
        if flow.steps[i] is None:
            values[i - 1] = values[i]
            continue
        moments = flow.average(i, values[i] + flow.m[i] * _products(flow.slopes_i[i]), EVEN)
        values[i - 1] = moments - flow.m[i] * _products(flow.slopes_i[i - 1])
    return values


def _products(slopes):
    first, second = slopes[:, :1], slopes[:, 1:]
    return np.concatenate([first * first, first * second, second * second], axis=1)


def _matrix(three: np.ndarray) -> np.ndarray:
    """The symmetric 2×2 matrix of the entries (ωω, ωy, yy)."""
    return three[[0, 1, 1, 2]].reshape(2, 2)


def _divergence(flow: PlaneFlow, l: int) -> np.ndarray:
    """The functionals f ↦ E_l[∂_bφ_l ∂_b f], b = ω, y, on even functions, as weights (ω, 2, y)."""
    omega, field = flow.axes
    weighted = flow.p_i[l][:, None, :] * flow.slopes_i[l]
    # p ∂_ωφ is odd: mirrored with half the weight on either side
    along_omega = 0.5 * mirrored(weighted[:, 0], ODD)
    along_omega[len(weighted) - 1] *= 2.0
    along_omega = folded(omega.differentiated(l, along_omega.T).T)
    return np.stack([along_omega, field.differentiated(l, weighted[:, 1])], axis=1)


def _response(flow: PlaneFlow) -> tuple[np.ndarray, np.ndarray]:
    """B, shape (k+1, 2, k+1, 2), and E_i[(∂_a∂_bφ_i)²], shape (k+1, 2, 2).

    All u^{(i,a)} are propagated downwards at once (module docstring); pairs (i, a) are numbered 2i + a.
    """
    k = len(flow.delta_i) - 1
    dm = np.diff(flow.m)
    count = 2 * (k + 1)
    b_pairs = np.zeros((count, count))
    curvature_i = _curvatures(flow)
    diagonal = np.zeros((k + 1, 2, 2))
    u = None
    for l in range(k, -1, -1):
        p, squares = flow.p_i[l], flow.slopes_i[l] ** 2
        if u is not None:
            u = flow.average(l + 1, u, EVEN)
            b_pairs[2 * l + 2 :, 2 * l + 2 :] -= dm[l] * np.tensordot(u * p[:, None, :], u, axes=([0, 2], [0, 2]))
        u = squares if u is None else np.concatenate([squares, u], axis=1)
        tilted = flow.m[l] * p[:, None, :] * squares
        if l < k:
            functional = 2.0 * _divergence(flow, l) + tilted
            b_pairs[2 * l : 2 * l + 2, 2 * l + 2 :] += np.tensordot(functional, u[:, 2:], axes=([0, 2], [0, 2]))
        # at its own level ∂_b u^{(a)} = 2 ∂_aφ ∂_a∂_bφ is known without numerical differentiation
        products = 4.0 * p[:, None, :] * _products(flow.slopes_i[l]) * curvature_i[l]
        own = np.tensordot(tilted, squares, axes=([0, 2], [0, 2]))
        b_pairs[2 * l : 2 * l + 2, 2 * l : 2 * l + 2] += own + _matrix(products.sum(axis=(0, 2)))
        diagonal[l] = _matrix(np.einsum("wy,wfy->f", p, curvature_i[l] ** 2))
    upper = np.triu(b_pairs, 1)
    return (upper + upper.T + np.diag(np.diag(b_pairs))).reshape(k + 1, 2, k + 1, 2), diagonal
