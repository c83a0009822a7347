"""Where one phase of a net gives way to the next: exact transitions where they are known, else between two points.

A sweep knows a phase at its values of α only. A row of a phase diagram is made of intervals.
Between two neighbouring points of different phase it changes at the exact transition, where one
lies there, and else at their geometric middle, the edge of a cell. Exact are

    planted   all transitions of the branch from small overlaps (T20), (T21), (T23), α*(L), the crystal's spinodal;
    random    the first one (T19); later ones are known for k → ∞ only, and not for a sweep of finite k.

Just beyond an exact transition overlaps are smaller than what counts as solid: there the transition
decides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gardner.analysis.layer_transitions import front_ends
from gardner.theory.counting import counting_bound
from gardner.theory.search.folds import crystal_folds
from gardner.theory.transitions.planted_transitions import PlantedTransitions
from gardner.theory.validity import first_transition

LIQUID, PARTLY, THROUGHOUT, CRYSTAL = range(4)  # `phases.PHASES`


@dataclass(frozen=True)
class KnownEdges:
    """Exact α of one net. steps: (α, phase beyond it), increasing; nan where there is none, or none is known.

    spinodal, joined: the crystal exists beyond the first, the branch from small overlaps ends at the second;
    bound: counting bound (C11).
    """

    steps: tuple[tuple[float, int], ...]
    crystal: float
    spinodal: float
    joined: float
    bound: float

    def phase(self, alpha: float, seen: float) -> float:
        """The phase at α if the sweep saw `seen` there; nan stays nan."""
        beyond = [phase for edge, phase in self.steps if edge < alpha]
        return max(seen, beyond[-1]) if beyond and not math.isnan(seen) else seen


def phase_beyond(closure: str, depth: int, number: int) -> int:
    """The phase beyond the `number`-th transition: each front has as many solid layers, and spins are left or not."""
    return THROUGHOUT if number * len(front_ends(closure)) >= depth - 1 else PARTLY


def planted_edges(found: PlantedTransitions, joined: float = math.nan) -> KnownEdges:
    """Those of a teacher–student net, from its transitions."""
    steps = [(alpha, phase_beyond(found.closure, found.depth, l)) for l, alpha in enumerate(found.continuous, start=1)]
    star, fold = (math.nan if value is None else value for value in (found.crystal, found.spinodal))
    if not math.isnan(star):
        steps = [step for step in steps if step[0] < star] + [(star, CRYSTAL)]
    return KnownEdges(tuple(steps), star, fold, joined, counting_bound(found.depth))


def end_of_branch(closure: str, depth: int) -> float:
    """Where the branch from small overlaps ends in a fold, nan where that is not on the curve of the crystal."""
    folds = crystal_folds(depth, closure)
    return folds[1].alpha if len(folds) == 2 else math.nan


def random_edges(closure: str, depth: int) -> KnownEdges:
    """Those of random patterns: the first transition."""
    first = first_transition(closure, depth), phase_beyond(closure, depth, 1)
    return KnownEdges((first,), *[math.nan] * 3, counting_bound(depth))


def row_intervals(alphas: Sequence[float], seen: Sequence[float], known: KnownEdges | None = None) -> list[tuple]:
    """(last α, phase, whether this edge is exact) of the intervals of a row of increasing α; the last one is open."""
    phases = [phase if known is None else known.phase(a, phase) for a, phase in zip(alphas, seen)]
    steps, intervals, now = () if known is None else known.steps, [], phases[0]
    for a in range(1, len(alphas)):
        low, high = alphas[a - 1], alphas[a]

        # exact edges first; the phase beyond the last of them is the one at the next point
        for edge, phase in steps:
            if low <= edge < high and not math.isnan(now) and phase > now:
                intervals.append((edge, now, True))
                now = phase
        if not _same(now, phases[a]):
            intervals.append((math.sqrt(low * high), now, False))
            now = phases[a]
    return [*intervals, (math.inf, now, False)]


def coexistence_intervals(alphas: Sequence[float], two: Sequence[bool], known: KnownEdges | None = None) -> list[tuple]:
    """(first α, last α) of the stretches with two branches; an end beyond the sweep is infinite, or 0."""
    edges = np.concatenate([[0.0], np.sqrt(np.multiply(alphas[:-1], alphas[1:])), [math.inf]])
    change = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(two, int), [0]])))
    runs = [[edges[first], edges[end]] for first, end in change.reshape(-1, 2)]
    if known is None or math.isnan(known.spinodal):
        return [tuple(run) for run in runs]
    if not runs:  # a window narrower than the spacing of α
        return [] if math.isnan(known.joined) else [(known.spinodal, known.joined)]
    runs[0][0] = known.spinodal
    if not math.isnan(known.joined):
        runs[-1][1] = known.joined
    return [tuple(run) for run in runs]


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))
