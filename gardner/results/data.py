"""Results that are labelled Datasets as they stand in their files: sweeps, Monte Carlo runs, data of figures."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field
from pathlib import Path

from gardner.errors import FileFormatError
from gardner.results import schema as words
from gardner.results.base import Header, Result
from gardner.results.datasets import from_attribute
from gardner.results.kinds import KINDS


@dataclass(frozen=True, eq=False)
class Data(Result):
    """A result that is a labelled Dataset, as it stands in its file; file: where it was read, or None.

    parameter_types: what the parameters in a file must be; axis_lengths: lengths of axes, as functions of the
    attributes.
    """

    data: object
    file: Path | None = field(default=None, compare=False)

    parameter_types = words.TABLE

    @property
    def kind(self) -> str:
        """The attribute of the Dataset, or its name for files without one."""
        return self.attributes.get("kind", "figure")

    @functools.cached_property
    def attributes(self) -> dict:
        """The attributes of the Dataset, JSON text decoded."""
        return {name: from_attribute(value) for name, value in self.data.attrs.items()}

    @property
    def header(self) -> Header:
        """Command, parameters, status, time, seed and version, as the attributes say."""
        known = self.attributes
        return Header(
            known.get("command", self.kind), known.get("parameters", {}), known.get("status", "converged"),
            known.get("seconds", math.nan), known.get("seed"), known.get("version", ""),
        )  # fmt: skip

    def body(self) -> dict:
        """Sizes of the axes; of every variable its axes, label and units. A kind may say more."""
        variables = {
            str(name): " ".join((*map(str, values.dims), *map(str, values.attrs.values())))
            for name, values in self.data.data_vars.items()
        }
        return {"dimensions": {str(dim): size for dim, size in self.data.sizes.items()}, "variables": variables}

    def to_dataset(self):
        """The Dataset itself."""
        return self.data

    @classmethod
    def from_dataset(cls, dataset):
        """The result around a Dataset; FileFormatError where nothing can be said of it."""
        return cls.from_file(dataset, None)

    @classmethod
    def holds(cls, dataset) -> bool:
        """Whether a Dataset is of a kind that this class reads."""
        kind = dataset.attrs.get("kind")
        return kind in KINDS and KINDS[kind] is cls

    @classmethod
    def from_file(cls, dataset, path: Path | None):
        """The result, which knows where it was read; FileFormatError where nothing can be said of it."""
        result = cls(dataset, path)
        with words.reading(result.kind):
            result.body(), result.judgement()
        return result

    @classmethod
    def from_document(cls, document: dict):
        """A document of this kind holds means only: FileFormatError."""
        command = document.get("command")
        raise FileFormatError(f"a document of {command} lacks the data behind it; give the netCDF file of --out")

    @classmethod
    def schema(cls) -> words.Schema:
        """The header; a kind adds its variables."""
        return words.Schema(
            words.HEADER | {"parameters": cls.parameter_types}, cls.variables(), words.SEED, cls.axis_lengths
        )

    @classmethod
    def variables(cls) -> dict:
        """Variables that a file must hold: name → (dimensions, "number" or "text")."""
        return {}


@dataclass(frozen=True, eq=False)
class FigureData(Data):
    """Everything that one figure of `gardner figures`, or one of its parts, draws."""

    @property
    def header(self) -> Header:
        """The figure, its quality and settings as parameters."""
        known = self.attributes
        parameters = {name: known[name] for name in ("figure", "quality", "settings") if name in known}
        return Header("figures", parameters, "converged", math.nan, None, known.get("version", ""))

    @classmethod
    def schema(cls) -> words.Schema:
        """The name of the figure."""
        return words.Schema({"figure": words.TEXT}, {}, {"quality": words.TEXT, "settings": words.TABLE})
