"""Named computations whose numbers have to survive a change of the code behind them.

Every case returns a few named numbers. They are kept in `numbers.json`, which `write.py` makes, and
`test_regression.py` computes them again and compares. The cases call only what users call: the
names that `gardner` exports, and the command line with `--json`. So the modules behind may move.

An array is kept by at most eight of its entries, spread evenly. Solvers run at a tolerance of
1e-12; their residuals then lie near 1e-14, and agreement to 1e-10 is a fair demand. A case that
cannot be demanded so much says why in `reason`. Monte Carlo with a given seed has to follow the
same trajectory and is compared exactly, or to rounding where its weights are real.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

NUMBERS = Path(__file__).with_name("numbers.json")
DEFAULT = 1e-10
EXACT = 0.0
ROUNDING = 1e-13  # of sums over a Monte Carlo run; another trajectory differs by 1e-3
TIGHT = 1e-12  # tolerance of the solvers of overlaps
MOST = 8  # entries kept of one array

Value = float | int | str | bool | None | list


@dataclass(frozen=True)
class Case:
    """One computation.

    name: of the case, unique; compute: returns the numbers by name; tolerance: a number may differ
    from the kept one by tolerance * (1 + |kept|); reason: why the tolerance is not the default one;
    slow: whether the test runs only with the slow ones.
    """

    name: str
    compute: Callable[[], dict[str, Value]]
    tolerance: float = DEFAULT
    reason: str = ""
    slow: bool = False


def some(values, count: int = 3) -> list[float]:
    """At most `count` entries of an array, the first, the last, and others spread evenly."""
    flat = np.asarray(values, dtype=float).ravel()
    count = min(count, MOST, flat.size)
    return flat[np.round(np.linspace(0, flat.size - 1, count)).astype(int)].tolist()


@cache
def command(*arguments: str) -> dict:
    """The JSON document that the command line prints for these arguments."""
    from gardner.cli.main import app

    result = CliRunner().invoke(app, [*arguments, "--json"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return json.loads(result.stdout)


def documented(line: str, read: Callable[[dict], dict[str, Value]]) -> dict[str, Value]:
    """What `read` takes from the document of one command line."""
    return read(command(*line.split()))
