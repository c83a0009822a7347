"""Pictures of what was measured on the field theory: Hessians, learning-rate scans, cumulants, correlation functions.

Each function takes plain data (results of `gardner.fieldtheory`) and returns a figure: theory as lines, measurements
as points with error bars.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gardner.analysis.field_theory import lattice_correlations, measured_order, predicted_order, stability_limits
from gardner.fieldtheory.lattice_verdicts import LatticeReport
from gardner.fieldtheory.net_runs import NetScan
from gardner.fieldtheory.potential import SymmetryBreaking
from gardner.fieldtheory.weight_runs import WeightScan
from gardner.fieldtheory.zero_modes import ZERO, ZeroModes
from gardner.plotting import style
from gardner.plotting.fieldtheory import propagators_figure

FLOOR = 1e-18  # where exact zeros are drawn
ORDER = r"$1-\phi$, $\phi=\overline{|\langle w_l\rangle_t|^2/\langle|w_l|^2\rangle_t}$ (mean over layers)"


def hessian_figure(results: Sequence[ZeroModes]):
    """|λ|/λ_max of every net, a row each: zero modes left of the grey line, the others right; counts at the edge."""
    with style.journal():
        drawing, axis = style.figure(height=0.9 + 0.18 * len(results))
        hessians(axis, results)
    return drawing


def hessians(axis, results: Sequence[ZeroModes]) -> None:
    """The rows of `hessian_figure` on a given axis."""
    colours = style.layer_colours(3)
    for row, result in enumerate(results):
        sizes = np.abs(result.spectrum) / result.largest
        zero = sizes < ZERO
        for part, colour in ((zero, colours[1]), (~zero, colours[0])):
            axis.plot(np.maximum(sizes[part], FLOOR), np.full(part.sum(), row), "|", color=colour, markersize=6)
        axis.text(3.0, row, f"{result.counted} / {result.predicted}", va="center", fontsize=6.5)
    axis.axvline(ZERO, color="0.6", linewidth=0.8)
    axis.set_xscale("log")
    axis.set_xlim(0.5 * FLOOR, 2.0)
    axis.set_yticks(range(len(results)), [result.architecture.name for result in results])
    axis.set_ylim(len(results) - 0.4, -0.6)
    axis.tick_params(axis="y", labelsize=6.5, length=0)
    axis.set_xlabel(r"$|\lambda|/\lambda_{\max}$   (right: zero modes counted / predicted)")
    axis.set_xticks([FLOOR, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1.0])
    axis.set_xticklabels([r"$\leq 10^{-18}$", *(rf"$10^{{{n}}}$" for n in (-15, -12, -9, -6, -3)), "1"])
    axis.minorticks_off()


def learning_rate_figure(theory: SymmetryBreaking, scans: Sequence[WeightScan]):
    """Order parameter of the potential's dynamics against η/η_c; the source's curve and what stability predicts."""
    with style.journal():
        drawing, axis = style.figure(height=2.6)
        learning_rates(axis, theory, scans)
    return drawing


def learning_rates(axis, theory: SymmetryBreaking, scans: Sequence[WeightScan]) -> None:
    """The panel of `learning_rate_figure`."""
    colours, expected = style.layer_colours(len(scans)), predicted_order(theory)
    names = {"gd": "gradient descent", "sgd": "with noise", "smoothed": "jittered weights"}
    label = r"$m^2=-\mu^2+\frac{1}{4}\lambda\eta^2$"
    axis.plot(expected.ratio, expected.order, color="0.3", label=label)
    for scan, colour, mark in zip(scans, colours, "os^"):
        found = measured_order(theory, scan)
        look = {"fmt": mark, "color": colour, "elinewidth": 0.6, "label": names[found.name]}
        axis.errorbar(found.ratio, found.order, found.error, **look)
    words = ((r"$2/\lambda_{\max}$ ", "right"), (" bands\n merge", "left"))
    for place, (text, side) in zip(stability_limits(theory), words):
        axis.axvline(place, color="0.6", linestyle=":", linewidth=0.8)
        axis.text(place, 1.17, text, fontsize=6, ha=side, va="top")
    axis.set_ylim(0.0, 1.2)
    axis.set_xlim(0.0, 1.05 * max(1.0, max(scan.rates.max() for scan in scans) / theory.critical_rate))
    axis.set_xlabel(r"learning rate $\eta/\eta_c$")
    axis.set_ylabel(r"order parameter $|\langle w\rangle_t|/|w^*|$")
    below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.18)}  # points fill the panel
    axis.legend(fontsize=6, ncols=2, handlelength=1.4, columnspacing=1.0, **below)


def net_figure(scan: NetScan):
    """A ReLU net across learning rates. Above: 1 - φ with lines of slopes 2 and 1, errors. Below: λ_max beside 2/η."""
    with style.journal():
        drawing, (upper, lower) = style.figure(2, 1, height=4.0, sharex=True)
        net_order(upper, scan)
        net_sharpness(lower, scan)
        lower.set_xlabel(r"learning rate $\eta$")
    return drawing


def net_order(axis, scan: NetScan) -> None:
    """1 - φ, lines of slopes 2 and 1, and the share of errors, against η; grey where training is lost."""
    colours = style.layer_colours(3)
    shown = np.isfinite(scan.order) & (scan.order < 1.0)
    axis.errorbar(scan.rates[shown], 1.0 - scan.order[shown], np.nan_to_num(scan.order_error[shown]), fmt="o",
                  color=colours[0], elinewidth=0.6, label=ORDER)  # fmt: skip
    lowest, trained = 1e-7, np.flatnonzero(shown & (scan.lost < 0.5))
    if len(trained):
        lowest, last = 0.2 * (1.0 - scan.order[trained]).min(), trained[-1]
        for power, dash, label in ((2, "--", r"$\propto\eta^2$ (formula)"), (1, ":", r"$\propto\eta$ (noise)")):
            line = (1.0 - scan.order[last]) * (scan.rates / scan.rates[last]) ** power
            axis.plot(scan.rates, line, color="0.4", linestyle=dash, label=label)
    wrong = (scan.rates, 1.0 - scan.accuracy, np.nan_to_num(scan.accuracy_error))
    axis.errorbar(*wrong, fmt="s", color=colours[2], elinewidth=0.6, label="fraction of errors")
    axis.set_yscale("log")
    axis.set_ylim(lowest, 2.0)
    axis.set_ylabel(r"$1-\phi$, fraction of errors")
    _shade_lost(axis, scan)


def net_sharpness(axis, scan: NetScan) -> None:
    """λ_max against η, beside 2/η and its value at the start."""
    colours = style.layer_colours(3)
    found = (scan.rates, scan.sharpness, np.nan_to_num(scan.sharpness_error))
    axis.errorbar(*found, fmt="o", color=colours[0], elinewidth=0.6, label=r"$\lambda_{\max}$")
    axis.plot(scan.rates, 2.0 / scan.rates, color="0.4", linestyle="--", label=r"$2/\eta$")
    axis.axhline(scan.first_sharpness, color=colours[1], linestyle=":", label=r"$\lambda_{\max}$ at the start")
    axis.set_yscale("log")
    axis.set_ylabel(r"sharpness $\lambda_{\max}$")
    _shade_lost(axis, scan)


def _shade_lost(axis, scan: NetScan) -> None:
    axis.set_xscale("log")
    for rate, lost in zip(scan.rates, scan.lost):
        if lost >= 0.5:
            axis.axvline(rate, color="0.88", linewidth=4.0, zorder=0)
    axis.legend(loc="best")


def drop_figure(noise_etl: np.ndarray, correlation_et: np.ndarray, rates: Sequence[float], last: int):
    """A net against time: gradient variance per weight (mean over layers), correlation of neighbouring layers.

    noise_etl, correlation_et: learning rates × windows (× layers), means over runs; `last`: window before the drop.
    """
    colours = style.layer_colours(len(rates))
    windows = np.arange(1, noise_etl.shape[1] + 1)
    with style.journal():
        drawing, (upper, lower) = style.figure(2, 1, height=4.0, sharex=True)
        for e, rate in enumerate(rates):
            if not np.isfinite(noise_etl[e]).any():
                continue
            upper.plot(windows, noise_etl[e].mean(axis=-1), ".-", color=colours[e], label=rf"$\eta={rate:.3g}$")
            lower.plot(windows, correlation_et[e], ".-", color=colours[e])
        for axis in (upper, lower):
            axis.axvline(last + 1.5, color="0.6", linestyle=":", linewidth=0.8)
        upper.set_yscale("log")
        upper.set_ylabel("gradient variance")
        upper.legend(loc="best", ncols=2)
        lower.set_ylabel("correlation of neighbouring layers")
        lower.set_xlabel("window of steps (dotted: drop of the learning rate)")
    return drawing


def cumulant_figure(report: LatticeReport):
    """Binder cumulants of all sizes against m²; the crossing of the largest pair as a band."""
    sizes = report.plan.sizes
    with style.journal():
        drawing, axis = style.figure(height=2.5)
        for size, colour in zip(sizes, style.layer_colours(len(sizes))):
            row = report.at(size)
            axis.errorbar([e.lattice.mass2 for e in row], [float(e.cumulant.value) for e in row],
                          [float(e.cumulant.error) for e in row], fmt="o-", linewidth=0.7, elinewidth=0.6, color=colour,
                          label=rf"$L={size}$")  # fmt: skip
        found = [c for c in report.crossings if np.isfinite(c.mass2)]
        if found:
            last = found[-1]
            axis.axvspan(last.mass2 - last.error, last.mass2 + last.error, color="0.85", zorder=0)
        axis.set_xlabel(r"$m^2$")
        axis.set_ylabel(r"Binder cumulant $U$")
        axis.legend(loc="best")
    return drawing


def lattice_figure(report: LatticeReport):
    """Correlation functions of the largest lattice at the smallest m²: free or symmetric (k = 0, 2π/L), or σ and π."""
    return propagators_figure(*lattice_correlations(report))
