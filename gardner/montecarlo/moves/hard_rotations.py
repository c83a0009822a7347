"""Metropolis dynamics of the hard core: weights move on the sphere, hidden spins follow, outputs must stay right.

A move turns two elements of one row (`rotation`), reversible on the sphere, so that acceptance iff no output becomes
wrong samples the Gardner volume (κ = 0). At a temperature T > 0 the number of wrong outputs is an energy instead;
annealing uses it to find a first satisfying state. A sweep is one attempt per bond, layer by layer, perceptron by
perceptron, the elements drawn at random.

Cost. A move changes the fields of one perceptron, one contiguous run over patterns, chunk by chunk; only where its
sign changes does the change travel upward, through the readers of the flipped units alone, and the first pattern that
spoils an output ends the attempt. Below the output layer nothing is written before the move is accepted; further down
what is overwritten is logged and put back. Fields of the layer that moves lie unit by unit, those above pattern by
pattern.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gardner.errors import ConvergenceError
from gardner.montecarlo.generator import below, exponential
from gardner.montecarlo.moves.base import AIM, LARGEST_STEP, SLAVED, Move, Walker
from gardner.montecarlo.moves.hard_flips import SIZE, Net, carry, count_gained, new_log, propagate
from gardner.montecarlo.moves.rotation import other_element, tangent, turn_first, turn_second
from gardner.montecarlo.state import State
from gardner.runtime.compilation import kernel

CHUNK = 64  # patterns between two looks for changed signs
FAR = 1e150  # field of padding: its sign never changes
FAST = {"reassoc", "contract", "nsz", "arcp"}
ANNEALING_STAGES, HOTTEST, COLDEST = 60, 1.0, 0.05  # temperatures in wrong outputs


class Layer(NamedTuple):
    """The layer that moves: spins below it, its own fields and, of the outputs, goals; the patterns that flip, products
    of old and new fields."""

    below_jm: np.ndarray
    field_im: np.ndarray
    target_om: np.ndarray
    flips: np.ndarray
    product: np.ndarray


@kernel(forceinline=True, fastmath=FAST)
def _may_change_sign(field, below_jm, a, b, change_a, change_b, product, start, stop):
    """Whether any field may change sign: where the product of old and new, which is kept, is not positive."""
    count = 0.0
    for m in range(start, stop):  # bounds are unsigned: no wraparound, which would bar vectors
        x = (field[m] + (change_a * below_jm[a, m] + change_b * below_jm[b, m])) * field[m]
        product[m] = x
        count += 1.0 if x <= 0.0 else 0.0
    return count > 0.0


@kernel(forceinline=True, fastmath=FAST)
def _propose(weight, step, rng):
    """Two weights of a row and what a turn of their plane makes of them."""
    fan = weight.shape[0]
    a = below(rng, fan)
    b = other_element(fan, a, rng)
    t = tangent(fan, step, rng)
    return a, b, turn_first(weight[a], weight[b], t, fan), turn_second(weight[a], weight[b], t)


@kernel(forceinline=True)
def _put_back(field_mp, log):
    """Undo what a refused flip has changed in the layers above."""
    log_mu, log_p, log_value, logged = log.mu, log.p, log.value, log.count
    for e in range(logged[SIZE]):
        field_mp[log_mu[e], log_p[e]] = log_value[e]


@kernel(forceinline=True, fastmath=FAST)
def _follow(field, below_jm, a, b, change_a, change_b):
    """The fields of the unit after its weights from a and b have changed."""
    for m in range(field.shape[0]):
        field[m] += change_a * below_jm[a, m] + change_b * below_jm[b, m]


@kernel(forceinline=True, fastmath=FAST)
def _move_row(weight, source, field, layer, unit, step, temperature, wrong, net, moving, log, rng):
    """One attempt per bond of one perceptron; returns (accepted, wrong outputs)."""
    field_mp, graph, reader_weight, _ = net
    below_jm, _, target_om, flips, product = moving
    depth = graph.width_l.shape[0] - 1
    scale, count, fan = graph.scale_l[layer - 1], np.uint64(field.shape[0]), weight.shape[0]
    base_out = graph.first_l[depth] - graph.width_l[0]
    column = graph.column_u[graph.first_l[layer] : graph.first_l[layer + 1] + 1] if layer < depth else graph.column_u
    is_dense = layer < depth and column[unit + 1] - column[unit] == graph.width_l[layer + 1]
    accepted, strict = 0, temperature == 0.0 and wrong == 0  # then every output is right: none may change
    for _ in range(fan):
        # the proposal, and what it may cost
        a, b, new_a, new_b = _propose(weight, step, rng)
        change_a, change_b = scale * (new_a - weight[a]), scale * (new_b - weight[b])
        allowed = temperature * exponential(rng) if temperature > 0.0 else 0.0
        ja, jb = source[a], source[b]  # views of the rows would cost reference counts here

        # chunk by chunk, the patterns in which this unit flips
        gained, flipped, refused, start = 0, 0, False, np.uint64(0)
        log.count[SIZE] = 0
        while start < count and not refused:
            stop = min(start + np.uint64(CHUNK), count)
            if _may_change_sign(field, below_jm, ja, jb, change_a, change_b, product, start, stop):
                if layer == depth and strict:
                    refused = True
                    break
                for m in range(start, stop):
                    if product[m] > 0.0:
                        continue
                    new = field[m] + (change_a * below_jm[ja, m] + change_b * below_jm[jb, m])
                    if (new >= 0.0) == (field[m] >= 0.0):
                        continue
                    spin = 1.0 if new >= 0.0 else -1.0
                    if layer == depth:
                        gained += 1 if spin != target_om[unit, m] else -1
                    elif layer == depth - 1:
                        flips[flipped] = m
                        flipped += 1
                        gained += count_gained(m, unit, spin, base_out, column, is_dense, net)
                    else:
                        gained += propagate(m, layer, unit, spin, net, log)
                    if gained - wrong > allowed:  # what is wrong now may yet turn right, but no more than that
                        refused = True
                        break
            start = stop

        if refused or gained > allowed:
            _put_back(field_mp, log)
            continue

        # accepted: weights and fields follow
        accepted += 1
        wrong += gained
        weight[b], weight[a] = new_b, new_a
        _follow(field, below_jm, ja, jb, change_a, change_b)
        if flipped > 0:
            readers = column[unit], column[unit + 1]
            carry(field, flips[:flipped], *readers, field_mp, base_out, graph.reader_k, reader_weight)
    return accepted, wrong


@kernel(forceinline=True, fastmath=FAST)
def _run_forward(weight_k, input_jm, field_mp, below_jm, field_im, graph):
    """Fields of all perceptrons run forward from the inputs; below_jm, field_im are overwritten."""
    inputs, patterns = graph.width_l[0], field_mp.shape[0]
    below_jm[:inputs, :patterns] = input_jm
    for layer in range(1, graph.width_l.shape[0]):
        base = graph.first_l[layer] - inputs
        for unit in range(graph.width_l[layer]):
            own = field_im[unit]
            for m in range(patterns):
                own[m] = 0.0
            for k in range(graph.row_p[base + unit], graph.row_p[base + unit + 1]):
                line, weight = below_jm[graph.source_k[k]], graph.scale_l[layer - 1] * weight_k[k]
                for m in range(patterns):
                    own[m] += weight * line[m]
        for unit in range(graph.width_l[layer]):
            for m in range(patterns):
                field_mp[m, base + unit] = field_im[unit, m]
                below_jm[unit, m] = 1.0 if field_im[unit, m] >= 0.0 else -1.0


@kernel(forceinline=True)
def _count_wrong(field_mp, target_mo, base):
    """Wrong outputs."""
    wrong = 0
    for m in range(target_mo.shape[0]):
        for o in range(target_mo.shape[1]):
            wrong += (field_mp[m, base + o] >= 0.0) != (target_mo[m, o] > 0.0)
    return wrong


@kernel(forceinline=True)
def _weigh_readers(weight_k, reader_weight, graph, layer):
    """Scaled weights of bond layer `layer` in the order of the readers."""
    for k in range(graph.column_u[graph.first_l[layer - 1]], graph.column_u[graph.first_l[layer]]):
        reader_weight[k] = graph.scale_l[layer - 1] * weight_k[graph.bond_k[k]]


@kernel(forceinline=True)
def _move_layer(weight_k, layer, input_jm, step, temperature, wrong, net, moving, log, rng):
    """The moves of one bond layer; returns (accepted, wrong outputs)."""
    graph, field_mp, below_jm, field_im = net.graph, net.field_mp, moving.below_jm, moving.field_im
    inputs, patterns = graph.width_l[0], field_mp.shape[0]
    base, base_below = graph.first_l[layer] - inputs, graph.first_l[layer - 1] - inputs

    # spins below and own fields, unit by unit
    for j in range(graph.width_l[layer - 1]):
        for m in range(patterns):
            if layer == 1:
                below_jm[j, m] = input_jm[j, m]
            else:
                below_jm[j, m] = 1.0 if field_mp[m, base_below + j] >= 0.0 else -1.0
    for i in range(graph.width_l[layer]):
        for m in range(patterns):
            field_im[i, m] = field_mp[m, base + i]
        field_im[i, patterns:] = FAR

    accepted = 0
    for i in range(graph.width_l[layer]):
        row = slice(graph.row_p[base + i], graph.row_p[base + i + 1])
        bonds = weight_k[row], graph.source_k[row], field_im[i]
        done, wrong = _move_row(*bonds, layer, i, step, temperature, wrong, net, moving, log, rng)
        accepted += done

    # and back, pattern by pattern
    for m in range(patterns):
        for i in range(graph.width_l[layer]):
            field_mp[m, base + i] = field_im[i, m]
    return accepted, wrong


@kernel()
def hard_sweeps(weight_k, input_jm, target_om, graph, step_l, temperature, sweeps, accepted_l, rng):
    """`sweeps` sweeps in place; returns the number of wrong outputs and the largest drift of the fields.

    weight_k: weights of all bonds; input_jm, target_om: ±1.0 [unit, pattern]; graph: Topology; step_l: width of the
    moves of each bond layer; temperature: 0 refuses every wrong output gained; accepted_l (L): counters, added to.
    """
    patterns, depth, inputs = input_jm.shape[1], graph.width_l.shape[0] - 1, graph.width_l[0]
    perceptrons, widest, stride = graph.row_p.shape[0] - 1, graph.width_l.max(), (patterns + 7) // 8 * 8
    field_mp, reader_weight = np.empty((patterns, perceptrons)), np.empty(graph.bond_k.shape[0])
    net = Net(field_mp, graph, reader_weight, target_om.T.copy())
    moving = Layer(
        np.zeros((widest, stride)),
        np.empty((widest, stride)),
        target_om,
        np.empty(patterns, dtype=np.int64),
        np.empty(stride),
    )
    log = new_log(patterns * perceptrons if depth > 2 else 1, perceptrons, widest)

    # fields and weights as they are now
    _run_forward(weight_k, input_jm, field_mp, moving.below_jm, moving.field_im, graph)
    for layer in range(1, depth + 1):
        _weigh_readers(weight_k, reader_weight, graph, layer)
    base_out = graph.first_l[depth] - inputs
    wrong = _count_wrong(field_mp, net.target_mo, base_out)

    for _ in range(sweeps):
        for layer in range(1, depth + 1):
            arguments = weight_k, layer, input_jm, step_l[layer - 1], temperature, wrong, net, moving, log, rng
            accepted, wrong = _move_layer(*arguments)
            accepted_l[layer - 1] += accepted
            _weigh_readers(weight_k, reader_weight, graph, layer)

    # what was kept up to date, against what it should be
    again = np.empty_like(field_mp)
    _run_forward(weight_k, input_jm, again, moving.below_jm, moving.field_im, graph)
    drift = 0.0
    for m in range(patterns):
        for p in range(perceptrons):
            drift = max(drift, abs(field_mp[m, p] - again[m, p]))
    return _count_wrong(again, net.target_mo, base_out), drift


class Rotations(Move):
    """Rotations of two weights of a row under the hard core, a dynamics whose time means something."""

    weights = ("spherical",)
    potentials = ("hard",)
    any_margin = False
    kernels = (hard_sweeps,)
    refusals = SLAVED | {
        "tempering": "tempering with potential = hard and real weights: no temperature to exchange; "
        "drop --tempering or choose --potential soft",
    }

    def __init__(self, settings, disorder):
        super().__init__(settings, disorder)
        self.input_jm = disorder.input_jm.astype(float)
        self.target_om = disorder.output_im.astype(float)

    def draw_state(self, seed: np.random.SeedSequence) -> State:
        """Random weights leave outputs wrong: such a state is yet to be prepared."""
        state = super().draw_state(seed)
        state.prepared = self.settings.start == "teacher"
        return state

    def prepare(self, state: State) -> None:
        """Anneal every replica into a state with every output right."""
        for r in range(self.settings.replicas):
            state.drift = max(state.drift, self._anneal(state.weight_rwb[r, 0], state.rng_gw[r]))

    def _anneal(self, weight_k: np.ndarray, rng: np.random.Generator) -> float:
        """Geometric cooling in the number of wrong outputs, steps tuned on the way, until none is wrong; the drift.

        Each stage takes a share of as many sweeps as the run itself has, at least ten. Where the satisfying states
        found lie among all of them depends on this path: only time decorrelates a random start from it.
        """
        per_stage = max(10, self.settings.sweeps // ANNEALING_STAGES)
        step_l, wrong, largest = np.full(self.settings.depth, 0.5), 0.0, 0.0
        for temperature in np.geomspace(HOTTEST, COLDEST, ANNEALING_STAGES):
            accepted_l = np.zeros(self.settings.depth, np.int64)
            wrong, drift = self._rotate(weight_k, step_l, temperature, per_stage, accepted_l, rng)
            largest = max(largest, drift)
            if wrong == 0:
                return largest
            share_l = accepted_l / (self.bonds_l * per_stage)
            step_l = np.clip(step_l * np.clip(np.exp(share_l - AIM), 0.5, 2.0), 1e-3, LARGEST_STEP)
        advice = "lower --alpha" + (", use --start teacher" if self.settings.setting != "random" else "")
        raise ConvergenceError(
            f"no state with every output right after annealing for {per_stage * ANNEALING_STAGES} sweeps "
            f"(wrong outputs: {wrong:g}); {advice} or allow more --sweeps"
        )

    def _rotate(self, weight_k, step_l, temperature, sweeps, accepted_l, rng) -> tuple[float, float]:
        net = self.input_jm, self.target_om, self.disorder.topology
        return hard_sweeps(weight_k, *net, step_l, temperature, sweeps, accepted_l, rng)

    def sweep(self, walker: Walker, sweeps: int) -> tuple[float, float]:
        """Rotations that spoil no output."""
        return self._rotate(walker.weight_k, walker.step_l, 0.0, sweeps, walker.accepted_l, walker.rng)
