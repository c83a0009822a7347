"""Each kind of warning appears where the equations say so, with the right numbers, and nowhere else."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

import gardner
import gardner.theory.warnings.frozen as theory
from gardner.results.warnings import CHECKS, SolutionWarning, judges, warnings_of
from gardner.theory.counting import counting_bound
from gardner.theory.warnings.entropy import counted_entropy
from gardner.theory.warnings.frozen import jumps_of, slopes


def kinds(result) -> list[str]:
    return [warning.kind for warning in result.warnings]


def only(result, kind: str) -> SolutionWarning:
    (found,) = (warning for warning in result.warnings if warning.kind == kind)
    return found


ORDINARY = {
    "liquid": {"alpha": 2, "depth": 4, "levels": 3},
    "unfrozen, below capacity": {"alpha": 6, "depth": 2, "levels": 6},
    "directed": {"alpha": 6, "depth": 2, "levels": 1, "closure": "directed"},
    "one layer": {"alpha": 1.99, "depth": 1, "levels": 2},
    "one layer at a margin": {"alpha": 0.25, "depth": 1, "levels": 1, "potential": gardner.HardCore(1.0)},
    "negative margin": {"alpha": 4.6, "depth": 1, "levels": 2, "potential": gardner.HardCore(-0.5)},
    "replica symmetry": {"alpha": 8, "depth": 2, "levels": 0},
    "soft core beyond what can be stored": {"alpha": 12, "depth": 2, "levels": 2, "potential": gardner.SoftCore(2.0)},
    "hinge loss beyond what can be stored": {"alpha": 3, "depth": 1, "levels": 1, "potential": gardner.Hinge(5.0)},
    "structured outputs": {
        "alpha": 10,
        "depth": 2,
        "levels": 2,
        "output_overlap": gardner.StepFunction((0.3, 0.8), (0.5,)),
    },
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_solution_carries_no_warning(name):
    solution = gardner.solve_random(**ORDINARY[name])
    assert solution.status == "converged" and solution.warnings == ()


def test_no_alarm_in_planted_and_spin_glass_solutions_of_exact_theories():
    for alpha in (0.5, 3.0, 12.0, 1e4):
        for depth in (1, 2, 4):
            assert gardner.solve_planted(alpha, depth, "directed").warnings == ()
    assert gardner.solve_planted(2.46, 5, "symmetric").warnings == ()  # the liquid
    assert gardner.solve_planted(9.0, 2, "symmetric").warnings == ()  # (T25) holds at L = 2
    assert gardner.solve_sk(beta=2.0, levels=8).warnings == ()
    assert gardner.solve_sk(beta=0.5, levels=0).warnings == ()  # paramagnet: the entropy is ln 2 - β²/4


# counting bound and capacity


def test_a_load_above_the_counting_bound_is_told_with_both_numbers_in_either_closure():
    for closure in ("symmetric", "directed"):
        at = {"depth": 2, "levels": 0, "closure": closure}
        beyond = gardner.solve_random(alpha=1.001 * counting_bound(2), **at)
        found = only(beyond, "counting-bound")
        assert found.numbers["counting_bound"] == pytest.approx(9.0886068, abs=1e-6)
        assert found.numbers["ratio"] == pytest.approx(1.001, abs=1e-12)
        assert "0.1 % above the counting bound 9.089 at L = 2" in found.text and "\n" not in found.text
        assert "counting-bound" not in kinds(gardner.solve_random(alpha=0.999 * counting_bound(2), **at))


def test_counting_claims_nothing_of_negative_margins_and_of_soft_cores():
    at = {"alpha": 10.0, "depth": 2, "levels": 0}
    for potential in (gardner.HardCore(-0.2), gardner.SoftCore(66.7)):
        assert "counting-bound" not in kinds(gardner.solve_random(potential=potential, **at))
    assert "counting-bound" in kinds(gardner.solve_random(potential=gardner.HardCore(0.1), **at))


@pytest.mark.parametrize(
    ("margin", "below", "above", "capacity"),
    [(0.0, 1.999, 2.001, 2.0), (0.5, 0.95, 0.97, 0.961205), (-0.5, 4.69, 4.71, 4.700139)],
)
def test_one_layer_beyond_its_capacity_is_told_in_any_closure(margin, below, above, capacity):
    at = {"depth": 1, "levels": 1, "potential": gardner.HardCore(margin)}
    assert "capacity" not in kinds(gardner.solve_random(alpha=below, **at))
    for closure in ("symmetric", "directed"):
        found = only(gardner.solve_random(alpha=above, closure=closure, **at), "capacity")
        assert found.numbers["capacity"] == pytest.approx(capacity, rel=1e-6)


def test_a_transition_that_no_net_of_its_depth_can_reach_is_told():
    early = gardner.random_transitions(levels=8, count=1, depth=2)
    assert early.warnings == ()
    late = replace(early, transitions=(*early.transitions, replace(early.transitions[0], alpha=30.0)))
    (warning,) = warnings_of(late)
    assert warning.numbers["transition"] == 2 and warning.numbers["alpha"] == 30.0
    assert 30.0 > warning.numbers["counting_bound"] == counting_bound(2)
    assert warnings_of(replace(late, depth=None)) == ()  # a half-infinite front is no finite net


# frozen levels


@pytest.fixture(scope="module")
def frozen():
    return gardner.solve_random(alpha=10, depth=2, levels=10)


def test_a_frozen_level_is_told_with_s_of_the_neighbouring_grid(frozen):
    assert frozen.status == "converged" and jumps_of(frozen.q_li) == {1: 1}
    numbers = only(frozen, "frozen-levels").numbers
    m = np.array(frozen.setting.parisi)
    m[0] = 0.5 * (m[0] + m[1])
    assert numbers["parisi"] == frozen.setting.parisi[0] and numbers["neighbour_parisi"] == pytest.approx(m[0])
    alone = gardner.solve_random(alpha=10, depth=2, parisi=tuple(m))  # from the start of the branch
    assert numbers["neighbour_free_entropy"] == pytest.approx(alone.free_entropy, abs=1e-8)
    assert numbers["free_entropy"] == frozen.free_entropy


def test_slope_of_a_jump_is_the_limit_of_its_move(frozen):
    """(C63): half the step misses a quarter of the linear term's error."""
    numbers, m = only(frozen, "frozen-levels").numbers, np.array(frozen.setting.parisi)
    step = numbers["neighbour_parisi"] - m[0]
    slope = (numbers["slope_estimate"] - frozen.free_entropy) / step
    missed = []
    for part in (0.1, 0.05):
        moved = (m[0] + part * step, *m[1:])
        s = gardner.solve_random(alpha=10, depth=2, parisi=tuple(moved), start=frozen).free_entropy
        missed.append(s - frozen.free_entropy - slope * part * step)
    assert missed[0] / missed[1] == pytest.approx(4.0, rel=0.1)


