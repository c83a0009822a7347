"""How a hierarchy of the inputs is renormalized with depth, compared with fixed inputs.

Random setting, symmetric closure, α = 60, L = 9: inputs whose overlaps q(x,0) rise in five steps, against inputs fixed
to one pattern. [Y20] section 2 and its discussion: inputs with a hierarchical structure. Computed here: spins and bonds
jump where the input does; every layer loses a level or more from the coarse end (5, 3, 2, 1 values above zero), layer 4
is liquid. The steps that are left are flat: no breaking of the net's own joins the imposed one. Fixed inputs cause a
continuous hierarchy instead, with a plateau below each x where the next layer sets in.

Takes ten seconds (draft), a quarter of a minute (paper).
"""

from __future__ import annotations

from dataclasses import dataclass

from gardner.figures.workspace import Picture, Workspace

LOOKS = ("-", "--", "-.", (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1)))


@dataclass(frozen=True)
class Settings:
    """alpha, depth: of the net; overlaps, jumps: q(x,0) and where it rises; shown: deepest layer drawn; levels: k."""

    alpha: float = 60.0
    depth: int = 9
    overlaps: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8, 1.0)
    jumps: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8)
    shown: int = 4
    levels: int = 29


DRAFT = Settings()
PAPER = Settings(levels=59)


def solutions(settings: Settings, work: Workspace) -> dict:
    """The converged solutions of both kinds of inputs."""
    import gardner

    net = {"alpha": settings.alpha, "depth": settings.depth, "levels": settings.levels}
    structured = gardner.StepFunction(settings.overlaps, settings.jumps)
    return {"structured inputs": work.solution(**net, input_overlap=structured), "fixed inputs": work.solution(**net)}


def make(settings: Settings, work: Workspace) -> Picture:
    """Spins above, bonds below; structured inputs left, fixed ones right; one line style per layer."""
    import xarray as xr

    from gardner.plotting import style

    found = solutions(settings, work)
    colours = style.layer_colours(settings.shown + 1)
    with style.journal():
        drawing, axes = style.figure(2, 2, height=3.6, width=style.PAGE, sharex=True, sharey=True)
        for (name, solution), column in zip(found.items(), axes.T):
            column[0].set_title(name)
            for l in range(settings.shown + 1):
                values = (solution.q_li[l], solution.Q_li[l - 1] if l else None)
                label = rf"$l={l}$" + (" (input)" if l == 0 else "")
                for axis, q_i in zip(column, values):
                    look = {"color": colours[l], "ls": LOOKS[l % len(LOOKS)], "lw": 1.2, "label": label}
                    if q_i is not None:
                        axis.stairs(q_i, solution.setting.m, baseline=None, clip_on=False, zorder=3, **look)
            column[1].set_xlabel("$x$")
        axes[0, 0].set_ylabel("spin overlap $q(x,l)$")
        axes[1, 0].set_ylabel("bond overlap $Q(x,l)$")
        axes[0, 0].set_xlim(0.0, 1.0)
        axes[0, 0].set_ylim(0.0, 1.05)
        keys, names = axes[0, 0].get_legend_handles_labels()
        drawing.legend(keys, names, loc="outside right center", handlelength=2.6)
        drawing.suptitle(rf"random, symmetric closure, $\alpha={settings.alpha:g}$, $L={settings.depth}$", fontsize=8)
    parts = {name.split()[0]: solution.to_dataset() for name, solution in found.items()}
    renamed = [
        part.drop_attrs(deep=False).rename({"x": f"x_{name}"} | {f"m_{s}": f"m_{s}_{name}" for s in ("lower", "upper")}
        | {quantity: f"{quantity}_{name}" for quantity in "qQ"})
        for name, part in parts.items()
    ]  # fmt: skip
    return Picture(drawing, xr.merge(renamed, join="exact", compat="no_conflicts"))
