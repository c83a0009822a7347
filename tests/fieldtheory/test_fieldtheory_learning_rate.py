"""The learning rate as temperature: one weight, multiplets, a ReLU net."""

from dataclasses import replace

import numpy as np
import pytest
from oracles_fieldtheory import cubic_map_mean

from gardner.fieldtheory.net_dynamics import NetChain, correlations, gradient_variance, unit_correlations
from gardner.fieldtheory.net_runs import NetPlan, fluctuation_exponent, net_scan, net_verdicts, run_net
from gardner.fieldtheory.potential import SymmetryBreaking
from gardner.fieldtheory.relu_net import hessian_product, initial_weights, load_data, loss_gradients, sharpness
from gardner.fieldtheory.weight_dynamics import MERGING, WeightChain
from gardner.fieldtheory.weight_runs import (
    WeightPlan,
    restoring_coefficient,
    run_weight,
    scans,
    vanishing_rate,
    weight_verdicts,
)


@pytest.fixture(scope="module")
def weight(tmp_path_factory):
    """μ = 0.8, λ = 1.5: η_c = 1.306, 1/μ² = 1.5625, bands merge at 2.497; none of them coincide."""
    theory = SymmetryBreaking(0.8, 1.5, 1)
    plan = WeightPlan(tuple(np.linspace(0.1, 2.9, 29)), theory, steps=300, burn=300, runs=8, blocks=4, noise=0.05)
    return scans(run_weight(plan, tmp_path_factory.mktemp("weight") / "parts"))


def by_name(plan, found):
    return {verdict.claim: verdict for verdict in weight_verdicts(plan, found)}


def test_gradient_descent_obeys_stability_and_not_the_critical_rate(weight):
    """Off the grid by at most half a spacing, 0.05; no chance involved."""
    verdicts = by_name(*weight)
    assert verdicts["gd: the minimum is left at 2/λ_max = 1/μ²"].agrees
    assert verdicts["gd: order vanishes where the bands of the cubic map merge, (3√3/2 - 1)/μ²"].agrees
    assert not verdicts["gd: order vanishes at η_c = 2μ/√λ"].agrees
    assert not verdicts["gd: m² = -μ² + bη² with b = ¼λ"].agrees
    assert verdicts["gd: m² = -μ² + bη² with b = ¼λ"].effect == pytest.approx(0.0, abs=1e-9)


def test_jittered_weights_realise_the_source_and_noise_does_not(weight):
    """Positive control: |z| < 3 in b, false-alarm rate 0.3 % plus grid."""
    verdicts = by_name(*weight)
    assert verdicts["smoothed: order vanishes at η_c = 2μ/√λ"].agrees
    coefficient = verdicts["smoothed: m² = -μ² + bη² with b = ¼λ"]
    assert coefficient.agrees and coefficient.error < 0.02 * coefficient.expected
    assert not replace(coefficient, expected=1.2 * coefficient.expected).agrees
    assert not verdicts["sgd: m² = -μ² + bη² with b = ¼λ"].agrees


def test_mean_gradient_of_jittered_weights_is_that_of_the_shifted_mass():
    """Exact in the mean, for several components; |z| < 4.5 in six numbers, false-alarm rate 5e-5."""
    rng = np.random.default_rng(2)
    for components in (1, 2, 3):
        theory = SymmetryBreaking(1.0, 0.8, components)
        chain = WeightChain("x", 1, theory, "smoothed", 1.3, 0.0, 100_000, 10, 0, (1,))
        w = np.tile(np.cos(np.arange(components) + 1.0), (chain.runs, 1))
        moved = (w - chain.move(w, rng)) * theory.mu**2 / 0.02
        expected = (theory.mass2(1.3) + 0.8 * (w[0] @ w[0])) * w[0]
        error = moved.std(axis=0) / chain.runs**0.5
        assert (np.abs(moved.mean(axis=0) - expected) < 4.5 * error).all()
        assert (np.abs(moved.mean(axis=0) - expected + 0.25 * 0.8 * 1.3**2 * w[0]) > 4.5 * error).all()


