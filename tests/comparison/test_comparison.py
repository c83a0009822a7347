"""Theory and Monte Carlo through the whole comparison, in small: controls that must agree and theories that must fail.

L = 1: both closures are [G88], which is exact. Few perceptrons, 6 samples, fixed seeds; the statement |z| < 3 has a
false-alarm rate of 0.003 (Student's t at the degrees of freedom found: below 0.01).
"""

import json
from dataclasses import replace

import numpy as np
import pytest

from gardner.comparison.analysis import compare
from gardner.comparison.measured import DECAY, Memory, _bias, _reason, measure
from gardner.comparison.planning import run_settings
from gardner.comparison.report import BOUNDS, document, markdown
from gardner.comparison.settings import ComparisonSettings
from gardner.comparison.stored import FOLDER, stored_comparison
from gardner.comparison.theory import linear_phase, predict
from gardner.montecarlo.run import run_monte_carlo
from gardner.results.solution import jsonable
from gardner.theory.liquid import overlaps_of


class Stronger:
    """A chain whose G(l) is too large by `factor` wherever it enters: Q̂ and q̂."""

    def __init__(self, inner, factor):
        self.inner, self.factor = inner, factor

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def image(self, state, alpha):
        # with G → fG at L = 1, ln(1+Q̂) is that of fα; ∂/∂ln α is the same function
        return self.inner.image(state, self.factor * alpha)


def with_stronger_gaps(monkeypatch, factor=1.1):
    """Both planted closures with G × `factor` (at L = 1, where Q̂ = αG is its only place)."""
    from gardner.theory.planted import solve

    right = solve.PlantedChain
    monkeypatch.setattr(solve, "PlantedChain", lambda *given: Stronger(right(*given), factor))


@pytest.fixture(scope="module")
def one_layer():
    """L = 1, α = 1 at c = 6, 8, 12: settings and measured runs."""
    settings = ComparisonSettings("planted", 1, 1.0, sizes=(6, 8, 12), samples=6, seed=5)
    runs = []
    for size, sweeps in zip(settings.sizes, (1200, 1600, 2600)):
        run = run_settings(settings, size, 48, sweeps, 6)
        runs.append(measure(run_monte_carlo(run).data, run, settings.target))
    return settings, runs


def test_one_layer_agrees_with_the_exact_theory(one_layer):
    settings, runs = one_layer
    assert [run.excluded for run in runs] == [""] * 3
    found = compare(settings, runs)
    assert found.verdict.status == "agrees" and found.verdict.accepted is None
    for confrontation in found.confrontations:
        assert np.abs(confrontation.z_k).max() < 3.0
    assert found.limit.error_k.max() < 0.05


def test_a_theory_with_g_ten_percent_too_large_is_rejected(monkeypatch):
    settings, runs = stored_comparison("planted_L1_alpha1")
    assert compare(settings, runs).verdict.status == "agrees"
    right = predict("planted", "directed", settings.alpha, 1, None).value_k
    with_stronger_gaps(monkeypatch)
    wrong = predict("planted", "directed", settings.alpha, 1, None).value_k
    assert wrong[0] - right[0] > 0.02
    assert compare(settings, runs).verdict.status == "disagrees"


STORED = sorted({*FOLDER.glob("planted_*.json"), *FOLDER.glob("random_*.json")})
LAYER_BY_LAYER = ("planted_L2_alpha5",)  # every sample asks for every layer: seconds; planted_L2_alpha10 does so too


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=pytest.mark.slow if path.stem in LAYER_BY_LAYER else ())
        for path in STORED
    ],
)
def test_stored_comparisons_give_their_stored_verdicts(path):
    settings, runs = stored_comparison(path.stem)
    found = jsonable(document(compare(settings, runs)))
    stored = json.loads(path.read_text())
    assert found["verdict"]["status"] == stored["verdict"]["status"]
    for now, then in zip(found["observables"], stored["observables"]):
        assert now["z"] == pytest.approx(then["z"], abs=1e-6)
        if settings.depth == 1:
            assert all(abs(z) < 3.0 for z in now["z"].values())


def test_every_kind_of_comparison_is_stored():
    assert len(STORED) >= 7 and {path.stem.split("_")[0] for path in STORED} == {"planted", "random"}


def test_students_and_teacher_are_exchangeable(one_layer):
    # Nishimori: both kinds of pairs agree; largest of three t-values with 5 degrees of freedom, false alarm 0.002
    for run in one_layer[1]:
        assert np.abs(run.difference_k / run.difference_error_k).max() < 8.0


def test_excluded_runs_do_not_count(one_layer):
    settings, runs = one_layer
    odd = replace(runs[0], size=7, excluded="for a test", value_sk=runs[0].value_sk + 0.5)
    with_odd, without = compare(settings, [*runs, odd]), compare(settings, runs)
    np.testing.assert_array_equal(with_odd.limit.value_k, without.limit.value_k)
    told, plain = (markdown(jsonable(document(found))) for found in (with_odd, without))
    assert "excluded: for a test" in told and BOUNDS in told and BOUNDS not in plain
    few = compare(settings, [replace(runs[0], excluded="for a test"), *runs[1:]])
    assert few.limit is None and few.verdict.status == "undecided"


