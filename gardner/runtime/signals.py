"""SIGTERM ends a command as Ctrl-C does: what is finished is kept, and one line says so.

Batch systems send it some seconds before they kill. Neither is lost: Python drops a KeyboardInterrupt that is raised
in a callback from compiled code or in a finalizer, as there are many while Numba compiles, and the work would go on.
"""

from __future__ import annotations

import _thread
import contextlib
import signal
import sys
import threading
import time

AGAIN_SECONDS = 0.05  # after which an interruption that was dropped is tried once more
DEAF_SECONDS = 5.0  # after the first: it is often sent to a process and to its group, that is twice
_first: float | None = None
_held = 0  # blocks of `later` that are being run
_waiting = False  # it came in one of them


def terminated() -> bool:
    """True once SIGTERM has come."""
    return _first is not None


def _interrupt(number, frame) -> None:
    global _first, _waiting
    now = time.monotonic()
    if _first is not None and now - _first < DEAF_SECONDS:
        return
    _first = now if _first is None else _first
    if _held:
        _waiting = True
        return
    raise KeyboardInterrupt


@contextlib.contextmanager
def later():
    """SIGTERM that comes inside the block takes effect at its end, also in place of what fails inside."""
    global _held, _waiting
    _held += 1
    problem = None
    try:
        yield
    except Exception as error:
        problem = error
    finally:
        _held -= 1
    if _waiting and not _held:
        _waiting = False
        raise KeyboardInterrupt
    if problem is not None:
        raise problem


def treat_termination_as_interrupt() -> None:
    """From now on SIGTERM raises KeyboardInterrupt in the main thread, unless the caller has it ignored."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _interrupt)


def repeat_lost_interrupts() -> None:
    """From now on a KeyboardInterrupt that Python drops is raised again in the main thread, until it is heard."""
    before = sys.unraisablehook
    if getattr(before, "repeats_interrupts", False):
        return

    def hook(lost) -> None:
        if lost.exc_type is not KeyboardInterrupt:
            before(lost)
            return
        again = threading.Timer(AGAIN_SECONDS, _thread.interrupt_main)  # not at once: the callback is still at work
        again.daemon = True
        again.start()

    hook.repeats_interrupts = True
    sys.unraisablehook = hook
