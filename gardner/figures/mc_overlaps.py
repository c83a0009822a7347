"""Host–guest and replica–replica overlaps by layer, random soft core, against both closures.

Monte Carlo from random starts; the guest is cloned from its host at the end of the burn-in (a fifth of the run) and its
overlap is averaged over the second half of its life, of which the last level q_EA of the theory is the limit. Raw
overlaps of independent replicas vanish by the flips and permutations of hidden units; matched ones are biased upwards
and have to be read against the dashed null (`montecarlo.matching`), a net that knows the inputs as the replicas do and
whose spins disobey as often. The theory is that of the dense limit (q_EA, 8 RSB steps), the net is fully connected and
small.

A panel is a test only where the run is equilibrated (every autocorrelation time at most a fiftieth of it, R-hat below
1.05). At α = 1 it is, and all is liquid, as both closures say. The others, grey with open symbols, are runs that have
not forgotten their start: they show the order in which layers slow down, those at the output first ([Y20] section 6.1:
boundary layers keep an overlap, the centre none, more layers at larger α), and no equilibrium value.

Takes a minute (draft; paper: not measured).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace
from gardner.model import CLOSURES

KINDS = ("guest", "replica", "matched", "null")


@dataclass(frozen=True)
class Settings:
    """width, depth, beta: of the net; alphas: a column of panels each, with their sweeps; samples: of every run."""

    width: int = 16
    depth: int = 4
    alphas: tuple[float, ...] = (1.0, 4.0, 8.0)
    beta: float = 66.7
    sweeps: tuple[int, ...] = (40_000, 3000, 3000)
    samples: int = 4
    blocks: int = 4
    seed: int = 2


DRAFT, PAPER = Settings(), Settings(sweeps=(300_000,) * 3, samples=16, blocks=60)


def run(settings: Settings, alpha: float, sweeps: int):
    """The Monte Carlo run at one α."""
    from gardner.montecarlo.settings import MonteCarloSettings
    from gardner.potentials.soft import SoftCore

    return MonteCarloSettings(
        (settings.width,),
        settings.depth,
        alpha,
        "random",
        potential=SoftCore(settings.beta),
        sweeps=sweeps,
        samples=settings.samples,
        guest=True,
        measurements=200,
        points=settings.blocks,
        seed=settings.seed,
    )


def average_kinds(run_data, settings):
    """Per sample: means of Q and q by layer and kind; guests over the second half of their life."""
    import xarray as xr

    time, burn_in = run_data["time"], settings.burn_in
    equal = (time > burn_in) & (time % settings.interval == 0)
    late = equal & (time > (burn_in + settings.sweeps) // 2)
    result = xr.Dataset()
    for name in ("Q", "q"):
        parts = {
            "guest": run_data[f"{name}_guest"].isel(time=np.flatnonzero(late)).mean("time"),
            "replica": run_data[f"{name}_replica"].isel(time=np.flatnonzero(equal)).mean(("pair", "time")),
            "matched": run_data[f"{name}_replica_matched"].mean(("pair", "matched_time")),
            "null": run_data[f"{name}_null"].mean("matched_time"),
        }
        stacked = xr.concat([parts[kind] for kind in KINDS], xr.IndexVariable("kind", list(KINDS)))
        result[name] = stacked.mean("sample")
        result[f"{name}_error"] = stacked.std("sample", ddof=1) / np.sqrt(stacked.sizes["sample"])
    return result


def theory(settings: Settings, alpha: float):
    """q_EA of both closures at one α, as Q(closure, bond_layer) and q(closure, layer), NaN for the imposed ends."""
    import xarray as xr

    from gardner.comparison.theory import predict

    depth, names = settings.depth, list(CLOSURES)
    values = np.array([predict("random", name, alpha, depth, settings.beta).value_k for name in names])
    spins = np.pad(values[:, depth:], ((0, 0), (1, 1)), constant_values=np.nan)
    return xr.Dataset(
        {"Q_theory": (("closure", "bond_layer"), values[:, :depth]), "q_theory": (("closure", "layer"), spins)},
        {"closure": names, "bond_layer": np.arange(1, depth + 1), "layer": np.arange(depth + 1)},
    )


def gather(settings: Settings, work: Workspace):
    """Theory and runs at every α."""
    import xarray as xr

    parts, flags = [], []
    for alpha, sweeps in zip(settings.alphas, settings.sweeps):
        plan = run(settings, alpha, sweeps)
        data = work.monte_carlo(plan)
        named = {"alpha": alpha, "depth": settings.depth, "beta": settings.beta}
        solved = work.keep("q-ea", named, lambda alpha=alpha: theory(settings, alpha))
        parts.append(average_kinds(data, plan).merge(solved))
        flags.append(data.attrs["status"] == "equilibrated")
    data = xr.concat(parts, xr.IndexVariable("alpha", list(settings.alphas)))
    data["equilibrated"] = ("alpha", np.array(flags))
    return data


def make(settings: Settings, work: Workspace) -> Picture:
    """Bonds above, hidden spins below; one column per α."""
    from gardner.plotting import style
    from gardner.plotting.montecarlo import kinds_by_layer, kinds_keys

    data = gather(settings, work)
    with style.journal():
        drawing, axes = style.figure(2, len(settings.alphas), height=4.1, width=style.PAGE, sharey=True, squeeze=False)
        for column, alpha in zip(axes.T, settings.alphas):
            point = data.sel(alpha=alpha)
            for axis, name in zip(column, "Qq"):
                kinds_by_layer(axis, point, name)
            note = "" if bool(point["equilibrated"]) else ", not equilibrated: no test"
            column[0].set_title(rf"$\alpha={alpha:g}${note}")
        axes[0, 0].set_ylabel("bond overlap $Q(l)$")
        axes[1, 0].set_ylabel("spin overlap $q(l)$")
        drawing.legend(handles=kinds_keys(), loc="outside lower center", ncols=4)
        name = rf"random, $L={settings.depth}$, $N={settings.width}$"
        drawing.suptitle(rf"{name}, soft core, $\beta={settings.beta:g}$", fontsize=8)
    return Picture(drawing, data)
