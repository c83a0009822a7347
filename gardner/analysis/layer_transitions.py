"""Where layers turn solid, for `penetration`: read off a sweep, or computed as transitions of a half-infinite front.

From a sweep: upward branch of one net, bond layers counted from the boundary where the front grows (the first one that
the closure declares in `fronts_from`). Layer l turns solid between the last α at which
fewer than l layers are solid and the next: the grid knows α_l only within this interval, and α_l is quoted as its
geometric middle. Three things end the list: two layers in one interval (a jump, or too coarse a grid: they cannot be
told apart), a point of the sweep that is not converged, and the layers that feel the other end of the net (T23).
"""

from __future__ import annotations

import math

import numpy as np

from gardner.analysis.penetration import LayerTransitions, solid_layers
from gardner.analysis.sweep import with_all_axes
from gardner.analysis.sweep_data import SweepData
from gardner.errors import FileFormatError
from gardner.model import CLOSURES
from gardner.potentials import read_potentials
from gardner.potentials.hard import HardCore
from gardner.results.solution import from_attribute

NEEDED = ("Q_EA", "status")


def check_sweep(dataset, margin: float | None = None, beta: float | None = None):
    """The sweep with dimensions depth, direction, alpha and layers only; ValueError if that needs a choice."""
    if not SweepData.holds(dataset) or any(name not in dataset for name in NEEDED):
        raise FileFormatError("not a sweep: give a file written by `gardner sweep … --out`")
    for name, value in (("margin", margin), ("beta", beta)):
        if name in dataset.dims:
            listed = ", ".join(f"{v:g}" for v in dataset[name].values)
            if value is None or not np.isclose(dataset[name].values, value).any():
                given = "not given" if value is None else f"{value:g}"
                raise ValueError(f"{name} = {given}: the sweep holds several; choose one of {listed} with --{name}")
            dataset = dataset.sel({name: value}, method="nearest")
        elif value is not None:
            raise ValueError(f"{name} = {value:g}: this sweep has a single {name}; leave the option out")
    return with_all_axes(dataset)


def choose_depth(dataset, depth: int | None) -> int:
    """The depth asked for, or the largest one of the sweep."""
    depths = [int(d) for d in np.atleast_1d(dataset["depth"].values)]
    if depth is None:
        return max(depths)
    if depth not in depths:
        raise ValueError(f"depth = {depth}: the sweep holds {', '.join(map(str, depths))}; choose one of them")
    return depth


def front_ends(closure: str) -> tuple[str, ...]:
    """The ends of a net, "input" or "output", from which solid layers grow in a closure."""
    return CLOSURES[closure].fronts_from


