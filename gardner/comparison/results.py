"""Reports of `gardner compare` as results: the document of report.json, the comparison behind it, text and pictures."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from gardner.comparison import report
from gardner.comparison.analysis import Comparison, compare
from gardner.comparison.liquid import report as liquid
from gardner.comparison.liquid.analysis import LiquidComparison
from gardner.comparison.messages import report as messages
from gardner.comparison.messages.analysis import AmpComparison
from gardner.comparison.stored import comparison_of
from gardner.errors import FileFormatError
from gardner.results.base import HEADER, Header, Result
from gardner.results.datasets import to_attribute
from gardner.results.schema import COUNT, LIST, MAYBE, TABLE, TEXT, Schema, check_value
from gardner.results.schema import HEADER as HEADERS

DOCUMENT = HEADERS | {"setting": TEXT, "depth": COUNT, "beta": MAYBE, "verdict": {"words": TEXT}, "runs": LIST}


@dataclass(frozen=True, eq=False)
class Report(Result):
    """The report of `compare planted` or `compare random`: its whole document in `content`."""

    content: dict

    drawing = "gardner.plotting.results:comparison"

    @property
    def kind(self) -> str:
        """The command."""
        return self.content["command"]

    @property
    def header(self) -> Header:
        """As the document says."""
        return Header(**{name: self.content.get(name) for name in HEADER})

    def body(self) -> dict:
        """The document without its header."""
        return {key: value for key, value in self.content.items() if key not in HEADER}

    @functools.cached_property
    def comparison(self) -> Comparison:
        """The comparison made again from the runs in the document: limits, predictions, verdict."""
        return compare(*comparison_of(self.content), self.content["notes"])

    def text(self) -> str:
        """The report in Markdown."""
        return report.markdown(self.content)

    def tell(self) -> None:
        """Print the report in Markdown."""
        print(self.text())

    @classmethod
    def from_document(cls, document: dict) -> Report:
        """The report whose document this is; FileFormatError if something that its text needs is missing."""
        check_value(document, DOCUMENT, "the document")
        found = cls(document)
        try:
            found.text()
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as problem:
            told = f"{problem} is missing" if isinstance(problem, KeyError) else problem
            raise FileFormatError(f"no whole report of {found.kind}: {told}") from None
        return found

    def to_dataset(self):
        """The document as an attribute of a Dataset without variables; report.json is its own file."""
        import xarray as xr

        attributes = {"kind": self.kind, **{name: self.content[name] for name in HEADER}, "document": self.body()}
        return xr.Dataset(attrs={name: to_attribute(value) for name, value in attributes.items()})

    @classmethod
    def document_of(cls, dataset) -> dict:
        """The document in a Dataset of `to_dataset`."""
        known = super().document_of(dataset)
        return {key: value for key, value in known.items() if key in HEADER} | known["document"]

    @classmethod
    def schema(cls) -> Schema:
        """The header, and the document as a whole."""
        return Schema(HEADERS | {"document": TABLE})


@dataclass(frozen=True, eq=False)
class LiquidReport(Report):
    """The report of `compare liquid`: its whole document in `content`."""

    drawing = "gardner.plotting.results:liquid"

    @functools.cached_property
    def comparison(self) -> LiquidComparison:
        """The comparison made again from the runs in the document: limits, closures, susceptibilities."""
        return liquid.stored_comparison(self.content)

    def text(self) -> str:
        """The report in Markdown."""
        return liquid.markdown(self.content)


@dataclass(frozen=True, eq=False)
class AmpReport(Report):
    """The report of `compare amp`: its whole document in `content`."""

    drawing = "gardner.plotting.results:amp_comparison"

    @functools.cached_property
    def comparison(self) -> AmpComparison:
        """The comparison made again from the nets in the document: limits, closures, branches."""
        return messages.stored_comparison(self.content)

    def text(self) -> str:
        """The report in Markdown."""
        return messages.markdown(self.content)
