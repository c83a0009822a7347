"""Figures of fronts, trees, the planted crystal, closures, gaps and capacity, drawn from small settings.

Their data obey the theory. Nothing here is statistical.
"""

import dataclasses
import math

import numpy as np
import pytest

from gardner.figures import FIGURES
from gardner.figures.workspace import Workspace

SMALL = {
    "penetration": {"levels": 10, "layers": 2, "planted_layers": 7},
    "ultrametric-tree": {"levels": 20},
    "structured-inputs": {"levels": 9},
    "planted-profiles": {},
    "crystal-transition": {"depths": (2, 3, 4), "loop": 4, "points": 12, "span": (1.0, 60.0)},
    "generalization": {"depths": (1, 2, 4), "deepest": 5, "points": 14},
    "closures": {"alpha": 20.0, "depth": 6, "levels": 3},
    "gap-distribution": {"alpha": 20.0, "depth": 6, "levels": 10},
    "capacity": {"lowest": -0.5, "points": 1, "steps": 3, "depths": (1, 2, 3)},
    "bayes-inequality": {"depths": (2, 3), "points": 6},
    "binary-transitions": {
        "depths": (1, 2), "points": 8, "counted": (5, 8), "runs": (1 / 3,), "sweeps": (20, 20), "samples": 2,
    },
    "liquid-fluctuations": {},
}  # fmt: skip
ALPHA_1 = math.pi**2 / 4.0


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """Each figure drawn once from its small settings, parts kept in one folder."""
    work, drawn = Workspace(tmp_path_factory.mktemp("parts")), {}

    def draw(name):
        if name not in drawn:
            module = FIGURES[name]
            drawn[name] = module.make(dataclasses.replace(module.DRAFT, **SMALL[name]), work)
        return drawn[name]

    return draw


@pytest.mark.parametrize("name", SMALL)
def test_panels_are_labelled_and_data_can_be_saved(picture, name, tmp_path):
    found = picture(name)
    outer = [axis for axis in found.drawing.axes if axis.get_visible()]
    assert any(axis.get_xlabel() for axis in outer)
    assert any(axis.get_ylabel() for axis in outer) or found.drawing.get_supylabel()
    # the bottom panels carry the quantity of the horizontal axis
    lowest = min(axis.get_position().y0 for axis in outer)
    assert all(axis.get_xlabel() for axis in outer if axis.get_position().y0 < lowest + 1e-6 and axis.lines)
    assert found.data.sizes
    found.data.to_netcdf(tmp_path / "data.nc")


@pytest.mark.parametrize("name", SMALL)
def test_draft_and_paper_differ_in_numbers_of_points_and_levels_only(name):
    module = FIGURES[name]
    draft, paper = dataclasses.asdict(module.DRAFT), dataclasses.asdict(module.PAPER)
    allowed = {"levels", "points", "steps", "sweeps", "samples"}
    assert {key for key in draft if draft[key] != paper[key]} <= allowed


def test_planted_fronts_accelerate_unless_directed(picture):
    data = picture("penetration").data
    symmetric, directed = (
        data["alpha"].sel(case=f"planted, {closure}").values for closure in ("symmetric", "directed")
    )
    assert symmetric[:6] == pytest.approx([ALPHA_1, 12.915626, 38.4213, 88.8668, 172.622, 289.847], rel=1e-5)
    assert (np.diff(1.0 / np.diff(np.log(symmetric))) > 0.0).all()
    assert directed[-1] / directed[-2] == pytest.approx(ALPHA_1, rel=0.06)
    verdicts = dict(zip(data["case"].values, data["verdict"].values))
    assert verdicts == {"random, symmetric": "undecided", "planted, symmetric": "bent", "planted, directed": "straight"}
    assert np.nanmax(abs(data["residual"].sel(case="planted, directed"))) < 0.02
    # window of the directed line: α > 100
    assert np.isnan(data["residual"].sel(case="planted, directed")[:3]).all()
    random = data.sel(case="random, symmetric")
    assert random["alpha_low"][1] < 16.0667 < random["alpha_high"][1]


