"""The linear algebra of the search, against matrices written out in full."""

import numpy as np
import pytest

from gardner.theory.search import increments as inc


def chain_blocks(rows, levels, seed, scale=0.3):
    """Blocks between rows at distance ≤ 2, as a chain has them, and the same as one matrix."""
    rng = np.random.default_rng(seed)
    blocks = {
        (r, c): scale * rng.standard_normal((levels, levels)) / levels**0.5
        for r in range(rows)
        for c in range(max(0, r - 2), min(rows, r + 3))
    }
    return blocks, full_matrix(blocks, rows, levels)


def full_matrix(blocks, rows, levels):
    matrix = np.zeros((rows, levels, rows, levels))
    for (r, c), block in blocks.items():
        matrix[r, :, c] = block
    return matrix.reshape(rows * levels, -1)


@pytest.mark.parametrize("rows, levels, is_band", [(1, 3, False), (3, 12, False), (24, 8, True)])
def test_free_increments_solve_the_matrix_written_out(rows, levels, is_band):
    blocks, matrix = chain_blocks(rows, levels, seed=rows)
    free = np.random.default_rng(1).random((rows, levels)) > 0.2
    kept = np.flatnonzero(free)
    matrix = matrix[np.ix_(kept, kept)]
    numbered = inc.FreeMatrix(blocks, free)
    assert numbered.is_band == is_band
    vector = np.random.default_rng(2).standard_normal((rows, levels))
    np.testing.assert_allclose(numbered.times(vector[free]), matrix @ vector[free], atol=1e-13)
    shift = np.random.default_rng(3).random(levels)
    solution = inc.solve_shifted(blocks, vector, free, shift)
    diagonal = np.diag(1.0 + np.tile(shift, rows)[kept])
    np.testing.assert_allclose(solution[free], np.linalg.solve(diagonal - matrix, vector[free]), rtol=1e-10)
    assert not solution[~free].any()


def with_spectrum(values, rows, levels, seed):
    """A dense Jacobian with these real eigenvalues on all increments, as blocks."""
    basis = np.random.default_rng(seed).standard_normal((rows * levels, rows * levels))
    matrix = (basis * values) @ np.linalg.inv(basis)
    parts = matrix.reshape(rows, levels, rows, levels)
    return {(r, c): parts[r, :, c].copy() for r in range(rows) for c in range(rows)}, matrix


@pytest.mark.parametrize("leading", [0.3, 1.0 - 1e-6, 1.0 + 1e-5, 1.8, 40.0])
def test_leading_eigenvalue_below_and_beyond_one(leading):
    """Also below many others of larger modulus: those at -3 are cycles of the map, not growing modes."""
    rows, levels = 4, 40
    values = np.linspace(-3.0, min(leading, 1.0) - 2e-7, rows * levels)
    values[-1] = leading
    blocks, _ = with_spectrum(values, rows, levels, seed=5)
    value, mode = inc.leading_mode(blocks, np.ones((rows, levels), dtype=bool))
    assert value == pytest.approx(leading, abs=1e-9 * leading)
    np.testing.assert_allclose(inc.apply(blocks, mode), value * mode, atol=1e-7 * max(1.0, leading))


def test_leading_mode_of_a_band_and_of_an_unstable_rotation():
    blocks, matrix = chain_blocks(30, 6, seed=9, scale=1.0)
    exact = np.linalg.eigvals(matrix).real.max()
    assert exact > 1.0
    assert inc.leading_mode(blocks, np.ones((30, 6), dtype=bool))[0] == pytest.approx(exact, abs=1e-9)
    # a pair 1.1 ± 2i: other eigenvalues are closer to any shift on the real axis
    matrix = np.diag(np.linspace(0.0, 0.95, 150))
    matrix[:2, :2] = [[1.1, 2.0], [-2.0, 1.1]]
    basis = np.random.default_rng(0).standard_normal((150, 150))
    matrix = basis @ matrix @ np.linalg.inv(basis)
    assert inc.leading_mode({(0, 0): matrix}, np.ones((1, 150), dtype=bool))[0] == pytest.approx(1.1, abs=1e-7)


def test_leading_mode_may_be_odd_where_the_matrix_is_even_under_reflection():
    even, odd = np.diag(np.linspace(0.1, 0.7, 60)), np.diag(np.linspace(0.1, 0.9, 60))
    same, other = 0.5 * (even + odd), 0.5 * (even - odd)
    mirrored = {(0, 0): same, (1, 1): same, (0, 1): other, (1, 0): other}
    assert inc.leading_mode(mirrored, np.ones((2, 60), dtype=bool))[0] == pytest.approx(0.9, abs=1e-12)


def test_liquid_rows_take_no_part_in_the_growth_of_a_merged_level():
    rng = np.random.default_rng(4)
    blocks = {(r, c): rng.random((3, 3)) for r in (0, 2) for c in (0, 2)}
    free = np.zeros((4, 3), dtype=bool)
    free[:, 0] = True
    growth, direction = inc.split_growth(blocks, free)
    for i in (1, 2):
        matrix = inc.level_matrices(blocks, 4, 3)[i]
        assert growth[i] == pytest.approx(np.linalg.eigvals(matrix).real.max())
        np.testing.assert_allclose(matrix @ direction[:, i], growth[i] * direction[:, i], atol=1e-13)
    assert growth[0] == 0.0
