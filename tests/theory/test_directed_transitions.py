"""Transitions of the directed front in the random setting."""

import numpy as np
import pytest

from gardner.model import uniform_parisi
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.transitions.directed_transitions import DirectedFront, directed_transitions
from gardner.theory.transitions.random_fronts import Front


def test_second_transition_of_three_layers_is_the_reference_value():
    assert abs(DirectedFront(1, (0.5,), 1e-9).root(4.0, True) - 8.0674) < 1e-4  # THEORY (T23)


def test_first_transitions_are_exact():
    half_infinite, two, three = (directed_transitions(8, 1, depth).transitions[0].alpha for depth in (None, 2, 3))
    assert abs(half_infinite - np.pi**2 / 4) < 1e-12 and abs(three - np.pi**2 / 4) < 1e-12
    assert abs(two - np.pi**2 / 4 * (np.sqrt(5) - 1) / 2) < 1e-12


def test_a_front_of_one_layer_is_the_same_in_both_closures():
    """One bond layer between an imposed end and spins that hear nothing else: the arrow does not matter."""
    symmetric = Front(1, 5, GridSettings.for_accuracy(1e-8))
    symmetric.begin(4.0)
    assert abs(DirectedFront(1, uniform_parisi(5), 1e-8).root(4.0, False) - symmetric.root(1, 4.0)) < 1e-4


@pytest.mark.slow
def test_second_transition_of_three_layers_in_the_limit_of_many_steps():
    found = directed_transitions(20, 2, 3).transitions[1]
    assert found.error < 0.02
    finer = DirectedFront(1, uniform_parisi(32), 1e-8).root(8.0, True)
    # the rough error of a single k falls like (k+1)^-2: that of k = 32 comes on top
    assert abs(found.alpha - finer) < found.error * (1.0 + (21.0 / 33.0) ** 2)
