"""Signed matching: exact recovery of a disguised net, and the bias of independent ones."""

import numpy as np
import pytest

from gardner.montecarlo import observables
from gardner.montecarlo.matching import (
    Matching,
    bond_overlaps,
    match,
    matched_overlaps,
    null_net,
    null_overlaps,
    shuffled,
)
from gardner.montecarlo.run import run_monte_carlo
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.potentials.soft import SoftCore


def forward(weight_l, inputs):
    layers = [inputs]
    for J in weight_l:
        layers.append(np.where(J @ layers[-1] >= 0.0, 1, -1))
    return layers


def random_net(rng, widths, binary=False):
    shapes = list(zip(widths[1:], widths[:-1]))
    if binary:
        return [2.0 * rng.integers(0, 2, shape) - 1.0 for shape in shapes]
    nets = [rng.standard_normal(shape) for shape in shapes]
    return [J * np.sqrt(J.shape[1] / (J**2).sum(axis=1, keepdims=True)) for J in nets]


def disguised(rng, weight_l, permute=True):
    """The same map with hidden units permuted and flipped at random."""
    widths = [weight_l[0].shape[1], *(len(J) for J in weight_l)]
    orders, signs = [np.arange(n) for n in widths], [np.ones(n) for n in widths]
    for l in range(1, len(widths) - 1):
        if permute:
            orders[l] = rng.permutation(widths[l])
        signs[l] = 1.0 - 2.0 * rng.integers(0, 2, widths[l])
    return Matching(tuple(orders), tuple(signs)).weights(weight_l)


@pytest.mark.parametrize("widths", [(20, 20, 20, 20), (8, 15, 15, 3), (5, 7, 2)])
def test_disguised_net_is_recovered_exactly(widths):
    rng = np.random.default_rng(1)
    net, inputs = random_net(rng, widths), np.where(rng.random((widths[0], 40)) < 0.5, 1, -1)
    other = disguised(rng, net)
    spins, other_spins = forward(net, inputs), forward(other, inputs)
    assert np.array_equal(spins[-1], other_spins[-1])  # the disguise is a symmetry
    assert bond_overlaps(net, other)[0] < 0.7  # and hides the net from raw overlaps
    found = match(net, other)
    assert all(np.array_equal(a, b) for a, b in zip(net, found.weights(other)))
    assert all(np.array_equal(a, b) for a, b in zip(spins, found.spins(other_spins)))
    Q, q = matched_overlaps(net, other, spins, other_spins)
    assert Q == pytest.approx(1.0, abs=1e-12) and (q == 1.0).all()


def test_noisy_disguised_net_keeps_its_overlap():
    """A net of overlap ½ per row, disguised: at N = 60 rows are told apart (½ ≫ N^-½) and Q is what it was."""
    rng = np.random.default_rng(2)
    net = random_net(rng, (60, 60, 60))
    noisy = [0.5 * J + np.sqrt(0.75) * K for J, K in zip(net, random_net(rng, (60, 60, 60)))]
    found = match(net, disguised(rng, noisy))
    assert bond_overlaps(net, found.weights(disguised(rng, noisy, permute=False)))[0] != pytest.approx(0.5, abs=0.1)
    assert bond_overlaps(net, match(net, other := disguised(rng, noisy)).weights(other)) == pytest.approx(
        bond_overlaps(net, noisy), abs=1e-12
    )


def test_on_a_fixed_graph_flips_are_recovered_and_units_stay():
    rng = np.random.default_rng(3)
    net = [J * (rng.random(J.shape) < 0.5) for J in random_net(rng, (30, 30, 30))]
    other = disguised(rng, net, permute=False)
    found = match(net, other, permute=False)
    assert all(np.array_equal(a, b) for a, b in zip(net, found.weights(other)))
    assert all(np.array_equal(order, np.arange(30)) for order in found.order_lu)


def excess_over_null(rng, overlap, pairs=60, widths=(24, 24, 24), patterns=2400):
    """Matched minus null (Q(1), q(1)) over pairs of nets of that overlap, mean and standard error; and every null."""
    inputs = np.where(rng.random((widths[0], patterns)) < 0.5, 1, -1)
    excess, null = [], []
    for _ in range(pairs):
        a, b = random_net(rng, widths), random_net(rng, widths)
        b = [overlap * x + np.sqrt(1.0 - overlap**2) * y for x, y in zip(a, b)]
        spins, others = forward(a, inputs), forward(b, inputs)
        Q, q = matched_overlaps(a, b, spins, others)
        Q0, q0 = null_overlaps(a, b, spins, others, True, True, rng)
        excess.append([Q[0] - Q0[0], q[1] - q0[1]])
        null.append([Q0[0], q0[1]])
    return np.mean(excess, axis=0), np.std(excess, axis=0) / np.sqrt(pairs), np.array(null)


