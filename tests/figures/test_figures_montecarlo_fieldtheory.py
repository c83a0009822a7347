"""Monte Carlo and field-theory figures: the physics in their plotted data, at sizes below the drafts."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex

from gardner.figures import FIGURES
from gardner.figures.workspace import Workspace
from gardner.plotting import style
from gardner.results.solution import from_attribute, to_attribute


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("figures") / "cache")


def picture_of(name, work, **smaller):
    """A figure with DRAFT made smaller; every panel of it must be labelled."""
    module = FIGURES[name]
    picture = module.make(replace(module.DRAFT, **smaller), work)
    for axis in picture.drawing.axes:
        assert axis.get_xlabel() or axis.get_label() == "<colorbar>"
    assert any(axis.get_ylabel() for axis in picture.drawing.axes)
    return picture


def data_of(name, work, **smaller):
    """Plotted data of `picture_of`."""
    return picture_of(name, work, **smaller).data


def is_marked(axis) -> bool:
    """Does a panel say by its colour that it is no test?"""
    return to_hex(axis.get_facecolor()) == to_hex(style.NO_TEST["facecolor"])


def legend_words(picture) -> set[str]:
    """What the legends of a picture and of its panels say."""
    legends = [*picture.drawing.legends, *(axis.get_legend() for axis in picture.drawing.axes)]
    return {text.get_text() for legend in legends if legend is not None for text in legend.get_texts()}


def test_output_layer_relaxes_slowest_and_centre_fast(work):
    picture = picture_of("mc-relaxation", work, sweeps=1500, samples=2)
    data = picture.data
    late = data.C_bond.isel(waiting=-1).sel(lag=1000)
    assert late.sel(bond_layer=10) > late.sel(bond_layer=5) + 0.2
    assert late.sel(bond_layer=10) > late.sel(bond_layer=1)
    first = data.C_bond.isel(waiting=-1).sel(lag=0)
    np.testing.assert_allclose(first, 1.0, atol=1e-9)

    # each curve has its band, each relaxation time that was reached its bar
    assert all(len(axis.collections) == 10 for axis in picture.drawing.axes[:3])
    reached = np.isfinite(data.tau_bond)
    assert reached.any() and (data.tau_bond_error[reached] >= 0.0).all()
    assert picture.drawing.axes[3].containers[0].has_yerr


def test_guests_keep_more_than_replicas_at_the_output(work):
    picture = picture_of("mc-overlaps", work, alphas=(2.0, 8.0), sweeps=(600, 600), samples=2)
    data = picture.data
    dense = data.sel(alpha=8.0, bond_layer=4)
    assert dense.Q.sel(kind="guest") > abs(dense.Q.sel(kind="replica")) + 0.2
    np.testing.assert_allclose(data.Q_theory.sel(alpha=2.0), 0.0, atol=1e-6)  # below the first transition
    assert (dense.Q_theory > 0.2).all()
    assert not data.equilibrated.any()
    assert all(is_marked(axis) for axis in picture.drawing.axes)
    assert style.NO_TEST["label"] in legend_words(picture)


def test_a_panel_is_marked_where_its_run_is_not_equilibrated_and_nowhere_else(work):
    from gardner.figures import mc_overlaps
    from gardner.plotting.montecarlo import kinds_by_layer, panels

    settings = replace(mc_overlaps.DRAFT, alphas=(2.0, 8.0), sweeps=(600, 600), samples=2)
    point = mc_overlaps.gather(settings, work).isel(alpha=0)
    for equilibrated in (True, False):
        axis = style.figure()[1]
        kinds_by_layer(axis, point.assign(equilibrated=equilibrated), "q")
        assert is_marked(axis) != equilibrated

    # the picture of any run keeps to the same
    data = work.monte_carlo(mc_overlaps.run(settings, 2.0, 600))
    for equilibrated in (False, True):
        body = from_attribute(data.attrs["document"]) | {"equilibrated": equilibrated}
        drawing = panels(data.assign_attrs(document=to_attribute(body)))
        assert [is_marked(axis) for axis in drawing.axes] == [False, not equilibrated, False]


def test_planted_matching_raises_bonds_and_its_null_is_not_small(work):
    picture = picture_of("mc-planted", work, depths=(4,), dilutions=(0.4,), sweeps=500, samples=3)
    data = picture.data
    assert "not equilibrated" in data.attrs["status"] and is_marked(picture.drawing.axes[0])
    assert style.NO_TEST["label"] in legend_words(picture)
    rows = data.where((data.overlap == "Q") & (data.layer < 4), drop=True)

    def mean(kind):
        return float(rows["mean"][rows.kind == kind].mean())

    assert mean("raw") < mean("matched") <= 1.0
    assert mean("null") > 0.3


def test_energy_falls_and_annealing_beats_greed(work):
    smaller = {"sweeps": 600, "samples": 3, "alphas": (1.0, 16.0), "quench_alphas": (0.5, 4.0)}
    picture = picture_of("mc-energy-error", work, **smaller)
    data = picture.data
    for name in ("random", "planted"):
        assert data[f"{name}_energy"][-1] < 0.1 * data[f"{name}_energy"][0]
    last = data.final.sel(alpha=16.0)
    assert last.sel(schedule="annealed") < last.sel(schedule="greedy")
    assert data.final.sel(alpha=1.0, schedule="annealed") < 0.1
    assert (data.fresh >= data.final - 0.02).all()

    # zero error at T = 0 is drawn as it was measured, and is out of reach at the temperature of the quenches
    drawn = [container.lines[0].get_ydata() for container in picture.drawing.axes[-1].containers]
    for schedule, values in zip(("annealed", "greedy"), drawn):
        np.testing.assert_array_equal(values, data.success.sel(schedule=schedule))
    assert data.success.sel(alpha=1.0, schedule="annealed") == 1.0 > data.success.sel(alpha=16.0, schedule="annealed")
    warm, cold = (data.quench_wrong.isel(beta=i).sel(quench_alpha=0.5) for i in (0, 1))
    assert warm > 0.2 > 0.1 > cold
    np.testing.assert_array_equal(drawn[2], data.quench_success.isel(beta=-1))
    # fresh and training errors differ by what was not seen in training
    assert data.seen.sel(alpha=1.0) < 0.25 and data.seen.sel(alpha=16.0) > 0.95
    gap = (data.fresh - data.final).sel(schedule="annealed")
    assert abs(gap.sel(alpha=16.0)) < 0.1 < gap.sel(alpha=1.0)


def test_closures_coincide_for_one_layer_and_differ_for_two(work):
    data = data_of("theory-vs-mc", work)
    one, two = data.depth == 1, data.depth == 2
    np.testing.assert_allclose(data.symmetric[one], 0.728298, atol=1e-5)
    np.testing.assert_allclose(data.directed[one], data.symmetric[one], atol=1e-5)
    assert abs(data.directed[two] - data.symmetric[two]).min() > 1e-3

    # the control agrees with theory, two layers have a limit whose error exceeds what tells the closures apart
    assert (abs(data["limit"] - data.symmetric)[one] < 4.0 * data.limit_error[one]).all()
    assert (data.limit_error[two] > abs(data.directed - data.symmetric)[two]).all()
    assert not data.excluded[one].all() and data.excluded[two].any()


def test_a_limit_that_is_no_overlap_is_announced():
    from types import SimpleNamespace

    from gardner.figures.theory_vs_mc import remark

    def comparison(*values):
        return SimpleNamespace(limit=SimpleNamespace(value_k=np.array(values)) if values else None)

    assert remark(comparison(0.9, 0.99)) == ""
    assert "exceeds 1" in remark(comparison(0.9, 1.01))
    assert "means only" in remark(comparison())


def test_potential_has_its_minima_where_the_order_parameter_says(work):
    data = data_of("ssb-potential", work)
    for ratio in data.ratio.values:
        curve = data.potential.sel(ratio=ratio)
        lowest = abs(float(curve.weight[int(np.argmin(curve.values))]))
        assert lowest == pytest.approx(float(data.order_parameter.sel(ratio=ratio)), abs=0.02)
    np.testing.assert_allclose(data.order_parameter.sel(ratio=[1.0, 1.2]), 0.0, atol=1e-12)


def test_goldstone_ring_is_flat_and_lowest(work):
    data = data_of("ssb-goldstone", work)
    np.testing.assert_allclose(data.potential.std("angle"), 0.0, atol=1e-12)
    assert float(data.potential.min()) == pytest.approx(-1.0, abs=2e-3)
    np.testing.assert_allclose(data.hessian, [0.0, 0.0, -2.0 * data.attrs["mass2"]], atol=1e-12)


def test_free_propagator_agrees_and_sigma_is_shorter_ranged_than_pi(work):
    data = data_of("ssb-propagators", work, blocks=16, sweeps=20)
    for place in (0, 1):
        exact = np.interp(data.lattice_t_free, data[f"t_free_{place}"], data[f"theory_free_{place}"])
        z = (data[f"measured_free_{place}"] - exact) / data[f"error_free_{place}"]
        assert abs(z).max() < 5.0  # nine correlated distances, 31 degrees of freedom: false alarm below 2e-4
    assert data.measured_ordered_1[1] > 3.0 * data.measured_ordered_0[1]

    # σ at t = 0: the loop accounts for what the potential alone does not (62 degrees of freedom at most, order λ² left)
    def off(curve):
        return abs(data.measured_ordered_0[0] - data[f"theory_ordered_{curve}"][0]) / data.error_ordered_0[0]

    assert off(0) < 4.0 and off(2) > 8.0
    assert data.theory_ordered_2[0] == pytest.approx(0.1768, abs=1e-4)

    # 1/G(p): π begins at zero and σ at its mass², the quoted ones at |m²| and ¼λη²
    sigma, pi, quoted_sigma, quoted_pi = (data[f"theory_inverse_{i}"] for i in range(4))
    assert pi[0] == pytest.approx(float(data.t_inverse_1[0]), rel=0.02) and 2.4 < sigma[0] < 2.7
    assert (quoted_sigma[0], quoted_pi[0]) == (2.0, pytest.approx(1.125))
    slope = (data.measured_inverse_1 / data.lattice_t_inverse_1).values
    np.testing.assert_allclose(slope, 1.0, atol=0.25)


def test_zero_modes_are_as_predicted_in_every_net(work):
    data = data_of("ssb-hessian", work)
    np.testing.assert_array_equal(data.counted, data.predicted)
    assert (data.gap > 1e3).all()
    below = data.ratio < 1.0
    np.testing.assert_allclose(data.pi_mass2[below], 0.0, atol=1e-12)
    np.testing.assert_allclose(data.sigma_mass2[below], 2.0 * data.quoted_sigma_mass2[below], atol=1e-9)


def test_only_jittered_weights_follow_the_formula(work):
    data = data_of("ssb-learning-rate", work, points=9, count=3, replicas=4, samples=2, steps=10, blocks=4)
    np.testing.assert_allclose(data.net_steps * data.net_rate, 10 * 2.56, rtol=0.01)  # all have trained equally far
    middle = data.sel(rate=data.rate[(data.rate > 0.5) & (data.rate < 1.5)])
    formula = np.sqrt(1.0 - 0.25 * middle.rate**2)
    np.testing.assert_allclose(middle.order.sel(dynamics="smoothed"), formula, atol=0.05)
    assert abs(middle.order.sel(dynamics="gd") - formula).max() > 0.1
    assert (np.diff(data.net_order) < 0.0).all()  # larger steps, more noise
    assert data.net_order[-1] < data.net_order[0] - 0.05
