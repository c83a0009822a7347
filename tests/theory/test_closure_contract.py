"""What every closure must obey in the planted setting (for the random one: `test_chain`), and every prior in both."""

from itertools import product

import numpy as np
import pytest
from toy_closure import Reversed, registered

from gardner.model import CLOSURES, PRIORS, uniform_parisi
from gardner.theory.closures.base import Layers
from gardner.theory.nishimori.identity import nishimori_deviation
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.planted.chain import PlantedChain
from gardner.theory.search.monotone import crystal_start, settle
from gardner.theory.transitions.planted_fronts import net_transitions
from gardner.theory.validity import first_transition

NAMES = [*CLOSURES, "reversed"]  # the last one is made outside the package
CHAINS = (
    (Layers(1), 0.0),
    (Layers(2), 0.0),
    (Layers(5), 0.0),
    (Layers(3), 0.1),
    (Layers(3, input_free=True), 0.0),
    (Layers(3, output_free=True), 0.2),
)


@pytest.fixture(autouse=True)
def toy():
    with registered(Reversed()):
        yield


def random_state(chain, rng):
    """A state away from every fixed point; fields of sites are as free as overlaps."""
    depth = chain.depth
    q_l, Q_l = rng.uniform(0.2, 0.9, depth + 1), rng.uniform(0.2, 0.9, depth)
    return chain.state(q_l, Q_l, rng.uniform(0.1, 2.0, depth + 1))


@pytest.mark.parametrize("name", NAMES)
def test_every_unknown_overlap_has_one_owner(name):
    for depth, *free in product((1, 2, 5), (False, True), (False, True)):
        layers = Layers(depth, *free)
        owned = [s.own for s in CLOSURES[name].checked_sectors(layers) if s.own is not None]
        assert sorted(owned) == sorted(layers.overlaps)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layers, field", CHAINS)
def test_planted_jacobian_is_the_derivative_of_the_map(name, layers, field):
    chain = PlantedChain(CLOSURES[name], layers, field)
    state = random_state(chain, np.random.default_rng(4))
    image, steps = chain.image(state, 5.0), 1e-5 * np.eye(chain.size)

    def F(x, alpha=5.0):
        return chain.image(x, alpha).value

    slope = np.array([(F(state + h) - F(state - h)) / 2e-5 for h in steps]).T
    np.testing.assert_allclose(image.jacobian, slope, atol=1e-8)
    up, down = 5.0 * np.exp(1e-5), 5.0 * np.exp(-1e-5)
    alpha_slope = (F(state, up) - F(state, down)) / 2e-5
    np.testing.assert_allclose(image.alpha_slope, alpha_slope, atol=1e-8)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layers, field", CHAINS)
def test_planted_map_preserves_order(name, layers, field):
    chain, rng = PlantedChain(CLOSURES[name], layers, field), np.random.default_rng(5)
    for alpha in (0.5, 5.0, 50.0):
        low = random_state(chain, rng)
        high = low + rng.uniform(0, 1, chain.size) ** 3
        below, above = chain.image(low, alpha), chain.image(high, alpha)
        assert np.all(above.value >= below.value) and np.all(below.jacobian >= 0)
        assert np.all(below.alpha_slope >= 0)


def settled(name, layers, field, alpha=10.0):
    """A chain at its saddle point; a field keeps every layer from being liquid."""
    chain = PlantedChain(CLOSURES[name], layers, field or 0.05)
    return chain, settle(chain, alpha, crystal_start(chain, alpha), 1e-14).state


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layers, field", CHAINS)
def test_planted_free_entropy_is_stationary_at_the_saddle_point(name, layers, field):
    """A state that is 5 % off must fail at the same bound, so that the test can."""
    chain, state = settled(name, layers, field)

    def gradient(x):  # x ∂s/∂x of every component
        s = [[chain.free_entropy(x + k * h, 10.0) for k in (-2, -1, 1, 2)] for h in np.diag(1e-3 * x)]
        return np.array([(8 * (c - b) - (d - a)) / 0.012 for a, b, c, d in s])

    assert np.abs(gradient(state)).max() < 1e-10
    assert np.abs(gradient(1.05 * state)).max() > 1e-5


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layers, field", CHAINS)
def test_students_share_among_themselves_what_they_share_with_the_teacher(name, layers, field):
    for alpha in (3.0, 60.0, 10.0):
        chain, state = settled(name, layers, field, alpha)
        assert nishimori_deviation(chain, state) < 1e-12
    if len(chain.hidden):
        assert nishimori_deviation(chain, 1.05 * state) > 1e-4


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("depth", (2, 3, 4))
def test_two_replicas_and_the_planted_map_agree_where_the_liquid_ends(name, depth):
    """(T24) and the linearised map are two ways to the first transition."""
    assert net_transitions(depth, name)[0] == pytest.approx(first_transition(name, depth), rel=1e-11)


