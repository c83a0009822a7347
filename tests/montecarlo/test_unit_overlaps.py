"""Overlaps of single hidden units: the vectorised form against loops over the graph, and what is refused."""

import numpy as np
import pytest

from gardner.montecarlo.settings import MonteCarloSettings
from gardner.montecarlo.unit_overlaps import (
    PLACES,
    UnitObserver,
    blocked_products,
    check_regular,
    run_unit_overlaps,
    unit_overlaps,
)
from gardner.nets.disorder import draw_disorder, draw_weights, run_forward


def settings(**changes):
    options = {"connectivity": 4, "graph": "regular", "replicas": 2, "samples": 1, "start": "teacher"}
    options |= {"sweeps": 40, "measurements": 4, "points": 2, "dynamics": "heat-bath", "fresh": 1}
    return MonteCarloSettings((12,), 3, 1.0, **(options | changes))


def members(run, count=3):
    disorder = draw_disorder(run, 0)
    rng = np.random.default_rng(1)
    weights = np.stack([draw_weights("spherical", disorder.topology, rng) for _ in range(count)])
    return disorder, weights, np.stack([run_forward(disorder.topology, w, disorder.input_jm) for w in weights])


@pytest.mark.parametrize("layer", [1, 2])
def test_overlaps_equal_loops_over_rows_readers_and_patterns(layer):
    disorder, weights, spins = members(settings())
    net = disorder.topology
    found = unit_overlaps(net, layer, weights, spins)
    for place, unit in enumerate(range(net.first_l[layer], net.first_l[layer + 1])):
        row = range(net.row_p[unit - 12], net.row_p[unit - 11])
        read = [net.bond_k[k] for k in range(net.column_u[unit], net.column_u[unit + 1])]
        assert len(row) == len(read) == 4
        for a in range(3):
            for b in range(3):
                plain = (
                    np.mean([weights[a, k] * weights[b, k] for k in row]),
                    np.mean([weights[a, k] * weights[b, k] for k in read]),
                    np.mean([spins[a, unit, m] * spins[b, unit, m] for m in range(disorder.patterns)]),
                )
                np.testing.assert_allclose(found[:, place, a, b], plain, atol=1e-6)


def test_flipping_a_unit_changes_no_product():
    disorder, weights, spins = members(settings(), 2)
    net, unit, layer = disorder.topology, 12 + 5, 1
    before = unit_overlaps(net, layer, weights, spins)[:, :, 0, 1]
    weights[1, net.row_p[unit - 12] : net.row_p[unit - 11]] *= -1
    weights[1, net.bond_k[net.column_u[unit] : net.column_u[unit + 1]]] *= -1
    spins[1, unit] *= -1
    after = unit_overlaps(net, layer, weights, spins)[:, :, 0, 1]
    np.testing.assert_allclose(after[:, 5], -before[:, 5], atol=1e-6)
    np.testing.assert_allclose(blocked_products(after[..., None], 4, 3), blocked_products(before[..., None], 4, 3))


def test_blocks_average_the_products_of_their_units():
    x = np.random.default_rng(2).standard_normal((3, 10, 2))
    found = blocked_products(x, patterns=7, blocks=5)
    for block in range(5):
        units = x[:, 2 * block : 2 * block + 2]
        plain = [7 * np.mean(units[i] * units[j]) for i, j in PLACES]
        np.testing.assert_allclose(found[block], plain)


def test_members_are_paired_with_the_teacher_and_among_themselves():
    run = settings(replicas=4)
    observer = UnitObserver(run, draw_disorder(run, 0))
    assert len(observer.pairs["teacher"][0]) == 4 and len(observer.pairs["students"][0]) == 6
    assert (observer.pairs["teacher"][1] == 4).all()


def test_a_run_starts_at_the_teacher_and_resumes_to_the_same_numbers(tmp_path):
    run = settings()
    data = run_unit_overlaps(run, tmp_path / "whole")
    assert data["products"].dims == ("sample", "time", "kind", "hidden_layer", "block", "product")
    assert data.sizes["hidden_layer"] == 2 and np.isfinite(data["products"]).all()
    assert (data["accepted"] > 0).all()
    assert float(data["mean_overlap"].sel(kind="teacher", overlap="q").isel(time=0).min()) > 0.2
    again = run_unit_overlaps(run, tmp_path / "whole", resume=True)
    assert data.equals(again)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"graph": "random"}, "need a regular graph"), ({"dilution": 0.1}, "need a regular graph")],
)
def test_irregular_graphs_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        check_regular(settings(**changes))
