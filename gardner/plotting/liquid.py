"""Figures of a comparison of liquid fluctuations, drawn from its document (`comparison.liquid.report`).

`draw_covariances`: M<x xᵀ> of single units against 1/c, one panel per entry, one colour per α. Filled points: Monte
Carlo with errors (open: excluded runs); crosses: the isolated unit of the same c and M; strokes at 1/c = 0: what each
closure says of c → ∞ (`style.closure_dashes`); diamond: the measured limit with its whole error.

`draw_susceptibility`: 1/(M<q²>) in the limit against α, with the curve of each closure down to the end of its liquid.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.lines import Line2D

from gardner.comparison.liquid.limits import susceptibility_curves
from gardner.plotting import style

LABELS = {
    "RR": r"$M\langle R^2\rangle$",
    "CC": r"$M\langle C^2\rangle$",
    "qq": r"$M\langle q^2\rangle$",
    "Rq": r"$M\langle Rq\rangle$",
    "Cq": r"$M\langle Cq\rangle$",
    "RC": r"$M\langle RC\rangle$",
}
STROKE = 0.12  # length of a theory stroke, of the axis


def draw_covariances(axes, body: dict, layer: int) -> None:
    """The six entries of one layer on six axes."""
    alphas = body["alphas"]
    colours = dict(zip(alphas, style.layer_colours(len(alphas))))
    right, dashes = 1.08 / min(body["connectivities"]), style.closure_dashes()
    entries = [entry for entry in body["observables"] if entry["layer"] == layer]
    for k, (axis, name) in enumerate(zip(axes, LABELS)):
        for run in body["runs"]:
            if run["layer"] != layer:
                continue
            alpha = min(alphas, key=lambda a: abs(a - run["alpha"]))
            look = {"color": colours[alpha], "mfc": "w" if run["excluded"] else colours[alpha]}
            x = 1.0 / run["connectivity"]
            axis.errorbar(x, run["mean"][k], run["error"][k], marker="o", ms=2.5, lw=0.6, capsize=1.2, ls="", **look)
            if run["isolated"] is not None:
                axis.plot(x, run["isolated"][k], marker="x", ms=3, mew=0.6, color=colours[alpha])
        for entry in entries:
            if entry["name"] != name:
                continue
            colour = colours[entry["alpha"]]
            for closure, theory in entry["theory"].items():
                axis.plot([-STROKE * right, 0.0], [theory] * 2, color=colour, ls=dashes[closure], lw=1.3)
            axis.errorbar(0.0, entry["mc"], entry["error"], color=colour, marker="D", ms=2.5, capsize=1.5, lw=0.8)
        axis.axvline(0.0, color="0.85", lw=0.5, zorder=-1)
        axis.set_xlim(-STROKE * right, right)
        axis.set_ylabel(LABELS[name])


def covariance_keys(body: dict) -> list[Line2D]:
    """Legend of `draw_covariances`."""
    alphas = body["alphas"]
    colours = style.layer_colours(len(alphas))
    keys = [Line2D([], [], color=c, marker="o", ls="", label=rf"$\alpha={a:g}$") for a, c in zip(alphas, colours)]
    keys += [
        Line2D([], [], color="0.3", ls=dash, label=name) for name, dash in reversed(style.closure_dashes().items())
    ]
    keys.append(Line2D([], [], color="0.3", marker="D", ls="", label=r"limit $c\to\infty$"))
    if any(run["isolated"] is not None for run in body["runs"]):
        keys.append(Line2D([], [], color="0.3", marker="x", ls="", label="isolated unit"))
    if any(run["excluded"] for run in body["runs"]):
        keys.append(Line2D([], [], color="0.3", marker="o", mfc="w", ls="", label="does not count"))
    return keys


def draw_susceptibility(axis, body: dict, layer: int, curves: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Measured 1/(M<q²>) and `curves`: closure → (α, 1/(M<q²>))."""
    dashes = style.closure_dashes()
    measured = next(s for s in body["susceptibilities"] if s["layer"] == layer)
    for closure, (alpha, inverse) in curves.items():
        axis.plot(alpha, inverse, color="0.3", ls=dashes[closure], label=closure)
    colours = style.layer_colours(len(body["alphas"]))
    for alpha, inverse, error in zip(measured["alphas"], measured["inverse"], measured["error"]):
        colour = colours[body["alphas"].index(alpha)]
        axis.errorbar(alpha, inverse, error, color=colour, marker="D", ms=3, capsize=1.5, ls="")
    if measured["transition"] is not None and np.isfinite(measured["transition"]):
        bar = {"xerr": measured["transition_error"], "color": "tab:red", "marker": "|", "ms": 6, "capsize": 2}
        axis.errorbar(measured["transition"], 0.0, label="measured end", ls="", **bar)
    axis.axhline(0.0, color="0.6", lw=0.5)
    axis.set_xlabel(r"$\alpha$")
    axis.set_ylabel(r"$1/M\langle q^2\rangle$")
    axis.legend(loc="lower left")


def draw_report(body: dict, layer: int, curves: dict[str, tuple[np.ndarray, np.ndarray]]):
    """Six covariances against 1/c and the inverse susceptibility against α, of one hidden layer.

    curves: of `susceptibility_curves`.
    """
    with style.journal():
        drawing, axes = style.figure(2, 4, height=3.6, width=style.PAGE)
        panels = [*axes[0, :3], *axes[1, :3]]
        draw_covariances(panels, body, layer)
        for axis in axes[1, :3]:
            axis.set_xlabel("$1/c$")
        draw_susceptibility(axes[0, 3], body, layer, curves)
        axes[1, 3].axis("off")
        axes[1, 3].legend(handles=covariance_keys(body), loc="center", fontsize=6.5)
        drawing.suptitle(
            f"hidden units of spin layer {layer}, $L={body['depth']}$, {body['setting']} setting", fontsize=8
        )
    return drawing


def save_report(body: dict, path: Path) -> list[Path]:
    """One figure per hidden layer, PDF and SVG, with the plotted curves beside; returns what was written."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = []
    for layer in range(1, body["depth"]):
        stem = path.with_name(f"{path.name}-layer{layer}")
        drawing = draw_report(body, layer, susceptibility_curves(body, layer))
        for ending in (".pdf", ".svg"):
            style.save_figure(drawing, stem.with_suffix(ending))
            written.append(stem.with_suffix(ending))
    return written
