"""Transitions of the directed front in the random setting."""

import numpy as np
import pytest

from gardner.model import uniform_parisi
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.transitions.random_fronts import RandomFront
from gardner.theory.transitions.random_transitions import random_transitions

GAIN = (2.0 / np.pi) ** 2  # g of (T20)

GRID = GridSettings.for_accuracy(1e-9)


def front_root(low: float, depth: int | None, parisi: tuple[float, ...], closure: str = "directed") -> float:
    """The next transition behind one solid layer, of a half-infinite front or of a net of `depth` layers."""
    front = RandomFront(1, len(parisi), GRID, closure, depth, parisi)
    front.begin(low)
    return front.root(low)


def test_second_transition_of_three_layers_is_the_reference_value():
    assert abs(front_root(7.0, 3, (0.5,)) - 8.0674) < 1e-4  # THEORY (T23)


@pytest.mark.parametrize("depth", [None, 3])
def test_growth_is_the_one_written_out_in_theory(depth):
    """α g q_k² of (T21), times 1 + α g where bond layer 1 orders along (T23)."""
    front = RandomFront(1, 3, GRID, "directed", depth)
    alpha = 7.5 if depth else 15.0
    front.begin(alpha)
    written_out = alpha * GAIN * front.at(alpha).q_ea[-1] ** 2
    if depth is None:
        assert front.log_growth(alpha) == pytest.approx(np.log(written_out), abs=1e-9)
        return
    root = front.root(alpha)
    assert root * GAIN * front.at(root).q_ea[-1] ** 2 * (1.0 + root * GAIN) == pytest.approx(1.0, abs=1e-7)


def test_first_transitions_are_exact():
    half_infinite, two, three = (
        random_transitions(8, 1, depth, closure="directed").transitions[0].alpha for depth in (None, 2, 3)
    )
    assert abs(half_infinite - np.pi**2 / 4) < 1e-12 and abs(three - np.pi**2 / 4) < 1e-12
    assert abs(two - np.pi**2 / 4 * (np.sqrt(5) - 1) / 2) < 1e-12


def test_a_front_of_one_layer_is_the_same_in_both_closures():
    """One bond layer between an imposed end and spins that hear nothing else: the arrow does not matter."""
    directed, symmetric = (front_root(14.0, None, uniform_parisi(5), name) for name in ("directed", "symmetric"))
    assert abs(directed - symmetric) < 1e-6


@pytest.mark.slow
def test_second_transition_of_three_layers_in_the_limit_of_many_steps():
    found = random_transitions(20, 2, 3, closure="directed").transitions[1]
    assert found.error < 0.02
    finer = front_root(8.0, 3, uniform_parisi(32))
    # the rough error of a single k falls like (k+1)^-2: that of k = 32 comes on top
    assert abs(found.alpha - finer) < found.error * (1.0 + (21.0 / 33.0) ** 2)
