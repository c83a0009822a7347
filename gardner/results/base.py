"""What every result can do, derived from its fields: document, dataset, file, table, picture.

A result is a frozen dataclass. Each field says with `labelled` what it is called in documents and files, on which axes
it lies, in which units, and how a figure would name it. From this follow

    body()          the entries of the JSON document, numbers as they are
    document()      the header (command, parameters, status, seconds, seed, version) and the body
    to_dataset()    a labelled Dataset: fields with axes are its variables, all others its attributes
    from_document() and from_dataset(), the inverses
    schema()        what a file of this kind must hold, checked when it is read

A field may hold rows: a tuple of entries along one axis, the branches of a saddle point say. Their fields become
variables along that axis; there may be no row. A field whose annotation ends in `| None` may hold None: null in a
document and among the attributes of a Dataset, nan or NOTHING in a variable along rows, where nan reads as None.
A field `warnings` holds what the result must not be taken for (`results.warnings`) and is written to documents, files
and tables by itself. `show()` prints the result as a table, `plot()` draws it, `save_plot()` writes the picture with
its numbers; the functions that draw are named, not imported, because plotting stands above all results.

A new kind is one class and one registration in `gardner.results.kinds.KINDS`.
"""

from __future__ import annotations

import functools
import importlib
import math
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import ClassVar

import numpy as np

import gardner
from gardner.results import schema as words
from gardner.results.datasets import from_attribute, jsonable, to_attribute
from gardner.results.notebook import draw_table, say_in_words
from gardner.results.warnings import SolutionWarning, lines_of, read_warnings
from gardner.values import ByValue

HEADER = ("command", "parameters", "status", "seconds", "seed", "version")
DRAW_DATASET = "gardner.plotting.results:dataset_figure"
SAVE_WITH_CURVES = "gardner.plotting.results:save_with_curves"
CLOSURE_VERDICT = "gardner.theory.validity:closure_verdict"
NOTHING = "␀"  # stands for None in a variable of text


@dataclass(frozen=True)
class Header:
    """What a result needs to be reproduced."""

    command: str
    parameters: dict
    status: str
    seconds: float
    seed: int | None = None
    version: str = field(default_factory=lambda: gardner.__version__)


@dataclass(frozen=True)
class Meaning:
    """What a field holds.

    label, units: of figures and files; axes: its dimensions in a Dataset, () for an attribute; key: its name in
    documents and files; entry: the class of its rows, which lie along axes[0]; index: the field of the rows that
    numbers them; null: the number that null stands for in a document; hidden: no entry of its own, `body` and
    `from_body` of the class say how it is stored; type: what a file may hold, as in `results.schema`, by default what
    the annotation says.
    """

    label: str = ""
    units: str = "1"
    axes: tuple[str, ...] = ()
    key: str = ""
    entry: type | None = None
    index: str = ""
    null: float = math.nan
    hidden: bool = False
    type: object = None


def labelled(label: str = "", units: str = "1", axes=(), key="", default=MISSING, **more):
    """A field of a dataclass with its `Meaning`; a single axis may be given as text."""
    meaning = Meaning(label, units, (axes,) if isinstance(axes, str) else tuple(axes), key, **more)
    return field(default=default, metadata={"meaning": meaning})


def imported(home: str):
    """The attribute that "module:attribute" names."""
    module, attribute = home.split(":")
    return getattr(importlib.import_module(module), attribute)


@functools.cache
def meanings(cls: type) -> dict[str, tuple[str, Meaning, str]]:
    """Name of a field → its key, meaning and annotation; without the fields that the header holds."""
    hidden = (*HEADER, "file", "warnings") if issubclass(cls, Result) else ()
    found = {}
    for one in fields(cls):
        if one.name not in hidden:
            meaning = one.metadata.get("meaning", Meaning())
            if not meaning.hidden:
                found[one.name] = meaning.key or one.name, meaning, _in_words(one.type)
    return found


def _in_words(annotation) -> str:
    """An annotation as it was written; a class by its name."""
    if isinstance(annotation, str):
        return annotation
    return annotation.__name__ if type(annotation) is type else str(annotation)


