"""Fronts are looked at in short nets: a closure whose sectors depend on the depth of the net has no such pieces."""

import numpy as np
import pytest
from toy_closure import LAST_SITE, MIDDLE_SITE, Reversed, registered

from gardner.model import CLOSURES
from gardner.theory.closures.base import Layers
from gardner.theory.planted.solve import checked_net
from gardner.theory.search.monotone import liquid_start, settle
from gardner.theory.transitions.pieces import check_pieces, check_repeats
from gardner.theory.transitions.planted_fronts import front_transitions, net_transitions

REFUSED = r"only for closures whose sectors do not depend on how far the ends are; in Layers\(depth={}"


@pytest.fixture(autouse=True)
def toys():
    with registered(LAST_SITE), registered(MIDDLE_SITE), registered(Reversed()):
        yield


def test_a_front_whose_short_net_has_other_sectors_is_refused():
    """Alone, two layers grown from the input have a site next to their tip; in the net that layer is free."""
    with pytest.raises(ValueError, match=REFUSED.format(6)):
        net_transitions(6, "last-site")


def test_layers_that_are_not_repeated_are_refused():
    """Nine layers are looked at in four, whose middle one is no longer where it was."""
    with pytest.raises(ValueError, match=REFUSED.format(9)):
        net_transitions(9, "middle-site")
    CLOSURES["middle-site"].fronts_from = ("output",)
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
