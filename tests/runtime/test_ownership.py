"""One owner of a folder at a time: the lock ends with its process, with and without locks of the file system."""

import errno
import json
import os
import subprocess
import sys
import threading
import time

import pytest

from gardner.runtime import ownership
from gardner.runtime.files import machine
from gardner.runtime.ownership import LOCK, FileLock, owned

NO_LOCKS = """
import errno, fcntl
def refuse(*_): raise OSError(errno.ENOLCK, "No locks available")
fcntl.flock = refuse
"""
OWNER = """
import sys, time
from gardner.runtime.ownership import owned
try:
    with owned(sys.argv[1]):
        print("owner", flush=True)
        time.sleep(float(sys.argv[2]))
except ValueError as refused:
    print(refused, flush=True)
"""


@pytest.fixture(params=["locks", "no locks"])
def preamble(request, monkeypatch):
    """The first lines of another process, on a file system with and without locks; here it is the same."""
    if request.param == "locks":
        return ""
    import fcntl

    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    return NO_LOCKS


def begin(preamble, folder, seconds=60.0) -> subprocess.Popen:
    command = [sys.executable, "-c", preamble + OWNER, str(folder), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_second_process_is_refused_until_the_first_is_killed(tmp_path, preamble):
    folder = tmp_path / "a.nc.parts"
    first = begin(preamble, folder)
    assert first.stdout.readline() == "owner\n"
    with pytest.raises(ValueError, match=f"is in use by process {first.pid} since") as refused, owned(folder):
        pass
    assert len(str(refused.value).splitlines()) == 1
    first.kill()
    first.communicate()
    assert (folder / LOCK).exists()
    with owned(folder):
        second = begin(preamble, folder)
        assert f"is in use by process {os.getpid()}" in second.communicate()[0]
        (folder / "mine.txt").write_text("kept")
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


def test_of_two_that_begin_at_once_one_is_owner(tmp_path, preamble):
    contenders = [begin(preamble, tmp_path / "x", 1.5) for _ in range(3)]
    said = [process.communicate()[0] for process in contenders]
    assert sum(text == "owner\n" for text in said) == 1 and sum("in use" in text for text in said) == 2, said
    assert not (tmp_path / "x").exists()


def test_the_owner_may_enter_again_but_another_thread_may_not(tmp_path, preamble):
    refused = []

    def enter():
        try:
            with owned(tmp_path / "x"):
                pass
        except ValueError as problem:
            refused.append(str(problem))

    with owned(tmp_path / "x") as outer, owned(tmp_path / "x") as inner:
        assert outer is inner
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
    assert "in use" in refused[0] and not (tmp_path / "x").exists()


def test_a_waiting_process_goes_on_when_the_other_ends(tmp_path, preamble):
    other = begin(preamble, tmp_path / "x", 1.0)
    other.stdout.readline()
    lock = FileLock(tmp_path / "x" / LOCK)
    assert lock.acquire(wait=True)
    other.communicate()
    assert other.returncode == 0
    lock.release()


def test_an_owner_on_another_machine_counts_while_it_touches_its_lock(tmp_path, preamble):
    lock = tmp_path / LOCK
    owner = {"machine": "0" * 8, "host": "elsewhere", "pid": 1, "start": "1", "since": "today", "token": "t"}
    lock.write_text(json.dumps(owner))
    with pytest.raises(ValueError, match="process 1 on elsewhere since today"), owned(tmp_path):
        pass
    silent = time.time() - 2 * ownership.SILENT
    os.utime(lock, (silent, silent))
    with owned(tmp_path):
        assert json.loads(lock.read_text())["machine"] == machine()


def test_a_held_lock_is_touched(tmp_path, monkeypatch):
    monkeypatch.setattr(ownership, "BEAT", 0.05)
    lock = FileLock(tmp_path / LOCK)
    lock.acquire()
    os.utime(tmp_path / LOCK, (0, 0))
    end = time.monotonic() + 5.0
    while (tmp_path / LOCK).stat().st_mtime == 0 and time.monotonic() < end:
        time.sleep(0.02)
    assert (tmp_path / LOCK).stat().st_mtime > 0
    lock.release()


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"machine": 3}', b"\xff\xfe"])
def test_a_damaged_lock_of_nobody_is_taken(tmp_path, preamble, content):
    (tmp_path / LOCK).write_bytes(content)
    with owned(tmp_path):
        assert (tmp_path / LOCK).read_bytes() != content  # it says now whose the folder is


def test_a_file_in_place_of_the_folder_is_one_line(tmp_path):
    (tmp_path / "x").write_text("mine")
    with pytest.raises(ValueError, match="is no folder"), owned(tmp_path / "x"):
        pass
    assert (tmp_path / "x").read_text() == "mine"
