"""Learning rate as temperature: the source's formula against dynamics of the potential and of a ReLU net.

Left: order parameter of one weight under gradient descent, the same with noise, and steps at weights jittered over a
box of width η, for which m²(η) = -μ² + ¼λη² is exact; gradient descent leaves its minimum at 2/λ_max and loses order
where two bands merge (THEORY section 10.4), not at η_c. Middle and right: a ReLU net trained on synthetic classes, one
label in ten drawn at random: the order parameter over a window of steps and layers l

    φ = mean over l of |<w_l>_t|² / <|w_l|²>_t,

1 for weights that stand still; 1 - φ against η beside the η² of the formula and the η of noise of constant strength
(through the last point that trains), and the sharpness λ_max beside the limit of stability 2/η. All learning rates have
trained equally far: the number of steps is inverse to η, so that windows have one length of training time η × steps,
and φ is that of the last one before the drop of η. What is left of 1 - φ at small η is the drift of the weights in
training, the same for all; what rises above it is noise. Grey: learning rates at which training is lost. Bars: standard
errors over runs.

Takes 25 s (draft; paper: not measured).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace


@dataclass(frozen=True)
class Settings:
    """largest: η of one weight, from a tenth on; net_rates: lowest and highest η of the net; hidden: its widths;
    points: rates of one weight; count: of the net; replicas: runs of one weight; samples: runs of the net;
    steps: of a window of the net at the highest rate, more at lower ones; blocks: its windows."""

    largest: float = 2.3
    net_rates: tuple[float, float] = (0.02, 2.56)
    hidden: tuple[int, ...] = (16, 16, 16)
    points: int = 23
    count: int = 8
    replicas: int = 8
    samples: int = 3
    steps: int = 12
    blocks: int = 8
    seed: int = 1


DRAFT, PAPER = Settings(), Settings(points=89, count=15, replicas=32, samples=5, steps=48, blocks=16)


def plans(settings: Settings):
    """The scan of the potential and that of the net."""
    from gardner.fieldtheory.net_runs import NetPlan
    from gardner.fieldtheory.weight_runs import WeightPlan

    rates, steps = tuple(np.linspace(0.1, settings.largest, settings.points).tolist()), 40 * settings.steps
    weight = WeightPlan(rates, runs=settings.replicas, steps=steps, burn=steps, seed=settings.seed)
    rates = tuple(np.geomspace(*settings.net_rates, settings.count).tolist())
    net = NetPlan(rates, settings.hidden, steps=settings.steps, windows=settings.blocks, seeds=settings.samples,
                  seed=settings.seed, equal_time=True)  # fmt: skip
    return weight, net


def dataset(scans, net, steps):
    """Order parameters of the potential (dynamics, rate); numbers of the net and steps of its windows (net_rate)."""
    import xarray as xr

    values = {name: (("dynamics", "rate"), np.array([getattr(scan, name) for scan in scans]))
              for name in ("order", "order_error", "variance", "diverged")}  # fmt: skip
    names = ("order", "order_error", "accuracy", "accuracy_error", "sharpness", "sharpness_error", "lost")
    values |= {f"net_{name}": ("net_rate", np.asarray(getattr(net, name))) for name in names}
    values["net_first_sharpness"] = ((), net.first_sharpness)
    values["net_steps"] = ("net_rate", np.array(steps), {"long_name": "steps of a window", "units": "1"})
    coordinates = {"dynamics": [scan.dynamics for scan in scans], "rate": scans[0].rates, "net_rate": net.rates}
    return xr.Dataset(values, coordinates)


def make(settings: Settings, work: Workspace) -> Picture:
    """One weight, order of the net, sharpness of the net."""
    from gardner.fieldtheory.net_runs import net_scan, run_net
    from gardner.fieldtheory.weight_runs import run_weight, scans
    from gardner.plotting import style
    from gardner.plotting.fieldtheory_measured import learning_rates, net_order, net_sharpness

    weight_plan, net_plan = plans(settings)
    plan, found = scans(work.field_theory("weight", weight_plan, run_weight))
    _, net = net_scan(work.field_theory("net", net_plan, run_net))
    with style.journal():
        drawing, axes = style.figure(1, 3, height=3.3, width=style.PAGE)
        learning_rates(axes[0], plan.theory, found)
        net_order(axes[1], net)
        net_sharpness(axes[2], net)
        widths = "-".join(map(str, net_plan.widths))
        for axis, title in zip(axes, (r"one weight, $\mu=\lambda=1$", *[f"ReLU net {widths}"] * 2)):
            axis.set_title(title)
        for axis in axes[1:]:
            axis.set_xlabel(r"learning rate $\eta$")
            axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18))
    return Picture(drawing, dataset(found, net, net_plan.steps_r))