def test_a_run_too_short_is_excluded_with_its_reason():
    settings = ComparisonSettings("planted", 2, 5.0, sizes=(6, 8, 12), samples=3, seed=5)
    run = run_settings(settings, 8, 100, 300, 3)
    assert "exceeds a fiftieth" in measure(run_monte_carlo(run).data, run, settings.target).excluded


def test_relaxed_runs_count_by_what_they_forgot_and_still_have_to_be_ten_tau_long():
    settings = ComparisonSettings("planted", 1, 2.0, sizes=(6, 8, 12), samples=4, counting="relaxed", seed=5)
    run = run_settings(settings, 8, 32, 250, 4)
    data = run_monte_carlo(run).data
    strict, relaxed = (measure(data, run, settings.target, relaxed=flag) for flag in (False, True))
    assert "exceeds a fiftieth" in strict.excluded and relaxed.excluded == ""
    np.testing.assert_array_equal(strict.value_sk, relaxed.value_sk)
    short = run_settings(settings, 8, 32, 50, 4)
    assert measure(run_monte_carlo(short).data, short, settings.target, relaxed=True).excluded
    from_the_start = replace(run, burn_in=0, sweeps=60)  # ten τ or not: it has not forgotten the teacher
    found = measure(run_monte_carlo(from_the_start).data, from_the_start, settings.target, relaxed=True)
    assert found.excluded


def test_short_relaxed_runs_count_with_what_they_may_still_remember():
    slow, quick = Memory(3000.0, 1.4, 20_000.0), Memory(200.0, 1.1, 20_000.0)
    difference, error = np.array([2e-4, -1e-4, 4e-4]), np.array([1e-4, 1e-4, 2e-4])
    np.testing.assert_array_equal(_bias([quick], difference, error), 0.0)
    bias = _bias([quick, slow], difference, error)
    np.testing.assert_allclose(bias, DECAY * np.hypot(difference, error))
    assert _reason([quick, slow], difference, error, 0.003, bias) == ""
    assert "exceeds a tenth" in _reason([quick, slow], difference, error, 0.001, bias)
    sharp = np.array([8e-4, 3e-4, 7e-4]), np.full(3, 1e-5)  # certainly remembered
    for memories in ([quick], [quick, slow]):
        assert "remembers its start" in _reason(memories, *sharp, 0.003, _bias(memories, *sharp))
    shorter = [Memory(5000.0, 1.4, 20_000.0)]  # 4 τ: a small difference says nothing yet
    assert "exceeds a fifth" in _reason(shorter, 0.0 * difference, 0.1 * error, 0.003, _bias(shorter, 0.0, 0.1 * error))
    assert "exceeds a fiftieth" in _reason([quick, slow], difference, error, 0.003, None)
    t = np.geomspace(1e3, 1e4, 30)  # the slowest decay allowed: the bias is the remainder itself
    assert DECAY * (t**-0.5 - (2 * t) ** -0.5).mean() == pytest.approx((t**-0.5).mean(), rel=1e-2)


def test_bias_widens_the_error_of_a_run(one_layer):
    run = one_layer[1][0]
    wide = replace(run, bias_k=np.array([0.02]))
    assert wide.error_k[0] == pytest.approx(np.hypot(run.error_k[0], 0.02))
    assert wide.point.covariance_kk[0, 0] == pytest.approx(run.point.covariance_kk[0, 0] + 4e-4)


def test_relaxed_counting_is_refused_where_the_start_is_no_equilibrium_state():
    with pytest.raises(ValueError, match="counting = relaxed: needs a start that is an equilibrium state"):
        ComparisonSettings("random", 1, 2.0, beta=1.0, counting="relaxed")


def test_the_heat_bath_is_for_the_hard_core():
    assert ComparisonSettings("planted", 1, 2.0).dynamics == "heat-bath"
    assert ComparisonSettings("random", 1, 2.0, beta=1.0).dynamics == "metropolis"
    with pytest.raises(ValueError, match="dynamics = heat-bath: made for the hard core"):
        ComparisonSettings("random", 1, 2.0, beta=1.0, dynamics="heat-bath")


@pytest.mark.parametrize(
    "setting, beta, dynamics, others",
    (
        ("planted", None, "bit-flips", "metropolis or rotations or heat-bath"),
        ("random", 1.0, "bit-flips", "metropolis or bonds-and-spins"),
        ("random", 1.0, "rotations", "metropolis or bonds-and-spins"),
    ),
)
def test_moves_that_do_not_serve_the_runs_are_refused_before_any_is_timed(setting, beta, dynamics, others):
    with pytest.raises(ValueError, match=rf"dynamics = {dynamics}: does not serve .*; choose --dynamics {others}$"):
        ComparisonSettings(setting, 1, 2.0, beta=beta, dynamics=dynamics)


