"""Metropolis dynamics of soft potentials: spins and bonds move at e^{-βE}, E = Σ v(r) over all gaps.

A sweep is one attempt per bond and one per hidden spin (THEORY section 8), perceptron by perceptron (`soft_rows`),
then layer by layer and pattern by pattern (`spin_flips`): at fixed spins perceptrons are independent, at fixed bonds
patterns are. Which element moves is drawn at random within its perceptron or layer; a sweep in order would be periodic
where all moves are free.

Cost. A bond moves the gaps of its perceptron on all patterns, a spin those of its readers on one pattern. Bonds run
over contiguous patterns, spins over contiguous perceptrons above; the copies between the two layouts cost 1/N of a
sweep. What is stored of a gap r is its shortfall x = κ - r; padding lies where v = 0, which every potential is from κ
on.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gardner.montecarlo.ladder import geometric
from gardner.montecarlo.moves.base import Move, Walker
from gardner.montecarlo.moves.gap_energy import FAST
from gardner.montecarlo.moves.soft_rows import Law, Row, rotate_row, shift_row, sum_energies
from gardner.montecarlo.moves.spin_flips import Readers, Site, flip_dense, flip_sparse
from gardner.nets.graphs import Topology
from gardner.runtime.compilation import kernel

FREE = -1e150  # shortfall of padding
SPACING, LARGEST_SPACING = 4.0, 0.7  # of ln β between the slots of a ladder


class Net(NamedTuple):
    """Weights, spins ±1.0 [unit, pattern], shortfalls [perceptron, pattern], both padded, and the graph."""

    weight_k: np.ndarray
    spin_um: np.ndarray
    short_pm: np.ndarray
    graph: Topology


class Buffers(NamedTuple):
    """Shortfalls and spins of a layer and the one above, pattern by pattern, and weights as readers see them."""

    own: np.ndarray
    above: np.ndarray
    own_spin: np.ndarray
    above_spin: np.ndarray
    reader_weight: np.ndarray


@kernel(forceinline=True)
def _transpose(source, target, rows, columns):
    for r in range(rows):
        for c in range(columns):
            target[r, c] = source[c, r]


@kernel(forceinline=True, fastmath=FAST)
def _compute_shortfalls(net, margin, patterns):
    """κ - r of every perceptron and pattern, from scratch."""
    graph, weight_k, spin_um = net.graph, net.weight_k, net.spin_um
    inputs = graph.width_l[0]
    for layer in range(1, graph.width_l.shape[0]):
        scale = graph.scale_l[layer - 1]
        first_below = graph.first_l[layer - 1]
        for unit in range(graph.first_l[layer], graph.first_l[layer + 1]):
            p = unit - inputs
            short, own = net.short_pm[p], spin_um[unit]
            for m in range(patterns):
                short[m] = 0.0
            for k in range(graph.row_p[p], graph.row_p[p + 1]):
                line = spin_um[first_below + graph.source_k[k]]
                for m in range(patterns):
                    short[m] += weight_k[k] * line[m]
            for m in range(patterns):
                short[m] = margin - scale * own[m] * short[m]
            for m in range(patterns, short.shape[0]):
                short[m] = FREE


@kernel(forceinline=True)
def _move_bonds(law, net, gaussian, step_l, accepted_l, rng):
    """One attempt per bond."""
    graph, weight_k, spin_um = net.graph, net.weight_k, net.spin_um
    inputs = graph.width_l[0]
    for layer in range(1, graph.width_l.shape[0]):
        below_jm = spin_um[graph.first_l[layer - 1] : graph.first_l[layer]]
        scale, step = graph.scale_l[layer - 1], step_l[layer - 1]
        for unit in range(graph.first_l[layer], graph.first_l[layer + 1]):
            p = unit - inputs
            bonds = slice(graph.row_p[p], graph.row_p[p + 1])
            row = Row(weight_k[bonds], graph.source_k[bonds], below_jm, spin_um[unit], net.short_pm[p], scale)
            if gaussian:
                accepted_l[layer - 1] += shift_row(law, row, step, rng)
            else:
                accepted_l[layer - 1] += rotate_row(law, row, step, rng)


@kernel(forceinline=True)
def _move_spins(law, net, accepted_l, buffers, rng):
    """One attempt per hidden spin."""
    graph, spin_um, short_pm = net.graph, net.spin_um, net.short_pm
    own, above, own_spin, above_spin, reader_weight = buffers
    inputs, patterns = graph.width_l[0], own.shape[0]
    for layer in range(1, graph.width_l.shape[0] - 1):
        first, next_, end = graph.first_l[layer], graph.first_l[layer + 1], graph.first_l[layer + 2]
        n, n_above = next_ - first, end - next_

        # from unit by unit to pattern by pattern
        _transpose(short_pm[first - inputs :], own, patterns, n)
        _transpose(spin_um[first:], own_spin, patterns, n)
        _transpose(short_pm[next_ - inputs :], above, patterns, n_above)
        _transpose(spin_um[next_:], above_spin, patterns, n_above)
        start, stop = graph.column_u[first], graph.column_u[next_]
        for k in range(start, stop):
            reader_weight[k - start] = 2.0 * graph.scale_l[layer] * net.weight_k[graph.bond_k[k]]
        width = (n_above + 7) // 8 * 8
        above[:, n_above:width] = FREE

        if stop - start == n * n_above:
            weight_ji = np.zeros((n, width))
            weight_ji[:, :n_above] = reader_weight[: stop - start].reshape(n, n_above)
            for mu in range(patterns):
                site = Site(own_spin[mu, :n], own[mu], above[mu, :width], above_spin[mu])
                accepted_l[layer] += flip_dense(law, site, weight_ji, rng)
        else:
            readers = Readers(graph.column_u[first : next_ + 1] - start, graph.reader_k[start:stop], reader_weight)
            for mu in range(patterns):
                site = Site(own_spin[mu, :n], own[mu], above[mu, :width], above_spin[mu])
                accepted_l[layer] += flip_sparse(law, site, readers, rng)

        # and back
        _transpose(own, short_pm[first - inputs :], n, patterns)
        _transpose(own_spin, spin_um[first:], n, patterns)
        _transpose(above, short_pm[next_ - inputs :], n_above, patterns)


@kernel()
def soft_sweeps(weight_k, spin_um, graph, gaussian, potential, margin, beta, step_l, sweeps, counts, rng):
    """`sweeps` sweeps in place; returns the energy and the largest drift of the incremental gaps.

    weight_k: weights of all bonds; spin_um: ±1.0 [unit of layers 0…L, pattern]; graph: Topology; gaussian: the prior,
    N(0, 1) or the sphere; potential: of any class with an energy, at this margin κ and inverse temperature β; step_l:
    width of the moves of each bond layer; counts: accepted moves of bonds (L) and spins (L+1), added to; rng: four
    words.
    """
    accepted_l, spin_accepted_l = counts
    patterns = spin_um.shape[1]
    width, stride = graph.width_l.max() + 7, (patterns + 7) // 8 * 8
    spins = np.zeros((spin_um.shape[0], stride))
    spins[:, :patterns] = spin_um
    net = Net(weight_k, spins, np.empty((spin_um.shape[0] - graph.width_l[0], stride)), graph)
    _compute_shortfalls(net, margin, patterns)
    most = np.diff(graph.column_u[graph.first_l[:-1]]).max() if graph.width_l.shape[0] > 2 else 0
    buffers = Buffers(
        np.zeros((patterns, width)),
        np.zeros((patterns, width)),
        np.zeros((patterns, width)),
        np.zeros((patterns, width)),
        np.zeros(most),
    )

    law = Law(potential, margin, 1.0 / beta if beta > 0.0 else np.inf)
    for _ in range(sweeps):
        _move_bonds(law, net, gaussian, step_l, accepted_l, rng)
        _move_spins(law, net, spin_accepted_l, buffers, rng)
    spin_um[:] = spins[:, :patterns]

    # what was kept up to date, against what it should be
    incremental = net.short_pm.copy()
    _compute_shortfalls(net, margin, patterns)
    drift, energy = 0.0, 0.0
    for p in range(net.short_pm.shape[0]):
        energy += sum_energies(law, net.short_pm[p])
        for m in range(patterns):
            drift = max(drift, abs(incremental[p, m] - net.short_pm[p, m]))
    return energy, drift


class BondsAndSpins(Move):
    """Weights and hidden spins at inverse temperature β, under any potential with an energy.

    Energies fluctuate by about the square root of the number of bonds, so that the slots of a ladder exchange readily
    where ln β differs by SPACING/√bonds, at most LARGEST_SPACING: how hot a ladder of K slots reaches follows from
    that. A stop for a measurement computes every energy anew, and temperatures are exchanged there as well.
    """

    weights = ("spherical", "gaussian")
    tempers = True
    moves_spins = True
    exchanges_at_stops = True
    kernels = (soft_sweeps,)
    refusals = Move.refusals | {
        "potential": "weights = {weights} with potential = {potential}: signs do not see the length of a row; "
        "choose --weights spherical",
        "guest": "guest with tempering: exchanged configurations have no common past; drop one of the two",
    }

    def first_ladder(self) -> np.ndarray:
        """β_k with constant ratio."""
        settings = self.settings
        spacing = min(SPACING / math.sqrt(self.bonds_l.sum()), LARGEST_SPACING)
        coldest, slots = settings.beta, settings.tempering
        return geometric(coldest, coldest * math.exp(-spacing * (slots - 1)), slots)

    def sweep(self, walker: Walker, sweeps: int) -> tuple[float, float]:
        """One attempt per bond and per hidden spin a sweep."""
        spins, potential = walker.spin_um.astype(float), self.settings.potential
        net = walker.weight_k, spins, self.disorder.topology, self.settings.weights == "gaussian"
        law = potential, potential.margin, walker.beta
        counts = walker.accepted_l, walker.spin_accepted_l
        energy, drift = soft_sweeps(*net, *law, walker.step_l, sweeps, counts, walker.rng)
        walker.spin_um[:] = spins
        return energy, drift
