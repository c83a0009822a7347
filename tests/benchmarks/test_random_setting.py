"""Speed ratios of the flow and the saddle point (`pytest -m benchmark -s`); ratios, not absolute times."""

import time

import numpy as np
import pytest
from oracles import tilted_rows_numpy

import gardner
from gardner.potentials.hard import HardCore
from gardner.theory.parisi import kernels

pytestmark = pytest.mark.benchmark


def best_of(function, repeats=5):
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        function()
        times.append(time.perf_counter() - began)
    return min(times)


def test_kernel_against_numpy_twin_and_arithmetic_floor():
    """One step of the flow: compiled rows, their NumPy twin, and the exponentials alone (the arithmetic floor)."""
    half, dt, s = 60, 0.05, 0.3
    t = np.arange(-half, half + 1) * dt
    h, logw = s * np.sinh(t), np.log(s * np.cosh(t) * dt)
    phi, d1, d2 = HardCore().terminal(h, s)
    x, w = np.polynomial.hermite_e.hermegauss(10)
    logx = np.log(w / np.sqrt(2 * np.pi))
    rows, out, span = np.empty((len(h), len(h))), np.empty(len(h)), np.empty((len(h), 2), np.int64)
    arguments = (h, 0.005, 0.5, 0.0, s, dt, half, h, logw, phi, d1, d2, x, logx)
    kernels.tilted_rows(*arguments, rows, out, span)
    compiled = best_of(lambda: kernels.tilted_rows(*arguments, rows, out, span), 20)
    twin = best_of(lambda: tilted_rows_numpy(*arguments), 2)
    needed = np.exp(-np.linspace(0, 40, int((rows > 0).sum())))
    floor = best_of(lambda: np.exp(-needed), 50)
    print(f"\nkernel: twin/compiled = {twin / compiled:.0f}, compiled/exponentials = {compiled / floor:.1f}")
    assert twin / compiled > 20


def test_newton_against_damped_iteration_at_equal_accuracy():
    """α = 6, L = 4, k = 10: time to a true error of 1e-6 in q_EA, Q_EA."""
    exact = gardner.solve_random(6, 4, 10, tolerance=1e-12)

    def error(solution):
        return max(np.abs(solution.q_ea - exact.q_ea).max(), np.abs(solution.Q_ea - exact.Q_ea).max())

    newton = best_of(lambda: gardner.solve_random(6, 4, 10), 3)
    assert error(gardner.solve_random(6, 4, 10)) < 1e-6
    # the error of damped iteration falls like 1/t: measure its rate, then ask how long 1e-6 takes
    began = time.perf_counter()
    damped = gardner.solve_random(6, 4, 10, method="damped", max_iterations=3000)
    seconds = time.perf_counter() - began
    reached = error(damped)
    needed = seconds * max(1.0, reached / 1e-6)
    print(f"\ndamped: error {reached:.1e} after 3000 iterations; Newton is {needed / newton:.0f}× faster to 1e-6")
    assert needed / newton > 100
