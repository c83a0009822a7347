"""The table "Claims of the paper, tested" of the README: every number of the theory in it is computed here again.

`said` holds the table to what is computed: the number, formatted as in the README, must stand in the section. The
Monte Carlo entries are runs of minutes; the tests of `gardner compare liquid` and of the figures cover them.
"""

import functools
import math
import re
from pathlib import Path

import numpy as np
import pytest

import gardner
from gardner.analysis.capacity_growth import capacity_curve
from gardner.comparison.stored import stored_document
from gardner.theory.closures.base import Layers
from gardner.theory.closures.symmetric import SYMMETRIC
from gardner.theory.counting import counting_bound, counting_entropy
from gardner.theory.liquid import quadratic_covariances
from gardner.theory.planted.chain import PlantedChain
from gardner.theory.search.monotone import liquid_start, settle

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
CLAIMS = README.partition("## Claims of the paper, tested")[2].partition("\n## ")[0]
BOTH = ("symmetric", "directed")
A = 2 / math.pi


def said(value: float, digits: int) -> None:
    """The table shows this value with so many decimals, without a leading zero."""
    shown = f"{value:.{digits}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.{digits}f}"
    assert re.search(rf"(?<![\d.]){re.escape(shown)}(?!\d)", CLAIMS), shown


def liquid(alpha, depth, closure, **options):
    (branch,) = gardner.solve_planted(alpha, depth, closure, branch="liquid", **options).branches
    assert branch.status == "converged"
    return branch


def test_symmetric_orders_from_both_ends_and_directed_from_the_output():
    symmetric, directed = (liquid(20, 6, closure) for closure in BOTH)
    assert symmetric.Q_l == pytest.approx(symmetric.Q_l[::-1], abs=1e-10)
    assert np.all(directed.Q_l[:4] == 0) and np.all(directed.q_l[1:4] == 0)
    for value in (*symmetric.Q_l[:2], *directed.Q_l[4:]):
        said(value, 3)


def test_successive_transitions_agree_up_to_the_second_and_the_input_side_waits():
    symmetric, directed = (gardner.planted_transitions(closure, depth=6).continuous for closure in BOTH)
    assert symmetric[:2] == pytest.approx(directed[:2], rel=1e-10)
    said(directed[2], 2)
    said(directed[4], 1)


def test_hierarchy_of_states_at_both_ends_or_at_the_output():
    Q_l = {closure: gardner.solve_random(6, 4, levels=6, closure=closure).Q_ea for closure in BOTH}
    said(Q_l["symmetric"][0], 3)
    assert Q_l["symmetric"] == pytest.approx(Q_l["symmetric"][::-1], abs=1e-8)
    assert np.all(Q_l["directed"][:3] < 1e-10) and Q_l["directed"][3] == pytest.approx(Q_l["symmetric"][3], abs=1e-6)


def test_asymmetry_of_input_and_output_stays_at_infinite_width():
    symmetric, directed = (quadratic_covariances(closure, 2, 0.5, 1) for closure in BOTH)
    assert symmetric[0, 0] == pytest.approx(symmetric[1, 1], rel=1e-12)
    for value in (symmetric[0, 0], directed[0, 0], directed[1, 1]):
        said(value, 3)


def test_learnt_layers_of_two_differ_at_input_and_output():
    symmetric, directed = (liquid(5, 2, closure) for closure in BOTH)
    assert symmetric.Q_l[0] == pytest.approx(symmetric.Q_l[1], abs=1e-10)
    for value in (symmetric.Q_l[0], symmetric.q_l[1], *directed.Q_l, directed.q_l[1]):
        said(value, 3)
    nearer = liquid(3, 2, "symmetric")
    for value in (*nearer.Q_l, nearer.q_l[1], *liquid(3, 2, "directed").Q_l):
        said(value, 3)
    for entry in stored_document("amp_L2")["observables"]:
        shown = f"{entry['mc']:.3f}({round(entry['error'] * 1000)})".removeprefix("0")
        assert shown in CLAIMS, shown


