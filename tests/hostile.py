"""Command lines that should be refused, made from the tree of commands and the type of every option.

`SMALLEST` holds a valid line for every command. To it an option is added with a value that nothing could mean
(`NEVER`), or that some quantities allow (`PERHAPS`: what may pass is in `ALLOWED`), and pairs of options (`PAIRS`) of
which one makes the other meaningless. Whatever is not allowed by name is to be refused.
"""

import inspect
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from gardner.cli import main

HUGE = "99999999999999999999999"
SMALLEST = {  # every command with what it needs
    "solve random": "--alpha 2 --depth 2 --levels 1",
    "solve sk": "--beta 2 --levels 1",
    "solve planted": "--alpha 2 --depth 1",
    "transitions planted": "",
    "transitions random": "",
    "sweep random": "--alpha 1 --depth 2 --levels 1 --out s.nc",
    "sweep planted": "--alpha 1 --depth 2 --out s.nc",
    "mc random": "--width 4 --depth 1 --alpha 1",
    "mc planted": "--width 4 --depth 1 --alpha 1",
    "mc training": "",
    "amp planted": "--width 4 --depth 1 --alpha 1",
    "compare planted": "--depth 1 --alpha 1 --out report",
    "compare random": "--depth 1 --alpha 1 --out report",
    "compare liquid": "--depth 2 --alpha 0.5 --out report",
    "compare amp": "--depth 2 --alpha 5 --out report",
    "fieldtheory predict": "",
    "fieldtheory lattice": "",
    "fieldtheory linear-net": "",
    "fieldtheory learning-rate": "",
    "figures": "",
    "doctor": "",
    "capacity": "",
    "complexity": "--alpha 6",
    "phase-diagram perceptron": "--margin 0.5",
    "penetration": "random",
    "show": "run.nc",
    "report": "run.nc",
    "ultrametric": "run.nc",
}
ALSO = {"show": "solution.nc", "report": "solution.nc", "ultrametric": "solution.nc"}  # for run.nc


