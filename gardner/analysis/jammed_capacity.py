"""The load at which the clusters of solutions have shrunk to points, at any depth and in any closure (C50)–(C56).

k = 1 is the end of the one-step branch on which the optimal m vanishes: the limit m → 0 is taken before anything is
computed (`theory.jammed`), so that no small number and no fit is left. Further steps lower it.

The liquid. Where no overlap between clusters is left (Q_0 = q_0 = 0) and the spins of a cluster are locked, a layer has
X = (1+1/r)^{-1/2} = 1/(α-1) at κ = 0, and S is that of counting (C11):

    S = Σ_l [ ln(1+X) - (1/α) ln X ] - ln 2 = L H(1/α) - ln 2.                                              (C55)

A net in which nothing orders would reach the counting bound. What orders are the layers beside given spins, at a price
Δ(α) in S that depends on the load, not on the depth: L H(1/α) = ln 2 + Δ(α), so that α_c of one step grows like
L ln α_c/(ln 2 + Δ), faster than L and slower than any higher power of it.                                  (C56)

The layer at the end. One step makes all layers lock at the same m. With two, layers lock at an m of their own, and in
the limit y_1 → 0 those of the smaller m decide alone: for every block of layers S of the block, the spins at its inner
end free, must be positive. The last layer by itself, N outputs from N free spins, has S = 0 at

    α = 83.8066,  and S < 0 beyond, in both closures: at large α its weights are as good as given, and N binary
    inputs meet N random constraints up to .833 N only [Krauth and Mézard].                                 (C58)

So with two steps no depth stores more than that: α_c(L) follows one step up to L = 6 or so, falls behind, and ends at
83.81. This is a statement about weights of comparable size, as the closures have them: a layer with one large weight
per perceptron copies its inputs, and can always be stored.

What the number does not claim. (i) Closures are approximations (THEORY section 2). (ii) k steps bound the full-RSB
value of their closure from above. (iii) Other solutions of (C50) were not searched, beyond those that the
plain map reaches from ordered overlaps. (iv) It says nothing about algorithms.

Margins. The path from κ = 0 runs in t = asinh κ, along which ln(α/α_RS) is smooth at either end. Towards negative κ α_c
diverges at a finite κ (L = 2: about -.6), and no finite capacity is known beyond.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import numpy as np

from gardner.checks import checked_margin
from gardner.errors import ConvergenceError
from gardner.model import CLOSURES, MAX_DEPTH, whole
from gardner.perceptron.closed_form import rs_capacity
from gardner.potentials import Potential
from gardner.theory.counting import counting_bound
from gardner.theory.jammed.base import JammedSetting
from gardner.theory.jammed.optimal import optimise_steps
from gardner.theory.jammed.search import JammedState, find_capacity
from gardner.theory.parisi.flow import GridSettings

ACCURACY = 1e-10
WHOLE_CHAIN, LIQUID = 41, 1e-7  # layers of a deeper net that are computed, if overlaps in their middle are below
MOST_STEPS = 4
START = 0.95  # of the counting bound
FIRST_STEP, LONGEST_STEP, SHORTEST_STEP = 0.1, 0.2, 2e-3  # of asinh κ
LARGEST_CHANGE = 0.3  # of ln(α/α_RS) expected in one step
LARGEST_GROWTH = 1e3  # of α on the way to negative κ, where it diverges
END_LAYER = 84.0  # where the search for the end of one layer with free spins begins
DEEPEST_KNOWN = 40  # of `known_capacity`, which is to be quick
Watch = Callable[[str], None]


def _setting(closure: str, depth: int, margin: float, ratios=()) -> JammedSetting:
    return JammedSetting(depth, margin, ratios, closure, grid=GridSettings.for_accuracy(ACCURACY))


@lru_cache(maxsize=64)
def _at_zero_margin(closure: str, depth: int) -> JammedState:
    """One step at κ = 0; where the middle of the net is liquid, with layers in it that are only counted."""
    alpha = START * counting_bound(depth)
    if depth > WHOLE_CHAIN:
        short = replace(_setting(closure, WHOLE_CHAIN, 0.0), copies=depth - WHOLE_CHAIN)
        found = find_capacity(short, alpha)
        if found.x_ri[WHOLE_CHAIN - 3 : WHOLE_CHAIN + 2, :-1].max() < LIQUID:
            return found
    return find_capacity(_setting(closure, depth, 0.0), alpha)


@lru_cache(maxsize=64)
def one_step(closure: str, depth: int, margin: float = 0.0, watch: Watch | None = None) -> JammedState:
    """α_c of one step, L ≥ 2; ConvergenceError where the branch has no end or cannot be followed to κ."""
    depth, margin = whole("depth", depth, 2, MAX_DEPTH), checked_margin(margin)
    CLOSURES.check(closure)
    return follow_margin(_at_zero_margin(closure, depth), margin, f"L = {depth}", watch)


@lru_cache(maxsize=16)
def end_layer(closure: str, margin: float = 0.0) -> JammedState | None:
    """α beyond which the layer beside given spins is not stored by itself, one step (C58); None if it always can."""
    found = []
    for end in CLOSURES[closure].fronts_from:
        free = {"input_free": end == "output", "output_free": end == "input"}
        try:
            state = find_capacity(replace(_setting(closure, 1, 0.0), **free), END_LAYER)
            found.append(follow_margin(state, checked_margin(margin), "one layer with free spins", None))
        except (ConvergenceError, ValueError):  # ValueError: the closure has no net with such an end
            continue
    return min(found, key=lambda state: state.alpha, default=None)


def follow_margin(state: JammedState, margin: float, name: str, watch: Watch | None) -> JammedState:
    """The state at κ = `margin` from that at κ = 0, in steps of asinh κ; ConvergenceError where it is lost."""
    t, end, ratio = 0.0, float(np.arcsinh(margin)), np.log(state.alpha / rs_capacity(0.0))
    slope, step, largest = 0.0, FIRST_STEP, LARGEST_GROWTH * state.alpha
    while t != end:
        following = end if abs(end - t) <= 1.01 * step else t + np.copysign(step, end)
        kappa = margin if following == end else float(np.sinh(following))

        # predict the load at the next κ, and search there from the overlaps here
        guess = rs_capacity(kappa) * np.exp(ratio + slope * (following - t))
        try:
            found = find_capacity(replace(state.setting, margin=kappa), guess, state.x_ri)
            new = float(np.log(found.alpha / rs_capacity(kappa)))
            if abs(new - ratio) > 3.0 * LARGEST_CHANGE:
                raise ConvergenceError(f"α jumps to {found.alpha:.4g}")
        except ConvergenceError as problem:
            step *= 0.5
            if step < SHORTEST_STEP or state.alpha > largest:
                raise ConvergenceError(_lost(name, margin, float(np.sinh(t)), state.alpha, problem)) from problem
            continue

        # how fast the ratio changes decides how far the next step may reach
        slope, ratio, state, t = (new - ratio) / (following - t), new, found, following
        step = min(1.6 * step, LONGEST_STEP, LARGEST_CHANGE / max(abs(slope), 1e-9))
        if watch is not None:
            watch(f"κ = {kappa:.3f}, α_c = {state.alpha:.5g}")
        if state.alpha > largest:
            raise ConvergenceError(_lost(name, margin, kappa, state.alpha, None))
    return state


def _lost(name: str, margin: float, kappa: float, alpha: float, problem) -> str:
    reached = f"at {name} the end of the branch is α = {alpha:.4g} at κ = {kappa:.3f}"
    if margin < 0.0:
        return f"margin = {margin:g}: {reached} and rises without bound, so that no finite capacity is known for it"
    return f"margin = {margin:g}: {reached}, and is lost beyond ({problem})"


def steps_of(
    closure: str, depth: int, margin: float = 0.0, steps: int = 1, watch: Watch | None = None
) -> list[JammedState]:
    """The best of 1, 2, …, `steps` steps, L ≥ 2.

    k steps of the net compete with k - 1 steps of the layer at its end, the limit in which one more step, of the other
    layers, has a far larger m (C58). The `setting` of each state says which of them it is.
    """
    watch = watch or (lambda text: None)
    whole_net, alone = [one_step(closure, depth, margin)], [end_layer(closure, margin)]
    best, lost = whole_net[:1], False
    for _ in range(1, whole("levels", steps, 1, MOST_STEPS)):
        candidates = []
        try:
            if not lost:
                whole_net.append(optimise_steps(whole_net[-1], watch))
                candidates.append(whole_net[-1])
        except ConvergenceError:
            if len(best) < 2 or best[-1] is not alone[-1]:
                raise
            lost = True  # the layer alone has been the lower one, and is followed on
        if alone[-1] is not None:
            if len(best) > 1:
                alone.append(optimise_steps(alone[-1], watch))
            candidates.append(alone[-1])
        best.append(min(candidates, key=lambda state: state.alpha))
    return best


def known_capacity(closure: str, depth: int, potential: Potential) -> float | None:
    """The smaller α_c of `one_step` and `end_layer`, quickly: in its closure an upper bound; None where none is known.

    That is for potentials without a capacity (soft ones), κ < 0 at L = 1, depths beyond 40, and margins at which the
    branch has no end. At κ = 0 it takes 0.2 s (L = 2) to 1 s (L = 20) for the first call of a process, once.
    """
    if not potential.is_constraint or not hasattr(potential, "margin"):
        return None
    if depth == 1:
        return rs_capacity(potential.margin) if potential.margin >= 0.0 else None
    alone = end_layer(closure, potential.margin)
    known = [] if alone is None else [alone.alpha]
    try:
        if depth <= DEEPEST_KNOWN:
            known.append(one_step(closure, depth, potential.margin).alpha)
    except ConvergenceError:
        pass
    return min(known, default=None)
