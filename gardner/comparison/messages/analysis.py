"""The verdict on every closure, on branches, and on whether the messages know what they know.

*Closures* are judged by the limits of the true overlaps, at all α and branches together (`verdict.judge_all`). Where no
net knows anything of its hidden units, a closure that says otherwise is rejected by that.

*Nishimori.* Who infers with the right posterior has true overlaps that equal its own estimate of them. Of every net the
gap, own less true, is stated with its error, and its limit is held against 0: a gap that is left for c, N → ∞ would say
that the messages, and with them a closure that they follow, are not exact; one that vanishes says how fast they become
so.

*Hysteresis.* Two starts on the same nets end apart if some overlap differs by more than APART, and by three errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gardner.comparison.messages.limits import (
    CONTROL,
    BranchLimit,
    branches,
    can_extrapolate,
    counted,
    predictions,
    take_limit,
)
from gardner.comparison.messages.measured import MeasuredNet
from gardner.comparison.messages.settings import AmpComparisonSettings
from gardner.comparison.verdict import REJECT, ClosureVerdict, decide, judge_all
from gardner.model import CLOSURES
from gardner.statistics import standard_error
from gardner.values import ByValue

APART = 0.02  # difference of two starts, whose nets have settled to a thousandth
KNOWN = 0.05  # own estimate of a hidden layer above which it counts as solid
FAILS = 3.0  # errors of a gap


@dataclass(frozen=True)
class StartPair:
    """Two starts on the same nets: the largest difference of an overlap, its error, and whether they end apart."""

    alpha: float
    connectivity: int
    width: int
    starts: tuple[str, str]
    difference: float
    error: float
    apart: bool


@dataclass(frozen=True)
class Phase:
    """From one start at one α: whether the nets are solid, None if they differ or none counts; closures likewise."""

    alpha: float
    start: str
    solid: bool | None
    theory: Mapping[str, bool]


@dataclass(frozen=True, eq=False)
class AmpComparison(ByValue):
    """Everything a report says; knows: α → words on whether the messages know what they know."""

    settings: AmpComparisonSettings
    nets: tuple[MeasuredNet, ...]
    limits: tuple[BranchLimit, ...]
    closures: tuple[ClosureVerdict, ...]
    control_rejected: bool | None
    status: str
    accepted: str | None
    words: str
    knows: tuple[str, ...]
    pairs: tuple[StartPair, ...]
    phases: tuple[Phase, ...]
    notes: tuple[str, ...]


def compare_amp(
    settings: AmpComparisonSettings, nets: Sequence[MeasuredNet], notes: Sequence[str] = ()
) -> AmpComparison:
    """The comparison of nets already run and measured."""
    limits, notes, beyond, phases = [], list(notes), {name: [] for name in CLOSURES}, []
    for alpha in settings.alphas:
        here = [net for net in nets if net.patterns == round(alpha * net.connectivity)]
        for starts, theory in branches(settings, alpha):
            used = counted(here, starts)
            tried = [start for start in starts if any(net.start == start for net in here)]
            found = [_phase(settings, alpha, start, here, theory) for start in tried]
            phases += found
            if any(phase.solid is False for phase in found):
                for name in (name for name, solid in found[0].theory.items() if solid):
                    beyond[name].append((alpha, 1))
                notes.append(f"α = {alpha:g}, from {', '.join(starts)}: liquid, nothing is known and no limit taken")
            elif can_extrapolate(used):
                wrong = predictions(settings, CONTROL * alpha, starts[0])
                limits.append(take_limit(alpha, starts, theory, wrong, used))
            else:
                notes.append(
                    f"α = {alpha:g}, from {', '.join(starts)}: fewer than three nets of two connectivities and two "
                    "samples count, no limit is taken"
                )
    notes += [
        f"α = {limit.alpha:g}: the limit is another one without c = {', '.join(map(str, limit.true.unstable))}"
        for limit in limits
        if limit.true.unstable
    ]
    notes += _excluded(nets)
    confronted = [confrontation for limit in limits for confrontation in limit.confrontations]
    closures = tuple(judge_all(name, confronted, tuple(beyond[name])) for name in CLOSURES)
    controls = [limit.control.p_value for limit in limits]
    return AmpComparison(
        settings,
        tuple(nets),
        tuple(limits),
        closures,
        bool(max(controls) < REJECT) if controls else None,
        *decide(closures, bool(limits) or any(beyond.values())),
        tuple(_knows(limit) for limit in limits),
        _pairs(nets),
        tuple(phases),
        tuple(notes),
    )


def _excluded(nets: Sequence[MeasuredNet]) -> list[str]:
    return [
        f"α = {net.alpha:g}, c = {net.connectivity}, N = {net.width}, {net.start} start does not count: {net.excluded}"
        for net in nets
        if net.excluded
    ]


def _phase(settings, alpha: float, start: str, nets: Sequence[MeasuredNet], theory) -> Phase:
    """Solid if every net knows every hidden layer (it settles in steps of a whole layer otherwise)."""
    depth = settings.depth
    own = [net.own_sk.mean(axis=0)[depth:] for net in nets if net.start == start and not net.excluded]
    known = [bool(own_k.max() > KNOWN) for own_k in own]
    agreed = known[0] if known and len(set(known)) == 1 else None
    return Phase(alpha, start, agreed, {name: bool(said[depth:].max() > KNOWN) for name, said in theory.items()})


def _pairs(nets: Sequence[MeasuredNet]) -> tuple[StartPair, ...]:
    """All pairs of starts of each net, on the samples that both have."""
    found = []
    for a, b in combinations(nets, 2):
        if (a.connectivity, a.width, a.patterns) != (b.connectivity, b.width, b.patterns) or a.excluded or b.excluded:
            continue
        shared = [name for name in a.name_s if name in b.name_s]
        if not shared:
            continue
        rows = [[net.true_sk[net.name_s.index(name)] for name in shared] for net in (a, b)]
        difference_sk = np.array(rows[0]) - np.array(rows[1])
        mean_k, error_k = difference_sk.mean(axis=0), np.full(difference_sk.shape[1], np.nan)
        if len(shared) > 1:
            mean_k, error_k = standard_error(difference_sk)
        k = int(np.argmax(np.abs(mean_k)))
        apart = abs(mean_k[k]) > APART and not abs(mean_k[k]) < FAILS * error_k[k]
        net = a.alpha, a.connectivity, a.width
        found.append(StartPair(*net, (a.start, b.start), float(mean_k[k]), float(error_k[k]), bool(apart)))
    return tuple(found)


def _knows(limit: BranchLimit) -> str:
    """Words on the gap between own estimate and truth: its limit, and how it scales."""
    p, gap = limit.gap_confrontation.p_value, limit.gap
    sizes = ", ".join(f"{v:+.4f}({e:.4f})" for v, e in zip(gap.value_k, gap.error_k))
    best = gap.fits[0][1]
    said = (
        f"remains when extrapolated to c, N → ∞ (p = {p:.2g}): the messages are not exact there"
        if p < REJECT
        else f"vanishes for c, N → ∞ within errors (p = {p:.2g})"
    )
    law = " + ".join(f"{_mean(row)} {name}" for row, name in _terms(best, limit.alpha))
    law = f"; at finite size its mean is {law}" if law else "; no dependence on c and N is seen"
    moved = ", ".join(f"{net.moved:.3f} (c = {net.connectivity})" for net in _widest(limit))
    return (
        f"α = {limit.alpha:g}, from {', '.join(limit.starts)}: own estimate less true overlap {sizes} {said}{law}; "
        f"in the last sweep weights of the widest nets still moved by {moved}"
    )


def _widest(limit: BranchLimit) -> list[MeasuredNet]:
    """The net of the largest N at every c."""
    found: dict[int, MeasuredNet] = {}
    for net in sorted(limit.nets, key=lambda net: (net.connectivity, net.width)):
        found[net.connectivity] = net
    return list(found.values())


def _terms(fit, alpha: float) -> list[tuple[np.ndarray, str]]:
    """Coefficients but a_0 with what they multiply; b of M/N without its α."""
    rows = [(fit.coefficients_pk[p], "/ c" if p == 1 else f"/ c^{p}") for p in range(1, fit.powers + 1)]
    for power in range(1, fit.order + 1):
        scale = alpha**-power if fit.loops == "M/N" else 1.0
        name = fit.loops if power == 1 else f"({fit.loops})^{power}"
        rows.append((scale * fit.coefficients_pk[fit.powers + power], f"· {name}"))
    return rows


def _mean(row: np.ndarray) -> str:
    return f"{row.mean():.2g}"
