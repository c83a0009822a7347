"""Speed ratios of the flow and the saddle point (`pytest -m benchmark -s`); ratios, not absolute times."""

import time

import numpy as np
import pytest
from oracles import response_numpy, tilted_rows_numpy

import gardner
from gardner.potentials.hard import HardCore
from gardner.theory import terminal
from gardner.theory.chain import ChainState
from gardner.theory.parisi import kernels
from gardner.theory.parisi.flow import GridSettings, solve_flow
from gardner.theory.search import increments as inc
from gardner.theory.search.maps import chain_map

pytestmark = pytest.mark.benchmark


def best_of(function, repeats=5):
    times = []
    for _ in range(repeats):
        began = time.process_time()
        function()
        times.append(time.process_time() - began)
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


def test_response_of_half_merged_levels_against_its_twin_and_arithmetic_floor():
    """k = 100, the upper half merged: the plain twin, and the multiply-adds alone as products of that many numbers."""
    m = np.append(np.arange(101) / 101, 1.0)
    variances = np.minimum(np.linspace(0.05, 6.0, 101), 3.0)
    folded = solve_flow(variances, m, terminal.spin, np.ones(101), drift=3.0, is_even=True)
    whole = solve_flow(variances, m, terminal.spin, np.ones(101), drift=3.0)
    ours, twin = best_of(folded.response, 20), best_of(lambda: response_numpy(whole), 5)
    # functions and products of all pairs of distinct levels, K²/2 (n²/4) + K³/6 (n/2) multiply-adds
    count, nodes = 51, int(folded.n_i[0])
    work = count**2 / 2 * nodes**2 / 4 + count**3 / 6 * nodes / 2
    square = np.ones((400, 400))
    floor = best_of(lambda: square @ square, 20) / 400**3 * work
    print(f"\nresponse: twin/ours = {twin / ours:.0f}, ours/multiply-adds = {ours / floor:.1f}")
    assert twin / ours > 4


def test_deep_net_with_many_levels():
    """L = 20, α = 50: processor seconds with assessment, their growth with k, and the leading eigenvalue alone."""
    seconds, solution = {}, None
    for levels in (50, 100, 200):
        began = time.process_time()
        solution = gardner.solve_random(50, 20, levels, tolerance=1e-8)
        seconds[levels] = time.process_time() - began
        print(f"\nk = {levels}: {seconds[levels]:.1f} s, {solution.iterations} evaluations, error {solution.error:.0e}")
        assert solution.status == "converged" and solution.error < 1e-8
    assert seconds[100] < 10.0 and seconds[200] < 4.0 * seconds[100]

    # the whole spectrum of the free increments, as a plain implementation would compute it
    state = ChainState(solution.q_li, solution.Q_li)
    value = chain_map(solution.setting, GridSettings())(state.unknowns(), True)
    blocks, free = inc.transform_blocks(value.blocks), inc.to_increments(state.unknowns()) > 0.0
    matrix = np.column_stack([inc.FreeMatrix(blocks, free).times(column) for column in np.eye(int(free.sum()))])
    whole = best_of(lambda: np.linalg.eigvals(matrix), 1)
    ours = best_of(lambda: inc.leading_mode(blocks, free), 3)
    print(f"\nleading eigenvalue: whole spectrum/ours = {whole / ours:.0f}")
    assert inc.leading_mode(blocks, free)[0] == pytest.approx(np.linalg.eigvals(matrix).real.max(), abs=1e-9)
    assert whole / ours > 2
