"""Rows of a phase diagram: exact transitions stand where they are, the others between two points of the sweep."""

import math

import numpy as np
import pytest

from gardner.analysis.phase_edges import (
    CRYSTAL,
    LIQUID,
    PARTLY,
    THROUGHOUT,
    KnownEdges,
    coexistence_intervals,
    end_of_branch,
    phase_beyond,
    planted_edges,
    random_edges,
    row_intervals,
)
from gardner.theory.transitions.planted_transitions import planted_transitions

NAN = math.nan


def known(*steps, crystal=NAN, spinodal=NAN, joined=NAN):
    return KnownEdges(steps, crystal, spinodal, joined, 77.0)


def test_an_edge_is_the_exact_transition_where_one_lies_between_the_points():
    alphas, seen = [1.0, 2.0, 3.0, 4.0], [LIQUID, LIQUID, PARTLY, PARTLY]
    assert row_intervals(alphas, seen) == [(pytest.approx(math.sqrt(6.0)), LIQUID, False), (math.inf, PARTLY, False)]
    rows = row_intervals(alphas, seen, known((2.9, PARTLY)))
    assert rows == [(2.9, LIQUID, True), (math.inf, PARTLY, False)]


def test_two_transitions_between_two_points_are_both_there():
    rows = row_intervals([1.0, 5.0], [LIQUID, THROUGHOUT], known((2.0, PARTLY), (3.0, THROUGHOUT)))
    assert rows == [(2.0, LIQUID, True), (3.0, PARTLY, True), (math.inf, THROUGHOUT, False)]


def test_just_beyond_a_transition_overlaps_too_small_to_count_do_not_move_the_edge():
    """The point at 2.0 has Q_EA below what counts as solid, and the layer is solid all the same."""
    rows = row_intervals([1.0, 2.0, 3.0], [LIQUID, LIQUID, PARTLY], known((1.9, PARTLY)))
    assert rows == [(1.9, LIQUID, True), (math.inf, PARTLY, False)]


def test_what_did_not_converge_stays_unknown():
    rows = row_intervals([1.0, 2.0, 3.0], [LIQUID, NAN, CRYSTAL], known((1.5, PARTLY), (2.5, CRYSTAL)))
    assert rows[0] == (1.5, LIQUID, True) and any(math.isnan(phase) for _, phase, _ in rows)
    assert rows[-1][1] == CRYSTAL


def test_hatching_begins_at_the_spinodal_and_a_window_narrower_than_the_grid_is_seen():
    alphas = [1.0, 2.0, 4.0]
    edge = pytest.approx(math.sqrt(2.0))
    assert coexistence_intervals(alphas, [False, True, True]) == [(edge, math.inf)]
    assert coexistence_intervals(alphas, [False, True, True], known(spinodal=1.2)) == [(1.2, math.inf)]
    assert coexistence_intervals(alphas, [False] * 3, known(spinodal=2.1, joined=2.2)) == [(2.1, 2.2)]
    assert coexistence_intervals(alphas, [False] * 3, known()) == []


@pytest.mark.parametrize(
    "closure, depth, number, phase",
    [
        ("symmetric", 2, 1, THROUGHOUT),
        ("symmetric", 4, 1, PARTLY),
        ("symmetric", 4, 2, THROUGHOUT),
        ("directed", 3, 1, PARTLY),
        ("directed", 3, 2, THROUGHOUT),
    ],
)
def test_the_last_hidden_spins_make_a_net_solid_throughout(closure, depth, number, phase):
    assert phase_beyond(closure, depth, number) == phase


def test_edges_of_two_layers():
    edges = planted_edges(planted_transitions("symmetric", 2), end_of_branch("symmetric", 2))
    np.testing.assert_allclose([alpha for alpha, _ in edges.steps], [np.pi**2 / 8.0, 9.93143470], rtol=1e-8)
    assert [phase for _, phase in edges.steps] == [THROUGHOUT, CRYSTAL]
    np.testing.assert_allclose([edges.spinodal, edges.joined, edges.bound], [9.8717770, 9.9928979, 9.0886], rtol=1e-5)
    assert random_edges("symmetric", 4).steps == ((pytest.approx(np.pi**2 / 4.0), PARTLY),)
    assert math.isnan(end_of_branch("directed", 2))
