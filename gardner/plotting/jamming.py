"""Jamming of one layer in log-log: what k steps give, beside the powers of the scaling equations.

Every k contributes one point at its innermost scale w; between the points lies what `measured` extrapolates.
"""

from __future__ import annotations

import numpy as np

from gardner.plotting import style

LOWEST = 1e-3  # density below which nothing is drawn


def jamming_figure(result):
    """Four panels of a `Jamming`.

    Above: the densities of gaps and of forces of the most steps (line), and their values at contact for every k at the
    gap or force w where they become smooth (points). Below: λ_0 and the contacts beyond isostatic against the
    innermost 1-q. Dashed: γ, θ, a and (1-γ)/2 of the scaling equations, through the last point.
    """
    theory, w = result.exponents, np.sqrt(result.rest_k)
    mean_k = result.force_k / result.contact_k
    alpha = result.alpha_c
    at_contact = alpha * result.density_k * mean_k / result.contact_k
    gamma, theta, a = theory["gamma"], theory["theta"], theory["a"]
    with style.journal():
        drawing, axes = style.figure(2, 2, width=style.PAGE, height=4.6)
        (gaps, forces), (growth, contacts) = axes
        _panel(gaps, w, result.density_k, -gamma, rf"$h^{{-\gamma}},\ \gamma={gamma:.5f}$")
        _curve(gaps, result.distance_a, result.gap_a, result.levels)
        _name(gaps, r"gap $h-\kappa$", r"density of gaps $P_k$")
        _panel(forces, w / mean_k, at_contact, theta, rf"$f^{{\,\theta}},\ \theta={theta:.5f}$")
        _curve(forces, result.force_a, result.force_density_a, result.levels)
        _name(forces, r"force $f/\langle f\rangle$", r"density of forces")
        _panel(growth, result.rest_k, result.growth_k, -a, rf"$(1-q)^{{-a}},\ a={a:.5f}$")
        _name(growth, r"innermost $1-q_{k-1}$", r"$\lambda_0=1+\int y\,dq$")
        _panel(contacts, result.rest_k, result.contact_k - 1.0, 0.5 * (1.0 - gamma), r"$(1-q)^{(1-\gamma)/2}$")
        _name(contacts, r"innermost $1-q_{k-1}$", r"contacts per weight $-\,1$")
    return drawing


def _panel(axis, x_k, y_k, power: float, label: str) -> None:
    """Points of every k, and the power through the last of them."""
    dark, middle, _ = style.layer_colours(3)
    axis.loglog(x_k, y_k, "o", color=dark, label=f"$k=1,\\dots,{len(x_k)}$")
    line = np.array([0.5 * x_k[-1], x_k[0]])
    axis.loglog(line, y_k[-1] * (line / x_k[-1]) ** power, "--", color=middle, label=label)


def _curve(axis, x_a, y_a, levels: int) -> None:
    """A density where it is large enough to be of interest."""
    kept = y_a > LOWEST
    axis.loglog(x_a[kept], y_a[kept], "-", color=style.layer_colours(3)[2], label=f"$k={levels}$", zorder=0)


def _name(axis, x: str, y: str) -> None:
    axis.set_xlabel(x)
    axis.set_ylabel(y)
    axis.legend(loc="best")
