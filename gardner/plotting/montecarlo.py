"""Figures of a Monte Carlo run, drawn from the dataset it writes.

Three panels: autocorrelations C_l(t, t_w) by layer (solid: bonds, dotted: spins), overlaps against layer with error
bars over samples, energy per gap and errors against time. Lines join points of one quantity; they are no theory.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from gardner.plotting import style
from gardner.results import from_attribute


def correlations(axis, data) -> None:
    """C_l(t, t_w) from the end of the burn-in against t, over its value at t = 0 for Gaussian weights."""
    burn_in = _document(data)["relaxation"]["waiting"]
    colours = style.layer_colours(data.sizes["layer"])
    spins, bonds = data["C_spin"].sel(waiting=burn_in), data["C_bond"].sel(waiting=burn_in)
    lags = data["lag"].values
    gaussian = _document(data)["weights"] == "gaussian"  # their rows shrink: only the decay compares between layers
    for l in data["bond_layer"].values:
        curves = [(bonds.sel(bond_layer=l), "-")]
        if l < data["bond_layer"].values[-1]:  # the output is imposed
            curves.append((spins.sel(layer=l), ":"))
        for values, dash in curves:
            mean = values.mean(("sample", "clone")).values
            mean = mean / mean[0] if gaussian else mean
            shown = np.isfinite(mean) & (lags > 0)
            axis.plot(lags[shown], mean[shown], color=colours[l], ls=dash, lw=0.8)
    axis.set_xscale("log")
    axis.set_xlabel(r"lag $t$ (sweeps)")
    over = r"\,/\,C_l(0,\,t_\mathrm{w})" if gaussian else ""
    axis.set_ylabel(rf"$C_l(t,\,t_\mathrm{{w}}={burn_in}){over}$")
    keys = [Line2D([], [], color=colours[l], label=f"$l={l}$") for l in _thinned(data["bond_layer"].values)]
    keys += [Line2D([], [], color="0.3", ls=dash, label=name) for dash, name in (("-", "bonds"), (":", "spins"))]
    axis.legend(handles=keys, fontsize=6, loc="center left", bbox_to_anchor=(1, 0.5))


def overlaps(axis, data) -> None:
    """Means and errors of the overlaps against layer: replicas, teacher, guest; matched ones open."""
    document = _document(data)
    colours = dict(zip(("replica", "teacher", "guest"), style.layer_colours(3)))
    labels = []
    for name, marker in (("Q", "s"), ("q", "o")):
        for other, colour in colours.items():
            for kind, fill in (("raw", colour), ("matched", "w")):
                points = _points(document, name, other, kind)
                if not len(points):
                    continue
                layer, mean, error = points.T
                look = {"color": colour, "marker": marker, "mfc": fill, "lw": 0.5, "capsize": 1.5, "elinewidth": 0.6}
                axis.errorbar(layer, mean, error, **look)
                labels.append((other, colour))
        null = [(e["layer"], e[name]["null"]) for e in document["layers"] if name in e and e[name]["null"] is not None]
        if null:
            axis.plot(*np.array(null).T, color="0.6", ls="--", lw=0.7)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel("layer $l$")
    axis.set_ylabel("overlap")
    axis.set_ylim(top=1.05)
    keys = [Line2D([], [], color=c, label=name) for name, c in dict(labels).items()]
    look = {"color": "0.3", "ls": ""}
    keys += [
        Line2D([], [], marker="s", label="$Q$", **look),
        Line2D([], [], marker="o", label="$q$", **look),
        Line2D([], [], marker="o", mfc="w", label="matched", **look),
        Line2D([], [], color="0.6", ls="--", label="null"),
    ]
    axis.legend(handles=keys, fontsize=6, loc="center left", bbox_to_anchor=(1, 0.5))


def _points(document: dict, name: str, other: str, kind: str) -> np.ndarray:
    rows = []
    for entry in document["layers"]:
        fields = entry.get(name, {}).get(other, {}).get(kind)
        if fields is not None and fields["mean"] is not None:
            rows.append((entry["layer"], fields["mean"], fields["error"] or 0.0))
    return np.array(rows)


def time_course(axis, data) -> None:
    """Energy per gap, training error, fresh-input error and share of negative gaps against time."""
    document = _document(data)
    gaps = document["patterns"] * sum(document["widths"][1:])
    time = data["time"].values
    names = {"energy": r"energy per gap", "training_error": "training error", "negative_gaps": "negative gaps"}
    names |= {"fresh_error": "fresh-input error"}
    for (name, label), colour in zip(names.items(), style.layer_colours(len(names))):
        mean = data[name].isel(clone=0).mean("sample").values / (gaps if name == "energy" else 1.0)
        shown = (time > 0) & (mean > 0.0)
        if shown.any():
            axis.plot(time[shown], mean[shown], color=colour, lw=0.8, label=label)
        elif (mean == 0.0).all():
            axis.plot([], [], ls="", label=f"{label}: 0")
    axis.set_xscale("log")
    axis.legend(fontsize=6, loc="center left", bbox_to_anchor=(1, 0.5))
    if any(len(line.get_xdata()) for line in axis.lines):
        axis.set_yscale("log")
    axis.set_xlabel("time (sweeps)")
    axis.set_ylabel("mean over samples")


def panels(data) -> Figure:
    """The three pictures of one run, a column wide."""
    with style.journal():
        figure, axes = style.figure(3, 1, height=5.6)
        correlations(axes[0], data)
        overlaps(axes[1], data)
        time_course(axes[2], data)
    return figure


def save(data, path: Path) -> Path:
    """Draw the panels to `path` and write the plotted curves beside it as CSV; returns the path of the CSV."""
    return style.save_with_curves(panels(data), path)


def _document(data) -> dict:
    return from_attribute(data.attrs["document"])


def _thinned(layers, largest: int = 6):
    """At most `largest` of the layers, the ends kept."""
    if len(layers) <= largest:
        return layers
    return [layers[i] for i in np.unique(np.linspace(0, len(layers) - 1, largest).round().astype(int))]
