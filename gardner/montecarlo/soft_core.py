"""Metropolis dynamics of the soft core: spins and bonds move at exp(-βE), E = Σ v(r), v = (r-κ)² θ(κ-r).

A sweep is one attempt per bond and one per hidden spin (THEORY section 8), perceptron by perceptron, then layer by
layer and pattern by pattern: at fixed spins perceptrons are independent, at fixed bonds patterns are. Which element
moves is drawn at random within its perceptron or layer; a sweep in order would be periodic where all moves are free.

Moves. Gaussian weights: J → (J + δx)/sqrt(1+δ²), x ~ N(0, 1), reversible for N(0, 1). Spherical weights: `rotation`
of two elements of a row.

Speed. What is stored is the shortfall x = κ - r, v = max(x, 0)². The bound -ln(u)/β is drawn before an energy is
computed, and the sum over gaps is left as soon as it exceeds it: as energies are not negative, a spin whose own gap
costs more than the bound plus all the energy above is refused at once. Bonds run over contiguous patterns, spins over
contiguous perceptrons above; the copies between the two layouts cost 1/N of a sweep. Padding lies where v = 0.
"""

from __future__ import annotations

import math

import numpy as np

from gardner.montecarlo.generator import below, exponential, normal
from gardner.montecarlo.rotation import other_element, tangent, turned_first, turned_second
from gardner.runtime.compilation import kernel

SPHERICAL, GAUSSIAN = 0, 1
WHOLE = 96  # so many gaps are summed without looking at the bound
CHUNK = 64  # gaps between two looks at the bound beyond that
FREE = -1e150  # shortfall of padding
FAST = {"reassoc", "contract", "nsz", "arcp"}


