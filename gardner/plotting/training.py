"""Do runs reach zero training error? The fraction that does against α, by depth, dilution and schedule."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

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
            axis.set_xscale("log", base=2)
            axis.set_xticks(sorted({t.settings.alpha for t in trainings}), minor=False)
            axis.xaxis.set_major_formatter("{x:g}")
            axis.minorticks_off()
            axis.set_xlabel(r"$\alpha$")
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
    dashes = ("-", "--", "-.", ":")
    for k, (alpha, colour) in enumerate(zip(alphas, style.layer_colours(len(alphas)))):
        time, error = data["anneal_time"].values, data["error"].sel(alpha=alpha).values
        label = rf"$\alpha={alpha:g}$"
        axis.plot(time, error, color=colour, ls=dashes[k % len(dashes)], lw=0.9, label=label)
    axis.set_xlabel("time (sweeps)")
    axis.set_ylabel("training error")
    axis.set_ylim(-0.02, 0.56)
    axis.legend(loc="upper center", ncols=2)


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
    axis.set_xscale("log", base=2)
    axis.set_xticks(data["alpha"].values)
    axis.xaxis.set_major_formatter("{x:g}")
    axis.minorticks_off()
    axis.set_ylim(-0.02, 0.56)
    axis.set_xlabel(r"$\alpha$")
    axis.set_ylabel("error")
    axis.legend(loc="upper center")


def write_table(trainings: Sequence[Training], path: Path) -> None:
    """The plotted numbers as comma-separated values."""
    with atomic(Path(path)) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for t in trainings:
            key = (t.settings.depth, t.settings.dilution, t.schedule, t.settings.alpha, t.settings.sweeps)
            writer.writerow([*key, *t.success, float(t.final_sr.mean()), float(t.fresh_sr.mean())])
