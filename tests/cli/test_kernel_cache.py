"""Kernels are compiled and used wherever the package is started, whether or not they can be kept."""

import os
import random
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "gardner"
SOLVE = ("solve", "sk", "--beta", "2", "--levels", "2", "--json")
TINY = 4000  # bytes; a compiled kernel takes more


def start(*arguments, folder=PACKAGE.parent, limit=None, **variables):
    """`python -m gardner` from a folder that holds the package."""
    return subprocess.run(
        [sys.executable, "-m", "gardner", *arguments],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if not k.startswith("NUMBA")}
        | {"PYTHONPATH": str(folder)}
        | variables,
        preexec_fn=None if limit is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
        timeout=120,
    )


def printed(done):
    """The document of a run that ended well, without its wall time."""
    assert done.returncode == 0, done.stderr
    return re.sub(r'"seconds": [^,]*', "", done.stdout)


def said(done):
    """Standard error without the lines that only say that work goes on."""
    return [line for line in done.stderr.splitlines() if not line.startswith("solve sk: ")]


def test_read_only_installation_and_home_compile_in_every_run(tmp_path):
    """Root may write anywhere, so that folders that cannot be written are files here."""
    shutil.copytree(PACKAGE, tmp_path / "gardner", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in [tmp_path / "gardner", *(tmp_path / "gardner").rglob("*/")]:
        if folder.is_dir():
            (folder / "__pycache__").touch()
    done = start(*SOLVE, folder=tmp_path, HOME="/dev/null", XDG_CACHE_HOME="/dev/null")
    assert '"status": "converged"' in printed(done)
    (line,) = said(done)
    assert line.startswith("compiling the flow kernels") and "NUMBA_CACHE_DIR" in line


def test_full_cache_folder_costs_one_line_and_no_result(tmp_path):
    done = start(*SOLVE, limit=TINY, NUMBA_CACHE_DIR=str(tmp_path))
    assert '"status": "converged"' in printed(done)
    compiling, line = said(done)
    assert compiling.startswith("compiling") and f"cannot be kept in {tmp_path}" in line and "NUMBA_CACHE_DIR" in line
    assert not list(tmp_path.rglob("*.tmp*"))


@pytest.mark.slow
def test_damaged_kernels_are_compiled_again(tmp_path):
    """Bytes are turned over in every file: machine code with a wrong byte must not run."""
    first = start(*SOLVE, NUMBA_CACHE_DIR=str(tmp_path))
    assert "compiling" in first.stderr
    files = sorted(tmp_path.rglob("*.nb[ci]"))
    assert len(files) > 5
    rng = random.Random(1)
    for number, path in enumerate(files):
        content = bytearray(path.read_bytes())
        for place in rng.sample(range(len(content)), 1 + 30 * (number % 2)):
            content[place] ^= 0xFF
        path.write_bytes(content)
    again = start(*SOLVE, NUMBA_CACHE_DIR=str(tmp_path))
    assert printed(again) == printed(first)
    third = start(*SOLVE, NUMBA_CACHE_DIR=str(tmp_path))
    assert printed(third) == printed(first) and not said(third)


def test_disabled_compilation_is_refused_in_one_line():
    done = start(*SOLVE, NUMBA_DISABLE_JIT="1")
    assert done.returncode == 2 and not done.stdout
    assert done.stderr.splitlines() == [
        "gardner: NUMBA_DISABLE_JIT is set, but gardner needs its kernels compiled: unset it"
    ]


def test_every_kept_kernel_is_defined_with_the_tolerant_decorator():
    """`njit(cache=True)` would bring the failures back."""
    for path in PACKAGE.rglob("*.py"):
        assert not re.search(r"jit\([^)]*cache\s*=\s*True", path.read_text(encoding="utf-8")), path
