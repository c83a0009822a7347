"""One owner at a time: a lock on a file that ends with the process that holds it.

Where the file system offers locks (`flock`) the kernel gives the lock back when its process ends, however it ends.
Some do not, and some keep locks that other machines do not see. The lock file therefore also names its owner, who
touches it every minute: an owner on this machine is asked for by its process number, one on another machine counts as
gone when it has not touched the file for ten minutes.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from gardner.runtime.files import alive, machine, remove_strays, started

LOCK = "owner.lock"
POLL = 0.1  # seconds between two looks at a lock that is waited for
BEAT = 60.0  # seconds between two touches of a held lock
SILENT = 600.0  # seconds without a touch after which an owner on another machine counts as gone
SETTLE = 0.2  # seconds after which two who took a lock at once, without help of the file system, see each other
MOST_LOST = 100  # times that a folder may go while a lock is put into it
OWNER = {"machine", "host", "pid", "start", "since", "token"}  # what a lock file says
UNAVAILABLE = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.EIO)


def _flock(handle: int) -> bool | None:
    """True: locked; False: somebody else holds it; None: no locks here."""
    try:
        import fcntl
    except ImportError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        if problem.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        if problem.errno in UNAVAILABLE:
            return None
        raise
    return True


class FileLock:
    """The lock on one file, which exists while the lock is held."""

    def __init__(self, path: Path):
        self.path, self.handle, self.owner = Path(path), None, {}
        self._released = threading.Event()

    def acquire(self, wait: bool = False) -> bool:
        """Take the lock; False if somebody else has it, unless `wait` asks to stay until it is free."""
        while not self._try():
            if not wait:
                return False
            time.sleep(POLL)
        threading.Thread(target=self._beat, args=(self.handle,), daemon=True).start()
        return True

    def release(self) -> None:
        """Give the lock back and remove its file."""
        self._released.set()
        with contextlib.suppress(OSError):
            self.path.unlink()
        os.close(self.handle)
        self.handle = None

    def _try(self) -> bool:
        lost = 0
        while True:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            except FileNotFoundError:  # the last owner has just removed the folder, or it takes no file at all (/proc)
                lost += 1
                if lost > MOST_LOST:
                    raise
                continue
            try:
                taken = self._take(handle)
            except BaseException:
                os.close(handle)
                raise
            if taken:
                self.handle = handle
                return True
            os.close(handle)
            if taken is False:
                return False

    def _take(self, handle: int) -> bool | None:
        """True: the lock is ours; False: it is another's; None: the file was removed meanwhile, look again."""
        locked = _flock(handle)
        self.owner = _read(handle)
        if locked is False:
            return False
        if not _same_file(handle, self.path):
            return None

        # a lock of this machine tells all there is to know about owners on this machine
        here = self.owner.get("machine") == machine()
        if self.owner and not (locked and here) and _present(self.owner, handle):
            return False
        mine = _write(handle)

        # without help of the file system the last of those who wrote at once has it
        if locked is None:
            time.sleep(SETTLE)
            self.owner = _read(handle)
            if self.owner.get("token") != mine:
                return False
            return True if _same_file(handle, self.path) else None
        return True

    def _beat(self, handle: int) -> None:
        while not self._released.wait(BEAT):
            with contextlib.suppress(OSError):
                os.utime(handle)


def _same_file(handle: int, path: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(handle), os.stat(path))
    return False


def _read(handle: int) -> dict:
    """Who the lock file names; empty if nobody."""
    try:
        found = json.loads(os.pread(handle, 4096, 0))
        return found if OWNER <= set(found) and isinstance(found["pid"], int) else {}
    except (OSError, ValueError, TypeError):
        return {}


def _write(handle: int) -> str:
    """Name this process in the lock file; returns a word by which it knows itself again."""
    token, pid = secrets.token_hex(8), os.getpid()
    owner = {"machine": machine(), "host": socket.gethostname(), "pid": pid, "start": started(pid), "token": token}
    text = json.dumps(owner | {"since": time.strftime("%Y-%m-%d %H:%M:%S")}).encode()
    with contextlib.suppress(OSError):  # on a full disk the lock of the file system must do
        os.ftruncate(handle, 0)
        os.pwrite(handle, text, 0)
    return token


def _present(owner: dict, handle: int) -> bool:
    """Is the owner that a lock file names still at work?"""
    if owner["machine"] == machine():
        return alive(owner["pid"], str(owner["start"]))
    return time.time() - os.fstat(handle).st_mtime < SILENT


@dataclass
class OwnedFolder:
    """A folder that this process alone writes into; `mine`: the files it has read or written there."""

    path: Path
    lock: FileLock
    thread: int
    mine: set[Path] = field(default_factory=set)


_held: dict[str, OwnedFolder] = {}


@contextlib.contextmanager
def owned(folder: Path):
    """Inside, nobody else owns `folder`, which is made; afterwards it is removed if it is empty.

    ValueError, one line, if another process owns it or it cannot be made. Whoever owns it already may enter again.
    """
    folder = Path(os.path.realpath(folder))
    here = _held.get(str(folder))
    if here is not None and here.thread == threading.get_ident():
        yield here
        return

    lock = FileLock(folder / LOCK)
    try:
        free = lock.acquire()
    except FileExistsError:
        raise ValueError(f"{folder}: is no folder, but checkpoints are to stand there; move it away") from None
    except OSError as problem:
        raise ValueError(f"{folder}: cannot be written ({problem.strerror}); choose another --out") from None
    if not free:
        raise ValueError(f"{folder}: {in_use(lock.owner)}; wait until it ends, or choose another --out")

    here = _held[str(folder)] = OwnedFolder(folder, lock, threading.get_ident())
    remove_strays(folder)
    try:
        yield here
    finally:
        _held.pop(str(folder), None)
        lock.release()
        with contextlib.suppress(OSError):
            folder.rmdir()


def held(folder: Path) -> OwnedFolder | None:
    """The folder if this process owns it."""
    return _held.get(os.path.realpath(folder))


def in_use(owner: dict) -> str:
    """Who uses it, in words."""
    if not owner:
        return "is in use by another process"
    where = "" if owner["host"] == socket.gethostname() else f" on {owner['host']}"
    return f"is in use by process {owner['pid']}{where} since {owner['since']}"
