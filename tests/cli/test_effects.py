"""An option that is taken changes what is computed: otherwise it should have been refused.

Every command is run in several settings (`SETTINGS`), each option added with another value than it had (`OTHER`).
Either the line is refused, or its document differs in more than the echo of what was given.
"""

import json

import pytest
from forked import Commands
from hostile import TREE, options

MC = "--width 4 --alpha 1 --sweeps 100 --samples 2 --points 1"
SETTINGS = {
    "solve random": (
        "--alpha 6 --depth 2 --levels 1",
        "--alpha 3 --depth 2 --levels 1 --potential soft",
        "--alpha 1 --depth 1 --levels 1 --weights binary",
        "--alpha 6 --depth 2 --levels 1 --closure directed",
    ),
    "solve sk": ("--beta 2 --levels 2", "--zero-temperature --levels 8"),
    "solve planted": ("--alpha 6 --depth 3", "--alpha 1 --depth 2 --weights binary"),
    "transitions planted": ("--count 3", "--depth 3"),
    "mc random": (
        f"{MC} --depth 2",
        f"{MC} --depth 2 --weights gaussian",
        f"{MC} --depth 2 --weights binary",
        f"{MC} --depth 2 --connectivity 2",
        f"{MC} --depth 2 --potential hard --seed 3",  # a sample that annealing solves
        f"{MC} --depth 2 --tempering 4",
    ),
    "mc planted": (
        f"{MC} --depth 2",
        f"{MC} --depth 2 --dynamics heat-bath",
        f"{MC} --depth 2 --weights binary",
        f"{MC} --depth 2 --weights binary --dynamics heat-bath --beta 3",
        f"{MC} --depth 2 --potential soft",
    ),
    "amp planted": ("--width 40 --depth 2 --alpha 3 --connectivity 8 --samples 2 --iterations 15",),
    "mc training": ("--alpha 1 --depth 2 --dilution 0.2 --sweeps 100 --samples 2",),
    "fieldtheory predict": ("",),
    "fieldtheory lattice": ("--sizes 4 --blocks 8 --sweeps 2 --thermalisation 5",),
    "fieldtheory linear-net": ("--widths 4-3-2",),
    "fieldtheory learning-rate": ("--rates 0.5,1,1.5,2.5 --steps 20 --windows 2 --runs 2",),
    "capacity": ("", "--margin -0.5", "--depth 3", "--depth 3 --closure directed", "--weights binary"),
    "complexity": ("--alpha 4.2 --margin -0.5 --m 0.1,0.3",),  # where there are states to count
    "penetration": ("planted --count 3", "sweep.nc", "sweep.nc --transitions exact"),
    "ultrametric": ("solution.nc", "mc.nc"),
    "show": ("solution.nc",),
}
OTHER = {
    "--accuracy": "1e-4", "--alpha": "2.5", "--beta": "5", "--bins": "11", "--blocks": "9", "--branch": "liquid",
    "--burn-in": "33", "--chains": "3", "--closure": "directed", "--components": "2", "--connectivity": "3",
    "--count": "2", "--coupling": "0.7", "--damping": "0.6", "--data": "digits", "--depth": "4",
    "--dilution": "0.3", "--dimensions": "3",
    "--drop": "0.3", "--dynamics": "heat-bath", "--exponents": "", "--extrapolate": "", "--field": "0.1",
    "--fresh": "300", "--gaps": "", "--graph": "regular", "--grid": "power", "--guest": "",
    "--hidden": "4,4", "--iterations": "7",
    "--input-overlap": "0.9", "--k": "0.7", "--layers": "1", "--learning-rate": "0.3", "--levels": "2",
    "--m": "0.4,0.7", "--margin": "-0.3", "--mass2": "0.4", "--max-iterations": "3", "--measurements": "50",
    "--method": "damped", "--mu": "1.2", "--noise": "0.2", "--optimise-parisi": "", "--output-overlap": "0.9",
    "--parisi": "0.3", "--potential": "hinge", "--rates": "0.4,0.9,1.4", "--replicas": "3", "--runs": "3",
    "--samples": "3", "--seed": "5", "--seeds": "2", "--sizes": "6", "--start": "random", "--step": "0.2",
    "--steps": "30", "--sweeps": "60", "--system": "net", "--tempering": "3", "--thermalisation": "9",
    "--tolerance": "0.2", "--tol": "1e-5", "--transitions": "exact", "--weights": "binary", "--width": "5",
    "--widths": "3-3-2", "--window": "2:1000", "--windows": "3", "--zero-temperature": "",
}  # fmt: skip
NO_NUMBERS = {  # options that change how and where something is computed or kept, not what
    *("--force", "--from", "--json", "--out", "--plot", "--points", "--resume", "--scheduler", "--threads"),
    "--workers",
}
SAME = {  # where the same answer is right, and why
    ("capacity", "--closure"): "at one layer all closures are one theory",
    ("solve planted", "--tol"): "the liquid of binary weights is an exact zero",
}
ECHO = ("parameters", "seconds", "seed", "version", "command", "options")


def told(text: str) -> dict:
    """The document without what only repeats what was asked for."""
    return {name: value for name, value in json.loads(text).items() if name not in ECHO}


@pytest.fixture(scope="module")
def commands():
    started = Commands(seconds=60.0)
    yield started
    started.close()


def test_every_option_has_another_value():
    assert set(OTHER) | NO_NUMBERS >= {option for command in SETTINGS for option in options(TREE[command])}


@pytest.mark.campaign
@pytest.mark.parametrize("command, setting", [(name, one) for name, parts in SETTINGS.items() for one in parts])
def test_an_option_that_is_taken_changes_what_is_computed(commands, command, setting):
    start = (*command.split(), *setting.split(), "--json")
    before = commands(*start)
    assert before.code in (0, 3), before
    idle = []
    for option in set(options(TREE[command])) - NO_NUMBERS:
        if option in setting.split() or (command, option) in SAME:
            continue
        after = commands(*start, option, *OTHER[option].split())
        assert after.code in (0, 2, 3, None), (option, after)
        if after.code in (0, 3) and after.out and told(after.out) == told(before.out):
            idle.append(option)
    assert not idle