def test_a_jump_at_its_best_place_hangs_on_no_grid():
    """At the m_1 that makes s smallest (C15) there is no warning, and 1 % beside it there is; L = 2, k = 1, α = 8.5."""
    frozen = None
    for m in (0.5, 0.3, 0.2, 0.15, 0.1):  # a longer step leaves the branch
        frozen = gardner.solve_random(alpha=8.5, depth=2, parisi=(m,), start=frozen)

    def solution(m):
        return gardner.solve_random(alpha=8.5, depth=2, parisi=(m,), start=frozen)

    best = solution(brentq(lambda m: slopes(solution(m))[0], 0.06, 0.1, xtol=1e-10))
    assert best.status == "converged" and jumps_of(best.q_li) == {1: 1}
    assert best.setting.parisi[0] == pytest.approx(0.0712, abs=5e-4) and best.warnings == ()
    beside = solution(0.99 * best.setting.parisi[0])
    assert beside.free_entropy > best.free_entropy
    assert kinds(beside) == ["frozen-levels"]


def test_a_neighbour_that_is_not_found_is_given_by_its_slope(frozen, monkeypatch):
    known = only(frozen, "frozen-levels").numbers
    monkeypatch.setattr(theory, "neighbouring_entropy", lambda *_: None)
    (found,) = theory.hangs_on_grid(frozen)
    assert found.numbers == known | {"neighbour_free_entropy": None}
    assert f"about {known['slope_estimate']:.6f} by its slope" in found.text


def test_closures_that_know_no_slope_solve_the_neighbour(monkeypatch):
    monkeypatch.setattr(theory, "FROZEN_ROOM", 0.3)  # a frozen solution of this closure takes half a minute
    at = {"alpha": 6, "depth": 2, "closure": "directed"}
    solution = gardner.solve_random(levels=1, **at)
    numbers = only(solution, "frozen-levels").numbers
    assert numbers["slope_estimate"] is None and numbers["neighbour_parisi"] == 0.75
    assert numbers["neighbour_free_entropy"] is None  # q_1 = 0.8 is not frozen, and is not taken for it