def test_the_title_of_a_front_says_what_the_command_says(picture):
    """The residuals of the directed front are a U far behind its tip: straight to what the title says."""
    found = picture("penetration")
    *_, directed = (axis.get_title() for axis in found.drawing.axes if axis.get_title())
    whole, window = (line.split(": ")[-1] for line in directed.splitlines())
    assert whole == "not straight" and window.startswith("straight to ") and window.endswith("(α ≥ 100)")
    front = found.data.sel(case="planted, directed")
    assert abs(float(front["bend"])) < float(window.split()[2]) / 100.0 < 0.25


def test_layer_two_keeps_a_truncation_of_the_tree_of_layer_one(picture):
    data = picture("ultrametric-tree").data
    first, second, third = (data["overlap_matrix_bond"].sel(bond_layer=layer).values for layer in (1, 2, 3))
    assert data["levels_alive_bond"].sel(bond_layer=[1, 2, 3]).values.tolist() == [10, 2, 0]
    # ultrametric: the smallest two of three overlaps are equal, in every layer
    for matrix in (first, second):
        assert (matrix >= np.minimum(matrix[:, :, None], matrix[:, None, :]).min(axis=0) - 1e-9).all()
    off = ~np.eye(len(first), dtype=bool)
    threshold = first[off & (second > 1e-6)].min()
    assert (second[off & (first < threshold - 1e-6)] < 1e-6).all() and threshold > 0.7
    assert third[off].max() < 1e-6


def test_a_hierarchy_of_inputs_loses_its_coarse_levels(picture):
    from gardner.analysis.ultrametric import alive_levels

    data = picture("structured-inputs").data
    structured = data["q_structured"].values
    assert [alive_levels(q_i).sum() for q_i in structured[:5]] == [5, 3, 2, 1, 0]
    m = data["m_lower_structured"].values
    for l, opening in ((1, 0.4), (2, 0.6), (3, 0.8)):
        assert structured[l, m < opening - 1e-9].max() < 1e-8 < 0.05 < structured[l, m > opening - 1e-9].min()
    fixed = data["q_fixed"].values
    assert alive_levels(fixed[1]).sum() > 5 and (fixed[1:4, -1] > structured[1:4, -1]).all()
    assert np.abs(structured[-4:, -1] - fixed[-4:, -1]).max() < 1e-3  # the output side does not feel the input


def test_profiles_have_both_ends_or_the_output_solid_and_a_crystal_at_one(picture):
    found = picture("planted-profiles")
    data = found.data
    assert np.abs(data["Q"].sel(closure="symmetric") - data["Q"].sel(closure="symmetric")[..., ::-1]).max() < 1e-8
    liquid = data["Q"].sel(closure="directed", start="liquid")
    assert liquid.sel(bond_layer=slice(1, 14)).max() < 1e-8 and liquid.sel(bond_layer=20, alpha=250) > 0.99
    assert data["Q"].sel(start="crystal", alpha=[40, 100, 150, 250]).min() > 0.99
    single = (data["stable"] == "single").sum().item()
    curves = [line for axis in found.drawing.axes for line in axis.get_lines()]
    assert single == 4 and len(curves) == 2 * (2 * data["stable"].size - single)  # single branches are drawn once


def test_crystal_transitions_and_the_loop(picture):
    data = picture("crystal-transition").data
    symmetric = data["crystal"].sel(closure="symmetric").values
    assert symmetric == pytest.approx([9.93143, 16.44872, 24.85172], rel=1e-6)
    assert np.isnan(data["crystal"].sel(closure="directed", depth=[2, 3])).all()
    assert float(data["crystal"].sel(closure="directed", depth=4)) == pytest.approx(19.370, abs=1e-3)
    assert float(data["spinodal"].sel(closure="symmetric", depth=4)) == pytest.approx(12.1023, abs=1e-4)
    for closure in data["closure"].values:
        star, fold = (float(data[name].sel(closure=closure, depth=4)) for name in ("crystal", "spinodal"))
        loop = data.sel(closure=closure).dropna("alpha", subset=["free_entropy"])
        gain = loop["free_entropy"].sel(direction="down") - loop["free_entropy"].sel(direction="up")
        two = abs(loop["mean_Q"].diff("direction").isel(direction=0)) > 1e-6
        assert not two[loop["alpha"] < fold].any() and two[abs(loop["alpha"] / star - 1.0) < 0.2].all()
        assert (gain[two & (loop["alpha"] < star)] < 0.0).all() and (gain[two & (loop["alpha"] > star)] > 0.0).all()