def commands(command, words=()):
    """Every command of the tree as (its words, the command)."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(words), command
        return
    for name, child in inner.items():
        yield from commands(child, (*words, name))


TREE = dict(commands(typer.main.get_command(main.app)))


def options(command) -> dict[str, type]:
    """The options of a command with the type of their values, bool for flags."""
    annotated, found = inspect.signature(command.callback).parameters, {}
    for option in command.params:
        if option.param_type_name == "option" and option.name in annotated:
            hint = typing.get_args(annotated[option.name].annotation)[0]
            kinds = [kind for kind in typing.get_args(hint) if kind is not type(None)]
            found[option.opts[0]] = kinds[0] if isinstance(hint, (types.UnionType,)) else hint
    return found


NUMBERS = ("nan", "inf", "-inf", "1e300", "-1e300", "1e400", HUGE, f"-{HUGE}", "x", "0x10", "☃", "1;2", "--", "½")
NEVER = {
    int: (*NUMBERS, "1.5", "1e3x", "-1000000"),
    float: (*NUMBERS, "1,2", "1:2"),
    str: (*NUMBERS, ",", ",,", ":", "::", "2:1", "5:1:3", "1:2:0", f"1:2:{HUGE}", "1:2:3:4", "1:2:3:lin", "nan,1",
          "1,inf", "1,x", "/", "no-such-file", "a" * 5000),
    Path: ("no/such/folder/x.nc", "/proc", "/proc/x.svg", "/dev/null", "folder", "text.nc/x.svg", "n" * 300 + ".svg"),
}  # fmt: skip
PERHAPS = {
    int: ("0", "-1", "1000001"),
    float: ("0", "-1", "101", "-101", "1000001", "1e-300", "-1e-300"),
    str: ("0", "-1", "101", "1000001", "1e-300", "1,1", "2,1", "0:1:3", "-1:1:3:log"),
    Path: ("text.nc", "x", "x.csv", "x.nc"),
}
LOADS = {"--alpha", "--beta"}  # their limits are theories of their own
FIELDS = {"--margin", "--k", "--mass2"}  # of either sign
GRIDS = {"--alpha", "--beta", "--margin", "--learning-rate", "--depth", "--mass2"}  # lists and ranges, here or there
ALLOWED = {  # values of `PERHAPS` with the options that may be taken with them
    "0": {"--seed", "--levels", "--burn-in", "--dilution", "--thermalisation", "--coupling", "--learning-rate",
          "--field", "--input-overlap", "--output-overlap", "--beta", *FIELDS},
    "-1": FIELDS,
    "101": {"--budget", "--depth", "--widths", "--width", "--mu", "--coupling", "--noise", "--learning-rate", "--field",
            "--burn-in", "--sweeps", "--k", "--mass2", "--sizes", "--hidden", *LOADS},
    "-101": {"--k", "--mass2"},
    "1000001": {"--seed", "--budget", "--thermalisation", "--sweeps", "--runs", "--steps", "--windows",
                "--realisations", "--max-iterations", *LOADS},
    "1e-300": {"--dilution", "--noise", "--drop", "--learning-rate", "--field", "--input-overlap", "--output-overlap",
               "--start", "--starts", *LOADS, *FIELDS},
    "-1e-300": FIELDS,
    "1,1": GRIDS,
    "2,1": {"--layers", *GRIDS},
    "0:1:3": GRIDS,
    "text.nc": set(),
    "x": {"--out"},
    "x.csv": {"--out"},
    "x.nc": {"--out"},
}  # fmt: skip
FOLDERS = {("figures", "--out"): ("no/such/folder/x.nc", "folder"), ("compare", "--out"): ("folder",)}  # taken there
NARROWER = {  # (command, option) with less than others take, and why
    ("solve planted", "--alpha"): "the quadratures of the crystal are verified up to 1e6",
    ("compare planted", "--alpha"): "nets of more patterns cannot be run",
    ("compare random", "--alpha"): "nets of more patterns cannot be run",
    ("compare amp", "--alpha"): "nets of more patterns cannot be run",
    ("compare planted", "--depth"): "deeper nets do not relax",
    ("compare random", "--depth"): "deeper nets do not relax",
    ("compare liquid", "--depth"): "deeper nets do not relax",
    ("compare amp", "--depth"): "deeper nets than these are not solved in the time of a comparison",
    ("compare amp", "--samples"): "each is a large net",
    ("compare planted", "--samples"): "runs are planned within a budget",
    ("compare random", "--samples"): "runs are planned within a budget",
    ("compare liquid", "--replicas"): "all pairs are used",
    ("ultrametric", "--replicas"): "of a drawn tree",
    ("fieldtheory lattice", "--components"): "of every site",
    ("fieldtheory lattice", "--sweeps"): "of one block",
    ("transitions random", "--count"): "each costs a minute, and the front gives way",
    ("penetration", "--count"): "each costs a minute, and the front gives way",
    ("transitions random", "--levels"): "five numbers of steps up to this one are solved",
    ("penetration", "--levels"): "five numbers of steps up to this one are solved",
}


@dataclass(frozen=True)
class Line:
    """words: after `gardner`; about: the option that is tried; value: of it; never: whether nothing allows it."""

    words: tuple[str, ...]
    command: str
    option: str
    value: str
    never: bool

    def allowed(self) -> bool:
        """Whether a command may do what the line asks for."""
        if self.value in FOLDERS.get((self.command.split()[0], self.option), ()):
            return True
        return not self.never and self.option in ALLOWED.get(self.value, ())


def smallest(command: str) -> tuple[str, ...]:
    """The words of the command and what it needs, of files that exist."""
    needed = ALSO.get(command, SMALLEST[command])
    return (*command.split(), *needed.split())


def lines() -> Iterator[Line]:
    """All lines of one option."""
    for command, part in TREE.items():
        start = smallest(command)
        for option, kind in options(part).items():
            if kind is bool:
                yield Line((*start, f"{option}=yes"), command, option, "yes", True)
                continue
            for never, table in ((True, NEVER), (False, PERHAPS)):
                for value in table[kind]:
                    yield Line((*start, f"{option}={value}"), command, option, value, never)
            yield Line((*start, option), command, option, "", True)
        yield Line((*start, "--no-such-option"), command, "--no-such-option", "", True)
        yield Line((*start, "superfluous", "words"), command, "superfluous", "words", True)


def pairs() -> Iterator[Line]:
    """Lines in which what stands before makes the last option meaningless."""
    for command, case, idle in PAIRS:
        start = (*command.split(), *case.split())
        for option in idle.split("  "):
            yield Line((*start, *option.split()), command, option.split()[0], case, True)


PAIRS = (  # command, what it is asked for, options (two blanks apart) that mean nothing then
    ("penetration", "planted", "--levels 5  --transitions exact  --depth 3  --margin 0  --beta 2"),
    ("penetration", "random", "--transitions sweep  --depth 3  --margin 0  --beta 2"),
    ("penetration", "sweep.nc", "--closure symmetric  --weights spherical  --count 2  --levels 9  --margin 0"),
    ("penetration", "sweep.nc --transitions exact", "--levels 9"),
    ("capacity", "", "--levels 1"),
    ("capacity", "--margin -0.5 --exponents", "--closure symmetric  --depth 2  --weights binary"),
    ("mc random", "--width 4 --depth 1 --alpha 1 --weights binary", "--step 0.3  --margin 0.5"),
    ("mc random", "--width 4 --depth 1 --alpha 1", "--graph regular  --dynamics heat-bath"),
    ("mc random", "--width 4 --depth 1 --alpha 1 --scheduler tcp://127.0.0.1:9", "--workers 2"),
    ("mc planted", "--width 4 --depth 1 --alpha 1 --weights binary --dynamics heat-bath", "--step 0.3"),
    ("mc planted", "--width 4 --depth 1 --alpha 1 --dynamics heat-bath", "--step 0.3"),
    ("mc planted", "--width 4 --depth 1 --alpha 1", "--beta 3  --margin 0.5  --resume  --tempering 4"),
    ("mc planted", "--width 4 --depth 1 --alpha 1 --out x.nc --resume", "--force"),
    ("sweep planted", "--alpha 1 --depth 2 --out s.nc --resume", "--force"),
    ("sweep random", "--alpha 1 --depth 2 --out s.nc --scheduler tcp://127.0.0.1:9", "--threads 1  --workers 2"),
    ("sweep random", "--alpha 1 --depth 2 --out s.nc --parisi 0.5", "--levels 2  --grid uniform"),
    ("sweep random", "--alpha 1 --depth 2 --out s.nc --potential hard", "--beta 2"),
    ("sweep random", "--alpha 1 --depth 2 --out s.nc --margin 0,1", "--plot s.svg"),
    ("solve random", "--alpha 2 --depth 2 --parisi 0.5", "--levels 2  --grid uniform  --optimise-parisi"),
    ("solve random", "--alpha 2 --depth 2 --levels 1", "--beta 2"),
    ("solve random", "--alpha 2 --depth 2 --levels 1 --optimise-parisi", "--from solution.nc"),
    ("solve random", "--alpha 2 --depth 3 --levels 1", "--from solution.nc"),
    ("solve random", "--alpha 2 --depth 2 --levels 1 --plot a.svg", "--out a.csv  --out a.svg"),
    ("solve sk", "--zero-temperature", "--beta 2  --parisi 0.5  --grid uniform  --method newton"),
    ("solve sk", "--zero-temperature", "--tol 1e-9  --accuracy 1e-10"),
    ("complexity", "--alpha 6", "--beta 2"),
    ("transitions planted", "--depth 3", "--count 2"),
    ("transitions random", "--depth 3", "--count 2"),
    ("fieldtheory learning-rate", "", "--data synthetic  --hidden 4  --drop 0.1  --drop nan"),
    ("fieldtheory learning-rate", "--system net", "--mu 1  --coupling 1  --components 1  --dynamics gd  --noise 0.1"),
    ("fieldtheory learning-rate", "--rates 1,2,3", "--resume"),
    ("fieldtheory lattice", "--out x.nc --resume", "--force"),
    ("fieldtheory lattice", "--components 1", "--learning-rate 1"),
    ("compare planted", "--depth 1 --alpha 1 --out report --limit full", "--graph regular  --connectivities 4,6,8"),
    ("compare planted", "--depth 1 --alpha 1 --out report", "--widths 4,6,8"),
    ("compare planted", "--depth 1 --alpha 1 --out report --resume", "--force"),
    ("compare liquid", "--depth 2 --alpha 0.5 --out report", "--beta 2"),
    ("compare liquid", "--depth 2 --alpha 0.5 --out r --potential soft", "--dynamics metropolis  --realisations 200"),
    ("figures", "--list", "--quality draft  --out x  --workers 1  --force  sk"),
    ("ultrametric", "solution.nc", "--bins 9  --tolerance 0.1"),
    ("ultrametric", "mc.nc", "--replicas 9"),
    ("show", "sweep.nc", "--gaps"),
)  # fmt: skip