@functools.cache
def front(closure: str) -> tuple[float, ...]:
    """Transitions of the half-infinite planted front: all continuous ones (symmetric), 13 (directed)."""
    return gardner.planted_transitions(closure, count=16 if closure == "symmetric" else 13).continuous


def test_slopes_of_the_planted_fronts():
    symmetric, directed = (np.log(front(closure)[:13]) for closure in BOTH)
    said(1 / np.diff(directed)[-1], 3)
    assert np.all(np.diff(1 / np.diff(directed)) > 0) and 1 / np.diff(directed)[-1] < 1 / math.log(math.pi**2 / 4)
    assert 1 / np.diff(symmetric)[0] == pytest.approx(0.60, abs=0.005)
    assert 1 / np.diff(symmetric)[-1] == pytest.approx(26, abs=0.5)


def test_symmetric_front_accumulates():
    """α_13…α_15, then a jump: no α_16 is found."""
    found = front("symmetric")
    assert len(found) == 15
    for value in found[12:]:
        said(value, 2)


@pytest.mark.parametrize(("alpha", "solid"), [(1024.72, 15), (1024.74, 16), (1046.3, 23)])
def test_symmetric_front_stops(alpha, solid):
    assert _solid_layers(alpha, 30) == solid


def test_symmetric_front_runs_through_beyond_its_accumulation_point():
    assert _solid_layers(1048.0, 30) == 30


def _solid_layers(alpha: float, length: int) -> int:
    """Solid bond layers of a front that may grow over `length` layers from one end."""
    chain = PlantedChain(SYMMETRIC, Layers(length, output_free=True))
    return int(np.sum(chain.overlaps(settle(chain, alpha, liquid_start(chain), 1e-12).state).Q_l > 1e-3))


def test_counting_bound_is_all_but_linear_in_depth():
    for depth, digits in ((2, 2), (3, 2), (4, 2), (5, 2), (20, 1)):
        bound = counting_bound(depth)
        said(bound, digits)
        assert depth * math.log2(bound) < bound < depth * math.log2(math.e * bound)


def test_one_step_capacities_grow_almost_linearly_with_depth():
    curve = capacity_curve(range(1, 11), closures=("symmetric",))
    alpha_L = [point.alpha_c for point in curve.of("symmetric")]
    assert alpha_L[:5] == pytest.approx([2, 8.735, 15.63, 22.49, 29.32], abs=6e-3)
    assert np.all(np.diff(alpha_L) > 6.7) and np.all(np.diff(alpha_L) < 7.0)
    assert all(alpha <= counting_bound(depth) for depth, alpha in enumerate(alpha_L, start=1))
    deviation = {fit.law: fit.deviation for fit in curve.fits}
    assert deviation["L ln L"] < deviation["linear"] < 0.01 and deviation["exponential"] > 0.3


def test_deep_net_at_large_load_has_a_crystal_and_counting_refutes_the_rest():
    floor = -counting_entropy(20, 4000)
    said(floor, 4)
    for closure in BOTH:
        solution = gardner.solve_planted(4000, 20, closure)
        start, crystal = solution.branches
        assert solution.stable == "crystal" and start.free_entropy < floor < crystal.free_entropy < 0
        said(crystal.free_entropy, 3)
        if closure == "symmetric":
            said(start.q_l.min(), 3)
        else:
            said(start.free_entropy, 3)
            assert np.all(start.Q_l[:13] == 0) and np.all(start.Q_l[13:] > 0)


def test_equilibrium_obeys_the_counting_bound_of_its_entropy():
    for closure in BOTH:
        for depth, alpha in ((4, 20), (6, 45), (10, 150), (20, 178), (20, 300), (20, 400)):
            s = gardner.solve_planted(alpha, depth, closure).equilibrium.free_entropy
            assert s >= -counting_entropy(depth, alpha), (closure, depth, alpha)


