"""Relaxation of bonds and spins by layer, random inputs and outputs: boundary layers slow, centre fast.

Monte Carlo of the soft core from a random start in the net of [Y20] section 6.1 (L = 10, N = 20, β = 66.7, both spins
and bonds move), at α = 4, where the theory's boundary layers have frozen and the centre has not. Columns: C_l(t, t_w)
for three waiting times, and last the relaxation times τ_l from the longest of them; spins of both ends are imposed.
[Y20]: relaxation is slowest at both boundaries and fastest in the centre. The layer at the output is slower than
the one at the input, as the directed closure says and the symmetric one cannot. C_l at different t_w agree only where
a layer has reached equilibrium; nothing here is a mean over an equilibrated run. Bands and bars: standard errors over
samples (of τ_l by jackknife); three samples in the draft, so that an error is itself known to a factor of two.

Takes 22 s (draft; paper: not measured).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace


@dataclass(frozen=True)
class Settings:
    """width, depth, alpha, beta: of the net; sweeps of a run, the waiting times are a thousandth, a hundredth and a
    tenth of it; samples of random patterns; blocks: checkpoints."""

    width: int = 20
    depth: int = 10
    alpha: float = 4.0
    beta: float = 66.7
    sweeps: int = 10_000
    samples: int = 3
    blocks: int = 5
    seed: int = 1


DRAFT, PAPER = Settings(), Settings(sweeps=1_000_000, samples=16, blocks=100)


def run(settings: Settings):
    """The Monte Carlo run."""
    from gardner.montecarlo.settings import MonteCarloSettings
    from gardner.potentials.soft import SoftCore

    return MonteCarloSettings(
        (settings.width,),
        settings.depth,
        settings.alpha,
        "random",
        potential=SoftCore(settings.beta),
        sweeps=settings.sweeps,
        burn_in=settings.sweeps // 10,
        samples=settings.samples,
        replicas=1,
        measurements=40,
        points=settings.blocks,
        seed=settings.seed,
    )


def summarise(run_data):
    """C_bond and C_spin, means over samples with errors, and τ_l of the mean decay with its jackknife error."""
    import xarray as xr

    from gardner.montecarlo.autocorrelation import relaxation_time

    data, last = xr.Dataset(), int(run_data["waiting"][-1])
    for part, axis in (("bond", "bond_layer"), ("spin", "layer")):
        values = run_data[f"C_{part}"].mean("clone")
        data[f"C_{part}"] = values.mean("sample")
        data[f"C_{part}_error"] = values.std("sample", ddof=1) / np.sqrt(values.sizes["sample"])
        late_stl = values.sel(waiting=last).transpose("sample", "lag", axis).values

        def times(mean_tl):
            return np.array([relaxation_time(run_data["lag"].values, mean_t) for mean_t in mean_tl.T])

        # without each sample in turn
        count = len(late_stl)
        left_sl = np.array([times(np.delete(late_stl, s, axis=0).mean(axis=0)) for s in range(count)])
        error_l = np.sqrt((count - 1) * left_sl.var(axis=0))
        data[f"tau_{part}"], data[f"tau_{part}_error"] = (axis, times(late_stl.mean(axis=0))), (axis, error_l)
        data[f"tau_{part}"].attrs = {"long_name": f"lag at which C_l falls to 1/e, {part}s", "units": "sweeps"}
        data[f"tau_{part}_error"].attrs = {"long_name": "standard error, by jackknife over samples", "units": "sweeps"}
    for name in ("lag", "waiting"):
        data[name].attrs = {"units": "sweeps"}
    return data


def make(settings: Settings, work: Workspace) -> Picture:
    """Bonds above, spins below; three waiting times and the relaxation times."""
    from gardner.plotting import style
    from gardner.plotting.montecarlo import end_keys, mean_correlations, relaxation_times
    from gardner.plotting.profiles import layer_bar

    run_data = work.monte_carlo(run(settings))
    data = summarise(run_data)
    with style.journal():
        drawing, axes = style.figure(2, 4, height=3.7, width=style.PAGE)
        for row, part in zip(axes, ("bond", "spin")):
            for axis, waiting in zip(row, data["waiting"].values):
                mean_correlations(axis, data, int(waiting), part)
                axis.set_title(rf"{part}s, $t_\mathrm{{w}}={waiting}$")
                axis.set_ylim(-0.1, 1.05)
                axis.set_xlim(0.8, settings.sweeps)
                axis.set_ylabel(r"$C_l(t,t_\mathrm{w})$" if axis is row[0] else "")
            relaxation_times(row[-1], data, part)
        layer_bar(axes, style.layer_colours(settings.depth + 1)[1:])
        name = rf"random, $L={settings.depth}$, $N={settings.width}$, $\alpha={settings.alpha:g}$"
        drawing.legend(handles=end_keys(), loc="outside lower center", ncols=2)
        drawing.suptitle(rf"{name}, soft core, $\beta={settings.beta:g}$", fontsize=8)
    return Picture(drawing, data)