def plain(value):
    """A value as it stands in a document: entries as their body, arrays and tuples as lists."""
    if isinstance(value, Entry):
        return value.body()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def revived(value, meaning: Meaning, annotation: str):
    """A field from what stands in a document or a Dataset."""
    base, is_optional = words.without_none(annotation)
    if value is None and is_optional:
        return None
    if meaning.entry is not None:
        return tuple(_row(meaning.entry, row, f"{meaning.axes[0]} {place}") for place, row in enumerate(value))
    if "ndarray" in base:
        return np.array(value, dtype=float)
    if base.startswith("tuple"):
        return tuple(plain(value))
    if base == "float":
        return meaning.null if value is None else float(value)
    return int(value) if base == "int" else value


def _row(entry: type, body: dict, where: str):
    """One row; FileFormatError if a value in it is not of the sort that its field has."""
    wanted = {key: part.type or words.type_of(sort) for key, part, sort in meanings(entry).values() if not part.axes}
    words.check_value(body, wanted, where)
    return entry.from_body(body)


class Entry(ByValue):
    """A dataclass whose document follows from its fields."""

    def body(self) -> dict:
        """The entries of the document, in the order of the fields."""
        return {key: plain(getattr(self, name)) for name, (key, _, _) in meanings(type(self)).items()}

    @classmethod
    def from_body(cls, body: dict, **more):
        """The inverse of `body`; KeyError, TypeError or ValueError where an entry is missing or impossible."""
        known = meanings(cls).items()
        return cls(**{name: revived(body[key], *meaning) for name, (key, *meaning) in known}, **more)


