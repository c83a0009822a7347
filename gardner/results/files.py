"""Results go through files: `save` writes one, `read` returns the right one for any file that the package writes."""

from __future__ import annotations

import json
from pathlib import Path

from gardner.errors import FileFormatError
from gardner.results.datasets import content_of, faults_of, from_attribute, jsonable, opened, write_dataset
from gardner.results.kinds import KINDS, kind_of
from gardner.runtime.files import write_bytes

REPORT = "report.json"  # in the folder of a comparison
SOLUTIONS = ("solve random", "solve planted")


def save(result, path: Path) -> None:
    """Write a result, complete, in place of a file that is there.

    Parameters
    ----------
    result : Result
        A Solution, a PlantedSolution, or any other kind of result.
    path : Path
        netCDF (h5netcdf), or the JSON document if it ends in .json.

    Raises
    ------
    ValueError
        If it cannot be written.
    """
    if Path(path).suffix == ".json":
        write_bytes(Path(path), json.dumps(jsonable(result.document()), indent=1, allow_nan=False).encode())
    else:
        write_dataset(result.to_dataset(), path)


def read(path: Path):
    """The result in a file, whatever kind it is: a solution, a sweep, a Monte Carlo record, a comparison, …

    Parameters
    ----------
    path : Path
        A netCDF file of `--out` or `save`, a JSON document of `--json`, or the folder of a
        comparison, whose report.json is read.

    Returns
    -------
    Result
        Every kind has `document()`, `to_dataset()`, `show()`, `plot()` and a table for
        notebooks.

    Raises
    ------
    FileFormatError
        A ValueError of one line, for everything else.
    """
    path = Path(path)
    if (path / REPORT).is_file():
        path = path / REPORT
    content = content_of(path)
    try:
        with faults_of(path):
            if content.lstrip()[:1] == b"{":
                document = json.loads(content)
                return _class_of(document).from_document(document)
            dataset = opened(path, content)
            attributes = {name: from_attribute(value) for name, value in dataset.attrs.items()}
            return _class_of(attributes).from_file(dataset, path)
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise FileFormatError(f"{path}: a damaged JSON document; take a copy of it, or compute it again") from None


def _class_of(described: dict):
    kind = kind_of(described)
    if not isinstance(kind, str) or kind not in KINDS:
        raise FileFormatError("holds no result of this package; give a file written with --out")
    return KINDS[kind]


def load(path: Path):
    """The solution in a file; `read` takes every kind of file.

    Parameters
    ----------
    path : Path
        A file of `save` or `--out`.

    Returns
    -------
    Solution or PlantedSolution
        As it was saved.

    Raises
    ------
    FileFormatError
        A ValueError, if the file holds none.
    """
    result = read(path)
    if result.kind not in SOLUTIONS:
        raise FileFormatError(f"{path}: holds no solution; give a file of {' or '.join(SOLUTIONS)}")
    return result
