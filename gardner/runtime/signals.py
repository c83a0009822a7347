"""SIGTERM ends a command as Ctrl-C does: what is finished is kept, and one line says so.

Batch systems send it some seconds before they kill.
"""

from __future__ import annotations

import signal
import time

DEAF_SECONDS = 5.0  # after the first: it is often sent to a process and to its group, that is twice
_first: float | None = None


def terminated() -> bool:
    """True once SIGTERM has come."""
    return _first is not None


def _interrupt(number, frame) -> None:
    global _first
    now = time.monotonic()
    if _first is not None and now - _first < DEAF_SECONDS:
        return
    _first = now if _first is None else _first
    raise KeyboardInterrupt


def treat_termination_as_interrupt() -> None:
    """From now on SIGTERM raises KeyboardInterrupt in the main thread, unless the caller has it ignored."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _interrupt)
