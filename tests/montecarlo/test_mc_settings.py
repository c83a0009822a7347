"""Settings of a Monte Carlo run: what they derive, what they refuse in one line, and the graphs drawn from them."""

import numpy as np
import pytest

from gardner.errors import ConvergenceError
from gardner.montecarlo.settings import MonteCarloSettings, WrongOutputs, read_measure
from gardner.nets import graphs
from gardner.nets.disorder import draw_disorder, gaps, layer_fields, run_forward, signs
from gardner.nets.graphs import draw_topology
from gardner.potentials import POTENTIALS
from gardner.potentials.hard import HardCore
from gardner.potentials.soft import SoftCore

SOFT = SoftCore(66.7)


def settings(**changes):
    return MonteCarloSettings(**({"widths": 6, "depth": 3, "alpha": 2.0} | changes))


@pytest.mark.parametrize(
    "changes, named",
    (
        ({"widths": (3, 4)}, "width"),
        ({"widths": 0}, "width"),
        ({"depth": 0}, "depth"),
        ({"alpha": -1.0}, "alpha"),
        ({"alpha": 0.01}, "leaves no pattern"),
        ({"alpha": float("nan")}, "alpha"),
        ({"setting": "learned"}, "setting"),
        ({"weights": "ternary"}, "weights"),
        ({"potential": "medium"}, "potential"),
        ({"weights": "gaussian", "dynamics": "heat-bath"}, "dynamics"),
        ({"connectivity": 7}, "connectivity"),
        ({"graph": "tree", "connectivity": 2}, "graph"),
        ({"graph": "regular"}, "graph"),
        ({"dynamics": "glauber"}, "dynamics"),
        ({"dynamics": "heat-bath", "potential": SOFT}, "dynamics"),
        ({"dynamics": "heat-bath", "step": 0.1}, "drop --step"),
        ({"dilution": 1.0}, "dilution"),
        ({"sweeps": 1.5}, "sweeps"),
        ({"sweeps": 10, "burn_in": 10}, "burn-in"),
        ({"samples": 0}, "samples"),
        ({"tempering": 1, "potential": SOFT}, "tempering"),
        ({"setting": "random", "start": "teacher", "potential": SOFT}, "no teacher"),
        ({"weights": "gaussian"}, "choose --weights spherical"),
        ({"weights": "binary", "potential": SOFT}, "wrong outputs"),
        ({"potential": HardCore(0.3)}, "margin"),
        ({"tempering": 4}, "no temperature"),
        ({"tempering": 4, "guest": True, "potential": SOFT}, "guest"),
        ({"widths": 40_000}, "weights in one net"),
        ({"step": 0.0}, "step"),
    ),
)
def test_meaningless_settings_are_refused_in_one_line_that_names_them(changes, named):
    with pytest.raises(ValueError) as refused:
        settings(**changes)
    assert named in str(refused.value) and "\n" not in str(refused.value)


class Wall(HardCore):
    """Another constraint, from outside the package."""

    name = "wall"


def test_only_the_hard_core_by_name_stands_for_wrong_outputs():
    assert read_measure("binary", "hard", 0.0, 2.0) == WrongOutputs(2.0)
    POTENTIALS.register("wall", Wall)
    try:
        measure = read_measure("binary", "wall", 0.0, 2.0)
        assert measure == Wall()
        with pytest.raises(ValueError, match="weights = binary with potential = wall: the energy of binary nets is"):
            MonteCarloSettings(4, 1, 1.0, weights="binary", potential=measure)
    finally:
        POTENTIALS.unregister("wall")
    with pytest.raises(ValueError, match="potential = 'wall': must be one of hard, soft, hinge"):
        read_measure("binary", "wall", 0.0, 2.0)


def test_widths_patterns_and_blocks():
    run = settings(widths=(8, 6, 3), alpha=1.5, sweeps=1000, points=7, measurements=100)
    assert run.layer_widths == (8, 6, 6, 3) and run.patterns == 12 and run.interval == 10
    blocks = [run.block(index) for index in range(7)]
    assert blocks[0][0] == 0 and blocks[-1][1] == 1000
    assert all(a[1] == b[0] for a, b in zip(blocks, blocks[1:]))
    assert settings(connectivity=4, alpha=10.0).patterns == 40
    times, events = run.measurement_times, run.correlation_events
    assert set(range(0, 1001, 10)) <= set(times) and times[-1] == 1000
    assert (np.diff(events[:, 0]) >= 0).all() and events[:, 0].max() <= 1000
    assert (events[:, 0] == run.waiting_times[events[:, 1]] + events[:, 2]).all()


