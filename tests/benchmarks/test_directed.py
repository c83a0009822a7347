"""Speed ratios of the two-dimensional flow (`pytest -m benchmark -s`); processor time, ratios, not absolute times."""

import time

import numpy as np
import pytest
from oracles_directed import narrow_rows_numpy, one_step_site

import gardner
from gardner.potentials.hard import HardCore
from gardner.theory.parisi import axis_kernels, plane_kernels
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.sectors.site import site_sector, site_terminal

pytestmark = pytest.mark.benchmark


def best_of(function, repeats=5):
    times = []
    for _ in range(repeats):
        began = time.process_time()
        function()
        times.append(time.process_time() - began)
    return min(times)


def test_kernel_against_its_twin():
    core, dt, half, sigma = 0.6, 0.08, 60, 0.2
    omega, y = core * np.sinh(np.arange(-half, half + 1) * dt), np.linspace(-20, 20, 60)
    up = site_terminal(HardCore(), 1 - sigma**2)(np.abs(omega), y)
    down = site_terminal(HardCore(), 1 - sigma**2)(np.abs(omega), -y)
    delta = np.where(omega[:, None] >= 0, up.delta, down.delta)
    x, w = np.polynomial.hermite_e.hermegauss(10)
    w = w / np.sqrt(2 * np.pi)
    targets = omega[half : half + 10].copy()
    first, log_mass = np.empty((10, 60), np.int64), np.empty((10, 60))
    weights = np.empty((10, axis_kernels.STENCIL, 60))
    arguments = (targets, 1e-4, 0.7, core, dt, omega, delta, x, w)
    plane_kernels.narrow_rows(*arguments, first, weights, log_mass)
    compiled = best_of(lambda: plane_kernels.narrow_rows(*arguments, first, weights, log_mass), 20)
    twin = best_of(lambda: narrow_rows_numpy(*arguments), 1)
    print(f"\nnarrow rows: twin/compiled = {twin / compiled:.0f}")
    assert twin / compiled > 30


def test_site_against_nested_quadrature():
    overlap, field, m = np.array([0.2, 0.6]), np.array([0.5, 1.6]), np.array([0.0, 0.5, 1.0])
    flow = best_of(lambda: site_sector(overlap, field, m, HardCore(), GridSettings()), 5)
    nested = best_of(lambda: one_step_site(overlap, field, 0.5), 1)
    print(f"\nk = 1 site: nested quadrature/flow = {nested / flow:.0f}")
    assert nested / flow > 10


def test_full_symmetry_breaking_within_budget():
    """k = 20: processor seconds on one thread (targets 60 at L = 4, α = 20)."""
    for alpha, depth in ((20, 4), (6, 2)):
        began = time.process_time()
        solution = gardner.solve_random(alpha, depth, 20, closure="directed")
        seconds = time.process_time() - began
        print(f"\nα = {alpha}, L = {depth}, k = 20: {solution.status}, {seconds:.1f} s, error {solution.error:.0e}")
        assert solution.status == "converged" and solution.error < 1e-6 and seconds < 60
