"""Heat-bath dynamics of the hard core: each weight is drawn afresh from what all the others allow it.

The signs of a net do not see the length of a row, so that weights uniform on the sphere are the directions of Gaussian
ones. Given everything else, patterns constrain a row independently of each other: a hidden unit may change its sign on
pattern μ iff the outputs stay right with this one spin turned (μ is then *free*), else S_iμ h_iμ >= 0 must hold. What
is left of the prior is a Gaussian in a convex cone, and one weight given the rest a Gaussian between two ends,

    -min_{μ bound, x S > 0} S_μ h_μ  <=  J'_a - J_a  <=  min_{μ bound, x S < 0} S_μ h_μ,     x = S_{aμ} below.

Nothing is rejected and no step is to be tuned; free patterns are crossed at once. A sweep draws every weight once, in
order. Whether a pattern is free is asked only of those that end an interval, once per visit of a unit.

Cost. Two passes over the patterns per weight: fields, and the ends as two integer minima (the bits of doubles of one
sign are ordered as integers; their last bits carry the pattern). Fields and spins lie unit by unit.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gardner.errors import ConvergenceError
from gardner.montecarlo.generator import normal, uniform
from gardner.montecarlo.moves.base import Move, Walker
from gardner.montecarlo.moves.binary_rows import BinaryRows
from gardner.montecarlo.moves.hard_rotations import Rotations
from gardner.nets.graphs import Topology
from gardner.runtime.compilation import kernel

FAR = 1e30  # gap of what does not constrain
TINY = 1e-300
WIDEST = 8.0  # standard deviations kept of a Gaussian whose interval has no end: beyond lies 1e-15 of it
FAST = {"reassoc", "contract", "nsz", "nnan", "ninf"}
SIGN = np.int64(-(2**63))


class Net(NamedTuple):
    """The whole net: its weights, spins of all units, fields of all perceptrons, the graph."""

    weight_k: np.ndarray
    spin_um: np.ndarray
    field_pm: np.ndarray
    graph: Topology


class Row(NamedTuple):
    """The perceptron that is visited: its gaps, the gaps as the next weight sees them (and their bits), and where it
    has been asked whether the pattern is free; mask: the last bits of a code, which carry the pattern."""

    gap: np.ndarray
    signed: np.ndarray
    bits: np.ndarray
    known: np.ndarray
    mask: np.int64


class Way(NamedTuple):
    """The way of a flip upward: changes of fields, when each was last touched, those touched, units that flip, time."""

    change_p: np.ndarray
    stamp_p: np.ndarray
    touched: np.ndarray
    front: np.ndarray
    clock: np.ndarray


@kernel(forceinline=True)
def between(low, high, rng):
    """N(0, 1) between two ends, by rejection from the uniform density."""
    near = min(max(0.0, low), high)
    top = 0.5 * near * near
    low, high = max(low, near - WIDEST), min(high, near + WIDEST)
    while True:
        x = low + (high - low) * uniform(rng)
        excess, u = 0.5 * x * x - top, uniform(rng)
        if u < 1.0 - excess or u < math.exp(-excess):
            return x


@kernel(forceinline=True, fastmath=FAST)
def _shift(gap, own, before, now, change, signed):
    """Carry the change of one weight into the gaps; signed: gaps with the sign in which the next weight sees them."""
    for m in range(np.uint64(0), np.uint64(gap.shape[0])):
        g = gap[m] + change * (own[m] * before[m])
        g = g if g > TINY else TINY  # rounding must not carry a bound pattern across its wall
        gap[m] = g
        signed[m] = (own[m] * now[m]) * g


@kernel(forceinline=True)
def _nearest(bits, mask):
    """Codes of the smallest negative and positive of `signed`: < 0 where there is one, the pattern below `mask`."""
    up, down = np.int64(0), np.int64(0)
    for m in range(np.uint64(0), np.uint64(bits.shape[0])):
        code = (bits[m] & ~mask) | np.int64(m)
        other = code ^ SIGN
        up = code if code < up else up
        down = other if other < down else down
    return up, down


@kernel(forceinline=True)
def _turn(m, layer, unit, net, way, write):
    """Whether the outputs stay right when a hidden spin turns on pattern m; if `write`, it turns, and what follows."""
    weight_k, spin_um, field_pm, graph = net
    change_p, stamp_p, touched, front, clock = way
    depth, inputs = graph.width_l.shape[0] - 1, graph.width_l[0]
    front[0], fronts = unit, 1
    for upper in range(layer + 1, depth + 1):
        first, base = graph.first_l[upper - 1], graph.first_l[upper] - inputs
        clock[0] += 1
        found = 0

        # what the flipped units change in the fields above
        for f in range(fronts):
            u = first + front[f]
            twice = -2.0 * spin_um[u, m]
            for k in range(graph.column_u[u], graph.column_u[u + 1]):
                p = base + graph.reader_k[k]
                if stamp_p[p] != clock[0]:
                    stamp_p[p], change_p[p] = clock[0], 0.0
                    touched[found] = p
                    found += 1
                change_p[p] += twice * weight_k[graph.bond_k[k]]
            if write:
                spin_um[u, m] = -spin_um[u, m]

        # those whose sign changes flip in turn
        fronts = 0
        for q in range(found):
            p = touched[q]
            new = field_pm[p, m] + change_p[p]
            if write:
                field_pm[p, m] = new
            if (new >= 0.0) != (spin_um[inputs + p, m] > 0.0):
                if upper == depth:
                    return False
                front[fronts] = p - base
                fronts += 1
        if fronts == 0:
            break
    return True


@kernel(forceinline=True)
def _outputs_stay(m, u, base, net):
    """`_turn` for a unit that the outputs read, without writing."""
    graph, spin_um, field_pm, weight_k = net.graph, net.spin_um, net.field_pm, net.weight_k
    inputs = graph.width_l[0]
    twice = -2.0 * spin_um[u, m]
    for k in range(graph.column_u[u], graph.column_u[u + 1]):
        p = base + graph.reader_k[k]
        if ((field_pm[p, m] + twice * weight_k[graph.bond_k[k]]) >= 0.0) != (spin_um[inputs + p, m] > 0.0):
            return False
    return True


@kernel(forceinline=True)
def _visit(p, layer, net, row, way, patterns, rng):
    """Draw all weights of perceptron p of bond layer `layer` once."""
    graph, spin_um, weight_k = net.graph, net.spin_um, net.weight_k
    gap, signed, bits, known, mask = row
    depth, inputs = graph.width_l.shape[0] - 1, graph.width_l[0]
    unit, base, below = p + inputs - graph.first_l[layer], graph.first_l[depth] - inputs, graph.first_l[layer - 1]
    own, field = spin_um[inputs + p], net.field_pm[p]
    for m in range(patterns):
        gap[m] = own[m] * field[m]
    gap[patterns:] = FAR
    known[:] = layer == depth
    start, stop = graph.row_p[p], graph.row_p[p + 1]
    change, before, freed = 0.0, below + graph.source_k[start], 0
    for k in range(start, stop):
        now = below + graph.source_k[k]
        _shift(gap, own, spin_um[before], spin_um[now], change, signed)

        # the two patterns that end the interval; a free one ends nothing, and the next nearest is sought
        found = True
        while found:
            up, down = _nearest(bits, mask)
            found = False
            for code in (up, down):
                asked = code & mask
                if code == 0 or known[asked]:
                    continue
                known[asked] = True
                if layer == depth - 1:
                    found = _outputs_stay(asked, inputs + p, base, net)
                else:
                    found = _turn(asked, layer, unit, net, way, False)
                if found:
                    gap[asked] = FAR
                    signed[asked] = math.copysign(FAR, signed[asked])
                    freed += 1
                    break

        # the weight, drawn in what is left
        high = weight_k[k] - signed[up & mask] if up < 0 else FAR
        low = weight_k[k] - signed[down & mask] if down < 0 else -FAR
        new = between(low, high, rng)
        change, before = new - weight_k[k], now
        weight_k[k] = new

    # fields of bound patterns from their gaps, those of free ones anew; where their sign differs the spin turns
    last = spin_um[before]
    for m in range(patterns):
        field[m] = own[m] * gap[m] + change * last[m]
    if freed > 0:
        for m in range(patterns):
            if gap[m] > 0.5 * FAR:
                field[m] = 0.0
                for k in range(start, stop):
                    field[m] += weight_k[k] * spin_um[below + graph.source_k[k], m]
                if (field[m] >= 0.0) != (own[m] > 0.0):
                    _turn(m, layer, unit, net, way, True)


@kernel(forceinline=True)
def _run_forward(net, input_jm, target_om):
    """Fields and spins from the inputs on; returns (wrong outputs, largest change of a field)."""
    graph, spin_um, field_pm = net.graph, net.spin_um, net.field_pm
    inputs, depth, patterns = graph.width_l[0], graph.width_l.shape[0] - 1, input_jm.shape[1]
    spin_um[:inputs, :patterns] = input_jm
    own, wrong, drift = np.empty(patterns), 0, 0.0
    for layer in range(1, depth + 1):
        for u in range(graph.first_l[layer], graph.first_l[layer + 1]):
            p = u - inputs
            own[:] = 0.0
            for k in range(graph.row_p[p], graph.row_p[p + 1]):
                line = spin_um[graph.first_l[layer - 1] + graph.source_k[k]]
                for m in range(patterns):
                    own[m] += net.weight_k[k] * line[m]
            for m in range(patterns):
                drift = max(drift, abs(own[m] - field_pm[p, m]))
                field_pm[p, m] = own[m]
                spin_um[u, m] = 1.0 if own[m] >= 0.0 else -1.0
                if layer == depth:
                    wrong += spin_um[u, m] != target_om[u - graph.first_l[depth], m]
    return wrong, drift


@kernel(forceinline=True)
def _resize(weight_k, graph, drawn, rng):
    """Lengths of the rows: of Gaussian weights if `drawn`, else |J|² = number of bonds."""
    for p in range(graph.row_p.shape[0] - 1):
        start, stop = graph.row_p[p], graph.row_p[p + 1]
        square, length = 0.0, 0.0
        for k in range(start, stop):
            square += weight_k[k] ** 2
            length += normal(rng) ** 2 if drawn else 1.0
        factor = math.sqrt(length / square)
        for k in range(start, stop):
            weight_k[k] *= factor


@kernel()
def heat_bath_kernel(weight_k, input_jm, target_om, graph, sweeps, row, rng):
    """`heat_bath_sweeps`, given the buffers of a row."""
    patterns, inputs, depth = input_jm.shape[1], graph.width_l[0], graph.width_l.shape[0] - 1
    perceptrons, stride = graph.row_p.shape[0] - 1, row.gap.shape[0]
    spin_um = np.ones((inputs + perceptrons, stride), dtype=np.float32)
    net = Net(weight_k, spin_um, np.zeros((perceptrons, stride)), graph)
    way = Way(
        np.empty(perceptrons),
        np.zeros(perceptrons, dtype=np.int64),
        np.empty(perceptrons, dtype=np.int64),
        np.empty(graph.width_l.max(), dtype=np.int64),
        np.zeros(1, dtype=np.int64),
    )

    # from the sphere to Gaussian weights
    _resize(weight_k, graph, True, rng)
    wrong, drift = _run_forward(net, input_jm, target_om)
    if wrong > 0:
        drift = 0.0
    else:
        for _ in range(sweeps):
            for layer in range(1, depth + 1):
                for p in range(graph.first_l[layer] - inputs, graph.first_l[layer + 1] - inputs):
                    _visit(p, layer, net, row, way, patterns, rng)
        wrong, drift = _run_forward(net, input_jm, target_om)

    # and back
    _resize(weight_k, graph, False, rng)
    return wrong, drift


def heat_bath_sweeps(weight_k, input_jm, target_om, graph, sweeps: int, rng) -> tuple[int, float]:
    """`sweeps` sweeps in place; returns the number of wrong outputs and the largest drift of the fields.

    weight_k: weights of all bonds, every output right, |J|² = number of bonds of a row before and after; input_jm,
    target_om: ±1.0 [unit, pattern]; graph: Topology; rng: state of the generator. Where an output is wrong nothing
    moves.
    """
    patterns = input_jm.shape[1]
    stride = (patterns + 7) // 8 * 8
    signed = np.empty(stride)
    mask = np.int64((1 << max(1, (stride - 1).bit_length())) - 1)
    row = Row(np.empty(stride), signed, signed.view(np.int64), np.empty(stride, dtype=np.bool_), mask)
    return heat_bath_kernel(weight_k, input_jm, target_om, graph, sweeps, row, rng)


class HeatBath(Rotations):
    """Every weight drawn afresh from what all the others allow it: nothing is rejected, nothing is to be tuned.

    A random start is annealed by rotations.
    """

    has_step = False
    kernels = (heat_bath_kernel,)
    refusals = (
        Rotations.refusals
        | dict.fromkeys(
            ("weights", "potential"),
            "dynamics = heat-bath with weights = {weights}, potential = {potential}: made for spherical "
            "weights under the hard core; choose --dynamics metropolis or --weights spherical --potential hard",
        )
        | {
            "step": "dynamics = heat-bath with a step: nothing is rejected and no step is tuned; drop --step",
        }
    )

    @classmethod
    def serving(cls, settings) -> type[Move]:
        """Of binary weights whole rows are drawn."""
        return BinaryRows if settings.weights == "binary" else cls

    def sweep(self, walker: Walker, sweeps: int) -> tuple[float, float]:
        """Draw every weight once a sweep; ConvergenceError if rounding has carried a pattern across its wall."""
        net = self.input_jm, self.target_om, self.disorder.topology
        wrong, drift = heat_bath_sweeps(walker.weight_k, *net, sweeps, walker.rng)
        if wrong:
            raise ConvergenceError(
                f"{wrong:g} outputs have become wrong by rounding: choose another --seed, or --dynamics metropolis"
            )
        walker.accepted_l[:] += self.bonds_l * sweeps
        return wrong, drift
