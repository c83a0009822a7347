"""How the flip of a hidden unit on one pattern travels upward through a net of slaved spins, and what it spoils.

Through the readers of the flipped units alone, layer by layer, until nothing changes sign or the outputs are reached.
Just below the outputs nothing needs to be written to count what a flip spoils; further down what is overwritten is
logged, to be put back if the move is refused.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gardner.nets.graphs import Topology
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


@kernel(forceinline=True)
def propagate(mu, layer, unit, spin, net, log):
    """Carry a flipped unit up to the outputs, logging what is overwritten; returns the wrong outputs gained."""
    field_mp, graph, reader_weight, target_mo = net
    log_mu, log_p, log_value, stamp_p, was_p, front, touched, count = log
    first_l, column_u, reader_k = graph.first_l, graph.column_u, graph.reader_k
    inputs, depth = graph.width_l[0], graph.width_l.shape[0] - 1
    front[0], fronts = unit, 1
    for upper in range(layer + 1, depth + 1):
        base = first_l[upper] - inputs
        base_below = first_l[upper - 1] - inputs
        count[CLOCK] += 1
        now, found = count[CLOCK], 0

        # the readers of every flipped unit, each logged once
        for f in range(fronts):
            u = front[f]
            s = spin
            if upper > layer + 1:
                s = 1.0 if field_mp[mu, base_below + u] >= 0.0 else -1.0
            for k in range(column_u[inputs + base_below + u], column_u[inputs + base_below + u + 1]):
                p = base + reader_k[k]
                if stamp_p[p] != now:
                    stamp_p[p] = now
                    was_p[p] = field_mp[mu, p] >= 0.0
                    touched[found] = reader_k[k]
                    found += 1
                    e = count[SIZE]
                    log_mu[e], log_p[e], log_value[e] = mu, p, field_mp[mu, p]
                    count[SIZE] += 1
                field_mp[mu, p] += 2.0 * s * reader_weight[k]

        # those whose sign has changed flip in turn
        fronts = 0
        for q in range(found):
            if (field_mp[mu, base + touched[q]] >= 0.0) != was_p[base + touched[q]]:
                front[fronts] = touched[q]
                fronts += 1
        if fronts == 0:
            return 0

    gained = 0
    base = first_l[depth] - inputs
    for f in range(fronts):
        right = (field_mp[mu, base + front[f]] >= 0.0) == (target_mo[mu, front[f]] > 0.0)
        gained += -1 if right else 1
    return gained


@kernel(forceinline=True)
def carry(field, flips, start, stop, field_mp, base, reader_k, reader_weight):
    """Add the flips of an accepted move below the output layer to the fields of the outputs."""
    for m in flips:
        twice = 2.0 if field[m] >= 0.0 else -2.0
        for k in range(start, stop):
            field_mp[m, base + reader_k[k]] += twice * reader_weight[k]


@kernel(forceinline=True)
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
