"""Numba kernels of the one-dimensional Parisi flow (T5), (T6).

Field grids. Level i lives on h = c + s_i sinh(t) with t = (a - half_i) dt, a = 0 … 2 half_i: nodes are dense
where φ_i varies (on the scale s_i around the centre c) and logarithmically spaced beyond, where the nearest
complex singularities of φ_i recede in proportion to |h - c|. One dt serves every scale.

One step i → i-1 is a stochastic matrix: row a holds the weights T[a, b] of the tilted Gaussian average

    <f>_a = ∫dh' γ_w²(h_a - h') e^{m φ(h')} f(h') / ∫dh' γ_w²(h_a - h') e^{m φ(h')},   w² = V_i - V_{i-1},

so that φ_{i-1}(h_a) = (1/m) ln of the denominator, φ'_{i-1} = T φ'_i, and the density of (T6) is pushed forward
by the transpose of the same matrix: normalisation is exact at any resolution. A row is computed

* on the nodes themselves (trapezoid rule in t, spectrally accurate) where the integrand's peak is at least WIDE
  node spacings wide, or
* by Gauss–Hermite quadrature about the saddle, with a local Lagrange interpolation of φ in t, where it is narrower.

Everything is kept in the log domain: a row is normalised by its largest exponent, and weights below e^{-CUT}
of it are dropped.
"""

from __future__ import annotations

import math

import numpy as np

from gardner.runtime.compilation import announce, kernel

WIDE = 1.25  # peak width in units of the local node spacing above which the trapezoid rule is used
CUT = 41.5  # exp(-41.5) ≈ 1e-18
EDGE = 9.0  # a trapezoid row whose ends lie within e^{-9} of its peak is considered cut off
MAX_PEAKS = 3
POINTS = 12  # nodes of the Lagrange interpolation
SUMS = {
    "reassoc",
    "contract",
}  # sums in any order: they then run in vector registers; infinities and nan keep their meaning
MARGIN = 6  # nodes at each end left to second-order continuation
FAINT = 1e-3  # tilt m below which ln<e^{mφ}>/m is taken about <φ>: the logarithm alone errs by 1e-16/m
_SIGNED = [(-1.0) ** (POINTS - 1 - j) / (math.factorial(j) * math.factorial(POINTS - 1 - j)) for j in range(POINTS)]
LAGRANGE = np.array(_SIGNED)


