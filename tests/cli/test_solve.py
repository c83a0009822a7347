"""`gardner solve random|sk`, `gardner show`: documents, files, exit codes, wrong input, interruption."""

import numpy as np
import pytest
from command import interrupted

import gardner

HEADER = {"command", "parameters", "version", "seed", "status", "seconds"}
RANDOM_KEYS = HEADER | {
    "setting", "closure", "alpha", "depth", "levels", "potential", "margin", "beta", "m", "q", "Q", "q_ea", "Q_ea",
    "free_entropy", "residual", "error", "discretisation_error", "stationarity", "leading_eigenvalue", "iterations",
}  # fmt: skip
SK_KEYS = HEADER | {"beta", "levels", "m", "q", "q_ea", "free_energy", "energy", "entropy"}
CASE = ("solve", "random", "--alpha", "6", "--depth", "3", "--parisi", "0.5")


def test_version(cli):
    outcome = cli("--version")
    assert (outcome.code, outcome.out.strip()) == (0, f"gardner {gardner.__version__}")


def test_random_document_has_every_key_and_the_reference_value(cli):
    outcome = cli(*CASE, "--json")
    document = outcome.document
    assert outcome.code == 0
    assert set(document) >= RANDOM_KEYS
    assert document["command"] == "solve random" and document["setting"] == "random"
    assert np.array(document["q"]).shape == (4, 2) and np.array(document["Q"]).shape == (3, 2)
    assert document["m"] == [0.5] and document["beta"] is None
    assert abs(document["free_entropy"] + 0.697974372) < 1e-6
    assert document["q_ea"] == [row[-1] for row in document["q"]]


def test_table_names_status_and_layers(cli):
    outcome = cli(*CASE)
    assert outcome.code == 0
    assert "converged" in outcome.out and "0.2441148" in outcome.out and "s = -0.697974372" in outcome.out


def test_file_round_trip_and_show(cli, tmp_path):
    assert cli(*CASE, "--out", "run.nc", "--plot", "run.svg").code == 0
    solution = gardner.load(tmp_path / "run.nc")
    assert solution.status == "converged" and solution.q_li.shape == (4, 2)
    assert solution.parameters["parisi"] == [0.5]
    shown = cli("show", "run.nc", "--plot", "again.pdf", "--json")
    assert shown.document["q"] == solution.q_li.tolist()
    assert (tmp_path / "again.pdf").read_bytes().startswith(b"%PDF")
    assert "<svg" in (tmp_path / "run.svg").read_text()
    table = np.loadtxt(tmp_path / "run.csv", delimiter=",", skiprows=1)
    assert np.allclose(table[:, 2:5].T, solution.Q_li)


def test_dataset_is_labelled(tmp_path):
    dataset = gardner.solve_random(6, 3, 2).to_dataset()
    assert dataset["q"].dims == ("layer", "x") and dataset["Q"].dims == ("bond_layer", "x")
    assert dataset.attrs["command"] == "solve random" and dataset.attrs["version"] == gardner.__version__
    assert dataset["m_upper"].values[-1] == 1.0


def test_existing_file_is_not_replaced_without_force(cli, tmp_path):
    (tmp_path / "run.nc").write_bytes(b"precious")
    refused = cli(*CASE, "--out", "run.nc")
    assert refused.code == 2 and "--force" in refused.err
    assert (tmp_path / "run.nc").read_bytes() == b"precious"
    assert cli(*CASE, "--out", "run.nc", "--force").code == 0
    assert gardner.load(tmp_path / "run.nc").status == "converged"


