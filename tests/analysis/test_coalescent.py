"""The tree of pure states: its probabilities against exact formulas, and what a layer makes of it."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet, is_valid_linkage
from scipy.spatial.distance import squareform
from scipy.stats import chi2

from gardner.analysis.coalescent import Tree, draw_tree, draw_trees, restaurant
from gardner.analysis.replica_overlaps import isosceles_difference, triples_of
from gardner.analysis.ultrametric import overlap_law

PARISI = (0.1, 0.25, 0.4, 0.6, 0.75, 0.9)
M = np.array([0.0, *PARISI, 1.0])
DRAWS = 10_000


@pytest.fixture(scope="module")
def merge_levels():
    """Merge levels of replicas (0, 4), (0, 2) and (1, 3) in 10⁴ independent trees of five replicas."""
    levels = [tree.merge_level_rr for tree in draw_trees(PARISI, 5, DRAWS, seed=11)]
    return np.array([(level[0, 4], level[0, 2], level[1, 3]) for level in levels])


def sharing_z(level_d, m):
    """Deviations of Prob(share a block at level i) from 1 - m_i in standard errors, i = 1…k."""
    p = 1.0 - m[1:-1]
    share = np.array([np.mean(level_d >= i) for i in range(1, len(m) - 1)])
    return (share - p) / np.sqrt(p * (1.0 - p) / len(level_d))


@pytest.mark.parametrize("pair", [0, 1, 2])
def test_two_replicas_share_a_block_at_level_i_with_probability_one_minus_m(merge_levels, pair):
    """Within 3σ over 10⁴ independent draws of a pair; false alarm over all levels at most 6 × 0.27 % = 1.6 % a pair."""
    assert np.abs(sharing_z(merge_levels[:, pair], M)).max() < 3.0


def test_a_tree_with_wrong_discounts_would_be_noticed():
    """The same test rejects m shifted by 0.02, and coagulation with discount m_i instead of m_i/m_{i+1}."""
    shifted = np.array([t.merge_level_rr[0, 1] for t in draw_trees(tuple(np.array(PARISI) + 0.02), 2, DRAWS, seed=12)])
    assert np.abs(sharing_z(shifted, M)).max() > 4.0
    rng = np.random.default_rng(13)
    wrong = []
    for _ in range(2000):
        finer, level = np.arange(2), 0
        for i in range(len(PARISI), 0, -1):
            finer = restaurant(int(finer.max()) + 1, M[i], rng)[finer]
            if finer[0] == finer[1]:
                level = i
                break
        wrong.append(level)
    assert np.abs(sharing_z(np.array(wrong), M)).max() > 10.0


def test_joint_law_of_two_pairs_is_that_of_parisi():
    """Prob(q_12 = q_i, q_13 = q_j) = ½ w_i δ_ij + ½ w_i w_j (Ghirlanda–Guerra), χ² at false-alarm rate 1e-3."""
    pairs = np.array([(t.merge_level_rr[0, 1], t.merge_level_rr[0, 2]) for t in draw_trees(PARISI, 3, DRAWS, seed=21)])
    w = np.diff(M)
    expected = DRAWS * (0.5 * np.diag(w) + 0.5 * np.outer(w, w))
    counts = np.histogram2d(*pairs.T, bins=np.arange(len(M)) - 0.5)[0]
    limit = chi2.ppf(1.0 - 1e-3, counts.size - 1)
    assert np.sum((counts - expected) ** 2 / expected) < limit
    independent = DRAWS * np.outer(w, w)
    assert np.sum((counts - independent) ** 2 / independent) > 10.0 * limit


def test_partition_at_every_level_is_a_restaurant_with_discount_m():
    """Coagulation theorem: the mean number of blocks of n replicas is Π_{j<n} (1 + m/j), 4σ, false alarm 6 × 6e-5."""
    n, trees = 12, draw_trees(PARISI, 12, 3000, seed=31)
    counts_ti = np.array([[len(np.unique(block_r)) for block_r in tree.block_ir[1:]] for tree in trees])
    # E[K_{j+1} | K_j] = K_j (1 + m/j)
    exact = np.array([np.prod(1.0 + m / np.arange(1, n)) for m in PARISI])
    z = (counts_ti.mean(axis=0) - exact) / (counts_ti.std(axis=0, ddof=1) / np.sqrt(len(trees)))
    assert np.abs(z).max() < 4.0
    assert np.abs(np.prod(1.0 + 0.5 / np.arange(1, n)) - exact).min() > 0.5


def test_every_triple_of_a_tree_is_exactly_ultrametric():
    q_i = np.array([0.0, 0.0, 0.1, 0.3, 0.3, 0.7, 0.9])
    for seed in range(5):
        tree = draw_tree(PARISI, 40, np.random.default_rng(seed))
        triples = triples_of(40, np.random.default_rng(0))
        assert len(triples) == 9880
        for matrix in (tree.overlaps(q_i), tree.overlaps(np.arange(7.0))):
            assert isosceles_difference(matrix, triples).max() == 0.0
        blocks = tree.block_ir
        for coarse, fine in zip(blocks, blocks[1:]):  # nested: a fine block lies in one coarse block
            assert len(np.unique(np.stack([coarse, fine]), axis=1).T) == fine.max() + 1


def test_moments_of_sampled_overlaps_equal_those_of_the_law(merge_levels):
    """⟨q^p⟩, p = 1, 2, 3, of sampled pairs within 4σ of ∫q^p P(q)dq; three moments: false alarm 2e-4."""
    q_i = np.array([0.0, 0.0, 0.15, 0.3, 0.3, 0.7, 0.9])
    law = overlap_law(q_i, M)
    sampled = q_i[merge_levels[:, 0]]
    for power in (1, 2, 3):
        values = sampled**power
        z = (values.mean() - law.moment(power)) / (values.std(ddof=1) / np.sqrt(DRAWS))
        assert abs(z) < 4.0
    wrong = overlap_law(q_i, np.array([0.0, *(np.array(PARISI) - 0.05), 1.0]))
    assert abs(sampled.mean() - wrong.moment(1)) > 5.0 * sampled.std(ddof=1) / np.sqrt(DRAWS)


def test_all_layers_hang_on_one_tree():
    """Layer dendrograms have the same mergers in the same order; their cophenetic distances are 1 - q_ab(l)."""
    tree = draw_tree(PARISI, 30, np.random.default_rng(3))
    upper = np.triu_indices(30, 1)
    shared = tree.linkage()
    assert is_valid_linkage(shared)
    for q_i in (np.linspace(0.05, 0.9, 7), np.array([0, 0, 0, 0, 0.2, 0.2, 0.4]), np.zeros(7)):
        layer = tree.layer_linkage(q_i)
        assert is_valid_linkage(layer)
        assert np.array_equal(layer[:, [0, 1, 3]], shared[:, [0, 1, 3]])
        assert squareform(cophenet(layer))[upper] == pytest.approx(1.0 - tree.overlaps(q_i)[upper])
    # in the order of the leaves every block is contiguous
    order = tree.order()
    for block_r in tree.block_ir:
        assert np.count_nonzero(np.diff(block_r[order])) == block_r.max()


def test_depth_counts_only_the_levels_a_layer_tells_apart():
    block_ir = np.array([[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 2], [0, 1, 2, 3]])
    tree = Tree(np.array([0.0, 0.2, 0.5, 0.8, 1.0]), block_ir)
    assert tree.depth_r(np.array([True] * 4)).tolist() == [3, 3, 2, 1]
    assert tree.depth_r(np.array([False, False, True, False])).tolist() == [1, 1, 1, 1]
    assert tree.depth_r(np.zeros(4, dtype=bool)).tolist() == [0, 0, 0, 0]
    expected = [[4, 2, 1, 0], [2, 4, 1, 0], [1, 1, 4, 0], [0, 0, 0, 4]]
    assert tree.merge_level_rr.tolist() == expected


def test_trees_depend_on_the_seed_alone():
    first, again = (draw_trees(PARISI, 20, 3, seed=5) for _ in range(2))
    assert all(np.array_equal(a.block_ir, b.block_ir) for a, b in zip(first, again))
    assert np.array_equal(draw_trees(PARISI, 20, 2, seed=5)[1].block_ir, first[1].block_ir)
    assert not np.array_equal(draw_trees(PARISI, 20, 1, seed=6)[0].block_ir, first[0].block_ir)


def test_replica_symmetry_has_one_block():
    tree = draw_tree((), 5, np.random.default_rng(0))
    assert tree.block_ir.tolist() == [[0] * 5]
    assert tree.overlaps(np.array([0.4]))[0, 1] == 0.4


@pytest.mark.parametrize("replicas", [1, 0, 2.5, 100_000])
def test_impossible_numbers_of_replicas_are_refused(replicas):
    with pytest.raises(ValueError, match="replicas"):
        draw_tree(PARISI, replicas, np.random.default_rng(0))