def layers_of_front(closure: str, depth: int, number: int) -> tuple[int, ...]:
    """The bond layers of a net that turn solid as the `number`-th ones of its fronts; none beyond where they meet."""
    ends = front_ends(closure)
    if number > -(-depth // len(ends)):
        return ()
    place = {"input": number, "output": depth + 1 - number}
    return tuple(place[end] for end in ends)


def spins_of_front(closure: str, depth: int, number: int) -> tuple[int, ...]:
    """The spin layers that turn solid with `layers_of_front`, inwards of these bonds."""
    place = {"input": number, "output": depth - number}
    return tuple(place[end] for end in front_ends(closure)) if layers_of_front(closure, depth, number) else ()


def layers_free_of_the_other_end(closure: str, depth: int) -> int:
    """How many layers of a front do not feel what is beyond it: another front, or the other end of the net (T23)."""
    return max((depth - 2) // len(front_ends(closure)), 0)


def staircase(dataset, depth: int, direction: str = "up") -> tuple[np.ndarray, np.ndarray]:
    """α and ξ(α) of one net, increasing in α; nan where the point is not converged."""
    directions = list(np.atleast_1d(dataset["direction"].values))
    if direction not in directions:
        raise ValueError(f"direction = {direction}: the sweep holds {', '.join(directions)} only")
    branch = dataset.sel(depth=depth, direction=direction).sortby("alpha")
    Q_al = branch["Q_EA"].transpose("alpha", "bond_layer").values[:, :depth]
    if front_ends(str(dataset.attrs["closure"]))[0] == "output":
        Q_al = Q_al[:, ::-1]
    solid = np.array([solid_layers(Q_l) for Q_l in Q_al], dtype=float)
    solid[branch["status"].values != "converged"] = np.nan
    return branch["alpha"].values.astype(float), solid


def visible_staircase(dataset, depth: int) -> tuple[np.ndarray, np.ndarray]:
    """The upward `staircase` as long as some layer is liquid, nan beyond: two boundaries are then one solid."""
    alphas, solid = staircase(dataset, depth)
    solid[solid >= depth] = np.nan
    return alphas, solid


def from_sweep(dataset, depth: int | None = None) -> LayerTransitions:
    """Transitions of the upward branch of one net of a sweep (module docstring)."""
    depth = choose_depth(dataset, depth)
    alphas, solid = staircase(dataset, depth)
    closure, setting = str(dataset.attrs["closure"]), str(dataset.attrs["setting"])
    most = layers_free_of_the_other_end(closure, depth)
    layers, lows, highs, ended = [], [], [], None
    reached = 0 if not len(solid) or math.isnan(solid[0]) else int(solid[0])
    if reached:
        ended = f"layers 1 to {reached} are solid at the first alpha, {alphas[0]:g}, and are left out"
    for a in range(1, len(alphas)):
        if math.isnan(solid[a]) or math.isnan(solid[a - 1]):
            ended = f"the sweep is not converged at alpha = {alphas[a if math.isnan(solid[a]) else a - 1]:g}"
            break
        new = int(solid[a]) - reached
        if new <= 0:
            continue
        if reached + 1 > most:
            ended = f"layer {reached + 1} of a net of {depth} feels the other end"
            break
        if new > 1:
            between = f"between alpha = {alphas[a - 1]:g} and {alphas[a]:g}"
            ended = f"{new} layers turn solid {between}: a jump, or the grid is too coarse"
            break
        reached += 1
        layers.append(reached)
        lows.append(alphas[a - 1])
        highs.append(alphas[a])
    low_l, high_l = np.array(lows), np.array(highs)
    source = f"sweep, L = {depth}, upward"
    middle = np.sqrt(low_l * high_l)
    statuses = ("",) * len(layers)
    return LayerTransitions(
        np.array(layers, dtype=float), middle, low_l, high_l, statuses, source, setting, closure, depth, ended
    )


def of_planted_front(closure: str, count: int, weights: str = "spherical") -> LayerTransitions:
    """The exact transitions of the half-infinite planted front."""
    from gardner.theory.transitions.planted_transitions import planted_transitions

    alpha_l = np.array(planted_transitions(closure, None, count, weights).continuous)
    ended = None if len(alpha_l) == count else f"the front gives way by a jump beyond alpha_{len(alpha_l)}"
    layers = np.arange(1.0, len(alpha_l) + 1.0)
    statuses = ("continuous",) * len(alpha_l)
    return LayerTransitions(
        layers, alpha_l, alpha_l, alpha_l, statuses, "half-infinite front, exact", "planted", closure, None, ended
    )


def of_random_front(
    levels: int, count: int, watch=None, closure: str = "symmetric", weights: str = "spherical"
) -> LayerTransitions:
    """The transitions of the half-infinite random front at k → ∞, with their errors and statuses."""
    from gardner.theory.transitions.random_transitions import random_transitions

    result = random_transitions(levels, count, watch=watch, closure=closure, weights=weights)
    alpha_l = np.array([t.alpha for t in result.transitions])
    error_l = np.array([t.error for t in result.transitions])
    statuses = tuple(t.status for t in result.transitions)
    layers = np.arange(1.0, len(alpha_l) + 1.0)
    source = f"half-infinite front, k → ∞ from k ≤ {levels}"
    bounds = alpha_l - error_l, alpha_l + error_l
    return LayerTransitions(layers, alpha_l, *bounds, statuses, source, "random", closure, None, result.ended)


def known_transitions(
    dataset, depth: int | None = None, count: int | None = None, levels: int | None = None, watch=None
) -> LayerTransitions:
    """The computed transitions of the half-infinite front that belong to a sweep, as many as its net has by default."""
    from gardner.theory.transitions.planted_fronts import MAX_COUNT as PLANTED

    depth = choose_depth(dataset, depth)
    closure, setting = str(dataset.attrs["closure"]), str(dataset.attrs["setting"])
    weights = str(dataset.attrs.get("weights", "spherical"))
    most = max(layers_free_of_the_other_end(closure, depth), 1)
    if setting == "planted":
        return of_planted_front(closure, min(most, PLANTED) if count is None else count, weights)
    if read_potentials({name: from_attribute(value) for name, value in dataset.attrs.items()}) != [HardCore()]:
        raise ValueError("--transitions exact: known for the hard core at margin 0 only; use --transitions sweep")
    levels, count = 40 if levels is None else levels, min(most, 4) if count is None else count
    return of_random_front(levels, count, watch, closure, weights)


def transitions_within(dataset) -> tuple[float, ...]:
    """α_1, α_2, … of the half-infinite planted front that lie within a sweep.

    None in the random setting, where they take a computation (`known_transitions`).
    """
    if dataset.attrs["setting"] != "planted":
        return ()
    from gardner.theory.transitions.planted_transitions import planted_transitions

    count = max(2, int(np.max(dataset["depth"].values)) // 2)
    names = {"closure": str(dataset.attrs["closure"]), "weights": str(dataset.attrs.get("weights", "spherical"))}
    alphas = planted_transitions(count=count, **names).continuous
    low, high = float(dataset["alpha"].min()), float(dataset["alpha"].max())
    return tuple(alpha for alpha in alphas if low <= alpha <= high)
