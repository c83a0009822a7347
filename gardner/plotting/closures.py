"""Edwards–Anderson overlaps against the layer in both closures at the same α: what an arrow of time changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from gardner.plotting import style
from gardner.results.solution import Solution, atomic


def check_pair(symmetric: Solution, directed: Solution) -> None:
    """ValueError unless the two solutions differ in the closure only."""
    first, second = symmetric.setting, directed.setting
    if (first.closure, second.closure) != ("symmetric", "directed"):
        raise ValueError(f"closures = {first.closure}, {second.closure}: give a symmetric and a directed solution")
    for name in ("alpha", "network", "potential", "parisi"):
        if getattr(first, name) != getattr(second, name):
            raise ValueError(
                f"{name} = {getattr(first, name)} and {getattr(second, name)}: must agree, solve both alike"
            )


def closures_figure(symmetric: Solution, directed: Solution):
    """Two panels over the layer: Q_EA(l) of bonds and q_EA(l) of spins; open symbols symmetric, full ones directed."""
    check_pair(symmetric, directed)
    setting = directed.setting
    depth = setting.network.depth
    with style.journal():
        drawing, axes = style.figure(2, 1, height=3.4, sharex=True)
        draw_pair(axes, {solution.closure: (solution.q_ea, solution.Q_ea) for solution in (symmetric, directed)})
        axes[0].set_ylabel(r"$Q_\mathrm{EA}(l)$ (bonds)")
        axes[1].set_ylabel(r"$q_\mathrm{EA}(l)$ (spins)")
        axes[0].legend(loc="best")
        axes[0].set_title(rf"$\alpha={setting.alpha:g}$, $L={depth}$, $k={setting.levels}$")
    return drawing


def draw_pair(axes, overlaps: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Bonds on the first of two axes, spins on the second; `overlaps` maps closures to q (L+1,) and Q (L,)."""
    dark, light, _ = style.layer_colours(3)
    looks = {
        "symmetric": {"marker": "o", "markerfacecolor": "white", "linestyle": "--", "color": light},
        "directed": {"marker": "s", "color": dark},
    }
    for closure, (q_l, Q_l) in overlaps.items():
        common = looks[closure] | {"label": closure, "clip_on": False, "zorder": 3}
        axes[0].plot(np.arange(1, len(Q_l) + 1), Q_l, **common)
        axes[1].plot(np.arange(len(q_l)), q_l, **common)
        depth = len(Q_l)
    axes[1].set_xlabel("layer $l$, from the input to the output")
    axes[1].set_xticks(np.arange(depth + 1) if depth <= 12 else np.linspace(0, depth, 5).round())
    for axis in axes:
        axis.set_ylim(0.0, 1.05)
        axis.set_xlim(-0.3, depth + 0.3)


def plot_closures(symmetric: Solution, directed: Solution, path: Path) -> None:
    """Write the figure and, beside it with the ending .csv, its numbers: l, then Q_EA, q_EA of both closures."""
    style.save_figure(closures_figure(symmetric, directed), path)
    columns = [np.arange(symmetric.setting.network.depth + 1)]
    for solution in (symmetric, directed):
        columns += [np.append(np.nan, solution.Q_ea), solution.q_ea]
    header = "l,Q_symmetric,q_symmetric,Q_directed,q_directed"
    with atomic(Path(path).with_suffix(".csv")) as temporary:
        np.savetxt(temporary, np.column_stack(columns), delimiter=",", header=header, comments="", fmt="%.12g")
