"""The `gardner` command in an empty folder."""

import pytest
from command import run_here, run_installed


@pytest.fixture
def cli(tmp_path):
    """`cli("solve", "sk", …)` in an empty folder, inside this process."""
    return lambda *arguments: run_here(tmp_path, *arguments)


@pytest.fixture
def installed(tmp_path):
    """`installed("solve", "sk", …)` in an empty folder, as a process of its own."""
    return lambda *arguments: run_installed(tmp_path, *arguments)
