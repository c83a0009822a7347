"""The comparison of liquid fluctuations: its verdict on made-up and on kept runs, and the runs it must not count."""

import numpy as np
import pytest
import xarray as xr

from gardner.comparison.liquid.analysis import compare_liquid
from gardner.comparison.liquid.estimates import UnitCovariances, measure
from gardner.comparison.liquid.isolated import IsolatedUnit
from gardner.comparison.liquid.limits import flat
from gardner.comparison.liquid.planning import Pilot, make_plan, run_settings
from gardner.comparison.liquid.report import document, markdown
from gardner.comparison.liquid.report import stored_comparison as stored_liquid
from gardner.comparison.liquid.settings import LiquidSettings
from gardner.comparison.stored import stored_document
from gardner.montecarlo.unit_overlaps import KINDS, PRODUCTS, run_unit_overlaps
from gardner.results.solution import jsonable
from gardner.theory.liquid import liquid_covariances

SETTINGS = LiquidSettings(2, (0.5, 0.75), (8, 16, 24, 32))


def made_up(closure: str, seed: int):
    """Runs whose covariances are those of `closure` plus a term in 1/c, with errors of .4 %."""
    rng, runs, isolated = np.random.default_rng(seed), [], {}
    for alpha in SETTINGS.alphas:
        limit = flat(liquid_covariances(closure, 2, alpha, 1))
        reference = flat(liquid_covariances("directed", 2, alpha, 1))
        for c in SETTINGS.connectivities:
            M = SETTINGS.patterns(alpha, c)
            scatter = np.diag((0.004 * limit) ** 2)
            mean = limit * (1.0 - 0.8 / c) + 0.004 * limit * rng.standard_normal(6)
            zero = np.zeros(6)
            runs.append(UnitCovariances(alpha, 1, c, M, 1024, 1, 1, 0, mean, scatter, 200, zero, zero, zero, zero, ""))
            isolated[1, c, M] = IsolatedUnit(reference * (1.0 - 0.3 / c), np.diag((1e-4 * reference) ** 2))
    return runs, isolated


@pytest.mark.parametrize(("truth", "other"), [("directed", "symmetric"), ("symmetric", "directed")])
def test_the_closure_that_made_the_runs_is_accepted_and_the_other_rejected(truth, other):
    """False alarm of the first assertion: .0054; the subtraction of the isolated unit prejudges nothing."""
    found = compare_liquid(SETTINGS, *made_up(truth, 3))
    verdict = {c.closure: c for c in found.closures}
    assert not verdict[truth].rejected and verdict[other].rejected
    assert verdict[other].largest_z > 10.0 and verdict[truth].largest_z < 4.0
    assert found.accepted == truth and found.status == "accepted"
    assert found.control_rejected


def test_a_deliberately_wrong_theory_is_rejected_and_a_document_says_so():
    body = jsonable(document(compare_liquid(SETTINGS, *made_up("directed", 4))))
    assert body["verdict"]["control_rejected"] is True
    text = markdown(body)
    assert "symmetric is rejected; the runs agree with directed" in text and "is rejected, as it must be" in text


def series(run, decay: float, groups: int = 40):
    """A dataset whose covariances with the teacher start at M and fall with the time constant `decay`."""
    rng = np.random.default_rng(5)
    time = np.arange(run.interval, run.sweeps + 1, run.interval)
    limit = flat(liquid_covariances("directed", 2, run.alpha, 1))
    excess = run.patterns * np.exp(-time / decay)
    units = limit * (1.0 + 0.05 * rng.standard_normal((1, 1, 1, 1, groups, 6)))
    noise = 0.02 * limit * rng.standard_normal((1, len(time), 2, 1, groups, 6))
    teacher, students = excess, excess**2 / run.patterns  # pairs of students are twice as far apart
    start = np.stack([teacher, students], axis=1)[None, :, :, None, None, None]
    mean = np.exp(-time / decay)[None, :, None, None, None] * np.ones((1, 1, 2, 1, 3))
    dims = ("sample", "time", "kind", "hidden_layer", "block", "product")
    return xr.Dataset(
        {
            "products": (dims, units + noise + start),
            "mean_overlap": (("sample", "time", "kind", "hidden_layer", "overlap"), mean),
            "accepted": (("sample", "bond_layer"), np.ones((1, 2))),
        },
        {"time": time, "kind": list(KINDS), "hidden_layer": [1], "product": list(PRODUCTS), "overlap": ["R", "C", "q"]},
    )


