"""Binary weights: the values of the literature and of THEORY section 17, and what is exact for any net of them."""

import numpy as np
import pytest

import gardner
from gardner.analysis.zero_entropy import CountedEnd, zero_entropy
from gardner.model import CLOSURES
from gardner.theory.counting import counting_bound, first_moment_bound
from gardner.theory.planted.solve import checked_net
from gardner.theory.search.monotone import crystal_start, liquid_start, settle
from gardner.theory.transitions.planted_fronts import front_transitions, net_transitions
from gardner.theory.transitions.planted_transitions import planted_transitions

LN2 = np.log(2.0)
NAMES = list(CLOSURES)


@pytest.mark.parametrize("closure", NAMES)
def test_one_layer_learns_discontinuously_at_the_known_loads(closure):
    """Györgyi (1990), Sompolinsky et al. (1990): both closures are exact at L = 1."""
    found = planted_transitions(closure, 1, weights="binary")
    assert found.crystal == pytest.approx(1.2446840, abs=5e-8)
    assert found.spinodal == pytest.approx(1.4926318, abs=5e-8)


def test_one_layer_at_unit_load():
    solution = gardner.solve_planted(1.0, 1, weights="binary")
    branch = solution.equilibrium
    assert solution.stable == "liquid" and branch.nishimori < 1e-13
    assert branch.Q_l[0] == pytest.approx(0.5607147, abs=5e-8)
    assert branch.generalization_error == pytest.approx(0.3105264, abs=5e-8)
    assert branch.free_entropy == pytest.approx(-0.5870389, abs=5e-8)


@pytest.mark.parametrize(
    "closure, q, Q, s",
    [
        ("symmetric", 0.367703, (0.382481, 0.382481), -0.6859227),
        ("directed", 0.257004, (0.196472, 0.283850), -0.6914040),
    ],
)
def test_two_layers_above_their_transition(closure, q, Q, s):
    liquid, crystal = gardner.solve_planted(2.2, 2, closure, weights="binary").branches
    assert liquid.q_l[1] == pytest.approx(q, abs=6e-7)
    assert liquid.Q_l == pytest.approx(Q, abs=6e-7)
    assert liquid.free_entropy == pytest.approx(s, abs=6e-8)
    assert max(liquid.nishimori, crystal.nishimori) < 1e-13


@pytest.mark.parametrize("closure", NAMES)
@pytest.mark.parametrize("depth", (1, 2, 3, 7))
@pytest.mark.parametrize("alpha", (0.3, 2.0, 40.0))
def test_perfect_recovery_is_a_solution_at_every_load_and_costs_one_bit_per_weight(closure, depth, alpha):
    chain = checked_net(depth, closure, weights="binary")
    point = settle(chain, alpha, crystal_start(chain, alpha))
    overlaps = chain.overlaps(point.state)
    assert point.status == "converged" and point.leading_eigenvalue < 1e-6
    assert np.all(overlaps.q_l == 1.0) and np.all(overlaps.Q_l == 1.0)
    assert chain.free_entropy(point.state, alpha) == pytest.approx(-depth * LN2 / alpha, rel=1e-14)


@pytest.mark.parametrize("closure", NAMES)
@pytest.mark.parametrize("depth", (2, pytest.param(3, marks=pytest.mark.slow)))
def test_the_crystal_takes_over_just_above_the_counting_bound(closure, depth):
    """s of the two branches, by damped iteration, changes order within 1e-6 of α*; the liquid ends at the spinodal."""
    found = planted_transitions(closure, depth, weights="binary")
    assert depth < found.crystal < depth * 1.01 < found.spinodal
    for alpha, stable in ((found.crystal - 1e-6, "liquid"), (found.crystal + 1e-6, "crystal")):
        solution = gardner.solve_planted(alpha, depth, closure, weights="binary", method="damped")
        assert solution.status == "converged" and solution.stable == stable
    chain = checked_net(depth, closure, weights="binary")
    ends = [settle(chain, found.spinodal * x, liquid_start(chain)).state for x in (1 - 1e-7, 1 + 1e-7)]
    recovered = [bool(np.all(chain.overlaps(state).Q_l == 1.0)) for state in ends]
    assert recovered == [False, True]


