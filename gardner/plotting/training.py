"""Do runs reach zero training error? The fraction that does against α, by depth, dilution and schedule."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gardner.montecarlo.binary_training import Training
from gardner.plotting import style
from gardner.results.solution import atomic

DASHES = {"annealed": "-", "greedy": "--"}
COLUMNS = ("depth", "dilution", "schedule", "alpha", "sweeps", "success", "success_error", "final_error", "fresh_error")


def zero_error(trainings: Sequence[Training]):
    """One panel per depth, colours by dilution, solid annealed and dashed greedy runs; bars are standard errors."""
    from matplotlib.lines import Line2D

    depths = sorted({training.settings.depth for training in trainings})
    dilutions = sorted({training.settings.dilution for training in trainings})
    colours = dict(zip(dilutions, style.layer_colours(len(dilutions))))
    with style.journal():
        figure, axes = style.figure(1, len(depths), 2.0, sharey=True, squeeze=False)
        for axis, depth in zip(axes[0], depths):
            for (dilution, schedule), group in _curves(trainings, depth):
                alpha, success = [t.settings.alpha for t in group], [t.success for t in group]
                axis.errorbar(
                    alpha,
                    [mean for mean, _ in success],
                    [error for _, error in success],
                    color=colours[dilution],
                    ls=DASHES[schedule],
                    marker="o",
                    ms=2.5,
                    elinewidth=0.6,
                )
            _alpha_axis(axis, sorted({t.settings.alpha for t in trainings}))
            axis.set_title(f"$N={trainings[0].settings.widths[1]}$, $L={depth}$")
        axes[0, 0].set_ylabel("runs that reach zero error")
        axes[0, 0].set_ylim(-0.03, 1.05)
        keys = [Line2D([], [], color=colours[d], label=f"{100 * d:g} % removed") for d in dilutions]
        keys += [Line2D([], [], color="0.4", ls=DASHES[s], label=s) for s in {t.schedule: None for t in trainings}]
        axes[0, -1].legend(handles=keys, loc="lower left")
    return figure


def _curves(trainings: Sequence[Training], depth: int):
    """Runs of a depth that share dilution and schedule, sorted by α."""
    groups: dict[tuple[float, str], list[Training]] = {}
    for training in sorted(trainings, key=lambda training: training.settings.alpha):
        if training.settings.depth == depth:
            groups.setdefault((training.settings.dilution, training.schedule), []).append(training)
    return groups.items()


def error_against_time(axis, data) -> None:
    """Training error of runs at each α, `error`(alpha, anneal_time), against time."""
    alphas = data["alpha"].values
    for k, (alpha, colour) in enumerate(zip(alphas, style.layer_colours(len(alphas)))):
        time, error = data["anneal_time"].values, data["error"].sel(alpha=alpha).values
        label = rf"$\alpha={alpha:g}$"
        axis.plot(time, error, color=colour, ls=style.DASHES[k % len(style.DASHES)], lw=0.9, label=label)
    axis.set_xlabel("time (sweeps)")
    axis.set_ylabel("training error")
    axis.set_ylim(-0.02, 0.75)
    axis.legend(loc="upper left", ncols=2)


def error_against_alpha(axis, data, fresh: str = "fresh inputs") -> None:
    """Training and fresh-input errors at the end against α, of annealed and greedy runs, with standard errors.

    fresh: name of the fresh-input error in the legend.
    """
    dark, bright = style.layer_colours(3)[:2]
    for schedule, fill in (("annealed", True), ("greedy", False)):
        part = data.sel(schedule=schedule)
        for name, label, colour, mark in (("fresh", fresh, bright, "s"), ("final", "training", dark, "o")):
            look = {"color": colour, "marker": mark, "mfc": colour if fill else "w", "ls": DASHES[schedule]}
            errors = part[f"{name}_error"].values
            axis.errorbar(part["alpha"].values, part[name].values, errors, lw=0.8, label=f"{label}, {schedule}", **look)
    _alpha_axis(axis, data["alpha"].values)
    axis.set_ylim(-0.02, 0.7)
    axis.set_ylabel("error")
    axis.legend(loc="upper left")


def quench_ends(axis, data) -> None:
    """Wrong outputs and negative gaps at the end of quenches (beta, quench_alpha); open at the lowest temperature."""
    dark, bright = style.layer_colours(3)[:2]
    for beta, cold in zip(data["beta"].values, (False, True)):
        part, temperature = data.sel(beta=beta), "$T=0$" if cold else rf"$\beta={beta:g}$"
        for name, label, colour, mark in (("wrong", "wrong outputs", dark, "o"), ("negative", "gaps < 0", bright, "s")):
            look = {"color": colour, "marker": mark, "mfc": "w" if cold else colour, "ls": "--" if cold else "-"}
            errors = part[f"quench_{name}_error"].values
            values = part[f"quench_{name}"].values
            axis.errorbar(part["quench_alpha"].values, values, errors, lw=0.8, label=f"{label}, {temperature}", **look)
    _alpha_axis(axis, data["quench_alpha"].values)
    axis.set_ylim(-0.02, 0.7)
    axis.set_ylabel("fraction at the end")
    axis.legend(loc="upper left")


def success_against_alpha(axis, data) -> None:
    """Share of runs that reach zero training error: binary students by schedule, and quenches at the lowest T."""
    dark, middle, bright = style.layer_colours(3)
    for schedule, colour, fill in (("annealed", dark, dark), ("greedy", middle, "w")):
        part = data.sel(schedule=schedule)
        look = {"color": colour, "marker": "o", "mfc": fill, "ls": DASHES[schedule], "label": f"binary, {schedule}"}
        axis.errorbar(part["alpha"].values, part["success"].values, part["success_error"].values, lw=0.8, **look)
    part = data.isel(beta=-1)
    look = {"color": bright, "marker": "^", "ls": ":", "label": "soft core, quenched"}
    shares = (part[f"quench_success{end}"].values for end in ("", "_error"))
    axis.errorbar(part["quench_alpha"].values, *shares, lw=0.8, **look)
    _alpha_axis(axis, sorted({*part["quench_alpha"].values, *part["alpha"].values}))
    axis.set_ylim(-0.05, 1.6)
    axis.set_yticks(np.linspace(0.0, 1.0, 6))
    axis.set_ylabel("share that reaches zero error")
    axis.legend(loc="upper left")


def _alpha_axis(axis, alphas) -> None:
    """Logarithmic axis with a tick at every α."""
    axis.set_xscale("log", base=2)
    axis.set_xticks(alphas)
    axis.xaxis.set_major_formatter("{x:g}")
    axis.minorticks_off()
    axis.set_xlabel(r"$\alpha$")


def write_table(trainings: Sequence[Training], path: Path) -> None:
    """The plotted numbers as comma-separated values."""
    with atomic(Path(path)) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for t in trainings:
            key = (t.settings.depth, t.settings.dilution, t.schedule, t.settings.alpha, t.settings.sweeps)
            writer.writerow([*key, *t.success, float(t.final_sr.mean()), float(t.fresh_sr.mean())])
