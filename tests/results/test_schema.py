"""Files in which one thing is wrong are shown, or refused in one line: never a traceback (a sample; all: -m slow)."""

import contextlib
import io

import pytest
from tampered import tampered

from gardner.cli import main
from gardner.errors import ConvergenceError
from gardner.results.datasets import read_dataset, write_dataset

SMALL = ("--depth", "2", "--levels", "2")
MAKERS = {
    "random": ("solve", "random", "--alpha", "5", *SMALL, "--out"),
    "soft": ("solve", "random", "--alpha", "5", *SMALL, "--potential", "soft", "--beta", "20", "--out"),
    "planted": ("solve", "planted", "--alpha", "20", "--depth", "4", "--out"),
    "sweep": ("sweep", "planted", "--alpha", "10:200:12:log", "--depth", "2,4", "--out"),
    "random sweep": ("sweep", "random", "--alpha", "1,2", "--depth", "1,2", "--levels", "2", "--out"),
    "mc": (
        *("mc", "planted", "--width", "10", "--depth", "2", "--alpha", "1", "--sweeps", "100", "--samples", "2"),
        *("--replicas", "3", "--measurements", "20", "--points", "2", "--out"),
    ),
}
READERS = {
    "random": (
        ("show",),
        ("show", "--gaps"),
        ("ultrametric", "--replicas", "5"),
        ("solve", "random", "--alpha", "5", *SMALL, "--from"),
    ),
    "soft": (("show", "--gaps"),),
    "planted": (("show",), ("show", "--gaps")),
    "sweep": (("show",), ("penetration",), ("show", "--force", "--plot", "x.svg")),
    "random sweep": (("show",), ("penetration",)),
    "mc": (("show",), ("ultrametric",), ("show", "--force", "--plot", "x.svg")),
}
STRIDE = {"random": 23, "soft": 23, "planted": 17, "sweep": 20, "random sweep": 15, "mc": 47}


def call(*arguments) -> str | None:
    """The refusal of a command, None if it went through; anything else than a refusal is an error of the test."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            main.app([str(part) for part in arguments], standalone_mode=False)
        except (ValueError, ConvergenceError) as refused:
            return str(refused)
    return None


def check(kind: str, folder, stride: int) -> None:
    assert call(*MAKERS[kind], folder / "whole.nc") is None
    whole, refused = read_dataset(folder / "whole.nc"), 0
    readers = READERS[kind]
    for number, (what, changed) in enumerate(list(tampered(whole))[::stride]):
        write_dataset(changed, folder / "t.nc")
        # a sample takes the readers in turn, drawing (slow) less often
        taken = readers if stride == 1 else (readers[number % len(readers)],)
        for reader in taken:
            message = call(*reader, folder / "t.nc")
            refused += message is not None
            assert message is None or (len(message.splitlines()) == 1 and len(message) < 600), (what, reader, message)
    assert refused > 3


@pytest.mark.parametrize("kind", MAKERS)
def test_a_sample_of_damaged_files(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    check(kind, tmp_path, STRIDE[kind])


@pytest.mark.slow
@pytest.mark.parametrize("kind", MAKERS)
def test_a_quarter_of_damaged_files(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    check(kind, tmp_path, 4)  # every change takes half an hour, and is left to a run by hand


def test_the_line_names_what_is_wrong(tmp_path):
    assert call(*MAKERS["random"], tmp_path / "a.nc") is None
    whole = read_dataset(tmp_path / "a.nc")
    for changed, message in (
        (whole.assign_attrs(alpha="wrong"), "the attribute alpha must be a number, not 'wrong'"),
        (whole.assign_attrs(depth=7), "the dimension layer has length 3, but 8 is expected"),
        (whole.drop_vars("Q"), "the variable Q is missing"),
        (whole.assign_attrs(closure="round"), "must be one of symmetric, directed"),
    ):
        write_dataset(changed, tmp_path / "t.nc")
        assert message in call("show", tmp_path / "t.nc")
