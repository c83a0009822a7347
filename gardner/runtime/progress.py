"""Progress on standard error: a live line on a terminal, an occasional plain line elsewhere.

`Progress` shows what it is told; deep inside a computation `tell` reaches the one that is active, if any. `heartbeat`
sees to it that no long work is silent, whoever forgot to report.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from contextvars import ContextVar

QUIET_SECONDS = 2.0  # nothing is shown before
PLAIN_INTERVAL = 15.0  # seconds between plain lines where there is no terminal
PATIENCE = 15.0  # seconds without any line after which a heartbeat is shown


_muted: ContextVar[bool] = ContextVar("muted", default=False)
_active: ContextVar[Progress | None] = ContextVar("active", default=None)
_last_line = 0.0  # when a line was last shown, on the clock of time.monotonic


@contextlib.contextmanager
def silent():
    """Nothing is shown inside: for a part of work whose whole is shown."""
    token = _muted.set(True)
    try:
        yield
    finally:
        _muted.reset(token)


def tell(text: str) -> None:
    """Show a state of long work on the active `Progress`, behind its title; nothing where none is active."""
    progress = _active.get()
    if progress is not None:
        progress.due(f"{progress.title}: {text}")


@contextlib.contextmanager
def heartbeat(title: str, patience: float = PATIENCE, interval: float = PLAIN_INTERVAL):
    """Inside, a line says that work goes on whenever nothing else has been shown for a while."""
    began, over = time.monotonic(), threading.Event()

    def beat():
        shown = began
        while not over.wait(0.1 * patience):
            now = time.monotonic()
            if now - max(shown, _last_line) >= (patience if shown == began else interval):
                shown = now
                print(f"{title}: at work, {_clock(now - began)}", file=sys.stderr, flush=True)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Progress:
    """Shows the state of an iteration after two seconds; use as a context manager, call it with the state."""

    def __init__(self, title: str):
        self.title = title
        self._began = time.monotonic()
        self._shown = self._began + QUIET_SECONDS
        self._live = None

    def __enter__(self) -> Progress:
        self._token = _active.set(self)
        return self

    def __exit__(self, *_):
        _active.reset(self._token)
        if self._live is not None:
            self._live.stop()

    def __call__(self, label: str, iteration: int, residual: float, free_entropy: float) -> None:
        elapsed = time.monotonic() - self._began
        text = f"{self.title}: {label}, iteration {iteration}, residual {residual:.1e}, s = {free_entropy:.8f}"
        self.due(f"{text}, {elapsed:.0f} s")

    def due(self, text: str) -> None:
        """Show a line unless one was shown a moment ago."""
        if time.monotonic() >= self._shown:
            self.message(text)

    def message(self, text: str) -> None:
        """Show a line now."""
        global _last_line
        if _muted.get():
            return
        _last_line = time.monotonic()
        if sys.stderr.isatty():
            self._shown = time.monotonic() + 0.1
            if self._live is None:
                from rich.console import Console
                from rich.status import Status

                self._live = Status(text, console=Console(stderr=True))
                self._live.start()
            self._live.update(text)
        else:
            self._shown = time.monotonic() + PLAIN_INTERVAL
            print(text, file=sys.stderr, flush=True)


def counted(progress: Progress, done: int, total: int):
    """A function of the number of finished points that shows them with the time left.

    The estimate takes the remaining points for as costly as those finished since the start.
    """
    began, before = time.monotonic(), done

    def show(now_done: int) -> None:
        elapsed = time.monotonic() - began
        left = (total - now_done) * elapsed / max(1, now_done - before)
        progress.due(f"{progress.title}: {now_done} of {total} points, {_clock(elapsed)}, about {_clock(left)} left")

    return show


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"
