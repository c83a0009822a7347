"""`gardner figures`: the list, one figure, several at once, wrong input, and going on after an interruption."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from gardner.figures import FIGURES
from gardner.results.solution import from_attribute, read_dataset

GARDNER = Path(sys.executable).parent / "gardner"


def test_list_names_every_figure_with_what_it_shows(cli, tmp_path):
    outcome = cli("figures", "--list")
    assert outcome.code == 0 and [line.split()[0] for line in outcome.out.splitlines()] == list(FIGURES)
    listed = cli("figures", "--list", "--json").document["figures"]
    assert all(entry["shows"] and entry["takes"] for entry in listed)
    assert not list(tmp_path.iterdir())


def test_wrong_input_is_one_line_and_nothing_is_written(cli, tmp_path):
    for arguments, named in (
        (("tree",), "figure = 'tree': must be one of"),
        (("--quality", "final"), "quality = 'final'"),
        (("--workers", "0", "planted-profiles"), "workers = 0"),
    ):
        outcome = cli("figures", *arguments)
        assert outcome.code == 2 and named in outcome.err and len(outcome.err.splitlines()) == 1
    (tmp_path / "figures").write_text("mine")
    outcome = cli("figures", "planted-profiles")
    assert (
        outcome.code == 2
        and "figures: cannot hold figures" in outcome.err
        and (tmp_path / "figures").read_text() == "mine"
    )


def test_two_figures_on_two_workers_without_a_warning(cli, tmp_path):
    outcome = cli("figures", "planted-profiles", "ssb-potential", "--workers", "2", "--out", "mine", "--json")
    assert outcome.code == 0 and "Warning" not in outcome.err
    drawn = {one["name"]: one["files"] for one in outcome.document["figures"]}
    assert set(drawn) == {"planted-profiles", "ssb-potential"} and all(len(files) == 3 for files in drawn.values())
    assert {path.suffix for path in (tmp_path / "mine").iterdir() if path.is_file()} >= {".pdf", ".svg"}
    assert not list((tmp_path / "mine").glob("*.tmp*"))


def test_an_interrupted_figure_goes_on_where_it_was(cli, tmp_path):
    """structured-inputs solves two nets; after Ctrl-C the same command uses the one that was finished."""
    command = [str(GARDNER), "figures", "structured-inputs", "--out", str(tmp_path)]
    # a shell that starts a test in the background would have made its children ignore Ctrl-C
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"NO_COLOR": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    cache, limit = tmp_path / ".cache", time.monotonic() + 120.0
    while time.monotonic() < limit and not list(cache.glob("solution-*.nc")):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    error = process.communicate(timeout=60)[1]
    assert process.returncode == 130 and "the same command goes on" in error, error
    kept = {path: path.stat().st_mtime_ns for path in cache.glob("solution-*.nc")}
    assert kept and not list(tmp_path.glob("*.pdf"))
    assert all(from_attribute(read_dataset(path).attrs["status"]) == "converged" for path in kept)
    outcome = cli("figures", "structured-inputs", "--out", str(tmp_path), "--json")
    assert outcome.code == 0 and json.loads(outcome.out)["figures"][0]["files"]
    assert len(list(cache.glob("solution-*.nc"))) > len(kept)
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in kept.items())
