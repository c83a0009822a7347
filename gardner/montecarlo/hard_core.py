"""Metropolis dynamics of the hard core: weights move on the sphere, hidden spins follow, outputs must stay right.

A move turns two elements of one row (`rotation`), reversible on the sphere, so that acceptance iff no output becomes
wrong samples the Gardner volume (κ = 0). At a
temperature T > 0 the number of wrong outputs is an energy instead; annealing uses it to find a first satisfying state.
A sweep is one attempt per bond, layer by layer, perceptron by perceptron, the elements drawn at random.

Cost. A move changes the fields of one perceptron, one contiguous run over patterns, chunk by chunk; only where its sign
changes does the change travel upward, through the readers of the flipped units alone, and the first pattern that
spoils an output ends the attempt. Below the output layer nothing is written before the move is accepted; further down
what is overwritten is logged and put back. Fields of the layer that moves lie unit by unit, those above pattern by
pattern.
"""

from __future__ import annotations

import numpy as np

from gardner.montecarlo.generator import below, exponential
from gardner.montecarlo.rotation import other_element, tangent, turned_first, turned_second
from gardner.runtime.compilation import kernel

CHUNK = 64  # patterns between two looks for changed signs
FAR = 1e150  # field of padding: its sign never changes
FAST = {"reassoc", "contract", "nsz", "arcp"}


@kernel(forceinline=True, fastmath=FAST)
def _changed_signs(field, below_jm, a, b, change_a, change_b, product, start, stop):
    """Whether any field may change sign: where the product of old and new, which is kept, is not positive."""
    count = 0.0
    for m in range(start, stop):  # bounds are unsigned: no wraparound, which would bar vectors
        x = (field[m] + (change_a * below_jm[a, m] + change_b * below_jm[b, m])) * field[m]
        product[m] = x
        count += 1.0 if x <= 0.0 else 0.0
    return count > 0.0


@kernel(forceinline=True)
def _output_change(mu, unit, spin, field_mp, base, target_mo, column, reader_k, reader_weight, dense):
    """Wrong outputs gained by pattern mu when the unit below turns to `spin`; nothing is written."""
    gained = 0
    step = 2.0 * spin
    start, stop = column[unit], column[unit + 1]
    if dense:
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
def _propagate(mu, layer, unit, spin, field_mp, net, reader_weight, target_mo, work):
    """Carry a flipped unit up to the outputs, logging what is overwritten; returns the wrong outputs gained."""
    log_mu, log_p, log_value, stamp, was, front, touched, counters = work
    inputs, depth = net.width_l[0], net.width_l.shape[0] - 1
    front[0], fronts = unit, 1
    for upper in range(layer + 1, depth + 1):
        base = net.first_l[upper] - inputs
        base_below = net.first_l[upper - 1] - inputs
        counters[1] += 1
        now, found = counters[1], 0
        for f in range(fronts):
            u = front[f]
            s = spin
            if upper > layer + 1:
                s = 1.0 if field_mp[mu, base_below + u] >= 0.0 else -1.0
            for k in range(net.column_u[inputs + base_below + u], net.column_u[inputs + base_below + u + 1]):
                p = base + net.reader_k[k]
                if stamp[p] != now:
                    stamp[p] = now
                    was[p] = field_mp[mu, p] >= 0.0
                    touched[found] = net.reader_k[k]
                    found += 1
                    log_mu[counters[0]], log_p[counters[0]], log_value[counters[0]] = mu, p, field_mp[mu, p]
                    counters[0] += 1
                field_mp[mu, p] += 2.0 * s * reader_weight[k]
        fronts = 0
        for q in range(found):
            if (field_mp[mu, base + touched[q]] >= 0.0) != was[base + touched[q]]:
                front[fronts] = touched[q]
                fronts += 1
        if fronts == 0:
            return 0
    gained = 0
    base = net.first_l[depth] - inputs
    for f in range(fronts):
        right = (field_mp[mu, base + front[f]] >= 0.0) == (target_mo[mu, front[f]] > 0.0)
        gained += -1 if right else 1
    return gained


@kernel(forceinline=True)
def _carry(field, flips, start, stop, field_mp, base, reader_k, reader_weight):
    """Add the flips of an accepted move below the output layer to the fields of the outputs."""
    for m in flips:
        twice = 2.0 if field[m] >= 0.0 else -2.0
        for k in range(start, stop):
            field_mp[m, base + reader_k[k]] += twice * reader_weight[k]


