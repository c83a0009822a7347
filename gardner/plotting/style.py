"""The look of all figures: a journal column, vector output, perceptually uniform colours by layer."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import numpy as np

from gardner.model import CLOSURES
from gardner.results.solution import atomic
from gardner.runtime.files import write_bytes

COLUMN = 3.4  # inches
PAGE = 7.0
SHORT = 30.0  # ratio of the ends of a logarithmic axis, below which ticks between powers of ten have labels
DASHES = ("-", "-.", ":", "--", (0, (5, 1, 1, 1, 1, 1)))
RC = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "legend.fontsize": 6.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.0,
    "lines.markersize": 3,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "legend.frameon": False,
    "mathtext.fontset": "cm",
    "svg.hashsalt": "gardner",
    "figure.constrained_layout.use": True,
}


def logarithmic(axis) -> None:
    """A logarithmic x axis; a short one has plain numbers, few enough not to run into each other."""
    axis.set_xscale("log")

    def label(x: float, _=None) -> str:
        low, high = axis.get_xlim()
        power = int(np.floor(np.log10(x) + 1e-9))
        first = round(x / 10.0**power)
        if high >= SHORT * low:
            return rf"$\mathdefault{{10^{{{power}}}}}$" if first == 1 else ""
        return f"{x:g}" if first in (1, 2, 3, 5) or high < 4.0 * low else ""

    axis.xaxis.set_major_formatter(label)
    axis.xaxis.set_minor_formatter(label)


def layer_colours(count: int) -> np.ndarray:
    """`count` colours from viridis, the brightest end left out (it vanishes on paper)."""
    from matplotlib import colormaps

    return colormaps["viridis"](np.linspace(0.0, 0.88, max(count, 1)))


def closure_dashes(first: str = "--") -> dict[str, str | tuple]:
    """A line style for every registered closure; `first`: of the first one, where `--` means something else."""
    styles = [first, *(dash for dash in DASHES if dash != first)]
    return dict(zip(CLOSURES, cycle(styles)))


def closure_looks() -> dict[str, dict]:
    """Marker, line and colour of every registered closure; the first one has open symbols and a dashed line."""
    light, dark, *others = layer_colours(max(len(CLOSURES), 3))[[1, 0, *range(2, max(len(CLOSURES), 3))]]
    looks = [{"marker": "o", "markerfacecolor": "white", "linestyle": "--", "color": light}]
    looks += [{"marker": mark, "color": colour} for mark, colour in zip(cycle("sD^v"), (dark, *others))]
    return dict(zip(CLOSURES, looks))


def journal():
    """Context in which figures are drawn: `with style.journal(): …`."""
    from matplotlib import rc_context

    return rc_context(RC)


NO_TEST = {"facecolor": "0.92", "label": "not equilibrated: no test"}  # how a panel of such a run is marked


def mark_no_test(axis) -> None:
    """Grey behind a panel whose run is not equilibrated: its means are no equilibrium values."""
    axis.set_facecolor(NO_TEST["facecolor"])


def no_test_key():
    """Legend of `mark_no_test`."""
    from matplotlib.patches import Patch

    return Patch(edgecolor="0.6", linewidth=0.4, **NO_TEST)


def figure(rows: int = 1, columns: int = 1, height: float = 2.5, width: float = COLUMN, **options):
    """A figure (one column wide unless told) and its axes, drawn without any display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(width, height))
    FigureCanvasAgg(drawing)
    return drawing, drawing.subplots(rows, columns, **options)


def break_curve(x, y, positions):
    """The curve with a gap before each of `positions`."""
    return np.insert(np.asarray(x, float), positions, np.nan), np.insert(y, positions, np.nan)


def nested_widths(count: int) -> np.ndarray:
    """Widths of `count` lines that may lie on one another, the last one the thickest, to be drawn behind the others."""
    return np.linspace(1.0, 2.6, count) if count > 1 else np.array([1.0])


def cased(draw, *where, **look) -> None:
    """Draw a black line in a white stroke, `draw(*where, …)` twice: seen on every colour of a map, also in grey."""
    width = look.pop("lw", 1.1)
    draw(*where, color="white", lw=width + 1.3)
    draw(*where, color="black", lw=width, **look)


def save_figure(drawing, path: Path) -> None:
    """Write a figure atomically in the format of its suffix; drawn in memory, where no disk can be full."""
    path, content = Path(path), io.BytesIO()
    metadata = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix, {})
    with journal():
        drawing.savefig(content, format=path.suffix[1:], dpi=200, metadata=metadata)
    write_bytes(path, content.getvalue())


def write_columns(data, names: Sequence[str], path: Path) -> None:
    """Variables and axes of a Dataset along its one axis as CSV, one column each."""
    with atomic(path) as temporary:
        table = np.column_stack([data[name].values for name in names])
        np.savetxt(temporary, table, delimiter=",", header=",".join(names), comments="", fmt="%.12g")


def save_with_curves(drawing, path: Path) -> Path:
    """Write a figure and, beside it, its plotted lines as CSV; returns the path of the CSV."""
    path = Path(path)
    save_figure(drawing, path)
    table = path.with_suffix(".csv")
    with atomic(table) as temporary, temporary.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("panel", "curve", "x", "y"))
        for panel, axis in enumerate(drawing.axes):
            for curve, line in enumerate(axis.get_lines()):
                writer.writerows((panel, curve, x, y) for x, y in zip(line.get_xdata(), line.get_ydata()))
    return table
