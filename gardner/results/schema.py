"""What a result file of each kind must hold, checked once, when it is read.

A kind declares its attributes (a type, the words allowed, or a nested description of a JSON document), its variables
with the dimensions they cannot do without, and the sizes that must agree with the attributes. Most kinds have the
schema that their fields say (`Result.schema`). Files without `kind` (of figures, or of other programs) are not checked.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields, replace

import numpy as np

from gardner.errors import FileFormatError
from gardner.registry import Registry


@dataclass(frozen=True)
class Type:
    """A sort of value: in words, and as a test; `null`: may be null as well (what is undefined)."""

    words: str
    test: Callable[[object], bool]
    null: bool = False

    def fits(self, value) -> bool:
        return self.test(value) or (self.null and value is None)


def _is_number(value) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _is_whole(value) -> bool:
    return _is_number(value) and float(value) == int(value) if _is_number(value) and np.isfinite(value) else False


NUMBER = Type("a number", _is_number)
MAYBE = Type("a number or null", _is_number, null=True)
MAYBE_WHOLE = Type("a whole number or null", _is_whole, null=True)
WHOLE = Type("a whole number", _is_whole)
COUNT = Type("a whole number of at least 1", lambda value: _is_whole(value) and value >= 1)
MAYBE_COUNT = replace(COUNT, words=f"{COUNT.words} or null", null=True)
TEXT = Type("text", lambda value: isinstance(value, str))
MAYBE_TEXT = Type("text or null", lambda value: isinstance(value, str), null=True)
TRUTH = Type("true or false", lambda value: isinstance(value, bool))
LIST = Type("a list", lambda value: isinstance(value, list))
TABLE = Type("a JSON object", lambda value: isinstance(value, dict))
NUMBERS = Type("a list of numbers", lambda value: isinstance(value, list) and all(map(_is_number, value)))
MAYBES = Type(
    "a list of numbers or nulls",
    lambda value: isinstance(value, list) and all(v is None or _is_number(v) for v in value),
)
ANYTHING = Type("anything", lambda value: True)
NUMBER_OR_LIST = Type("a number or a list of numbers", lambda value: _is_number(value) or NUMBERS.test(value))


@dataclass(frozen=True)
class Nullable:
    """A nested description, or null."""

    inside: object


@dataclass(frozen=True)
class Partly:
    """A JSON object whose entries are as described where they are there, and all those `needed` are."""

    entries: dict
    needed: tuple[str, ...] = ()


def check_value(value, wanted, where: str) -> None:
    """FileFormatError that names the place unless `value` is as described.

    wanted: a Type; a tuple or a registry of the words allowed; a dict, key → description; a list with the description
    of every element; Nullable of any of these; Partly of a dict.
    """
    if isinstance(wanted, Nullable):
        if value is not None:
            check_value(value, wanted.inside, where)
    elif isinstance(wanted, Partly):
        check_value(value, TABLE, where)
        entries = {name: inner for name, inner in wanted.entries.items() if name in value or name in wanted.needed}
        check_value(value, entries, where)
    elif isinstance(wanted, Type):
        if not wanted.fits(value):
            raise FileFormatError(f"{where} must be {wanted.words}, not {_shown(value)}")
    elif isinstance(wanted, tuple | Registry):
        if value not in wanted:
            raise FileFormatError(f"{where} must be one of {', '.join(wanted)}, not {_shown(value)}")
    elif isinstance(wanted, list):
        check_value(value, LIST, where)
        for index, item in enumerate(value):
            check_value(item, wanted[0], f"{where}[{index}]")
    else:
        check_value(value, TABLE, where)
        for name, inner in wanted.items():
            if name not in value:
                raise FileFormatError(f"{where} lacks {name}")
            check_value(value[name], inner, f"{where}.{name}")


def _shown(value) -> str:
    text = "null" if value is None else repr(value)
    return text if len(text) <= 40 else f"{text[:37]}…"


@dataclass(frozen=True)
class Schema:
    """One kind of file.

    attributes: needed, name → description; typed: checked where present; variables: name → (dimensions it must have,
    "number", "text" or, may it be empty, "any"); sizes: dimension → length as a function of the attributes; also: a
    further check; nullable: variables in whose place an attribute may say null; growing: dimensions that may have no
    entry.
    """

    attributes: dict
    variables: dict = field(default_factory=dict)
    typed: dict = field(default_factory=dict)
    sizes: dict = field(default_factory=dict)
    also: Callable | None = None
    nullable: frozenset = frozenset()
    growing: frozenset = frozenset()

    def without(self, *names: str) -> Schema:
        """The schema with these attributes checked where present only: files of older versions lack them."""
        typed = self.typed | {name: self.attributes[name] for name in names}
        attributes = {name: wanted for name, wanted in self.attributes.items() if name not in names}
        return replace(self, attributes=attributes, typed=typed)

    def check_document(self, document: dict) -> None:
        """FileFormatError for an entry of a JSON document that is not as the attribute of its name must be."""
        for name, wanted in (self.attributes | self.typed).items():
            if name in document:
                check_value(document[name], wanted, f"the entry {name}")

    def check(self, attributes: dict, dataset) -> None:
        """FileFormatError that names the first thing that is wrong."""
        for name, wanted in self.attributes.items():
            if name not in attributes:
                raise FileFormatError(f"the attribute {name} is missing")
            check_value(attributes[name], wanted, f"the attribute {name}")
        for name, wanted in self.typed.items():
            if name in attributes:
                check_value(attributes[name], wanted, f"the attribute {name}")
        for name, (dims, sort) in self.variables.items():
            if name not in self.nullable or attributes.get(name, "") is not None:
                _check_variable(dataset, name, dims, "any" if self._has_no_entry(dataset, dims) else sort)
        check_sizes(self.sizes, attributes, dataset.sizes)
        if self.also is not None:
            self.also(attributes, dataset)

    def _has_no_entry(self, dataset, dims: tuple[str, ...]) -> bool:
        return any(dim in self.growing and dataset.sizes.get(dim) == 0 for dim in dims)


def check_sizes(wanted: dict, described: dict, found) -> None:
    """FileFormatError unless the axes have the lengths that follow from what is described.

    wanted: axis → its length as a function of the attributes or of the document; found: axis → its length.
    """
    for axis, length in wanted.items():
        if found.get(axis) != length(described):
            raise FileFormatError(
                f"the dimension {axis} has length {found.get(axis)}, but {length(described)} is expected"
            )


def _check_variable(dataset, name: str, dims: tuple[str, ...], sort: str) -> None:
    if name not in dataset:
        raise FileFormatError(f"the variable {name} is missing")
    variable = dataset[name]
    missing = [dim for dim in dims if dim not in variable.dims]
    if missing:
        raise FileFormatError(f"the variable {name} lacks the dimension {missing[0]}")
    if 0 in variable.shape and sort != "any":
        raise FileFormatError(f"the variable {name} is empty")
    if sort == "text" and variable.dtype.kind not in "UO":
        raise FileFormatError(f"the variable {name} must hold text")
    if sort == "number" and variable.dtype.kind not in "fiu":
        raise FileFormatError(f"the variable {name} must hold numbers")


HEADER = {
    "command": TEXT,
    "parameters": TABLE,
    "version": TEXT,
    "status": TEXT,
    "seconds": NUMBER,
}
SEED = {"seed": MAYBE_WHOLE}
OF_ANNOTATION = {  # what a field of this annotation may hold in a file
    "float": MAYBE, "int": WHOLE, "str": TEXT, "bool": TRUTH, "dict": TABLE, "tuple[int, ...]": NUMBERS,
    "tuple[float, ...]": MAYBES, "tuple[str, ...]": LIST,
}  # fmt: skip
LAYERS = {  # sizes of a net of `depth` bond layers
    "layer": lambda attributes: int(attributes["depth"]) + 1,
    "bond_layer": lambda attributes: int(attributes["depth"]),
}


def without_none(annotation: str) -> tuple[str, bool]:
    """The annotation without `| None`, and whether that was part of it."""
    parts = [part.strip() for part in annotation.split("|")]
    kept = [part for part in parts if part != "None"]
    return " | ".join(kept), len(kept) < len(parts)


def type_of(annotation: str):
    """The sort of value that a field of this annotation has in a file."""
    base, is_optional = without_none(annotation)
    found = OF_ANNOTATION.get(base, ANYTHING)
    if not is_optional or found.null or found is ANYTHING:
        return found
    return replace(found, words=f"{found.words} or null", null=True)


def sort_of_variable(annotation: str) -> str:
    """ "text", "any" or "number": what a variable holds whose field has this annotation."""
    base, _ = without_none(annotation)
    return {"str": "text", "bool": "any", "tuple[float, ...]": "any"}.get(base, "number")


def list_of(annotation: str, axes: int):
    """What a document holds of a field of this annotation that lies on so many axes: lists within lists."""
    base, is_optional = without_none(annotation)
    entry = {"tuple[str, ...]": TEXT, "tuple[int, ...]": WHOLE}.get(base, MAYBE)
    for _ in range(axes):
        entry = [entry]
    return Nullable(entry) if is_optional else entry


def of_fields(cls: type) -> Partly:
    """What a file may hold of a dataclass of settings; entries that have a default may be missing."""
    known = fields(cls)
    needed = tuple(one.name for one in known if one.default is MISSING and one.default_factory is MISSING)
    return Partly({one.name: type_of(str(one.type)) for one in known}, needed)


@contextlib.contextmanager
def reading(kind: str):
    """What fails inside, over numbers that contradict each other, is a FileFormatError of one line."""
    try:
        yield
    except FileFormatError:
        raise
    except KeyError as problem:
        raise FileFormatError(f"not a result of {kind}: {problem} is missing") from None
    except (TypeError, ValueError, AttributeError, IndexError, ArithmeticError) as problem:
        raise FileFormatError(f"not a result of {kind}: {problem}") from None