def test_gradient_descent_is_the_cubic_map_and_its_bands_merge_where_said():
    theory = SymmetryBreaking(0.9, 2.0, 1)
    scale = theory.order_parameter(0.0)
    chain = WeightChain("x", 1, theory, "gd", 1.2 / theory.mu**2, 0.0, 2, 50, 0, (1,))
    state = chain.start()
    start = state["w"][0, 0] / scale
    mean = np.abs(chain.step(state, 0)[1]["mean"][0, 0]) / scale
    assert mean == pytest.approx(cubic_map_mean(1.2, start, 51, 0) * 51 / 50 - 0.0, abs=0.05)
    below, above = (cubic_map_mean(MERGING + s, 0.4, 40_000, 1000) for s in (-0.02, 0.05))
    assert below > 0.5 > 0.1 > above


def test_multiplet_with_noise_loses_its_direction(tmp_path):
    """D = 3: the mean over four windows is shorter than over one, by far more than its error."""
    theory = SymmetryBreaking(1.0, 1.0, 3)
    plan = WeightPlan((0.2, 0.3, 0.4), theory, ("sgd",), steps=300, burn=50, runs=12, noise=0.3)
    plan, found = scans(run_weight(plan, tmp_path / "parts"))
    verdict = by_name(plan, found)["sgd: |<w>| does not depend on the window (smallest η)"]
    assert not verdict.agrees and verdict.effect < 1.0


def test_diverged_runs_are_counted_and_never_averaged():
    theory = SymmetryBreaking(1.0, 1.0, 1)
    chain = WeightChain("x", 1, theory, "gd", 2.5, 0.0, 4, 200, 0, (1,))
    _, record = chain.step(chain.start(), 0)
    assert np.isnan(record["mean"]).all()


def test_coefficient_and_vanishing_rate_of_the_exact_formula(weight):
    plan, found = weight
    theory, rates = plan.theory, np.array(plan.rates)
    order = np.array([theory.order_parameter(rate) for rate in rates])
    exact = replace(found[0], order=order, long_order=order, order_error=0.0 * order, diverged=0.0 * order)
    b, error, used = restoring_coefficient(exact, theory)
    assert b == pytest.approx(0.25 * theory.coupling, rel=1e-10) and error < 1e-10 and used >= 5
    rate, half = vanishing_rate(exact, theory.order_parameter(0.0))
    assert abs(rate - theory.critical_rate) <= half * (1 + 1e-9)


@pytest.fixture(scope="module")
def data():
    return load_data("synthetic", 3)


def test_net_gradient_and_sharpness_are_derivatives_of_its_loss(data):
    x, y = data
    rng = np.random.default_rng(1)
    weights = initial_weights((64, 5, 10), rng)
    direction = [rng.standard_normal(W.shape) for W in weights]
    step = 1e-6
    up, down = (loss_gradients([W + s * step * d for W, d in zip(weights, direction)], x, y)[0] for s in (1, -1))
    gradients = loss_gradients(weights, x, y)[1]
    slope = sum(float((g * d).sum()) for g, d in zip(gradients, direction))
    assert slope == pytest.approx((up - down) / (2 * step), rel=1e-5)
    # one layer: the Hessian of softmax regression by brute force
    small, labels = x[:40, :3], y[:40]
    one = [0.3 * rng.standard_normal((10, 3))]
    columns = []
    for e in np.eye(30):
        moved = [loss_gradients([one[0] + s * 1e-5 * e.reshape(10, 3)], small, labels)[1][0].ravel() for s in (1, -1)]
        columns.append((moved[0] - moved[1]) / 2e-5)
    largest = np.linalg.eigvalsh(0.5 * (np.array(columns) + np.array(columns).T)).max()
    assert sharpness(one, small, labels) == pytest.approx(largest, rel=1e-3)
    # and the Hessian of the ReLU net along one direction, within one piece of it
    moved = [loss_gradients([W + s * 1e-7 * d for W, d in zip(weights, direction)], x[:20], y[:20])[1] for s in (1, -1)]
    for exact, a, b in zip(hessian_product(weights, direction, x[:20], y[:20]), *moved):
        np.testing.assert_allclose(exact, (a - b) / 2e-7, atol=1e-5)