@pytest.mark.parametrize("closure", NAMES)
def test_the_first_continuous_transition_does_not_know_the_prior(closure):
    """At small overlap a weight answers Q = Q̂ whatever its prior."""
    for depth in (2, 3):
        binary, sphere = (net_transitions(depth, closure, name)[0] for name in ("binary", "spherical"))
        assert binary == pytest.approx(sphere, rel=1e-10)
    binary, sphere = (front_transitions(closure, 2, name) for name in ("binary", "spherical"))
    assert binary[0] == pytest.approx(sphere[0], rel=1e-10)
    assert binary[1] < 0.8 * sphere[1]  # the second one does: ±1 order sooner


def test_the_entropy_of_one_layer_vanishes_where_krauth_and_mezard_found_it():
    found = zero_entropy(1)
    assert found.alpha == pytest.approx(0.8330786, abs=5e-8)
    assert found.Q_l[0] == pytest.approx(0.5639491, abs=5e-8)
    assert np.ptp(found.alpha_k) < 1e-9  # more steps than the frozen one add nothing


def test_replica_symmetry_of_one_layer_is_unstable_only_beyond_capacity():
    """Krauth and Mézard: α_AT = 1.015 > .833."""
    from gardner.perceptron.replicon import solution_replicons

    below, beyond = (gardner.solve_random(alpha, 1, 0, weights="binary") for alpha in (1.0145, 1.0148))
    assert solution_replicons(below)[0] > 0.0 > solution_replicons(beyond)[0]


def test_the_layer_at_the_end_runs_out_of_weights_before_a_deep_net_does():
    """(C72): N outputs from N free spins end between α = 19 and 20 with one step at m = 1/2, however deep the net."""
    end = CountedEnd(30, 0.0, "directed", "binary", lambda text: None)
    assert end.entropy(19.0, 1) > 0.0 > end.entropy(20.0, 1)
    assert end.entropy(2.0, 0) == pytest.approx(LN2, abs=1e-9)  # a liquid: every weight will do


def test_one_layer_of_random_labels():
    solution = gardner.solve_random(0.5, 1, 0, weights="binary")
    assert solution.Q_ea[0] == pytest.approx(0.3223854, abs=5e-8)
    assert LN2 + 0.5 * solution.free_entropy == pytest.approx(0.3143901, abs=5e-8)
    assert solution.stationarity < 1e-8


@pytest.mark.parametrize("closure", [NAMES[0], *(pytest.param(name, marks=pytest.mark.slow) for name in NAMES[1:])])
def test_two_layers_store_almost_as_many_bits_as_they_have(closure):
    """Below the counting bound, closer to it the less the net knows at capacity; more steps lower it a little."""
    found = zero_entropy(2, closure=closure)
    assert 1.99 < found.alpha < first_moment_bound(2) == pytest.approx(2.0, abs=1e-14)
    assert np.all(np.diff(found.alpha_k) < 0.0) and found.error < 2e-6


def test_the_first_moment_bound_is_annealed():
    """One layer, κ = 1: N ln 2 + M ln Φ_N(-1) = 0; negative margins may have none."""
    assert first_moment_bound(1, 1.0) == pytest.approx(LN2 / 1.8410216450092636, rel=1e-12)
    assert first_moment_bound(5, -1.0) == np.inf
    assert counting_bound(3, log_values=LN2) == pytest.approx(3.0, rel=1e-14)  # real weights: 16.26


@pytest.mark.parametrize("name, error", [("spherical", "no finite number of values"), ("ternary", "must be one of")])
def test_only_discrete_weights_have_a_zero_of_the_entropy(name, error):
    with pytest.raises(ValueError, match=error):
        zero_entropy(1, weights=name)
