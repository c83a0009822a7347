"""Phases read off a sweep: which layers are solid, which of two branches is stable, where states jump.

Every function takes the Dataset of a sweep with the axes depth, direction, alpha and layers (select margin and β first,
`layer_transitions.check_sweep`). Points that did not converge are nan, and no phase is claimed for them.

    phase_diagram    phase and coexistence over (depth, alpha)
    branch_curves    mean Q_EA and s of both directions, and where their curves are broken
    layer_profile    Q_EA and q_EA of every layer of one net, with the layers that known transitions turn solid

Of two branches the stable one has the larger s in the planted setting, the smaller s in the random one (n → 0).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from gardner.analysis.layer_transitions import check_sweep, choose_depth, layers_of_front, spins_of_front
from gardner.analysis.phase_edges import KnownEdges, coexistence_intervals, row_intervals
from gardner.analysis.sweep import branch_distance
from gardner.criteria import DIFFERENT, FROZEN, JUMP, SOLID

PHASES = ("liquid", "partly solid", "solid throughout", "crystal")
KNOWN = (
    ("crystal", "crystal", "α*(L)"),
    ("spinodal", "spinodal", "α at which the crystal begins to exist"),
    ("counting_bound", "bound", "counting bound (C11)"),
)  # of `KnownEdges`: name of the variable, field, meaning
STABLE = "stable"  # of two branches the one that the free entropy prefers
ORIGIN = ("setting", "closure", "levels")  # attributes that results keep of their sweep


def list_axis(dataset, name: str) -> list:
    """The values of an axis, also where the sweep has a single one."""
    return np.atleast_1d(dataset[name].values).tolist()


def origin_of(dataset) -> dict:
    """Setting, closure and number of levels of a sweep."""
    return {name: dataset.attrs[name] for name in ORIGIN if name in dataset.attrs}


def select_branch(dataset, depth: int, direction: str):
    """One branch, in increasing order of α."""
    directions = list_axis(dataset, "direction")
    if direction not in directions:
        raise ValueError(f"direction = {direction}: the sweep holds {', '.join(directions)} only")
    return dataset.sel(depth=depth, direction=direction).sortby("alpha")


def branch_values(dataset, depth: int, direction: str, name: str) -> np.ndarray:
    """A variable of one branch, α first in increasing order, nan where the point is not converged."""
    branch = select_branch(dataset, depth, direction)
    values = branch[name].transpose("alpha", ...).values.astype(float)
    values[branch["status"].values != "converged"] = np.nan
    return values


def find_frozen(dataset, depth: int, direction: str) -> np.ndarray:
    """Points at which some hidden layer is FROZEN, (alpha,)."""
    return (branch_values(dataset, depth, direction, "q_EA")[:, 1:depth] > FROZEN).any(axis=1)


def find_frozen_jumps(dataset, depth: int, direction: str) -> np.ndarray:
    """Points before which a branch of the random setting jumps to, between or from frozen states.

    Some step q_i(l) of a hidden layer changes by more than JUMP, and at one of the two points some layer is FROZEN.
    """
    q_ali = branch_values(dataset, depth, direction, "q")[:, 1:depth]
    frozen = (q_ali[..., -1] > FROZEN).any(axis=1)  # as `find_frozen`, of the last step
    change = abs(np.diff(q_ali, axis=0)).max(axis=(1, 2), initial=0.0)
    return np.flatnonzero((change > JUMP) & (frozen[1:] | frozen[:-1])) + 1


def find_jumps(single: Sequence[bool]) -> dict[str, np.ndarray]:
    """Points before which a branch jumps to the other one, from whether both are a `single` one at each α.

    The liquid branch, followed upward, jumps where two become one, the crystal, downward, where they part.
    """
    change = np.diff(np.asarray(single, int))
    return {"liquid": np.flatnonzero(change > 0) + 1, "crystal": np.flatnonzero(change < 0) + 1}


def find_crystallizations(stable: Sequence[str]) -> list[int]:
    """Where the stable branch of a scan of increasing α changes from the liquid to the crystal."""
    steps = enumerate(zip(stable, stable[1:]), start=1)
    return [a for a, pair in steps if pair in (("liquid", "crystal"), ("single", "crystal"), ("liquid", "single"))]


def find_phases(dataset, direction: str = "up") -> np.ndarray:
    """(depth, alpha): 0 liquid, 1 partly solid, 2 solid throughout, nan not converged; solid means Q_EA > SOLID."""
    rows = []
    for depth in list_axis(dataset, "depth"):
        Q_al = branch_values(dataset, depth, direction, "Q_EA")[:, :depth]
        solid_al = Q_al > SOLID
        row = solid_al.any(axis=1).astype(float) + solid_al.all(axis=1)
        rows.append(np.where(np.isnan(Q_al).any(axis=1), np.nan, row))
    return np.array(rows)


def find_coexistence(dataset) -> np.ndarray:
    """(depth, alpha), bool: both directions converged and are two states."""
    if np.size(dataset["direction"]) < 2:
        return np.zeros((np.size(dataset["depth"]), np.size(dataset["alpha"])), dtype=bool)
    two = branch_distance(dataset) > DIFFERENT
    return two.sortby("alpha").transpose("depth", "alpha").values


def find_stable_phases(dataset, crystal: Mapping[int, float] | None = None) -> np.ndarray:
    """`find_phases` along the stable branch.

    3, crystal, in the planted setting: α > α*(L) where `crystal` maps L to α* (nan: no crystal). Without it: the branch
    of the downward sweep where it differs from the upward one and is stable, and beyond, where the upward branch has
    joined it; this misses a window of two branches between neighbouring α of the sweep.
    """
    up, down, two = find_phases(dataset, "up"), find_phases(dataset, "down"), find_coexistence(dataset)
    planted = str(dataset.attrs["setting"]) == "planted"
    result = np.where(np.isnan(up), down, up)
    for row, depth in enumerate(list_axis(dataset, "depth")):
        if planted and crystal is not None:
            beyond = np.sort(dataset["alpha"].values) > crystal[depth]
            result[row, beyond & np.isfinite(result[row])] = 3.0
            continue
        s_up, s_down = (branch_values(dataset, depth, d, "free_entropy") for d in ("up", "down"))
        preferred = two[row] & (s_down > s_up if planted else s_down < s_up)
        result[row, preferred] = down[row, preferred]
        if planted and two[row].any():
            beyond = np.arange(two.shape[1]) > np.flatnonzero(two[row])[-1]
            result[row, (preferred | beyond) & (result[row] == 2.0)] = 3.0
    return result


def phase_diagram(dataset, direction: str = STABLE, known: Mapping[int, KnownEdges] | None = None) -> xr.Dataset:
    """phase and two_branches over (depth, alpha), α increasing, and the rows of the picture.

    phase: a number of PHASES, nan where nothing converged. direction: "up", "down" or "stable", which stands for the
    single direction of a sweep that has one only; the attribute `direction` says which it is.

    known: the exact transitions of every depth (`phase_edges`). last_alpha, interval_phase, interval_exact (depth,
    interval): the rows; first_two, last_two (depth, stretch): where two branches exist; crystal, spinodal and
    counting_bound (depth): as known.
    """
    dataset = check_sweep(dataset)
    directions, depths = list_axis(dataset, "direction"), list_axis(dataset, "depth")
    alphas, two, known = np.sort(dataset["alpha"].values), find_coexistence(dataset), known or {}
    if direction == STABLE and len(directions) == 1:
        direction = directions[0]
    crystal = {L: edges.crystal for L, edges in known.items()} or None
    state = find_stable_phases(dataset, crystal) if direction == STABLE else find_phases(dataset, direction)
    meaning = {"long_name": f"phase of the {direction} branch", "units": "1"}
    meaning |= {"flag_values": np.arange(len(PHASES)), "flag_meanings": " ".join(p.replace(" ", "_") for p in PHASES)}
    variables = {"phase": (("depth", "alpha"), state, meaning), "two_branches": (("depth", "alpha"), two)}

    rows = [row_intervals(alphas, row, known.get(L)) for L, row in zip(depths, state)]
    names = ("last_alpha", "interval_phase", "interval_exact")
    variables |= {name: (("depth", "interval"), _padded(rows, i)) for i, name in enumerate(names)}
    rows = [coexistence_intervals(alphas, row, known.get(L)) for L, row in zip(depths, two)]
    variables |= {name: (("depth", "stretch"), _padded(rows, i)) for i, name in enumerate(("first_two", "last_two"))}
    for name, field, text in KNOWN if known else ():
        meaning = {"long_name": text, "units": "1"}
        variables[name] = ("depth", [getattr(known[L], field) for L in depths], meaning)
    coords = {"depth": depths, "alpha": alphas}
    return xr.Dataset(variables, coords, origin_of(dataset) | {"direction": direction})


def _padded(rows: Sequence[Sequence[tuple]], column: int) -> np.ndarray:
    """A column of rows of different length, shape (rows, longest), filled with nan."""
    table = np.full((len(rows), max(map(len, rows))), np.nan)
    for row, values in zip(table, rows):
        row[: len(values)] = [value[column] for value in values]
    return table


def branch_curves(dataset, depths: Sequence[int] | None = None) -> xr.Dataset:
    """mean_Q_EA, free_entropy, broken, frozen over (depth, direction, alpha), α increasing, nan where not converged.

    broken: before this point the branch jumps, to the other one or, in the random setting, from or to a frozen state;
    curves are not to be joined there. frozen: a hidden layer is FROZEN, random setting. depths: those of the sweep by
    default.
    """
    dataset = check_sweep(dataset)
    every, directions = list_axis(dataset, "depth"), list_axis(dataset, "direction")
    chosen = every if depths is None else [choose_depth(dataset, depth) for depth in depths]
    two, random = find_coexistence(dataset), dataset.attrs["setting"] == "random"
    shape = (len(chosen), len(directions), dataset.sizes["alpha"])
    mean, entropy, broken, frozen = np.empty(shape), np.empty(shape), np.zeros(shape, bool), np.zeros(shape, bool)
    for i, depth in enumerate(chosen):
        jumps = find_jumps(~two[every.index(depth)])
        for j, direction in enumerate(directions):
            mean[i, j] = branch_values(dataset, depth, direction, "Q_EA")[:, :depth].mean(axis=1)
            entropy[i, j] = branch_values(dataset, depth, direction, "free_entropy")
            places = jumps["liquid" if direction == "up" else "crystal"]
            broken[i, j, find_frozen_jumps(dataset, depth, direction) if random else places] = True
            frozen[i, j] = random & find_frozen(dataset, depth, direction)
    dims = ("depth", "direction", "alpha")
    variables = {"mean_Q_EA": (dims, mean), "free_entropy": (dims, entropy), "broken": (dims, broken)}
    variables["frozen"] = (dims, frozen)
    coords = {"depth": chosen, "direction": directions, "alpha": np.sort(dataset["alpha"].values)}
    return xr.Dataset(variables, coords, origin_of(dataset))


def layer_profile(
    dataset, depth: int | None = None, direction: str = "up", transitions: Sequence[float] = ()
) -> xr.Dataset:
    """Q_EA(alpha, bond_layer), q_EA(alpha, spin_layer) of one net, α increasing, and the marks of known transitions.

    transitions: α_1, α_2, … of its fronts; mark_alpha, mark_layer, mark_spin (mark): a bond layer that turns solid at
    that α, and the spin layer that does so with it. The l-th layer of a front is counted from each end from which the
    closure lets fronts start, as far as the middle where there are two.
    """
    dataset = check_sweep(dataset)
    depth = choose_depth(dataset, depth)
    Q_al = branch_values(dataset, depth, direction, "Q_EA")[:, :depth]
    closure, marks = str(dataset.attrs["closure"]), []
    for number, alpha in enumerate(transitions, start=1):
        ends = zip(layers_of_front(closure, depth, number), spins_of_front(closure, depth, number))
        marks += [(alpha, layer, spin) for layer, spin in ends]
    variables = {
        "Q_EA": (("alpha", "bond_layer"), Q_al),
        "q_EA": (("alpha", "spin_layer"), branch_values(dataset, depth, direction, "q_EA")[:, : depth + 1]),
        "mark_alpha": ("mark", np.array([alpha for alpha, _, _ in marks], dtype=float)),
        "mark_layer": ("mark", np.array([layer for _, layer, _ in marks], dtype=int)),
        "mark_spin": ("mark", np.array([spin for _, _, spin in marks], dtype=int)),
    }
    coords = {"alpha": np.sort(dataset["alpha"].values), "bond_layer": np.arange(1, depth + 1)}
    coords["spin_layer"] = np.arange(depth + 1)
    return xr.Dataset(variables, coords, origin_of(dataset) | {"depth": depth, "direction": direction})


def phase_table(dataset) -> tuple[str, np.ndarray]:
    """Header and rows (depth, direction 0 up 1 down, α, s, phase, mean Q_EA) of all branches."""
    dataset = check_sweep(dataset)
    curves, rows = branch_curves(dataset), []
    for direction in list_axis(dataset, "direction"):
        for depth, state_a in zip(list_axis(dataset, "depth"), find_phases(dataset, direction)):
            branch = curves.sel(depth=depth, direction=direction)
            constant = np.full(len(state_a), depth), np.full(len(state_a), float(direction == "down"))
            varying = branch["alpha"], branch["free_entropy"], state_a, branch["mean_Q_EA"]
            rows.append(np.column_stack([*constant, *varying]))
    return "depth,downward,alpha,free_entropy,phase,mean_Q_EA", np.vstack(rows)