class Result(Entry):
    """A result of the package: what it says, as a document, a file, a table and a picture (module docstring).

    kind: its name in files and in `KINDS`; drawing, saving: the functions behind `plot` and `save_plot`, named as
    "module:function"; pictures, tables: what is added to the name of a picture for further pictures and for tables of
    numbers; listed: the document of a command names the pictures that were written; derived: entries of the document
    that follow from others and are not stored in files; columns: entries that are lists and lie on an axis: key,
    axis, label; parameter_types: what entries of its parameters must be, where they are there; axis_lengths: lengths
    of axes that follow from the document, axis → function of it.
    """

    kind: ClassVar[str]
    drawing: ClassVar[str] = DRAW_DATASET
    saving: ClassVar[str] = SAVE_WITH_CURVES
    pictures: ClassVar[tuple[str, ...]] = ()
    tables: ClassVar[tuple[str, ...]] = ("",)
    listed: ClassVar[bool] = False
    derived: ClassVar[tuple[str, ...]] = ()
    columns: ClassVar[tuple[tuple[str, str, str], ...]] = ()
    parameter_types: ClassVar[dict] = {}
    axis_lengths: ClassVar[dict] = {}
    warnings: ClassVar[tuple[SolutionWarning, ...]] = ()  # a kind that is judged has a field of this name

    # -- documents

    @property
    def header(self) -> Header:
        """Command, parameters, status, time, seed and version of this result."""
        return Header(
            getattr(self, "command", self.kind),
            jsonable(getattr(self, "parameters", {})),
            getattr(self, "status", "converged"),
            getattr(self, "seconds", 0.0),
            getattr(self, "seed", None),
            getattr(self, "_version", gardner.__version__),
        )

    def document(self) -> dict:
        """The JSON document: header and body. Undefined numbers are nan, which `jsonable` turns into null."""
        said = {"warnings": [warning.body() for warning in self.warnings]} if _is_judged(type(self)) else {}
        return asdict(self.header) | self.body() | said

    def judgement(self) -> dict:
        """What is held against the closure of this result: {"closure_verdict": a line or None}; {} without one."""
        case = self.case()
        return {} if case is None else {"closure_verdict": imported(CLOSURE_VERDICT)(*case)}

    def case(self) -> tuple | None:
        """What `closure_verdict` judges by: closure, depth, α and potential; None for results without a closure."""
        return None

    @classmethod
    def from_document(cls, document: dict):
        """The inverse of `document`, complete; FileFormatError if something is missing or impossible."""
        named = {one.name for one in fields(cls)}
        with words.reading(cls.kind):
            words.check_value(document, words.HEADER, "the document")
            cls.schema().check_document(document)
            cls._check_arrays(document)
            given = {name: document[name] for name in HEADER if name in named}
            given |= {"warnings": read_warnings(document.get("warnings"))} if _is_judged(cls) else {}
            result = cls.from_body(document, **given)
            found = result._sizes()  # an axis of arrays without an entry is not known from a document
            wanted = {axis: length for axis, length in cls.axis_lengths.items() if axis in found}
            words.check_sizes(wanted, document, found)
            result.judgement()  # what its closure's name or its numbers do not allow is found now
        object.__setattr__(result, "_version", document["version"])
        return result

    @classmethod
    def _check_arrays(cls, document: dict) -> None:
        """FileFormatError unless the entries that lie on axes are lists of what their fields hold."""
        for key, meaning, annotation in meanings(cls).values():
            if meaning.axes and meaning.entry is None and key in document:
                wanted = words.list_of(annotation, len(meaning.axes))
                words.check_value(plain(document[key]), wanted, f"the entry {key}")

    # -- datasets

    def coordinates(self) -> dict:
        """Coordinates of the Dataset beside those of the rows."""
        return {}

    def to_dataset(self):
        """xarray Dataset: fields with axes as variables with long_name and units, all others as attributes."""
        import xarray as xr

        variables, coordinates, stored = {}, dict(self.coordinates()), set(self.derived)
        sizes = self._sizes()
        for name, (key, meaning, _) in meanings(type(self)).items():
            value = getattr(self, name)
            if value is None:
                continue  # null among the attributes
            if meaning.entry is not None:
                columns, index = _columns(value, meaning, sizes)
                variables |= columns
                coordinates |= index
            elif meaning.axes:
                variables[key] = (meaning.axes, np.asarray(value), {"long_name": meaning.label, "units": meaning.units})
            stored |= {key} if meaning.axes else set()
        document = self.document()
        for key, axis, label in self.columns:
            variables[key] = (axis, np.array(document[key]), {"long_name": label, "units": "1"})
            stored.add(key)
        body = {key: value for key, value in document.items() if key not in stored}
        attributes = {key: to_attribute(value) for key, value in ({"kind": self.kind} | body).items()}
        return xr.Dataset(variables, coordinates, attributes)

    def _sizes(self) -> dict[str, int]:
        """The lengths of the axes of the fields that are arrays."""
        sizes = {}
        for name, (_, meaning, _) in meanings(type(self)).items():
            value = getattr(self, name)
            if meaning.axes and meaning.entry is None and value is not None:
                sizes |= zip(meaning.axes, np.shape(value))
        return sizes

    @classmethod
    def document_of(cls, dataset) -> dict:
        """The document that a Dataset of `to_dataset` holds, without the derived entries."""
        document = {name: from_attribute(value) for name, value in dataset.attrs.items() if name != "kind"}
        for key, meaning, annotation in meanings(cls).values():
            is_null = words.without_none(annotation)[1] and document.get(key, "") is None
            if meaning.entry is not None and not is_null:
                document[key] = _rows(dataset, meaning)
            elif meaning.axes and not is_null:
                document[key] = dataset[key].values
        return document | {key: dataset[key].values.tolist() for key, _, _ in cls.columns}

    @classmethod
    def from_dataset(cls, dataset):
        """The inverse of `to_dataset`; FileFormatError if something is missing."""
        with words.reading(cls.kind):
            document = cls.document_of(dataset)
        return cls.from_document(document)

    @classmethod
    def from_file(cls, dataset, path: Path):
        """`from_dataset` of what was read at `path`; FileFormatError where nothing can be said of it."""
        with words.reading(cls.kind):
            result = cls.from_dataset(dataset)
            result.body()
        return result

    @classmethod
    def schema(cls) -> words.Schema:
        """What a file of this kind must hold, as its fields say it."""
        attributes = words.HEADER | {"parameters": words.Partly(cls.parameter_types)}
        variables, growing, nullable = {}, set(), set()
        for key, meaning, annotation in meanings(cls).values():
            if meaning.entry is not None:
                growing.add(meaning.axes[0])
                for name, (inner, part, sort) in meanings(meaning.entry).items():
                    inner = meaning.axes[0] if name == meaning.index else inner
                    variables[inner] = ((meaning.axes[0], *part.axes), words.sort_of_variable(sort))
            elif meaning.axes:
                variables[key] = (meaning.axes, words.sort_of_variable(annotation))
                nullable |= {key} if words.without_none(annotation)[1] else set()
            else:
                attributes[key] = meaning.type or words.type_of(annotation)
        variables |= {key: ((axis,), "any") for key, axis, _ in cls.columns}
        more = {"nullable": frozenset(nullable), "growing": frozenset(growing)}
        return words.Schema(attributes, variables, words.SEED, **more)

    # -- what a reader sees

    def tell(self) -> None:
        """Print what the result says: the numbers of its document, one line each, unless a kind knows better."""
        for key, value in self.document().items():
            print(f"{key}: {say_in_words(value)}")

    def show(self) -> None:
        """Print the result as a table, its warnings, and last what is held against its closure."""
        self.tell()
        for line in lines_of(self.warnings):
            print(line)
        verdict = self.judgement().get("closure_verdict")
        if verdict is not None:
            print(verdict)

    def plot(self):
        """The matplotlib figure of this result."""
        return imported(self.drawing)(self)

    def save_plot(self, path: Path) -> list[Path]:
        """Write the picture to `path` (.svg, .pdf, .png), its numbers beside it; returns what pictures were written."""
        return imported(self.saving)(self, Path(path))

    def _repr_html_(self) -> str:
        """A small table for notebooks: status first, then parameters and numbers."""
        return draw_table(self)


