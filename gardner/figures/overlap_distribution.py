"""Overlap distributions P(q,l) layer by layer: δ-weights and the continuous part between them.

[Y20] section 4: P(q,l) = dx/dq. Near the boundaries the weight sits at large q; deeper layers have a growing δ at q = 0
(the coarse branches are no longer told apart there) and less and less continuous weight, until liquid layers keep the
δ at zero alone. Random setting, hard core, symmetric closure, α = 50, L = 20. Stems: δ of weight on the right scale
(q_EA, plateaus, zero); steps: density of the single levels, cut at 8.
A layer named with its mirror image is drawn once.

Takes 10 s in draft (k = 30); paper (k = 100) is not measured.
"""

from __future__ import annotations

from dataclasses import dataclass

from gardner.errors import ConvergenceError
from gardner.figures.states import find_state
from gardner.figures.workspace import Picture, Workspace

TOLERANCE = 1e-9  # merged levels, a δ, must agree far better than two levels that are told apart (1e-6)


@dataclass(frozen=True)
class Settings:
    """alpha, depth: the net; levels: k, tried in this order; replicas: leaves of the tree behind the data file."""

    alpha: float = 50.0
    depth: int = 20
    levels: tuple[int, ...] = (30,)
    replicas: int = 50


DRAFT = Settings()
PAPER = Settings(levels=(100, 50), replicas=200)


def make(settings: Settings, work: Workspace) -> Picture:
    """Rows are layers from the input inwards; bonds left, spins right."""
    from gardner.analysis.ultrametric import hierarchy, hierarchy_dataset
    from gardner.plotting.ultrametric import laws_figure

    state = find_state(work, settings.alpha, settings.depth, settings.levels, TOLERANCE)
    if state.solution is None:
        raise ConvergenceError(f"alpha = {settings.alpha:g}, L = {settings.depth}: {state.note()}")
    result = hierarchy(state.solution, replicas=settings.replicas)
    title = rf"random, symmetric closure, $\alpha={settings.alpha:g}$, $L={settings.depth}$, {state.note()}"
    return Picture(laws_figure(result, title), hierarchy_dataset(result, {}))
