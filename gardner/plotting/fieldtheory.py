"""Pictures of the field theory's predictions: potential, Goldstone surface, propagators.

Each function takes data of `gardner.analysis.field_theory` and returns a figure; `save_with_table` writes it with the
plotted numbers beside it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path

import numpy as np

from gardner.analysis.field_theory import PropagatorCurve, PropagatorPoints
from gardner.plotting import style
from gardner.results.solution import atomic

AZIMUTH = -62.0  # degrees, of the view on the surface


def potential_figure(curves):
    """V of one weight (`potential_curves`) for learning rates below and above η_c; minima as dots."""
    curves = curves.sortby("ratio")
    weight, depth = curves["weight"].values, curves.attrs["well_depth"]
    colours = style.layer_colours(curves.sizes["ratio"])
    with style.journal():
        drawing, axis = style.figure(height=2.5)
        for ratio, colour, dash in zip(curves["ratio"].values, colours, cycle(style.DASHES)):
            curve = curves.sel(ratio=ratio)
            v, lowest = float(curve["order_parameter"]), float(curve["minimum"])
            label = rf"$\eta={ratio:.2g}\,\eta_c$"
            axis.plot(weight, curve["potential"], color=colour, ls=dash, label=label)
            minima = [-v, v] if v > 0.0 else [0.0]
            axis.plot(minima, [lowest] * len(minima), "o", color=colour)
        axis.set_ylim(-1.3 * depth, 2.0 * depth)
        axis.set_xlim(weight[0], weight[-1])
        axis.set_xlabel(r"weight $w$")
        axis.set_ylabel(r"potential $V(w,\eta)$")
        axis.set_title(rf"$\mu={curves.attrs['mu']:g}$, $\lambda={curves.attrs['coupling']:g}$")
        axis.legend(loc="upper center")
    return drawing


def goldstone_figure(surface):
    """V over the plane of σ and one π below η_c: the ring of minima, with both directions at one of them.

    For D = 3 the plane is a section of O(3) → O(2) along the direction the minimum took and one across it.
    """
    radius, angle, out = (surface[name].values for name in ("radius", "angle", "distance"))
    x, y = radius * np.cos(angle[:, None]), radius * np.sin(angle[:, None])
    from matplotlib.patheffects import withStroke

    with style.journal():
        drawing, axis = style.figure(height=2.9, subplot_kw={"projection": "3d", "computed_zorder": False})
        look = {"cmap": "viridis", "linewidth": 0.0, "rstride": 1, "cstride": 1, "alpha": 0.9}
        axis.plot_surface(x, y, surface["potential"].values, **look)
        # the far part of the ring is behind the hill from where the picture is taken
        turn = np.deg2rad(AZIMUTH) + np.linspace(-0.8, 0.8, 181) * np.pi
        axis.plot(np.cos(turn), np.sin(turn), -1.0 + 0.0 * turn, color="white", linewidth=1.0)
        place = np.deg2rad(AZIMUTH) + 0.3 * np.pi  # where both directions are seen from the side
        outlined = {"linewidth": 1.6, "path_effects": [withStroke(linewidth=3.2, foreground="white")]}
        across = (out * np.cos(place), out * np.sin(place), surface["along_sigma"].values + 0.02)
        axis.plot(*across, color="crimson", ls="-", label=r"$\sigma$: curvature $-2m^2$", **outlined)
        along = place + np.linspace(-0.45, 0.45, 20)
        ring = (np.cos(along), np.sin(along), -0.98 + 0.0 * along)
        axis.plot(*ring, color="black", ls="--", label=r"$\pi$: curvature $0$", **outlined)
        axis.plot([np.cos(place)], [np.sin(place)], [-0.97], "o", color="black", markersize=4, mec="white", mew=0.6)
        axis.set_xlabel(r"$w_1/|w^*|$", labelpad=-8)
        axis.set_ylabel(r"$w_2/|w^*|$", labelpad=-8)
        axis.set_zlabel(r"$V/|V(w^*)|$", labelpad=-4)
        axis.tick_params(pad=-3, labelsize=6)
        axis.set_zlim(-1.0, 0.05)
        axis.set_zticks([-1.0, -0.5, 0.0])
        axis.view_init(elev=58, azim=AZIMUTH)
        axis.legend(loc="upper left", bbox_to_anchor=(0.0, 0.95))
    return drawing


def propagators_figure(curves: Sequence[PropagatorCurve], points: Sequence[PropagatorPoints] = (), title: str = ""):
    """P(t, k) against the distance of layers: theory as lines, Monte Carlo as points."""
    with style.journal():
        drawing, axis = style.figure(height=2.6)
        propagators(axis, curves, points, title)
    return drawing


def propagators(axis, curves: Sequence[PropagatorCurve], points: Sequence[PropagatorPoints], title: str) -> None:
    """One panel of propagators; logarithmic unless a curve falls below zero, as the massless one does."""
    logarithmic = all((curve.value > 0.0).all() for curve in curves)
    _draw_curves(axis, curves, points, logarithmic)
    if logarithmic:
        axis.set_yscale("log")
    else:
        axis.axhline(0.0, color="0.7", linewidth=0.6, zorder=0)
    axis.set_xlabel(r"distance of layers $t$")
    axis.set_ylabel(r"$P(t,k)$")
    axis.set_title(title)
    axis.legend(loc="best")


def inverse_propagators(axis, curves: Sequence[PropagatorCurve], points: Sequence[PropagatorPoints]) -> None:
    """1/G against p̂²: the masses squared are where lines begin."""
    _draw_curves(axis, curves, points, False)
    axis.set_xlim(left=-0.15)
    axis.set_ylim(bottom=0.0)
    axis.set_xlabel(r"momentum $\hat p^2=4\sin^2(p/2)$")
    axis.set_ylabel(r"inverse propagator $1/G(p)$, $k=0$")


def _draw_curves(axis, curves: Sequence[PropagatorCurve], points: Sequence[PropagatorPoints], logarithmic) -> None:
    """Full curves take one colour each, dashed and dotted ones the same colours in the same order."""
    colours = style.layer_colours(max(sum(curve.dash == "-" for curve in curves), 1))
    numbers = dict.fromkeys(("-", "--", ":"), 0)
    for curve in curves:
        colour = colours[numbers[curve.dash] % len(colours)]
        numbers[curve.dash] += 1
        good = np.isfinite(curve.value)
        axis.plot(curve.t[good], curve.value[good], curve.dash, color=colour, label=curve.label)
    for measured in points:
        good = (measured.value > 0.0) | (not logarithmic)
        axis.errorbar(measured.t[good], measured.value[good], measured.error[good], fmt="os^D"[measured.curve % 4],
                      color=colours[measured.curve % len(colours)], elinewidth=0.6, label=measured.label)  # fmt: skip


def masses(axis, data, components: int) -> None:
    """Eigenvalues of the Hessian in units of μ² against η/η_c: exact (full), quoted by the source (dashed).

    data: σ and π masses² against `ratio`, exact and `quoted_`, nan where there is none.
    """
    dark, bright = style.layer_colours(3)[::2]
    below = data["ratio"] < 1.0
    for key, colour, name, number in (("sigma", dark, r"\sigma", 1), ("pi", bright, r"\pi", components - 1)):
        axis.plot(data["ratio"][below], data[f"{key}_mass2"][below], color=colour, label=rf"${name}$ ({number}), exact")
        quoted = data[f"quoted_{key}_mass2"]
        axis.plot(data["ratio"], quoted, color=colour, ls="--", label=rf"${name}$, quoted")
    above = data["ratio"] >= 1.0
    label = f"all {components}, above $\\eta_c$"
    axis.plot(data["ratio"][above], data["sigma_mass2"][above], color="0.4", ls="-.", label=label)
    axis.axvline(1.0, color="0.6", ls=":", lw=0.8)
    axis.set_xlabel(r"learning rate $\eta/\eta_c$")
    axis.set_ylabel(r"eigenvalue of the Hessian / $\mu^2$")
    axis.set_ylim(-0.1, 2.9)
    axis.legend(loc="upper left", ncols=2)


def save_with_table(drawing, path: Path, columns: Mapping[str, Sequence]) -> None:
    """Write the figure and, beside it with the ending .csv, its numbers; shorter columns end in empty cells."""
    style.save_figure(drawing, path)
    longest = max(len(values) for values in columns.values())
    rows = [[values[i] if i < len(values) else "" for values in columns.values()] for i in range(longest)]
    with (
        atomic(Path(path).with_suffix(".csv")) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as handle,
    ):
        writer = csv.writer(handle)
        writer.writerow(columns)
        writer.writerows([value if isinstance(value, str) else f"{value:.12g}" for value in row] for row in rows)
