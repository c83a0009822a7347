"""The hierarchy of solutions, layer by layer: what deeper layers keep of it, and the figures that show it."""

import json

import numpy as np
import pytest

import gardner
from gardner.analysis.measured_hierarchy import measured_hierarchy
from gardner.analysis.ultrametric import continuous_part, hierarchy, overlap_law
from gardner.boundaries import StepFunction
from gardner.plotting import measured_hierarchy as measured_pictures
from gardner.plotting import trees
from gardner.plotting.trees import plot_hierarchy
from gardner.plotting.ultrametric import laws_figure, terrace_figure


@pytest.fixture(scope="module")
def solution():
    """Random setting, α = 20, L = 6: layers 1 and 2 solid, layer 3 liquid."""
    found = gardner.solve_random(20, 6, 20)
    assert found.status == "converged"
    return found


@pytest.fixture(scope="module")
def result(solution):
    return hierarchy(solution, replicas=60, seed=3)


def test_layer_two_is_a_truncation_of_layer_one(solution, result):
    """α = 20, L = 6: q(x,2) vanishes below a breakpoint and not above, and branches only where layer 1 does."""
    first, second, third = (layer for layer in result.bonds if layer.layer <= 3)
    assert first.breakpoint == 0.0 and 0.6 < second.breakpoint < 0.72 and third.breakpoint == 1.0
    below = solution.setting.m[:-1] < second.breakpoint
    for values in (solution.q_li[2], solution.Q_li[1]):
        assert values[below].max() < 1e-9
        assert values[~below].min() > 1e-3
    shared = second.alive_i[1:] & ~first.alive_i[1:]
    assert not shared.any()
    assert first.levels_alive > 2 * second.levels_alive > 0 == third.levels_alive
    # what is left is the fine end of layer 1: no level of layer 1 above the breakpoint is missing
    fine = np.flatnonzero(first.alive_i)[np.flatnonzero(first.alive_i) > np.flatnonzero(~below)[0]]
    assert second.alive_i[fine].all()


def test_spins_and_bonds_of_a_layer_branch_at_the_same_levels(result):
    for spin, bond in zip(result.spins, result.bonds):
        if spin.layer <= 2:
            assert np.array_equal(spin.alive_i, bond.alive_i)


def test_deeper_layers_lose_branches_of_the_one_tree(result):
    depth = [layer.mean_depth for layer in result.bonds[:3]]
    assert depth[0] > depth[1] + 5.0 * result.bonds[0].depth_error and depth[1] > 0.5 and depth[2] == 0.0


def test_mean_depth_of_two_replicas_is_the_plateau_start(solution):
    """Two replicas part above the last alive level with probability m_i: 50 trees, 4σ, false alarm 2 × 6e-5."""
    pair = hierarchy(solution, (1, 2), replicas=2, seed=8)
    for layer in pair.bonds:
        assert abs(layer.mean_depth - layer.plateau_start) < 4.0 * layer.depth_error


def test_law_of_a_layer_is_normalised_with_its_delta_weights(solution, result):
    m = solution.setting.m
    for layer in result.layers:
        law = layer.law
        assert law.weight_v.sum() == pytest.approx(1.0, abs=1e-14)
        for power in (1, 2):
            assert law.moment(power) == pytest.approx(np.diff(m) @ layer.q_i**power, abs=1e-7)
        assert law.delta_v[-1] and law.q_v[-1] == pytest.approx(layer.q_i[-1], abs=1e-5)
        assert law.x(np.array([-0.1, 1.0])).tolist() == pytest.approx([0.0, 1.0])
        edges, density = continuous_part(layer)
        assert density @ np.diff(edges) == pytest.approx(law.weight_v[~law.delta_v].sum())
        assert (np.diff(edges) > 0.0).all() and (density >= 0.0).all()
    second = result.bonds[1].law
    assert second.delta_v[0] and second.q_v[0] < 1e-9
    assert second.weight_v[0] == pytest.approx(result.bonds[1].breakpoint)


def test_weight_at_q_ea_is_one_minus_m_k_where_the_last_level_is_alive():
    law = overlap_law(np.array([0.1, 0.3, 0.7]), np.array([0.0, 0.2, 0.6, 1.0]))
    assert law.weight_v[-1] == pytest.approx(0.4) and law.q_v[-1] == 0.7
    assert law.x(np.array([0.1, 0.2, 0.7])) == pytest.approx([0.2, 0.2, 1.0])
    assert law.delta_v.tolist() == [False, False, True]


