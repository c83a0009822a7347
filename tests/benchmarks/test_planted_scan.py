"""Scans of α at L = 20 by continuation against plain damped iteration at equal tolerance, as a ratio."""

import time

import numpy as np
import pytest

from gardner.theory.planted.solve import scan_planted, solve_planted


@pytest.mark.benchmark
@pytest.mark.parametrize("closure, budget", (("symmetric", 10.0), ("directed", 60.0)))
def test_scan_of_200_alphas_at_20_layers_is_within_budget_and_far_faster_than_damped(closure, budget, capsys):
    alphas = np.geomspace(1, 400, 200)
    began = time.perf_counter()
    solutions = scan_planted(alphas, 20, closure)
    scan_seconds = time.perf_counter() - began
    assert all(solution.status == "converged" for solution in solutions)
    sample = alphas[::20]
    began = time.perf_counter()
    for alpha in sample:
        assert solve_planted(alpha, 20, closure, method="damped").status == "converged"
    damped_seconds = (time.perf_counter() - began) * len(alphas) / len(sample)
    ratio = damped_seconds / scan_seconds
    with capsys.disabled():
        print(f"\n{closure}: scan {scan_seconds:.1f} s, damped {damped_seconds:.0f} s, ratio {ratio:.0f}")
    assert scan_seconds < budget
    assert damped_seconds > 5 * scan_seconds
