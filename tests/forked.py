"""Many command lines, each in a process of its own that costs no more than a fork.

`python forked.py` imports the whole package once. For every line of JSON on its standard input, `[words, seconds]`, it
makes a folder with some files (`fill`), forks, runs the command there and answers with one line: how it ended, what it
said, the processor time, and what it left in the folder. A child that needs more than `seconds` of processor time, or
waits for more than `PATIENCE` times as long, is ended: its code is None.
"""

import contextlib
import importlib
import json
import os
import pkgutil
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 20.0  # seconds on the clock for one of processor time, on a machine with other work
MEMORY = 6 * 10**9  # bytes of address space of a child
MADE = (
    "solve random --alpha 6 --depth 2 --levels 1 --out solution.nc",
    "sweep planted --alpha 1:100:5:log --depth 3 --out sweep.nc",
    "mc planted --width 4 --depth 2 --alpha 1 --weights binary --sweeps 50 --samples 1 --replicas 3 --out mc.nc",
)


@dataclass(frozen=True)
class Answer:
    """code: None if the time was over; left: names that were not there before; seconds: of processor time."""

    code: int | None
    out: str
    err: str
    seconds: float
    left: list[str]


class Commands:
    """The process that runs the lines: `commands("solve", "sk", …)` gives an `Answer`."""

    def __init__(self, seconds: float):
        single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
        self.seconds, here = seconds, str(Path(__file__))
        self.process = subprocess.Popen(
            [sys.executable, here], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | single
        )

    def __call__(self, *words: str) -> Answer:
        print(json.dumps([words, self.seconds]), file=self.process.stdin, flush=True)
        return Answer(**json.loads(self.process.stdout.readline()))

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


def import_everything() -> None:
    """All modules of the package, so that no child waits for them."""
    import gardner

    for module in pkgutil.walk_packages(gardner.__path__, "gardner."):
        if not module.name.endswith("__main__") and not module.name.startswith("gardner.docs"):
            importlib.import_module(module.name)


def fill(folder: Path) -> None:
    """The files that lines may name."""
    from command import run_here

    for line in MADE:
        made = run_here(folder, *line.split())
        assert made.code == 0, made.err
    (folder / "text.nc").write_text("no numbers\n")
    (folder / "empty.nc").write_bytes(b"")
    (folder / "folder").mkdir()


def child(folder: Path, words: list[str], seconds: float, answer: Path) -> None:
    """Run one line and leave: nothing of this process goes on after it."""
    from command import run_here

    whole = max(1, round(seconds))
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    done = run_here(folder, *words)
    answer.write_text(json.dumps([done.code, done.out, done.err]))


def wait_for(number: int, seconds: float) -> float:
    """Wait for a child, and end it where it takes too long; its processor time."""
    end = time.monotonic() + PATIENCE * seconds
    while True:
        ended, _, usage = os.wait4(number, os.WNOHANG)
        if ended:
            return usage.ru_utime + usage.ru_stime
        if time.monotonic() > end:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(number, signal.SIGKILL)
            end += PATIENCE * seconds
        time.sleep(0.005)


def run_line(folder: Path, words: list[str], seconds: float) -> dict:
    """What came of one line in `folder`, which is a copy made for it."""
    before, answer = set(os.listdir(folder)), folder.with_suffix(".json")
    number = os.fork()
    if number == 0:
        os.setpgid(0, 0)
        try:
            child(folder, words, seconds, answer)
        except BaseException as problem:  # what the entry point lets through is a traceback for users
            answer.write_text(json.dumps([1, "", f"Traceback: {type(problem).__name__}: {problem}"]))
        finally:
            os._exit(0)
    spent = wait_for(number, seconds)
    code, out, err = json.loads(answer.read_text()) if answer.exists() else (None, "", "")
    left = sorted(set(os.listdir(folder)) - before) if folder.exists() else ["the folder is gone"]
    return {"code": code, "out": out, "err": err, "seconds": spent, "left": left}


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # nothing else is to get among the answers
    import_everything()
    with tempfile.TemporaryDirectory() as place:
        master = Path(place) / "files"
        master.mkdir()
        fill(master)
        for count, line in enumerate(sys.stdin):
            words, seconds = json.loads(line)
            folder = Path(place) / f"line{count}"
            shutil.copytree(master, folder)
            print(json.dumps(run_line(folder, words, seconds)), file=answers, flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            folder.with_suffix(".json").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
