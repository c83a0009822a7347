"""Closures layer by layer: measured Q(l) minus the Q(l) that a closure gives for the measured q(l-1) and q(l).

The saddle point of a net ties all overlaps together: what finite connectivity does to one of them moves the others.
One layer alone, its spins as measured, is free of that (`gardner.theory.planted.conditional`). For the right closure
the difference vanishes as c → ∞; that it does is necessary, not sufficient, since the equations that tie layers to
each other (L-1 of 2L-1) are left out. The relation of the output layer is the same in both closures and shows how far
from the limit c is: closures take the change of a field between two replicas for Gaussian, a sum over the c(1-q)/2
inputs that differ.

Each sample gives one difference; points and their limit are formed as for the overlaps themselves (`fits`). With
relaxed counting (`measured`) all planted runs enter, however short: the difference has an error of its own for what
is not yet forgotten, DECAY times that between teacher–student pairs (time t) and pairs of students (2t), under the
same assumption. Where overlaps still fall the difference may have settled, if quick motion balances each layer on the
slow one; it need not. Solid states only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gardner.comparison.fits import Limit, Point, extrapolate
from gardner.comparison.measured import DECAY, Measured, covariance_of_mean
from gardner.comparison.planning import REPLICAS
from gardner.comparison.settings import ComparisonSettings
from gardner.comparison.verdict import Confrontation, confront
from gardner.errors import ConvergenceError
from gardner.theory.liquid import overlaps_of
from gardner.theory.planted.conditional import bond_overlap_given_spins


@dataclass(frozen=True)
class Relation:
    """One closure: points of the differences by layer, their limit, and the confrontation with 0."""

    closure: str
    points: tuple[Point, ...]
    limit: Limit
    confrontation: Confrontation


def relations(settings: ComparisonSettings, measured: Sequence[Measured]) -> tuple[tuple[Relation, ...], list[str]]:
    """The relations of every closure, all from the same runs, and notes: what they reject, runs left out."""
    found, notes = [], []
    runs = [run for run in measured if not run.excluded or (settings.relaxed and np.isfinite(run.tau))]
    if not settings.matched or len({run.size for run in runs}) < 3:
        return (), notes
    points: dict[str, list[Point]] = {closure: [] for closure in settings.closures}
    used = []
    for run in runs:
        try:
            of_run = [difference(settings, closure, run) for closure in settings.closures]
        except (ConvergenceError, ValueError) as problem:
            notes.append(f"layer by layer, size {run.size}, N = {run.width} is left out: {problem}")
            continue
        used.append(run)
        for closure, point in zip(settings.closures, of_run):
            points[closure].append(point)
    if len({run.size for run in used}) < 3:
        return (), notes
    zero = np.zeros(settings.depth)
    for closure in settings.closures:
        limit = extrapolate(points[closure])
        confrontation = confront(closure, limit.value_k, limit.covariance_kk, limit.degrees, zero, zero)
        found.append(Relation(closure, tuple(points[closure]), limit, confrontation))
    words = [
        f"{r.closure} is {'' if r.confrontation.rejected else 'not '}rejected (p = {r.confrontation.p_value:.2g}"
        + (", unstable)" if r.limit.unstable else ")")
        for r in found
    ]
    short = sum(bool(run.excluded) for run in used)
    notes.append(
        f"layer by layer, Q(l) against what a closure gives for the measured spins ({len(used)} runs, {short} "
        f"of them too short to count otherwise): {', '.join(words)}"
    )
    return tuple(found), notes


def difference(settings: ComparisonSettings, closure: str, run: Measured) -> Point:
    """Q(l) - Q(l | q(l-1), q(l)), l = 1…L, of one run: mean and covariance."""

    def differences(value_sk):
        return np.array([_differences(settings, closure, np.minimum(values_k, 1.0)) for values_k in value_sk])

    difference_sl = differences(run.value_sk)
    covariance = covariance_of_mean(difference_sl)
    if run.excluded or np.any(run.bias_k):
        with_teacher_sk = run.value_sk + (run.value_sk - run.students_sk) * (REPLICAS - 1) / 2
        drift_sl = differences(with_teacher_sk) - differences(run.students_sk)
        error = np.diag(covariance_of_mean(drift_sl))
        covariance = covariance + np.diag(DECAY**2 * (drift_sl.mean(axis=0) ** 2 + error))
    return Point(run.size, run.ratio, difference_sl.mean(axis=0), covariance, len(run.value_sk))


def _differences(settings: ComparisonSettings, closure: str, values_k: np.ndarray) -> np.ndarray:
    """Of one set of overlaps in the order of `overlaps_of`, by layer."""
    value = dict(zip(overlaps_of(settings.depth), values_k))
    q_l = [1.0, *(value["q", l] for l in range(1, settings.depth)), 1.0]
    return np.array(
        [
            value["Q", l] - bond_overlap_given_spins(closure, settings.alpha, q_l[l - 1], q_l[l], settings.weights)
            for l in range(1, settings.depth + 1)
        ]
    )
