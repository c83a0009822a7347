"""Reports that are kept: documents of `gardner compare` under data/comparison, and comparisons made of them again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

import gardner
from gardner.comparison.measured import Measured
from gardner.comparison.settings import ComparisonSettings
from gardner.errors import FileFormatError

FOLDER = Path(gardner.__file__).resolve().parents[1] / "data" / "comparison"


def stored_document(name: str) -> dict:
    """The report NAME.json; ValueError where the package was installed without its repository."""
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        raise ValueError(
            f"{path}: no such report; stored comparisons are part of the repository, work in a clone of it"
        )
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise FileFormatError(f"{path}: is damaged; restore it from the repository") from None


def stored_comparison(name: str) -> tuple[ComparisonSettings, list[Measured]]:
    """Settings and measured runs of the report NAME.json of `compare planted` or `compare random`."""
    return comparison_of(stored_document(name))


def comparison_of(document: dict) -> tuple[ComparisonSettings, list[Measured]]:
    """Settings and measured runs in the document of such a report."""
    fields = document["parameters"] | {key: tuple(document["parameters"][key]) for key in ("sizes", "closures")}
    numbers = ("difference", "difference_error", "matched", "null")
    runs = [
        Measured(
            *(run[key] for key in ("size", "width", "ratio", "sweeps")),
            np.array(run["by_sample"]),
            *(np.array(run[key], dtype=float) for key in numbers),
            *(run[key] for key in ("tau", "rhat", "excluded")),
            None if run["fresh_error"] is None else tuple(run["fresh_error"]),
            np.array(run.get("bias", 0.0)),
            None if run.get("students_by_sample") is None else np.array(run["students_by_sample"]),
        )
        for run in document["runs"]
    ]
    return ComparisonSettings(**fields), runs