def test_structured_boundaries_are_layers_of_the_hierarchy():
    structured = gardner.solve_random(20, 4, 4, input_overlap=StepFunction((0.2, 0.9), (0.5,)))
    layers = hierarchy(structured, replicas=20).spins
    assert [layer.layer for layer in layers] == [0, 1, 2, 3]
    assert layers[0].levels_alive == 1 and layers[0].law.q_v.tolist() == pytest.approx([0.2, 0.9])


def test_layers_are_chosen_and_checked(solution):
    chosen = hierarchy(solution, (2, 0), replicas=5)
    assert [layer.layer for layer in chosen.spins] == [2, 0] and [layer.layer for layer in chosen.bonds] == [2]
    for wrong in ((7,), (-1,), (), (1, 1)):
        with pytest.raises(ValueError, match="layers"):
            hierarchy(solution, wrong)


def test_figures_show_every_solid_layer_once(result, tmp_path):
    """Layers 1 = 6 and 2 = 5 coincide, 3 and 4 are liquid: two panels of each kind; terraces show all layers."""
    assert len([axis for axis in trees.trees_figure(result).axes if axis.collections]) == 2
    assert len([axis for axis in trees.matrices_figure(result).axes if axis.images]) == 2
    panels = [axis for axis in laws_figure(result).axes if axis.texts]
    assert len(panels) == 4
    terrace = terrace_figure(result)
    assert [len(axis.texts) for axis in terrace.axes[:2]] == [1, 1]  # "liquid", once over neighbouring layers
    written = plot_hierarchy(result, tmp_path / "run.pdf")
    assert [path.name for path in written] == [
        "run.pdf",
        "run-laws.pdf",
        "run-trees.pdf",
        "run-matrices.pdf",
        "run.csv",
    ]
    table = np.loadtxt(tmp_path / "run.csv", delimiter=",", skiprows=1)
    assert table.shape == (21, 2 + 5 + 6)


def test_a_liquid_net_can_be_drawn(tmp_path):
    liquid = hierarchy(gardner.solve_random(1, 4, 3), replicas=10)
    assert all(layer.levels_alive == 0 and layer.breakpoint == 1.0 for layer in liquid.layers)
    assert len(plot_hierarchy(liquid, tmp_path / "run.svg")) == 5


def replicas_file(result, samples=6, n=10):
    """A Monte Carlo dataset made of drawn trees and noise."""
    import xarray as xr

    from gardner.analysis.coalescent import draw_trees

    rng = np.random.default_rng(4)
    drawn = draw_trees(tuple(result.m[1:-1]), n, samples, 17)

    def measured(q_i):
        noise = np.triu(rng.normal(scale=0.03, size=(samples, n, n)), 1)
        return np.array([tree.overlaps(q_i) for tree in drawn]) + noise + noise.transpose(0, 2, 1)

    spins = [np.ones((samples, n, n)), *(measured(layer.q_i) for layer in result.spins), np.ones((samples, n, n))]
    bonds = [measured(layer.q_i) for layer in result.bonds]
    dims = {"q": "layer", "Q": "bond_layer"}
    data = {
        f"{name}_matrix": (("sample", "point", dims[name], "clone", "clone_b"), np.stack(layers, axis=1)[:, None])
        for name, layers in (("q", spins), ("Q", bonds))
    }
    coordinates = {"layer": np.arange(7), "bond_layer": np.arange(1, 7)}
    return xr.Dataset(data, coordinates, {"kind": "mc random", "parameters": json.dumps({"replicas": n})})


def test_measured_replicas_are_described_layer_by_layer(result, tmp_path):
    dataset = replicas_file(result)
    measured = measured_hierarchy(dataset)
    assert [layer.layer for layer in measured.spins] == [1, 2, 3, 4, 5]  # the clamped ends are left out
    assert [layer.layer for layer in measured.bonds] == [1, 2, 3, 4, 5, 6]
    first, third = measured.bonds[0].statistics, measured.bonds[2].statistics
    assert first.difference.mean < 0.6 * first.null_difference.mean
    assert abs(third.difference.mean - third.null_difference.mean) < 0.01  # liquid: noise only
    chosen = measured_hierarchy(dataset, (2,))
    assert [layer.layer for layer in (*chosen.spins, *chosen.bonds)] == [2, 2]
    assert len(measured_pictures.plot_measured(measured, tmp_path / "mc.pdf")) == 4
    with pytest.raises(ValueError, match="layers"):
        measured_hierarchy(dataset, (9,))
    with pytest.raises(ValueError, match="q_matrix is missing"):
        measured_hierarchy(dataset.drop_vars("q_matrix"))
