"""Write `numbers.json`: python tests/regression/write.py, optionally with parts of case names.

Run it only with code that is trusted, for what it writes is what all later code has to reproduce.
Given parts of names, the other cases keep the numbers that the file holds. The seconds of each
case go to standard error.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from regression.case import NUMBERS
from regression.cases import CASES

PACKAGES = ("numpy", "scipy", "numba", "xarray")


def plain(value):
    """NumPy numbers and arrays as those of Python, at any depth."""
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    return value.item() if isinstance(value, (np.generic, np.ndarray)) else value


def git(*arguments: str) -> str:
    """The answer of git, in the repository that holds this file."""
    done = subprocess.run(["git", *arguments], cwd=Path(__file__).parent, capture_output=True)
    return done.stdout.decode().strip()


def header() -> dict:
    """Which code wrote the numbers, and with what."""
    changed = bool(git("status", "--porcelain", "--", ":/gardner"))
    return {
        "commit": git("rev-parse", "HEAD"),
        "package_changed_since_commit": changed,
        "machine": platform.machine(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def main(parts: list[str]) -> None:
    """Compute the cases and write the file."""
    kept = json.loads(NUMBERS.read_text(encoding="utf-8"))["cases"] if parts else {}
    found = {}
    for case in CASES:
        if parts and case.name in kept and not any(part in case.name for part in parts):
            found[case.name] = kept[case.name]
            continue
        began = time.process_time()
        found[case.name] = {name: plain(value) for name, value in case.compute().items()}
        print(f"{time.process_time() - began:7.2f} s  {case.name}", file=sys.stderr, flush=True)
    document = {"header": header(), "cases": found}
    text = json.dumps(document, indent=1, sort_keys=True, allow_nan=False)
    NUMBERS.write_text(text + "\n", encoding="utf-8")
    print(f"{sum(map(count, found.values()))} numbers of {len(found)} cases: {NUMBERS}")


def count(value) -> int:
    """Numbers in what a case returned; words do not count."""
    if isinstance(value, dict):
        return sum(map(count, value.values()))
    if isinstance(value, list):
        return sum(map(count, value))
    return int(isinstance(value, (int, float)))


if __name__ == "__main__":
    main(sys.argv[1:])
