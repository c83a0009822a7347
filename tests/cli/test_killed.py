"""kill -9 at random moments of every long command: what is asked for again ends with the data of an unbroken run.

Moments are drawn evenly over the work of a command, two for each; GARDNER_KILLS=10 asks for ten. With `-s` the counts
are printed: killed before anything was kept, on the way, at the end.
"""

import json
import os
import shutil
import signal
import subprocess
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from command import GARDNER, SURROUNDINGS, run_here

from gardner.results.datasets import from_attribute, read_dataset
from gardner.values import same

MOMENTS = int(os.environ.get("GARDNER_KILLS", "2"))
MC = ("--depth", "2", "--alpha", "1", "--samples", "2", "--replicas", "3", "--points", "10")
COMPARE = ("--depth", "1", "--alpha", "1", "--connectivities", "4,6,8", "--samples", "3", "--sweeps", "500",
           "--budget", "20s")  # fmt: skip
RESUMED = {  # commands that keep what is finished, beside --out or in it
    "sweep random": ("--alpha", "1:6:5", "--depth", "2,3", "--levels", "2", "--out", "o.nc"),
    "sweep planted": ("--alpha", "1:400:60:log", "--depth", "4,10", "--out", "o.nc"),
    "mc planted": ("--width", "20", *MC, "--sweeps", "1000", "--out", "o.nc"),
    "mc random": ("--width", "14", *MC, "--sweeps", "1000", "--out", "o.nc"),
    "fieldtheory lattice": ("--sizes", "8", "--blocks", "16", "--sweeps", "50", "--out", "o.nc"),
    "fieldtheory learning-rate": ("--rates", "0.1:2:6", "--windows", "4", "--steps", "500", "--out", "o.nc"),
    "fieldtheory learning-rate net": ("--system", "net", "--rates", "0.1:1:3", "--hidden", "8,8", "--windows", "6",
                                      "--steps", "50", "--runs", "2", "--out", "o.nc"),
    "compare planted": (*COMPARE, "--out", "o"),
    "compare random": (*COMPARE, "--out", "o"),
    "compare liquid": ("--depth", "2", "--alpha", "0.5", "--connectivities", "4,6,8", "--realisations", "100",
                       "--replicas", "3", "--budget", "20s", "--out", "o"),
}  # fmt: skip
REPEATED = {  # commands that are asked for once more as they were
    "figures": ("planted-profiles", "ssb-hessian", "--out", "o"),
    "figures mc": ("mc-energy-error", "--out", "o"),
    "fieldtheory linear-net": ("--out", "o.nc"),
    "mc training": ("--alpha", "1,2", "--depth", "4", "--dilution", "0.2", "--sweeps", "300", "--samples", "4",
                    "--plot", "o.svg"),
    "capacity": ("--depth", "1:6", "--plot", "o.svg"),
    "penetration": ("planted", "--plot", "o.svg"),
    "phase-diagram perceptron": ("--margin", "-0.5,0.5", "--out", "o.nc"),
}  # fmt: skip
TIMES = ("seconds", "attempts_per_second", "speed", "file")  # differ from one run to the next


def command_of(name: str, options: tuple[str, ...]) -> list[str]:
    """The words of a command; a third word of its name tells two uses of it apart."""
    words = name.split()
    return [*(words[:1] if words[0] in ("figures", "capacity", "penetration") else words[:2]), *options]


def timeless(value):
    """A document without its times."""
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if key not in TIMES}
    return [timeless(item) for item in value] if isinstance(value, list) else value


def data_of(path: Path):
    """What a file says, apart from times; None for pictures and notes of what was drawn."""
    if path.suffix == ".nc":
        data = read_dataset(path)
        attributes = timeless({name: from_attribute(value) for name, value in data.attrs.items()})
        return (
            attributes,
            timeless({str(name): data[name].dims for name in data.variables}),
            {str(name): data[name].values for name in data.variables if name not in TIMES},
        )
    if path.suffix == ".csv":
        return path.read_text()
    return timeless(json.loads(path.read_text())) if path.name in ("report.json", "plan.json") else None