def padded(count: int) -> int:
    """`count` rounded up to whole vectors of eight."""
    return -(-count // 8) * 8


@kernel(forceinline=True, fastmath=FAST)
def _shifted_energy(short, own, source, change, limit):
    """Σ v after r → r + change·S_own·S_source, left early above `limit`."""
    total = 0.0
    if short.shape[0] <= WHOLE:
        for m in range(short.shape[0]):
            x = short[m] - change * own[m] * source[m]
            x = x if x > 0.0 else 0.0
            total += x * x
        return total
    count, start = np.uint64(short.shape[0]), np.uint64(0)  # unsigned: no wraparound, which would bar vectors
    while start < count and total <= limit:
        stop = min(start + np.uint64(CHUNK), count)
        part = 0.0
        for m in range(start, stop):
            x = short[m] - change * own[m] * source[m]
            x = x if x > 0.0 else 0.0
            part += x * x
        total += part
        start = stop
    return total


@kernel(forceinline=True, fastmath=FAST)
def _rotated_energy(short, own, source_a, source_b, change_a, change_b, limit):
    """The same for two bonds at once."""
    total = 0.0
    if short.shape[0] <= WHOLE:
        for m in range(short.shape[0]):
            x = short[m] - own[m] * (change_a * source_a[m] + change_b * source_b[m])
            x = x if x > 0.0 else 0.0
            total += x * x
        return total
    count, start = np.uint64(short.shape[0]), np.uint64(0)
    while start < count and total <= limit:
        stop = min(start + np.uint64(CHUNK), count)
        part = 0.0
        for m in range(start, stop):
            x = short[m] - own[m] * (change_a * source_a[m] + change_b * source_b[m])
            x = x if x > 0.0 else 0.0
            part += x * x
        total += part
        start = stop
    return total


@kernel(fastmath=FAST)
def _energy(short):
    total = 0.0
    for m in range(short.shape[0]):
        x = short[m] if short[m] > 0.0 else 0.0
        total += x * x
    return total


@kernel(forceinline=True, fastmath=FAST)
def gaussian_row(weight, source, below_jm, own, short, scale, temperature, step, attempts, rng):
    """One attempt per bond of one perceptron, Gaussian prior; returns the number accepted."""
    accepted = 0
    energy = _energy(short)
    shrink = 1.0 / math.sqrt(1.0 + step * step)
    for _ in range(attempts):
        k = below(rng, weight.shape[0])
        new = (weight[k] + step * normal(rng)) * shrink
        limit = energy + temperature * exponential(rng)
        change = scale * (new - weight[k])
        line = below_jm[source[k]]
        trial = _shifted_energy(short, own, line, change, limit)
        if trial > limit:
            continue
        weight[k] = new
        energy = trial
        accepted += 1
        for m in range(short.shape[0]):
            short[m] -= change * own[m] * line[m]
    return accepted


@kernel(forceinline=True, fastmath=FAST)
def spherical_row(weight, source, below_jm, own, short, scale, temperature, step, attempts, rng):
    """One attempt per bond of one perceptron on the sphere; returns the number accepted."""
    accepted = 0
    energy = _energy(short)
    fan = weight.shape[0]
    for _ in range(attempts):
        a = below(rng, fan)
        b = other_element(fan, a, rng)
        t = tangent(fan, step, rng)
        new_a, new_b = turned_first(weight[a], weight[b], t, fan), turned_second(weight[a], weight[b], t)
        change_a, change_b = scale * (new_a - weight[a]), scale * (new_b - weight[b])
        limit = energy + temperature * exponential(rng)
        line_a, line_b = below_jm[source[a]], below_jm[source[b]]
        trial = _rotated_energy(short, own, line_a, line_b, change_a, change_b, limit)
        if trial > limit:
            continue
        weight[b] = new_b
        weight[a] = new_a
        energy = trial
        accepted += 1
        for m in range(short.shape[0]):
            short[m] -= own[m] * (change_a * line_a[m] + change_b * line_b[m])
    return accepted


@kernel(forceinline=True, fastmath=FAST)
def dense_pattern(spin, short, above, above_spin, weight_ji, temperature, margin, rng):
    """One attempt per spin of one layer for one pattern, all perceptrons above reading all; returns the accepted."""
    accepted = 0
    energy = _energy(above)
    count = spin.shape[0]
    for _ in range(count):
        j = below(rng, count)
        x = short[j]
        flipped = 2.0 * margin - x
        own = max(flipped, 0.0) ** 2 - max(x, 0.0) ** 2
        bound = energy + temperature * exponential(rng)
        if own > bound:
            continue
        trial = _shifted_energy(above, above_spin, weight_ji[j], -spin[j], bound - own)
        if own + trial > bound:
            continue
        accepted += 1
        for i in range(above.shape[0]):
            above[i] += spin[j] * weight_ji[j, i] * above_spin[i]
        spin[j] = -spin[j]
        short[j] = flipped
        energy = trial
    return accepted


@kernel(forceinline=True, fastmath=FAST)
def sparse_pattern(spin, short, above, above_spin, column, reader, weight, temperature, margin, rng):
    """The same through lists of readers: column[j] … column[j+1] are those of spin j, weights in that order."""
    accepted = 0
    energy = _energy(above)
    count = spin.shape[0]
    for _ in range(count):
        j = below(rng, count)
        x = short[j]
        flipped = 2.0 * margin - x
        bound = temperature * exponential(rng) - max(flipped, 0.0) ** 2 + max(x, 0.0) ** 2
        if bound < -energy:
            continue
        change = 0.0
        sign = spin[j]
        for k in range(column[j], column[j + 1]):
            i = reader[k]
            old = above[i]
            new = old + sign * weight[k] * above_spin[i]
            old = old if old > 0.0 else 0.0
            new = new if new > 0.0 else 0.0
            change += new * new - old * old
        if change > bound:
            continue
        accepted += 1
        for k in range(column[j], column[j + 1]):
            above[reader[k]] += sign * weight[k] * above_spin[reader[k]]
        spin[j] = -sign
        short[j] = flipped
        energy += change
    return accepted


@kernel()
def _transpose(source, target, rows, columns):
    for r in range(rows):
        for c in range(columns):
            target[r, c] = source[c, r]


@kernel(fastmath=FAST)
def _shortfalls(weight_k, spin_um, short_pm, net, margin, patterns):
    """κ - r of every perceptron and pattern, from scratch."""
    inputs = net.width_l[0]
    for layer in range(1, net.width_l.shape[0]):
        scale = net.scale_l[layer - 1]
        first_below = net.first_l[layer - 1]
        for unit in range(net.first_l[layer], net.first_l[layer + 1]):
            p = unit - inputs
            short, own = short_pm[p], spin_um[unit]
            for m in range(patterns):
                short[m] = 0.0
            for k in range(net.row_p[p], net.row_p[p + 1]):
                line = spin_um[first_below + net.source_k[k]]
                for m in range(patterns):
                    short[m] += weight_k[k] * line[m]
            for m in range(patterns):
                short[m] = margin - scale * own[m] * short[m]
            for m in range(patterns, short.shape[0]):
                short[m] = FREE


@kernel()
def _bond_phase(weight_k, spin_um, short_pm, net, gaussian, temperature, step_l, accepted_l, rng):
    inputs = net.width_l[0]
    for layer in range(1, net.width_l.shape[0]):
        below_jm = spin_um[net.first_l[layer - 1] : net.first_l[layer]]
        for unit in range(net.first_l[layer], net.first_l[layer + 1]):
            p = unit - inputs
            row = slice(net.row_p[p], net.row_p[p + 1])
            arguments = (
                weight_k[row],
                net.source_k[row],
                below_jm,
                spin_um[unit],
                short_pm[p],
                net.scale_l[layer - 1],
                temperature,
                step_l[layer - 1],
                net.row_p[p + 1] - net.row_p[p],
                rng,
            )
            if gaussian:
                accepted_l[layer - 1] += gaussian_row(*arguments)
            else:
                accepted_l[layer - 1] += spherical_row(*arguments)


@kernel()
def _spin_phase(weight_k, spin_um, short_pm, net, temperature, margin, accepted_l, buffers, rng):
    inputs = net.width_l[0]
    own, above, own_spin, above_spin, reader_weight = buffers
    patterns = own.shape[0]
    for layer in range(1, net.width_l.shape[0] - 1):
        first, next_, end = net.first_l[layer], net.first_l[layer + 1], net.first_l[layer + 2]
        n, n_above = next_ - first, end - next_
        _transpose(short_pm[first - inputs :], own, patterns, n)
        _transpose(spin_um[first:], own_spin, patterns, n)
        _transpose(short_pm[next_ - inputs :], above, patterns, n_above)
        _transpose(spin_um[next_:], above_spin, patterns, n_above)
        start, stop = net.column_u[first], net.column_u[next_]
        for k in range(start, stop):
            reader_weight[k - start] = 2.0 * net.scale_l[layer] * weight_k[net.bond_k[k]]
        width = (n_above + 7) // 8 * 8
        dense = stop - start == n * n_above
        above[:, n_above:width] = FREE
        if dense:
            weight_ji = np.zeros((n, width))
            weight_ji[:, :n_above] = reader_weight[: stop - start].reshape(n, n_above)
            for mu in range(patterns):
                accepted_l[layer] += dense_pattern(
                    own_spin[mu, :n], own[mu], above[mu, :width], above_spin[mu], weight_ji, temperature, margin, rng
                )
        else:
            column = net.column_u[first : next_ + 1] - start
            for mu in range(patterns):
                accepted_l[layer] += sparse_pattern(
                    own_spin[mu, :n],
                    own[mu],
                    above[mu, :width],
                    above_spin[mu],
                    column,
                    net.reader_k[start:stop],
                    reader_weight,
                    temperature,
                    margin,
                    rng,
                )
        _transpose(own, short_pm[first - inputs :], n, patterns)
        _transpose(own_spin, spin_um[first:], n, patterns)
        _transpose(above, short_pm[next_ - inputs :], n_above, patterns)


@kernel()
def soft_sweeps(weight_k, spin_um, net, gaussian, beta, margin, step_l, sweeps, accepted_l, spin_accepted_l, rng):
    """`sweeps` sweeps in place; returns the energy and the largest drift of the incremental gaps.

    weight_k: weights of all bonds; spin_um: ±1.0 [unit of layers 0…L, pattern]; net: Topology; step_l: width of the
    moves of each bond layer; accepted_l (L), spin_accepted_l (L+1): counters, added to; rng: four words.
    """
    patterns = spin_um.shape[1]
    width = net.width_l.max() + 7
    stride = (patterns + 7) // 8 * 8
    spins = np.zeros((spin_um.shape[0], stride))
    spins[:, :patterns] = spin_um
    short_pm = np.empty((spin_um.shape[0] - net.width_l[0], stride))
    _shortfalls(weight_k, spins, short_pm, net, margin, patterns)
    buffers = (
        np.zeros((patterns, width)),
        np.zeros((patterns, width)),
        np.zeros((patterns, width)),
        np.zeros((patterns, width)),
        np.zeros(np.diff(net.column_u[net.first_l[:-1]]).max() if net.width_l.shape[0] > 2 else 0),
    )
    temperature = 1.0 / beta if beta > 0.0 else np.inf
    for _ in range(sweeps):
        _bond_phase(weight_k, spins, short_pm, net, gaussian, temperature, step_l, accepted_l, rng)
        _spin_phase(weight_k, spins, short_pm, net, temperature, margin, spin_accepted_l, buffers, rng)
    spin_um[:] = spins[:, :patterns]
    incremental = short_pm.copy()
    _shortfalls(weight_k, spins, short_pm, net, margin, patterns)
    drift, energy = 0.0, 0.0
    for p in range(short_pm.shape[0]):
        energy += _energy(short_pm[p])
        for m in range(patterns):
            drift = max(drift, abs(incremental[p, m] - short_pm[p, m]))
    return energy, drift
