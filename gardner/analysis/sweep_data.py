"""A sweep as a result: what its file holds, its summary as a table, what is held against its closure."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass

import numpy as np

from gardner.analysis.sweep import summary, warned_points, with_all_axes
from gardner.errors import FileFormatError
from gardner.model import CLOSURES
from gardner.potentials import POTENTIALS, read_potentials
from gardner.results.base import CLOSURE_VERDICT, imported
from gardner.results.data import Data
from gardner.results.schema import HEADER, NUMBER_OR_LIST, SEED, TABLE, WHOLE, Schema, check_value
from gardner.results.tables import print_table

NUMBERS_OF_POINTS = ("status", "distance", "kind", "points", "text")  # of a summary, which are no place
CORE = {"potential": POTENTIALS, "margin": NUMBER_OR_LIST, "beta": NUMBER_OR_LIST}


@dataclass(frozen=True, eq=False)
class SweepData(Data):
    """The Dataset of `run_sweep`, or a slice of one, over (depth, [margin], [beta], direction, alpha)."""

    drawing = "gardner.plotting.results:phases"
    saving = "gardner.plotting.results:save_phases"
    pictures = ("-layers", "-loops")

    @functools.cached_property
    def summary(self) -> dict:
        """How many points converged, which did not, and where the directions differ."""
        return summary(self.data)

    def document(self) -> dict:
        """The JSON document: all attributes of the file and the summary."""
        return self.attributes | self.summary

    def body(self) -> dict:
        """The summary."""
        return self.summary

    def judgement(self) -> dict:
        """What is held against the closure: of the deepest net with a point beyond the first transition."""
        dataset, known = with_all_axes(self.data), self.attributes
        largest, depths = float(dataset["alpha"].max()), sorted(map(int, dataset["depth"].values), reverse=True)
        cores = read_potentials(known)
        closure_verdict = imported(CLOSURE_VERDICT)
        said = (closure_verdict(known["closure"], depth, largest, core) for depth in depths for core in cores)
        return {"closure_verdict": next((line for line in said if line is not None), None)}

    def tell(self) -> None:
        """Print the summary."""
        found = self.summary
        print(f"{found['converged']} of {found['points']} points converged" + (f": {self.file}" if self.file else ""))
        if found["failed"]:
            rows = [[_place(point), point["status"]] for point in found["failed"]]
            print_table("points without a solution", ["where", "status"], rows)
            print("a point without a solution claims nothing; its neighbours are not affected", file=sys.stderr)
        if found["warnings"]:
            rows = [[_place(point), point["kind"], str(point["points"])] for point in found["warnings"]]
            print_table("points with warnings", ["where", "warning", "points"], rows)
            for text in {point["kind"]: point["text"] for point in found["warnings"]}.values():
                print(f"warning, as at the last of them: {text}")
        if found["hysteresis"]:
            rows = [[_place(point), f"{point['distance']:.3g}"] for point in found["hysteresis"]]
            print_table("up and down differ (several states)", ["where", "largest difference"], rows)

    @classmethod
    def schema(cls) -> Schema:
        """What a file of `gardner sweep`, or a slice of one, must hold."""
        return SCHEMA


def _place(point: dict) -> str:
    names = {"depth": "L", "alpha": "α", "margin": "κ", "beta": "β"}
    parts = []
    for name, value in point.items():
        if name == "alpha_from":
            parts.append(f"α = {value:.6g} to {point['alpha_to']:.6g}")
        elif name != "alpha_to" and name not in NUMBERS_OF_POINTS:
            parts.append(f"{names.get(name, name)} = {value:.6g}" if not isinstance(value, str) else value)
    return ", ".join(parts)


def _check_depths(attributes: dict, dataset) -> None:
    """The layers of a sweep are those of its nets; a sweep may have been sliced."""
    if dataset.sizes["spin_layer"] != dataset.sizes["bond_layer"] + 1:
        raise FileFormatError("the dimensions spin_layer and bond_layer disagree")
    if int(np.max(dataset["depth"].values)) > dataset.sizes["bond_layer"]:
        raise FileFormatError("the dimension bond_layer is shorter than the deepest net")
    warned_points(dataset)  # raises where they are damaged
    if attributes["setting"] == "random":
        for name, wanted in CORE.items():
            check_value(attributes.get(name, [] if name != "potential" else "hard"), wanted, f"the attribute {name}")


SCHEMA = Schema(
    {"setting": ("random", "planted"), "closure": CLOSURES, "levels": WHOLE},
    {"alpha": (("alpha",), "number"), "depth": ((), "number"), "direction": ((), "text")}
    | {"status": (("alpha",), "text"), "free_entropy": (("alpha",), "number")}
    | {"q_EA": (("alpha", "spin_layer"), "number"), "Q_EA": (("alpha", "bond_layer"), "number")},
    HEADER | SEED | {"statuses": TABLE},
    also=_check_depths,
)
