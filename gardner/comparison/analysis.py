"""From measured runs to the verdict: which runs count, their limit, the confrontation with every closure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gardner.comparison.fits import Limit, Point, extrapolate
from gardner.comparison.measured import Measured
from gardner.comparison.planning import ATTEMPT_POWER, SLOWING, clock
from gardner.comparison.relations import Relation, relations
from gardner.comparison.settings import ComparisonSettings
from gardner.comparison.theory import Prediction, draws_per_row, linear_phase, predict
from gardner.comparison.verdict import Confrontation, Verdict, confront, judge, unresolved
from gardner.criteria import RESOLVED
from gardner.statistics import RUN_PER_TAU
from gardner.theory.liquid import overlaps_of

SEPARATION = 3.0  # standard errors at which two closures count as told apart


@dataclass(frozen=True)
class Comparison:
    """Everything a report says. limit is None where fewer than three sizes count; generalization of ε_g likewise.

    relations: of planted solid states, the closures layer by layer.
    """

    settings: ComparisonSettings
    keys: tuple[tuple[str, int], ...]
    measured: tuple[Measured, ...]
    predictions: tuple[Prediction, ...]
    limit: Limit | None
    generalization: Limit | None
    confrontations: tuple[Confrontation, ...]
    verdict: Verdict
    notes: tuple[str, ...]
    relations: tuple[Relation, ...] = ()


def compare(settings: ComparisonSettings, measured: Sequence[Measured], notes: Sequence[str] = ()) -> Comparison:
    """The comparison of runs already made."""
    of_net = settings.alpha, settings.depth, settings.beta, settings.weights
    predictions = tuple(predict(settings.setting, name, *of_net) for name in settings.closures)
    keys = tuple(overlaps_of(settings.depth))
    notes = [*notes, *(p.note for p in predictions if p.note)]
    counted = [run for run in measured if not run.excluded]
    notes += _relaxed_notes(settings, counted)
    related, unrelated = relations(settings, measured)
    notes += unrelated
    sizes = {run.size for run in counted}
    if len(sizes) < 3:
        reason = f"{len(sizes)} of {len({run.size for run in measured})} sizes count, three are needed for a limit"
        return Comparison(
            settings, keys, tuple(measured), predictions, None, None, (), unresolved(reason), tuple(notes), related
        )
    limit = extrapolate([run.point for run in counted])
    confrontations = tuple(
        confront(p.closure, limit.value_k, limit.covariance_kk, limit.degrees, p.value_k, p.error_k)
        for p in predictions
    )
    verdict = judge(confrontations, [p.value_k for p in predictions], limit.covariance_kk, limit.degrees)
    if (np.abs(limit.value_k) > 1.0 + SEPARATION * limit.error_k).any():
        verdict = unresolved("the limit is no overlap, it exceeds 1; larger sizes are needed", confrontations)
    elif limit.unstable:
        left = ", ".join(map(str, limit.unstable))
        reason = f"the limit is not stable, it is another one without size {left}; larger sizes are needed"
        verdict = unresolved(reason, confrontations)
    generalization = _generalization(counted)
    notes += _precision_notes(settings, limit, predictions, relaxation_power(counted))
    notes += _matching_notes(counted, keys) if settings.setting == "planted" and not settings.matched else []
    notes += _linear_notes(settings, generalization, predictions)
    return Comparison(
        settings,
        keys,
        tuple(measured),
        predictions,
        limit,
        generalization,
        confrontations,
        verdict,
        tuple(notes),
        related,
    )


def _relaxed_notes(settings: ComparisonSettings, counted: Sequence[Measured]) -> list[str]:
    """Runs that count although they are shorter than fifty τ."""
    slow = [run for run in counted if run.sweeps < RUN_PER_TAU * run.tau]
    short = [f"size {run.size}, N = {run.width}: {run.sweeps / run.tau:.0f} τ" for run in slow]
    if not (settings.relaxed and short):
        return []
    return [
        "runs count that started in equilibrium and have forgotten their start (pairs at t and 2t agree), but are "
        f"shorter than {RUN_PER_TAU:g} τ: " + "; ".join(short)
    ]


def _generalization(counted: Sequence[Measured]) -> Limit | None:
    points = [
        Point(
            run.size,
            run.ratio,
            np.array([run.generalization[0]]),
            np.array([[run.generalization[1] ** 2]]),
            len(run.value_sk),
        )
        for run in counted
        if run.generalization is not None and run.generalization[1] > 0.0
    ]
    return extrapolate(points) if len({p.size for p in points}) >= 3 else None


def relaxation_power(counted: Sequence[Measured]) -> float:
    """The power of the size with which τ has grown, SLOWING at least."""
    known = [(run.size, run.tau) for run in counted if np.isfinite(run.tau)]
    if len({size for size, _ in known}) < 2:
        return SLOWING
    return max(SLOWING, float(np.polyfit(*np.log(np.array(known).T), 1)[0]))


def budget_for(settings: ComparisonSettings, limit: Limit, error: float, power: float) -> str:
    """What budget would reach `error` on every observable, as words.

    The statistical error falls as budget^{-1/2}. The model's falls with the largest size at least as 1/size². At given
    M/N or in the full limit the cost of a size grows as its square (bonds) × M^0.4 (of the heat bath M, of
    binary rows e^{-sM}) × size^power (τ).
    """
    statistical, model = float(limit.statistical_k.max()), float(limit.model_k.max())
    factor = 2.0 * (statistical / error) ** 2 if statistical > error / np.sqrt(2.0) else 1.0
    words = f"{clock(settings.budget * max(factor, 1.0))} at the same sizes"
    if model > error / np.sqrt(2.0):
        largest = max(settings.sizes)
        grow = np.sqrt(model * np.sqrt(2.0) / error)
        if settings.binary:
            patterns = settings.alpha * largest
            attempt = draws_per_row(settings.alpha, grow * patterns) / draws_per_row(settings.alpha, patterns)
        else:
            attempt = grow ** ATTEMPT_POWER[settings.dynamics]
        cost = max(factor, 1.0) * attempt * grow ** (2.0 + power)
        words = f"{clock(settings.budget * cost)} with sizes up to {round(largest * grow)}"
    return words


def _precision_notes(
    settings: ComparisonSettings, limit: Limit, predictions: Sequence[Prediction], power: float
) -> list[str]:
    notes, worst = [], float(limit.error_k.max())
    if worst > settings.target:
        notes.append(
            f"the error asked for, {settings.target:g}, is not reached ({worst:.4f}); it would take about "
            f"{budget_for(settings, limit, settings.target, power)}"
        )
    if len(predictions) > 1:
        apart = np.abs(predictions[0].value_k - predictions[1].value_k)
        best = int(np.argmax(apart / limit.error_k))
        if RESOLVED < apart.max() and apart[best] < SEPARATION * limit.error_k[best]:
            needed = float(apart.max()) / SEPARATION
            notes.append(
                f"the closures differ by at most {apart.max():.4f}: telling them apart takes errors of {needed:.4f}, "
                f"about {budget_for(settings, limit, needed, power)}"
            )
    return notes


def _matching_notes(counted: Sequence[Measured], keys) -> list[str]:
    """Planted runs whose hidden units have flipped or moved: matching raises an overlap, above the level of noise."""
    found = []
    for run in counted:
        gain = run.matched_k - run.mean_k
        excess = np.where(np.isfinite(gain), gain, 0.0) / np.maximum(run.error_k, 1e-12)
        k = int(np.argmax(excess))
        if excess[k] > 4.0 and gain[k] > 0.002 and run.matched_k[k] > run.null_k[k] + 0.1:
            found.append(
                f"size {run.size} ({keys[k][0]}({keys[k][1]}): raw {run.mean_k[k]:.4f}, matched {run.matched_k[k]:.4f})"
            )
    if not found:
        return []
    return [
        "matching raises overlaps (hidden units flipped or, in fully connected nets, changed places): "
        + "; ".join(found)
    ]


def _linear_notes(settings: ComparisonSettings, limit: Limit | None, predictions: Sequence[Prediction]) -> list[str]:
    """Fully connected nets: ε_g beside the linear bound, in words."""
    if settings.dense or settings.setting != "planted" or settings.depth == 1 or limit is None:
        return []
    phase = linear_phase(settings.alpha, settings.depth)
    value, error = float(limit.value_k[0]), float(limit.error_k[0])
    said = ", ".join(f"{p.closure} {p.generalization_error:.4f}" for p in predictions)
    text = (
        f"fresh-input error {value:.4f}({error:.4f}) for N → ∞; closures: {said}; linear phase (T22): one student "
        f"{phase['one_student']:.4f}, attainable {phase['attainable']:.4f}"
    )
    lowest = min(p.generalization_error for p in predictions)
    if value + SEPARATION * error < lowest:
        text += (
            ": below every closure, as the linear phase of a fully connected net allows; the closures are theories of "
            "the dense limit"
        )
    return [text]
