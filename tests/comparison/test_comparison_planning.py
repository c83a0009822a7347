"""Plans: pure functions of settings and measured speeds."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from gardner.comparison.analysis import relaxation_power
from gardner.comparison.planning import (
    FEWEST,
    RESERVE,
    SLOWING,
    WORST,
    Speed,
    clock,
    cost,
    extrapolate_tau,
    make_plan,
    revised,
    run_settings,
)
from gardner.comparison.settings import ComparisonSettings, seconds

SPEED = Speed(8, 80, 2.7e-7, 1e-10, 60.0)


def settings(budget, **options):
    options = {"limit": "dense", "sizes": (), "samples": 16, "dynamics": "metropolis"} | options
    return ComparisonSettings("planted", 2, 10.0, budget=budget, **options)


def test_a_plan_spends_its_budget_and_no_more():
    for budget in (2e4, 1e5, 1e6):
        plan = make_plan(settings(budget), SPEED)
        assert sum(plan.seconds) <= 1.1 * RESERVE * budget
        assert sum(plan.seconds) == pytest.approx(sum(cost(run, SPEED) for run in plan.runs))


def test_with_time_enough_the_ratio_and_the_samples_asked_for_are_reached():
    plan = make_plan(settings(1e9, sizes=(8, 12, 16)), SPEED)
    *runs, second = plan.runs
    assert all(run.patterns / run.widths[0] <= 0.0501 and run.samples == 16 for run in runs)
    assert second.connectivity == 8 and second.patterns / second.widths[0] == pytest.approx(0.1)
    assert not any("left out" in note for note in plan.notes)


def test_sizes_that_do_not_fit_are_named_with_the_budget_that_would_admit_them():
    plan = make_plan(settings(3e4), SPEED)
    assert {run.connectivity for run in plan.runs} < set(settings(1.0).sizes)
    note = next(note for note in plan.notes if "left out" in note)
    assert "size 48" in " ".join(plan.notes) and "budget of" in note


def test_the_budget_named_in_a_note_does_admit_the_size():
    plan = make_plan(settings(3e4), SPEED)
    first = next(note for note in plan.notes if "left out" in note)
    size, named = int(first.split()[1]), first.split("budget of ")[1]
    number, unit = named.split()
    asked = seconds(number + {"s": "s", "min": "m", "h": "h", "days": "d"}[unit]) * 1.1  # the note is rounded
    assert size in {run.connectivity for run in make_plan(settings(asked), SPEED).runs}


def test_no_run_has_a_worse_ratio_or_fewer_samples_than_the_plan_promises():
    for budget in np.geomspace(1.2e4, 1e6, 6):
        for run in make_plan(settings(budget), SPEED).runs:
            assert run.patterns / run.widths[0] <= 1.02 * WORST and run.samples >= FEWEST


def test_longer_relaxation_at_larger_sizes_gets_longer_runs():
    sweeps = [run.sweeps for run in make_plan(settings(1e6), SPEED).runs[:-1]]
    assert sweeps == sorted(sweeps) and sweeps[0] >= 50 * SPEED.tau / 0.8


def test_a_budget_too_small_for_three_sizes_is_refused_with_the_one_that_is_not():
    with pytest.raises(ValueError, match=r"budget = 10 s: admits 0 of 6 sizes.*asks for a budget of"):
        make_plan(settings(10.0), SPEED)


def test_full_limit_has_no_ratio_to_test():
    plan = make_plan(settings(1e6, limit="full", sizes=(8, 12, 16)), SPEED)
    assert [run.widths[0] for run in plan.runs] == [8, 12, 16]
    assert all(run.connectivity is None for run in plan.runs)


@pytest.mark.parametrize(("text", "value"), (("90", 90.0), ("90s", 90.0), ("10m", 600.0), ("2h", 7200.0)))
def test_durations(text, value):
    assert seconds(text) == value


@pytest.mark.parametrize("text", ("", "ten", "-3m", "nan", "0"))
def test_bad_durations_are_refused(text):
    with pytest.raises(ValueError, match="duration"):
        seconds(text)


def test_clock():
    assert (clock(40), clock(600), clock(7200), clock(400_000)) == ("40 s", "10 min", "2.0 h", "4.6 days")


@pytest.mark.parametrize(
    ("options", "named"),
    (
        ({"sizes": (8, 16)}, "three different"),
        ({"closures": ("round",)}, "closure"),
        ({"limit": "wide"}, "limit"),
        ({"beta": 3.0}, "beta"),
        ({"samples": 1}, "samples"),
    ),
)
def test_bad_settings_are_refused(options, named):
    with pytest.raises(ValueError, match=named):
        settings(600.0, **options)


def test_random_setting_needs_a_temperature():
    with pytest.raises(ValueError, match="beta"):
        ComparisonSettings("random", 2, 1.0)


def test_runs_are_lengthened_by_the_relaxation_that_smaller_sizes_have_shown():
    asked = settings(1e6)
    run = make_plan(asked, SPEED).runs[2]
    slow = [(8, 60.0), (12, 60.0 * 1.5**2.2)]
    longer = revised(asked, run, slow, SPEED)
    assert longer.sweeps == pytest.approx(80.0 * 60.0 * 2.0**2.2, rel=0.05)
    assert longer.connectivity == run.connectivity == 16
    assert cost(longer, SPEED) <= cost(run, SPEED)
    assert revised(asked, run, [(8, 30.0)], SPEED) is run
    assert revised(asked, run, [(8, 1e6)], SPEED) is None


def test_relaxation_follows_the_power_law_of_the_two_largest_sizes():
    assert extrapolate_tau([(8, 10.0), (12, 10.0), (16, 10.0 * (4 / 3) ** 2)], 32) == pytest.approx(640.0 / 9.0)
    assert extrapolate_tau([(8, 10.0)], 16) == pytest.approx(10.0 * 2.0**1.25)


def test_runs_that_exist_stay_and_the_budget_goes_to_the_other_sizes():
    first = make_plan(settings(3e4), SPEED)
    made = first.runs[:-1]
    assert 48 not in {run.connectivity for run in made}
    plan = make_plan(settings(1e5), SPEED, made=made)
    assert set(made) < set(plan.runs) and 48 in {run.connectivity for run in plan.runs}
    assert [s for run, s in zip(plan.runs, plan.seconds) if run in made] == [0.0] * len(made)
    assert sum(plan.seconds) <= 1e5


def test_moves_of_the_heat_bath_cost_a_draw_and_as_many_patterns_and_rotations_less():
    """Measured per weight: 137 ns at M = 80, 324 ns at M = 480 (c = 8 and 48)."""
    growth = {}
    for dynamics in ("heat-bath", "metropolis"):
        runs = [run_settings(settings(1.0, dynamics=dynamics), size, 400, 1000, 4) for size in (8, 48)]
        first, last = (cost(run, replace(SPEED, measurement=0.0)) / run.connectivity for run in runs)
        growth[dynamics] = last / first
    assert growth["heat-bath"] == pytest.approx(324 / 137, rel=0.1)
    assert growth["metropolis"] == pytest.approx(6.0**0.4)


def test_the_power_with_which_relaxation_slows_down_is_measured():
    runs = [SimpleNamespace(size=size, tau=2.0 * size**3.5) for size in (8, 12, 16)]
    assert relaxation_power(runs) == pytest.approx(3.5)
    assert relaxation_power(runs[:1]) == SLOWING
    assert relaxation_power([SimpleNamespace(size=size, tau=5.0) for size in (8, 16)]) == SLOWING
