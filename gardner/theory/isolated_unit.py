"""Overlap fluctuations of one hidden unit at finite connectivity: the liquid before c → ∞, on a tree.

Planted, hard core, κ = 0. Isolate the hidden unit j with weights w (uniform on the sphere |w|² = c) and the weights v_i
of the c perceptrons that read it (each one component of such a vector). On the pattern μ its spin is S_μ = sgn(w·ξ_μ)
where it reads the inputs, ξ_μ iid ±1; deeper units read spins that carry no overlap, and S_μ is ±1 at random. An output
that reads the unit says, since its c-1 other inputs add a Gaussian of variance (c-v²)/c,

    P(Y_iμ | S_μ, v_i) = ½ [1 + Y_iμ S_μ g(v_i)],        g(v) = 2Φ_N(v/sqrt(c-v²)) - 1.                     (F1)

The labels Y of a teacher's unit are thus a noisy product of two unknown vectors, seen through M = αc patterns. Two
members of the posterior given Y have R = w_a·w_b/c, C = v_a·v_b/c, q = S_a·S_b/M, and

    M<x xᵀ>,  x = (R, C, q),  averaged over ξ, teacher and labels,

tends for c → ∞ to (T24) of the closure that keeps the sign of a perceptron. At finite c it differs by terms of relative
order 1/M, which two replicas alone (n = 2) do not have: the posterior is normalised for each Y, a third replica enters
with weight n - 2 = -1, and the divergence at the transition is rounded. Perceptrons that are no outputs follow the
unit freely and say nothing about it.

Not included, and of order 1/c: that the other inputs of an output are known a little too. Loops of the graph (c²/N) and
M/N are absent on a tree.

Method: Gibbs sampling of `STUDENTS` students that start from the teacher (an equilibrium state, by Nishimori). Given S,
the v_i are independent and are drawn from their density on Gauss–Gegenbauer nodes; given v, the labels act as a field
L_μ S_μ on each spin, and w is moved by elliptical slice sampling (Murray, Adams and MacKay 2010), which has no step
size; spins without inputs are drawn directly. The slices shrink with c: the teacher is forgotten in some c steps (seen
at α = .75: 300 at c = 64), hence the burn-in of 10 c. Error: statistical, realisations^{-1/2}.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, roots_gegenbauer

from gardner.model import whole
from gardner.runtime.compilation import kernel
from gardner.values import ByValue

NODES = 64  # of the density of one weight
BURN_IN, STEPS = 10, 100  # Gibbs steps of a realisation: before it is measured, in units of c, and while it is
STUDENTS = 4  # of a realisation; all pairs are averaged
LARGEST = 4096  # connectivity


@dataclass(frozen=True, eq=False)
class UnitFluctuations(ByValue):
    """M<x xᵀ>, shape (3, 3), and the values by realisation, shape (realisations, 3, 3)."""

    mean: np.ndarray
    values: np.ndarray

    @property
    def error(self) -> np.ndarray:
        """Standard error over realisations, shape (3, 3)."""
        return self.values.std(axis=0, ddof=1) / np.sqrt(len(self.values))


def isolated_unit(
    connectivity: int,
    patterns: int,
    reads_inputs: bool = True,
    feeds_outputs: bool = True,
    realisations: int = 1000,
    seed: int | np.random.SeedSequence = 0,
    burn_in: int | None = None,
    steps: int = STEPS,
) -> UnitFluctuations:
    """M<x xᵀ> of x = (R, C, q) of an isolated hidden unit at connectivity c and M patterns (module docstring).

    reads_inputs: its bond layer is the first; feeds_outputs: the next is the last (L = 2: both); burn_in, steps: Gibbs
    steps of each realisation. ValueError for numbers out of range. THEORY section 14.2.
    """
    c, M = whole("connectivity", connectivity, 4, LARGEST), whole("patterns", patterns, 1, 10**6)
    count = whole("realisations", realisations, 2, 10**7)
    lengths = whole("burn_in", BURN_IN * c if burn_in is None else burn_in, 0), whole("steps", steps, 1)

    # density of one weight on its nodes, given the number k = 0…M of agreements with the unit
    v, weight = component_of_sphere(c)
    right, wrong = log_ndtr(v / np.sqrt(c - v * v)), log_ndtr(-v / np.sqrt(c - v * v))
    g = (np.exp(right) - np.exp(wrong)) * feeds_outputs
    k = np.arange(M + 1)[:, None]
    exponent = (k * right + (M - k) * wrong) * feeds_outputs
    density = weight * np.exp(exponent - exponent.max(axis=1, keepdims=True))
    cumulative_kn = np.cumsum(density, axis=1) / density.sum(axis=1, keepdims=True)
    half_odds_n = 0.5 * (right - wrong) * feeds_outputs

    values = np.zeros((count, 3, 3))
    rng = np.random.default_rng(seed)
    tables = (v, g, half_odds_n, np.cumsum(weight), cumulative_kn)
    _realisations(c, M, reads_inputs, *tables, *lengths, values, rng)
    return UnitFluctuations(M * values.mean(axis=0), M * values)


def component_of_sphere(c: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of one component of a vector uniform on the sphere |v|² = c in c dimensions."""
    u, weight = roots_gegenbauer(NODES, 0.5 * (c - 2))
    return np.sqrt(c) * u, weight / weight.sum()


