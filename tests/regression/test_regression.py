"""The code still gives the numbers that it gave before; `case` and `cases` say what they are."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from regression.case import NUMBERS, Case
from regression.cases import CASES

KEPT = json.loads(NUMBERS.read_text(encoding="utf-8"))["cases"]


def entries(name: str, value) -> Iterator[tuple[str, object]]:
    """The single numbers and words of a value, an entry of a list called name[0], name[1], …"""
    if isinstance(value, (list, tuple)):
        yield f"{name}: length", len(value)
        for position, entry in enumerate(value):
            yield from entries(f"{name}[{position}]", entry)
    else:
        yield name, value


def difference(old, new, tolerance: float) -> str | None:
    """How far a number is from the kept one, or None where it is close enough."""
    if old is None or isinstance(old, str) or new is None or isinstance(new, str):
        return None if old == new else "they are not equal"
    allowed = tolerance * (1.0 + abs(old))
    distance = abs(float(new) - float(old))
    if distance <= allowed:  # false for nan
        return None
    return f"they differ by {distance:.3g}, and {allowed:.3g} is allowed"


def complaints(case: Case, numbers: dict) -> list[str]:
    """One sentence for every number that is not the kept one."""
    kept = dict(pair for name, value in KEPT[case.name].items() for pair in entries(name, value))
    found = dict(pair for name, value in numbers.items() for pair in entries(name, value))
    result = [f"{case.name}: {name} is no longer computed" for name in kept.keys() - found.keys()]
    result += [f"{case.name}: {name} was not kept" for name in found.keys() - kept.keys()]
    for name in kept.keys() & found.keys():
        said = difference(kept[name], found[name], case.tolerance)
        if said is not None:
            result.append(f"{case.name}: {name} was {kept[name]!r}, is {found[name]!r}: {said}")
    return sorted(result)


def parameters() -> list:
    """The cases as parameters of the test, the slow ones marked."""
    slow = pytest.mark.slow
    return [pytest.param(case, id=case.name, marks=slow if case.slow else ()) for case in CASES]


@pytest.mark.parametrize("case", parameters())
def test_numbers_are_those_of_before(case):
    assert case.name in KEPT, f"{case.name} is not in {NUMBERS.name}; write.py adds it"
    problems = complaints(case, case.compute())
    assert not problems, "\n".join(problems)


def test_every_kept_case_is_still_computed():
    assert sorted(KEPT) == sorted(case.name for case in CASES)


def test_looser_tolerances_have_a_reason():
    assert [case.name for case in CASES if case.tolerance != 1e-10 and not case.reason] == []


def test_a_changed_number_is_noticed():
    case = next(case for case in CASES if case.name == "random/L2-k1")
    numbers = json.loads(json.dumps(KEPT[case.name]))
    assert complaints(case, numbers) == []
    numbers["Q"] += 1e-9
    (said,) = complaints(case, numbers)
    assert "random/L2-k1: Q was" in said and "1e-09" in said