def test_order_parameter_is_one_for_a_net_at_rest_and_correlations_are_coefficients(data):
    chain = NetChain("x", 4, "synthetic", (64, 8, 8, 10), 1e-9, 0.5, 16, 10, 3, (1, 0))
    state = chain.start()
    state, record = chain.step(state, 0)
    np.testing.assert_allclose(record["order"], 1.0, atol=1e-10)
    assert [chain.rate_at(i) / 1e-9 for i in range(4)] == pytest.approx([1.0, 1.0, 0.5, 0.5])
    np.testing.assert_allclose(np.diag(record["layer_correlation"]), 1.0)
    series = np.random.default_rng(2).standard_normal((50, 3))
    np.testing.assert_allclose(correlations(series), np.corrcoef(series.T))
    first, second = (np.random.default_rng(s).standard_normal(shape) for s, shape in ((1, (6, 4)), (2, (3, 6))))
    expected = np.corrcoef((first**2).sum(axis=1), (second**2).sum(axis=0))[0, 1]
    assert unit_correlations([first, second])[0] == pytest.approx(expected)


def test_gradient_variance_falls_with_the_size_of_the_batch(data):
    """A quarter for four times the batch (drawn with replacement); 40 % allowed for 16 probes."""
    x, y = data
    rng = np.random.default_rng(4)
    weights = initial_weights((64, 16, 10), rng)
    small, large = (gradient_variance(weights, x, y, batch, rng)[0] for batch in (16, 64))
    np.testing.assert_allclose(small / large, 4.0, rtol=0.4)


def test_net_scan_reports_loss_of_training_and_the_effect_of_the_drop(tmp_path):
    """The largest rate diverges; φ stays near one at all others: the order does not vanish where training is lost."""
    plan = NetPlan((0.05, 0.2, 0.5, 20.0), (16, 16), steps=30, windows=6, seeds=2, seed=2)
    dataset = run_net(plan, tmp_path / "parts")
    plan, scan = net_scan(dataset)
    assert scan.lost[-1] == 1.0 and (scan.lost[:3] == 0.0).all()
    assert (scan.order[:3] > 0.9).all() and np.isnan(scan.order[-1])
    verdicts = {verdict.claim: verdict for verdict in net_verdicts(plan, scan)}
    assert any("lost at 2/λ_max of the first weights" in claim for claim in verdicts)
    assert not verdicts["net: φ has vanished (below ½) at the last η that trains"].agrees
    assert {"order", "gradient_variance", "layer_correlation", "unit_correlation"} <= set(dataset)
    exact = replace(scan, order=1.0 - 1e-3 * scan.rates**2, lost=0.0 * scan.lost)
    assert fluctuation_exponent(exact)[0] == pytest.approx(2.0)


def test_digits_come_from_the_extra_or_one_line_says_what_to_do():
    try:
        import sklearn  # noqa: F401
    except ModuleNotFoundError:
        with pytest.raises(ValueError, match="gardner\\[digits\\]"):
            load_data("digits")
        with pytest.raises(ValueError, match="scikit-learn"):
            run_net(NetPlan((0.1, 0.2, 0.3), data="digits"), None)


def test_digits_are_learned_as_the_synthetic_data_are(tmp_path):
    pytest.importorskip("sklearn")
    plan = NetPlan((0.05, 0.1, 0.2), (16,), data="digits", steps=50, windows=4, seeds=2)
    _, scan = net_scan(run_net(plan, tmp_path / "parts"))
    assert (scan.accuracy > 0.5).all()


@pytest.mark.parametrize(
    "options",
    [{"rates": (0.1, 0.2)}, {"rates": (0.1, -0.2, 0.3)}, {"dynamics": ("adam",)}, {"noise": 0.0}, {"runs": 1}],
)
def test_impossible_scans_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        WeightPlan(**({"rates": (0.1, 0.2, 0.3)} | options))
