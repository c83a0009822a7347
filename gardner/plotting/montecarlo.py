"""Figures of a Monte Carlo run, drawn from the dataset it writes.

Three panels: autocorrelations C_l(t, t_w) by layer (solid: bonds, dotted: spins), overlaps against layer with error
bars over samples, energy per gap and errors against time. Lines join points of one quantity; they are no theory.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullFormatter

from gardner.plotting import style
from gardner.results.solution import from_attribute

DASHES = {"bond": "-", "spin": ":"}
NULL_DASHES = {"Q": "--", "q": ":"}
MARKERS = {"Q": "s", "q": "o"}


def correlations(axis, data, waiting: int | None = None, parts=("bond", "spin"), legend: bool = True) -> None:
    """C_l(t, t_w) against t, over its value at t = 0 for Gaussian weights; layers 1 and L carry symbols.

    waiting: t_w, None for the end of the burn-in; parts: bonds and spins, in dashes of their own if both are shown.
    """
    waiting = _document(data)["relaxation"]["waiting"] if waiting is None else waiting
    colours, lags = style.layer_colours(data.sizes["layer"]), data["lag"].values
    gaussian = _document(data)["weights"] == "gaussian"  # their rows shrink: only the decay compares between layers
    last = int(data["bond_layer"].values[-1])
    for part in parts:
        for l in data["bond_layer"].values[: None if part == "bond" else -1]:  # the output is imposed
            values = data[f"C_{part}"].sel({"waiting": waiting, "bond_layer" if part == "bond" else "layer": l})
            mean = values.mean(("sample", "clone")).values
            mean = mean / mean[0] if gaussian else mean
            _decay(axis, lags, mean, colours[l], _mark(l, part, last), DASHES[part] if len(parts) > 1 else "-")
    axis.set_xscale("log")
    axis.set_xlabel(r"lag $t$ (sweeps)")
    over = r"\,/\,C_l(0,\,t_\mathrm{w})" if gaussian else ""
    axis.set_ylabel(rf"$C_l(t,\,t_\mathrm{{w}}={waiting}){over}$")
    if legend:
        keys = correlation_keys(data["bond_layer"].values)
        keys += [Line2D([], [], color="0.3", ls=DASHES[part], label=f"{part}s") for part in parts]
        axis.legend(handles=keys, fontsize=6, loc="center left", bbox_to_anchor=(1, 0.5))


def _mark(l: int, part: str, last: int) -> str | None:
    """Symbol of the layers at the ends: of bonds 1 … last, of hidden spins 1 … last - 1."""
    return "o" if l == 1 else "s" if l == (last if part == "bond" else last - 1) else None


def _decay(axis, lags, mean, colour, mark, dash="-", error=None) -> None:
    shown = np.isfinite(mean) & (lags > 0)
    axis.plot(lags[shown], mean[shown], color=colour, ls=dash, lw=0.8, marker=mark, ms=2.2)
    if error is not None:
        low, high = (mean - error)[shown], (mean + error)[shown]
        axis.fill_between(lags[shown], low, high, color=colour, alpha=0.35, lw=0.0)


def mean_correlations(axis, data, waiting: int, part: str) -> None:
    """`correlations` of one part from means C_part(waiting, lag, layer) with their errors, which are the bands."""
    layer_axis, layers = ("bond_layer" if part == "bond" else "layer"), data["bond_layer"].values
    colours, last = style.layer_colours(len(layers) + 1), int(layers[-1])
    for l in layers[: None if part == "bond" else -1]:  # the output is imposed
        mean, error = (data[f"C_{part}{end}"].sel({"waiting": waiting, layer_axis: l}).values for end in ("", "_error"))
        _decay(axis, data["lag"].values, mean, colours[l], _mark(l, part, last), error=error)
    axis.set_xscale("log")
    axis.set_xlabel(r"lag $t$ (sweeps)")


def correlation_keys(layers) -> list[Line2D]:
    """Legend of the layers of `correlations`."""
    colours, last = style.layer_colours(len(layers) + 1), layers[-1]
    marks = {1: "o", last: "s"}
    return [Line2D([], [], color=colours[l], marker=marks.get(l), label=f"$l={l}$") for l in _thin(layers)]


def end_keys() -> list[Line2D]:
    """Legend of the symbols of `correlations`, where a colour bar names the layers."""
    names = {"o": "first layer", "s": "last layer that moves"}
    return [Line2D([], [], color="0.3", lw=0.8, marker=mark, ms=3, label=name) for mark, name in names.items()]


def relaxation_times(axis, data, part: str) -> None:
    """τ_l of bonds or hidden spins against layer with errors; layers that have not relaxed in the run are missing."""
    tau = data[f"tau_{part}"]
    layer = tau[tau.dims[0]].values
    hidden = slice(None) if part == "bond" else slice(1, -1)  # the spins of both ends are imposed
    colours = style.layer_colours(len(data["bond_layer"]) + 1)
    errors = data[f"tau_{part}_error"].values[hidden]
    axis.plot(layer[hidden], tau.values[hidden], color="0.6", lw=0.6, zorder=1)
    axis.errorbar(layer[hidden], tau.values[hidden], errors, ls="", ecolor="0.2", elinewidth=0.8, capsize=2, zorder=3)
    axis.scatter(layer[hidden], tau.values[hidden], c=colours[layer[hidden]], s=7, zorder=2)
    axis.set_yscale("log")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel("layer $l$")
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.set_ylim(10.0 ** np.floor(np.log10(np.nanmin(tau))), 10.0 ** np.ceil(np.log10(1.2 * np.nanmax(tau))))
    axis.set_ylabel(r"$\tau_l$ (sweeps)")


KINDS = {"guest": ("o", "host–guest"), "replica": ("s", "replicas"), "matched": ("D", "replicas, matched")}
CLOSURE_DASH = ":"  # of the first closure: the null is dashed
NULL = {"color": "0.3", "ls": "--", "lw": 0.8}


def kinds_by_layer(axis, point, name: str) -> None:
    """Host–guest and replica overlaps Q or q by layer, and q_EA of the closures; grey and open if not equilibrated.

    point: means `name`(kind, layer) with `name`_error, `name`_theory(closure, layer), and the flag `equilibrated`.
    """
    layer_axis = "bond_layer" if name == "Q" else "layer"
    layers = slice(None) if name == "Q" else slice(1, -1)  # the spins of both ends are imposed
    part = point.isel({layer_axis: layers})
    layer, equilibrated = part[layer_axis].values, bool(point["equilibrated"])
    if not equilibrated:
        style.mark_no_test(axis)
    for closure, look in _limit_looks().items():
        axis.plot(layer, part[f"{name}_theory"].sel(closure=closure), **look)
    null, error = (part[key].sel(kind="null") for key in (name, f"{name}_error"))
    axis.errorbar(layer, null, error, elinewidth=0.6, **NULL)
    for (kind, (marker, _)), colour in zip(KINDS.items(), style.layer_colours(len(KINDS))):
        mean, error = (part[key].sel(kind=kind).values for key in (name, f"{name}_error"))
        fill = colour if equilibrated else "w"
        axis.errorbar(layer, mean, error, color=colour, marker=marker, mfc=fill, ls="", capsize=1.5, elinewidth=0.6)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlim(0.6, point["bond_layer"].values[-1] + 0.4)
    axis.set_ylim(-0.1, 1.05)
    axis.set_xlabel("layer $l$")


def kinds_keys() -> list[Line2D]:
    """Legend of `kinds_by_layer`."""
    colours = style.layer_colours(len(KINDS))
    keys = [Line2D([], [], color=c, marker=m, ls="", label=label) for (m, label), c in zip(KINDS.values(), colours)]
    keys.append(Line2D([], [], label="null of matched", **NULL))
    keys += [Line2D([], [], label=rf"$q_\mathrm{{EA}}$, {name}", **look) for name, look in _limit_looks().items()]
    return [*keys, style.no_test_key()]


def _limit_looks() -> dict[str, dict]:
    """Lines of the closures: the first dotted above the others, which are paler, so that it shows where all agree."""
    dashes = style.closure_dashes(CLOSURE_DASH)
    first, *others = dashes
    looks = {first: {"color": "k", "ls": dashes[first], "lw": 1.2, "zorder": 2.1}}
    return looks | {name: {"color": "0.6", "ls": dashes[name], "lw": 1.6, "zorder": 2.0} for name in others}


def overlaps(axis, data, names=("Q", "q"), others=("replica", "teacher", "guest"), legend: bool = True) -> None:
    """Means and errors of the overlaps against layer: replicas, teacher, guest; matched ones open.

    Colours tell the partners apart or, with one partner, bonds from spins. Grey where the run is not equilibrated.
    """
    document, single = _document(data), len(others) == 1
    if not document["equilibrated"]:
        style.mark_no_test(axis)
    colours = dict(zip(("replica", "teacher", "guest"), style.layer_colours(3)))
    own = dict(zip(names, style.layer_colours(3)))
    labels = []
    for name in names:
        for other in others:
            colour, marker = own[name] if single else colours[other], MARKERS[name]
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
            axis.plot(*np.array(null).T, color=own[name] if single else "0.6", ls=NULL_DASHES[name], lw=0.9)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel("layer $l$")
    axis.set_ylabel("overlap")
    axis.set_ylim(top=1.05)
    if legend:
        keys = [Line2D([], [], color=c, label=name) for name, c in dict(labels).items()] + overlap_keys(names)
        keys += [] if document["equilibrated"] else [style.no_test_key()]
        axis.legend(handles=keys, fontsize=6, loc="center left", bbox_to_anchor=(1, 0.5))


def overlap_keys(names, colours=("0.3", "0.3")) -> list[Line2D]:
    """Legend of the symbols of `overlaps`, in `colours` by name."""
    keys = []
    for name, colour in zip(names, colours):
        look = {"color": colour, "marker": MARKERS[name], "ls": ""}
        keys += [Line2D([], [], label=f"${name}$", **look), Line2D([], [], mfc="w", label=f"${name}$ matched", **look)]
        keys.append(Line2D([], [], color=colour, ls=NULL_DASHES[name], label=f"${name}$ null"))
    return keys


def _points(document: dict, name: str, other: str, kind: str) -> np.ndarray:
    rows = []
    for entry in document["layers"]:
        fields = entry.get(name, {}).get(other, {}).get(kind)
        if fields is not None and fields["mean"] is not None:
            rows.append((entry["layer"], fields["mean"], fields["error"] or 0.0))
    return np.array(rows)


def time_course(axis, data, legend: bool = True) -> None:
    """Energy per gap, training error, fresh-input error and share of negative gaps against time."""
    document = _document(data)
    gaps = document["patterns"] * sum(document["widths"][1:])
    time = data["time"].values
    names = {"energy": r"energy per gap", "training_error": "training error", "negative_gaps": "negative gaps"}
    names |= {"fresh_error": "fresh-input error"}
    for (name, label), colour, dash in zip(names.items(), style.layer_colours(len(names)), ("-", "--", "-.", ":")):
        mean = data[name].isel(clone=0).mean("sample").values / (gaps if name == "energy" else 1.0)
        shown = (time > 0) & (mean > 0.0)
        if shown.any():
            axis.plot(time[shown], mean[shown], color=colour, ls=dash, lw=0.8, label=label)
        elif (mean == 0.0).all():
            axis.plot([], [], ls="", label=f"{label}: 0")
    axis.set_xscale("log")
    if legend:
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


def _thin(layers, largest: int = 6):
    """At most `largest` of the layers, the ends kept."""
    if len(layers) <= largest:
        return layers
    return [layers[i] for i in np.unique(np.linspace(0, len(layers) - 1, largest).round().astype(int))]
