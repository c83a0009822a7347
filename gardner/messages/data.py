"""A run of message passing as a result: the Dataset of all samples, whose attributes hold their means and errors."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from gardner.messages.measures import NAMES
from gardner.messages.settings import STARTS, AmpSettings
from gardner.results.base import Header
from gardner.results.data import Data
from gardner.results.datasets import jsonable, to_attribute
from gardner.results.schema import (
    COUNT,
    HEADER,
    LIST,
    MAYBE,
    NUMBER,
    NUMBERS,
    SEED,
    TEXT,
    WHOLE,
    Nullable,
    Partly,
    Schema,
)
from gardner.results.tables import print_table

STATUSES = ("converged", "max_iterations", "contradictory", "diverged")  # from good to bad
ADVICE = {
    "max_iterations": "what is known still changes: raise --iterations, or loosen --tolerance",
    "contradictory": "messages are certain of weights that the patterns rule out, so that no free entropy is given: "
    "raise --connectivity and --width",
    "diverged": "messages grew beyond all bounds: lower --damping, or raise --connectivity",
}
LABELS = {
    "Q_teacher": "Q(l) with the teacher",
    "Q_self": "Q(l) by its own estimate",
    "q_teacher": "q(l) with the teacher",
    "q_self": "q(l) by its own estimate",
    "moved": "root mean square change of the weights in a sweep",
    "free_entropy": "Bethe free entropy s per NM",
    "estimator_error": "fresh error of the estimator",
    "student_error": "fresh error of a sampled student",
    "sweeps": "sweeps of a sample",
    "status_code": ", ".join(f"{code} {status}" for code, status in enumerate(STATUSES)),
    "cpu_seconds": "processor time of the sweeps",
}
AXES = {
    **{name: ("sample", "sweep", "bond_layer" if name[0] == "Q" else "layer") for name in NAMES},
    "moved": ("sample", "sweep"),
    **dict.fromkeys(tuple(LABELS)[5:], ("sample",)),
}
ESTIMATE = {"mean": MAYBE, "error": MAYBE}
OVERLAP = ESTIMATE | {"self_estimate": MAYBE, "self_error": MAYBE}
DOCUMENT = {
    "depth": COUNT,
    "alpha": NUMBER,
    "weights": TEXT,
    "start": TEXT,
    "patterns": WHOLE,
    "connectivity": Nullable(COUNT),
    "widths": NUMBERS,
    "statuses": LIST,
    "moved": MAYBE,
    "layers": [Partly({"layer": WHOLE, "q": OVERLAP, "Q": OVERLAP}, needed=("layer", "q"))],
    "generalization_error": {"estimator": ESTIMATE, "student": ESTIMATE},
    "free_entropy": ESTIMATE,
    "iterations": WHOLE,
}


@dataclass(frozen=True, eq=False)
class MessageData(Data):
    """The file of `gardner amp`: histories of every sample, and means with errors in `document()`."""

    drawing = "gardner.plotting.messages:histories"

    @property
    def settings(self) -> AmpSettings:
        """What was run."""
        return AmpSettings.read(self.header.parameters)

    @property
    def status(self) -> str:
        """The worst of the samples."""
        return self.header.status

    @property
    def advice(self) -> str | None:
        """What to do about the status, None if nothing."""
        return ADVICE.get(self.status)

    def history(self, name: str) -> np.ndarray:
        """A variable against sweeps, [sample, sweep, …]; a sample that has ended keeps its last value."""
        values, last_s = self.data[name].values.copy(), self.data["sweeps"].values.astype(int)
        for value, last in zip(values, last_s):
            value[last + 1 :] = value[last]
        return values

    def final(self, name: str) -> np.ndarray:
        """A variable after the last sweep of each sample: [sample], or [sample, layer] of one that has layers."""
        values = self.data[name]
        if "sweep" not in values.dims:
            return values.values
        last = self.data["sweeps"].values.astype(int)
        return np.stack([values.values[s, sweep] for s, sweep in enumerate(last)])

    def body(self) -> dict:
        """Means over samples with their errors, layer by layer."""
        return self.attributes["document"]

    def tell(self) -> None:
        """Print a readable account: overlaps by layer, true and by the run's own estimate, then errors and s."""
        tell_means(self.document())

    @classmethod
    def schema(cls) -> Schema:
        """What a file of this kind must hold."""
        variables = {name: (axes, "number") for name, axes in AXES.items()}
        lengths = {
            "layer": lambda attributes: int(attributes["parameters"]["depth"]) + 1,
            "bond_layer": lambda attributes: int(attributes["parameters"]["depth"]),
        }
        attributes = HEADER | {"parameters": {"depth": COUNT, "samples": COUNT}, "document": DOCUMENT}
        return Schema(attributes, variables, SEED, lengths)


