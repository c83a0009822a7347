"""Transitions of the planted setting: continuous fronts, folds and crossings (THEORY sections 6 and 9)."""

import numpy as np
import pytest

from gardner.model import CLOSURES as PARTS
from gardner.theory.planted.solve import solve_planted
from gardner.theory.search.folds import crystal_folds, crystal_transition, spinodal
from gardner.theory.transitions.planted_fronts import PlantedFront, Stage, front_transitions, net_transitions
from gardner.theory.transitions.planted_transitions import planted_transitions

FIRST = (np.pi / 2) ** 2
CLOSURES = ("symmetric", "directed")


def test_symmetric_front_transitions_of_the_table():
    alphas = front_transitions("symmetric", 5)
    assert alphas[0] == pytest.approx(FIRST, rel=1e-14)
    assert alphas[0] == pytest.approx(2.467401, abs=6e-7)
    assert alphas[1] == pytest.approx(12.915626, abs=6e-7)
    assert alphas[2] == pytest.approx(38.4213, abs=6e-5)
    assert alphas[3] == pytest.approx(88.8668, abs=6e-5)
    assert alphas[4] == pytest.approx(172.622, abs=6e-4)


def test_directed_front_shares_the_first_two_transitions():
    """With one solid layer q_f is the same function of α in both closures; the third transition differs."""
    symmetric, directed = front_transitions("symmetric", 3), front_transitions("directed", 3)
    np.testing.assert_allclose(directed[:2], symmetric[:2], rtol=1e-9)
    assert directed[2] > symmetric[2] + 1


def test_two_layer_net_first_transitions():
    assert net_transitions(2, "symmetric") == pytest.approx([np.pi**2 / 8], rel=1e-10)
    assert net_transitions(2, "directed") == pytest.approx([FIRST * (np.sqrt(5) - 1) / 2], rel=1e-10)


@pytest.mark.parametrize("alpha", (30.0, 60.0, 300.0))
@pytest.mark.parametrize(
    "closure, end, depth", (("symmetric", "input", None), ("directed", "output", None), ("directed", "output", 7))
)
def test_growth_before_a_front_is_that_of_its_tip(closure, end, depth, alpha):
    """(T20), (T21): αg q², q the overlap of the free spin at the tip of two solid layers."""
    front = PlantedFront(PARTS[closure], end, 2)
    q = front.chain.overlaps(front.state(alpha)).q_l[2 if end == "input" else 0]
    growth = Stage(PARTS[closure], depth, {end: 2}).growth(alpha)
    assert growth == pytest.approx(alpha / FIRST * q**2, rel=1e-12)


@pytest.mark.parametrize("depth, ends", ((4, 2), (5, 1)))
def test_growth_doubles_where_two_symmetric_fronts_share_a_spin(depth, ends):
    front = PlantedFront(PARTS["symmetric"], "input", 1)
    q = front.chain.overlaps(front.state(8.0)).q_l[1]
    growth = Stage(PARTS["symmetric"], depth, {"input": 1, "output": 1}).growth(8.0)
    assert growth == pytest.approx(ends * 8.0 / FIRST * q**2, rel=1e-12)


def test_growth_beside_the_given_input_solves_its_cubic():
    """(T23): with x = αg and A = x q², small Q(1), q(1), Q(2) obey λ³ = A (λ + x), hence A (1 + x) = 1 at λ = 1."""
    front, x = PlantedFront(PARTS["directed"], "output", 2), 15.0 / FIRST
    A = x * front.chain.overlaps(front.state(15.0)).q_l[0] ** 2
    growth = Stage(PARTS["directed"], 4, {"output": 2}).growth(15.0) ** 0.5
    assert growth**3 == pytest.approx(A * (growth + x), rel=1e-12)


@pytest.mark.parametrize("closure, depth, last", (("symmetric", 4, 8.70277), ("directed", 3, 6.60647)))
def test_last_layer_between_two_ends_goes_at_its_tabulated_alpha(closure, depth, last):
    alphas = net_transitions(depth, closure)
    assert alphas == pytest.approx([FIRST, last], abs=6e-6)


@pytest.mark.parametrize("closure", CLOSURES)
def test_one_layer_has_no_transition(closure):
    result = planted_transitions(closure, depth=1)
    assert (result.continuous, result.spinodal, result.crystal) == ((), None, None)


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("depth", (2, 3, 4, 5, 6))
def test_a_layer_turns_solid_exactly_at_each_continuous_transition(closure, depth):
    """The number of liquid spins drops across each, and the leading eigenvalue reaches 1 there."""
    for alpha in net_transitions(depth, closure):
        below, above = (solve_planted(alpha * (1 + d), depth, closure).branches[0] for d in (-1e-5, 1e-5))
        assert np.sum(below.q_l == 0) > np.sum(above.q_l == 0)
        assert np.max(above.q_l - below.q_l) < 1e-3
        assert below.leading_eigenvalue == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("closure", CLOSURES)
def test_free_entropy_is_continuous_across_a_continuous_transition(closure):
    for depth in (2, 4):
        for alpha in net_transitions(depth, closure):
            below, above = (solve_planted(alpha * (1 + d), depth, closure).branches[0] for d in (-1e-6, 1e-6))
            slope = -np.sum(np.log1p(-below.Q_l) + below.Q_l) / (2 * alpha**2)
            assert above.free_entropy - below.free_entropy == pytest.approx(slope * 2e-6 * alpha, abs=1e-10)


