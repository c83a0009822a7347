"""Complexity of one-step states: Σ against m, and against the internal entropy of the states."""

from __future__ import annotations

import numpy as np

from gardner.plotting import style


def complexity_figure(result):
    """Left: Σ(m) per weight. Right: the same against s_int. Solid where the states are stable, R > 0."""
    with style.journal():
        drawing, (left, right) = style.figure(1, 2, height=2.4, width=style.PAGE, sharey=True)
        draw_complexity(left, result, result.m_j)
        draw_complexity(right, result, result.internal_entropy_j)
        left.set_xlabel("$m$")
        right.set_xlabel(r"internal entropy $s_\mathrm{int}$ per $NM$")
        left.set_ylabel(r"complexity $\Sigma$ per weight")
        right.xaxis.get_major_locator().set_params(nbins=5)
        right.legend(loc="best")
        left.set_title(rf"$\alpha={result.alpha:g}$, $L={result.depth}$, {result.potential.formula}")
    return drawing


def draw_complexity(axis, result, x_j: np.ndarray) -> None:
    """Σ per weight against x, with the points where Σ = 0 and R = 0; no point, no curve."""
    if not len(x_j):
        return
    dark, light = style.layer_colours(3)[:2]
    m_j, complexity_j, stable_j = result.m_j, result.weight_complexity_j, result.stability_j > 0.0

    def at(m, values_j):
        return float(np.interp(m, m_j, values_j))

    # the point with R = 0 belongs to both pieces of the curve
    edge = result.unstable_m
    if edge is not None:
        place = np.searchsorted(m_j, edge)
        left, right = (np.insert(values, place, at(edge, values)) for values in (x_j, complexity_j))
        pieces = np.insert(stable_j, place, True), np.insert(~stable_j, place, True)
    else:
        left, right, pieces = x_j, complexity_j, (stable_j, ~stable_j)
    axis.plot(left, np.where(pieces[0], right, np.nan), "-", color=dark, label="stable states, $R>0$")
    axis.plot(left, np.where(pieces[1], right, np.nan), "--", color=light, label="unstable, $R<0$")
    axis.axhline(0.0, color="0.7", lw=0.6, zorder=0)
    if edge is not None:
        axis.plot([at(edge, x_j)], [at(edge, complexity_j)], "o", color="k", ms=3, mfc="white", label="$R=0$")
    if result.static_m is not None:
        axis.plot([at(result.static_m, x_j)], [0.0], "D", color="k", ms=3, label=r"static, $\Sigma=0$")
