"""Checkpoints of long work: one file per chain, replaced atomically after every point.

A file holds the name of its chain, the state after the last finished point, the records of all finished points and
the fingerprint of the run (its parameters and the version of the package). It is a zip of plain arrays and one JSON
text with a checksum at its end: nothing in it is executed when it is read, floats come back bit for bit, and a file
in which a byte has changed is refused.
"""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import numpy as np

from gardner.errors import FileFormatError
from gardner.runtime.files import sealed, unsealed, write_bytes
from gardner.runtime.ownership import held, owned

SUFFIX = ".checkpoint.npz"
_ARRAY = "__array__"
SHOWN = 60  # characters of a value in a message


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


def checkpoints(store: Path) -> list[Path]:
    """All checkpoints in a folder; none if there is no folder."""
    return sorted(path for path in Path(store).glob(f"*{SUFFIX}") if not path.name.startswith("."))


def chain_of(path: Path) -> str:
    """The chain whose checkpoint a file is, by its name."""
    return Path(path).name.removesuffix(SUFFIX)


def save_checkpoint(path: Path, fingerprint: dict, state: dict, records: list[dict]) -> None:
    """Write a chain's state and records; dicts, lists, arrays, strings and numbers are kept as they are."""
    arrays: dict[str, np.ndarray] = {}
    body = {"chain": chain_of(path), "fingerprint": fingerprint, "state": state, "records": records}
    tree, content = _split(body, arrays), io.BytesIO()
    np.savez(content, document=np.array(json.dumps(tree)), **arrays)
    # one is written after every point: an empty one, after a power cut, is noticed by its checksum
    write_bytes(path, sealed(content.getvalue()), durable=False)


def _read(path: Path) -> dict:
    """The body of a checkpoint as it was saved; FileFormatError if it is damaged."""
    damaged = (
        f"{path}: damaged checkpoint ({{}}); move it away to compute this chain again, or pass --force to start again"
    )
    try:
        content, intact = unsealed(Path(path).read_bytes())
    except OSError as problem:
        raise FileFormatError(f"{path}: cannot be read ({problem.strerror})") from None
    if not intact:
        raise FileFormatError(damaged.format("its checksum is missing or does not match"))
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        tree = _join(json.loads(str(arrays.pop("document"))), arrays)
        return {name: tree[name] for name in ("chain", "fingerprint", "state", "records")}
    except Exception as problem:  # whole, and still unreadable: written by another version
        raise FileFormatError(damaged.format(type(problem).__name__)) from None


def load_checkpoint(path: Path, fingerprint: dict) -> tuple[dict, list[dict]]:
    """State and records of a chain; FileFormatError if the file is damaged or belongs to another run or chain."""
    body = _read(path)
    check_fingerprint(path, body["fingerprint"], fingerprint)
    if body["chain"] != chain_of(path):
        raise FileFormatError(
            f"{path}: is a copy of the checkpoint of the chain {body['chain']}; move it away, or pass --force to "
            "start again"
        )
    return body["state"], body["records"]


def remove_of(store: Path, parameters: dict) -> None:
    """Remove what a finished run of these parameters has left behind in `store`, if it was killed: its lock as well.

    Nothing is done where another process is at work, or where nothing can be written.
    """
    if not Path(store).is_dir():
        return
    with contextlib.suppress(ValueError), owned(store):
        for path in checkpoints(store):
            with contextlib.suppress(FileFormatError):
                if parameters.items() <= _read(path)["fingerprint"].items():
                    path.unlink(missing_ok=True)


def discard(store: Path) -> None:
    """Remove a run's own checkpoints from the folder `store`, and the folder if nothing else is in it.

    One's own are those that this process has read or written there; all checkpoints, if nobody owns the folder.
    """
    store = Path(store)
    folder = held(store)
    if folder is None and store.is_dir():
        with contextlib.suppress(ValueError), owned(store):  # which takes away the lock of a killed process, too
            for path in checkpoints(store):
                path.unlink(missing_ok=True)
    if folder is None:
        return
    for path in folder.mine:
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        store.rmdir()


def check_fingerprint(path: Path, stored: dict, wanted: dict) -> None:
    """FileFormatError that names what differs between the run in the file and this one."""
    wanted = json.loads(json.dumps(_split(wanted, {})))
    for name in sorted(set(stored) | set(wanted)):
        if stored.get(name) != wanted.get(name):
            there, here = shown_pair(stored.get(name), wanted.get(name))
            raise FileFormatError(
                f"{path}: was made with {name} = {there}, now {here} is asked for; "
                "resume with the same options, choose another --out, or start again with --force"
            )


def shown_pair(first, second) -> tuple[str, str]:
    """Two different values, shortened so that a line holds them and their difference is seen."""
    texts = str(first), str(second)
    if max(map(len, texts)) <= SHOWN:
        return texts
    if isinstance(first, list) and isinstance(second, list):
        if len(first) != len(second):
            return f"{len(first)} values", f"{len(second)} values"
        place = next(i for i, (a, b) in enumerate(zip(first, second)) if a != b)
        a, b = shown_pair(first[place], second[place])
        return f"{a} as number {place + 1} of {len(first)}", b
    return shortened(texts[0]), shortened(texts[1])


def shortened(text: str, length: int = SHOWN) -> str:
    """A long text without its middle."""
    return text if len(text) <= length else f"{text[: length - 16]} … {text[-12:]}"
