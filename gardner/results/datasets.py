"""Labelled datasets in netCDF files: written and read through memory, with a checksum over every byte.

HDF5 never opens a file here. It would ask the file system for locks, which some do not offer, and a disk that is full
while it writes brings down the whole process at its end. The content of a file is made in memory, sealed with its
SHA-256 (`runtime.files.sealed`; other programs read such files as before), and written in one go; reading checks the
seal first, so that a damaged file is one line and never a wrong number.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import warnings
from pathlib import Path

import numpy as np

from gardner.errors import FileFormatError
from gardner.results.kinds import check_dataset
from gardner.runtime.files import sealed, unsealed, write_bytes

SIGNATURE = b"\x89HDF\r\n\x1a\n"  # how a netCDF-4 file begins


def to_attribute(value):
    """A netCDF attribute: numbers and strings as they are, everything else as JSON text."""
    if isinstance(value, (str, int, float, np.integer, np.floating)) and not isinstance(value, bool):
        return value
    return json.dumps(jsonable(value))


def from_attribute(value):
    """The inverse of `to_attribute`."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str) and value[:1] in ("{", "[", "n", "t", "f", '"'):
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(value)
    return value


def jsonable(value):
    """Plain JSON values: arrays as lists, nan and infinities as null."""
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, np.ndarray):
        return jsonable(value.tolist())
    if isinstance(value, np.generic):
        return jsonable(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def to_bytes(dataset) -> bytes:
    """The netCDF-4 file of a dataset, in memory."""
    import h5netcdf
    from xarray.backends import H5NetCDFStore

    content = io.BytesIO()
    with h5netcdf.File(content, "w") as file:
        dataset.dump_to_store(H5NetCDFStore(file))
    return content.getvalue()


def write_dataset(dataset, path: Path) -> None:
    """Write a dataset to netCDF, atomically; OutputError, one line, if it cannot be."""
    write_bytes(path, sealed(to_bytes(dataset)))


def _open_elsewhere(content: bytes) -> bool:
    """True if HDF5 has marked the file as being written: a flag in its first block, whose place is the version's."""
    if not content.startswith(SIGNATURE) or len(content) < 24:
        return False
    return content[20 if content[8] < 2 else 11] & 1 == 1


@contextlib.contextmanager
def faults_of(path: Path):
    """What is wrong with the content of a file is told with its name before it."""
    try:
        yield
    except FileFormatError as problem:
        message = str(problem)
        raise FileFormatError(message if message.startswith(str(path)) else f"{path}: {message}") from None


def content_of(path: Path) -> bytes:
    """The bytes of a file, without the seal; FileFormatError, one line, if it cannot be read or is damaged."""
    path = Path(path)
    try:
        if not path.is_file():
            what = "is no file to read" if path.exists() else "no such file"
            raise FileFormatError(f"{path}: {what}; give a file written with --out")
        content, intact = unsealed(path.read_bytes())
    except OSError as problem:
        raise FileFormatError(f"{path}: cannot be read ({problem.strerror})") from None
    if _open_elsewhere(content):
        raise FileFormatError(f"{path}: another program holds it open for writing; close it there first")
    if intact is False:
        raise FileFormatError(f"{path}: damaged, its checksum does not match: take a copy of it, or compute it again")
    return content


def read_dataset(path: Path):
    """The dataset in a netCDF file, loaded and checked against its kind; FileFormatError, one line, if it is none."""
    return opened(path, content_of(path))


def opened(path: Path, content: bytes):
    """The dataset in the bytes of a netCDF file that stood at `path`, checked against its kind."""
    import xarray as xr

    if not content.startswith(SIGNATURE):
        raise FileFormatError(f"{path}: not a netCDF file; give a file written with --out")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about plain HDF5 files, which the schema refuses
            with xr.open_dataset(io.BytesIO(content), engine="h5netcdf") as dataset:
                dataset = dataset.load()
    except Exception as problem:  # the libraries below raise errors of all kinds over damaged files
        raise FileFormatError(
            f"{path}: not a netCDF file, or a damaged one ({type(problem).__name__}); give a file written with --out"
        ) from None

    attributes = {name: from_attribute(value) for name, value in dataset.attrs.items()}
    with faults_of(path):
        check_dataset(attributes, dataset)
    return dataset