@pytest.mark.parametrize("name", list(PRIORS))
def test_a_planted_prior_answers_with_the_overlap_that_its_entropy_asks_for(name):
    """d(entropy)/dQ = -Q̂/2; the rigidity grows with the field from 0, with the slope it says."""
    prior, field = PRIORS[name], np.array([0.0, 0.03, 0.7, 5.0, 12.0])
    rigidity, slope = prior.planted_rigidity(field)
    assert rigidity[0] == 0.0 and np.all(slope > 0)
    steps = 1e-4 * (1 + field[1:])
    ahead, behind = (prior.planted_rigidity(field[1:] + k * steps)[0] for k in (1, -1))
    np.testing.assert_allclose((ahead - behind) / (2 * steps), slope[1:], rtol=1e-5)

    step = 1e-4
    ahead, behind = (prior.planted_entropy(rigidity + k * step, field) for k in (1, -1))
    by_overlap = (ahead - behind)[1:] / (2 * step) * np.exp(rigidity[1:])
    np.testing.assert_allclose(by_overlap, -0.5 * field[1:], rtol=1e-6)

    # and it is stationary in the field, where it depends on it
    ahead, behind = (prior.planted_entropy(rigidity[1:], field[1:] + k * step) for k in (1, -1))
    np.testing.assert_allclose((ahead - behind) / (2 * step), 0.0, atol=1e-8)


FIELD_I = np.array([0.3, 0.8, 1.1, 2.9])  # of a weight, k = 3
M_I = np.array([0.0, *uniform_parisi(3), 1.0])


def differences(function, at, step=1e-5):
    """Derivative of a function by every component of its argument, the components along the last axis."""
    moves = step * np.eye(len(at))
    return np.stack([(function(at + move) - function(at - move)) / (2 * step) for move in moves], axis=-1)


def said(name, q_i, field_i, m=None, with_response=False):
    """What a prior contributes on the default grid."""
    return PRIORS[name].contribution(q_i, field_i, M_I if m is None else m, GridSettings(), with_response)


def answer(name, field_i):
    """The overlaps with which a prior answers a field."""
    return said(name, np.array([0.1, 0.2, 0.3, 0.4]), field_i).image_i


@pytest.mark.parametrize("name", list(PRIORS))
def test_a_random_prior_responds_as_it_says(name):
    value_i = answer(name, FIELD_I)
    assert np.all(np.diff(value_i) > 0) and 0 < value_i[0] and value_i[-1] < 1
    response_ji = said(name, value_i, FIELD_I, with_response=True).responses["image", "field"]
    np.testing.assert_allclose(response_ji, differences(lambda x: answer(name, x), FIELD_I), atol=1e-8)
    np.testing.assert_array_equal(answer(name, np.zeros(4)), 0.0)


@pytest.mark.parametrize("name", list(PRIORS))
def test_the_entropy_of_a_random_prior_belongs_to_its_answer_and_has_the_slope_it_says(name):
    """ds/dQ_i = ½ (m_{i+1} - m_i) Q̂_i and ds/dQ̂_i = 0 at the overlaps that answer Q̂, and at no others."""
    q_i = answer(name, FIELD_I)

    def entropy(own_i=q_i, field_i=FIELD_I, m=M_I):
        return said(name, own_i, field_i, m).free_entropy

    by_overlap = differences(lambda x_i: entropy(own_i=x_i), q_i)
    np.testing.assert_allclose(by_overlap, 0.5 * np.diff(M_I) * FIELD_I, atol=1e-8)
    by_field = differences(lambda x_i: entropy(field_i=x_i), FIELD_I)
    np.testing.assert_allclose(by_field, 0.0, atol=1e-8)
    wrong = [differences(lambda x_i: entropy(own_i=x_i), 0.9 * q_i) - by_overlap]
    wrong.append(differences(lambda x_i: entropy(0.9 * q_i, x_i), FIELD_I))
    assert np.abs(wrong).max() > 1e-3

    slope_i = differences(lambda levels: entropy(m=np.array([0.0, *levels, 1.0])), M_I[1:-1])
    np.testing.assert_allclose(said(name, q_i, FIELD_I).slope_i(), slope_i, atol=1e-8)


@pytest.mark.parametrize("name", list(PRIORS))
def test_one_step_at_m_near_one_without_lower_level_is_the_planted_prior(name):
    """n = m_1 → 1 replicas at Q_0 = 0 are a teacher and students: the same Q, and the error is that of 1 - m_1."""
    m, field = np.array([0.0, 1.0 - 1e-7, 1.0]), 2.3
    Q_i = said(name, np.array([0.0, 0.5]), np.array([0.0, field]), m).image_i
    planted = -np.expm1(-PRIORS[name].planted_rigidity(np.array([field]))[0][0])
    assert Q_i[0] < 1e-20
    assert Q_i[1] == pytest.approx(planted, abs=1e-6)
