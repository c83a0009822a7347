"""Which module serves which command. It is imported when its command is named: a list of commands needs none of them.

A place is a module of this package with the function or group of commands in it; `INNER` are commands of a group that
stand in a file of their own.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Container

import typer

COMMANDS = {  # name: its place, and the line about it in the list, at most 60 characters
    "solve": ("solve:app", "Solve one saddle point, in either setting."),
    "sweep": ("sweep:app", "Follow branches along α, upward and downward."),
    "transitions": ("transitions:app", "Find where layers turn solid, and the crystal."),
    "penetration": ("penetration:penetration", "Penetration depth of the solid layers against ln α."),
    "capacity": ("capacity:capacity", "Storage capacity, at any depth and margin."),
    "phase-diagram": ("phase_diagram:app", "Phase diagrams of models that are known in full."),
    "complexity": ("complexity:complexity", "Number of one-step states by their entropy."),
    "mc": ("mc:app", "Monte Carlo of small nets."),
    "amp": ("amp:app", "Message passing on nets too large for Monte Carlo."),
    "compare": ("compare:app", "Theory against Monte Carlo, with errors and a verdict."),
    "fieldtheory": ("fieldtheory:app", "Scalar field theory of symmetry breaking, and its tests."),
    "show": ("show:show", "Print what a saved result says, or draw it."),
    "report": ("report:report", "Write results as one page that opens from the disk."),
    "ultrametric": ("ultrametric:ultrametric", "The tree of states that a saved result holds."),
    "figures": ("figures:figures", "Draw the figures of the paper and beyond."),
    "doctor": ("doctor:doctor", "Say whether the installation is sound."),
}
INNER = {
    "solve": {"planted": "planted:solve_planted"},
    "transitions": {"planted": "planted:transitions_planted"},
    "mc": {"training": "training:training"},
    "compare": {"liquid": "compare_liquid:compare_liquid", "amp": "compare_amp:compare_amp"},
}


def _at(place: str):
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(f"gardner.cli.{module}"), name)


@functools.cache
def _loaded(name: str):
    """The function or the group of a command, whole."""
    command = _at(COMMANDS[name][0])
    for inner, place in INNER.get(name, {}).items():
        command.command(inner)(_at(place))
    return command


def grow(app: typer.Typer, words: Container[str]) -> typer.Typer:
    """Give `app` every command: those among `words` in full, of the others the name and the line about it."""
    for name, (_, line) in COMMANDS.items():
        command = _loaded(name) if name in words else (lambda: None)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, short_help=line)
        else:
            app.command(name, short_help=line)(command)
    return app