def test_a_run_that_remembers_its_teacher_is_excluded_by_name_and_one_that_forgot_counts():
    run = run_settings(SETTINGS, 0.75, 32, 1024, (2000, 10_000), 1)
    forgot, slow = measure(series(run, 100.0), run, 1), measure(series(run, 5000.0), run, 1)
    assert forgot.excluded == "" and not forgot.bias_p.any()
    assert "it remembers the teacher: spins overlap by" in slow.excluded


def test_a_slow_remainder_enters_the_error_or_excludes():
    """The plain program's run at c = 64, α = .81 stood at 1.16, 1.80, 3.6 after 10⁴ sweeps: far above its limit."""
    run = run_settings(SETTINGS, 0.75, 32, 1024, (2000, 10_000), 1)
    data = series(run, 100.0)
    factors = {"small": 0.02, "large": 0.2}
    found = {}
    for name, factor in factors.items():
        above = 1.0 + factor * (np.arange(2) == 0)  # with the teacher only
        found[name] = measure(data.assign(products=data.products * xr.DataArray(above, dims="kind")), run, 1)
    assert found["small"].excluded == "" and (found["small"].bias_p > 0.05 * found["small"].mean_p).all()
    assert (found["small"].error_p > found["small"].bias_p * 0.99).all()
    assert found["large"].excluded.startswith("it has not arrived: pairs with the teacher exceed pairs of students")


def test_real_runs_of_a_short_life_are_excluded(tmp_path):
    run = run_settings(SETTINGS, 0.75, 32, 128, (10, 40), 1)
    assert "teacher" in measure(run_unit_overlaps(run, tmp_path / "parts"), run, 1).excluded


def test_plan_spends_its_budget_on_samples_and_refuses_what_is_too_small():
    settings = LiquidSettings(2, (0.5,), (8, 12, 16, 24), budget=2000.0)
    pilots = {0.5: Pilot(1.5, 5e-8, 3e-9)}
    plan = make_plan(settings, pilots)
    assert 0.4 * 2000.0 < sum(plan.seconds) < 2000.0
    assert {run.connectivity for run in plan.runs} == {8, 12, 16, 24}
    widths = [run.widths[0] for run in plan.runs if run.connectivity == 16]
    assert len(widths) == 2 and max(widths) == 4 * min(widths)
    assert all(run.burn_in * 2.4 < run.sweeps for run in plan.runs)
    with pytest.raises(ValueError, match=r"budget = 1 s: fewer than three connectivities fit at alpha = 0\.5; give"):
        make_plan(LiquidSettings(2, (0.5,), (8, 12, 16, 24), budget=1.0), pilots)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((2, (1.6,)), "alpha = 1.6: no closure has a liquid there"),
        ((1, (0.5,)), "depth = 1: must be at least 2"),
        ((2, (0.5,), (8, 16)), "give at least three different numbers"),
        ((2, (0.5, 0.5)), "a value is given twice"),
        ((2, (0.1,), (8, 16, 24)), "leaves fewer than two patterns at c = 8"),
    ],
)
def test_impossible_comparisons_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        LiquidSettings(*arguments)


@pytest.mark.parametrize("depth", [2, 3])
def test_kept_reports_give_their_verdict_again(depth):
    body = stored_document(f"liquid_L{depth}")
    found = jsonable(document(stored_liquid(body)))
    assert found["verdict"]["status"] == body["verdict"]["status"]
    for now, then in zip(found["observables"], body["observables"]):
        assert now["z"] == pytest.approx(then["z"], abs=1e-6)
        assert (now["mc"], now["error"]) == pytest.approx((then["mc"], then["error"]), rel=1e-9)


def test_two_layers_reject_the_symmetric_closure_and_no_other():
    """Beyond ten standard errors at both values of α; the directed closure within Bonferroni's bound."""
    body = stored_document("liquid_L2")
    closures = body["verdict"]["closures"]
    assert closures["symmetric"]["rejected"] and closures["symmetric"]["largest_z"] > 10.0
    assert not closures["directed"]["rejected"] and closures["directed"]["p_value"] > 0.01
    assert body["verdict"]["accepted"] == "directed" and body["verdict"]["control_rejected"]
    for alpha in body["alphas"]:
        here = [entry for entry in body["observables"] if entry["alpha"] == alpha]
        assert max(abs(entry["z"]["symmetric"]) for entry in here) > 10.0


def test_three_layers_do_not_enhance_the_input_side():
    """M<R²> = α within 2 % where the symmetric closure asks for α/(1-gα)."""
    for entry in stored_document("liquid_L3")["observables"]:
        if entry["layer"] == 1 and entry["name"] == "RR":
            assert entry["mc"] == pytest.approx(entry["alpha"], rel=0.02)
            assert entry["z"]["symmetric"] < -50.0
