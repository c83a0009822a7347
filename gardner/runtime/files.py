"""Files on disk: looked at before work begins, written to a temporary name, put in place in one step.

A command names every file it will write (`claim`) before it starts. Nothing that exists is replaced unless the caller
said so, and this is looked at again at the very end, in the step that gives a file its name: what another program has
put there meanwhile stays. Symbolic links are followed, so that a link to a large disk remains one; what is no regular
file (a device, a pipe) is refused.

A temporary file carries the process that writes it in its name: `.NAME.MACHINE-PID-START.tmp`. What a killed process
left behind is thereby recognised, and removed by the next command that writes the same file.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import re
import secrets
import socket
import stat
import time
from collections.abc import Iterable
from pathlib import Path

from gardner.errors import OutputError

REMEDIES = {
    errno.ENOSPC: "make room there, or name a file on another disk",
    errno.EDQUOT: "the quota is used up: make room, or name a file on another disk",
    errno.EFBIG: "no file may be so large here: name one on another disk",
    errno.EROFS: "this disk can only be read: name a file elsewhere",
    errno.ENAMETOOLONG: "choose a shorter name",
}
FAULTS = {  # of the machine, whatever was asked for
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOLCK, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
}
LONGEST_NAME = 200  # bytes of a file name that may go into the name of its temporary file
FOREIGN_AGE = 86400.0  # seconds after which a temporary file of another machine counts as left behind
MARK = b"\n# gardner sha256 "
_TEMPORARY = re.compile(r"\.([0-9a-f]{8})-(\d+)-(\d*)-[0-9a-f]{6}\.tmp$")
_exclusive: set[Path] = set()  # claimed files that must not be replaced


def is_fault(problem: BaseException) -> bool:
    """Is it the machine that cannot go on (no room, no memory), rather than what it was asked for?"""
    return isinstance(problem, OSError) and problem.errno in FAULTS


# -- who writes ------------------------------------------------------------------------------------------------------


def _first_line(path: str) -> str:
    with contextlib.suppress(OSError), open(path, encoding="ascii", errors="replace") as file:
        return file.readline().strip()
    return ""


@functools.cache
def machine() -> str:
    """This machine since its last start, and the numbering of processes on it (containers have one of their own)."""
    space = ""
    with contextlib.suppress(OSError):
        space = os.readlink("/proc/self/ns/pid")
    text = "\n".join((socket.gethostname(), _first_line("/proc/sys/kernel/random/boot_id"), space))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def started(pid: int) -> str:
    """When a process of this machine began, in ticks of its clock; empty where the system does not tell."""
    fields = _first_line(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def alive(pid: int, start: str) -> bool:
    """Does the process of this number still run, and is it the one that began at `start`?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it belongs to somebody else
    if _first_line(f"/proc/{pid}/stat").rpartition(")")[2].split()[:1] == ["Z"]:
        return False  # it has ended, and only its parent has not asked yet
    return not start or started(pid) in (start, "")


# -- before work begins ----------------------------------------------------------------------------------------------


def real_path(path: Path) -> Path:
    """Where `path` leads: the file behind a symbolic link, which may not exist yet."""
    return Path(os.path.realpath(path))


def check_writable(path: Path, force: bool) -> None:
    """ValueError unless `path` can be written: its folder takes files, and an existing file only with `force`."""
    path = Path(path)
    try:
        _check_target(path, force)
        _probe(path)
    except OSError as problem:
        remedy = REMEDIES.get(problem.errno, "choose another path")
        raise ValueError(f"{path}: cannot be written ({problem.strerror}); {remedy}") from None


def _check_target(path: Path, force: bool) -> None:
    target = real_path(path)
    if target.is_symlink():
        raise ValueError(f"{path}: is a symbolic link that leads in a circle; choose another name")
    if target.is_dir():
        raise ValueError(f"{path}: is a folder; give a file name")
    if target.exists():
        if not target.is_file():
            raise ValueError(f"{path}: is no regular file but a device, a pipe or a socket; give the name of a file")
        if not force:
            raise ValueError(f"{path}: exists already; choose another name or pass --force")
        if not os.access(target, os.W_OK):
            raise ValueError(f"{path}: is write-protected; choose another name, or lift the protection")
    if not target.parent.is_dir():
        raise ValueError(f"{path}: the folder {target.parent} does not exist; create it first")


def _probe(path: Path) -> None:
    """Put a file into the folder and take it away: permissions alone do not tell whether it can be done."""
    target = real_path(path)
    target.exists()  # says if the name itself is too long
    temporary = temporary_beside(target)
    os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    temporary.unlink(missing_ok=True)


