"""Figures of message passing: what is known of every layer, sweep by sweep.

Lines are overlaps with the teacher (mean over samples, a band of one standard error), dots the estimate of the messages
themselves; where the two part, the messages claim more than they know.
"""

from __future__ import annotations

import numpy as np
from matplotlib.lines import Line2D

from gardner.plotting import style

PANELS = (("Q", 1, "$Q(l)$"), ("q", 0, "$q(l)$"))  # name, first layer, label


def histories(result):
    """Overlaps of bonds and of hidden spins against sweeps."""
    net = result.settings
    panels = PANELS if net.depth > 1 else PANELS[:1]
    colours = style.layer_colours(net.depth + 1)
    with style.journal():
        drawing, axes = style.figure(len(panels), 1, height=0.6 + 1.9 * len(panels), squeeze=False, sharex=True)
        for axis, (name, first, label) in zip(axes[:, 0], panels):
            for l in range(1, net.depth + (name == "Q")):
                true, own = (result.history(f"{name}_{whose}")[:, :, l - first] for whose in ("teacher", "self"))
                _draw(axis, true, own, colours[l], f"$l={l}$")
            axis.set_ylabel(label)
            axis.set_ylim(min(0.0, axis.get_ylim()[0]), 1.02)
            axis.legend(fontsize=6)
        axes[-1, 0].set_xlabel("sweeps")
        axes[0, 0].set_title(rf"$\alpha={net.alpha:g}$, $c={net.fan}$: lines true, dots estimated")
    return drawing


def _draw(axis, true_st, own_st, colour, label: str) -> None:
    """One layer: samples × sweeps."""
    sweeps, mean = np.arange(true_st.shape[1]), true_st.mean(axis=0)
    axis.plot(sweeps, mean, color=colour, label=label)
    if len(true_st) > 1:
        error = true_st.std(axis=0, ddof=1) / np.sqrt(len(true_st))
        axis.fill_between(sweeps, mean - error, mean + error, color=colour, alpha=0.25, lw=0)
    axis.plot(sweeps, own_st.mean(axis=0), ".", color=colour, ms=2.5)


MARKS = (("o", "white"), ("s", "0.35"))  # of the starts: what knows nothing is empty


def draw_evolution(axis, by_start: dict) -> None:
    """Start → (mean, error, closure → steps): symbols with a band, and a line for each closure."""
    dashes = style.closure_dashes()
    for (mean_t, error_t, steps), (mark, face) in zip(by_start.values(), MARKS):
        sweeps = np.arange(len(mean_t))
        axis.fill_between(sweeps, mean_t - error_t, mean_t + error_t, color="0.75", lw=0)
        every = 1 + len(sweeps) // 40
        axis.plot(sweeps[::every], mean_t[::every], ls="", marker=mark, color="0.35", mfc=face, mew=0.6, ms=3)
        for closure, step_t in steps.items():
            axis.plot(sweeps, step_t, color="0.0", ls=dashes[closure], lw=0.9)
    axis.set_ylim(-0.02, 1.03)
    axis.set_xlim(-0.5, len(mean_t) - 0.5)


def evolution_keys(starts) -> list[Line2D]:
    """Legend of `draw_evolution`."""
    keys = [
        Line2D([], [], ls="", marker=mark, color="0.35", mfc=face, ms=4, label=f"nets, {start} start")
        for start, (mark, face) in zip(starts, MARKS)
    ]
    return keys + [Line2D([], [], color="0.0", ls=dash, label=name) for name, dash in style.closure_dashes().items()]
