"""Gap distributions P(r, l) by layer: the whole, the approach to the wall, and measured points laid over them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from gardner.analysis.gaps import GapDistribution
from gardner.criteria import RESOLVED
from gardner.plotting import style
from gardner.results.solution import atomic

FARTHEST = 3.5  # of r - κ in the linear panel

Measured = Mapping[int, tuple[np.ndarray, np.ndarray, np.ndarray]]


def gaps_figure(gaps: Sequence[GapDistribution], title: str = "", measured: Measured | None = None):
    """Above: P(r) on linear axes, its contact part dashed. Below: the approach to the wall, both axes logarithmic.

    `measured` maps bond layers to (r, density, standard error) of a simulation: points with error bars.
    """
    with style.journal():
        drawing, (upper, lower) = style.figure(2, 1, height=4.2)
        draw_gaps(upper, lower, gaps, title, measured)
    return drawing


def draw_gaps(upper, lower, gaps: Sequence[GapDistribution], title: str = "", measured: Measured | None = None) -> None:
    """`gaps_figure` on two given axes."""
    groups = _groups(gaps)
    shades = style.layer_colours(len(groups))
    colours = {layer: shade for layers, shade in zip(groups, shades) for layer in layers}
    kappa = gaps[0].margin
    soft = bool(gaps[0].r_a[0] < kappa)
    for layers in groups:
        gap, colour = gaps[layers[0] - 1], colours[layers[0]]
        upper.plot(gap.r_a, gap.density_a, color=colour, label=_name(layers))
        upper.plot(gap.r_a, gap.contact_a, color=colour, linestyle="--", linewidth=0.8)
        near = gap.r_a > kappa
        lower.plot(gap.r_a[near] - kappa, gap.density_a[near], color=colour)
        lower.plot(gap.r_a[near] - kappa, gap.contact_a[near], color=colour, linestyle="--", linewidth=0.8)
    for layer, (r, density, error) in (measured or {}).items():
        look = {"color": colours[layer], "fmt": "o", "markersize": 2.5, "elinewidth": 0.6}
        upper.errorbar(r, density, error, **look)
        positive = (r > kappa) & (density > 0.0)
        lower.errorbar(r[positive] - kappa, density[positive], error[positive], **look)
    left = kappa - (0.12 * FARTHEST if soft else 0.02 * FARTHEST)
    _finish(upper, lower, kappa, left, gaps, title, len(groups))


def _finish(upper, lower, kappa, left, gaps, title, count) -> None:
    """Limits, labels, legend."""
    upper.axvline(kappa, color="0.6", linewidth=0.6, zorder=0)
    upper.set_xlim(left, kappa + FARTHEST)
    tallest = max(float(gap.density_a.max()) for gap in gaps)
    upper.set_ylim(0.0, 1.06 * min(tallest, 5.0))
    upper.set_xlabel(r"gap $r$")
    upper.set_ylabel(r"$P(r, l)$")
    if title:
        upper.set_title(title)
    upper.plot([], [], color="0.3", linestyle="--", linewidth=0.8, label=r"contacts, $h<\kappa$")
    upper.legend(loc="upper right", ncols=2 if count > 4 else 1, handlelength=1.6)
    lower.set_xscale("log")
    lower.set_yscale("log")
    distance = gaps[0].r_a - kappa
    lower.set_xlim(distance[distance > 1e-12].min(), 5.0)
    lower.set_ylim(2e-3, 1.6 * tallest)
    lower.set_xlabel(r"distance from the wall $r-\kappa$")
    lower.set_ylabel(r"$P(r, l)$")


def _groups(gaps: Sequence[GapDistribution]) -> list[list[int]]:
    """Layers with the same P(r), contact part included: they are drawn once."""
    groups: list[list[int]] = []
    for gap in gaps:
        for layers in groups:
            first = gaps[layers[0] - 1]
            change = np.abs(np.append(gap.density_a - first.density_a, gap.contact_a - first.contact_a)).max()
            if change < RESOLVED * max(1.0, float(first.density_a.max())):
                layers.append(gap.layer)
                break
        else:
            groups.append([gap.layer])
    return groups


def _name(layers: Sequence[int]) -> str:
    """`l = 1, 6` for a few layers, `l = 3–18` for a run of many."""
    if len(layers) > 3 and layers[-1] - layers[0] == len(layers) - 1:
        return rf"$l={layers[0]}\ldots{layers[-1]}$"
    if len(layers) > 4:
        return rf"$l={layers[0]}\ldots{layers[-1]}$ ({len(layers)})"
    return rf"$l={', '.join(map(str, layers))}$"


def plot_gaps(gaps: Sequence[GapDistribution], path: Path, title: str = "", measured: Measured | None = None) -> None:
    """Write the figure and, beside it with the ending .csv, the plotted numbers: r, P(1), contacts(1), P(2), …"""
    style.save_figure(gaps_figure(gaps, title, measured), path)
    names = [name for gap in gaps for name in (f"P({gap.layer})", f"contacts({gap.layer})")]
    columns = [values for gap in gaps for values in (gap.density_a, gap.contact_a)]
    with (
        atomic(Path(path).with_suffix(".csv")) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as handle,
    ):
        writer = csv.writer(handle)
        writer.writerow(["r", *names])
        writer.writerows([f"{value:.12g}" for value in row] for row in zip(gaps[0].r_a, *columns))
