"""Overlaps with the teacher by layer, binary weights, raw and matched, against a shuffled null.

[Y20] section 6.2: nets of N = 4, L = 4 and 6, with 20 % or 40 % of the bonds removed from teacher and student alike.
Monte Carlo at β = 10 (energy: wrong outputs) with parallel tempering from random starts. The graph fixes the
permutations; flips of hidden units remain, so that raw overlaps (full symbols) may vanish although a student is the
teacher, and are matched layer by layer (open symbols). At N = 4 matching random nets gives the large null (dashed, of
spins dotted): only what exceeds it is order. A grey panel, with the words in its title, is a run that is not
equilibrated: its means depend on the start and test nothing. In the draft that is all four: flips and rows of hidden
units are exchanged too rarely even by the ladder of temperatures (τ of a tenth of the run and more).

Thick line: what the theory of the dense limit has for binary weights at the same M/c in equilibrium. Here that is
perfect recovery, Q = 1, in both closures, since α lies far above α*(L), which is 4.0 and 6.2. What N = 4 can say about
it is little: three or four inputs per unit, so that a hidden unit that differs from the teacher's costs next to
nothing, and M/N = 16 instead of 0. That matched overlaps stay below one is the size of the net and no contradiction.

Takes 27 s (draft; paper: not measured).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from gardner.figures.workspace import Picture, Workspace


@dataclass(frozen=True)
class Settings:
    """width, depths, dilutions, alpha, beta: of the nets; temperatures: of the ladder; sweeps, samples: of each run."""

    width: int = 4
    depths: tuple[int, ...] = (4, 6)
    dilutions: tuple[float, ...] = (0.2, 0.4)
    alpha: float = 16.0
    beta: float = 10.0
    temperatures: int = 8
    sweeps: int = 4000
    samples: int = 8
    blocks: int = 4
    seed: int = 3


DRAFT, PAPER = Settings(), Settings(sweeps=400_000, samples=64, blocks=40)


def run(settings: Settings, depth: int, dilution: float):
    """The Monte Carlo run of one net."""
    from gardner.montecarlo.settings import MonteCarloSettings, WrongOutputs

    return MonteCarloSettings(
        (settings.width,),
        depth,
        settings.alpha,
        weights="binary",
        potential=WrongOutputs(settings.beta),
        dilution=dilution,
        sweeps=settings.sweeps,
        samples=settings.samples,
        tempering=settings.temperatures,
        measurements=100,
        points=settings.blocks,
        fresh=200,
        seed=settings.seed,
    )


def summarise(runs):
    """Means and errors over samples by (depth, dilution, kind, layer), NaN beyond a net's last layer."""
    import xarray as xr

    from gardner.results.solution import from_attribute

    rows = []
    for (depth, dilution), data in runs.items():
        document = from_attribute(data.attrs["document"])
        for name in ("Q", "q"):
            for kind in ("raw", "matched", "null"):
                for entry in document["layers"][1 if name == "Q" else 0 :]:
                    cell = entry[name]["null"] if kind == "null" else entry[name]["teacher"][kind]
                    value = {"mean": cell, "error": np.nan} if kind == "null" else cell or {}
                    mean, error = (value.get(key) for key in ("mean", "error"))
                    row = (depth, dilution, name, kind, entry["layer"])
                    rows.append((*row, np.nan if mean is None else mean, np.nan if error is None else error))
    names = ("depth", "dilution", "overlap", "kind", "layer", "mean", "error")
    data = xr.Dataset({name: ("row", np.array([row[i] for row in rows])) for i, name in enumerate(names)})
    status = [run_data.attrs["status"] for run_data in runs.values()]
    return data.assign_attrs(status=", ".join(f"L={l} dilution={d}: {s}" for (l, d), s in zip(runs, status)))


LIMIT = {"color": "0.6", "ls": "-", "lw": 2.0}


def draw_limit(axis, settings: Settings, depth: int, dilution: float) -> None:
    """Q(l) of the stable state at connectivity c = N (1 - dilution) → ∞, as the closures have it."""
    from gardner.model import CLOSURES
    from gardner.theory.planted.solve import solve_planted

    for closure in CLOSURES:
        alpha = settings.alpha / (1.0 - dilution)
        stable = solve_planted(alpha, depth, closure, weights="binary").equilibrium
        axis.plot(np.arange(1, depth + 1), stable.Q_l, zorder=0, **LIMIT)


def make(settings: Settings, work: Workspace) -> Picture:
    """A row per depth; bonds and spins at each dilution."""
    from matplotlib.lines import Line2D

    from gardner.plotting import style
    from gardner.plotting.montecarlo import overlap_keys, overlaps

    cases = list(product(settings.depths, settings.dilutions))
    runs = {case: work.monte_carlo(run(settings, *case)) for case in cases}
    with style.journal():
        rows, columns = len(settings.depths), len(settings.dilutions)
        drawing, axes = style.figure(rows, columns, height=4.6, width=style.PAGE, sharey=True, squeeze=False)
        for axis, ((depth, dilution), data) in zip(axes.flat, runs.items()):
            overlaps(axis, data, others=("teacher",), legend=False)
            note = "" if data.attrs["status"] == "equilibrated" else "\nnot equilibrated: no test"
            draw_limit(axis, settings, depth, dilution)
            axis.set_title(rf"$L={depth}$, {100 * dilution:g} % of the bonds removed{note}")
            axis.set_ylabel("overlap with the teacher" if axis in axes[:, 0] else "")
            axis.set_xlim(-0.3, depth + 0.3)
            axis.set_ylim(-0.15, 1.1)
        keys = overlap_keys(("Q", "q"), style.layer_colours(3))
        keys += [Line2D([], [], label=r"$Q$, dense limit, both closures", **LIMIT), style.no_test_key()]
        drawing.legend(handles=keys, loc="outside lower center", ncols=4)
        name = rf"planted, binary weights, $N={settings.width}$, $\alpha={settings.alpha:g}$"
        drawing.suptitle(rf"{name}, $\beta={settings.beta:g}$", fontsize=8)
    return Picture(drawing, summarise(runs))