@pytest.mark.slow
@pytest.mark.parametrize(("closure", "alpha"), [("symmetric", 277.1), ("directed", 190.0)])
def test_liquid_centre_is_the_equilibrium_up_to_a_discontinuous_transition(closure, alpha):
    crystal = gardner.planted_transitions(closure, depth=20).crystal
    assert crystal == pytest.approx(alpha, abs=0.06)
    said(crystal, 1)
    assert gardner.solve_planted(0.99 * crystal, 20, closure).equilibrium.q_l[10] == 0


@pytest.mark.slow
def test_random_patterns_at_large_load():
    """The centre is liquid at α = 70; at α = 4000 it is not, and s depends on k."""
    assert 4000 / counting_bound(20) == pytest.approx(22, abs=0.5)
    q_l = gardner.solve_random(70, 20, levels=10).q_ea
    assert np.all(q_l[1:4] > 0.1) and np.all(q_l[4:17] == 0)
    # which of several saddle points the search meets there is no property of nets; none of them has a liquid centre
    found = gardner.solve_random(4000, 20, levels=10)
    assert found.status != "converged" or (found.q_ea[10] > 0.1 and found.Q_ea[9] > 0.9)


@pytest.mark.parametrize(("closure", "power"), [("symmetric", -37), ("directed", -43)])
def test_weak_field_does_not_connect_the_ends(closure, power):
    branch = liquid(50, 20, closure, field=0.01)
    said(branch.q_l[10], 4)
    said(branch.Q_l[9], 4)
    assert branch.Q_l[9] == pytest.approx(A * 50 * 0.01**2, rel=0.03)
    assert math.log10(branch.fresh_overlap[-1]) == pytest.approx(power, abs=0.7)
    if closure == "directed":
        said(branch.Q_l[0], 2)
        small = liquid(50, 20, closure, field=1e-5).Q_l[0]
        assert small == pytest.approx(A * 50 * 1e-5, rel=1e-3)


@pytest.mark.parametrize(("alpha", "depth", "digits"), [(1, 2, 3), (50, 20, 4)])
def test_linear_phase_generalizes_where_the_closures_do_not(alpha, depth, digits):
    for closure in BOTH:
        solution = gardner.solve_planted(alpha, depth, closure)
        assert solution.equilibrium.generalization_error == pytest.approx(0.5, abs=1e-9)
        said(solution.linear_bound.generalization_error, digits)


def test_both_ends_or_the_output_alone_are_solid_in_the_net_of_the_relaxation_figure():
    core = gardner.SoftCore(66.7)
    Q_l = {closure: gardner.solve_random(4, 10, levels=6, potential=core, closure=closure).Q_ea for closure in BOTH}
    assert Q_l["symmetric"][[0, 9]] == pytest.approx(0.042, abs=5e-4)
    assert Q_l["directed"][[0, 9]] == pytest.approx([0, 0.042], abs=5e-4)


@pytest.mark.parametrize(("alpha", "depth"), [(6.6, 3), (10.75, 4), (20, 6)])
def test_symmetric_violates_the_bayes_inequality(alpha, depth):
    branch = liquid(alpha, depth, "symmetric")
    assert branch.q_l[1] < branch.fresh_overlap[1]
    said(branch.q_l[1], 4)
    said(branch.fresh_overlap[1], 4)
    assert liquid(alpha, depth, "directed").bayes_margin >= -1e-12


def test_violation_begins_at_the_first_transition_with_the_square_of_Q():
    ratio = []
    for excess in (1e-3, 5e-4):
        branch = liquid((math.pi / 2) ** 2 * (1 + excess), 4, "symmetric")
        ratio.append((branch.q_l[1] - branch.fresh_overlap[1]) / branch.Q_l[0] ** 2)
    assert 2 * ratio[1] - ratio[0] == pytest.approx(-(A**2), rel=1e-4)
