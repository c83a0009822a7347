"""`gardner ultrametric`, `gardner show --gaps`, structured boundaries of `gardner solve random`."""

import numpy as np
import pytest
import xarray as xr

HEADER = {"command", "parameters", "version", "seed", "status", "seconds"}
CASE = ("solve", "random", "--alpha", "12", "--depth", "3", "--levels", "4")


@pytest.fixture
def saved(cli):
    assert cli(*CASE, "--out", "run.nc").code == 0
    return cli


def test_hierarchy_document_file_and_figures(saved, tmp_path):
    outcome = saved(
        "ultrametric", "run.nc", "--replicas", "30", "--seed", "4", "--out", "tree.nc", "--plot", "u.svg", "--json"
    )
    document = outcome.document
    assert outcome.code == 0 and set(document) >= HEADER | {"spin", "bond", "tree", "m", "figures"}
    assert document["seed"] == 4 and document["command"] == "ultrametric"
    assert [layer["layer"] for layer in document["bond"]] == [1, 2, 3]
    assert sum(document["bond"][0]["weight"]) == pytest.approx(1.0)
    assert sorted(document["tree"]["order"]) == list(range(30))
    assert all((tmp_path / name).is_file() for name in document["figures"])
    with xr.open_dataset(tmp_path / "tree.nc", engine="h5netcdf") as stored:
        assert stored["overlap_matrix_bond"].sizes == {"bond_layer": 3, "replica": 30, "replica_other": 30}
        assert stored.attrs["kind"] == "ultrametric" and stored.attrs["seed"] == 4
    again = saved("ultrametric", "run.nc", "--replicas", "30", "--seed", "4", "--json").document
    assert again["tree"] == document["tree"]
    table = saved("ultrametric", "run.nc", "--layers", "1,2")
    assert table.code == 0 and "levels alive" in table.out


def test_replicas_of_a_monte_carlo_file(cli, tmp_path):
    run = ("mc", "random", "--width", "6", "--depth", "2", "--alpha", "1", "--beta", "0.01", "--sweeps", "400")
    assert cli(*run, "--samples", "4", "--replicas", "6", "--out", "mc.nc").code == 0
    outcome = cli("ultrametric", "mc.nc", "--bins", "20", "--out", "o.nc", "--plot", "mc.png", "--json")
    document = outcome.document
    assert outcome.code == 0 and len(document["bond"]) == 2
    assert [layer["layer"] for layer in document["spin"]] == [1]  # the ends are imposed
    layer = document["bond"][0]
    assert len(layer["density"]) == 20 and layer["samples"] == 4 and layer["triples"] == 20
    difference = layer["violations"]["mean"] - layer["null_violations"]["mean"]
    errors = np.hypot(layer["violations"]["error"], layer["null_violations"]["error"])
    assert abs(difference) < 5.0 * errors  # at a high temperature the overlaps are the null
    with xr.open_dataset(tmp_path / "o.nc", engine="h5netcdf") as stored:
        assert stored["violations_mean_bond"].sizes == {"bond_layer": 2}
    assert "null" in cli("ultrametric", "mc.nc").out
    assert cli(*run, "--samples", "1", "--out", "two.nc").code == 0
    refused = cli("ultrametric", "two.nc")
    assert refused.code == 2 and "at least 3" in refused.err and len(refused.err.splitlines()) == 1


def test_gaps_of_a_solution(saved, tmp_path):
    document = saved("show", "run.nc", "--gaps", "--plot", "gaps.pdf", "--json").document
    assert set(document) >= HEADER | {"gaps", "setting", "margin", "potential"}
    layers, r = document["gaps"]["layers"], np.array(document["gaps"]["r"])
    assert [layer["layer"] for layer in layers] == [1, 2, 3] and r[0] == 0.0
    for layer in layers:
        assert layer["normalisation_error"] < 1e-9 and layer["identity_error"] < 1e-9
        assert layer["density"][0] == pytest.approx(layer["wall_density"])
    assert (tmp_path / "gaps.pdf").read_bytes().startswith(b"%PDF")
    columns = np.loadtxt(tmp_path / "gaps.csv", delimiter=",", skiprows=1)
    assert columns.shape == (len(r), 1 + 2 * 3)
    assert "contacts" in saved("show", "run.nc", "--gaps").out


def test_gaps_of_a_planted_solution_are_half_gaussian(cli):
    assert cli("solve", "planted", "--alpha", "5", "--depth", "2", "--out", "p.nc").code == 0
    document = cli("show", "p.nc", "--gaps", "--json").document
    assert document["setting"] == "planted"
    for layer in document["gaps"]["layers"]:
        assert layer["wall_density"] == pytest.approx(np.sqrt(2.0 / np.pi))
    assert "Nishimori" in cli("show", "p.nc", "--gaps").out


def test_structured_input_is_solved_saved_and_shown(cli, tmp_path):
    (tmp_path / "steps.txt").write_text("0 0.3\n0.6 0.8\n")
    arguments = (*CASE, "--input-overlap", "steps.txt", "--output-overlap", "0.9", "--out", "s.nc", "--json")
    document = cli(*arguments).document
    assert document["m"] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert document["q"][0] == pytest.approx([0.3] * 3 + [0.8] * 2) and document["q"][3] == pytest.approx([0.9] * 5)
    assert document["parameters"]["input_overlap"] == document["q"][0]
    layers = cli("ultrametric", "s.nc", "--json").document["spin"]
    assert [layer["layer"] for layer in layers] == [0, 1, 2, 3] and layers[0]["levels_alive"] == 1


WRONG = {
    "overlap above one": (*CASE, "--input-overlap", "1.2"),
    "falling overlaps": (*CASE, "--output-overlap", "0.9,0.2@0.5"),
    "breakpoint missing": (*CASE, "--input-overlap", "0.2,0.9"),
    "no such file": (*CASE, "--input-overlap", "nowhere.txt"),
    "no file": ("ultrametric", "missing.nc"),
    "gaps of no file": ("show", "missing.nc", "--gaps"),
    "one replica": ("ultrametric", "run.nc", "--replicas", "1"),
    "layer of no such number": ("ultrametric", "run.nc", "--layers", "9"),
    "layer is text": ("ultrametric", "run.nc", "--layers", "a"),
    "negative seed": ("ultrametric", "run.nc", "--seed", "-1"),
    "figure format": ("ultrametric", "run.nc", "--plot", "u.xyz"),
    "existing file": ("ultrametric", "run.nc", "--out", "run.nc"),
}


def test_wrong_input_is_one_line_and_exit_2(saved, tmp_path):
    before = sorted(tmp_path.iterdir())
    for name, arguments in WRONG.items():
        outcome = saved(*arguments, "--json")
        assert outcome.code == 2 and outcome.out == "", name
        assert len(outcome.err.strip().splitlines()) == 1 and outcome.err.startswith("gardner: "), name
    assert sorted(tmp_path.iterdir()) == before
