"""Ctrl-C inside one search of a larger computation ends the whole, and half a search is never taken for a result."""

from dataclasses import replace

import numpy as np
import pytest

from gardner.analysis import branches
from gardner.analysis.limit import full_rsb_limit
from gardner.analysis.plans import RandomSweep
from gardner.analysis.sweep import run_sweep
from gardner.comparison import theory
from gardner.errors import InterruptedRun
from gardner.model import Network, RandomSetting, SolverSettings, uniform_parisi
from gardner.potentials.hard import HardCore
from gardner.theory import random_setting

PLAN = RandomSweep(alphas=(2.0, 3.0, 4.0), depths=(3,), parisi=uniform_parisi(3), directions=("up",))


@pytest.mark.parametrize("stopped", [0, 2])
def test_an_interrupted_point_of_a_sweep_is_computed_again(tmp_path, monkeypatch, stopped):
    whole = run_sweep(PLAN, tmp_path / "whole")
    calls = []

    def interrupted_at(solver):
        def search(setting, *arguments):
            found = solver(setting, *arguments)
            calls.append(setting.alpha)
            return replace(found, status="interrupted") if setting.alpha == PLAN.alphas[stopped] else found

        return search

    with monkeypatch.context() as patch:
        for name in ("solve", "continued"):
            patch.setattr(branches, name, interrupted_at(getattr(branches, name)))
        with pytest.raises(InterruptedRun) as stop:
            run_sweep(PLAN, tmp_path / "store")
    assert stop.value.done == stopped and calls == list(PLAN.alphas[: stopped + 1])
    again = run_sweep(PLAN, tmp_path / "store", resume=True)
    assert (again["status"] == "converged").all()
    np.testing.assert_array_equal(again["Q"], whole["Q"])


def interrupted_search(*arguments, **options):
    return replace(random_setting.solve(RandomSetting(2.0, Network(2), HardCore(), (0.5,))), status="interrupted")


def test_limits_and_predictions_pass_an_interruption_on(monkeypatch):
    from gardner.analysis import limit

    monkeypatch.setattr(limit, "solve", interrupted_search)
    setting = RandomSetting(2.0, Network(2), HardCore(), uniform_parisi(12))
    with pytest.raises(KeyboardInterrupt):
        full_rsb_limit(setting, SolverSettings())
    monkeypatch.setattr(random_setting, "solve_random", interrupted_search)
    with pytest.raises(KeyboardInterrupt):
        theory.random("symmetric", 2.0, 2, 1.0)
