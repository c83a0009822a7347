"""Structured inputs and outputs: overlaps q(x) of the boundary layers as step functions of x (THEORY section 7).

Patterns that fluctuate with a hierarchical structure have overlaps q_i(0) between replicas that need not be 1. A step
function q(x) on 0 < x < 1 is written

    0.2,0.5,0.9@0.3,0.7      q = 0.2 for x < 0.3, 0.5 for 0.3 < x < 0.7, 0.9 for x > 0.7;
    0.8                      the same value everywhere;
    FILE                     two columns: where a step begins (the first line at x = 0) and its value; # comments.

Values lie in [0, 1] and do not decrease. The ansatz holds one overlap per level (m_i, m_{i+1}), so the breakpoints are
merged into the grid of m.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gardner.model import checked_parisi, finite

SAME = 1e-9  # points of the m-grid closer than this are one


@dataclass(frozen=True)
class StepFunction:
    """The overlap q(x) of structured inputs or outputs: values[j] between breakpoints[j-1] and breakpoints[j].

    Parameters
    ----------
    values : tuple of float
        In [0, 1], not decreasing; one more than breakpoints.
    breakpoints : tuple of float
        In (0, 1), increasing.

    Raises
    ------
    ValueError
        For anything else.

    Notes
    -----
    For `solve_random`; THEORY section 7.
    """

    values: tuple[float, ...]
    breakpoints: tuple[float, ...] = ()

    def __post_init__(self):
        values = tuple(finite("overlap", value) for value in self.values)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "breakpoints", checked_parisi(self.breakpoints))
        if len(values) != len(self.breakpoints) + 1:
            raise ValueError(
                f"{len(values)} overlaps and {len(self.breakpoints)} breakpoints given: "
                "a step function has one overlap more than breakpoints, as in 0.2,0.5,0.9@0.3,0.7"
            )
        if any(not 0.0 <= value <= 1.0 for value in values) or any(b < a for a, b in zip(values, values[1:])):
            raise ValueError(f"overlaps {', '.join(map(str, values))}: they must lie in [0, 1] and not decrease")

    def at(self, parisi: Sequence[float]) -> tuple[float, ...]:
        """One value per level of the grid m_1 < … < m_k, shape (k+1,); the grid must contain the breakpoints."""
        edges = np.array([0.0, *parisi, 1.0])
        middle = 0.5 * (edges[:-1] + edges[1:])
        return tuple(np.array(self.values)[np.searchsorted(self.breakpoints, middle)].tolist())


def parse(name: str, text: str) -> StepFunction:
    """The step function written in `text`, or read from the file of that name; ValueError names the option `name`."""
    try:
        if Path(text).is_file():
            return read(Path(text))
        values, _, points = text.partition("@")
        return StepFunction(_numbers(values), _numbers(points))
    except ValueError as problem:
        raise ValueError(f"{name} = {text!r}: {problem}") from None


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise ValueError("neither a file nor overlaps@breakpoints, as in 0.2,0.5,0.9@0.3,0.7") from None


def read(path: Path) -> StepFunction:
    """A step function from two columns: where each step begins, its value."""
    rows = [line.split("#")[0].replace(",", " ").split() for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row]
    try:
        table = [(float(x), float(q)) for x, q in rows]
    except ValueError:
        raise ValueError("the file must hold two columns of numbers, where a step begins and its overlap") from None
    if not table or table[0][0] != 0.0:
        raise ValueError("the first line of the file must begin its step at x = 0")
    return StepFunction(tuple(q for _, q in table), tuple(x for x, _ in table[1:]))


def merged_grid(parisi: Sequence[float], *functions: StepFunction | None) -> tuple[float, ...]:
    """The m-grid with all breakpoints added; a point of the grid closer than SAME to a breakpoint gives way to it."""
    points = sorted({x for function in functions if function is not None for x in function.breakpoints})
    points = [x for j, x in enumerate(points) if j == 0 or x - points[j - 1] > SAME]
    kept = [m for m in checked_parisi(parisi) if all(abs(m - x) > SAME for x in points)]
    return checked_parisi(sorted(kept + points))


def boundary_overlaps(parisi: Sequence[float], *functions: StepFunction | None):
    """The merged grid and, for every function, its values per level (None stays None: fixed patterns, q = 1)."""
    grid = merged_grid(parisi, *functions)
    return grid, *(None if function is None else function.at(grid) for function in functions)
