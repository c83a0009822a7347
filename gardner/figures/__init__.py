"""Every figure of the paper and beyond, each drawn by one module from one command.

A figure is a module with the frozen settings `DRAFT` and `PAPER`, which differ only in the number of points, RSB steps
or sweeps, and a function `make(settings, work) -> Picture`. Its docstring says what the picture shows, which statement
of the paper it corresponds to, and how long it takes ("Takes …"). `gardner.figures.drawing.draw` writes
NAME.pdf, NAME.svg and the plotted data NAME.nc or NAME.csv.

A figure is one file here and one name in `FIGURES`. One of your own is a module, or any object with the same names:

    from gardner.figures import FIGURES
    FIGURES.register("my-figure", my_module)
"""

from __future__ import annotations

from gardner.registry import Registry

_MODULES = (
    "layer_map",
    "order_parameters",
    "overlap_distribution",
    "successive_transitions",
    "penetration",
    "free_entropy",
    "ultrametric_tree",
    "river_terrace",
    "structured_inputs",
    "planted_profiles",
    "crystal_transition",
    "binary_transitions",
    "generalization",
    "closures",
    "gap_distribution",
    "mc_relaxation",
    "mc_overlaps",
    "mc_planted",
    "mc_energy_error",
    "theory_vs_mc",
    "liquid_fluctuations",
    "bayes_inequality",
    "amp_state_evolution",
    "capacity",
    "phase_diagram",
    "ssb_potential",
    "ssb_goldstone",
    "ssb_propagators",
    "ssb_hessian",
    "ssb_learning_rate",
)
FIGURES = Registry("figure", **{name: f"gardner.figures.{name}" for name in _MODULES})