def test_closures_differ_where_theory_says_so():
    assert overlaps_of(2) == [("Q", 1), ("Q", 2), ("q", 1)]
    directed, symmetric = (predict("planted", name, 10.0, 2, None).value_k for name in ("directed", "symmetric"))
    np.testing.assert_allclose(directed, (0.9729, 0.9673, 0.9761), atol=5e-5)
    np.testing.assert_allclose(symmetric, (0.9746, 0.9746, 0.9908), atol=5e-5)
    directed, symmetric = (predict("planted", name, 5.0, 2, None).value_k for name in ("directed", "symmetric"))
    np.testing.assert_allclose(directed, (0.7579, 0.8059, 0.7547), atol=5e-5)
    np.testing.assert_allclose(symmetric, (0.777, 0.777, 0.693), atol=5e-4)


def test_random_prediction_is_the_liquid_when_hot():
    hot = predict("random", "symmetric", 2.0, 2, 1.0)
    assert hot.branch == "replica-symmetric"
    np.testing.assert_allclose(hot.value_k, 0.0, atol=1e-6)
    np.testing.assert_allclose(hot.mean_k, hot.value_k, atol=1e-6)


def test_linear_phase_at_one_layer_is_the_exact_student():
    phase = linear_phase(2.0, 1)
    assert phase["one_student"] == pytest.approx(0.240312, abs=2e-6)
    assert linear_phase(1.0, 2)["attainable"] == pytest.approx(0.3514, abs=5e-5)


@pytest.mark.slow
def test_fully_connected_net_generalizes_where_both_closures_say_it_cannot():
    """L = 2, α = 1: ε_g < ½ at N = 12 by ten errors at least; 8 samples (false alarm of 4 errors: 0.005)."""
    settings = ComparisonSettings("planted", 2, 1.0, "full", (8, 12, 16), 8, seed=5)
    run = run_settings(settings, 12, 12, 8000, 8)
    found = measure(run_monte_carlo(run).data, run, settings.target)
    mean, error = found.generalization
    for closure in ("symmetric", "directed"):
        assert predict("planted", closure, 1.0, 2, None).generalization_error == pytest.approx(0.5)
    assert mean + 4.0 * error < 0.5
    assert mean > linear_phase(1.0, 2)["attainable"]


@pytest.mark.slow
def test_hot_random_net_is_liquid():
    """L = 2, α = 2, β = 1, c = 8: host–guest overlaps vanish, as theory says; three t-values, 7 degrees: 0.002."""
    settings = ComparisonSettings("random", 2, 2.0, sizes=(6, 8, 12), samples=8, beta=1.0, seed=5)
    run = run_settings(settings, 8, 80, 2000, 8)
    found = measure(run_monte_carlo(run).data, run, settings.target)
    assert found.excluded == ""
    assert np.abs(found.mean_k / found.error_k).max() < 7.0
    assert np.abs(found.mean_k).max() < 0.02


def test_the_branch_of_the_start_is_compared_and_the_stable_one_named():
    # between the fold 9.87178 and α* = 9.93143 the crystal exists but the liquid is stable (THEORY section 5)
    found = predict("planted", "symmetric", 9.9, 2, None)
    assert found.branch == "crystal" and "liquid" in found.note
    assert found.value_k.min() > 0.95
    assert predict("planted", "symmetric", 10.0, 2, None).note == ""


def test_signs_are_matched_in_solid_dense_nets_only():
    def uses(depth, alpha, limit="dense", **options):
        return ComparisonSettings(options.pop("setting", "planted"), depth, alpha, limit, **options).matched

    assert uses(2, 10.0) and uses(2, 5.0)
    assert not uses(2, 1.0) and not uses(1, 10.0) and not uses(2, 10.0, "full")
    assert not uses(2, 10.0, setting="random", beta=1.0)


@pytest.mark.slow
def test_matching_signs_leaves_teacher_and_students_exchangeable():
    """L = 2, α = 10, c = 6: largest of three t-values with 5 degrees of freedom, false alarm 0.002; raw and matched."""
    settings = ComparisonSettings("planted", 2, 10.0, sizes=(6, 8, 12), samples=6, seed=5)
    run = run_settings(settings, 6, 120, 2000, 6)
    data = run_monte_carlo(run).data
    raw, matched = (measure(data, run, settings.target, flag) for flag in (False, True))
    for found in (raw, matched):
        assert np.abs(found.difference_k / found.difference_error_k).max() < 8.0
    assert (matched.mean_k >= raw.mean_k - 2.0 * raw.error_k).all()
    np.testing.assert_allclose(matched.mean_k, matched.matched_k, atol=5.0 * matched.error_k.max())
