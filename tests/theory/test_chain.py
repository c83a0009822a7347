"""What every declared closure must satisfy in the random setting, and a closure made outside the package."""

import numpy as np
import pytest
from toy_closure import Reversed, registered

import gardner
from gardner.model import CLOSURES, Network, RandomSetting, uniform_parisi
from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore
from gardner.theory.assessment import stationarity
from gardner.theory.chain import ChainState, evaluate, free_entropy, is_mirrored, plan_chain
from gardner.theory.closures import Closure, Sector, place_bonds
from gardner.theory.parisi.flow import GridSettings

GRID = GridSettings.for_accuracy(1e-10)
EVERY = [*CLOSURES, "reversed"]


@pytest.fixture(autouse=True)
def toy():
    with registered(Reversed()):
        yield


def ordered_state(depth: int, levels: int, seed: int) -> ChainState:
    """Random increasing overlaps between given patterns."""
    rng = np.random.default_rng(seed)
    q_li, Q_li = (np.sort(rng.uniform(0.1, 0.8, (rows, levels + 1)), axis=1) for rows in (depth + 1, depth))
    q_li[[0, -1]] = 1.0
    return ChainState(q_li, Q_li)


@pytest.mark.parametrize("closure", EVERY)
@pytest.mark.parametrize("potential", [HardCore(0.3), SoftCore(4.0)], ids=["hard", "soft"])
def test_jacobian_is_the_derivative_of_the_map(closure, potential):
    setting = RandomSetting(5.0, Network(3), potential, uniform_parisi(2), closure=closure)
    state = ordered_state(3, 2, seed=1)
    value, rows = evaluate(state, setting, GRID, True), state.unknowns()
    rng = np.random.default_rng(2)
    direction = rng.uniform(-1.0, 1.0, rows.shape)

    # along a random direction of all unknowns
    step = 1e-5
    ahead, behind = (evaluate(state.replaced(rows + s * step * direction), setting, GRID) for s in (1, -1))
    expected = np.zeros_like(rows)
    for (row, column), block in value.jacobian.items():
        expected[row] += block @ direction[column]
    np.testing.assert_allclose((ahead.image.unknowns() - behind.image.unknowns()) / (2.0 * step), expected, atol=2e-8)


@pytest.mark.parametrize("closure", EVERY)
def test_free_entropy_is_stationary_at_the_solution_and_nowhere_else(closure):
    solution = gardner.solve_random(6.0, 3, 2, closure=closure)
    assert solution.status == "converged" and solution.stationarity < 1e-7
    state = ChainState(solution.q_li, solution.Q_li)
    fields = evaluate(state, solution.setting, GRID).fields
    assert stationarity(state, fields, solution.setting, GRID) < 1e-7
    elsewhere = ChainState(solution.q_li, 0.9 * solution.Q_li)
    assert stationarity(elsewhere, fields, solution.setting, GRID) > 1e-3


@pytest.mark.parametrize("closure", EVERY)
def test_free_entropy_at_independent_fields_is_that_of_the_map_at_its_own(closure):
    setting = RandomSetting(5.0, Network(3), parisi=uniform_parisi(2), closure=closure)
    state = ordered_state(3, 2, seed=3)
    value = evaluate(state, setting, GRID)
    assert free_entropy(state, value.fields, setting, GRID) == pytest.approx(value.free_entropy, abs=1e-13)


@pytest.mark.parametrize("closure", EVERY)
def test_liquid_has_the_entropy_of_random_outputs(closure):
    liquid = gardner.solve_random(1.0, 4, 2, closure=closure)
    assert max(liquid.q_ea[1:-1].max(), liquid.Q_ea.max()) < 1e-8
    assert liquid.free_entropy == pytest.approx(-np.log(2.0), abs=1e-12)


@pytest.mark.parametrize("closure", EVERY)
def test_mirror_symmetry_is_read_off_the_declaration(closure):
    """Only the symmetric closure has it, and only between equal ends."""
    setting = RandomSetting(5.0, Network(3), parisi=(0.5,), closure=closure)
    assert is_mirrored(setting) == (closure == "symmetric")


@pytest.mark.slow
def test_toy_closure_is_the_mirror_image_of_directed():
    directed, toy = (gardner.solve_random(16.0, 3, 2, closure=name) for name in ("directed", "reversed"))
    assert directed.status == toy.status == "converged" and abs(directed.Q_ea[0] - directed.Q_ea[-1]) > 1e-4
    np.testing.assert_allclose(toy.Q_li, directed.Q_li[::-1], atol=1e-9)
    np.testing.assert_allclose(toy.q_li, directed.q_li[::-1], atol=1e-9)
    assert toy.free_entropy == pytest.approx(directed.free_entropy, abs=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [None, 3])
def test_transitions_of_the_toy_closure_are_those_of_directed(depth):
    found = [gardner.random_transitions(8, 2, depth, closure=name).transitions for name in ("directed", "reversed")]
    assert [t.alpha for t in found[1]] == pytest.approx([t.alpha for t in found[0]], rel=1e-6)
    assert found[1][1].status == "instability"


class Circular(Closure):
    """Two hidden spins, each of which needs the field of the other first."""

    name = label = "circular"

    def sectors(self, layers):
        sites = [Sector("site", (("q", 2),), ("q", 1)), Sector("site", (("q", 1),), ("q", 2))]
        return [*place_bonds(layers), *sites]


class Forgetful(Closure):
    """Nobody owns the hidden spins."""

    name = label = "forgetful"

    def sectors(self, layers):
        return [*place_bonds(layers), Sector("gap", (("Q", layers.depth),))]


@pytest.mark.parametrize("closure, said", [(Circular(), "in a circle"), (Forgetful(), "owned by no sector")])
def test_a_declaration_that_cannot_be_evaluated_is_refused(closure, said):
    with pytest.raises(ValueError, match=said):
        plan_chain(closure, 3)


def test_unknown_closure_is_an_error_everywhere():
    for call in (
        lambda: gardner.solve_random(3, 2, closure="typo"),
        lambda: gardner.random_transitions(8, 1, closure="typo"),
        lambda: gardner.solve_planted(3, 2, closure="typo"),
        lambda: gardner.planted_transitions("typo"),
    ):
        with pytest.raises(ValueError, match=r"closure = 'typo': must be one of symmetric, directed"):
            call()
