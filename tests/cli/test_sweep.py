"""`gardner sweep`: what is stored, several workers, kill and resume, wrong input."""

import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from command import GARDNER, run_here

from gardner.results.solution import from_attribute, load, read_dataset, save

TIMINGS = {"seconds"}
RANDOM = ("sweep", "random", "--alpha", "1:12:8:log", "--depth", "2,3", "--levels", "4")


def same_but_timings(first: Path, second: Path) -> None:
    """All arrays and attributes except timings are equal, bit for bit."""
    a, b = read_dataset(first), read_dataset(second)
    assert set(a.variables) == set(b.variables) and set(a.attrs) == set(b.attrs)
    for name in set(a.variables) - TIMINGS:
        np.testing.assert_array_equal(a[name].values, b[name].values, err_msg=name)
    for name in set(a.attrs) - TIMINGS:
        assert a.attrs[name] == b.attrs[name], name


def begin(folder: Path, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [GARDNER, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def wait_for_points(store: Path, count: int, seconds: float = 60.0) -> None:
    """Until checkpoints have been written `count` times."""
    seen: set = set()
    end = time.monotonic() + seconds
    while len(seen) < count:
        assert time.monotonic() < end, f"only {len(seen)} checkpoints after {seconds} s"
        for path in store.glob("*.npz"):
            try:
                seen.add((path.name, path.stat().st_mtime_ns))
            except FileNotFoundError:
                continue
        time.sleep(0.01)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """An uninterrupted run in one process."""
    folder = tmp_path_factory.mktemp("reference")
    done = run_here(folder, *RANDOM, "--out", "a.nc", "--json")
    assert done.code == 0, done.err
    assert not (folder / "a.nc.parts").exists()
    return folder / "a.nc"


def test_random_sweep_is_the_separate_solutions(reference, tmp_path):
    import gardner

    dataset = read_dataset(reference)
    assert dataset["Q_EA"].dims == ("depth", "direction", "alpha", "bond_layer")
    assert (dataset["status"] == "converged").all() and from_attribute(dataset.attrs["statuses"]) == {"converged": 32}
    for depth in (2, 3):
        alpha = float(dataset["alpha"][-1])
        alone = gardner.solve_random(alpha=alpha, depth=depth, levels=4)
        for direction in ("up", "down"):
            point = dataset.sel(depth=depth, direction=direction).isel(alpha=-1)
            np.testing.assert_allclose(point["q"].values[: depth + 1], alone.q_li, atol=1e-7)
            np.testing.assert_allclose(point["Q_EA"].values[:depth], alone.Q_ea, atol=1e-7)
            assert abs(point["free_entropy"] - alone.free_entropy) < 1e-9
    assert dataset["Q"].sel(depth=2, bond_layer=3).isnull().all()
    save(alone, tmp_path / "b.nc")
    assert load(tmp_path / "b.nc").setting == alone.setting


def test_layers_freeze_in_order_along_the_sweep(reference):
    dataset = read_dataset(reference).sel(depth=3, direction="up")
    solid = dataset["Q_EA"] > 1e-3
    assert not solid.isel(alpha=0).any()
    first = solid.argmax("alpha").values
    assert first[0] == first[2] <= first[1]


def test_two_workers_give_the_numbers_of_one(reference, cli, tmp_path):
    outcome = cli(*RANDOM, "--out", "b.nc", "--workers", "2")
    assert outcome.code == 0, outcome.err
    same_but_timings(reference, tmp_path / "b.nc")


@pytest.mark.parametrize(
    ("workers", "how"),
    [("1", signal.SIGKILL), pytest.param("2", signal.SIGKILL, marks=pytest.mark.slow), ("2", signal.SIGINT)],
)
def test_stopped_sweep_resumes_to_the_uninterrupted_result(reference, cli, tmp_path, workers, how):
    arguments = (*RANDOM, "--out", "c.nc", "--workers", workers)
    process = begin(tmp_path, *arguments)
    wait_for_points(tmp_path / "c.nc.parts", 6)
    os.killpg(process.pid, how) if how == signal.SIGKILL else process.send_signal(how)
    _, error = process.communicate(timeout=60)
    if how == signal.SIGINT:
        assert process.returncode == 130 and "go on with --resume" in error.splitlines()[-1]
        assert "Traceback" not in error
    assert not (tmp_path / "c.nc").exists() and (tmp_path / "c.nc.parts").is_dir()
    refused = cli(*arguments)
    assert refused.code == 2 and "unfinished run" in refused.err
    resumed = cli(*RANDOM, "--out", "c.nc", "--resume")  # by one process, whoever began
    assert resumed.code == 0, resumed.err
    same_but_timings(reference, tmp_path / "c.nc")
    assert not (tmp_path / "c.nc.parts").exists()


def test_resume_with_other_options_is_refused(cli, tmp_path):
    process = begin(tmp_path, *RANDOM, "--out", "c.nc")
    wait_for_points(tmp_path / "c.nc.parts", 2)
    process.kill()
    process.communicate()
    done = cli(*RANDOM[:-1], "5", "--out", "c.nc", "--resume")
    assert done.code == 2 and "parisi" in done.err and len(done.err.splitlines()) == 1


def test_planted_sweep_shows_the_hysteresis_of_the_crystal(cli, tmp_path):
    began = time.monotonic()
    outcome = cli("sweep", "planted", "--alpha", "1:400:60:log", "--depth", "4,10,20", "--out", "p.nc", "--json")
    assert time.monotonic() - began < 30.0
    document = outcome.document
    assert (document["points"], document["converged"]) == (360, 360)
    window = next(w for w in document["hysteresis"] if w["depth"] == 4)
    assert 12.10 < window["alpha_from"] < 13.5  # fold of the crystal branch at 12.1023 (THEORY section 9)
    dataset = read_dataset(tmp_path / "p.nc")
    down = dataset.sel(depth=4, direction="down")
    assert down["Q_EA"].sel(bond_layer=2).where(dataset.alpha < 12.1, drop=True).max() < 0.9
    at = float(dataset.alpha[dataset.alpha > 24.85172][0])
    entropies = dataset["free_entropy"].sel(depth=4, alpha=at)
    assert entropies.sel(direction="down") > entropies.sel(direction="up")


def test_margins_and_temperatures_are_axes(cli, tmp_path):
    outcome = cli(
        "sweep", "random", "--alpha", "1,2", "--depth", "2", "--levels", "2", "--margin", "-0.5,0", "--beta", "1,10",
        "--direction", "up", "--out", "m.nc",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    dataset = read_dataset(tmp_path / "m.nc")
    assert dataset["free_entropy"].dims == ("depth", "margin", "beta", "direction", "alpha")
    s = dataset["free_entropy"].isel(depth=0, direction=0)
    assert (s.diff("beta") < 0).all() and (s.diff("margin") < 0).all()  # a harder or wider constraint costs volume


def test_all_points_of_a_sweep_share_the_grid_of_the_coldest(cli, tmp_path):
    words = "sweep random --alpha 3 --depth 1 --levels 2 --direction up --out s.nc --json --beta"
    cli(*words.split(), "5,1000")
    coldest = cli(*"solve random --alpha 3 --depth 1 --levels 2 --potential soft --beta 1000 --json".split())
    assert read_dataset(tmp_path / "s.nc")["m_lower"].values[1:].tolist() == coldest.document["m"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--alpha", "3:1:5"), "START must be below STOP"),
        (("--alpha", "0:1:5:log"), "must start above 0"),
        (("--alpha", "1:2"), "is no range"),
        (("--alpha", "1:2:x"), "COUNT must be a whole number"),
        (("--alpha", "1,1"), "given twice"),
        (("--alpha", "1,two"), "numbers separated by commas"),
        (("--depth", "0"), "depth = 0: must be at least 1"),
        (("--depth", "2.5"), "whole numbers"),
        (("--direction", "sideways"), "must be one of up, down, or both"),
        (("--workers", "0"), "workers = 0"),
        (("--workers", "2", "--scheduler", "tcp://x:1"), "both given"),
        (("--grid", "power", "--parisi", "0.5"), "grid and parisi are both given"),
        (("--out", "nowhere/a.nc"), "does not exist"),
    ],
)
def test_wrong_input_is_one_line_and_writes_nothing(cli, tmp_path, arguments, message):
    given = {"--alpha": "1,2", "--depth": "2", "--out": "x.nc"} | dict(zip(arguments[::2], arguments[1::2]))
    outcome = cli("sweep", "random", *(part for pair in given.items() for part in pair))
    assert outcome.code == 2 and message in outcome.err and len(outcome.err.splitlines()) == 1
    assert not list(tmp_path.iterdir())