def claim(paths: Iterable[Path], force: bool) -> None:
    """Check every file that a command will write, and remove what killed processes left beside them.

    ValueError for one that cannot be written or is named twice. Without `force` none of them replaces a file that
    somebody else creates before the command ends.
    """
    seen: dict[Path, Path] = {}
    for path in map(Path, paths):
        check_writable(path, force)
        target = real_path(path)
        if target in seen:
            named = f"as {seen[target]} too" if seen[target] != path else "by two options, or as the table of a picture"
            raise ValueError(f"{path}: would be written twice, {named}; choose other names")
        seen[target] = path
    for target in seen:
        remove_strays(target.parent, target.name)
    if not force:
        _exclusive.update(seen)


# -- temporary files -------------------------------------------------------------------------------------------------


def _stem(name: str) -> str:
    """What a temporary file of `name` begins with; very long names are shortened."""
    if len(name.encode()) <= LONGEST_NAME:
        return f".{name}"
    return "." + hashlib.sha256(name.encode()).hexdigest()[:32]


def temporary_beside(target: Path) -> Path:
    """A new name in the folder of `target` that says whose it is."""
    pid = os.getpid()
    name = f"{_stem(target.name)}.{machine()}-{pid}-{started(pid)}-{secrets.token_hex(3)}.tmp"
    return target.with_name(name)


def remove_strays(folder: Path, name: str | None = None) -> None:
    """Remove temporary files in `folder` (of the file `name` only, if given) whose process has ended."""
    with contextlib.suppress(OSError):
        for path in list(Path(folder).iterdir()):
            found = _TEMPORARY.search(path.name)
            if found is None or (name is not None and path.name[: found.start()] != _stem(name)):
                continue
            where, pid, start = found.groups()
            if where == machine():
                left = not alive(int(pid), start)
            else:
                left = time.time() - path.stat().st_mtime > FOREIGN_AGE
            if left:
                path.unlink(missing_ok=True)


# -- writing ---------------------------------------------------------------------------------------------------------


def output_error(path: Path, problem: OSError) -> OutputError:
    """One line about a failed write: path, reason, remedy."""
    remedy = REMEDIES.get(problem.errno, "choose another path")
    return OutputError(f"{path}: cannot be written ({problem.strerror or problem}); {remedy}")


@contextlib.contextmanager
def atomic(path: Path, durable: bool = True):
    """A temporary path that becomes `path` when the block ends well and vanishes when it does not.

    durable: it is on the disk itself before it gets its name, so that a power cut cannot leave it empty. OutputError,
    one line, where the file cannot be written; what stood at `path` before is then untouched.
    """
    target = real_path(path)
    temporary = temporary_beside(target)
    try:
        try:
            os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
            yield temporary
            if durable:
                _flush(temporary)
            _put_in_place(temporary, target, path)
        except OutputError:
            raise
        except OSError as problem:
            raise output_error(path, problem) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _flush(temporary: Path) -> None:
    """Bring a file to the disk; some report only now that there was no room."""
    handle = os.open(temporary, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put_in_place(temporary: Path, target: Path, path: Path) -> None:
    if target not in _exclusive:
        with contextlib.suppress(FileNotFoundError):
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        os.replace(temporary, target)
        return

    # a link, unlike a renaming, fails where a file has appeared
    appeared = OutputError(f"{path}: has been written by somebody else meanwhile and is left as it is; name another")
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise appeared from None
    except OSError:  # a disk without links
        if target.exists():
            raise appeared from None
        os.replace(temporary, target)
    _exclusive.discard(target)


def write_bytes(path: Path, content: bytes, durable: bool = True) -> None:
    """Write a file atomically."""
    with atomic(path, durable) as temporary:
        temporary.write_bytes(content)


# -- checksums -------------------------------------------------------------------------------------------------------


def sealed(content: bytes) -> bytes:
    """The content with a line at its end that holds its SHA-256; readers of HDF5 and of zip files pass over it."""
    return content + MARK + hashlib.sha256(content).hexdigest().encode() + b"\n"


def unsealed(data: bytes) -> tuple[bytes, bool | None]:
    """The content of a sealed file, and whether it is as it was written; None: the file carries no checksum."""
    length = len(MARK) + 65
    content, seal = data[:-length], data[-length:]
    if len(data) < length or not seal.startswith(MARK):
        return data, None
    return content, seal == sealed(content)[-length:]
