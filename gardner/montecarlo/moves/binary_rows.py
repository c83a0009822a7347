"""Heat bath of binary weights: the weights of a row drawn afresh, together, from what all the others allow.

Given everything else, patterns constrain a row independently of each other: if the unit turned on pattern m, D_m more
outputs would be wrong. Its rows J therefore have the weights

    exp(-β Σ_m |D_m| [sgn(J·x_m) ≠ S_m]),        S_m the spin that the outputs prefer where D_m ≠ 0,             (C80)

and a row drawn from its prior is kept with this probability, else drawn again: what is kept is an independent sample.
Under the hard core (β → ∞) it is a row uniform among all that spoil no output, however far from the present one, where
single flips would find no way: binary solutions are isolated.

Blocks. Of a row of more than BLOCK weights as many drawn at random move together, the others stand still, once per
BLOCK weights; so do blocks of which TRIALS draws per state (2^block), at most MOST_TRIALS, hold none to be kept. This
happens with a probability that depends on what stands still alone, so that it leaves the measure as it is.

Cost. e^{-s M} draws a row, s per pattern as in (T26): 7000 at 15 inputs and α = 1; a draw is refused after about two
patterns, one instruction each. Where rows are known, all trials are spent. All sums are of whole numbers, exact in any
order, so that no kernel needs to be inlined.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gardner.montecarlo.bitpacked.words import count_bits
from gardner.montecarlo.generator import below, exponential, next_word
from gardner.montecarlo.moves.base import Walker
from gardner.montecarlo.moves.binary import BinaryMove
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.nets.graphs import Topology
from gardner.runtime.compilation import kernel

ROWS_KNOWN = 1.2447  # α*(1), where a single row is recovered (THEORY section 17)
BLOCK = 24  # weights that move together at most
TRIALS, MOST_TRIALS = 4, 2**20  # draws per state of a block, and at most, before it stands still: 5 ms


class Net(NamedTuple):
    """The whole net: weights, spins of all units, fields J·x of all perceptrons (whole numbers), right outputs."""

    weight_k: np.ndarray
    spin_um: np.ndarray
    field_pm: np.ndarray
    target_om: np.ndarray
    graph: Topology


class Way(NamedTuple):
    """The way of a flip upward: changes of fields (0 outside of use), perceptrons touched, units that flip."""

    change_p: np.ndarray
    touched: np.ndarray
    front: np.ndarray


class Block(NamedTuple):
    """The weights that move: their places in the row; of every pattern with D ≠ 0 the spins that they read as a word,
    the least number of agreements at which the unit is +1, whether +1 is preferred, and |D|."""

    place: np.ndarray
    word: np.ndarray
    least: np.ndarray
    up: np.ndarray
    price: np.ndarray


@kernel()
def _turn(m, layer, unit, net, way, write):
    """Wrong outputs gained when a unit turns on pattern m; if `write`, it turns, and what follows."""
    weight_k, spin_um, field_pm, target_om, graph = net
    change_p, touched, front = way
    depth, inputs = graph.width_l.shape[0] - 1, graph.width_l[0]
    front[0], fronts, gained = unit, 1, 0
    for upper in range(layer, depth + 1):
        first = graph.first_l[upper]

        # the units that flip, and what they change above
        found = 0
        for f in range(fronts):
            u = first + front[f]
            spin = spin_um[u, m]
            if write:
                spin_um[u, m] = -spin
            if upper == depth:
                gained += 1 if spin == target_om[front[f], m] else -1
                continue
            base = graph.first_l[upper + 1] - inputs
            for k in range(graph.column_u[u], graph.column_u[u + 1]):
                p = base + graph.reader_k[k]
                if change_p[p] == 0:  # a perceptron of which two changes cancel is listed twice
                    touched[found] = p
                    found += 1
                change_p[p] -= 2 * spin * weight_k[graph.bond_k[k]]

        # those above whose sign changes flip in turn
        fronts = 0
        for t in range(found):
            p = touched[t]
            new = field_pm[p, m] + change_p[p]
            if (new >= 0) != (field_pm[p, m] >= 0):
                front[fronts] = p + inputs - graph.first_l[upper + 1]
                fronts += 1
            if write:
                field_pm[p, m] = new
            change_p[p] = 0
        if fronts == 0:
            break
    return gained


@kernel()
def _choose_block(p, size, net, block, rng):
    """`size` places of the row of perceptron p, drawn without repetition; all in order where the row is short."""
    fan = net.graph.row_p[p + 1] - net.graph.row_p[p]
    for k in range(fan):
        block.place[k] = k
    if size < fan:
        for k in range(size):
            other = k + below(rng, fan - k)
            block.place[k], block.place[other] = block.place[other], block.place[k]


@kernel()
def _read_patterns(p, layer, size, net, way, block):
    """The patterns that constrain the block, as `Block` keeps them; returns their number."""
    weight_k, spin_um, field_pm, _, graph = net
    unit, below_u = p + graph.width_l[0] - graph.first_l[layer], graph.first_l[layer - 1]
    row, count = graph.row_p[p], 0
    for m in range(field_pm.shape[1]):
        gained = _turn(m, layer, unit, net, way, False)
        if gained == 0:
            continue
        word, rest = np.uint64(0), field_pm[p, m]
        for b in range(size):
            k = row + block.place[b]
            spin = spin_um[below_u + graph.source_k[k], m]
            rest -= weight_k[k] * spin
            if spin > 0:
                word |= np.uint64(1) << np.uint64(b)

        # the unit is +1 where rest + 2 × agreements - size ≥ 0
        block.word[count], block.least[count] = word, (size - rest + 1) // 2
        block.up[count] = (field_pm[p, m] >= 0) == (gained > 0)
        block.price[count] = abs(gained)
        count += 1
    return count


@kernel()
def _draw(size, count, beta, block, rng):
    """Weights of the block as bits, and whether a draw was kept."""
    mask = np.uint64((1 << size) - 1)
    for _ in range(min(TRIALS << size, MOST_TRIALS)):
        bits = next_word(rng) >> np.uint64(64 - size)
        allowed = exponential(rng) / beta if beta > 0.0 else np.inf
        paid = 0
        for m in range(count):
            agree = count_bits(~(bits ^ block.word[m]) & mask)
            if (agree >= block.least[m]) != block.up[m]:
                paid += block.price[m]
                if paid > allowed:
                    break
        if paid <= allowed:
            return bits, True
    return np.uint64(0), False


@kernel()
def _adopt(p, layer, size, bits, net, way, block):
    """The drawn weights, the fields of their row, and what follows where its spin turns."""
    weight_k, spin_um, field_pm, _, graph = net
    unit, below_u = p + graph.width_l[0] - graph.first_l[layer], graph.first_l[layer - 1]
    row, gained = graph.row_p[p], 0
    for b in range(size):
        k = row + block.place[b]
        new = 1 if (bits >> np.uint64(b)) & np.uint64(1) else -1
        if new == weight_k[k]:
            continue
        weight_k[k] = new
        for m in range(field_pm.shape[1]):
            field_pm[p, m] += 2 * new * spin_um[below_u + graph.source_k[k], m]
    for m in range(field_pm.shape[1]):
        if (field_pm[p, m] >= 0) != (spin_um[graph.width_l[0] + p, m] > 0):
            gained += _turn(m, layer, unit, net, way, True)
    return gained


@kernel()
def _run_forward(net, input_jm):
    """Fields and spins from the inputs on; returns the number of wrong outputs."""
    weight_k, spin_um, field_pm, target_om, graph = net
    inputs, depth = graph.width_l[0], graph.width_l.shape[0] - 1
    spin_um[:inputs] = input_jm
    wrong = 0
    for layer in range(1, depth + 1):
        for u in range(graph.first_l[layer], graph.first_l[layer + 1]):
            p = u - inputs
            for m in range(input_jm.shape[1]):
                total = 0
                for k in range(graph.row_p[p], graph.row_p[p + 1]):
                    total += weight_k[k] * spin_um[graph.first_l[layer - 1] + graph.source_k[k], m]
                field_pm[p, m] = total
                spin_um[u, m] = 1 if total >= 0 else -1
                if layer == depth:
                    wrong += spin_um[u, m] != target_om[u - graph.first_l[depth], m]
    return wrong


@kernel()
def row_sweeps(weight_k, input_jm, target_om, graph, beta, largest, sweeps, drawn_l, rng):
    """`sweeps` sweeps in place; returns the number of wrong outputs, and by how much it differs from what was kept.

    weight_k: ±1 (int64) of all bonds; input_jm, target_om: ±1 (int64) [unit, pattern]; graph: Topology; largest:
    weights of a block; drawn_l (L): those drawn afresh, added to; rng: state of the generator. A sweep visits the rows
    in order.
    """
    patterns, inputs, depth = input_jm.shape[1], graph.width_l[0], graph.width_l.shape[0] - 1
    perceptrons, fan = graph.row_p.shape[0] - 1, np.diff(graph.row_p).max()
    spin_um = np.empty((inputs + perceptrons, patterns), dtype=np.int64)
    net = Net(weight_k, spin_um, np.zeros((perceptrons, patterns), dtype=np.int64), target_om, graph)
    touched, widest = max(1, np.diff(graph.column_u).max()) * graph.width_l.max(), graph.width_l.max()
    way = Way(
        np.zeros(perceptrons, dtype=np.int64),
        np.empty(touched, dtype=np.int64),
        np.empty(max(touched, widest), dtype=np.int64),
    )
    block = Block(
        np.empty(fan, dtype=np.int64),
        np.empty(patterns, dtype=np.uint64),
        np.empty(patterns, dtype=np.int64),
        np.empty(patterns, dtype=np.bool_),
        np.empty(patterns, dtype=np.int64),
    )

    wrong = _run_forward(net, input_jm)
    for _ in range(sweeps):
        for layer in range(1, depth + 1):
            for p in range(graph.first_l[layer] - inputs, graph.first_l[layer + 1] - inputs):
                degree = graph.row_p[p + 1] - graph.row_p[p]
                size = min(degree, largest)
                for _ in range((degree + size - 1) // size):
                    _choose_block(p, size, net, block, rng)
                    count = _read_patterns(p, layer, size, net, way, block)
                    bits, kept = _draw(size, count, beta, block, rng)
                    if kept:
                        wrong += _adopt(p, layer, size, bits, net, way, block)
                        drawn_l[layer - 1] += size
    again = _run_forward(net, input_jm)
    return again, abs(again - wrong)


class BinaryRows(BinaryMove):
    """Rows of binary weights drawn afresh at any β; under the hard core from the teacher, or tempered."""

    block = BLOCK
    kernels = (row_sweeps,)

    def __init__(self, settings, disorder):
        super().__init__(settings, disorder)
        self.input_jm = disorder.input_jm.astype(np.int64)
        self.target_om = disorder.output_im.astype(np.int64)

    @classmethod
    def caution(cls, settings: MonteCarloSettings) -> str:
        """Rows that their patterns fix, all others known, stay with the teacher."""
        tempered = settings.tempering is not None
        if settings.start != "teacher" or settings.depth == 1 or tempered or settings.alpha < ROWS_KNOWN:
            return ""
        return (
            f"at α > {ROWS_KNOWN:g} patterns fix a row, all others known, at large c: drawn rows stay near the teacher "
            "also where the liquid is stable (α < L); compare a random start with --tempering"
        )

    def sweep(self, walker: Walker, sweeps: int) -> tuple[float, float]:
        """Every row once a sweep."""
        weight_k = walker.weight_k.astype(np.int64)
        net = weight_k, self.input_jm, self.target_om, self.disorder.topology
        wrong, drift = row_sweeps(*net, walker.beta, self.block, sweeps, walker.accepted_l, walker.rng)
        walker.weight_k[:] = weight_k
        return float(wrong), float(drift)
