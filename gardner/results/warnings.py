"""What a solution must not be taken for, as data: warnings with a kind, a sentence and the numbers behind it.

A warning is no failure. A search may converge, and its fixed point be exact to all digits, where the
equations no longer say anything about nets: beyond the number of patterns that any net can store, or
on a grid of m that the answer hangs on. The status says whether the search ended well, the warnings
say what is known against its answer.

Solutions carry theirs from the moment they are computed, in the field `warnings`, into documents, files
and tables; files of before have none. `CHECKS` knows who judges: one function and one line for each kind,

    from gardner.results.warnings import CHECKS, SolutionWarning, judges

    @judges("solve random")                      # kinds of results, as in gardner.results.kinds
    def too_deep(solution):
        if solution.setting.network.depth > 50:
            yield SolutionWarning("too-deep", "more than 50 layers", {"depth": solution.setting.network.depth})

    CHECKS.register("too-deep", too_deep)
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from gardner.errors import FileFormatError
from gardner.registry import Registry
from gardner.results import schema as words

NAMED = {"kind": words.TEXT, "text": words.TEXT}  # of every warning; its numbers stand beside them
THEORY = "gardner.theory.warnings"
CHECKS = Registry(
    "warning",
    **{
        "counting-bound": f"{THEORY}.counting:exceeds_counting_bound",
        "capacity": "gardner.analysis.beyond_capacity:exceeds_capacity",
        "frozen-levels": f"{THEORY}.frozen:hangs_on_grid",
        "negative-entropy": f"{THEORY}.entropy:entropy_is_negative",
        "bayes-inequality": f"{THEORY}.bayes:violates_bayes",
    },
)


@dataclass(frozen=True)
class SolutionWarning:
    """kind: a name in CHECKS; text: one sentence; numbers: what the sentence states, by name."""

    kind: str
    text: str
    numbers: dict = field(default_factory=dict)

    def body(self) -> dict:
        """Its entry in a document: kind, text and the numbers side by side."""
        return {"kind": self.kind, "text": self.text} | self.numbers

    @classmethod
    def from_body(cls, body: dict) -> SolutionWarning:
        """The inverse of `body`."""
        return cls(body["kind"], body["text"], {name: value for name, value in body.items() if name not in NAMED})


def judges(*kinds: str) -> Callable:
    """Decorator of a check: a function of a result of one of these kinds that yields its warnings."""

    def mark(check: Callable[[object], Iterable[SolutionWarning]]) -> Callable:
        check.judged = kinds
        return check

    return mark


def warnings_of(result) -> tuple[SolutionWarning, ...]:
    """The warnings of every check that judges results of this kind, in the order of CHECKS."""
    checks = (CHECKS[name] for name in CHECKS)
    return tuple(warning for check in checks if result.kind in check.judged for warning in check(result))


def warned(result):
    """The result with its warnings; the time that they took counts as its own."""
    began = time.perf_counter()
    found = warnings_of(result)
    return replace(result, warnings=found, seconds=result.seconds + time.perf_counter() - began)


NO_WARNINGS = "[]"  # of a point of a sweep, as `to_text` writes it


def read_warnings(listed, where: str = "the entry warnings") -> tuple[SolutionWarning, ...]:
    """The warnings in a document (None: it is older than they are); FileFormatError if they are none."""
    words.check_value([] if listed is None else listed, [NAMED], where)
    return tuple(map(SolutionWarning.from_body, listed or ()))


def to_text(warnings: Iterable[SolutionWarning]) -> str:
    """Warnings as JSON text, for a file with many points."""
    return json.dumps([warning.body() for warning in warnings])


def from_text(text: str) -> tuple[SolutionWarning, ...]:
    """The inverse of `to_text`; FileFormatError if it is damaged."""
    try:
        return read_warnings(json.loads(text), "the variable warnings")
    except json.JSONDecodeError:
        raise FileFormatError("the variable warnings must hold JSON text") from None


def lines_of(warnings: Iterable[SolutionWarning]) -> Iterator[str]:
    """What a table says of them, one line each."""
    return (f"warning: {warning.text}" for warning in warnings)


def excess(value: float, bound: float) -> str:
    """How far a number lies above its bound, as in "22.4 times above" or "3.1 % above"."""
    ratio = value / bound
    return f"{ratio:.3g} times above" if ratio >= 1.995 else f"{100.0 * (ratio - 1.0):.2g} % above"