def assemble(settings: AmpSettings, command: str, records: list[dict], seconds: float) -> MessageData:
    """The result of all samples; histories of samples that ended sooner are filled up with nan."""
    import xarray as xr

    codes = [STATUSES.index(record["status"]) for record in records]
    more = [
        {"sweeps": len(record["moved"]) - 1, "status_code": code, "cpu_seconds": record["seconds"]}
        for record, code in zip(records, codes)
    ]
    longest, variables = max(len(record["moved"]) for record in records), {}
    for name, axes in AXES.items():
        values = [np.asarray((record | extra)[name], dtype=float) for record, extra in zip(records, more)]
        if "sweep" in axes:
            values = [
                np.pad(v, [(0, longest - len(v))] + [(0, 0)] * (v.ndim - 1), constant_values=np.nan) for v in values
            ]
        variables[name] = (axes, np.stack(values), {"long_name": LABELS[name], "units": "1"})
    variables["cpu_seconds"][2]["units"] = "s"
    layers = {"layer": np.arange(settings.depth + 1), "bond_layer": np.arange(1, settings.depth + 1)}
    data = xr.Dataset(variables, {"sweep": np.arange(longest), **layers})
    header = Header(command, settings.parameters(), STATUSES[max(codes)], seconds, settings.seed)
    document = jsonable(means(settings, MessageData(data)))
    attributes = {"kind": command} | asdict(header) | {"document": document}
    data.attrs = {name: to_attribute(value) for name, value in attributes.items()}
    return MessageData(data)


def means(settings: AmpSettings, result: MessageData) -> dict:
    """The body of the document; `nishimori` is the own estimate less the true overlap, sample by sample."""
    final = {name: result.final(name) for name in NAMES}
    layers = []
    for l in range(settings.depth + 1):
        entry = {"layer": l, "q": _overlap(final["q_teacher"][:, l], final["q_self"][:, l])}
        if l:
            entry["Q"] = _overlap(final["Q_teacher"][:, l - 1], final["Q_self"][:, l - 1])
        layers.append(entry)
    errors = {name: _mean(result.final(f"{name}_error")) for name in ("estimator", "student")}
    return {
        "setting": settings.setting,
        **{
            name: getattr(settings, name) for name in ("depth", "alpha", "connectivity", "weights", "start", "patterns")
        },
        "widths": list(settings.layer_widths),
        "layers": layers,
        "generalization_error": errors,
        "free_entropy": _mean(result.final("free_entropy")),
        "iterations": int(result.final("sweeps").max()),
        "moved": float(np.mean(result.final("moved"))),
        "statuses": [STATUSES[int(code)] for code in result.final("status_code")],
        "cpu_seconds": float(result.final("cpu_seconds").sum()),
    }


def _mean(value_s: np.ndarray) -> dict:
    """Mean and standard error over samples, nan for one sample."""
    count = len(value_s)
    return {"mean": float(value_s.mean()), "error": float(value_s.std(ddof=1) / count**0.5) if count > 1 else np.nan}


def _overlap(true_s: np.ndarray, own_s: np.ndarray) -> dict:
    own = _mean(own_s)
    said = {"self_estimate": own["mean"], "self_error": own["error"]}
    return _mean(true_s) | said | {"nishimori": _mean(own_s - true_s)}


def shown(estimate: dict, digits: int = 4) -> str:
    """Mean ± error."""
    if estimate["mean"] is None:
        return "-"
    error = "" if estimate["error"] is None else f" ± {estimate['error']:.{digits}f}"
    return f"{estimate['mean']:.{digits}f}{error}"


def tell_means(document: dict) -> None:
    """A readable account of the document of a run."""
    samples, connectivity = len(document["statuses"]), document["connectivity"]
    start = f"{document['start']} start" if document["start"] in STARTS else f"start at overlap {document['start']}"
    print(
        f"message passing, planted setting: widths {','.join(map(str, document['widths']))}, "
        + (f"connectivity {connectivity}, " if connectivity else "")
        + f"α = {document['alpha']:g} ({document['patterns']} patterns), {document['weights']} weights, "
        f"{start}, {samples} sample{'s' * (samples > 1)}"
    )
    rows = []
    for entry in document["layers"]:
        cells = [str(entry["layer"])]
        for name in ("Q", "q"):
            known = entry.get(name)
            own = None if known is None else {"mean": known["self_estimate"], "error": known["self_error"]}
            cells += ["", ""] if known is None else [shown(known), shown(own)]
        rows.append(cells)
    print_table("overlaps with the teacher, and what the messages say of them", ["l", "Q", "own", "q", "own"], rows)
    errors = document["generalization_error"]
    print(f"fresh error: estimator {shown(errors['estimator'])}, sampled student {shown(errors['student'])}")
    print(f"Bethe free entropy per N·M: {shown(document['free_entropy'], 5)}")
    last = "-" if document["moved"] is None else f"{document['moved']:.1e}"
    print(f"{document['status']} after {document['iterations']} sweeps; the last one changed the weights by {last}")
