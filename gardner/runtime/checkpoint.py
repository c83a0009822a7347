"""Checkpoints of long work: one file per chain, replaced atomically after every point.

A file holds the state after the last finished point, the records of all finished points and the fingerprint of the
run (its parameters and the version of the package). It is a zip of plain arrays and one JSON text: nothing in it is
executed when it is read, and floats come back bit for bit.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np

from gardner.errors import FileFormatError
from gardner.results import atomic

SUFFIX = ".checkpoint.npz"
_ARRAY = "__array__"


def _split(value, arrays: dict[str, np.ndarray]):
    """`value` with every array moved into `arrays` and replaced by its name there."""
    if isinstance(value, np.ndarray):
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {_ARRAY: name}
    if isinstance(value, dict):
        return {str(key): _split(item, arrays) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_split(item, arrays) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _join(value, arrays):
    """The inverse of `_split`; tuples come back as lists."""
    if isinstance(value, dict):
        if set(value) == {_ARRAY}:
            return arrays[value[_ARRAY]]
        return {key: _join(item, arrays) for key, item in value.items()}
    return [_join(item, arrays) for item in value] if isinstance(value, list) else value


def checkpoint_path(store: Path, name: str) -> Path:
    """The file of the chain `name` in the folder `store`."""
    return Path(store) / f"{name}{SUFFIX}"


def save_checkpoint(path: Path, fingerprint: dict, state: dict, records: list[dict]) -> None:
    """Write a chain's state and records; dicts, lists, arrays, strings and numbers are kept as they are."""
    arrays: dict[str, np.ndarray] = {}
    tree = _split({"fingerprint": fingerprint, "state": state, "records": records}, arrays)
    with atomic(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, document=np.array(json.dumps(tree)), **arrays)


def load_checkpoint(path: Path, fingerprint: dict) -> tuple[dict, list[dict]]:
    """State and records of a chain; FileFormatError if the file is damaged or belongs to another run."""
    try:
        with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        tree = _join(json.loads(str(arrays.pop("document"))), arrays)
        stored, state, records = tree["fingerprint"], tree["state"], tree["records"]
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as problem:
        raise FileFormatError(f"{path}: damaged checkpoint ({problem}); start again with --force") from None
    check_fingerprint(path, stored, fingerprint)
    return state, records


def discard(store: Path) -> None:
    """Remove the checkpoints in the folder `store`, and the folder."""
    shutil.rmtree(store, ignore_errors=True)


def check_fingerprint(path: Path, stored: dict, wanted: dict) -> None:
    """FileFormatError that names what differs between the run in the file and this one."""
    wanted = json.loads(json.dumps(_split(wanted, {})))
    for name in sorted(set(stored) | set(wanted)):
        if stored.get(name) != wanted.get(name):
            raise FileFormatError(
                f"{path}: was made with {name} = {stored.get(name)}, now {wanted.get(name)} is asked for; "
                "resume with the same options or start again with --force"
            )