WRONG = {
    "negative alpha": ("--alpha", "-1"),
    "zero alpha": ("--alpha", "0"),
    "alpha is nan": ("--alpha", "nan"),
    "alpha is infinite": ("--alpha", "inf"),
    "alpha is text": ("--alpha", "six"),
    "alpha is absurd": ("--alpha", "1e300"),
    "margin is absurd": ("--margin", "1e200"),
    "m is absurd": ("--parisi", "1e-300,0.5"),
    "depth is absurd": ("--depth", "100000000"),
    "too many levels": ("--levels", "1000"),
    "no depth": ("--depth", "0"),
    "fractional depth": ("--depth", "2.5"),
    "m not increasing": ("--parisi", "0.5,0.4"),
    "m outside (0, 1)": ("--parisi", "0.5,1.2"),
    "m is text": ("--parisi", "a,b"),
    "negative levels": ("--levels", "-1"),
    "levels and parisi": ("--levels", "3", "--parisi", "0.5"),
    "beta zero": ("--potential", "soft", "--beta", "0"),
    "beta without temperature": ("--beta", "3"),
    "unknown potential": ("--potential", "spongy"),
    "tol zero": ("--tol", "0"),
    "unknown method": ("--method", "magic"),
    "no threads": ("--threads", "0"),
    "missing folder": ("--out", "nowhere/run.nc"),
    "figure format": ("--plot", "run.xyz"),
    "no such start": ("--from", "missing.nc"),
    "unknown option": ("--colour", "red"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_one_line_and_exit_2(cli, tmp_path, name):
    arguments = {"--alpha": "6", "--depth": "3"}
    extra = list(WRONG[name])
    for key in extra[::2]:
        arguments.pop(key, None)
    flat = [part for pair in arguments.items() for part in pair]
    outcome = cli("solve", "random", *flat, *extra, "--json")
    assert outcome.code == 2
    assert outcome.out == ""
    assert len(outcome.err.strip().splitlines()) == 1 and outcome.err.startswith("gardner: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a netCDF file", b"\x89HDF\r\n\x1a\n" + bytes(100)])
def test_a_file_that_is_no_solution_is_refused(cli, tmp_path, content):
    (tmp_path / "run.nc").write_bytes(content)
    for command in (("show", "run.nc"), (*CASE, "--from", "run.nc")):
        outcome = cli(*command)
        assert outcome.code == 2
        assert len(outcome.err.strip().splitlines()) == 1 and "run.nc" in outcome.err


def test_a_dataset_of_another_kind_is_refused(cli, tmp_path):
    import xarray as xr

    xr.Dataset({"t": ("x", np.arange(3.0))}).to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    outcome = cli("show", "other.nc")
    assert outcome.code == 2 and len(outcome.err.strip().splitlines()) == 1


def test_not_converged_is_exit_3_with_state_saved_and_advice(cli, tmp_path):
    outcome = cli(
        "solve", "random", "--alpha", "6", "--depth", "4", "--max-iterations", "2", "--out", "run.nc", "--json"
    )
    assert outcome.code == 3
    assert outcome.document["status"] == "stalled" and outcome.document["residual"] > 1e-9
    assert "--from" in outcome.err and "run.nc" in outcome.err
    finished = cli("solve", "random", "--alpha", "6", "--depth", "4", "--from", "run.nc", "--json")
    assert finished.code == 0 and finished.document["status"] == "converged"


def test_end_of_a_branch_is_a_result(cli):
    outcome = cli("solve", "random", "--alpha", "3", "--depth", "1", "--levels", "0", "--json")
    assert outcome.code == 3
    assert (
        outcome.document["status"] == "no_solution"
        and outcome.document["error"] is None
        and outcome.document["free_entropy"] is None
    )


def test_sk_document(cli):
    outcome = cli("solve", "sk", "--beta", "2", "--levels", "30", "--json")
    document = outcome.document
    assert outcome.code == 0 and set(document) >= SK_KEYS
    assert abs(document["free_energy"] + 0.791178) < 2e-6 and len(document["m"]) == 30


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--beta -2", "greater than 0"),
        ("", "either --beta or --zero-temperature"),
        ("--beta 2 --zero-temperature", "either --beta or --zero-temperature"),
        ("--zero-temperature --grid power", "leave it out"),
        ("--zero-temperature --tol 1e-6", "tol: means nothing at T = 0"),
        ("--zero-temperature --levels 4", "levels = 4: must be at least 5"),
        ("--beta 2 --grid cubic", "auto, uniform, power"),
        ("--beta 2 --grid power --parisi 0.5", "both given"),
        ("--beta 2 --parisi 1e-10", "at least 1e-09"),
    ],
)
def test_sk_refuses_wrong_input_in_one_line(cli, tmp_path, arguments, message):
    outcome = cli("solve", "sk", *arguments.split(), "--out", "x.nc")
    assert outcome.code == 2 and message in outcome.err and len(outcome.err.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_the_ground_state_of_sk_is_saved_and_shown(cli, tmp_path):
    outcome = cli("solve", "sk", "--zero-temperature", "--levels", "5", "--out", "e.nc", "--plot", "e.png", "--json")
    document = outcome.document
    assert outcome.code == 0 and abs(document["energy"] + 0.7631667266) < document["error"] < 3e-6
    assert document["levels"] == len(document["y"]) == len(document["q"]) == len(document["bounds"]) == 5
    assert (tmp_path / "e.png").exists() and gardner.read(tmp_path / "e.nc").document() == document
    assert f"{document['energy']:.9f}" in cli("show", "e.nc").out


@pytest.mark.parametrize("command", ["solve random --potential soft --beta 1000", "solve random", "solve sk --beta 50"])
def test_grids_of_m(cli, command):
    """--grid power is (i/(k+1))²; auto is uniform for the hard core and follows T for what is cold."""
    net = "--alpha 1 --depth 1" if "random" in command else ""
    grids = {name: cli(*f"{command} {net} --levels 2 --grid {name} --json".split()).document["m"]
             for name in ("auto", "uniform", "power")}  # fmt: skip
    assert grids["uniform"] == pytest.approx([1 / 3, 2 / 3]) and grids["power"] == pytest.approx([1 / 9, 4 / 9])
    assert cli(*f"{command} {net} --levels 2 --json".split()).document["m"] == grids["auto"]
    assert (grids["auto"] == grids["uniform"]) == (command == "solve random")
    assert grids["auto"][0] <= 1 / 3


def test_the_limit_of_many_steps_is_the_same_on_every_grid(cli):
    found = [
        cli(*f"solve random --alpha 5 --depth 2 --levels 8 --grid {grid} --extrapolate --json".split()).document[
            "limit"
        ]
        for grid in ("uniform", "power")
    ]
    gap = abs(found[0]["free_entropy"] - found[1]["free_entropy"])
    assert gap < found[0]["error"] + found[1]["error"] < 1e-5


def test_interruption_saves_the_last_state_and_continues(tmp_path):
    """Ctrl-C: exit 130, the last iterate in --out, and --from goes on from it."""
    arguments = "solve random --alpha 50 --depth 12 --levels 60 --method damped --out run.nc --json"
    done = interrupted(tmp_path, *arguments.split())
    assert done.code == 130, done.err
    assert '"interrupted"' in done.out and "run.nc" in done.err
    state = gardner.load(tmp_path / "run.nc")
    assert state.status == "interrupted" and state.q_li.shape == (13, 61)
    resumed = gardner.solve_random(50, 12, 12, start=state)
    assert resumed.status == "converged"