@kernel()
def _pick(cumulative, u):
    """Index of the first node whose cumulative probability reaches u."""
    low, high = 0, cumulative.shape[0] - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[middle] < u:
            low = middle + 1
        else:
            high = middle
    return low


@kernel()
def _draw_readers(node_i, S_m, Y_im, cumulative_kn, rng):
    """Draw the weight of every reader given the spins."""
    c, M = Y_im.shape
    for i in range(c):
        product = 0
        for m in range(M):
            product += Y_im[i, m] * S_m[m]
        node_i[i] = _pick(cumulative_kn[(product + M) // 2], rng.random())


@kernel()
def _fields(node_i, Y_im, half_odds_n, L_m):
    """L_μ = ½ Σ_i ln[(1 + Y_iμ g(v_i))/(1 - Y_iμ g(v_i))]."""
    L_m[:] = 0.0
    for i in range(Y_im.shape[0]):
        odds = half_odds_n[node_i[i]]
        for m in range(Y_im.shape[1]):
            L_m[m] += Y_im[i, m] * odds


@kernel()
def _log_likelihood(h_m, L_m):
    total = 0.0
    for m in range(h_m.shape[0]):
        total += L_m[m] if h_m[m] >= 0.0 else -L_m[m]
    return total


@kernel()
def _project(w, xi_mp, h_m):
    """Fields of the patterns on a row."""
    for m in range(xi_mp.shape[0]):
        h_m[m] = 0.0
        for p in range(w.shape[0]):
            h_m[m] += xi_mp[m, p] * w[p]


@kernel()
def _move_row(w, h_m, S_m, L_m, xi_mp, other_m, ray, rng):
    """One elliptical slice move of the Gaussian weights w, whose direction alone matters to the spins."""
    c, M = w.shape[0], h_m.shape[0]
    for p in range(c):
        ray[p] = rng.standard_normal()
    _project(ray, xi_mp, other_m)

    # shrink the bracket of angles until the likelihood lies above the slice
    level = _log_likelihood(h_m, L_m) + math.log(1.0 - rng.random())
    angle = 2.0 * math.pi * rng.random()
    low, high = angle - 2.0 * math.pi, angle
    while True:
        cosine, sine, total = math.cos(angle), math.sin(angle), 0.0
        for m in range(M):
            total += L_m[m] if cosine * h_m[m] + sine * other_m[m] >= 0.0 else -L_m[m]
        if total >= level:
            break
        if angle < 0.0:
            low = angle
        else:
            high = angle
        angle = low + (high - low) * rng.random()

    for p in range(c):
        w[p] = cosine * w[p] + sine * ray[p]
    for m in range(M):
        h_m[m] = cosine * h_m[m] + sine * other_m[m]
        S_m[m] = 1 if h_m[m] >= 0.0 else -1


@kernel()
def _draw_spins(S_m, L_m, rng):
    """Spins of a unit that does not read the inputs."""
    for m in range(S_m.shape[0]):
        S_m[m] = 1 if rng.random() < 1.0 / (1.0 + math.exp(-2.0 * L_m[m])) else -1


@kernel()
def _add_products(first, second, v_n, product):
    """Add x xᵀ of a pair of members (w, node, S) to `product`."""
    w_a, node_a, S_a = first
    w_b, node_b, S_b = second
    R, norm_a, norm_b, C, q = 0.0, 0.0, 0.0, 0.0, 0.0
    for p in range(w_a.shape[0]):
        R += w_a[p] * w_b[p]
        norm_a += w_a[p] ** 2
        norm_b += w_b[p] ** 2
        C += v_n[node_a[p]] * v_n[node_b[p]]
    for m in range(S_a.shape[0]):
        q += S_a[m] * S_b[m]
    x = (R / math.sqrt(norm_a * norm_b), C / w_a.shape[0], q / S_a.shape[0])
    for i in range(3):
        for j in range(3):
            product[i, j] += x[i] * x[j]


@kernel()
def _realisations(c, M, reads_inputs, v_n, g_n, half_odds_n, prior_n, cumulative_kn, burn_in, steps, values, rng):
    """<x xᵀ> of every realisation into `values`: a teacher, its labels, two students that forget it."""
    members, pairs = STUDENTS + 1, STUDENTS * (STUDENTS - 1) // 2  # the last member is the teacher
    w_ap, h_am = np.empty((members, c)), np.empty((members, M))
    node_ai, S_am = np.empty((members, c), np.int64), np.empty((members, M), np.int64)
    xi_mp, Y_im = np.empty((M, c)), np.empty((c, M), np.int64)
    L_m, other_m, ray = np.zeros(M), np.empty(M), np.empty(c)
    for r in range(values.shape[0]):
        # teacher and labels
        for m in range(M):
            for p in range(c):
                xi_mp[m, p] = 1.0 if rng.random() < 0.5 else -1.0
        for p in range(c):
            w_ap[-1, p] = rng.standard_normal()
        _project(w_ap[-1], xi_mp, h_am[-1])
        for m in range(M):
            S_am[-1, m] = 1 if (h_am[-1, m] if reads_inputs else rng.random() - 0.5) >= 0.0 else -1
        for i in range(c):
            node_ai[-1, i] = _pick(prior_n, rng.random())
            for m in range(M):
                Y_im[i, m] = 1 if rng.random() < 0.5 * (1.0 + S_am[-1, m] * g_n[node_ai[-1, i]]) else -1

        # students start as the teacher and forget it
        for a in range(STUDENTS):
            w_ap[a], node_ai[a], S_am[a], h_am[a] = w_ap[-1], node_ai[-1], S_am[-1], h_am[-1]
        for t in range(burn_in + steps):
            for a in range(STUDENTS):
                _draw_readers(node_ai[a], S_am[a], Y_im, cumulative_kn, rng)
                _fields(node_ai[a], Y_im, half_odds_n, L_m)
                if reads_inputs:
                    _move_row(w_ap[a], h_am[a], S_am[a], L_m, xi_mp, other_m, ray, rng)
                else:
                    for p in range(c):
                        w_ap[a, p] = rng.standard_normal()
                    _draw_spins(S_am[a], L_m, rng)
            if t < burn_in:
                continue
            for a in range(STUDENTS):
                for b in range(a):
                    _add_products((w_ap[a], node_ai[a], S_am[a]), (w_ap[b], node_ai[b], S_am[b]), v_n, values[r])
        for i in range(3):
            for j in range(3):
                values[r, i, j] /= steps * pairs
