"""The mirrored map is the full map on mirrored states, at half the evaluations."""

import numpy as np
import pytest

from gardner.model import Network, RandomSetting, uniform_parisi
from gardner.potentials.soft import SoftCore
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.random_setting import solve_random
from gardner.theory.search import mirror
from gardner.theory.search.increments import apply
from gardner.theory.search.maps import chain_map, mirrored_map
from gardner.theory.search.random_starts import starting_rows


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_mirrored_map_and_its_jacobian_are_those_of_the_full_map(depth):
    setting = RandomSetting(20.0, Network(depth), SoftCore(10.0, 0.2), uniform_parisi(3))
    rng = np.random.default_rng(depth)
    half_ri = np.sort(rng.uniform(0.1, 0.9, (depth, 4)), axis=1)
    rows = mirror.unfold(half_ri)
    full = chain_map(setting, GridSettings())(rows, True)
    folded = mirrored_map(setting, GridSettings())(half_ri, True)
    np.testing.assert_allclose(mirror.unfold(folded.image_ri), full.image_ri, atol=1e-14)
    d_ri = rng.standard_normal(half_ri.shape)
    along = apply(full.blocks, mirror.unfold(d_ri))
    np.testing.assert_allclose(apply(folded.blocks, d_ri), mirror.fold(along), atol=1e-11)


def test_unequal_boundaries_are_searched_in_full():
    rows = starting_rows(RandomSetting(6.0, Network(3), parisi=(0.5,)))
    assert np.array_equal(rows, rows[::-1])
    solution = solve_random(alpha=6, depth=3, levels=1)
    np.testing.assert_allclose(solution.q_li, solution.q_li[::-1], atol=1e-12)
    free_end = RandomSetting(6.0, Network(3), parisi=(0.5,), output_overlap=(0.0, 0.5))
    from gardner.theory.random_setting import solve

    other = solve(free_end)
    assert other.status == "converged" and abs(other.Q_ea[0] - other.Q_ea[-1]) > 1e-3
