"""Faults from the field, injected for real: nothing is lost, the exit code is as documented, one line says why."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

GARDNER = Path(sys.executable).parent / "gardner"
SWEEP = ("sweep", "planted", "--alpha", "1:400:60:log", "--depth", "4,10")
SMALL = ("--depth", "2", "--levels", "1")
SOLVE = ("solve", "random", "--alpha", "5", *SMALL)
MC = ("mc", "planted", "--width", "10", "--depth", "2", "--alpha", "1", "--samples", "2", "--replicas", "3")
NO_LOCKS = """
import errno, fcntl, h5py
def refuse(*_): raise OSError(errno.ENOLCK, "No locks available")
fcntl.flock, into_memory = refuse, h5py.File.__init__
def open_file(self, name, *more, **options):
    if isinstance(name, (str, bytes)) or hasattr(name, "__fspath__"):
        refuse()
    into_memory(self, name, *more, **options)
h5py.File.__init__ = open_file
"""


def prepared(limit: int | None):
    """What a child does first: Ctrl-C as in a terminal, and a limit on the size of files as on a full disk."""

    def prepare():
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return prepare


def begin(folder: Path, *arguments, limit: int | None = None, preamble: str = "") -> subprocess.Popen:
    command = (
        [GARDNER] if not preamble else [sys.executable, "-c", preamble + "from gardner.cli.main import run; run()"]
    )
    return subprocess.Popen(
        [*command, *map(str, arguments)], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=prepared(limit), env=os.environ | {"NO_COLOR": "1", "COLUMNS": "100"},
    )  # fmt: skip


def lines(error: str) -> list[str]:
    """What was said, without progress and announcements."""
    quiet = ("compiling ", "sweep ", "gardner mc: ", "written: ", "figures: ", "fieldtheory ", "run ", "plan ")
    return [line for line in error.splitlines() if line.strip() and not line.startswith(quiet)]


def call(folder: Path, *arguments, **options) -> tuple[int, str, list[str]]:
    process = begin(folder, *arguments, **options)
    out, error = process.communicate(timeout=120)
    return process.returncode, out, lines(error)


def here(cli, *arguments) -> tuple[int, str, list[str]]:
    """The same inside this process, where no fault is injected."""
    done = cli(*arguments)
    return done.code, done.out, lines(done.err)


def wait_for(condition, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing has happened"
        time.sleep(0.01)


def stop(process: subprocess.Popen, how, group: bool = False) -> tuple[int, list[str]]:
    (os.killpg if group else os.kill)(process.pid, how)
    _, error = process.communicate(timeout=60)
    return process.returncode, lines(error)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != "owner.lock"}


def test_a_run_is_kept_from_other_runs_until_it_is_finished(cli, tmp_path):
    """Stopped, asked for with other options, taken by two at once, killed, resumed, asked for again."""
    store, out = tmp_path / "s.nc.parts", ("--out", "s.nc")
    first = begin(tmp_path, *SWEEP, *out)
    wait_for(lambda: len(list(store.glob("*.npz"))) >= 2)
    assert stop(first, signal.SIGTERM)[0] == 143
    (store / "notes.txt").write_text("mine")
    kept = contents(store)

    # another run: refused in one line, nothing touched
    other = (*SWEEP[:-1], "5")
    for more, message in (("--resume",), "depths"), ((), "unfinished run"):
        code, _, said = here(cli, *other, *out, *more)
        assert code == 2 and len(said) == 1 and message in said[0] and len(said[0]) < 300
    assert contents(store) == kept

    # two at once: the second is refused, with --force too
    second = begin(tmp_path, *SWEEP, *out, "--resume")
    wait_for((store / "owner.lock").exists)
    os.kill(second.pid, signal.SIGSTOP)  # it holds the folder for as long as the others ask
    for more in ("--resume", "--force"):
        code, _, said = here(cli, *SWEEP, *out, more)
        assert code == 2 and len(said) == 1 and f"in use by process {second.pid}" in said[0]
    second.kill()
    second.communicate()

    # what is killed goes on, ends, and leaves what is not its own
    code, _, said = here(cli, *SWEEP, *out, "--resume")
    assert code == 0, said
    assert sorted(path.name for path in store.iterdir()) == ["notes.txt"]
    whole = (tmp_path / "s.nc").read_bytes()
    code, printed, said = here(cli, *SWEEP, *out, "--resume", "--json")
    assert code == 0 and said == ["s.nc: this run is finished, there is nothing to resume"]
    assert json.loads(printed)["points"] == 240
    code, _, said = here(cli, *other, *out, "--resume")
    assert code == 2 and len(said) == 1 and "holds a finished run" in said[0]
    assert (tmp_path / "s.nc").read_bytes() == whole and not list(tmp_path.glob(".*"))


def test_a_lock_that_outlives_its_run_goes_with_the_next_one(cli, tmp_path):
    """Killed between the last file that it writes and the lock that it gives back."""
    run, store = ("sweep", "planted", "--alpha", "1,2", "--depth", "2", "--out", "s.nc"), tmp_path / "s.nc.parts"
    assert cli(*run).code == 0
    store.mkdir()
    (store / "owner.lock").write_text("{}")
    assert cli(*run, "--resume").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["s.nc"]


def test_a_result_that_appears_meanwhile_is_not_replaced(cli, tmp_path):
    process = begin(tmp_path, *SWEEP, "--out", "s.nc")
    wait_for(lambda: list(tmp_path.glob("s.nc.parts/*.npz")))
    (tmp_path / "s.nc").write_text("of somebody else")
    out, error = process.communicate(timeout=120)
    assert process.returncode == 4 and "240 of 240 points converged" in out
    assert len(lines(error)[-1:]) == 1 and "by somebody else meanwhile" in error and "s.nc.parts" in error
    assert (tmp_path / "s.nc").read_text() == "of somebody else" and list(tmp_path.glob("s.nc.parts/*.npz"))
    (tmp_path / "s.nc").unlink()
    assert cli(*SWEEP, "--out", "s.nc", "--resume").code == 0


def test_on_a_full_disk_the_result_is_printed_and_nothing_half_written_stays(cli, tmp_path):
    for files in (("--out", "a.nc"), ("--out", "a.nc", "--plot", "a.pdf")):
        code, out, said = call(tmp_path, *SOLVE, *files, "--json", limit=2000)
        assert code == 4 and json.loads(out)["status"] == "converged"
        assert len(said) == 1 and "a.nc: cannot be written (File too large)" in said[0]
    assert not list(tmp_path.iterdir())
    # a run stops at the first checkpoint that it cannot keep
    code, out, said = call(tmp_path, *SWEEP, "--out", "s.nc", limit=40_000)
    assert code == 4 and len(said) == 1 and "cannot be written" in said[0] and "--resume" in said[0]
    kept = sorted(path.name for path in tmp_path.rglob("*"))
    assert "s.nc" not in kept and not [name for name in kept if name.endswith((".tmp", ".lock"))]
    assert cli(*SWEEP, "--out", "s.nc", "--resume").code == 0


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="only root can make a small disk")
def test_a_small_disk_that_is_really_full(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        (disk / "old.nc").write_bytes(bytes(9000))
        code, out, said = call(disk, *SOLVE, "--out", "a.nc", "--json")
        assert code == 4 and json.loads(out)["status"] == "converged" and len(said) == 1
        assert "a.nc: cannot be written (No space left on device); make room there" in said[0]
        code, _, said = call(disk, *MC, "--sweeps", "200", "--out", "mc.nc")
        assert code == 4 and len(said) == 1 and "No space left" in said[0]
        code, _, said = call(disk, "figures", "planted-profiles", "--out", "f")
        assert code == 4 and len(said) == 1 and "planted-profiles.pdf: cannot be written" in said[0]
        assert (disk / "old.nc").read_bytes() == bytes(9000)
        assert not [path for path in disk.rglob("*") if path.name.endswith((".tmp", ".lock"))]
    finally:
        subprocess.run(["umount", disk], check=True)


def test_without_locks_everything_is_computed_and_saved(tmp_path):
    assert call(tmp_path, *SOLVE, "--out", "a.nc", preamble=NO_LOCKS)[0] == 0
    assert (
        call(tmp_path, "sweep", "planted", "--alpha", "1,2", "--depth", "2", "--out", "s.nc", preamble=NO_LOCKS)[0] == 0
    )
    code, _, said = call(tmp_path, "figures", "planted-profiles", "--out", "f", preamble=NO_LOCKS)
    assert code == 0, said
    assert {path.suffix for path in (tmp_path / "f").iterdir() if path.is_file()} == {".pdf", ".svg", ".nc"}
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith((".tmp", ".lock", ".parts"))]


def test_no_memory_is_one_line(tmp_path):
    limited = "import resource; resource.setrlimit(resource.RLIMIT_AS, (2 * 10**9, 2 * 10**9))\n"
    huge = ("mc", "random", "--width", "11000", "--depth", "1", "--alpha", "0.002", "--samples", "1", "--sweeps", "10")
    code, out, said = call(tmp_path, *huge, "--out", "m.nc", preamble=limited)
    assert code == 4 and not out and len(said) == 1 and "out of memory (Unable to allocate" in said[0], said
    assert not list(tmp_path.iterdir())


def test_ctrl_c_without_a_file_promises_nothing(tmp_path):
    process = begin(tmp_path, *MC, "--sweeps", "1e7")
    time.sleep(4.0)
    code, said = stop(process, signal.SIGINT)
    assert code == 130 and "--resume" not in said[-1] and "interrupted" in said[-1]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_signals_to_all_processes_end_a_run_with_workers_in_order(tmp_path, how):
    process = begin(tmp_path, *SWEEP, "--out", "s.nc", "--workers", "2")
    wait_for(lambda: len(list(tmp_path.glob("s.nc.parts/*.npz"))) >= 2)
    code, said = stop(process, how, group=True)
    assert code == (130 if how == signal.SIGINT else 143)
    assert len(said) == 1 and "go on with --resume" in said[0], said
    wait_for(lambda: not alive_in_session(process.pid), 10.0)
    assert list(tmp_path.glob("s.nc.parts/*.npz")) and not (tmp_path / "s.nc.parts" / "owner.lock").exists()


def alive_in_session(session: int) -> list[str]:
    """Processes of a session that have not ended (Linux)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(path.parent.name)
    return found


def test_refusals_come_before_work(cli, tmp_path):
    began = time.monotonic()
    code, _, said = here(cli, *SWEEP, "--out", "s.nc", "--scheduler", "tcp://127.0.0.1:9")
    assert code == 2 and len(said) == 1 and "no Dask scheduler answers" in said[0] and time.monotonic() - began < 15.0
    code, _, said = here(cli, "compare", "planted", "--depth", "1", "--alpha", "1", "--out", "/proc/x")
    assert code == 2 and len(said) == 1 and "/proc/x" in said[0]
    code, _, said = here(cli, *SOLVE, "--out", "/dev/null", "--force")
    assert code == 2 and len(said) == 1 and "no regular file" in said[0]
    assert not list(tmp_path.iterdir())
