"""Do nets reach zero error? Energy and errors against time and α: quenches, and annealed binary students.

(a) Random inputs and outputs, soft core quenched from a random state: energy per gap, wrong outputs, negative gaps.
(b) The same dynamics with the outputs of a teacher: the error on fresh inputs stays above the training error. Both
are errors of the net run forward from its input: at α = 4 few negative gaps per layer add up to many wrong outputs.
(c) Wrong outputs and negative gaps at the end of such quenches of the random setting against α, at the temperature of
[Y20] (β = 66.7) and at T = 0 (β = 10⁶): a part of the errors at β = 66.7 is thermal, all of it where α is small; at
α = 4 most of them stay at T = 0 as well, in this time.
(d) Training error of binary students while they are annealed, β from 0.2 to 5, then greedy for the last tenth, and
(e) their errors at the end against α, annealed and greedy.
(f) The answer at T = 0: the share of runs that reach zero training error, of the binary students of (e) and of the
quenches of (c). [Y20] section 6.2 reaches zero training error at small α.

Students with N = 4 know only 2⁴ = 16 inputs: M = αN random patterns contain 1 - (15/16)^M of them, 23 % at α = 1, 64 %
at 4, 98 % at 16. A "fresh" input is drawn from the same 16: its error falls with α for the most part because unseen
inputs become rare, at α = 16 nearly all are seen, and the curve is no measure of generalization to new inputs.
Error bars: standard errors over samples (eight runs of a student share one). Time series of single quenches are no
equilibrium means.

Takes 25 s (draft; paper: not measured).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from gardner.figures.workspace import Picture, Workspace


@dataclass(frozen=True)
class Settings:
    """width, depth, alpha, beta: of the quenches; quench_alphas: of (c), at `beta` and at `cold`; binary_width,
    binary_depth, dilution, alphas: of the students; sweeps, samples: of every run."""

    width: int = 16
    depth: int = 4
    alpha: float = 4.0
    beta: float = 66.7
    cold: float = 1e6
    quench_alphas: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0)
    binary_width: int = 4
    binary_depth: int = 4
    dilution: float = 0.2
    alphas: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0)
    sweeps: int = 2000
    samples: int = 6
    blocks: int = 4
    seed: int = 4


DRAFT, PAPER = Settings(), Settings(sweeps=100_000, samples=32, blocks=40)


def quench(settings: Settings, setting: str, alpha: float, beta: float):
    """The Monte Carlo run of a quench."""
    from gardner.montecarlo.settings import MonteCarloSettings
    from gardner.potentials.soft import SoftCore

    return MonteCarloSettings(
        (settings.width,),
        settings.depth,
        alpha,
        setting,
        potential=SoftCore(beta),
        sweeps=settings.sweeps,
        samples=settings.samples,
        replicas=1,
        measurements=50,
        points=settings.blocks,
        fresh=500,
        seed=settings.seed,
    )


def ends(settings: Settings, work: Workspace):
    """Wrong outputs, negative gaps and the share without a wrong output at the end of quenches (beta, quench_alpha)."""
    import xarray as xr

    from gardner.statistics import standard_error

    betas, rows = (settings.beta, settings.cold), []
    for beta, alpha in product(betas, settings.quench_alphas):
        last = work.monte_carlo(quench(settings, "random", alpha, beta)).isel(clone=0, time=-1)
        wrong, negative = (last[name].values for name in ("training_error", "negative_gaps"))
        shares = (wrong, negative, (wrong == 0.0).astype(float))
        rows.append([float(number) for values in shares for number in standard_error(values)])
    names = [f"quench_{name}{end}" for name in ("wrong", "negative", "success") for end in ("", "_error")]
    shape = (len(betas), len(settings.quench_alphas))
    values = {name: (("beta", "quench_alpha"), column.reshape(shape)) for name, column in zip(names, np.array(rows).T)}
    return xr.Dataset(values, {"beta": list(betas), "quench_alpha": list(settings.quench_alphas)})


def trainings(settings: Settings):
    """Dataset of annealed and greedy runs: error(schedule, alpha, time), final and fresh errors with their errors."""
    import xarray as xr

    from gardner.montecarlo.binary_training import SCHEDULES, train
    from gardner.montecarlo.settings import MonteCarloSettings
    from gardner.statistics import standard_error

    shape, curves, ends = (len(SCHEDULES), len(settings.alphas)), [], []
    for schedule, alpha in product(SCHEDULES, settings.alphas):
        student = MonteCarloSettings(
            (settings.binary_width,),
            settings.binary_depth,
            alpha,
            weights="binary",
            dilution=settings.dilution,
            sweeps=settings.sweeps,
            samples=settings.samples,
            seed=settings.seed,
        )
        found = train(student, schedule)
        curves.append(found.error_tsr.mean(axis=(1, 2)))
        averaged = (found.final_sr.mean(axis=1), found.fresh_sr.mean(axis=1))
        ends.append([float(number) for values in averaged for number in standard_error(values)] + list(found.success))
    names = ("final", "final_error", "fresh", "fresh_error", "success", "success_error")
    numbers = dict(zip(names, np.array(ends).T))
    variables = {name: (("schedule", "alpha"), values.reshape(shape)) for name, values in numbers.items()}
    variables["error"] = (("schedule", "alpha", "anneal_time"), np.array(curves).reshape(*shape, -1))
    coordinates = {"schedule": list(SCHEDULES), "alpha": list(settings.alphas), "anneal_time": found.time_t}
    data = xr.Dataset(variables, coordinates)
    data["error"].attrs = {"long_name": "training error, mean over runs", "units": "1"}
    data["anneal_time"].attrs = {"units": "sweeps"}
    return data


def seen(settings: Settings):
    """Expected fraction of all 2^N inputs of a student that are among its αN random patterns, by α."""
    import xarray as xr

    patterns = np.round(np.array(settings.alphas) * settings.binary_width)
    fraction = 1.0 - (1.0 - 0.5**settings.binary_width) ** patterns
    attributes = {"long_name": "expected fraction of the 2^N inputs among the patterns", "units": "1"}
    return xr.DataArray(fraction, {"alpha": list(settings.alphas)}, ("alpha",), attrs=attributes)


def make(settings: Settings, work: Workspace) -> Picture:
    """Quenches above, students below; last the answer to whether runs reach zero error."""
    from dataclasses import asdict

    from gardner.plotting import style
    from gardner.plotting.montecarlo import time_course
    from gardner.plotting.training import error_against_alpha, error_against_time, quench_ends, success_against_alpha

    quenches = {
        name: work.monte_carlo(quench(settings, name, settings.alpha, settings.beta)) for name in ("random", "planted")
    }
    students = work.keep("training", asdict(settings), lambda: trainings(settings))
    data = students.merge(ends(settings, work))
    data["seen"] = seen(settings)
    for name, run_data in quenches.items():
        for key in ("energy", "training_error", "negative_gaps", "fresh_error"):
            data[f"{name}_{key}"] = run_data[key].isel(clone=0).mean("sample")
    with style.journal():
        drawing, axes = style.figure(2, 3, height=5.0, width=style.PAGE)
        net = rf"$L={settings.depth}$, $N={settings.width}$"
        for axis, (name, run_data) in zip(axes[0], quenches.items()):
            time_course(axis, run_data, legend=False)
            axis.set_title(f"{name}, soft core\n{net}, " + rf"$\alpha={settings.alpha:g}$, $\beta={settings.beta:g}$")
            axis.set_ylim(1e-5, 3.0)
            axis.legend(loc="lower left")
        quench_ends(axes[0, 2], data)
        axes[0, 2].set_title(f"random, soft core, final\n{net}")
        error_against_time(axes[1, 0], students.sel(schedule="annealed"))
        error_against_alpha(axes[1, 1], students, f"fresh (of {2**settings.binary_width})")
        success_against_alpha(axes[1, 2], data)
        net = rf"$L={settings.binary_depth}$, $N={settings.binary_width}$, {100 * settings.dilution:g} % removed"
        for axis, what in zip(axes[1], ("binary, annealed", "binary, final", "at $T=0$")):
            axis.set_title(f"{what}\n{net}" if axis is not axes[1, 2] else "nets of (c) and (e)\n" + what)
        for axis, letter in zip(axes.flat, "abcdef"):
            axis.text(0.975, 0.95, f"({letter})", transform=axis.transAxes, ha="right", va="top")
    return Picture(drawing, data)
