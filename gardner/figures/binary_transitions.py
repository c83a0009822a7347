"""Binary weights learned from a teacher: Q against α for one, two and three layers, both closures, with Monte Carlo.

A net of ±1 recovers its teacher exactly, Q = 1, at every α as a metastable state and from α*(L)
just above L on as the stable one; the liquid that an uninformed student finds lives on to its
spinodal far beyond. [Y20] section 6.2 learns with binary weights, at N = 4. Points: L = 1 by
counting all rows of N weights; L = 2 by dense nets of connectivity c, rows drawn afresh from the
teacher on and tempered flips from random weights; runs that do not count as equilibrium are open.
At c = 9 matched overlaps of noise are near .3 (dashes), so that the points of random starts say
little.

Takes a minute (draft; paper: not measured).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace, label_variables
from gardner.model import CLOSURES

LABELS = {
    "alpha": "patterns per width",
    "liquid_Q": "mean bond overlap of the liquid with the teacher",
    "crystal": "α*, where recovery becomes stable",
    "spinodal": "α at which the liquid ends",
    "counted_Q": "bond overlap with the teacher, all rows of N weights counted",
    "counted_error": "standard error over samples",
    "run_Q": "mean raw bond overlap of dense nets, from the teacher; matched from random weights",
    "run_error": "standard error over samples",
    "run_null": "matched bond overlap of noise",
}


@dataclass(frozen=True)
class Settings:
    """depths: of the panels; points: α of a curve; counted: N of the rows counted and samples; runs: α of dense nets.

    sweeps: drawn rows, single flips.
    """

    depths: tuple[int, ...] = (1, 2, 3)
    points: int = 80
    counted: tuple[int, int] = (15, 512)
    counted_alpha: tuple[float, ...] = (1 / 3, 2 / 3, 1.0, 4 / 3, 5 / 3, 2.0, 7 / 3)
    runs: tuple[float, ...] = (1 / 3, 1.0, 16 / 9)
    sweeps: tuple[int, int] = (400, 4000)
    samples: int = 2


DRAFT, PAPER = Settings(), Settings(points=300, sweeps=(4000, 20000), samples=8)


def branches(closure: str, depth: int, points: int):
    """The liquid up to its spinodal, and the transitions, as a Dataset."""
    import xarray as xr

    from gardner.theory.planted.solve import scan_planted
    from gardner.theory.transitions.planted_transitions import planted_transitions

    found = planted_transitions(closure, depth, weights="binary")
    # even spacing, α* itself, and more points at the end, where the curve is steep
    even, steep = points - points // 4 - 1, points // 4
    alphas = np.concatenate([np.linspace(0.02, 0.95, even), 1.0 - np.geomspace(1e-6, 0.05, steep)]) * found.spinodal
    alphas = np.sort(np.append(alphas, found.crystal))
    scanned = scan_planted(alphas, depth, closure, weights="binary")
    Q = [float(np.mean(solution.branches[0].Q_l)) for solution in scanned]
    return xr.Dataset(
        {"liquid_Q": ("point", Q), "alpha": ("point", alphas), "crystal": found.crystal, "spinodal": found.spinodal}
    )


def counted(settings: Settings):
    """Q of one layer with all rows counted, (counted_alpha,)."""
    import xarray as xr

    from gardner.comparison.transition_points import counted_overlaps

    mean, error = counted_overlaps(settings.counted_alpha, *settings.counted)
    axis = {"counted_alpha": list(settings.counted_alpha)}
    return xr.Dataset({"counted_Q": ("counted_alpha", mean), "counted_error": ("counted_alpha", error)}, axis)


def dense(alpha: float, start: str, settings: Settings):
    """One run of a dense net of two layers, as a Dataset of numbers."""
    import xarray as xr

    from gardner.comparison.transition_points import PointSettings, transition_point

    rows, flips = settings.sweeps
    found = transition_point(2, alpha, start, PointSettings(rows=rows, flips=flips, samples=settings.samples))
    bonds = [k for k, (name, _) in enumerate(found.keys) if name == "Q"]
    Q_k = found.raw_k if start == "teacher" else found.matched_k
    numbers = {"run_Q": np.mean(Q_k[bonds]), "run_error": np.sqrt(np.mean(found.error_k[bonds] ** 2))}
    numbers |= {"run_null": np.mean(found.null_k[bonds]), "run_counts": float(not found.excluded)}
    return xr.Dataset({name: ((), value) for name, value in numbers.items()})


def make(settings: Settings, work: Workspace) -> Picture:
    """A panel per depth: the liquid of every closure, solid where it is stable, perfect recovery, and Monte Carlo."""
    import xarray as xr

    from gardner.plotting import style
    from gardner.plotting.planted import draw_recovery

    cases = {
        (closure, depth): work.keep(
            "binary",
            {"closure": closure, "depth": depth, "points": settings.points},
            lambda c=closure, d=depth: branches(c, d, settings.points),
        )
        for closure in CLOSURES
        for depth in settings.depths
    }
    given = {"size": settings.counted, "alphas": settings.counted_alpha}
    points = work.keep("counted", given, lambda: counted(settings))
    runs = {
        (alpha, start): work.keep(
            "dense",
            {"alpha": alpha, "start": start, "sweeps": settings.sweeps, "samples": settings.samples},
            lambda a=alpha, s=start: dense(a, s, settings),
        )
        for alpha in settings.runs
        for start in ("teacher", "random")
    }
    with style.journal():
        drawing, axes = style.figure(1, len(settings.depths), height=2.6, width=style.PAGE, sharey=True, squeeze=False)
        for axis, depth in zip(axes[0], settings.depths):
            draw_recovery(axis, {closure: cases[closure, depth] for closure in CLOSURES}, depth)
        draw_points(axes[0, 0], points, settings)
        if 2 in settings.depths:
            draw_runs(axes[0, settings.depths.index(2)], runs)
        for axis in axes[0]:
            axis.set_xlabel(r"patterns per width $\alpha$")
        axes[0, 0].set_ylabel(r"mean $Q(l)$ with the teacher")
        handles, _ = axes[0, min(1, len(settings.depths) - 1)].get_legend_handles_labels()
        drawing.legend(handles=[*handles[:3], *run_keys()], loc="outside lower center", ncols=4)
    rows = [xr.concat([cases[c, d] for d in settings.depths], "depth") for c in CLOSURES]
    data = xr.concat(rows, "closure").assign_coords(closure=list(CLOSURES), depth=list(settings.depths))
    dense_runs = [xr.concat([runs[a, s] for a in settings.runs], "run_alpha") for s in ("teacher", "random")]
    dense_data = xr.concat(dense_runs, "start").assign_coords(
        start=["teacher", "random"], run_alpha=list(settings.runs)
    )
    return Picture(drawing, label_variables(xr.merge([data, points, dense_data]), **LABELS))


def draw_points(axis, points, settings: Settings) -> None:
    """Counted rows of one layer."""
    label = f"all rows of $N={settings.counted[0]}$"
    axis.errorbar(points["counted_alpha"], points["counted_Q"], points["counted_error"], fmt="ks", ms=3, label=label)
    axis.set_xlim(0.0, 1.05 * max(settings.counted_alpha))
    axis.legend(axis.get_legend_handles_labels()[0][-1:], [label], fontsize=6, loc="lower right", frameon=False)


def run_keys() -> list:
    """Legend handles of the dense nets: where they start, whether the run counts, what matching makes of noise."""
    from matplotlib.lines import Line2D

    looks = {
        "from the teacher": {"marker": "o", "mfc": "k"},
        "from random weights, matched": {"marker": "^", "mfc": "k"},
        "not in equilibrium": {"marker": "o", "mfc": "white"},
        "matched overlap of noise": {"marker": "_", "mec": "0.5", "ms": 7},
    }
    return [Line2D([], [], ls="", color="k", label=name, **({"ms": 4} | look)) for name, look in looks.items()]


def draw_runs(axis, runs) -> None:
    """Dense nets of two layers: filled where the run counts as equilibrium."""
    for start, mark in (("teacher", "o"), ("random", "^")):
        chosen = {alpha: run for (alpha, kind), run in runs.items() if kind == start}
        for alpha, run in chosen.items():
            face = "k" if float(run["run_counts"]) else "white"
            number = float(run["run_Q"]), float(run["run_error"])
            axis.errorbar(alpha, *number, fmt=mark, color="k", mfc=face, ms=4, lw=0.8)
            if start == "random":
                axis.plot(alpha, float(run["run_null"]), marker="_", color="0.5", ms=7, zorder=1)
