"""The help of every command: there at once, because nothing is imported that only computing needs, and whole."""

import json
import subprocess
import sys

import pytest
import typer

from gardner.cli.main import app_for
from gardner.cli.tree import COMMANDS

HEAVY = {"numba", "numpy", "scipy", "xarray", "pandas", "matplotlib", "netCDF4", "dask", "rich", "pydantic"}
ASK = """
import contextlib, io, json, sys
from gardner.cli.main import run

loaded = {}
for words in json.load(sys.stdin):
    sys.argv = ["gardner", *words, "--help"]
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            run()
        except SystemExit as end:
            assert end.code == 0, words
    loaded[" ".join(words)] = sorted(sys.modules)
print(json.dumps(loaded))
"""


def words_of(command, words=()):
    """The words of every group and command of the tree."""
    yield list(words)
    for name, inner in getattr(command, "commands", {}).items():
        yield from words_of(inner, (*words, name))


@pytest.fixture(scope="module")
def loaded():
    """The words of a command → the modules that a process has imported once its help was printed, one after another."""
    asked = list(words_of(typer.main.get_command(app_for(COMMANDS))))
    done = subprocess.run(
        [sys.executable, "-c", ASK], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_no_help_imports_what_only_computing_needs(loaded):
    assert len(loaded) > 30
    assert {words: found for words, names in loaded.items() if (found := HEAVY & set(names))} == {}


def test_the_list_of_commands_imports_none_of_them(loaded):
    places = {f"gardner.cli.{place.partition(':')[0]}" for place, _ in COMMANDS.values()}
    assert not places & set(loaded[""])
    assert places <= set(list(loaded.values())[-1])  # each is there once its own help was printed


def test_a_line_about_a_command_fits_a_terminal(cli):
    told = cli("--help").out.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in told] == list(COMMANDS)
    assert not [line for line in told if len(line) > 80 or line.endswith("...")]


@pytest.mark.parametrize("words", ["solve random", "fieldtheory lattice", "doctor"])
def test_the_quick_help_is_that_of_the_parser(cli, words):
    by_parser = cli(*words.split(), "--json", "--help")
    assert by_parser.code == 0 and by_parser.out == cli(*words.split(), "--help").out


def test_help_of_what_does_not_exist_is_refused(cli):
    done = cli("solve", "nothing", "--help")
    assert done.code == 2 and "No such command 'nothing'" in done.err and done.out == ""