def test_independent_nets_match_as_well_as_the_null():
    """Two-sided at 4.4 σ, one in 10⁵ each; nets of overlap ½ must fail."""
    mean, error, null = excess_over_null(np.random.default_rng(4), 0.0)
    assert (np.abs(mean) < 4.4 * error).all()
    # spins of two matched rows of overlap O agree as (2/π) arcsin O; convex, so a little more after averaging over O
    Q0, q0 = null.mean(axis=0)
    assert 0.0 < q0 - 2 / np.pi * np.arcsin(Q0) < 0.02
    mean, error, _ = excess_over_null(np.random.default_rng(4), 0.5)
    assert (mean > 4.4 * error).all()


def test_bias_of_independent_nets_falls_with_width():
    rng, means = np.random.default_rng(5), []
    for n in (24, 48, 96):
        a, b = random_net(rng, (n, n, n)), random_net(rng, (n, n, n))
        means.append(matched_overlaps(a, b, forward(a, np.ones((n, 1))), forward(b, np.ones((n, 1))))[0][0])
    assert means[0] > means[1] > means[2] > 0.15


def forward_null(first_l, second_l, first_spin_l, second_spin_l, permute, continuous, rng):
    """A null that is unlike the replicas: random rows, and spins that always obey them."""
    null_l = [shuffled(J, rng) for J in second_l]
    return matched_overlaps(first_l, null_l, first_spin_l, forward(null_l, first_spin_l[0]), permute)


def first_layer_excess(monkeypatch, null, samples=16):
    """Matched minus null (Q(1), q(1)) of soft-core replicas in the liquid: means over samples and their errors."""
    monkeypatch.setattr(observables, "null_overlaps", null)
    settings = MonteCarloSettings(
        (16,), 3, 1.0, "random", potential=SoftCore(5.0), sweeps=200, samples=samples, measurements=40, seed=5
    )
    data = run_monte_carlo(settings).data
    late = data.isel(matched_time=slice(data.sizes["matched_time"] // 3, None)).mean("matched_time")
    excess = [
        (late["Q_replica_matched"].mean("pair") - late["Q_null"]).sel(bond_layer=1).values,
        (late["q_replica_matched"].mean("pair") - late["q_null"]).sel(layer=1).values,
    ]
    return np.mean(excess, axis=1), np.std(excess, axis=1, ddof=1) / np.sqrt(samples)


def test_the_null_is_made_as_replicas_are_whose_spins_move_on_their_own(monkeypatch):
    """In the liquid the first layer of two replicas shares the inputs and nothing else.

    Two-sided at 5 errors of 15 degrees of freedom, one in 6000 each; rows that do not know the patterns, or spins that
    obey, must fail: soft-core spins disobey one field in five at β = 5.
    """
    mean, error = first_layer_excess(monkeypatch, null_overlaps)
    assert (np.abs(mean) < 5.0 * error).all() and (error < 0.006).all()
    mean, error = first_layer_excess(monkeypatch, forward_null, samples=6)
    assert mean[1] < -5.0 * error[1] and mean[1] < -0.03


def test_null_keeps_the_graph_the_rows_and_how_spins_obey():
    rng = np.random.default_rng(6)
    for binary in (True, False):
        net = [J * (rng.random(J.shape) < 0.5) for J in random_net(rng, (30, 30, 10), binary)]
        inputs = np.where(rng.random((30, 50)) < 0.5, 1, -1)
        spins = [inputs]
        for J in net:  # a fifth of the weak fields is not obeyed
            field = J @ spins[-1]
            turn = (rng.random(field.shape) < 0.2) & (np.abs(field) < 2.0)
            spins.append(np.where(field >= 0.0, 1, -1) * np.where(turn, -1, 1))
        nulls, null_spins = null_net(net, spins, not binary, rng)
        for l, (J, null) in enumerate(zip(net, nulls)):
            assert np.array_equal(J != 0, null != 0) and not np.array_equal(J, null)
            if binary:
                assert np.array_equal(np.sort(np.abs(J), axis=1), np.sort(np.abs(null), axis=1))
            else:
                np.testing.assert_allclose((null**2).sum(axis=1), (J**2).sum(axis=1))
            disobeyed, found = (
                (S * np.where(K @ x >= 0.0, 1, -1) < 0).sum(axis=1)
                for K, x, S in ((J, spins[l], spins[l + 1]), (null, null_spins[l], null_spins[l + 1]))
            )
            assert np.array_equal(disobeyed, found) and disobeyed.any()
        if not binary:  # the first layer sees the same patterns
            fields = [((K @ inputs) ** 2).sum(axis=1) for K in (net[0], nulls[0])]
            np.testing.assert_allclose(*fields)


def test_unequal_architectures_are_refused():
    rng = np.random.default_rng(7)
    with pytest.raises(ValueError, match="different widths"):
        match(random_net(rng, (3, 4, 3)), random_net(rng, (3, 5, 3)))
