"""Message passing on drawn nets, sweep by sweep, beside the state evolution of both closures.

Planted hard core. Symbols: overlaps with the teacher, mean over samples with a band of one standard error, from weights
that know nothing (open) and from those that know the teacher up to a hundredth (filled). Lines: the maps of the
closures iterated from the same starts. At L = 1 both closures are one theory, and it is followed step by step. Binary
weights at α = 1.4 show the discontinuous transition: the teacher is found from the teacher only. At L = 2 a sweep goes
up and down the net and is no step of the map; what counts is where the curves end, and that is *directed*, up to what
M/N = 1/4 takes away (THEORY section 18).

Not in the paper, which has no algorithm that learns.

Takes fifteen seconds (draft; paper: eight times that).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace, label_variables

STARTS = ("uninformed", "teacher")


@dataclass(frozen=True)
class Settings:
    """cases: depth, α, prior, widths, connectivity (None: all) and sweeps of every net; samples: of each."""

    cases: tuple[tuple, ...] = (
        (1, 3.0, "spherical", (600, 600, 30), None, 20),
        (1, 1.4, "binary", (600, 600, 30), None, 20),
        (2, 5.0, "spherical", (800,), 40, 40),
    )
    samples: int = 3
    seed: int = 1


DRAFT, PAPER = Settings(), Settings(samples=24)


def run(settings: Settings, case: tuple, start: str):
    """The settings of message passing on one net, undamped where it can be; all sweeps are made."""
    from gardner.messages.settings import AmpSettings

    depth, alpha, weights, width, connectivity, sweeps = case
    return AmpSettings(
        width,
        depth,
        alpha,
        connectivity,
        weights,
        start,
        settings.samples,
        damping=1.0 if depth == 1 else 0.85,
        iterations=sweeps,
        tolerance=1e-12,
        fresh=1,
        seed=settings.seed,
    )


def curves(case: tuple, plan, data) -> dict:
    """(name, layer) → means and errors by sweep, and closure → overlap by step."""
    from gardner.analysis.state_evolution import state_evolution
    from gardner.messages.data import MessageData
    from gardner.model import CLOSURES
    from gardner.statistics import standard_error
    from gardner.theory.liquid import overlaps_of

    depth, alpha, weights, sweeps = case[0], case[1], case[2], case[5]
    ends = {closure: state_evolution(closure, alpha, depth, plan.overlap, weights) for closure in CLOSURES}
    found, result = {}, MessageData(data)
    for name, layer in overlaps_of(depth):
        history_st = result.history(f"{name}_teacher")[:, :, layer - (name == "Q")]
        steps = {c: (e.Q_tl[:, layer - 1] if name == "Q" else e.q_tl[:, layer]) for c, e in ends.items()}
        padded = {c: np.pad(s, (0, sweeps + 1), mode="edge")[: sweeps + 1] for c, s in steps.items()}
        found[name, layer] = (*standard_error(history_st), padded)
    return found


def dataset(panels: dict):
    """Every curve by panel, start and sweep, those that end sooner filled up with nan."""
    import xarray as xr

    longest = max(len(curve[0]) for by_start in panels.values() for curve in by_start.values())
    closures = list(next(iter(panels.values()))[STARTS[0]][2])

    def stack(read):
        rows = [[read(by_start[start]) for start in STARTS] for by_start in panels.values()]
        filled = [[np.pad(r, (0, longest - len(r)), constant_values=np.nan) for r in row] for row in rows]
        return (("panel", "start", "sweep"), np.array(filled))

    variables = {"overlap": stack(lambda curve: curve[0]), "error": stack(lambda curve: curve[1])}
    variables |= {closure: stack(lambda curve, c=closure: curve[2][c]) for closure in closures}
    data = xr.Dataset(variables, {"panel": list(panels), "start": list(STARTS), "sweep": np.arange(longest)})
    names = {closure: f"state evolution of the {closure} closure" for closure in closures}
    return label_variables(data, overlap="overlap with the teacher", error="its standard error", **names)


def make(settings: Settings, work: Workspace) -> Picture:
    """One panel per overlap, the last place for the legend."""
    from gardner.plotting import style
    from gardner.plotting.messages import draw_evolution, evolution_keys

    panels: dict[str, dict] = {}
    for case in settings.cases:
        for start in STARTS:
            plan = run(settings, case, start)
            for (name, layer), curve in curves(case, plan, work.messages(plan)).items():
                title = rf"${name}({layer})$: $L={case[0]}$, {case[2]}, $\alpha={case[1]:g}$"
                panels.setdefault(title, {})[start] = curve
    rows = -(-(len(panels) + 1) // 3)
    with style.journal():
        drawing, axes = style.figure(rows, 3, height=0.3 + 1.9 * rows, width=style.PAGE, squeeze=False)
        for axis, (title, by_start) in zip(axes.flat, panels.items()):
            draw_evolution(axis, by_start)
            axis.set_title(title)
            axis.set_xlabel("sweeps")
        for axis in axes[:, 0]:
            axis.set_ylabel("overlap with the teacher")
        for axis in axes.flat[len(panels) :]:
            axis.axis("off")
        axes.flat[len(panels)].legend(handles=evolution_keys(STARTS), loc="center")
    return Picture(drawing, dataset(panels))
