"""The sums over edges of one sweep of messages, (M2)–(M4), on one thread; arrays as in `edges`.

Edges come four at a time, so that a sum is read and written once for four products, and patterns in blocks, so that all
that is gathered lies in the cache: 9 to 18 multiply-adds a nanosecond, where 4 doubles × 2 units × 3 GHz would be 24.
"""

from __future__ import annotations

from gardner.runtime.compilation import kernel

OPTIONS = {"nogil": True, "fastmath": {"contract", "reassoc", "nsz"}}


@kernel(**OPTIONS)
def sum_fields(source_is, mean_is, spin_bkx, field_bix):
    """Σ_s Ĵ_is m_k of every perceptron and pattern."""
    blocks, _, size = spin_bkx.shape
    rows, fan = source_is.shape
    for b in range(blocks):
        for i in range(rows):
            field_bix[b, i, :] = 0.0
            s = 0
            while s + 4 <= fan:
                k0, k1, k2, k3 = source_is[i, s], source_is[i, s + 1], source_is[i, s + 2], source_is[i, s + 3]
                j0, j1, j2, j3 = mean_is[i, s], mean_is[i, s + 1], mean_is[i, s + 2], mean_is[i, s + 3]
                for x in range(size):
                    left = j0 * spin_bkx[b, k0, x] + j1 * spin_bkx[b, k1, x]
                    field_bix[b, i, x] += left + (j2 * spin_bkx[b, k2, x] + j3 * spin_bkx[b, k3, x])
                s += 4
            while s < fan:
                k0, j0 = source_is[i, s], mean_is[i, s]
                for x in range(size):
                    field_bix[b, i, x] += j0 * spin_bkx[b, k0, x]
                s += 1


@kernel(**OPTIONS)
def sum_fields_and_squares(source_is, mean_is, variance_is, spin_bkx, before_bkx, field_bix, square_bix, spread_bix):
    """Σ_s Ĵ m, Σ_s Ĵ² m² and Σ_s v m m' of every perceptron and pattern, m' being `before`."""
    blocks, _, size = spin_bkx.shape
    rows, fan = source_is.shape
    for b in range(blocks):
        for i in range(rows):
            field_bix[b, i, :] = 0.0
            square_bix[b, i, :] = 0.0
            spread_bix[b, i, :] = 0.0
            s = 0
            while s + 4 <= fan:
                k0, k1, k2, k3 = source_is[i, s], source_is[i, s + 1], source_is[i, s + 2], source_is[i, s + 3]
                j0, j1, j2, j3 = mean_is[i, s], mean_is[i, s + 1], mean_is[i, s + 2], mean_is[i, s + 3]
                v0, v1, v2, v3 = variance_is[i, s], variance_is[i, s + 1], variance_is[i, s + 2], variance_is[i, s + 3]
                q0, q1, q2, q3 = j0 * j0, j1 * j1, j2 * j2, j3 * j3
                for x in range(size):
                    m0, m1, m2, m3 = spin_bkx[b, k0, x], spin_bkx[b, k1, x], spin_bkx[b, k2, x], spin_bkx[b, k3, x]
                    field_bix[b, i, x] += (j0 * m0 + j1 * m1) + (j2 * m2 + j3 * m3)
                    square_bix[b, i, x] += (q0 * (m0 * m0) + q1 * (m1 * m1)) + (q2 * (m2 * m2) + q3 * (m3 * m3))
                    m0, m1 = m0 * before_bkx[b, k0, x], m1 * before_bkx[b, k1, x]
                    m2, m3 = m2 * before_bkx[b, k2, x], m3 * before_bkx[b, k3, x]
                    spread_bix[b, i, x] += (v0 * m0 + v1 * m1) + (v2 * m2 + v3 * m3)
                s += 4
            while s < fan:
                k0, j0, v0 = source_is[i, s], mean_is[i, s], variance_is[i, s]
                for x in range(size):
                    m0 = spin_bkx[b, k0, x]
                    field_bix[b, i, x] += j0 * m0
                    square_bix[b, i, x] += j0 * j0 * m0 * m0
                    spread_bix[b, i, x] += v0 * m0 * before_bkx[b, k0, x]
                s += 1


