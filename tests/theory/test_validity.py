"""What is said beside results of a closure: where, of which, and that every closure has its entry."""

import math

import pytest

from gardner.model import CLOSURES
from gardner.potentials.soft import SoftCore
from gardner.theory.validity import closure_verdict, first_transition


def test_what_is_held_against_a_closure_is_declared_by_it():
    assert {name for name in CLOSURES if CLOSURES[name].remark} == {"symmetric"}


@pytest.mark.parametrize(
    ("closure", "depth", "alpha"),
    [
        ("symmetric", 2, math.pi**2 / 8),
        ("directed", 2, (math.pi / 2) ** 2 * (math.sqrt(5) - 1) / 2),
        ("symmetric", 3, (math.pi / 2) ** 2),
        ("directed", 3, (math.pi / 2) ** 2),
        ("symmetric", 1000, (math.pi / 2) ** 2),
        ("directed", 1000, (math.pi / 2) ** 2),
    ],
)
def test_first_transition_is_that_of_theory(closure, depth, alpha):
    assert first_transition(closure, depth) == pytest.approx(alpha, rel=1e-10)


@pytest.mark.parametrize("depth", [2, 3, 20])
def test_symmetric_is_judged_beyond_its_first_transition_only(depth):
    first = first_transition("symmetric", depth)
    assert closure_verdict("symmetric", depth, 0.999 * first) is None
    line = closure_verdict("symmetric", depth, 1.001 * first)
    assert f"{first:.4g} at L = {depth}" in line and "\n" not in line
    assert ("Bayes" in line) == (depth > 2)  # at L = 2 the inequality holds
    assert closure_verdict("symmetric", depth) == line


def test_half_infinite_front_is_judged_like_every_deep_net():
    assert "2.467 at L ≥ 3" in closure_verdict("symmetric", None)


def test_nothing_is_said_of_one_layer_and_of_directed():
    assert closure_verdict("symmetric", 1, 100.0) is None
    assert closure_verdict("directed", 5, 100.0) is None


def test_soft_core_orders_later():
    assert first_transition("symmetric", 3, SoftCore(5.0)) > first_transition("symmetric", 3, SoftCore(66.7)) > 2.4675


def test_unknown_closure_is_refused():
    with pytest.raises(ValueError, match="closure = 'none'"):
        closure_verdict("none", 3, 1.0)
