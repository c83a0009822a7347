"""The lowest versions that the package declares are those that CI installs and tests."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import numpy as np
from packaging.version import Version

from gardner.runtime.environment import REQUIRED
from gardner.theory.search.increments import solve_shifted

ROOT = Path(__file__).parents[2]
TOOLS = (
    "docs",
    "release",
)  # extras that build something and are no part of what is built; CI takes their newest versions


def declared() -> dict[str, Version]:
    """Every requirement of pyproject.toml, extras of the package included, with its lowest version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = [
        *project["dependencies"],
        *(text for extra, texts in project["optional-dependencies"].items() if extra not in TOOLS for text in texts),
    ]
    pairs = [re.fullmatch(r"([\w-]+)>=([\d.]+)", text) for text in listed if not text.startswith("gardner[")]
    return {pair[1]: Version(pair[2]) for pair in pairs}


def test_floors_of_pyproject_are_the_constraints_of_ci():
    lines = (ROOT / ".ci" / "floors.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    for name, lowest in declared().items():
        assert Version(pinned[name]) == lowest, name


def test_what_is_installed_satisfies_the_floors():
    floors = declared()
    assert set(REQUIRED) <= set(floors)
    for name in REQUIRED:
        assert Version(metadata.version(name)) >= floors[name]


def test_one_unknown_and_diagonal_systems_are_solved():
    """k = 0 at L = 1: `solve_banded` of SciPy 1.13 and 1.14 takes a 1×1 system for one with neighbours."""
    one = solve_shifted({(0, 0): np.array([[0.5]])}, np.array([[3.0]]), np.array([[True]]), np.array([1.0]))
    np.testing.assert_allclose(one, [[2.0]])
    blocks = {(0, 0): np.diag([0.5, 0.25])}
    free = np.array([[True, True]])
    np.testing.assert_allclose(solve_shifted(blocks, np.array([[3.0, 3.5]]), free, np.ones(2)), [[2.0, 2.0]])
