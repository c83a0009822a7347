"""c, N → ∞ of what messages know at one α and branch, by themselves and against every closure.

Three vectors of overlaps: the true ones with the teacher, the messages' own estimates of them, and the gap, own less
true. Each is fitted by

    y(c, N) = a_0 + Σ_{p=1}^{P} a_p c^{-p} + b ρ + b' ρ²,      P = 0, 1, 2,      ρ = 0, c²/N or M/N,

with b' = 0 or not, and with all nets or without those of the smallest c or of the largest M/N, at most half of them; P
is at most the number of connectivities less two, or one. Models enter with Akaike's weights (`comparison.fits`). Loops
are the reason for ρ: two perceptrons share c²/N inputs, and a pattern that has pulled one of them is counted by the
other as if it were new.

*Errors.* Sums over rows fluctuate as (bonds)^{-1/2}: the covariance of a mean is one matrix of this α over the bonds
behind it, taken from the scatter of samples of all its nets. A net that has settled may still drift: what its overlaps
have changed by in the last ten sweeps is added as an error.

*Control.* Every closure is asked for its overlaps at a load a tenth too large; limits that do not reject all of these
have no power.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from gardner.analysis.state_evolution import state_evolution
from gardner.comparison.fits import Fit, Limit, Point, average_models, least_squares
from gardner.comparison.messages.measured import MeasuredNet, average
from gardner.comparison.messages.settings import AmpComparisonSettings
from gardner.comparison.verdict import Confrontation, confront
from gardner.criteria import RESOLVED
from gardner.model import CLOSURES
from gardner.values import ByValue

CONTROL = 1.1  # factor on α of deliberately wrong theories
HIGHEST_POWER = 2
LOOPS = {"": None, "c²/N": lambda p: p.ratio, "M/N": lambda p: p.ratio / p.size}  # M/N = α (c²/N)/c: α is in b
ORDERS = {"": (0,), "c²/N": (1, 2), "M/N": (1, 2)}  # powers of ρ in the models


@dataclass(frozen=True, eq=False)
class NetFit(Fit):
    """A model with the name of its ρ and the powers of it; b follows a_P in coefficients_pk."""

    loops: str = ""
    order: int = 0


@dataclass(frozen=True, eq=False)
class BranchLimit(ByValue):
    """One α and the starts that lead every closure to the same overlaps.

    nets: those that count, several starts of one averaged; true, own, gap: limits; theory: closure → overlaps;
    confrontations, own_confrontations: of the two with every closure; gap_confrontation: of the gap with 0; control:
    of the wrong theory that comes closest.
    """

    alpha: float
    starts: tuple[str, ...]
    nets: tuple[MeasuredNet, ...]
    true: Limit
    own: Limit
    gap: Limit
    theory: Mapping[str, np.ndarray]
    confrontations: tuple[Confrontation, ...]
    own_confrontations: tuple[Confrontation, ...]
    gap_confrontation: Confrontation
    control: Confrontation


def predictions(settings: AmpComparisonSettings, alpha: float, start: str) -> dict[str, np.ndarray]:
    """Closure → overlaps at the end of its state evolution from this start."""
    overlap = settings.run(alpha, settings.connectivities[0], settings.widths[-1], start).overlap
    found = {}
    for name in CLOSURES:
        end = state_evolution(name, alpha, settings.depth, overlap, settings.weights)
        found[name] = np.concatenate([end.Q_tl[-1], end.q_tl[-1][1:-1]])
    return found


def branches(settings: AmpComparisonSettings, alpha: float) -> list[tuple[tuple[str, ...], dict[str, np.ndarray]]]:
    """Starts that end alike in every closure, with what the closures say there."""
    found: list[tuple[list[str], dict[str, np.ndarray]]] = []
    for start in settings.starts:
        said = predictions(settings, alpha, start)
        for starts, other in found:
            if all(np.abs(said[name] - other[name]).max() < RESOLVED for name in CLOSURES):
                starts.append(start)
                break
        else:
            found.append(([start], said))
    return [(tuple(starts), said) for starts, said in found]


def counted(nets: Sequence[MeasuredNet], starts: Sequence[str]) -> list[MeasuredNet]:
    """Nets that count, each once: the starts of one are averaged, sample by sample."""
    same: dict[tuple[int, int], list[MeasuredNet]] = {}
    for net in nets:
        if not net.excluded and net.start in starts:
            same.setdefault((net.connectivity, net.width), []).append(net)
    return [average(group) for group in same.values()]


def can_extrapolate(nets: Sequence[MeasuredNet]) -> bool:
    """Whether these nets can fix a limit with its error."""
    return len(nets) >= 3 and len({net.connectivity for net in nets}) >= 2 and any(net.samples > 1 for net in nets)


def take_limit(alpha: float, starts: tuple[str, ...], theory, wrong, nets: Sequence[MeasuredNet]) -> BranchLimit:
    """The limits of nets that count (`counted`); theory, wrong: closure → overlaps at α and at CONTROL α."""
    true = extrapolate_nets(nets, [net.true_sk for net in nets], [net.true_drift_k for net in nets])
    own = extrapolate_nets(nets, [net.own_sk for net in nets], [net.own_drift_k for net in nets])
    gaps = [net.own_sk - net.true_sk for net in nets], [net.own_drift_k - net.true_drift_k for net in nets]
    gap = extrapolate_nets(nets, *gaps)

    def against(limit: Limit, name: str, said: np.ndarray) -> Confrontation:
        return confront(name, limit.value_k, limit.covariance_kk, limit.degrees, said, np.zeros_like(said))

    controls = [against(true, f"{name} at {CONTROL:g} α", said) for name, said in wrong.items()]
    return BranchLimit(
        alpha,
        starts,
        tuple(nets),
        true,
        own,
        gap,
        theory,
        tuple(against(true, name, said) for name, said in theory.items()),
        tuple(against(own, name, said) for name, said in theory.items()),
        against(gap, "own estimate", np.zeros_like(gap.value_k)),
        max(controls, key=lambda c: c.p_value),
    )


def extrapolate_nets(
    nets: Sequence[MeasuredNet], value_rsk: Sequence[np.ndarray], drift_rk: Sequence[np.ndarray]
) -> Limit:
    """The limit of numbers by net, sample and overlap; drift_rk: by net and overlap."""
    unit_kk, degrees = unit_covariance(nets, value_rsk)
    points = []
    for net, value_sk, drift_k in zip(nets, value_rsk, drift_rk):
        covariance_kk = unit_kk / net.bonds + np.diag(drift_k**2)
        points.append(Point(net.connectivity, net.loops, value_sk.mean(axis=0), covariance_kk, degrees + 1))
    limit = average_models(points, lambda chosen: (net_fits(chosen), None))
    return replace(limit, degrees=float(degrees))


def unit_covariance(nets: Sequence[MeasuredNet], value_rsk: Sequence[np.ndarray]) -> tuple[np.ndarray, int]:
    """Covariance of one sample times the bonds of a layer, from all nets, and its degrees of freedom."""
    total, degrees = 0.0, 0
    for net, value_sk in zip(nets, value_rsk):
        away_sk = value_sk - value_sk.mean(axis=0)
        total = total + away_sk.T @ away_sk * net.connectivity * net.width
        degrees += len(value_sk) - 1
    return total / degrees, degrees


def net_fits(points: Sequence[Point]) -> list[Fit]:
    """All models that the nets can fix with a degree of freedom left (module docstring)."""
    fits: list[Fit] = []
    for used in subsets(points):
        chosen = [points[i] for i in used]
        highest = min(HIGHEST_POWER, max(1, len({p.size for p in chosen}) - 2))
        for powers, (name, loops) in product(range(highest + 1), LOOPS.items()):
            inverse = [[p.size**-power for power in range(powers + 1)] for p in chosen]
            for order in ORDERS[name]:
                columns = [
                    [*row, *(loops(p) ** power for power in range(1, order + 1))] for row, p in zip(inverse, chosen)
                ]
                fit = _fit(points, used, np.array(columns), powers, name)
                fits += [] if fit is None else [fit]
    return fits


def subsets(points: Sequence[Point]) -> list[list[int]]:
    """Places of all points, and of those without the smallest c or the largest M/N, half of them at least."""
    sizes = sorted({point.size for point in points})
    found = []
    for smallest in sizes[: len(sizes) // 2 + 1]:
        places = [i for i, point in enumerate(points) if point.size >= smallest]
        places.sort(key=lambda i: points[i].ratio / points[i].size)
        found += [places[:kept] for kept in range(len(places), (len(places) - 1) // 2, -1)]
    return found


def _fit(points: Sequence[Point], used: Sequence[int], matrix_rp: np.ndarray, powers: int, loops: str) -> Fit | None:
    chosen = [points[i] for i in used]
    runs, columns = matrix_rp.shape
    if runs <= columns or np.linalg.matrix_rank(matrix_rp / np.abs(matrix_rp).max(axis=0)) < columns:
        return None
    mean_rk = np.stack([p.mean_k for p in chosen])
    solver_pr, coefficients_pk, chi = least_squares(chosen, matrix_rp, mean_rk)
    weight_r = np.zeros(len(points))
    weight_r[list(used)] = solver_pr[0]
    covariance = sum(w**2 * p.covariance_kk for w, p in zip(weight_r, points))
    components = mean_rk.shape[1]
    criterion = chi + 2.0 * components * (columns + len(points) - runs)
    degrees = components * (runs - columns)
    return NetFit(
        powers,
        bool(loops),
        tuple(used),
        weight_r,
        coefficients_pk,
        covariance,
        chi,
        degrees,
        criterion,
        loops,
        columns - powers - 1,
    )