def test_what_froze_as_a_whole_has_no_jump():
    q_li = np.array([[1.0, 1.0], [1.0 - 1e-6, 1.0 - 1e-7], [0.3, 1.0 - 2e-5], [0.3, 1.0 - 1e-6], [1.0, 1.0]])
    assert jumps_of(q_li) == {1: 1}


# entropy


def test_a_grid_that_misses_the_temperature_of_a_spin_glass_is_told_by_its_entropy():
    cold = gardner.solve_sk(beta=20.0, parisi=tuple(i / 13 for i in range(1, 13)))
    assert only(cold, "negative-entropy").numbers["entropy"] == cold.entropy < -0.09
    followed = gardner.solve_sk(beta=20.0, parisi=tuple((i / 13) ** 2 for i in range(1, 13)))
    assert followed.entropy > 8e-4 and followed.warnings == ()
    symmetric = gardner.solve_sk(beta=20.0, levels=0)
    assert symmetric.status == "converged" and kinds(symmetric) == ["negative-entropy"]


def of_binary(alpha, potential, depth=1):
    from gardner.theory.random_setting import solve

    return solve(gardner.RandomSetting(alpha, gardner.Network(depth), potential, weights="binary"))


def test_binary_weights_run_out_of_states_where_krauth_and_mezard_say():
    assert of_binary(0.8330, gardner.HardCore()).warnings == ()
    found = only(of_binary(0.8332, gardner.HardCore()), "negative-entropy")
    assert -3e-4 < found.numbers["entropy"] < 0.0


def test_entropy_of_binary_weights_at_a_temperature_is_that_of_two_temperatures():
    """S = s + βe + (L/α) ln 2 and dS/dβ = β de/dβ, by differences of s; it is negative where it is cold."""
    alpha, beta, d = 1.2, 2.0, 1e-3
    s = [of_binary(alpha, gardner.SoftCore(beta + i * d)).free_entropy for i in (-1, 0, 1)]
    energy = -(s[2] - s[0]) / (2 * d)
    solution = of_binary(alpha, gardner.SoftCore(beta))
    assert counted_entropy(solution) == pytest.approx(s[1] + beta * energy + math.log(2.0) / alpha, abs=1e-6)
    assert solution.warnings == ()
    assert kinds(of_binary(alpha, gardner.SoftCore(50.0))) == ["negative-entropy"]


def test_nothing_is_claimed_of_the_volume_of_spherical_weights():
    cold = gardner.solve_random(alpha=4, depth=1, levels=1, potential=gardner.SoftCore(1e4))
    assert cold.free_entropy < -3.0 and counted_entropy(cold) is None and cold.warnings == ()


# Bayes


def test_symmetric_closure_knows_fresh_inputs_better_than_it_may():
    solution = gardner.solve_planted(6.6, 3)
    (found,) = solution.warnings  # both starts meet
    assert found.kind == "bayes-inequality" and found.numbers["layer"] == 1
    assert found.numbers["q"] == pytest.approx(0.4371, abs=5e-5)
    assert found.numbers["r"] == pytest.approx(0.4904, abs=5e-5)
    Q = solution.equilibrium.Q_l[0]
    assert found.numbers["r"] == pytest.approx(2 / np.pi * np.arcsin(Q), abs=1e-12)
    assert "q(1) = 0.4371" in found.text and "r(1) = 0.4904" in found.text


def test_each_branch_is_judged_by_itself():
    coexisting = gardner.solve_planted(13.0, 4)
    assert coexisting.stable == "liquid"
    assert [warning.numbers["branch"] for warning in coexisting.warnings] == ["liquid"]
    margins = {branch.start: branch.bayes_margin for branch in coexisting.branches}
    assert margins["liquid"] < 0.0 <= margins["crystal"]


# a check of one's own


def test_a_check_of_ones_own_is_one_function_and_one_registration():
    @judges("solve random")
    def deep(solution):
        if solution.setting.network.depth > 2:
            yield SolutionWarning("deep", "more than two layers", {"depth": solution.setting.network.depth})

    CHECKS.register("deep", deep)
    try:
        assert gardner.solve_random(alpha=1, depth=2, levels=1).warnings == ()
        (found,) = gardner.solve_random(alpha=1, depth=3, levels=1).warnings
        assert found.body() == {"kind": "deep", "text": "more than two layers", "depth": 3}
    finally:
        CHECKS.unregister("deep")
