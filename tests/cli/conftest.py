"""Run the installed `gardner` entry point."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

GARDNER = Path(sys.executable).parent / "gardner"


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict:
        return json.loads(self.out)


@pytest.fixture
def cli(tmp_path):
    """`cli("solve", "sk", …)` in an empty folder."""

    def run(*arguments: str) -> Outcome:
        done = subprocess.run(
            [str(GARDNER), *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            env=os.environ | {"COLUMNS": "100", "NO_COLOR": "1"},
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run