@kernel(fastmath=FAST)
def _row(weight, source, below_jm, field, layer, unit, step, temperature, wrong, shared, flips, product, work, rng):
    """One attempt per bond of one perceptron; returns (accepted, wrong outputs)."""
    field_mp, net, reader_weight, target_mo, target_om = shared
    log_mu, log_p, log_value, counters = work[0], work[1], work[2], work[7]
    depth = net.width_l.shape[0] - 1
    scale, count, fan = net.scale_l[layer - 1], np.uint64(field.shape[0]), weight.shape[0]
    base_out = net.first_l[depth] - net.width_l[0]
    column = net.column_u[net.first_l[layer] : net.first_l[layer + 1] + 1] if layer < depth else net.column_u
    dense = layer < depth and column[unit + 1] - column[unit] == net.width_l[layer + 1]
    accepted, strict = 0, temperature == 0.0 and wrong == 0  # then every output is right: none may change
    for _ in range(fan):
        a = below(rng, fan)
        b = other_element(fan, a, rng)
        t = tangent(fan, step, rng)
        new_a, new_b = turned_first(weight[a], weight[b], t, fan), turned_second(weight[a], weight[b], t)
        change_a, change_b = scale * (new_a - weight[a]), scale * (new_b - weight[b])
        allowed = temperature * exponential(rng) if temperature > 0.0 else 0.0
        ja, jb = source[a], source[b]  # views of the rows would cost reference counts here
        gained, flipped, refused, start = 0, 0, False, np.uint64(0)
        counters[0] = 0
        while start < count and not refused:
            stop = min(start + np.uint64(CHUNK), count)
            if _changed_signs(field, below_jm, ja, jb, change_a, change_b, product, start, stop):
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
                        gained += _output_change(
                            m, unit, spin, field_mp, base_out, target_mo, column, net.reader_k, reader_weight, dense
                        )
                    else:
                        gained += _propagate(m, layer, unit, spin, field_mp, net, reader_weight, target_mo, work)
                    if gained - wrong > allowed:  # what is wrong now may yet turn right, but no more than that
                        refused = True
                        break
            start = stop
        if refused or gained > allowed:
            for e in range(counters[0]):
                field_mp[log_mu[e], log_p[e]] = log_value[e]
            continue
        accepted += 1
        wrong += gained
        weight[b], weight[a] = new_b, new_a
        for m in range(field.shape[0]):
            field[m] += change_a * below_jm[ja, m] + change_b * below_jm[jb, m]
        if flipped > 0:
            readers = column[unit], column[unit + 1]
            _carry(field, flips[:flipped], *readers, field_mp, base_out, net.reader_k, reader_weight)
    return accepted, wrong


@kernel(fastmath=FAST)
def _fields(weight_k, input_jm, field_mp, below_jm, own_im, net):
    """Fields of all perceptrons run forward from the inputs; below_jm, own_im are overwritten."""
    inputs, patterns = net.width_l[0], field_mp.shape[0]
    below_jm[:inputs, :patterns] = input_jm
    for layer in range(1, net.width_l.shape[0]):
        base = net.first_l[layer] - inputs
        for unit in range(net.width_l[layer]):
            own = own_im[unit]
            for m in range(patterns):
                own[m] = 0.0
            for k in range(net.row_p[base + unit], net.row_p[base + unit + 1]):
                line, weight = below_jm[net.source_k[k]], net.scale_l[layer - 1] * weight_k[k]
                for m in range(patterns):
                    own[m] += weight * line[m]
        for unit in range(net.width_l[layer]):
            for m in range(patterns):
                field_mp[m, base + unit] = own_im[unit, m]
                below_jm[unit, m] = 1.0 if own_im[unit, m] >= 0.0 else -1.0


@kernel()
def _wrong_outputs(field_mp, target_mo, base):
    wrong = 0
    for m in range(target_mo.shape[0]):
        for o in range(target_mo.shape[1]):
            wrong += (field_mp[m, base + o] >= 0.0) != (target_mo[m, o] > 0.0)
    return wrong


