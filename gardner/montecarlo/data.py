"""Monte Carlo runs as results: the Dataset of everything measured, whose attributes hold the means of the report."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from gardner.errors import FileFormatError
from gardner.montecarlo.series import CHAINS, FILE_VARIABLES, TABLE
from gardner.potentials import POTENTIALS
from gardner.results import schema as words
from gardner.results.base import Entry, Result, labelled
from gardner.results.data import Data
from gardner.results.schema import (
    COUNT,
    HEADER,
    MAYBE,
    MAYBES,
    NUMBER,
    NUMBERS,
    SEED,
    TEXT,
    TRUTH,
    WHOLE,
    Nullable,
    Schema,
    check_value,
)
from gardner.results.tables import print_table

MEANS = tuple(row.name for row in TABLE if row.required and row.axes == ("clone", "time"))
ESTIMATE = Nullable({"mean": MAYBE, "error": MAYBE})
OVERLAPS = {other: {"raw": ESTIMATE, "matched": ESTIMATE} for other in CHAINS} | {"null": MAYBE}
DOCUMENT = {
    "setting": TEXT,
    "depth": COUNT,
    "alpha": NUMBER,
    "weights": TEXT,
    "potential": POTENTIALS,
    "beta": NUMBER,
    "widths": NUMBERS,
    "patterns": WHOLE,
    "layers": [{"layer": WHOLE, "q": OVERLAPS}],
    "hebb_error": MAYBE,
    "acceptance": {"bond": MAYBES},
    "relaxation": {"waiting": WHOLE},
    "attempts_per_second": MAYBE,
    "drift": NUMBER,
    "equilibrated": TRUTH,
} | dict.fromkeys(MEANS, ESTIMATE)


def _check_run(attributes: dict, dataset) -> None:
    document, depth = attributes["document"], int(attributes["parameters"]["depth"])
    for place, entry in enumerate(document["layers"]):
        if "Q" in entry:
            check_value(entry["Q"], OVERLAPS, f"the attribute document.layers[{place}].Q")
    if len(document["layers"]) != depth + 1 or len(document["widths"]) != depth + 1:
        raise FileFormatError("the attribute document disagrees with the depth of the net")
    if dataset.sizes["clone"] < attributes["parameters"]["replicas"]:
        raise FileFormatError("the dimension clone is shorter than the number of replicas")
    if dataset.sizes["clone"] != dataset.sizes["clone_b"]:
        raise FileFormatError("the dimensions clone and clone_b disagree")
    if document["relaxation"]["waiting"] not in dataset["waiting"].values:
        raise FileFormatError("the variable waiting lacks the waiting time of the attribute document")
    if "exchange_rates" in document:
        check_value(document["exchange_rates"], MAYBES, "the attribute document.exchange_rates")
        check_value(document.get("round_trips"), WHOLE, "the attribute document.round_trips")


MONTE_CARLO = Schema(
    HEADER | {"parameters": {"depth": COUNT, "replicas": COUNT}, "document": DOCUMENT},
    FILE_VARIABLES,
    SEED,
    {
        "layer": lambda attributes: int(attributes["parameters"]["depth"]) + 1,
        "bond_layer": lambda attributes: int(attributes["parameters"]["depth"]),
    },
    _check_run,
)


@dataclass(frozen=True, eq=False)
class MonteCarloData(Data):
    """The file of a run of `gardner mc`: every measured number, and the means with their errors in `document()`."""

    drawing = "gardner.plotting.results:monte_carlo"

    def body(self) -> dict:
        """The means, errors and autocorrelation times of the report."""
        return self.attributes["document"]

    def tell(self) -> None:
        """Print a readable account: overlaps by layer, then the other means."""
        print_means(self.document())

    @classmethod
    def schema(cls) -> Schema:
        """What a file of `gardner mc` must hold."""
        return MONTE_CARLO


@dataclass(frozen=True, eq=False)
class UnitOverlapData(Data):
    """Products of the overlaps of single units, from one run of `gardner compare liquid`."""

    @classmethod
    def schema(cls) -> Schema:
        """What a run of the liquid comparison must hold."""
        axes = ("sample", "time", "kind", "hidden_layer")
        variables = {"products": ((*axes, "block", "product"), "number"), "time": (("time",), "number")}
        variables |= {"mean_overlap": ((*axes, "overlap"), "number"), "drift": (("sample",), "number")}
        return Schema({"parameters": words.TABLE}, variables, {"seed": WHOLE})


@dataclass(frozen=True, eq=False)
class TrainingRow(Entry):
    """Runs at one depth, dilution, α and schedule: shares that reach zero error and end there, and their errors."""

    depth: int
    dilution: float
    alpha: float
    schedule: str
    reached_zero: float
    reached_zero_error: float
    ended_at_zero: float
    ended_at_zero_error: float
    final_error: float
    fresh_error: float


@dataclass(frozen=True, eq=False)
class TrainingTable(Result):
    """Do runs of binary students reach zero training error? One TrainingRow per net and schedule."""

    runs: tuple[TrainingRow, ...] = labelled(axes="run", entry=TrainingRow)
    seed: int | None = None
    seconds: float = field(default=0.0, compare=False)
    parameters: dict = field(default_factory=dict)

    kind = "mc training"
    drawing = "gardner.plotting.results:zero_error"
    saving = "gardner.plotting.results:save_zero_error"

    @classmethod
    def of(cls, trainings: Iterable, **header) -> TrainingTable:
        """The table of runs (`binary_training.Training`); header: seed, seconds, parameters."""
        rows = []
        for t in trainings:
            net, shares = t.settings, (*t.success, *t.ended_at_zero)
            errors = float(t.final_sr.mean()), float(t.fresh_sr.mean())
            rows.append(TrainingRow(net.depth, net.dilution, net.alpha, t.schedule, *shares, *errors))
        return cls(tuple(rows), **header)

    def tell(self) -> None:
        """Print one line per net and schedule."""
        cells = [
            [
                *(str(row.depth), f"{row.dilution:g}", f"{row.alpha:g}", row.schedule),
                f"{row.reached_zero:.3f} ± {row.reached_zero_error:.3f}",
                *(f"{row.ended_at_zero:.3f} ± {row.ended_at_zero_error:.3f}", f"{row.fresh_error:.4f}"),
            ]
            for row in self.runs
        ]
        columns = ["L", "dilution", "α", "schedule", "reached zero error", "ended there", "fresh error"]
        print_table("binary students of a binary teacher", columns, cells)


def print_means(document: dict) -> None:
    """A readable account of the document of a run."""
    kind = POTENTIALS[document["potential"]]
    beta = f", β = {document['beta']:g}" if kind.has_temperature() or document["weights"] == "binary" else ""
    widths, moves = document["widths"], ", heat bath" if document.get("dynamics") == "heat-bath" else ""
    print(
        f"Monte Carlo, {document['setting']} setting: widths {','.join(map(str, widths))}, α = {document['alpha']:g} "
        f"({document['patterns']} patterns), {document['weights']} weights, {kind.title}{beta}{moves}"
    )
    for name, what in (("Q", "bonds"), ("q", "spins")):
        _print_overlaps(name, f"{name}(l) of {what}: mean(error of the last digits)", document["layers"])
    for name in MEANS:
        if (cell := _cell(document[name])) and cell != "-":
            print(f"{name.replace('_', ' ')}: {cell}")
    if document["hebb_error"] is not None:
        print(f"fresh error of the Hebb rule: {document['hebb_error']:.4f}")
    accepted = [f"{rate:.3f}" for rate in document["acceptance"]["bond"]]
    print(f"acceptance of weight moves by layer: {', '.join(accepted)}")
    if "exchange_rates" in document:
        rates = ", ".join("-" if rate is None else f"{rate:.2f}" for rate in document["exchange_rates"])
        print(f"exchange rates from the coldest on: {rates}; {document['round_trips']} round trips")
    if document["attempts_per_second"]:
        print(f"{document['attempts_per_second']:.3g} attempts per second and core, gap drift {document['drift']:.1e}")
    print(document["status"])


def _print_overlaps(name: str, title: str, layers: list[dict]) -> None:
    layers = [entry for entry in layers if name in entry]
    columns, rows = ["l"], [[str(entry["layer"])] for entry in layers]
    for other in ("replica", "teacher", "guest"):
        for kind in ("raw", "matched"):
            cells = [_cell(entry[name][other][kind]) for entry in layers]
            if any(cells):
                columns.append(other if kind == "raw" else f"{other}, matched")
                rows = [[*row, cell] for row, cell in zip(rows, cells)]
    cells = ["" if entry[name]["null"] is None else f"{entry[name]['null']:.3f}" for entry in layers]
    if any(cells):
        columns.append("null of matched")
        rows = [[*row, cell] for row, cell in zip(rows, cells)]
    print_table(title, columns, rows)


def _cell(fields: dict | None) -> str:
    """0.7283(12) from mean and error."""
    if fields is None:
        return ""
    mean, error = fields["mean"], fields["error"]
    if mean is None:
        return "-"
    if not error:
        return f"{mean:.4g}"
    digits = max(0, 1 - math.floor(math.log10(error)))
    return f"{mean:.{digits}f}({round(error * 10**digits)})"
