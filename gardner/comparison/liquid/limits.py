"""c → ∞ of the covariances of one hidden layer at one α, and what every closure says about it.

Two extrapolations. *Direct*: powers of 1/c and c²/N fitted to M<x xᵀ> itself (`comparison.fits`). The volume per unit
is only M = αc, so that near a transition the fluctuations reach their limit slowly. *Against the isolated unit*: what
remains when the isolated unit of the same c and M (`isolated_unit`) is subtracted is fitted instead, by models with a
term in 1/c at least, since neighbours are known a little at any c. Its limit is 0 if the net becomes a tree of such
units. The isolated unit itself tends to A⁻¹ of the closure that keeps the sign of a perceptron, which is then added:
the limit does not presuppose that closure, since a net with another limit would leave a remainder. It is used where it
exists (planted), the direct one is printed beside.

Runs at two widths show that what a narrow net changes goes with loops, c²/N, rather than M/N: at L = 2, α = .5, M<Cq>
loses .015 of itself per unit of c²/N at c = 16 and at c = 32 alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gardner.comparison.fits import Limit, Point, extrapolate
from gardner.comparison.liquid.estimates import UnitCovariances
from gardner.comparison.liquid.isolated import IsolatedUnit
from gardner.comparison.liquid.settings import LiquidSettings, potential_of
from gardner.comparison.verdict import Confrontation, confront
from gardner.model import CLOSURES
from gardner.montecarlo.unit_overlaps import PLACES
from gardner.theory.liquid import liquid_covariances, liquid_instability, quadratic_covariances
from gardner.values import ByValue

TREE = "directed"  # the closure whose A the isolated unit tends to
CONTROL = 1.1  # factor on a of a deliberately wrong theory


@dataclass(frozen=True, eq=False)
class LayerLimit(ByValue):
    """One α and hidden layer.

    value_p, covariance_pp: M<x xᵀ> for c → ∞ in the order of PRODUCTS; direct, remainder: the two extrapolations (None:
    not made); theory: closure → prediction, None beyond its liquid; confrontations: of the closures with a prediction;
    control: of a directed closure whose a is CONTROL times too large.
    """

    alpha: float
    layer: int
    value_p: np.ndarray
    covariance_pp: np.ndarray
    degrees: float
    direct: Limit | None
    remainder: Limit | None
    theory: Mapping[str, np.ndarray | None]
    confrontations: tuple[Confrontation, ...]
    control: Confrontation | None

    @property
    def error_p(self) -> np.ndarray:
        return np.sqrt(np.diag(self.covariance_pp))


def flat(matrix: np.ndarray) -> np.ndarray:
    """The six entries of a symmetric 3 × 3 matrix in the order of PRODUCTS."""
    return np.array([matrix[place] for place in PLACES])


def predictions(settings: LiquidSettings, alpha: float, layer: int) -> dict[str, np.ndarray | None]:
    """Closure → (T24), None where its liquid has ended."""
    found: dict[str, np.ndarray | None] = {}
    for name in CLOSURES:
        ended = alpha >= settings.liquid_ends[name]
        found[name] = (
            None if ended else flat(liquid_covariances(name, settings.depth, alpha, layer, settings.potential))
        )
    return found


def take_limit(
    settings: LiquidSettings,
    alpha: float,
    layer: int,
    runs: Sequence[UnitCovariances],
    isolated: Mapping[tuple[int, int, int], IsolatedUnit],
) -> LayerLimit:
    """The limit of the runs that count; needs three connectivities."""
    theory = predictions(settings, alpha, layer)
    runs = pool_runs(runs)
    points = [_point(run) for run in runs]
    exact = all(abs(run.patterns - alpha * run.connectivity) < 1e-9 for run in runs)
    direct = extrapolate(points) if exact else None
    remainder = None
    if isolated:
        rest = [_rest(run, isolated[layer, run.connectivity, run.patterns]) for run in runs]
        remainder = extrapolate(rest, lowest=1)
        value = remainder.value_k + flat(quadratic_covariances(TREE, settings.depth, alpha, layer))
        used = remainder
    elif direct is not None:
        value, used = direct.value_k, direct
    else:
        raise ValueError(
            f"alpha = {alpha:g}: alpha c is no whole number at every connectivity, and the soft core has no isolated "
            "unit to correct for it; choose connectivities that divide"
        )
    confrontations = tuple(
        confront(name, value, used.covariance_kk, used.degrees, said, np.zeros_like(said))
        for name, said in theory.items()
        if said is not None
    )
    wrong = _wrong_theory(settings, alpha, layer)
    control = None
    if wrong is not None:
        control = confront("control", value, used.covariance_kk, used.degrees, wrong, np.zeros_like(wrong))
    return LayerLimit(
        alpha, layer, value, used.covariance_kk, used.degrees, direct, remainder, theory, confrontations, control
    )


def pool_runs(runs: Sequence[UnitCovariances]) -> list[UnitCovariances]:
    """Runs of the same c, M and N, which differ in seed, as one each: their mean by inverse variance."""
    same: dict[tuple[int, int, int], list[UnitCovariances]] = {}
    for run in runs:
        same.setdefault((run.connectivity, run.patterns, run.width), []).append(run)
    return [_pool(group) for group in same.values()]


def _pool(group: Sequence[UnitCovariances]) -> UnitCovariances:
    weight = np.array([1.0 / np.trace(run.covariance_pp) for run in group])
    weight /= weight.sum()
    mean = sum(w * run.mean_p for w, run in zip(weight, group))
    scatter = sum(w**2 * run.scatter_pp for w, run in zip(weight, group))
    bias = sum(w * run.bias_p for w, run in zip(weight, group))
    return replace(group[0], mean_p=mean, scatter_pp=scatter, bias_p=bias, groups=sum(run.groups for run in group))


def _point(run: UnitCovariances) -> Point:
    return Point(run.connectivity, run.loops, run.mean_p, run.covariance_pp, run.groups)


def _rest(run: UnitCovariances, unit: IsolatedUnit) -> Point:
    covariance = run.covariance_pp + unit.covariance_pp
    return Point(run.connectivity, run.loops, run.mean_p - unit.mean_p, covariance, run.groups)


def _wrong_theory(settings: LiquidSettings, alpha: float, layer: int) -> np.ndarray | None:
    """A negative control: runs that cannot reject it have no power; None where it has no liquid."""
    covariances = quadratic_covariances(TREE, settings.depth, alpha, layer, settings.potential, CONTROL)
    return flat(covariances) if (np.linalg.eigvalsh(covariances) > 0.0).all() else None


def susceptibility_curves(body: dict, layer: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """closure → (α, 1/(M<q²>)) of a report, from 0 to the end of its liquid, or to 1.6 times the largest α measured."""
    curves = {}
    for closure in CLOSURES:
        potential = potential_of(body["beta"])
        end = min(liquid_instability(closure, body["depth"], layer, potential), 1.6 * max(body["alphas"]))
        alpha = np.linspace(1e-3, end * (1.0 - 1e-6), 120)
        inverse = [1.0 / liquid_covariances(closure, body["depth"], a, layer, potential)[2, 2] for a in alpha]
        curves[closure] = alpha, np.array(inverse)
    return curves