@kernel(**OPTIONS)
def settle(field_bix, width_bix, reaction_bix, gain_bix, square_i, spread_i, scale, least):
    """ω and V in place of Σ Ĵm and Σ Ĵ²m² (M2); reaction: Σ v m m', square and spread: Σ Ĵ² and Σ v of each row."""
    blocks, rows, size = field_bix.shape
    for b in range(blocks):
        for i in range(rows):
            square, spread, share = square_i[i], spread_i[i], scale * scale
            for x in range(size):
                reaction = share * (reaction_bix[b, i, x] + square - width_bix[b, i, x])
                field_bix[b, i, x] = scale * field_bix[b, i, x] - gain_bix[b, i, x] * reaction
                width_bix[b, i, x] = max(share * (square + spread - width_bix[b, i, x]), least)


@kernel(**OPTIONS)
def sum_from_above(first_k, reader_e, mean_e, product_e, variance_e, gain_bix, slope_bix, field_bkx, reaction_bkx):
    """Σ_j Ĵ g and Σ_j [ĴĴ' ġ + v g²] over the readers j of every unit; product_e: ĴĴ' of each."""
    blocks, _, size = gain_bix.shape
    for b in range(blocks):
        for k in range(len(first_k) - 1):
            field_bkx[b, k, :] = 0.0
            reaction_bkx[b, k, :] = 0.0
            e = first_k[k]
            while e + 2 <= first_k[k + 1]:
                i0, i1 = reader_e[e], reader_e[e + 1]
                j0, j1 = mean_e[e], mean_e[e + 1]
                q0, q1 = product_e[e], product_e[e + 1]
                v0, v1 = variance_e[e], variance_e[e + 1]
                for x in range(size):
                    g0, g1 = gain_bix[b, i0, x], gain_bix[b, i1, x]
                    field_bkx[b, k, x] += j0 * g0 + j1 * g1
                    slopes = q0 * slope_bix[b, i0, x] + q1 * slope_bix[b, i1, x]
                    reaction_bkx[b, k, x] += slopes + (v0 * (g0 * g0) + v1 * (g1 * g1))
                e += 2
            if e < first_k[k + 1]:
                i0, j0, q0, v0 = reader_e[e], mean_e[e], product_e[e], variance_e[e]
                for x in range(size):
                    g0 = gain_bix[b, i0, x]
                    field_bkx[b, k, x] += j0 * g0
                    reaction_bkx[b, k, x] += q0 * slope_bix[b, i0, x] + v0 * (g0 * g0)


@kernel(**OPTIONS)
def sum_patterns(source_is, spin_bkx, gain_bix, sum_is):
    """Σ_μ m g of every edge."""
    blocks, _, size = spin_bkx.shape
    rows, fan = source_is.shape
    sum_is[:] = 0.0
    for b in range(blocks):
        for i in range(rows):
            s = 0
            while s + 4 <= fan:
                k0, k1, k2, k3 = source_is[i, s], source_is[i, s + 1], source_is[i, s + 2], source_is[i, s + 3]
                a0, a1, a2, a3 = 0.0, 0.0, 0.0, 0.0
                for x in range(size):
                    g = gain_bix[b, i, x]
                    a0 += g * spin_bkx[b, k0, x]
                    a1 += g * spin_bkx[b, k1, x]
                    a2 += g * spin_bkx[b, k2, x]
                    a3 += g * spin_bkx[b, k3, x]
                sum_is[i, s] += a0
                sum_is[i, s + 1] += a1
                sum_is[i, s + 2] += a2
                sum_is[i, s + 3] += a3
                s += 4
            while s < fan:
                k0, a0 = source_is[i, s], 0.0
                for x in range(size):
                    a0 += gain_bix[b, i, x] * spin_bkx[b, k0, x]
                sum_is[i, s] += a0
                s += 1


@kernel(**OPTIONS)
def sum_patterns_and_squares(source_is, spin_bkx, gain_bix, slope_bix, product_bix, sum_is, slope_is, square_is):
    """Σ_μ m g, Σ_μ m² ġ and Σ_μ m² g g' of every edge; product: g times g of the sweep before."""
    blocks, _, size = spin_bkx.shape
    rows, fan = source_is.shape
    sum_is[:] = 0.0
    slope_is[:] = 0.0
    square_is[:] = 0.0
    for b in range(blocks):
        for i in range(rows):
            for s in range(fan):
                k, a, d, q = source_is[i, s], 0.0, 0.0, 0.0
                for x in range(size):
                    m = spin_bkx[b, k, x]
                    a += m * gain_bix[b, i, x]
                    m *= m
                    d += m * slope_bix[b, i, x]
                    q += m * product_bix[b, i, x]
                sum_is[i, s] += a
                slope_is[i, s] += d
                square_is[i, s] += q
