"""How the flip of a hidden unit on one pattern travels upward through a net of slaved spins, and what it spoils.

Through the readers of the flipped units alone, layer by layer, until nothing changes sign or the outputs are reached.
Just below the outputs nothing needs to be written to count what a flip spoils; further down what is overwritten is
logged, to be put back if the move is refused.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gardner.montecarlo.graphs import Topology
from gardner.runtime.compilation import kernel


class Net(NamedTuple):
    """What the moves of all layers share: fields of all perceptrons, the graph, weights as readers see them, goals."""

    field_mp: np.ndarray
    graph: Topology
    reader_weight: np.ndarray
    target_mo: np.ndarray


class Log(NamedTuple):
    """What a move below the last hidden layer overwrites, and its way upward.

    mu, p, value: pattern, perceptron and field of each entry. stamp_p, was_p: when a perceptron was last touched, and
    whether its field was positive then. front, touched: units that flip, and perceptrons of the next layer that read
    them. count[SIZE]: number of entries; count[CLOCK]: the time now.
    """

    mu: np.ndarray
    p: np.ndarray
    value: np.ndarray
    stamp_p: np.ndarray
    was_p: np.ndarray
    front: np.ndarray
    touched: np.ndarray
    count: np.ndarray


SIZE, CLOCK = 0, 1  # entries of `Log.count`


@kernel(forceinline=True)
def count_gained(mu, unit, spin, base, column, is_dense, net):
    """Wrong outputs gained by pattern mu when the unit below turns to `spin`; nothing is written."""
    field_mp, reader_k, reader_weight, target_mo = net.field_mp, net.graph.reader_k, net.reader_weight, net.target_mo
    gained = 0
    step = 2.0 * spin
    start, stop = column[unit], column[unit + 1]
    if is_dense:
        for o in range(stop - start):
            old = field_mp[mu, base + o]
            new = old + step * reader_weight[start + o]
            right = target_mo[mu, o] > 0.0
            gained += ((new >= 0.0) != right) - ((old >= 0.0) != right)
        return gained
    for k in range(start, stop):
        o = reader_k[k]
        old = field_mp[mu, base + o]
        new = old + step * reader_weight[k]
        right = target_mo[mu, o] > 0.0
        gained += ((new >= 0.0) != right) - ((old >= 0.0) != right)
    return gained


@kernel()
def propagate(mu, layer, unit, spin, net, log):
    """Carry a flipped unit up to the outputs, logging what is overwritten; returns the wrong outputs gained."""
    graph, field_mp = net.graph, net.field_mp
    inputs, depth = graph.width_l[0], graph.width_l.shape[0] - 1
    log.front[0], fronts = unit, 1
    for upper in range(layer + 1, depth + 1):
        base = graph.first_l[upper] - inputs
        base_below = graph.first_l[upper - 1] - inputs
        log.count[CLOCK] += 1
        now, found = log.count[CLOCK], 0

        # the readers of every flipped unit, each logged once
        for f in range(fronts):
            u = log.front[f]
            s = spin
            if upper > layer + 1:
                s = 1.0 if field_mp[mu, base_below + u] >= 0.0 else -1.0
            for k in range(graph.column_u[inputs + base_below + u], graph.column_u[inputs + base_below + u + 1]):
                p = base + graph.reader_k[k]
                if log.stamp_p[p] != now:
                    log.stamp_p[p] = now
                    log.was_p[p] = field_mp[mu, p] >= 0.0
                    log.touched[found] = graph.reader_k[k]
                    found += 1
                    e = log.count[SIZE]
                    log.mu[e], log.p[e], log.value[e] = mu, p, field_mp[mu, p]
                    log.count[SIZE] += 1
                field_mp[mu, p] += 2.0 * s * net.reader_weight[k]

        # those whose sign has changed flip in turn
        fronts = 0
        for q in range(found):
            if (field_mp[mu, base + log.touched[q]] >= 0.0) != log.was_p[base + log.touched[q]]:
                log.front[fronts] = log.touched[q]
                fronts += 1
        if fronts == 0:
            return 0

    gained = 0
    base = graph.first_l[depth] - inputs
    for f in range(fronts):
        right = (field_mp[mu, base + log.front[f]] >= 0.0) == (net.target_mo[mu, log.front[f]] > 0.0)
        gained += -1 if right else 1
    return gained


@kernel(forceinline=True)
def carry(field, flips, start, stop, field_mp, base, reader_k, reader_weight):
    """Add the flips of an accepted move below the output layer to the fields of the outputs."""
    for m in flips:
        twice = 2.0 if field[m] >= 0.0 else -2.0
        for k in range(start, stop):
            field_mp[m, base + reader_k[k]] += twice * reader_weight[k]


@kernel()
def new_log(entries, perceptrons, widest):
    """A log with room for so many entries."""
    return Log(
        np.empty(entries, dtype=np.int64),
        np.empty(entries, dtype=np.int64),
        np.empty(entries),
        np.zeros(perceptrons, dtype=np.int64),
        np.zeros(perceptrons, dtype=np.bool_),
        np.empty(widest, dtype=np.int64),
        np.empty(widest, dtype=np.int64),
        np.zeros(2, dtype=np.int64),
    )
