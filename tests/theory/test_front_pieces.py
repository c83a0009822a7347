"""Fronts are looked at in short nets: a closure whose sectors depend on the depth of the net has no such pieces.

In the random setting two fronts have to be mirror images, and every front has to grow where it is declared.
"""

from dataclasses import replace

import numpy as np
import pytest
from toy_closure import LAST_SITE, MIDDLE_SITE, OneSite, Reversed, registered

from gardner.errors import ConvergenceError
from gardner.model import CLOSURES
from gardner.theory.closures.base import Layers
from gardner.theory.closures.directed import Directed
from gardner.theory.closures.symmetric import Symmetric
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.planted.solve import checked_net
from gardner.theory.search.monotone import liquid_start, settle
from gardner.theory.transitions.pieces import check_pieces, check_repeats
from gardner.theory.transitions.planted_fronts import front_transitions, net_transitions
from gardner.theory.transitions.random_fronts import BranchEnded, RandomFront
from gardner.theory.transitions.random_transitions import finite_level_root, random_transitions

REFUSED = r"only for closures whose sectors do not depend on how far the ends are; in Layers\(depth={}"


@pytest.fixture(autouse=True)
def toys():
    with registered(LAST_SITE), registered(MIDDLE_SITE), registered(Reversed()):
        yield


def test_a_front_whose_short_net_has_other_sectors_is_refused():
    """Alone, two layers grown from the input have a site next to their tip; in the net that layer is free."""
    with pytest.raises(ValueError, match=REFUSED.format(6)):
        net_transitions(6, "last-site")


def test_layers_that_are_not_repeated_are_refused(monkeypatch):
    """Nine layers are looked at in four, whose middle one is no longer where it was."""
    with pytest.raises(ValueError, match=REFUSED.format(9)):
        net_transitions(9, "middle-site")
    monkeypatch.setattr(MIDDLE_SITE, "fronts_from", ("output",))
    with pytest.raises(ValueError, match=REFUSED.format(5)):
        front_transitions("middle-site", 2)


@pytest.mark.parametrize("depth", (3, 5))
def test_where_the_pieces_are_those_of_the_net_so_are_the_transitions(depth):
    """The site counts from the output, so that a front of one layer is what it is in the net."""
    chain = checked_net(depth, "last-site")
    for number, alpha in enumerate(net_transitions(depth, "last-site"), start=1):
        below, above = (
            chain.overlaps(settle(chain, alpha * factor, liquid_start(chain)).state).q_l[1:-1] > 1e-8
            for factor in (1 - 1e-5, 1 + 1e-5)
        )
        assert np.sum(below) == 2 * (number - 1) < np.sum(above)


@pytest.mark.parametrize("name", ("symmetric", "directed", "reversed"))
def test_fronts_and_repeated_layers_of_a_local_closure_are_pieces(name):
    part = CLOSURES[name]
    check_repeats(part, Layers(4), Layers(7), 2)
    pieces = {"input": (Layers(2, output_free=True), 2), "output": (Layers(2, input_free=True), 2)}
    check_pieces(part, Layers(6), {end: pieces[end] for end in part.fronts_from})


def test_a_layer_counted_from_one_end_belongs_to_the_front_of_that_end_only():
    part = CLOSURES["last-site"]
    check_pieces(part, Layers(6), {"output": (Layers(2, input_free=True), 2)})
    with pytest.raises(ValueError, match=REFUSED.format(6)):
        check_pieces(part, Layers(6), {"input": (Layers(2, output_free=True), 2)})
    check_repeats(part, Layers(4), Layers(7), 2)
    with pytest.raises(ValueError, match=REFUSED.format(7)):
        check_repeats(part, Layers(4), Layers(7), 3)  # the site itself would be repeated


GRID = GridSettings.for_accuracy(1e-8)


class OneEnd(Symmetric):
    """Symmetric, but only the front of the input is declared."""

    name, fronts_from = "one-end", ("input",)


class Idle(Directed):
    """Directed, its output written as an overlap that is read; declares the end from which nothing grows."""

    name, fronts_from = "idle", ("input",)

    def sectors(self, layers):
        end = ("q", layers.depth)
        return [replace(s, reads=(*s.reads, end)) if s.kind == "gap" else s for s in super().sectors(layers)]


@pytest.mark.parametrize("depth", (None, 4, 5))
def test_random_fronts_from_two_ends_have_to_be_mirror_images(depth):
    with pytest.raises(ValueError, match="fronts from input and output are not mirror images"):
        random_transitions(8, 2, depth, closure="last-site")


@pytest.mark.parametrize("depth", (None, 4))
def test_a_random_front_whose_layers_are_not_those_of_the_net_is_refused(depth, monkeypatch):
    monkeypatch.setattr(MIDDLE_SITE, "fronts_from", ("output",))
    with pytest.raises(ValueError, match=r"only for closures whose sectors do not depend on how far the ends are"):
        random_transitions(8, 2, depth, closure="middle-site")


def test_a_random_front_that_stands_for_a_longer_net_has_its_layers():
    """The half-infinite front is right by itself; in a net of six layers the next one is another."""
    far = OneSite("far-site", lambda depth: 3 if depth == 6 else 0)
    far.fronts_from = ("output",)
    with registered(far):
        RandomFront(1, 2, GRID, "far-site")
        with pytest.raises(ValueError, match=REFUSED.format(6)):
            random_transitions(8, depth=6, closure="far-site")


@pytest.mark.parametrize("closure, wrong", ((Reversed, "output"), (Directed, "input")))
def test_a_random_front_from_an_end_that_no_liquid_can_meet_is_refused(closure, wrong):
    part = closure()
    part.name, part.fronts_from = "wrong-end", (wrong,)
    with registered(part), pytest.raises(ValueError, match=f"declares a front from the {wrong}"):
        random_transitions(8, 2, closure="wrong-end")


@pytest.mark.parametrize("depth", (None, 3))
def test_a_declared_front_that_does_not_grow_is_an_error(depth):
    said = "no front of 1 solid layer grows from the input"
    with registered(Idle()):
        with pytest.raises(ConvergenceError, match=said) as found:
            random_transitions(8, 2, depth, closure="idle")
        assert not isinstance(found.value, BranchEnded)
        front = RandomFront(1, 2, GRID, "idle", None)
        front.begin(3.0)
        with pytest.raises(ConvergenceError, match=f"{said} up to alpha = 6"):
            front.root(3.0)


def test_a_liquid_that_was_unstable_before_the_front_reached_it_is_no_transition():
    """The undeclared front of the output has made the last layer solid at (π/2)² already."""
    with registered(OneEnd()):
        front = RandomFront(2, 2, GRID, "one-end", 4)
        with pytest.raises(BranchEnded, match=r"unstable from alpha = 2\.467\d* on"):
            finite_level_root(front, 16.03, None)
