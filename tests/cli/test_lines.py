"""A sweep over every option of every command with values that nothing can mean, and with options that mean nothing.

All lines are in `hostile`. The default tests take a part of them, drawn with a fixed seed; the campaign takes all.
"""

import ast
import random
import re
from pathlib import Path

import pytest
from forked import Answer, Commands
from hostile import HUGE, NARROWER, TREE, Line, lines, options, pairs

CLI = Path(__file__).parents[2] / "gardner" / "cli"
QUICK = 1.5  # seconds of processor time for a refusal
SAMPLE = 60  # of the lines, in the default tests
EVERY = list(lines())
IDLE = list(pairs())


@pytest.fixture(scope="module")
def commands():
    started = Commands(seconds=2.0)
    yield started
    started.close()


def foreign(line: Line, said: str) -> set[str]:
    """Options that a refusal names and the command does not have, unless the line names them as well."""
    own = {name for option in TREE[line.command].params for name in (*option.opts, *option.secondary_opts)}
    given = {word.split("=")[0] for word in line.words}
    return set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", said)) - own - given - {"--help"}


def faults(line: Line, answer: Answer) -> list[str]:
    """What is wrong with the answer to a line: nothing if it was refused in order, or if it may be taken and was."""
    said = answer.err.splitlines()
    found = {
        "an exit code that is not documented": answer.code not in (0, 2, 3, 4, None),
        "a traceback": "Traceback" in answer.err,
        "a warning of a library": re.search(r"\w+Warning: ", answer.err) is not None,
    }
    if answer.code == 2:
        found |= {
            "not one line": len(said) != 1 or not answer.err.startswith("gardner: "),
            "standard output": bool(answer.out),
            "files": bool(answer.left),
            "late": answer.seconds > QUICK,
            "an option that the command does not have": bool(foreign(line, answer.err)),
        }
    else:
        found["taken"] = not line.allowed()
    return [name for name, is_so in found.items() if is_so]


def all_faults(commands, these: list[Line]) -> list[str]:
    """One text for every line that was not answered in order."""
    said = []
    for line in these:
        answer = commands(*line.words)
        if wrong := faults(line, answer):
            shown = " ".join(line.words)[:200]
            said.append(f"{shown}: {', '.join(wrong)}: exit {answer.code}, {answer.err[:300]!r}, left {answer.left}")
    return said


def test_a_sample_of_hostile_lines_is_refused(commands):
    refused = [line for line in EVERY if not line.allowed()]
    assert not all_faults(commands, random.Random(19).sample(refused, SAMPLE))


@pytest.mark.campaign
@pytest.mark.parametrize("command", TREE)
def test_every_hostile_line_is_refused_or_allowed(commands, command):
    assert not all_faults(commands, [line for line in EVERY if line.command == command])


def test_the_sweep_is_over_every_option_of_every_command():
    assert len(EVERY) > 5000
    reached = {(line.command, line.option) for line in EVERY}
    assert reached >= {(command, option) for command, part in TREE.items() for option in options(part)}


def test_options_that_would_change_nothing_are_refused(commands):
    assert not all_faults(commands, IDLE)


def test_every_refusal_of_an_idle_option_is_among_the_pairs():
    """An option named in a `refuse_idle` of a command has a line in which it is refused."""
    tried = {line.option for line in IDLE}
    for path in CLI.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "refuse_idle":
                named = {word.value for word in node.args[1:] if isinstance(word, ast.Constant)}
                assert named <= tried, f"{path.name}: {named - tried}"


@pytest.mark.parametrize(
    "answer, wrong",
    [
        (Answer(2, "", "gardner: alpha = nan: must be a finite number\n", 0.1, []), []),
        (Answer(0, "", "", 0.1, []), ["taken"]),
        (Answer(None, "", "", 2.0, []), ["taken"]),
        (Answer(2, "", "compiling …\ngardner: no\n", 0.1, []), ["not one line"]),
        (Answer(2, "", "gardner: no\n", 0.1, ["a.nc.parts"]), ["files"]),
        (Answer(2, "table", "gardner: no\n", 3.0, []), ["standard output", "late"]),
        (Answer(2, "", "gardner: lower --alpha\n", 0.1, []), ["an option that the command does not have"]),
        (Answer(1, "", "Traceback: no", 0.1, []), ["an exit code that is not documented", "a traceback", "taken"]),
        (Answer(2, "", "RuntimeWarning: overflow\n", 0.1, []), ["a warning of a library", "not one line"]),
    ],
)
def test_wrong_answers_are_told_from_right_ones(answer, wrong):
    line = Line(("solve", "sk", "--beta=nan"), "solve sk", "--beta", "nan", True)
    assert faults(line, answer) == wrong


BOUND = re.compile(r"= [^:]*: must (?:be at most (\S+)|lie between \S+ and (\S+)|lie in \[\S+, (\S+?)[\])])")


def extremes() -> dict[str, list[Line]]:
    """By option, the lines in which a number is far above what any command takes; of options of several commands."""
    found: dict[str, list[Line]] = {}
    for line in EVERY:
        kind = options(TREE[line.command]).get(line.option)
        if kind in (int, float) and line.value == ("1e300" if kind is float else HUGE):
            found.setdefault(line.option, []).append(line)
    return {option: those for option, those in found.items() if len(those) > 1}


EXTREMES = extremes()
USUAL = ("--alpha", "--beta", "--margin", "--tol")  # in the default tests


@pytest.mark.parametrize(
    "option", [pytest.param(name, marks=() if name in USUAL else pytest.mark.campaign) for name in EXTREMES]
)
def test_a_quantity_has_the_same_bounds_in_every_command(commands, option):
    """The largest value that a refusal names, unless it is another refusal."""
    answers = {line.command: BOUND.search(commands(*line.words).err) for line in EXTREMES[option]}
    bounds = {name: float(next(filter(None, m.groups())).rstrip(",;")) for name, m in answers.items() if m}
    assert bounds
    usual = max(bounds.values())
    for command, largest in bounds.items():
        assert largest == usual or (command, option) in NARROWER, bounds