def test_every_perceptron_reads_c_distinct_units_and_no_row_is_left_empty_by_dilution():
    net = draw_topology(settings(widths=9, connectivity=4), np.random.default_rng(0))
    for layer in (1, 2, 3):
        np.testing.assert_array_equal(np.count_nonzero(net.matrix(layer, np.ones(len(net.source_k))), axis=1), 4)
    np.testing.assert_allclose(net.scale_l, 0.5)
    thin = draw_topology(settings(widths=4, dilution=0.9), np.random.default_rng(0))
    counts = np.diff(thin.row_p)
    assert counts.min() == 1 and counts.sum() < 30
    np.testing.assert_allclose(thin.scale_l, 0.5)  # the factor N^-1/2 stays


@pytest.mark.parametrize(
    ("rows", "columns", "fan"),
    [(9, 9, 4), (4, 4, 3), (3, 5, 4), (20, 7, 6), (300, 200, 32), (64, 64, 60), (64, 64, 63), (30, 20, 19)],
)
def test_regular_graphs_read_every_unit_equally_often(rows, columns, fan):
    run = settings(widths=(columns, 9, rows), depth=1, connectivity=fan, graph="regular")
    drawn = []
    for seed in range(6):
        net = draw_topology(run, np.random.default_rng(seed))
        drawn.append(net.matrix(1, np.ones(len(net.source_k))))
        np.testing.assert_array_equal(drawn[-1].sum(axis=1), fan)
        often = drawn[-1].sum(axis=0)
        assert often.max() - often.min() <= 1 and set(np.unique(drawn[-1])) <= {0.0, 1.0}
    assert any((graph != drawn[0]).any() for graph in drawn)


def test_deals_of_a_regular_graph_come_to_an_end(monkeypatch):
    """Where no deal can be repaired the draw says so instead of running on."""
    monkeypatch.setattr(graphs, "_trade", lambda read, rng: False)
    run = settings(widths=9, connectivity=4, graph="regular")
    with pytest.raises(ConvergenceError, match="9 perceptrons with 4 of 9 units"):
        draw_topology(run, np.random.default_rng(0))


def test_sparse_nets_run_forward_as_their_matrices_do():
    run = settings(widths=40, connectivity=7)
    net = draw_topology(run, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    weights, spins = rng.standard_normal(len(net.source_k)), np.sign(rng.standard_normal((40, 30)))
    for layer in (1, 2, 3):
        by_matrix = net.scale_l[layer - 1] * net.matrix(layer, weights) @ spins
        np.testing.assert_allclose(layer_fields(net, layer, weights, spins), by_matrix, atol=1e-13)


def test_readers_list_every_bond_from_the_other_end():
    net = draw_topology(settings(widths=7, connectivity=3), np.random.default_rng(1))
    inputs = net.width_l[0]
    for layer in range(net.depth):
        for j, u in enumerate(range(net.first_l[layer], net.first_l[layer + 1])):
            for k in range(net.column_u[u], net.column_u[u + 1]):
                bond, p = net.bond_k[k], net.first_l[layer + 1] - inputs + net.reader_k[k]
                assert net.row_p[p] <= bond < net.row_p[p + 1] and net.source_k[bond] == j


def test_rows_of_the_sphere_and_a_teacher_without_wrong_output():
    run = settings(dilution=0.3, fresh=50)
    disorder = draw_disorder(run, 3)
    net, J = disorder.topology, disorder.teacher_k
    np.testing.assert_allclose(np.add.reduceat(J**2, net.row_p[:-1]), np.diff(net.row_p))
    assert (gaps(net, J, disorder.teacher_um) >= 0.0).all()
    np.testing.assert_array_equal(run_forward(net, J, disorder.input_jm), disorder.teacher_um)
    again, other = draw_disorder(run, 3), draw_disorder(run, 4)
    np.testing.assert_array_equal(again.input_jm, disorder.input_jm)
    assert (other.input_jm != disorder.input_jm).any()


def test_sign_of_zero_is_plus_one():
    np.testing.assert_array_equal(signs(np.array([0.0, -0.0, -1e-300, 2.0])), [1, 1, -1, 1])