def files(folder: Path) -> dict[str, Path]:
    """All files below a folder, hidden ones too, by their place in it."""
    return {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if not path.is_dir()}


def begin(folder: Path, command: list[str]) -> subprocess.Popen:
    out = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(
        [str(GARDNER), *command], cwd=folder, start_new_session=True, env=os.environ | SURROUNDINGS, **out
    )


def work_begins(process: subprocess.Popen, folder: Path) -> float:
    """When the command first writes something, or ends."""
    while process.poll() is None and not any(folder.glob("o*/*")):
        time.sleep(0.005)
    return time.monotonic()


def whole(folder: Path, command: list[str], seen: bool) -> float:
    """An unbroken run; returns how long it worked."""
    began = time.monotonic()
    process = begin(folder, command)
    began = work_begins(process, folder) if seen else began
    assert process.wait(timeout=300) in (0, 3)
    return time.monotonic() - began


def kill(folder: Path, command: list[str], after: float, seen: bool) -> str:
    """Start a command and kill it; returns how far it was."""
    process = begin(folder, command)
    if seen:
        work_begins(process, folder)
    time.sleep(after)
    ended = process.poll() is not None
    os.killpg(process.pid, signal.SIGKILL) if not ended else None
    process.wait()
    if ended:
        return "at the end"
    return "on the way" if any(folder.rglob("*.checkpoint.npz")) or any(folder.rglob("*.nc")) else "before"


def differences(folder: Path, wanted: Path) -> list[str]:
    """Files that are not as in an unbroken run: missing, left over, or of other content."""
    found, reference = files(folder), files(wanted)
    told = [f"{name} is left over" for name in found.keys() - reference.keys()]
    told += [f"{name} is missing" for name in reference.keys() - found.keys()]
    both = found.keys() & reference.keys()
    return told + [f"{name} differs" for name in both if not same(data_of(found[name]), data_of(reference[name]))]


def campaign(name: str, options: tuple[str, ...], folder: Path, again: tuple[str, ...]) -> dict[str, int]:
    """Kill a command at MOMENTS moments, ask for it again each time; returns how far it was how often."""
    command, wanted = command_of(name, options), folder / "whole"
    seen = again != ("--force",)  # it shows when its work begins
    counts = dict.fromkeys(("before", "on the way", "at the end"), 0)
    wanted.mkdir()
    seconds = whole(wanted, command, seen)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    for moment in range(MOMENTS):
        place = folder / str(moment)
        place.mkdir()
        first = command
        if name.startswith("compare"):  # a plan follows from a timing run: the same for all
            (place / "o").mkdir()
            shutil.copy(wanted / "o" / "plan.json", place / "o")
            first = [*command, *again]
        how = kill(place, first, seconds * (moment + rng.random()) / MOMENTS, seen)
        counts[how] += 1
        done = run_here(place, *command, *again)
        assert done.code in (0, 3), (name, moment, how, done.err)
        told = differences(place, wanted)
        assert not told, (name, moment, how, told)
        shutil.rmtree(place)
    return counts


ALWAYS = ("sweep random", "mc planted")  # in every run of the slow tests


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if name in ALWAYS else pytest.mark.campaign)
        for name in (*RESUMED, *REPEATED)
    ],
)
def test_a_command_that_was_killed_is_finished_by_the_next_one(tmp_path, monkeypatch, name):
    """The data are equal and nothing is left beside them, whenever it was killed."""
    again = ("--resume",) if name in RESUMED else () if name.startswith("figures") else ("--force",)
    counts = campaign(name, (RESUMED | REPEATED)[name], tmp_path, again)
    print(f"\n{name}: {counts}")
    assert sum(counts.values()) == MOMENTS