@kernel()
def _weigh_readers(weight_k, reader_weight, net, layer):
    """Scaled weights of bond layer `layer` in the order of the readers."""
    for k in range(net.column_u[net.first_l[layer - 1]], net.column_u[net.first_l[layer]]):
        reader_weight[k] = net.scale_l[layer - 1] * weight_k[net.bond_k[k]]


@kernel()
def _layer_phase(weight_k, layer, input_jm, step, temperature, wrong, shared, scratch, work, rng):
    """The moves of one bond layer; returns (accepted, wrong outputs)."""
    field_mp, net, (below_jm, own_im, flips, product) = shared[0], shared[1], scratch
    inputs, patterns = net.width_l[0], field_mp.shape[0]
    base, base_below = net.first_l[layer] - inputs, net.first_l[layer - 1] - inputs
    for j in range(net.width_l[layer - 1]):
        for m in range(patterns):
            if layer == 1:
                below_jm[j, m] = input_jm[j, m]
            else:
                below_jm[j, m] = 1.0 if field_mp[m, base_below + j] >= 0.0 else -1.0
    for i in range(net.width_l[layer]):
        for m in range(patterns):
            own_im[i, m] = field_mp[m, base + i]
        own_im[i, patterns:] = FAR
    accepted = 0
    for i in range(net.width_l[layer]):
        row = slice(net.row_p[base + i], net.row_p[base + i + 1])
        done, wrong = _row(
            weight_k[row],
            net.source_k[row],
            below_jm,
            own_im[i],
            layer,
            i,
            step,
            temperature,
            wrong,
            shared,
            flips,
            product,
            work,
            rng,
        )
        accepted += done
    for m in range(patterns):
        for i in range(net.width_l[layer]):
            field_mp[m, base + i] = own_im[i, m]
    return accepted, wrong


@kernel()
def hard_sweeps(weight_k, input_jm, target_om, net, step_l, temperature, sweeps, accepted_l, rng):
    """`sweeps` sweeps in place; returns the number of wrong outputs and the largest drift of the fields.

    weight_k: weights of all bonds; input_jm, target_om: ±1.0 [unit, pattern]; net: Topology; step_l: width of the moves
    of each bond layer; temperature: 0 refuses every wrong output gained; accepted_l (L): counters, added to.
    """
    patterns, depth, inputs = input_jm.shape[1], net.width_l.shape[0] - 1, net.width_l[0]
    perceptrons, widest, stride = net.row_p.shape[0] - 1, net.width_l.max(), (patterns + 7) // 8 * 8
    field_mp = np.empty((patterns, perceptrons))
    below_jm, own_im = np.zeros((widest, stride)), np.empty((widest, stride))
    _fields(weight_k, input_jm, field_mp, below_jm, own_im, net)
    target_mo = target_om.T.copy()
    reader_weight = np.empty(net.bond_k.shape[0])
    for layer in range(1, depth + 1):
        _weigh_readers(weight_k, reader_weight, net, layer)
    logged = patterns * perceptrons if depth > 2 else 1
    work = (
        np.empty(logged, dtype=np.int64),
        np.empty(logged, dtype=np.int64),
        np.empty(logged),
        np.zeros(perceptrons, dtype=np.int64),
        np.zeros(perceptrons, dtype=np.bool_),
        np.empty(widest, dtype=np.int64),
        np.empty(widest, dtype=np.int64),
        np.zeros(2, dtype=np.int64),
    )
    flips, product = np.empty(patterns, dtype=np.int64), np.empty(stride)
    base_out = net.first_l[depth] - inputs
    wrong = _wrong_outputs(field_mp, target_mo, base_out)
    shared = (field_mp, net, reader_weight, target_mo, target_om)
    scratch = (below_jm, own_im, flips, product)
    for _ in range(sweeps):
        for layer in range(1, depth + 1):
            step = step_l[layer - 1]
            arguments = (weight_k, layer, input_jm, step, temperature, wrong, shared, scratch, work, rng)
            accepted, wrong = _layer_phase(*arguments)
            accepted_l[layer - 1] += accepted
            _weigh_readers(weight_k, reader_weight, net, layer)
    again = np.empty_like(field_mp)
    _fields(weight_k, input_jm, again, below_jm, own_im, net)
    drift = 0.0
    for m in range(patterns):
        for p in range(perceptrons):
            drift = max(drift, abs(field_mp[m, p] - again[m, p]))
    return _wrong_outputs(again, target_mo, base_out), drift
