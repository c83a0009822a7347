"""Files are checked before work, replaced only when asked, whole or not there at all, and their damage is noticed."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest
import xarray as xr

from gardner.errors import FileFormatError, OutputError
from gardner.results.datasets import read_dataset, write_dataset
from gardner.runtime import files
from gardner.runtime.files import atomic, check_writable, claim, sealed, unsealed, write_bytes


@pytest.fixture(autouse=True)
def no_claims():
    """What one test claims is not claimed in the next."""
    yield
    files._exclusive.clear()


@contextmanager
def largest_file(size: int):
    """A real limit on the size of files, as on a full disk: what lies beyond it cannot be written."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(1)
    variables = {"q": (("l", "x"), rng.random((20, 30))), "n": ("l", np.arange(20)), "s": ("l", ["up"] * 20)}
    return xr.Dataset(variables, {"l": np.arange(20.0)}, {"kind": "made up", "α": "κ = ½"})


def test_what_cannot_be_written_is_refused_before_any_work(tmp_path):
    with socket.socket(socket.AF_UNIX) as pipe:
        os.mkfifo(tmp_path / "fifo")
        pipe.bind(str(tmp_path / "socket"))
        (tmp_path / "circle").symlink_to(tmp_path / "circle")
        (tmp_path / "there").write_text("mine")
        cases = {
            tmp_path: "is a folder",
            tmp_path / "nowhere" / "a.nc": "does not exist",
            tmp_path / "fifo": "no regular file",
            tmp_path / "socket": "no regular file",
            "/dev/null": "no regular file",
            tmp_path / "circle": "leads in a circle",
            "/proc/x.nc": "cannot be written",
            tmp_path / ("n" * 300 + ".nc"): "choose a shorter name",
            tmp_path / "there" / "a.nc": "does not exist",
        }
        before = sorted(path.name for path in tmp_path.iterdir())
        for path, message in cases.items():
            for force in (False, True):
                with pytest.raises(ValueError, match=message) as refused:
                    check_writable(path, force)
                assert len(str(refused.value).splitlines()) == 1
        assert sorted(path.name for path in tmp_path.iterdir()) == before
    with pytest.raises(ValueError, match="exists already"):
        check_writable(tmp_path / "there", False)
    check_writable(tmp_path / "there", True)
    assert (tmp_path / "there").read_text() == "mine"


@pytest.mark.parametrize("length", [100, 250])
def test_every_name_that_the_disk_takes_can_be_written(tmp_path, length):
    path = tmp_path / ("n" * (length - 3) + ".nc")
    check_writable(path, False)
    write_bytes(path, b"whole")
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_symbolic_links_are_followed_and_permissions_kept(tmp_path, dataset):
    (tmp_path / "large").mkdir()
    (tmp_path / "large" / "real.nc").write_text("old")
    (tmp_path / "large" / "real.nc").chmod(0o640)
    (tmp_path / "link.nc").symlink_to("large/real.nc")
    (tmp_path / "new.nc").symlink_to("large/new.nc")
    for name in ("link.nc", "new.nc"):
        check_writable(tmp_path / name, True)
        write_dataset(dataset, tmp_path / name)
        assert (tmp_path / name).is_symlink() and read_dataset(tmp_path / name).identical(dataset)
    assert (tmp_path / "large" / "real.nc").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in (tmp_path / "large").iterdir()) == ["new.nc", "real.nc"]


def test_two_outputs_of_one_name_are_refused(tmp_path):
    (tmp_path / "link.nc").symlink_to("b.csv")
    for pair in (("b.csv", "b.csv"), ("b.csv", "link.nc")):
        with pytest.raises(ValueError, match="written twice"):
            claim([tmp_path / name for name in pair], True)


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_meanwhile_is_left_as_it_is(tmp_path, monkeypatch, links):
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(PermissionError(1, "no links here")))
    path = tmp_path / "a.nc"
    claim([path], False)
    path.write_text("of somebody else")
    with pytest.raises(OutputError, match="by somebody else meanwhile"):
        write_bytes(path, b"mine")
    assert path.read_text() == "of somebody else" and len(list(tmp_path.iterdir())) == 1
    claim([tmp_path / "b.nc"], False)
    write_bytes(tmp_path / "b.nc", b"mine")
    write_bytes(tmp_path / "b.nc", b"mine again")  # one's own file may be replaced
    assert (tmp_path / "b.nc").read_bytes() == b"mine again"


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, dataset):
    path = tmp_path / "a.nc"
    write_dataset(dataset, path)
    old = path.read_bytes()
    with largest_file(2000):
        for write in (
            lambda: write_dataset(dataset, path),
            lambda: write_bytes(path, bytes(10_000)),
        ):
            with pytest.raises(OutputError, match=r"a\.nc: cannot be written \(File too large\)") as failed:
                write()
            assert len(str(failed.value).splitlines()) == 1
    assert path.read_bytes() == old and [p.name for p in tmp_path.iterdir()] == ["a.nc"]


