"""The tutorial runs from top to bottom and prints what it shows.

Numbers agree to the last digit shown (one unit of it for rounding). In a line with ± they are Monte Carlo means, whose
random walk depends on the order in which a processor adds: a mean may differ by 5 of the errors shown, an error by a
factor of 2.
"""

import contextlib
import io
import re
from importlib import resources

import pytest

TUTORIAL = resources.files("gardner").joinpath("TUTORIAL.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", re.S)


def unit(shown: str) -> float:
    """One unit of the last digit of a number."""
    mantissa, _, power = shown.partition("e")
    return 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))


def differences(shown: str, printed: str) -> list[str]:
    """What is wrong with the printed text, line by line."""
    wrong, expected, found = [], shown.splitlines(), printed.splitlines()
    if len(expected) != len(found):
        return [f"{len(found)} lines printed, {len(expected)} shown: {printed}"]
    for line, other in zip(expected, found):
        a, b = NUMBER.findall(line), NUMBER.findall(other)
        close = NUMBER.sub("#", line) == NUMBER.sub("#", other) and len(a) == len(b)
        if close and "±" in line:
            first = NUMBER.findall(line.partition("±")[0])
            mean, error = len(first) - 1, float(a[len(first)])
            close = abs(float(a[mean]) - float(b[mean])) <= 5.0 * error and error / 2 <= float(b[mean + 1]) <= 2 * error
            close &= a[:mean] == b[:mean] and a[mean + 2 :] == b[mean + 2 :]
        elif close:
            close = all(abs(float(x) - float(y)) <= 1.001 * unit(x) if "." in x else x == y for x, y in zip(a, b))
        if not close:
            wrong.append(f"shown {line!r}, printed {other!r}")
    return wrong


def test_tutorial_prints_what_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall(TUTORIAL)
    assert len(blocks) >= 10 and len(blocks) == TUTORIAL.count("```python")
    namespace, wrong = {"__name__": "tutorial"}, []
    for code, shown in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "TUTORIAL.md", "exec"), namespace)
        wrong += differences(shown, printed.getvalue())
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "shown, printed, same",
    [
        ("s = -0.69735111", "s = -0.69735112", True),
        ("s = -0.69735111", "s = -0.69735211", False),
        ("stable: liquid", "stable: crystal", False),
        ("k = 10: converged", "k = 11: converged", False),
        ("N = 16: Q = 0.2913 ± 0.0023", "N = 16: Q = 0.2990 ± 0.0030", True),
        ("N = 16: Q = 0.2913 ± 0.0023", "N = 16: Q = 0.3590 ± 0.0030", False),
        ("N = 16: Q = 0.2913 ± 0.0023", "N = 16: Q = 0.2913 ± 0.0230", False),
        ("one\ntwo", "one", False),
    ],
)
def test_comparison_tells_equal_from_different(shown, printed, same):
    assert (not differences(shown, printed)) == same


def test_links_of_the_tutorial_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", TUTORIAL):
        assert resources.files("gardner").joinpath(target).is_file(), target