@kernel(inline="always")
def _stencil(position, n, coef, j):
    """First node and, in coef[j], Lagrange weights of the interpolation at the real-valued node `position`."""
    start = min(max(math.floor(position) - POINTS // 2 + 1, 0), n - POINTS)
    x = position - start
    nearest = min(max(int(x + 0.5), 0), POINTS - 1)
    if x == nearest:
        for p in range(POINTS):
            coef[j, p] = 0.0
        coef[j, nearest] = 1.0
        return start
    # four chains of factors: one alone would wait for every product
    first, second, third, fourth = x, x - 1.0, x - 2.0, x - 3.0
    for p in range(4, POINTS, 4):
        first *= x - p
        second *= x - (p + 1)
        third *= x - (p + 2)
        fourth *= x - (p + 3)
    product = (first * second) * (third * fourth)
    for p in range(POINTS):
        coef[j, p] = product * LAGRANGE[p] / (x - p)
    return start


@kernel()
def _exponents(h, variance, m, h_s, phi_s, n_s, row):
    """row[b] = m φ(h_b) - (h_b - h)²/2w²; returns the node where it is largest."""
    inverse = 0.5 / variance
    top = -np.inf
    best = 0
    for b in range(n_s):
        d = h_s[b] - h
        row[b] = m * phi_s[b] - d * d * inverse
    for b in range(n_s):
        if row[b] > top:
            top = row[b]
            best = b
    return best


@kernel()
def trapezoid_row(variance, logw_s, n_s, deepest, top, row):
    """Turn exponents into a normalised row by the trapezoid rule in t; returns the log of the tilted mass.

    Weights below e^{-deepest} of the largest one count as zero.
    """
    total = 0.0
    for b in range(n_s):
        e = row[b] - top
        if e > -deepest:
            e = math.exp(e + logw_s[b])
            row[b] = e
            total += e
        else:
            row[b] = 0.0
    scale = 1.0 / total
    for b in range(n_s):
        row[b] *= scale
    return top + math.log(total) - 0.5 * math.log(2.0 * math.pi * variance)


@kernel()
def _saddle_nodes(
    b, h, variance, m, centre, s, dt, half, h_s, phi_s, d1_s, d2_s, gh_x, gh_logw, j0, values, starts, coef
):
    """Gauss–Hermite nodes about the saddle near node b: log weights into `values`, stencils into `starts`, `coef`.

    One Newton step from node b with φ', φ'' there gives the saddle z of m φ(h + wz) - z²/2 and its curvature
    κ = 1 - m w² φ'': exact where φ is quadratic, as in the far tails. Within MARGIN nodes of an end and beyond it
    φ is continued to second order: one-sided high-order stencils would amplify round-off from level to level.
    """
    width = math.sqrt(variance)
    n_s = 2 * half + 1
    h_end = s * math.sinh((half - MARGIN) * dt)
    kappa = max(1.0 - m * variance * d2_s[b], 0.25)
    z_node = (h_s[b] - h) / width
    shift = z_node + (m * width * d1_s[b] - z_node) / kappa
    narrow = 1.0 / math.sqrt(kappa)
    log_narrow = math.log(narrow)
    order = gh_x.shape[0]

    # one pass for every function, so that the nodes do not wait for each other: sinh t = y/s is inverted by a logarithm
    inverse = 1.0 / s
    for i in range(order):
        u = abs(h + width * (shift + narrow * gh_x[i]) - centre) * inverse
        values[j0 + i] = u + math.sqrt(1.0 + u * u)
    for i in range(order):
        values[j0 + i] = math.log(values[j0 + i])
    inverse = 1.0 / dt
    for i in range(order):
        j = j0 + i
        y = h + width * (shift + narrow * gh_x[i]) - centre
        if y < -h_end or y > h_end:
            starts[j] = -1 - (MARGIN if y < 0 else n_s - 1 - MARGIN)
        else:
            t = values[j] * inverse
            starts[j] = _stencil((t if y > 0.0 else -t) + half, n_s, coef, j)

    # the exponent there
    for i in range(order):
        j = j0 + i
        z = shift + narrow * gh_x[i]
        value = 0.0
        if starts[j] < 0:
            base = -1 - starts[j]
            d = h + width * z - centre
            d += h_end if d < 0.0 else -h_end
            value = phi_s[base] + d * (d1_s[base] + 0.5 * d * d2_s[base])
        else:
            for p in range(POINTS):
                value += coef[j, p] * phi_s[starts[j] + p]
        values[j] = m * value + gh_logw[i] + 0.5 * (gh_x[i] * gh_x[i] - z * z) + log_narrow


@kernel()
def _scatter_row(count, values, starts, coef, row):
    """Normalised row, zero before, from `count` interpolated quadrature nodes; returns the log of the tilted mass."""
    top = -np.inf
    for j in range(count):
        top = max(top, values[j])
    total = 0.0
    for j in range(count):
        values[j] = math.exp(values[j] - top)
        total += values[j]
    for j in range(count):
        g = values[j] / total
        if starts[j] < 0:
            row[-1 - starts[j]] += g
        else:
            for p in range(POINTS):
                row[starts[j] + p] += g * coef[j, p]
    return top + math.log(total)


@kernel()
def _peaks_row(
    h, variance, m, centre, s, dt, half, top, h_s, phi_s, d1_s, d2_s, gh_x, gh_logw, values, starts, coef, row
):
    """The row by a Gauss–Hermite rule about each maximum of its exponents that counts; returns the log of its mass."""
    n_s = 2 * half + 1
    order = gh_x.shape[0]
    peaks = 0
    for b in range(n_s):
        left = b == 0 or row[b] >= row[b - 1]
        right = b == n_s - 1 or row[b] > row[b + 1]
        if left and right and row[b] >= top - CUT and peaks < MAX_PEAKS:
            _saddle_nodes(
                b, h, variance, m, centre, s, dt, half, h_s, phi_s, d1_s, d2_s, gh_x, gh_logw,
                peaks * order, values, starts, coef,
            )  # fmt: skip
            peaks += 1
    row[:] = 0.0
    return _scatter_row(peaks * order, values, starts, coef, row)


@kernel()
def tilted_value(row, m, mass, phi_s, first, last):
    """(1/m) ln∫γ e^{mφ} of a row whose logarithm is `mass`; the plain average <φ> at m = 0.

    The row vanishes outside the nodes first … last - 1.

    At small m the logarithm is close to zero and loses its digits in the division. The row itself has them: it is
    tilted, so that 1/∫γ e^{mφ} = <e^{-mφ}>, and (1/m) ln∫γ e^{mφ} = <φ> - (1/m) ln<e^{-m(φ-<φ>)}>, where the second
    term is of order m. That needs m|φ-<φ>| < 1 wherever the row has weight.
    """
    if m > FAINT:
        return mass / m
    average = 0.0
    for b in range(first, last):
        average += row[b] * phi_s[b]
    if m == 0.0:
        return average
    rest = 0.0
    for b in range(first, last):
        if row[b] != 0.0:
            d = m * (phi_s[b] - average)
            if abs(d) > 1.0:
                return mass / m
            rest += row[b] * math.expm1(-d)
    return average - math.log1p(rest) / m


@kernel()
def _climb(b, h, inverse, m, h_s, phi_s):
    """The node where a concave m φ(h') - (h'-h)²/2w² is largest, looked for from node b; and the value there."""
    n_s = h_s.shape[0]
    top = m * phi_s[b] - (h_s[b] - h) * (h_s[b] - h) * inverse
    for step in (1, -1):
        while 0 <= b + step < n_s:
            d = h_s[b + step] - h
            e = m * phi_s[b + step] - d * d * inverse
            if not e > top:
                break
            b, top = b + step, e
    return b, top


@kernel()
def _concave_row(best, top, h, variance, m, h_s, logw_s, phi_s, row):
    """`trapezoid_row` of concave exponents: from the peak outwards to e^{-CUT} of it; the rest of `row` must be 0.

    Returns the log of the tilted mass and the range of nodes written.
    """
    inverse = 0.5 / variance
    first, last = best, best + 1
    while first > 0:
        d = h_s[first - 1] - h
        row[first - 1] = m * phi_s[first - 1] - d * d * inverse - top
        if not row[first - 1] > -CUT:
            row[first - 1] = 0.0
            break
        first -= 1
    while last < h_s.shape[0]:
        d = h_s[last] - h
        row[last] = m * phi_s[last] - d * d * inverse - top
        if not row[last] > -CUT:
            row[last] = 0.0
            break
        last += 1
    row[best] = 0.0
    total = 0.0
    for b in range(first, last):
        row[b] = math.exp(row[b] + logw_s[b])
        total += row[b]
    scale = 1.0 / total
    for b in range(first, last):
        row[b] *= scale
    return top + math.log(total) - 0.5 * math.log(2.0 * math.pi * variance), first, last


@kernel()
def _stencil_span(count, starts, n_s):
    """The range of nodes that the stencils of a row touch."""
    first, last = n_s, 0
    for j in range(count):
        if starts[j] < 0:
            first, last = min(first, -1 - starts[j]), max(last, -starts[j])
        else:
            first, last = min(first, starts[j]), max(last, starts[j] + POINTS)
    return first, last


@kernel()
def tilted_rows(
    targets, variance, m, centre, s, dt, half, h_s, logw_s, phi_s, d1_s, d2_s, gh_x, gh_logw, rows, phi_t, span
):
    """Rows T[a, :] for every target field and φ_{i-1} there; m = 0 gives the plain Gaussian average of φ.

    targets (n_t,) ascending; source level: nodes h_s, log quadrature weights, φ, φ', φ'' (n_s,); fills rows (n_t, n_s),
    phi_t, and span (n_t, 2): row a vanishes outside the nodes span[a, 0] … span[a, 1] - 1.

    The integrand's own peak decides the rule: its place h* and width w/√κ against the node spacing there. Where the
    peaks are too narrow for the nodes each local maximum of the exponent gets its own Gauss–Hermite rule (a spin
    under a strong tilt has two). With m w² φ'' < 1 everywhere the exponent is concave: one peak, which moves up with
    the target and is found in a few steps from that of the last one.
    """
    n_s = 2 * half + 1
    order = gh_x.shape[0]
    values = np.empty(MAX_PEAKS * order)
    starts = np.empty(MAX_PEAKS * order, np.int64)
    coef = np.empty((MAX_PEAKS * order, POINTS))
    concave = m * variance * d2_s.max() < 1.0
    inverse = 0.5 / variance
    best = half
    for a in range(targets.shape[0]):
        h = targets[a]
        row = rows[a]
        if concave:
            best, top = _climb(best, h, inverse, m, h_s, phi_s)
            row[:] = 0.0
            left, right = h_s[0] - h, h_s[n_s - 1] - h
            edge = max(m * phi_s[0] - left * left * inverse, m * phi_s[n_s - 1] - right * right * inverse)
        else:
            best = _exponents(h, variance, m, h_s, phi_s, n_s, row)
            top = row[best]
            edge = max(row[0], row[n_s - 1])
        width = math.sqrt(variance / max(1.0 - m * variance * d2_s[best], 0.25))
        reach = abs(h_s[best] - centre) + 3.0 * width
        fits = width >= WIDE * dt * math.sqrt(reach * reach + s * s) and edge < top - EDGE
        first, last = 0, n_s
        if fits and concave:
            mass, first, last = _concave_row(best, top, h, variance, m, h_s, logw_s, phi_s, row)
        elif fits:
            mass = trapezoid_row(variance, logw_s, n_s, CUT, top, row)
        elif concave:
            _saddle_nodes(
                best, h, variance, m, centre, s, dt, half, h_s, phi_s, d1_s, d2_s, gh_x, gh_logw,
                0, values, starts, coef,
            )  # fmt: skip
            first, last = _stencil_span(order, starts, n_s)
            mass = _scatter_row(order, values, starts, coef, row)
        else:
            mass = _peaks_row(
                h, variance, m, centre, s, dt, half, top, h_s, phi_s, d1_s, d2_s, gh_x, gh_logw,
                values, starts, coef, row,
            )  # fmt: skip
        span[a, 0], span[a, 1] = first, last
        phi_t[a] = tilted_value(row, m, mass, phi_s, first, last)


@kernel(fastmath=SUMS)
def tilted_derivatives(rows, span, m, d1_s, d2_s, lowest, highest, d1_t, d2_t):
    """φ'_{i-1} = <φ'_i> and φ''_{i-1} = <φ''_i> + m <(φ'_i - φ'_{i-1})²> for every row, (n_t,).

    The variance is taken about its mean: in the far tails <φ'²> - <φ'>² would lose all digits. φ'' stays within the
    bounds [lowest, highest] of the terminal function (log-concavity and 0 ≤ φ'' ≤ 1 are preserved by the flow);
    round-off may not push it out. span: as in `tilted_rows`.
    """
    for a in range(rows.shape[0]):
        row, first, last = rows[a], span[a, 0], span[a, 1]
        mean = 0.0
        for b in range(first, last):
            mean += row[b] * d1_s[b]
        second = 0.0
        for b in range(first, last):
            d = d1_s[b] - mean
            second += row[b] * (d2_s[b] + m * d * d)
        d1_t[a] = mean
        d2_t[a] = min(max(second, lowest), highest)


def announce_compilation() -> None:
    """Say on standard error that the kernels of the flow must be compiled first, if they must."""
    announce("flow", tilted_rows)
