"""An interruption is heard wherever it comes."""

import ctypes
import signal
import sys
import threading
import time

import pytest

from gardner.runtime.signals import repeat_lost_interrupts


def test_an_interruption_that_python_drops_is_raised_again(monkeypatch):
    """Ctrl-C while compiled code calls back into Python: ctypes reports the exception and goes on, as llvmlite does."""
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)  # put back after the test
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)

    @ctypes.CFUNCTYPE(None)
    def call_back():
        raise KeyboardInterrupt

    try:
        repeat_lost_interrupts()
        repeat_lost_interrupts()  # once more changes nothing
        with pytest.raises(KeyboardInterrupt):
            call_back()
            for _ in range(500):
                time.sleep(0.01)
        time.sleep(0.2)  # and it comes once
    finally:
        signal.signal(signal.SIGINT, handler)


def test_what_else_python_drops_is_told_as_before(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: told.append(lost.exc_type))

    @ctypes.CFUNCTYPE(None)
    def call_back():
        raise ZeroDivisionError

    repeat_lost_interrupts()
    before = threading.active_count()
    call_back()
    assert told == [ZeroDivisionError] and threading.active_count() == before
