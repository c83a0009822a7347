"""Exact Boltzmann weights of tiny nets, and plain Python twins of the Monte Carlo kernels.

Everything here is written from THEORY sections 1 and 8 with matrices and loops over states, sharing no code with the
package but the neighbour lists.
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy import stats

FALSE_ALARM = 1e-3  # of every chi-square below


def chi_square(counts, probabilities, smallest=5.0):
    """p-value of independent counts against exact probabilities; rare cells are put together."""
    counts, probabilities = np.ravel(counts).astype(float), np.ravel(probabilities)
    expected = counts.sum() * probabilities
    assert counts[probabilities == 0.0].sum() == 0, "a state of probability 0 was visited"
    order = np.argsort(expected)
    cells = np.minimum(np.cumsum(expected[order]) // smallest, 10**9)
    rare = expected[order] < smallest
    cells = np.where(rare, cells, cells[rare].max(initial=0) + 1 + np.arange(len(cells)))
    _, inverse = np.unique(cells, return_inverse=True)
    seen, wanted = np.bincount(inverse, counts[order]), np.bincount(inverse, expected[order])
    keep = wanted >= 1.0
    statistic = ((seen[keep] - wanted[keep]) ** 2 / wanted[keep]).sum()
    return stats.chi2.sf(statistic, keep.sum() - 1)


def power(right, wrong, samples, smallest=5.0):
    """Probability that `samples` draws of `wrong` are refused as draws of `right` at FALSE_ALARM (non-central χ²)."""
    right, wrong = np.ravel(right), np.ravel(wrong)
    common = samples * right >= smallest
    excess = samples * ((wrong - right)[common] ** 2 / right[common]).sum()
    threshold = stats.chi2.isf(FALSE_ALARM, common.sum() - 1)
    return stats.ncx2.sf(threshold, common.sum() - 1, excess)


def soft_energy(matrices, scales, spins, margin=0.0):
    """E = Σ v(r) of spins given layer by layer [unit, pattern]."""
    total = 0.0
    for J, scale, below, above in zip(matrices, scales, spins[:-1], spins[1:]):
        gap = above * (scale * (J @ below))
        total += (np.maximum(margin - gap, 0.0) ** 2).sum()
    return total


def hidden_states(widths, patterns):
    """All ±1 assignments of the hidden layers, each a list of [unit, pattern] arrays."""
    sizes = [n * patterns for n in widths[1:-1]]
    for signs in itertools.product((-1.0, 1.0), repeat=sum(sizes)):
        parts = np.split(np.array(signs), np.cumsum(sizes)[:-1])
        yield [part.reshape(n, patterns) for part, n in zip(parts, widths[1:-1])]


def state_number(hidden):
    """Index of hidden spins in the order of `hidden_states`; `hidden` flat, last axis."""
    bits = np.asarray(hidden) > 0
    return bits @ (1 << np.arange(bits.shape[-1])[::-1])


def spin_distribution(matrices, scales, inputs, outputs, beta, margin=0.0):
    """Exact probabilities of all hidden spins at frozen weights."""
    widths = [inputs.shape[0], *(J.shape[0] for J in matrices)]
    energies = [
        soft_energy(matrices, scales, [inputs, *hidden, outputs], margin)
        for hidden in hidden_states(widths, inputs.shape[1])
    ]
    weights = np.exp(-beta * (np.array(energies) - min(energies)))
    return weights / weights.sum()


def stationary_without_own_gap(matrices, scales, inputs, outputs, beta):
    """What random single flips converge to when their acceptance leaves the gap of the flipped spin itself out.

    Stationary vector of the transition matrix over all hidden states.
    """
    widths = [inputs.shape[0], *(J.shape[0] for J in matrices)]
    states = list(hidden_states(widths, inputs.shape[1]))
    flat = [np.concatenate([h.ravel() for h in hidden]) for hidden in states]
    owners = [(l, i, m) for l, n in enumerate(widths[1:-1]) for i in range(n) for m in range(inputs.shape[1])]
    count, sites = len(states), len(owners)
    matrix = np.zeros((count, count))
    energy = np.array([soft_energy(matrices, scales, [inputs, *h, outputs]) for h in states])
    for a, hidden in enumerate(states):
        spins = [inputs, *hidden, outputs]
        for site, (l, i, m) in enumerate(owners):
            b = a ^ (1 << (sites - 1 - site))
            gap = hidden[l][i, m] * scales[l] * (matrices[l][i] @ spins[l][:, m])
            own = max(gap, 0.0) ** 2 - max(-gap, 0.0) ** 2
            matrix[a, b] = min(1.0, np.exp(-beta * (energy[b] - energy[a] - own))) / sites
        matrix[a, a] = 1.0 - matrix[a].sum()
    assert len({tuple(f) for f in flat}) == count
    system = np.vstack([matrix.T - np.eye(count), np.ones(count)])
    return np.linalg.lstsq(system, np.append(np.zeros(count), 1.0), rcond=None)[0].clip(0.0)


def soft_square(gap):
    """v(r) of the soft core at κ = 0."""
    return np.maximum(-gap, 0.0) ** 2


def spin_and_angle_distribution(inputs, outputs, beta, bins, grid=1536, energy=soft_square):
    """N = 2, L = 2, rows on the circle: joint probability [hidden state, angle bin of row 0 of layer 1].

    At fixed spins the four rows are independent, each an integral over its angle (midpoint rule, periodic integrand).
    """
    angle = (np.arange(grid) + 0.5) * 2 * np.pi / grid
    rows = np.stack([np.cos(angle), np.sin(angle)], axis=1)  # J/√2 · √2: N^-1/2 · √2 = 1

    def weight(below, above):
        gap = above * (rows @ below)
        return np.exp(-beta * energy(gap).sum(axis=1))

    table = []
    for (hidden,) in hidden_states([2, 2, 2], inputs.shape[1]):
        first = weight(inputs, hidden[0]).reshape(bins, -1).sum(axis=1)
        rest = weight(inputs, hidden[1]).sum()
        for output in outputs:
            rest = rest * weight(hidden, output).sum()
        table.append(first * rest)
    return np.array(table) / np.sum(table)


def gaussian_row_distribution(inputs, output, beta, radii, bins, grid=96):
    """One perceptron of two Gaussian weights: probability [radius shell, angle bin]; midpoint rule in both."""
    angle = (np.arange(bins * grid) + 0.5) * 2 * np.pi / (bins * grid)
    rows = np.stack([np.cos(angle), np.sin(angle)], axis=1) / np.sqrt(2.0)
    edges = np.concatenate([[0.0], radii, [9.0]])
    table = []
    for low, high in zip(edges[:-1], edges[1:]):
        r = low + (np.arange(400) + 0.5) * (high - low) / 400
        gap = r[:, None, None] * (output * (rows @ inputs))
        density = np.exp(-beta * (np.maximum(-gap, 0.0) ** 2).sum(axis=2)) * (r * np.exp(-0.5 * r * r))[:, None]
        table.append(density.reshape(400, bins, grid).sum(axis=(0, 2)) * (high - low))
    return np.array(table) / np.sum(table)


QUADRANTS = np.pi / 2 * np.arange(4)  # of a row with two inputs ±1: its signs change at odd multiples of π/4


def quadrant(weights):
    """Which of the four sign classes rows [..., 2] belong to; 1 in their middle directions."""
    return np.floor((np.arctan2(weights[..., 1], weights[..., 0]) + np.pi / 4) / (np.pi / 2)).astype(int) % 4


def wrong_outputs_by_class(inputs, outputs, depth):
    """N = 2: wrong outputs of every assignment of sign classes to the 2·depth rows, index of first row slowest.

    All classes have the same measure, so that this enumerates the hard core exactly.
    """
    directions = np.stack([np.cos(QUADRANTS), np.sin(QUADRANTS)], axis=1)
    wrong = []
    for classes in itertools.product(range(4), repeat=2 * depth):
        spins = inputs
        for layer in range(depth):
            field = directions[list(classes[2 * layer : 2 * layer + 2])] @ spins
            spins = np.where(np.round(field, 9) >= 0.0, 1.0, -1.0)
        wrong.append((spins != outputs).sum())
    return np.array(wrong)


def connected_component(allowed, start, rows):
    """States reachable from `start` by changing the class of one row at a time within `allowed`, and their neighbours.

    Classes next to each other or opposite count alike: how many of the 3 others of each row are allowed.
    """
    reached, queue, neighbours = {start}, [start], {}
    while queue:
        state = queue.pop()
        neighbours[state] = 0
        for row in range(rows):
            unit = 4**row
            base = state - (state // unit % 4) * unit
            for value in range(4):
                other = base + value * unit
                neighbours[state] += bool(allowed[other]) and other != state
                if allowed[other] and other not in reached:
                    reached.add(other)
                    queue.append(other)
    states = np.array(sorted(reached))
    return states, np.array([neighbours[state] for state in states])


def metropolis_twin(matrices, scales, inputs, outputs, beta, chains, steps, rng, own_gap=True):
    """Flat hidden spins of many chains after random single flips in NumPy; `own_gap=False` is the wrong rule."""
    widths = [inputs.shape[0], *(J.shape[0] for J in matrices)]
    patterns = inputs.shape[1]
    layers = [np.broadcast_to(inputs, (chains, *inputs.shape)).copy()]
    layers += [rng.choice([-1.0, 1.0], (chains, n, patterns)) for n in widths[1:-1]]
    layers.append(np.broadcast_to(outputs, (chains, *outputs.shape)).copy())
    sites = [(l, i, m) for l, n in enumerate(widths[1:-1], 1) for i in range(n) for m in range(patterns)]
    for _ in range(steps):
        l, i, m = sites[rng.integers(len(sites))]
        gap = layers[l][:, i, m] * scales[l - 1] * (layers[l - 1][:, :, m] @ matrices[l - 1][i])
        change = np.maximum(gap, 0.0) ** 2 - np.maximum(-gap, 0.0) ** 2 if own_gap else np.zeros(chains)
        field = scales[l] * (layers[l][:, :, m] @ matrices[l].T)
        flipped = field - 2.0 * scales[l] * layers[l][:, i, m, None] * matrices[l][:, i]
        above = layers[l + 1][:, :, m]
        change += (np.maximum(-above * flipped, 0.0) ** 2 - np.maximum(-above * field, 0.0) ** 2).sum(axis=1)
        accept = rng.random(chains) < np.exp(np.minimum(0.0, -beta * change))
        layers[l][:, i, m] *= np.where(accept, -1.0, 1.0)
    return np.concatenate([layer.reshape(chains, -1) for layer in layers[1:-1]], axis=1)


def rotated(row, a, b, t):
    """The row after a rotation of elements a, b by the angle 2 arctan t; a row of one element changes sign."""
    row = row.copy()
    if len(row) == 1:
        return -row
    cosine, sine = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    row[a], row[b] = cosine * row[a] - sine * row[b], sine * row[a] + cosine * row[b]
    return row


def soft_sweeps_twin(net, weights, spins, gaussian, beta, margin, step_l, sweeps, draws):
    """`soft_sweeps` with every energy computed from scratch by matrices; `draws` gives the same random numbers."""
    weights, spins = weights.copy(), spins.copy()

    def energy():
        matrices = [net.matrix(l, weights) for l in range(1, net.depth + 1)]
        return soft_energy(matrices, net.scale_l, [spins[net.layer_units(l)] for l in range(net.depth + 1)], margin)

    def settle(old, undo):
        if energy() > old + draws.exponential() / beta:
            undo()

    for _ in range(sweeps):
        for p in range(len(net.row_p) - 1):
            row = weights[net.row_p[p] : net.row_p[p + 1]]
            layer = np.searchsorted(net.first_l, p + net.width_l[0], side="right") - 1
            step = step_l[layer - 1]
            for _ in range(len(row)):
                before, old, a = row.copy(), energy(), draws.below(len(row))
                if gaussian:
                    row[a] = (row[a] + step * draws.normal()) / np.sqrt(1 + step * step)
                elif len(row) == 1:
                    row[:] = -row
                else:
                    b = draws.below(len(row) - 1)
                    row[:] = rotated(row, a, b + (b >= a), step * (2 * draws.uniform() - 1))
                settle(old, lambda row=row, before=before: row.__setitem__(slice(None), before))
        for layer in range(1, net.depth):
            units = np.arange(net.first_l[layer], net.first_l[layer + 1])
            for mu in range(spins.shape[1]):
                for _ in units:
                    u, old = units[draws.below(len(units))], energy()
                    spins[u, mu] *= -1
                    settle(old, lambda u=u, mu=mu: spins.__setitem__((u, mu), -spins[u, mu]))
    return weights, spins, energy()


def hard_sweeps_twin(net, weights, inputs, outputs, step_l, temperature, sweeps, draws):
    """`hard_sweeps` with the net run forward from its inputs after every move."""
    weights = weights.copy()

    def wrong():
        spins = inputs
        for layer in range(1, net.depth + 1):
            spins = np.where(net.matrix(layer, weights) @ spins >= 0.0, 1.0, -1.0)
        return (spins != outputs).sum()

    for _ in range(sweeps):
        for p in range(len(net.row_p) - 1):
            row = weights[net.row_p[p] : net.row_p[p + 1]]
            layer = np.searchsorted(net.first_l, p + net.width_l[0], side="right") - 1
            for _ in range(len(row)):
                before, old, a, b, t = row.copy(), wrong(), draws.below(len(row)), 0, 0.0
                if len(row) > 1:
                    b = draws.below(len(row) - 1)
                    b, t = b + (b >= a), step_l[layer - 1] * (2 * draws.uniform() - 1)
                row[:] = rotated(row, a, b, t)
                allowed = temperature * draws.exponential() if temperature > 0.0 else 0.0
                if wrong() - old > allowed:
                    row[:] = before
    return weights, wrong()


def heat_bath_twin(net, weights, inputs, outputs, sweeps, draws, between):
    """`heat_bath_sweeps` with the net run forward from its inputs for every spin turned and after every weight.

    between(low, high): the draw of the kernel. Which patterns bind a hidden unit is settled when it is visited.
    """
    weights, counts = weights.copy(), np.diff(net.row_p)
    rows = [slice(a, b) for a, b in zip(net.row_p, net.row_p[1:])]
    for row in rows:
        target = sum(draws.normal() ** 2 for _ in range(row.stop - row.start))
        weights[row] *= np.sqrt(target / (weights[row] ** 2).sum())

    def forward(layer=0, unit=0, pattern=0):
        """Spins of all layers; of `layer` > 0, one spin turned."""
        layers = [inputs]
        for l in range(1, net.depth + 1):
            layers.append(np.where(net.matrix(l, weights) @ layers[-1] >= 0.0, 1.0, -1.0))
            if l == layer:
                layers[-1][unit, pattern] *= -1.0
        return layers

    for _ in range(sweeps):
        for p, row in enumerate(rows):
            layer = np.searchsorted(net.first_l, p + net.width_l[0], side="right") - 1
            unit = p + net.width_l[0] - net.first_l[layer]
            own = forward()[layer][unit].copy()
            bound = np.array([(forward(layer, unit, m)[-1] != outputs).any() for m in range(inputs.shape[1])])
            for k in range(row.start, row.stop):
                below = forward()[layer - 1][net.source_k[row]]
                x, gap = below[k - row.start] * own, own * (weights[row] @ below)
                low = -gap[bound & (x > 0.0)].min(initial=1e30)
                high = gap[bound & (x < 0.0)].min(initial=1e30)
                weights[k] = between(weights[k] + low, weights[k] + high)
    return weights * np.repeat(np.sqrt(counts / np.add.reduceat(weights**2, net.row_p[:-1])), counts)
