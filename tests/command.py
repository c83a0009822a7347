"""Run the `gardner` command: inside this process, or as a process of its own.

A process of its own takes a second or two to import and to load kernels before it computes anything. So the tests call
the entry point itself, with its streams, words, folder and exit code as the shell would give them, and start the
installed command where a process is what is tested: signals, closed streams, full disks, environments.
"""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gardner.cli.main import run as entry_point

GARDNER = Path(sys.executable).parent / "gardner"
QUIET = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)  # as Python's own default
SURROUNDINGS = {"COLUMNS": "100", "NO_COLOR": "1"}


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict:
        return json.loads(self.out)


def end(number: int, frame) -> None:
    """SIGTERM ends the tests; a command would take it for its own, and the tests would go on."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


@contextlib.contextmanager
def as_in_a_shell(words: list[str], folder: Path) -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    """What a process begins with: its words, folder, environment, streams, warnings and signals; all put back after."""
    argv, environment, before = sys.argv, dict(os.environ), Path.cwd()
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    on_termination, on_lost_error = signal.signal(signal.SIGTERM, end), sys.unraisablehook
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
        warnings.resetwarnings()
        for category in QUIET:
            warnings.simplefilter("ignore", category)
        warnings.showwarning = lambda message, category, *_: print(f"{category.__name__}: {message}", file=sys.stderr)
        sys.argv = ["gardner", *words]
        os.environ |= SURROUNDINGS
        os.chdir(folder)
        try:
            yield out, err
        finally:
            os.chdir(before)
            os.environ.clear()
            os.environ |= environment
            sys.argv = argv
            signal.signal(signal.SIGTERM, on_termination)
            sys.unraisablehook = on_lost_error


def run_here(folder: Path, *arguments: object) -> Outcome:
    """The command inside this process, in `folder`."""
    with as_in_a_shell([str(one) for one in arguments], folder) as streams:
        try:
            entry_point()
        except SystemExit as leaving:
            code = leaving.code
        out, err = (stream.buffer.getvalue().decode("utf-8") for stream in streams)
    return Outcome(code, out, err)


def run_installed(folder: Path, *arguments: object) -> Outcome:
    """The installed command as a process of its own, in `folder`."""
    done = subprocess.run(
        [str(GARDNER), *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | SURROUNDINGS,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def interrupted(folder: Path, *arguments: object) -> Outcome:
    """The installed command, stopped by Ctrl-C as soon as it shows the first line of progress.

    `err` is what it says after that.
    """
    process = subprocess.Popen(
        [str(GARDNER), *map(str, arguments)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell that starts a test in the background would have made its children ignore Ctrl-C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        line = process.stderr.readline()
        while line.startswith("compiling"):
            line = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    return Outcome(process.returncode, out, err)