def test_generalization_needs_every_layer_and_sets_in_with_the_crystal(picture):
    data = picture("generalization").data
    gibbs, bayes = data["gibbs"], data["bayes"]
    assert ((gibbs >= bayes - 1e-12) & (gibbs <= 0.5)).all() and (gibbs.diff("point") < 1e-9).all()
    single = data.sel(depth=1)
    assert np.abs(single["gibbs"].sel(closure="symmetric") - single["gibbs"].sel(closure="directed")).max() < 1e-8
    last = single.isel(point=-1)
    assert (last["gibbs"] * last["alpha"]).values == pytest.approx(0.625, rel=0.02)
    # directed, L = 4: 1/2 in the liquid, below in the crystal, either side of α*
    deep = data.sel(closure="directed", depth=4)
    liquid = deep["alpha"] < 19.3703594  # α*; two points of the curve lie 1e-7 to either side
    assert np.abs(deep["gibbs"][liquid] - 0.5).max() < 1e-6 and deep["gibbs"][~liquid].max() < 0.35
    assert deep["alpha"][~liquid].min() < 19.37037 and liquid.sum() > 5
    # errors grow with depth at every α
    assert (data["gibbs_of_depth"].diff("every_depth") > -1e-9).all()
    assert data["gibbs_of_depth"].sel(closure="symmetric", every_depth=1, fixed_alpha=3).item() < 0.2


def test_the_arrow_leaves_the_input_side_liquid(picture):
    data = picture("closures").data
    symmetric, directed = data["Q"].sel(closure="symmetric").values, data["Q"].sel(closure="directed").values
    assert np.abs(symmetric - symmetric[:, ::-1]).max() < 1e-6
    assert directed[:, :3].max() < 1e-6 and (directed[:, -2:] > 0.1).all()
    assert (data["Q"] >= 0.0).all() and (data["q"] <= 1.0).all()


def test_gaps_are_normalised_and_those_of_a_teacher_do_not_tell_layers_apart(picture):
    data = picture("gap-distribution").data
    for name in ("normalisation_error", "identity_error"):
        assert data[f"{name}_random"].max() < 1e-6
    half = 2.0 * np.exp(-0.5 * data["r_planted"] ** 2) / np.sqrt(2.0 * np.pi)
    assert np.abs(data["P_planted"] - half).max() < 1e-12
    assert np.abs(data["contacts_planted"].sel(bond_layer=1) - data["contacts_planted"].sel(bond_layer=3)).max() > 0.05
    wall = data["wall_density_random"].values
    assert wall[0] > wall[1] > wall[2] == pytest.approx(np.sqrt(2.0 / np.pi), abs=1e-5)
    assert (data["contacts_random"] <= data["P_random"] + 1e-12).all()


def test_capacity_of_a_negative_margin_falls_with_every_step(picture):
    data = picture("capacity").data
    row = data.sel(margin=-0.5)
    assert float(row["alpha_rs"]) == pytest.approx(4.770099, abs=1e-6)
    assert float(row["alpha_c"]) == pytest.approx(4.6965972, abs=3e-7)
    assert float(row["alpha_at"]) == pytest.approx(3.950701, abs=1e-6)
    steps = row["alpha_of_steps"].values
    assert steps[0] == pytest.approx(4.700139, abs=1e-6) and (np.diff(steps) < 0.0).all()
    assert float(data["alpha_c"].sel(margin=0.0)) == pytest.approx(2.0, abs=1e-12)
    assert float(data["alpha_at"].sel(margin=0.0)) == pytest.approx(2.0, abs=1e-12)  # α_AT goes on to its end


def test_capacity_against_depth_begins_at_gardners_two_and_stays_below_counting(picture):
    data = picture("capacity").data
    grown, bound = data["alpha_c_of_depth"], data["counting_bound_of_depth"]
    np.testing.assert_allclose(grown.sel(depth=1), 2.0, rtol=1e-9)
    assert (grown.diff("depth") > 0.0).all() and (grown <= bound * (1.0 + 1e-9)).all()
