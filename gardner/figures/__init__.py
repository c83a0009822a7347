"""Every figure of the paper and beyond, each drawn by one module from one command.

A figure is a module with the frozen settings `DRAFT` and `PAPER`, which differ only in the number of points, RSB steps
or sweeps, and a function `make(settings, work) -> Picture`. Its docstring says what the picture shows, which statement
of the paper it corresponds to, and how long it takes ("Takes …"). `gardner.figures.drawing.draw` writes
NAME.pdf, NAME.svg and the plotted data NAME.nc or NAME.csv.
"""

from __future__ import annotations

import importlib

NAMES = (
    "order-parameters",
    "overlap-distribution",
    "successive-transitions",
    "penetration",
    "free-entropy",
    "ultrametric-tree",
    "river-terrace",
    "structured-inputs",
    "planted-profiles",
    "crystal-transition",
    "generalization",
    "closures",
    "gap-distribution",
    "mc-relaxation",
    "mc-overlaps",
    "mc-planted",
    "mc-energy-error",
    "theory-vs-mc",
    "liquid-fluctuations",
    "bayes-inequality",
    "capacity",
    "phase-diagram",
    "ssb-potential",
    "ssb-goldstone",
    "ssb-propagators",
    "ssb-hessian",
    "ssb-learning-rate",
)


def module_of(name: str):
    """The module that draws figure `name`; ValueError for an unknown name."""
    if name not in NAMES:
        raise ValueError(f"figure {name!r}: unknown; choose among {', '.join(NAMES)}")
    return importlib.import_module("gardner.figures." + name.replace("-", "_"))
