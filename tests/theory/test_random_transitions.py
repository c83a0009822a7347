"""Transitions of the random front against an independent program, whole nets, and the limit k → ∞ found otherwise."""

import numpy as np
import pytest
from oracles_front import second_transition
from scipy.optimize import root

from gardner.model import Network, RandomSetting, SolverSettings
from gardner.theory import chain
from gardner.theory.chain import ChainState, parisi_gradient
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.random_setting import solve, solve_random
from gardner.theory.transitions.random_fronts import BranchEnded, RandomFront
from gardner.theory.transitions.random_transitions import level_sequence, random_transitions

GAIN = (2.0 / np.pi) ** 2  # g of (T20)

GRID = GridSettings.for_accuracy(1e-10)
ALPHA_2 = 16.0667  # k → ∞ through optimised m, k = 1…5 (`test_limit_agrees_with_optimised_parisi_parameters`)


def front_root(layers: int, levels: int, low: float, depth: int | None = None) -> tuple[RandomFront, float]:
    front = RandomFront(layers, levels, GRID, net_depth=depth)
    front.begin(low)
    return front, front.root(low)


def test_second_transition_agrees_with_nested_quadrature_at_one_step():
    assert front_root(1, 1, 12.0)[1] == pytest.approx(second_transition(0.5), rel=1e-7)


def test_first_transition_is_exact_and_halved_between_two_ends():
    (front,) = random_transitions(8, 1).transitions
    (net,) = random_transitions(8, depth=2).transitions
    assert front.alpha == pytest.approx(np.pi**2 / 4, rel=1e-14) and front.error == 0.0
    assert net.alpha == pytest.approx(np.pi**2 / 8, rel=1e-14)
    assert random_transitions(8, depth=1).transitions == ()
    assert [t.alpha for t in random_transitions(8, depth=3).transitions] == [front.alpha]


@pytest.mark.parametrize("depth, ends, layer, low", [(4, 2, 2, 8.0), (6, 1, 2, 12.0)])
def test_whole_nets_turn_solid_where_their_fronts_say(depth, ends, layer, low):
    """The layer next to the fronts: liquid 1 % below the root, solid 1 % above, in a net solved from small overlaps."""
    front, alpha = front_root(1, 3, low, depth)
    # the condition derived from the sectors is the one written out in (T20), (T23)
    assert ends * alpha * GAIN * front.at(alpha).q_ea[-1] ** 2 == pytest.approx(1.0, abs=1e-7)
    below, above = (solve_random(alpha * factor, depth, 3) for factor in (0.99, 1.01))
    assert below.status == above.status == "converged"
    assert below.q_ea[layer] < 1e-9
    assert 1e-3 < above.q_ea[layer] < 0.1
    assert alpha > 1.1 * (12.915626 if ends == 1 else 8.70277)  # q of the planted front in (T20) is the wrong theory


def test_new_layer_grows_linearly_from_zero():
    front, alpha = front_root(1, 5, 14.0)
    near, far = front.onset(alpha, 0.002), front.onset(alpha, 0.004)
    assert far == pytest.approx(2.0 * near, rel=0.02) and far < 2e-3


def test_root_does_not_depend_on_how_the_front_was_reached():
    """Continued states against fresh searches from small overlaps at the root."""
    front, alpha = front_root(2, 5, 30.0)
    fresh = RandomFront(2, 5, GRID).begin(alpha)
    np.testing.assert_allclose(front.at(alpha).q_ea, fresh.q_ea, atol=1e-8)
    assert alpha * GAIN * fresh.q_ea[1] ** 2 == pytest.approx(1.0, abs=1e-7)


def test_frozen_front_is_absent_at_the_second_transition_and_preferred_at_the_third():
    front, alpha = front_root(1, 7, 14.0)
    assert front.frozen_gap(alpha) is None
    front, alpha = front_root(2, 7, 30.0)
    assert front.frozen_gap(30.0) > 1e-2 and front.frozen_gap(alpha) < -1e-3


def test_a_front_that_gives_way_says_so():
    front = RandomFront(2, 3, GRID)
    front.begin(120.0)
    with pytest.raises(BranchEnded, match="gives way"):
        front.at(300.0)


def test_limit_covers_the_independent_one_with_twenty_steps():
    _, second = random_transitions(20, 2).transitions
    assert second.levels == level_sequence(20) == (5, 7, 10, 14, 20)
    assert second.status == "continuous" and second.frozen_gap is None
    assert abs(second.alpha - ALPHA_2) < second.error < 0.03
    assert abs(second.values[0] - ALPHA_2) > second.error  # no single k would do


@pytest.mark.parametrize("arguments, named", [((7,), "levels"), ((8, 0), "count"), ((8, 2, 0), "depth")])
def test_impossible_requests_are_refused(arguments, named):
    with pytest.raises(ValueError, match=named):
        random_transitions(*arguments)


def optimised_root(k: int, alpha: float, m: np.ndarray) -> tuple[float, np.ndarray]:
    """α_2 with the m_i at which s is stationary (C10): the equations for α and m solved together."""

    def decoded(z):
        return float(np.exp(z[0])), np.cumprod(1.0 / (1.0 + np.exp(-z[1:]))[::-1])[::-1]

    def equations(z):
        value, levels = decoded(z)
        setting = RandomSetting(value, Network(2), parisi=tuple(levels), output_overlap=(0.0,) * (k + 1))
        found = solve(setting, SolverSettings(tolerance=1e-10))
        state = ChainState(found.q_li, found.Q_li)
        gradient = parisi_gradient(state, chain.evaluate(state, setting, GRID).fields, setting, GRID)
        return np.append(np.log(value * GAIN * found.q_ea[1] ** 2), 100.0 * k * gradient)

    fractions = m / np.append(m[1:], 1.0)
    start = np.append(np.log(alpha), np.log(fractions / (1.0 - fractions)))
    found = root(equations, start, options={"xtol": 1e-9, "eps": 1e-6})
    assert found.success
    return decoded(found.x)


@pytest.mark.slow
def test_limit_agrees_with_optimised_parisi_parameters():
    """Another road to k → ∞: optimised m, error in powers of (k + ½)^{-2}; 40 uniform steps come within 5e-3."""
    starts = ([0.3], [0.2, 0.35], [0.146, 0.27, 0.37], [0.116, 0.219, 0.305, 0.382])
    roots = [optimised_root(k, 16.2, np.array(m))[0] for k, m in enumerate(starts, start=1)]
    x = (np.arange(2, 5) + 0.5) ** -2.0
    limit = np.polyfit(x, roots[1:], 2)[-1]
    assert limit == pytest.approx(ALPHA_2, abs=2e-4)
    _, second = random_transitions(40, 2).transitions
    assert second.error < 5e-3 and abs(second.alpha - limit) < second.error


@pytest.mark.slow
def test_later_transitions_carry_their_status():
    result = random_transitions(14, 4)
    _, second, third, fourth = result.transitions
    assert (second.status, third.status) == ("continuous", "metastable")
    assert fourth.status == "metastable" and fourth.frozen_gap < 0.0
    assert abs(third.alpha - 43.863) < third.error < 0.1  # 43.865 from 40 steps
