"""Storage capacity α_c of a net with random inputs and outputs: what is known of it at each depth, and how well.

L = 1, κ ≥ 0: replica symmetry is exact up to capacity, α_c = 1/[(1+κ²)Φ_N(κ) + κϕ(κ)] (`closed_form`).
L = 1, κ < 0: RS is unstable beyond α_AT (`replicon`); each number of steps k gives an upper bound of the full-RSB
    value (`jamming`), and their sequence is extrapolated in powers 4, 5, 6 of 1/(k+1).
L ≥ 2: no exact result exists. Returned is the load at which k steps of a closure lose their last solution, the limit
    m → 0 taken exactly (`jammed_capacity`, which states what it cannot claim), with the counting bound beside it.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar

from scipy.special import ndtr

from gardner.analysis.deep_capacity import rs_chain_capacity
from gardner.analysis.jammed_capacity import MOST_STEPS, end_layer, steps_of
from gardner.analysis.zero_entropy import zero_entropy
from gardner.checks import checked_margin
from gardner.errors import ConvergenceError
from gardner.model import CLOSURES, MAX_DEPTH, PRIORS, whole
from gardner.perceptron.closed_form import rs_capacity
from gardner.perceptron.jamming import jamming_bounds
from gardner.perceptron.replicon import instability
from gardner.potentials.hard import HardCore
from gardner.results import schema as words
from gardner.results.base import Result, labelled
from gardner.results.tables import print_table
from gardner.statistics import extrapolate
from gardner.theory.counting import counting_bound

CLOSURE = "symmetric"  # unless another is asked for
STEPS = 8  # largest number of steps behind the full-RSB extrapolation
POWERS = (4.0, 5.0, 6.0)
SMALLEST_MARGIN = -3.0
LARGEST_LEVELS = 20
RS_RESOLVED = -5.0  # κ below which the RS line is not searched: there α_AT lies far beyond capacity


class ValidityWarning(UserWarning):
    """A result was asked for where the theory behind it is known to be incomplete."""


@dataclass(frozen=True, eq=False)
class Capacity(Result):
    """α_c and what stands behind it.

    Attributes
    ----------
    depth, margin : int, float
        Bond layers L, and κ.
    alpha_c : float
        The capacity.
    method : str
        How it was found.
    error : float
        Of alpha_c as the number `method` defines (numerical and extrapolation errors, not the
        defects of the theory).
    alpha_at : float, optional
        Where RS becomes unstable (L = 1; None: not before capacity, or L ≥ 2).
    alpha_rs : float
        The RS value (inf: RS never ends, or its end is not known).
    levels : int, optional
        Steps used, None for the limit k → ∞.
    bounds : tuple of float
        α_c of 1, 2, … steps, nan where their branch has no end.
    counting_bound : float, optional
        The largest α that counting sign patterns allows (κ ≥ 0), else None.
    caveat : str
        One sentence on what alpha_c does not claim, empty where it is exact.
    seconds : float
        Wall time.
    parameters : dict
        What was asked for.
    """

    depth: int = labelled(type=words.COUNT)
    margin: float = labelled(type=words.NUMBER)
    alpha_c: float = labelled(type=words.NUMBER)
    method: str
    error: float
    alpha_at: float | None
    alpha_rs: float = labelled(null=math.inf)
    levels: int | None
    bounds: tuple[float, ...] = labelled("α_c of k steps", axes="step")
    counting_bound: float | None
    caveat: str
    seconds: float = field(default=0.0, compare=False)
    parameters: dict = field(default_factory=dict)

    kind = "capacity"
    parameter_types: ClassVar[dict] = {"closure": CLOSURES, "weights": PRIORS}

    def case(self) -> tuple:
        """Closure, depth, α and potential, by which `closure_verdict` judges."""
        return self.closure, self.depth, self.alpha_c, HardCore(self.margin)

    @property
    def closure(self) -> str:
        """The closure behind alpha_c, by its name; at L = 1 all are the same."""
        return self.parameters.get("closure", CLOSURE)

    @property
    def is_counted(self) -> bool:
        """True if the weights have finitely many values: alpha_c is where their entropy vanishes."""
        return PRIORS[self.parameters.get("weights", "spherical")].log_values is not None

    def tell(self) -> None:
        """Print a readable account."""
        print(f"hard core, κ = {self.margin:g}, L = {self.depth}: {self.method}")
        print(f"α_c = {self.alpha_c:.7g} ± {self.error:.1e}")
        if self.is_counted:
            print(f"replica symmetric: {self.alpha_rs:.9g}")
        elif self.depth == 1:
            at = "stable up to capacity" if self.alpha_at is None else f"unstable beyond α_AT = {self.alpha_at:.6f}"
            print(f"replica symmetry {at}; RS capacity {self.alpha_rs:.7g}")
        elif not CLOSURES[self.closure].has_sites:
            ends = f"ends at α = {self.alpha_rs:.6f}" if self.alpha_rs < math.inf else "never ends"
            print(f"the replica-symmetric solution {ends}")
        if self.counting_bound is not None:
            whose = "mean number of nets" if self.is_counted else "N M ≤ N² L times a logarithm"
            print(f"counting bound α ≤ {self.counting_bound:.6f} ({whose})")
        elif self.depth > 1 and not self.is_counted:
            print("the counting bound does not apply to negative margins")
        if self.bounds:
            values = ["no end found" if math.isnan(value) else f"{value:.9f}" for value in self.bounds]
            rows = [[str(k), value] for k, value in enumerate(values, start=1)]
            print_table("α_c by steps", ["k", "α_c"], rows)
        if self.caveat:
            print(self.caveat)


def capacity(
    depth: int = 1,
    margin: float = 0.0,
    levels: int | None = None,
    watch: Callable[[str], None] | None = None,
    closure: str = CLOSURE,
    weights: str = "spherical",
) -> Capacity:
    """Storage capacity α_c of a net with random patterns, hard core: the load at which the Gardner volume vanishes.

    Parameters
    ----------
    depth : int
        Bond layers L, 1 to 1000.
    margin : float
        κ, |κ| ≤ 100; at L = 1 not below -3.
    levels : int, optional
        RSB steps k. Without it: at L = 1 replica symmetry for κ ≥ 0, which is exact, and k → ∞
        for κ < 0; at L ≥ 2 one step, or the limit of two in which the layer at the end decides
        alone, where that is less. Up to four lower it.
    watch : callable, optional
        Sees a line of text now and then.
    closure : str
        A name in CLOSURES; it matters at L ≥ 2.
    weights : str
        Their prior. Those of finitely many values (binary) end where their entropy vanishes
        (`zero_entropy`), any κ, k ≤ 6.

    Returns
    -------
    Capacity
        α_c, with the method, an error and a caveat.

    Raises
    ------
    ValueError
        For κ < -3 at L = 1 and impossible input.
    ConvergenceError
        Where the branch at L ≥ 2 cannot be followed or has no end (κ too far below 0).

    Warns
    -----
    ValidityWarning
        Where RS is still stable at capacity for κ < 0.

    Notes
    -----
    Sources: [G88] and THEORY section 12.
    """
    depth, margin = whole("depth", depth, 1, MAX_DEPTH), checked_margin(margin)
    if PRIORS[weights].log_values is not None:
        return _counted(depth, margin, levels, watch, CLOSURES.check(closure), weights)
    if levels is not None:
        levels = whole("levels", levels, 0, LARGEST_LEVELS if depth == 1 else MOST_STEPS)
    if levels == 0 and depth > 1 and CLOSURES[closure].has_sites:
        raise ValueError(
            f"levels = 0: where RS of the {closure} closure ends is not known; give --levels of at least 1"
        )
    CLOSURES.check(closure)
    began, given = time.perf_counter(), {"depth": depth, "margin": margin, "levels": levels, "closure": closure}
    if depth == 1:
        found = _single_layer(margin, levels, watch)
    else:
        found = _replica_symmetric(depth, margin) if levels == 0 else _layered(closure, depth, margin, levels, watch)
    return replace(found, seconds=time.perf_counter() - began, parameters=given)


def _counted(depth: int, margin: float, levels: int | None, watch, closure: str, weights: str) -> Capacity:
    """Weights of finitely many values: where their entropy vanishes."""
    began = time.perf_counter()
    found = zero_entropy(depth, margin, closure, weights, levels, watch or (lambda text: None))
    part = " of the layer at the end alone" if found.is_end else ""
    method = f"zero entropy{part}, {weights} weights, {found.levels[-1]} steps, {CLOSURES[closure].label}"
    caveat = "" if depth == 1 else "Zero entropy of the saddle point of this closure: no proof of unsatisfiability."
    bound = counting_bound(depth, margin, PRIORS[weights].log_values)
    given = {"depth": depth, "margin": margin, "levels": levels, "closure": closure, "weights": weights}
    return Capacity(
        depth, margin, found.alpha, method, found.error, None, found.alpha_k[0], found.levels[-1],
        found.alpha_k[1:], bound if bound < math.inf else None, caveat, time.perf_counter() - began, given,
    )  # fmt: skip


def _single_layer(margin: float, levels: int | None, watch) -> Capacity:
    alpha_rs = rs_capacity(margin)
    if margin >= 0.0 or levels == 0:
        method = "RS, exact for margin >= 0" if margin >= 0.0 else "RS"
        caveat = "" if margin >= 0.0 else "RS fails for a negative margin: an upper bound of the full-RSB value."
        at = None if margin >= 0.0 else _instability(margin, alpha_rs)
        error = 4e-16 * alpha_rs
        return Capacity(
            1, margin, alpha_rs, method, error, at, alpha_rs, 0, (), counting_bound(1, margin), caveat
        )  # fmt: skip
    if margin < SMALLEST_MARGIN:
        raise ValueError(
            f"margin = {margin}: must be at least {SMALLEST_MARGIN:g} (the steps are not resolved below); "
            "levels = 0 gives the RS value"
        )
    bounds = jamming_bounds(margin, STEPS if levels is None else levels, watch)
    alphas = tuple(bound.alpha for bound in bounds)
    if levels is None:
        limit = extrapolate(range(2, STEPS + 1), alphas[1:], POWERS, [bound.error for bound in bounds[1:]])
        alpha_c = min(limit.value, alpha_rs, *alphas)  # every number of steps, none included, is an upper bound
        method, error = (
            f"full RSB, extrapolated from k = 2..{STEPS}",
            max(limit.error, limit.value - alpha_c, *(bound.error for bound in bounds)),
        )
        caveat = "Parisi theory; not proven for negative margins."
    else:
        method, alpha_c, error = f"{levels}-step RSB, optimised m", alphas[-1], bounds[-1].error
        caveat = "Within the theory an upper bound of the full-RSB value."
    at = _instability(margin, alpha_c)
    if at is None:
        note = "RS is still locally stable at capacity; the transition is discontinuous before it"
        warnings.warn(f"margin = {margin}: {note}", ValidityWarning, stacklevel=3)
        caveat += f" {note}."
    return Capacity(1, margin, alpha_c, method, error, at, alpha_rs, levels, alphas, None, caveat)


def _instability(margin: float, alpha_c: float) -> float | None:
    """α_AT at κ < 0; None where the RS line turns unstable only beyond the capacity α_c.

    For κ → 0- the instability approaches capacity like κ² and is not told from it in the end.
    """
    point = instability(HardCore(margin)) if margin > RS_RESOLVED else None
    if point is None:
        at_end = alpha_c * float(ndtr(margin)) > 1.0  # the replicon tends to 1 - α_c Φ_N(κ) as Q → 1
        return alpha_c if margin > -1.0 and at_end else None
    return point.alpha if point.alpha < alpha_c else None


def _replica_symmetric(depth: int, margin: float) -> Capacity:
    alpha_rs, bound = rs_chain_capacity(depth, margin), counting_bound(depth, margin)
    caveat = "RS of the symmetric closure, unstable and, at margin 0, beyond the counting bound."
    return Capacity(depth, margin, alpha_rs, "RS, symmetric closure", 0.0, None, alpha_rs, 0, (), bound, caveat)


def _layered(closure: str, depth: int, margin: float, levels: int | None, watch) -> Capacity:
    """The best of k steps; without a k one step, or two in their limit in which the layer at the end decides alone.

    That limit counts by itself where one step has no end (κ < 0); the bound of one step is then nan.
    """
    alone = end_layer(closure, margin) if levels is None else None
    try:
        states = steps_of(closure, depth, margin, levels or 1, watch)
    except ConvergenceError:
        if alone is None or margin >= 0.0:
            raise
        states = []
    bounds = [float(state.alpha) for state in states] or [math.nan]
    if alone is not None and not alone.alpha >= bounds[-1]:
        states.append(alone)
        bounds.append(float(alone.alpha))
    found, number, label = states[-1], len(bounds), CLOSURES[closure].label
    is_layer = found.setting.depth == 1
    method = f"{number}-step RSB, {label}, m -> 0" + (", decided by the layer at the end alone" if is_layer else "")
    caveat = (
        f"Where the last solution of {number} step{'s' * (number > 1)} of this closure ends: not exact, not a proof of "
        "unsatisfiability, and further steps lower it (THEORY 12.8)."
    )
    alpha_rs = math.inf if CLOSURES[closure].has_sites else rs_chain_capacity(depth, margin)
    return Capacity(
        depth, margin, found.alpha, method, found.error, None, alpha_rs, number,
        tuple(bounds), counting_bound(depth, margin), caveat,
    )  # fmt: skip