WRITER = """
import sys, time
from gardner.runtime.files import atomic
with atomic(sys.argv[1]) as temporary:
    temporary.write_text("half")
    print("ready", flush=True)
    time.sleep(60)
"""


def test_what_a_killed_process_left_is_removed_by_the_next_and_what_a_living_one_writes_is_not(tmp_path):
    path = tmp_path / "a.nc"
    command = [sys.executable, "-c", WRITER, str(path)]
    living, killed = (subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2))
    other = subprocess.Popen([*command[:3], str(tmp_path / "a.nc.b")], stdout=subprocess.PIPE, text=True)
    for process in (living, killed, other):
        assert process.stdout.readline() == "ready\n"
    assert len(list(tmp_path.iterdir())) == 3
    killed.kill()
    killed.communicate()
    claim([path], False)
    assert len(list(tmp_path.iterdir())) == 2
    for process in (living, other):
        process.kill()
        process.communicate()
    claim([path], False)
    (left,) = tmp_path.iterdir()  # of another output
    files.remove_strays(tmp_path)
    assert not left.exists()


def test_a_temporary_file_of_another_machine_is_removed_after_a_day(tmp_path):
    stray = tmp_path / f".a.nc.{'0' * 8}-1-2-abcdef.tmp"
    stray.touch()
    claim([tmp_path / "a.nc"], False)
    assert stray.exists()
    os.utime(stray, (0, time.time() - 2 * files.FOREIGN_AGE))
    claim([tmp_path / "a.nc"], False)
    assert not stray.exists()


def test_an_error_inside_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), atomic(tmp_path / "a.csv") as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_a_dataset_comes_back_as_it_was_and_other_programs_read_it(tmp_path, dataset):
    import h5py

    write_dataset(dataset, tmp_path / "a.nc")
    assert read_dataset(tmp_path / "a.nc").identical(dataset)
    with xr.open_dataset(tmp_path / "a.nc", engine="h5netcdf") as other:
        assert other.load().identical(dataset)
    with h5py.File(tmp_path / "a.nc", "r"):  # open elsewhere, under a lock of HDF5
        assert read_dataset(tmp_path / "a.nc").identical(dataset)
    with h5py.File(tmp_path / "a.nc", "a") as held:
        held.attrs["note"] = "mine"
        with pytest.raises(FileFormatError, match="another program holds it open for writing"):
            read_dataset(tmp_path / "a.nc")
    assert read_dataset(tmp_path / "a.nc").attrs["note"] == "mine"  # changed by another program: without a seal


def test_every_flipped_byte_is_noticed_or_harmless(tmp_path, dataset):
    path, rng = tmp_path / "a.nc", np.random.default_rng(3)
    write_dataset(dataset, path)
    content, refused = path.read_bytes(), 0
    places = {*rng.integers(len(content), size=300).tolist(), *range(len(content) - 90, len(content))}
    for place in sorted(places):
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            assert read_dataset(path).identical(dataset)
        except FileFormatError as problem:
            refused += 1
            assert str(problem).startswith(str(path)) and len(str(problem).splitlines()) == 1
    assert refused >= 300
    for cut in (0, 1, 100, len(content) // 2, len(content) - 10):
        path.write_bytes(content[:cut])
        try:
            assert read_dataset(path).identical(dataset)
        except FileFormatError:
            continue


def test_unsealed_files_are_read_and_their_damage_is_one_error(tmp_path, dataset):
    """Files without a checksum, of other programs: no error of the libraries gets through."""
    dataset.to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    content, rng = (tmp_path / "a.nc").read_bytes(), np.random.default_rng(4)
    assert unsealed(content) == (content, None) and unsealed(sealed(content)) == (content, True)
    assert read_dataset(tmp_path / "a.nc").identical(dataset)
    for length in rng.integers(len(content), size=20):  # no flipped bytes: some make HDF5 loop for ever
        (tmp_path / "a.nc").write_bytes(content[:length])
        with pytest.raises(FileFormatError, match=r"a\.nc: not a netCDF file"):
            read_dataset(tmp_path / "a.nc")


def test_what_cannot_be_read_says_why(tmp_path):
    import h5py

    (tmp_path / "text.nc").write_text("not me")
    with h5py.File(tmp_path / "plain.nc", "w") as file:
        file["numbers"] = np.arange(3)
    for path, message in (
        (tmp_path / "none.nc", "no such file"),
        (tmp_path, "no file to read"),
        (tmp_path / "text.nc", "not a netCDF file"),
    ):
        with pytest.raises(FileFormatError, match=message):
            read_dataset(path)
    assert "numbers" in read_dataset(tmp_path / "plain.nc")  # and no warning, which would be an error here