def test_two_layer_symmetric_curve_has_two_folds():
    """α(q) of the hidden layer: a minimum where the crystal ends, a maximum where the liquid branch ends."""
    crystal_end, liquid_end = crystal_folds(2, "symmetric")
    assert crystal_end.alpha == pytest.approx(9.87178, abs=6e-6)
    assert crystal_end.q_l[1] == pytest.approx(0.9821, abs=6e-5)
    assert liquid_end.alpha == pytest.approx(9.99290, abs=6e-6)
    assert liquid_end.q_l[1] == pytest.approx(0.9534, abs=6e-5)


@pytest.mark.parametrize("alpha_of_fold, slope", ((9.99290, -1), (9.87178, 1)))
def test_two_layer_symmetric_folds_agree_with_the_explicit_curve(alpha_of_fold, slope):
    """Independent of the continuation: at L = 2 symmetry gives α = Q̂/(G q) in closed form along q."""
    from scipy.optimize import brentq, minimize_scalar

    from gardner.theory.nishimori.quadrature import gap_averages, spin_averages

    def alpha(q):
        field = brentq(lambda x: spin_averages(np.array([x])).log_complement[0] - np.log1p(-q), 1e-6, 60, xtol=1e-13)

        def mismatch(Q):
            strength = gap_averages(np.array([q * Q]), np.array([1 - q * Q])).strength[0]
            return 2 * strength * Q - field  # q̂ = 2 G Q

        Q = brentq(mismatch, 1e-9, 1 - 1e-12, xtol=1e-15)
        strength = gap_averages(np.array([q * Q]), np.array([1 - q * Q])).strength[0]
        return Q / (1 - Q) / (strength * q)

    bounds = (0.93, 0.97) if slope < 0 else (0.975, 0.99)
    extremum = minimize_scalar(lambda q: slope * alpha(q), bounds=bounds, method="bounded", options={"xatol": 1e-8})
    assert slope * extremum.fun == pytest.approx(alpha_of_fold, abs=6e-6)
    fold = min(crystal_folds(2, "symmetric"), key=lambda f: abs(f.alpha - alpha_of_fold))
    assert fold.alpha == pytest.approx(slope * extremum.fun, rel=1e-9)


@pytest.mark.parametrize("depth, alpha", ((2, 9.93143), (3, 16.44872), (4, 24.85172)))
def test_symmetric_crystal_transition_of_the_table(depth, alpha):
    assert crystal_transition(depth, "symmetric") == pytest.approx(alpha, abs=6e-6)


def test_symmetric_crystal_fold_at_four_layers():
    assert spinodal(4, "symmetric") == pytest.approx(12.1023, abs=6e-5)


@pytest.mark.parametrize("depth", (2, 3))
def test_directed_has_no_discontinuity_at_two_and_three_layers(depth):
    result = planted_transitions("directed", depth=depth)
    assert result.spinodal is None and result.crystal is None
    for alpha in np.linspace(1.45, 20, 15):
        assert solve_planted(alpha, depth, "directed").stable == "single"


def test_directed_has_a_discontinuity_from_four_layers_on():
    result = planted_transitions("directed", depth=4)
    assert result.spinodal < result.crystal
    below, above = (solve_planted(result.crystal * (1 + d), 4, "directed") for d in (-1e-3, 1e-3))
    assert (below.stable, above.stable) == ("liquid", "crystal")


@pytest.mark.parametrize("closure, depth", (("symmetric", 2), ("symmetric", 4), ("directed", 5)))
def test_free_entropy_changes_slope_where_the_crystal_becomes_stable(closure, depth):
    result = planted_transitions(closure, depth=depth)
    at = solve_planted(result.crystal, depth, closure, tolerance=1e-13)
    liquid, crystal = at.branches
    assert liquid.free_entropy == pytest.approx(crystal.free_entropy, abs=1e-12)
    slopes = [-np.sum(np.log1p(-branch.Q_l) + branch.Q_l) for branch in (liquid, crystal)]
    assert slopes[1] > 1.02 * slopes[0]


@pytest.mark.parametrize("closure, depth", (("symmetric", 2), ("symmetric", 3), ("directed", 4)))
def test_the_crystal_branch_ends_at_its_spinodal(closure, depth):
    fold = spinodal(depth, closure)
    below, above = (solve_planted(fold * (1 + d), depth, closure) for d in (-1e-6, 1e-6))
    assert below.stable == "single"
    assert above.stable == "liquid"
    assert 0.97 < above.branches[1].leading_eigenvalue < 1


def test_crystal_transition_grows_with_depth():
    """Counting: NM bits fix at most N²L weights, so that the centre stays liquid while α ≪ L."""
    for closure in CLOSURES:
        stars = [crystal_transition(depth, closure) for depth in (4, 6, 9)]
        assert np.all(np.diff(stars) / np.diff((4, 6, 9)) > 5)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="count = 0: must be at least 1"):
        planted_transitions("symmetric", count=0)
    with pytest.raises(ValueError, match="closure = 'round'"):
        planted_transitions("round")
    with pytest.raises(ValueError, match="depth = 0: must be at least 1"):
        planted_transitions("symmetric", depth=0)


def test_symmetric_front_stops_advancing_continuously_after_fifteen_layers():
    """α_16 would lie at a fold of the front's own branch, where it steps forward by a jump."""
    alphas = front_transitions("symmetric", 20)
    assert len(alphas) == 15
    assert alphas[-1] == pytest.approx(1013.9468, abs=1e-3)


def test_directed_front_advances_by_a_factor_that_tends_to_pi_squared_over_four():
    """Deep inside Q = 1 and q(l-1) = (2/π) q(l), and αg q² = 1 at the tip; the ratio is 2.51 at j = 10."""
    alphas = np.array(front_transitions("directed", 11))
    ratios = alphas[1:] / alphas[:-1]
    assert np.all(np.diff(ratios) < 0)
    assert FIRST < ratios[-1] < 1.03 * FIRST
