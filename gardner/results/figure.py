"""The plotted data of a figure of `gardner figures`, read from its file."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gardner.results.base import Data, Header
from gardner.results.schema import TABLE, TEXT, Schema
from gardner.results.tables import print_table


@dataclass(frozen=True, eq=False)
class FigureData(Data):
    """Everything one figure draws, as labelled variables."""

    @property
    def header(self) -> Header:
        """The figure, its quality and settings as parameters."""
        known = self.attributes
        parameters = {name: known[name] for name in ("figure", "quality", "settings") if name in known}
        return Header("figures", parameters, "converged", math.nan, None, known.get("version", ""))

    def body(self) -> dict:
        """Name, quality, sizes of the axes, and of every variable its axes, label and units."""
        variables = {
            str(name): {"axes": list(map(str, values.dims))}
            | {key: str(values.attrs[key]) for key in ("long_name", "units") if key in values.attrs}
            for name, values in self.data.data_vars.items()
        }
        sizes = {str(dim): size for dim, size in self.data.sizes.items()}
        return {"figure": self.attributes["figure"], "dimensions": sizes, "variables": variables}

    def tell(self) -> None:
        """Print one line per variable."""
        known, body = self.attributes, self.body()
        print(f"data of the figure {known['figure']}, quality {known.get('quality', 'unknown')}")
        rows = []
        for name, told in body["variables"].items():
            axes = ", ".join(f"{axis} ({body['dimensions'][axis]})" for axis in told["axes"])
            rows.append([name, axes, told.get("long_name", ""), told.get("units", "")])
        print_table("variables", ["name", "axes", "what it is", "units"], rows)

    @classmethod
    def schema(cls) -> Schema:
        """The name of the figure."""
        return Schema({"figure": TEXT}, {}, {"quality": TEXT, "settings": TABLE})
