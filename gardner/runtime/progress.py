"""Progress on standard error: a live line on a terminal, an occasional plain line elsewhere."""

from __future__ import annotations

import sys
import time
from pathlib import Path

QUIET_SECONDS = 2.0  # nothing is shown before
PLAIN_INTERVAL = 15.0  # seconds between plain lines where there is no terminal


class Progress:
    """Shows the state of an iteration after two seconds; use as a context manager, call it with the state."""

    def __init__(self, title: str):
        self.title = title
        self._began = time.monotonic()
        self._shown = self._began + QUIET_SECONDS
        self._live = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_):
        if self._live is not None:
            self._live.stop()

    def __call__(self, label: str, iteration: int, residual: float, free_entropy: float) -> None:
        now = time.monotonic()
        if now < self._shown:
            return
        text = f"{self.title}: {label}, iteration {iteration}, residual {residual:.1e}, s = {free_entropy:.8f}"
        self.message(f"{text}, {now - self._began:.0f} s")

    def message(self, text: str) -> None:
        """Show a line now."""
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


def announce_compilation() -> None:
    """Say so on standard error if the flow kernels have never been compiled on this machine."""
    from gardner.replica import kernels

    folder = Path(kernels.tilted_rows.stats.cache_path)
    if not any(folder.glob("kernels.tilted_rows-*.nbi")):
        print("compiling the flow kernels (first run only, cached afterwards) …", file=sys.stderr, flush=True)