def _is_judged(cls: type) -> bool:
    """True for a class of results with a field `warnings`."""
    return any(one.name == "warnings" for one in fields(cls))


def _columns(rows: tuple, meaning: Meaning, sizes: dict[str, int]) -> tuple[dict, dict]:
    """The fields of rows as variables along their axis, and the one that numbers them as its coordinate.

    sizes: lengths of the other axes, for arrays of rows of which there are none.
    """
    columns, index, axis = {}, {}, meaning.axes[0]
    for name, (key, part, annotation) in meanings(meaning.entry).items():
        values = _column([getattr(row, name) for row in rows], annotation)
        if name == meaning.index:
            index[axis] = values
            continue
        if not rows:
            values = values.reshape(0, *(sizes.get(inner, 0) for inner in part.axes))
        columns[key] = ((axis, *part.axes), values, {"long_name": part.label, "units": part.units})
    return columns, index


def _column(values: list, annotation: str) -> np.ndarray:
    """One field of all rows as an array, with what stands for None."""
    is_text = words.without_none(annotation)[0] == "str"
    if not values:
        return np.array([], dtype=str if is_text else float)
    nothing = NOTHING if is_text else math.nan
    return np.array([nothing if value is None else value for value in values])


def _rows(dataset, meaning: Meaning) -> list[dict]:
    """The bodies of the rows in a Dataset."""
    axis, columns = meaning.axes[0], {}
    for name, (key, part, annotation) in meanings(meaning.entry).items():
        variable = dataset[axis if name == meaning.index else key].transpose(axis, *part.axes)
        values = list(variable.values) if part.axes else variable.values.tolist()
        columns[key] = values if part.axes else _with_none(values, annotation)
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def _with_none(values: list, annotation: str) -> list:
    """The values of a variable along rows as the fields had them, the inverse of `_column`."""
    base, is_optional = words.without_none(annotation)
    if is_optional:
        values = [None if value == NOTHING or value != value else value for value in values]
    return [bool(value) if base == "bool" and value is not None else value for value in values]
