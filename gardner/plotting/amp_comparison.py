"""Figure of a comparison of message passing, drawn from its document (`comparison.messages.report`).

Overlaps against M/N, a row per α and a column per overlap, one symbol and shade per connectivity. Filled: with the
teacher; open: what the messages say of themselves. Strokes at M/N = 0: where the state evolution of each closure ends
(`style.closure_dashes`); diamond: the limit c, N → ∞ of the true overlaps with its whole error.
"""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

from matplotlib.lines import Line2D

from gardner.plotting import style

STROKE = 0.12  # length of a stroke of theory, of the axis
MARKS = "os^vP"


def draw_report(body: dict):
    """All limits of a report, or all nets of its first α where there is none."""
    branches = list(dict.fromkeys((e["alpha"], tuple(e["starts"])) for e in body["observables"]))
    branches = branches or [(body["alphas"][0], tuple(body["starts"]))]
    count = 2 * body["depth"] - 1
    sizes = sorted({run["connectivity"] for run in body["runs"]})
    looks = {c: (mark, shade) for c, mark, shade in zip(sizes, cycle(MARKS), style.layer_colours(len(sizes))[::-1])}
    with style.journal():
        height = 0.7 + 1.9 * len(branches)
        drawing, axes = style.figure(len(branches), count, height=height, width=style.PAGE, squeeze=False)
        for row, branch in zip(axes, branches):
            for k, axis in enumerate(row):
                _panel(axis, body, branch, k, looks)
        for axis in axes[-1]:
            axis.set_xlabel("$M/N$")
        drawing.legend(handles=_keys(looks), loc="outside lower center", ncols=4)
    return drawing


def _panel(axis, body: dict, branch: tuple, k: int, looks: dict) -> None:
    alpha, starts = branch
    runs = [run for run in body["runs"] if abs(run["alpha"] - alpha) < 1e-9 and run["start"] in starts]
    right, dashes = 1.08 * max((run["ratio"] for run in runs), default=0.5), style.closure_dashes()
    for run in runs:
        mark, shade = looks[run["connectivity"]]
        for name, face in (("true", shade), ("own", "white")):
            error = run[f"{name}_error"][k]
            look = {"marker": mark, "color": shade, "mfc": face, "ms": 3, "lw": 0.6, "capsize": 1.2, "ls": ""}
            axis.errorbar(run["ratio"], run[name][k], 0.0 if error is None else error, **look)
    for entry in body["observables"]:
        if (entry["alpha"], tuple(entry["starts"])) != branch or _place(body["depth"], entry) != k:
            continue
        for closure, theory in entry["theory"].items():
            axis.plot([-STROKE * right, 0.0], [theory] * 2, color="0.2", ls=dashes[closure], lw=1.3)
        axis.errorbar(0.0, entry["mc"], entry["error"], color="0.1", marker="D", ms=3.5, capsize=1.5, ls="")
        axis.set_ylabel(rf"${entry['name']}({entry['layer']})$")
    axis.axvline(0.0, color="0.85", lw=0.5, zorder=-1)
    axis.set_xlim(-STROKE * right, right)
    axis.set_title(rf"$\alpha={alpha:g}$")


def _place(depth: int, entry: dict) -> int:
    """Of an overlap in the order of `overlaps_of`."""
    return entry["layer"] - 1 + (depth if entry["name"] == "q" else 0)


def _keys(looks: dict) -> list[Line2D]:
    keys = [Line2D([], [], color=shade, marker=mark, ls="", label=rf"$c={c}$") for c, (mark, shade) in looks.items()]
    keys.append(Line2D([], [], color="0.3", marker="o", mfc="white", ls="", label="own estimate"))
    keys.append(Line2D([], [], color="0.1", marker="D", ls="", label=r"limit $c,N\to\infty$"))
    return keys + [Line2D([], [], color="0.2", ls=dash, label=name) for name, dash in style.closure_dashes().items()]


def save_report(body: dict, path: Path) -> list[Path]:
    """PDF and SVG of `draw_report`; returns what was written."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing = draw_report(body)
    written = [path.with_suffix(ending) for ending in (".pdf", ".svg")]
    for file in written:
        style.save_figure(drawing, file)
    return written
