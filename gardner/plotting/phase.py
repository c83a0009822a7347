"""Phase diagrams from a sweep: layer against ln α, depth against ln α, and hysteresis loops.

Every function takes the Dataset of a sweep (dimensions depth, direction, alpha and layers: select margin and β first)
and returns a figure. Points that did not converge are left grey: nothing is drawn in their place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from gardner.analysis.layer_transitions import checked_sweep, chosen_depth
from gardner.analysis.penetration import SOLID
from gardner.plotting import style
from gardner.plotting.planted import broken, jumps
from gardner.results.solution import atomic

PHASES = ("liquid", "partly solid", "solid throughout", "crystal")
STABLE = "stable"  # of two branches the one that the free entropy prefers
UNSOLVED = "neither converged"
DIFFERENT = 1e-4  # difference of two branches in an overlap beyond which they count as two
FROZEN = 0.999  # spin overlap of a hidden layer beyond which a state of the random setting is frozen
JUMP = 0.2  # change of some q_i(l) between neighbouring points beyond which a frozen state has jumped
DOTS = {"marker": "o", "ms": 2.2, "mew": 0.7}
_GREY = "0.85"
_DASH = {"up": "-", "down": "--"}


def edges(values: np.ndarray) -> np.ndarray:
    """Cell boundaries of a logarithmic axis: geometric middles, the outer cells symmetric about their values."""
    logs = np.log(values)
    if len(logs) == 1:
        return values[0] * np.array([0.9, 1.1])
    middle = 0.5 * (logs[:-1] + logs[1:])
    return np.exp(np.concatenate([[2 * logs[0] - middle[0]], middle, [2 * logs[-1] - middle[-1]]]))


def _branch(dataset, depth: int, direction: str):
    directions = [str(d) for d in np.atleast_1d(dataset["direction"].values)]
    if direction not in directions:
        raise ValueError(f"direction = {direction}: the sweep holds {', '.join(directions)} only")
    return dataset.sel(depth=depth, direction=direction).sortby("alpha")


def _masked(branch, name: str) -> np.ndarray:
    """A variable of a branch, α first, nan where the point is not converged."""
    values = branch[name].transpose("alpha", ...).values.astype(float)
    values[branch["status"].values != "converged"] = np.nan
    return values


def branch_values(dataset, depth: int, direction: str, name: str) -> np.ndarray:
    """A variable of the branch of one depth and direction, α first in increasing order, nan where not converged."""
    return _masked(_branch(dataset, depth, direction), name)


def frozen_jumps(dataset, depth: int, direction: str) -> np.ndarray:
    """Points before which a branch of the random setting jumps to, between or from frozen states.

    Some step q_i(l) of a hidden layer changes by more than JUMP, and at one of the two points some layer is FROZEN.
    """
    q_ali = branch_values(dataset, depth, direction, "q")[:, 1:depth]
    frozen = (q_ali[..., -1] > FROZEN).any(axis=1)
    change = abs(np.diff(q_ali, axis=0)).max(axis=(1, 2), initial=0.0)
    return np.flatnonzero((change > JUMP) & (frozen[1:] | frozen[:-1])) + 1


def layer_map(dataset, depth: int | None = None, direction: str = "up", transitions: Sequence[float] = ()):
    """Q_EA of every bond layer against α (logarithmic); `transitions` α_1, α_2, … of the front are marked.

    A mark stands in the layer that turns solid there: from both ends for the symmetric closure, which does not tell
    them apart, from the output for the directed one.
    """
    dataset = checked_sweep(dataset)
    depth = chosen_depth(dataset, depth)
    branch = _branch(dataset, depth, direction)
    alphas, Q_al = branch["alpha"].values, _masked(branch, "Q_EA")[:, :depth]
    with style.journal():
        drawing, axis = style.figure(height=2.4)
        axis.set_facecolor(_GREY)
        layers = np.arange(0.5, depth + 1.0)
        mesh = axis.pcolormesh(edges(alphas), layers, Q_al.T, cmap="viridis", vmin=0.0, vmax=1.0, rasterized=True)
        _mark(axis, np.asarray(transitions, dtype=float), depth, str(dataset.attrs["closure"]))
        axis.set_xscale("log")
        axis.set_xlim(*edges(alphas)[[0, -1]])
        axis.set_ylim(0.5, depth + 0.5)
        axis.yaxis.get_major_locator().set_params(integer=True)
        axis.tick_params(axis="y", which="both", length=0)
        axis.set_xlabel(r"patterns per width $\alpha$")
        axis.set_ylabel("bond layer $l$")
        drawing.colorbar(mesh, ax=axis, label=r"$Q_\mathrm{EA}(l)$", pad=0.02)
        axis.set_title(f"{_name(dataset)}, $L = {depth}$, {direction}ward")
    return drawing


def _mark(axis, alpha_l: np.ndarray, depth: int, closure: str) -> None:
    """A bar across the layer that turns solid at each α_l, within the half (symmetric) or the whole net (directed)."""
    count = (depth + 1) // 2 if closure == "symmetric" else depth
    alpha_l = alpha_l[:count]
    from_input, from_output = np.arange(1, len(alpha_l) + 1), depth + 1 - np.arange(1, len(alpha_l) + 1)
    sides = (from_input, from_output) if closure == "symmetric" else (from_output,)
    for layer_l in sides:
        axis.vlines(alpha_l, layer_l - 0.5, layer_l + 0.5, color="tab:red", lw=1.5)


def _name(dataset) -> str:
    name = f"{dataset.attrs['setting']}, {dataset.attrs['closure']}"
    levels = int(dataset.attrs.get("levels", 0))
    return f"{name}, $k = {levels}$" if levels else name


def phases(dataset, direction: str = "up") -> np.ndarray:
    """(depth, alpha): 0 liquid, 1 partly solid, 2 solid throughout, nan not converged; solid means Q_EA > 10⁻³."""
    depths = [int(d) for d in np.atleast_1d(dataset["depth"].values)]
    rows = []
    for depth in depths:
        Q_al = _masked(_branch(dataset, depth, direction), "Q_EA")[:, :depth]
        solid_al = Q_al > SOLID
        row = solid_al.any(axis=1).astype(float) + solid_al.all(axis=1)
        rows.append(np.where(np.isnan(Q_al).any(axis=1), np.nan, row))
    return np.array(rows)


def stable_phases(dataset, crystal: Mapping[int, float] | None = None) -> np.ndarray:
    """`phases` along the stable branch: of larger s in the planted setting, of smaller s in the random one (n → 0).

    3, crystal, in the planted setting: α > α*(L) where `crystal` maps L to α* (nan: no crystal). Without it: the branch
    of the downward sweep where it differs from the upward one and is stable, and beyond, where the upward branch has
    joined it; this misses a window of two branches between neighbouring α of the sweep.
    """
    up, down, two = phases(dataset, "up"), phases(dataset, "down"), coexistence(dataset)
    planted = str(dataset.attrs["setting"]) == "planted"
    depths = [int(d) for d in np.atleast_1d(dataset["depth"].values)]
    result = np.where(np.isnan(up), down, up)
    for row, depth in enumerate(depths):
        if planted and crystal is not None:
            beyond = np.sort(dataset["alpha"].values) > crystal[depth]
            result[row, beyond & np.isfinite(result[row])] = 3.0
            continue
        s_up, s_down = (_masked(_branch(dataset, depth, d), "free_entropy") for d in ("up", "down"))
        preferred = two[row] & (s_down > s_up if planted else s_down < s_up)
        result[row, preferred] = down[row, preferred]
        if planted and two[row].any():
            beyond = np.arange(two.shape[1]) > np.flatnonzero(two[row])[-1]
            result[row, (preferred | beyond) & (result[row] == 2.0)] = 3.0
    return result


def coexistence(dataset) -> np.ndarray:
    """(depth, alpha), bool: both directions converged and differ in some Q_EA."""
    if np.size(dataset["direction"]) < 2:
        return np.zeros((np.size(dataset["depth"]), np.size(dataset["alpha"])), dtype=bool)
    both = (dataset["status"] == "converged").all("direction")
    gap = abs(dataset["Q_EA"].sel(direction="up", drop=True) - dataset["Q_EA"].sel(direction="down", drop=True))
    two = (gap.max("bond_layer") > DIFFERENT) & both
    return two.sortby("alpha").transpose("depth", "alpha").values


def phase_map(dataset, direction: str = STABLE):
    """(α, L) map of liquid, partly solid, solid throughout, crystal; hatched where the two directions differ.

    direction: "stable" (of both), "up" or "down".
    """
    with style.journal():
        drawing, axis = style.figure(height=1.4 + 0.25 * np.size(dataset["depth"]))
        keys = draw_phases(axis, dataset, direction)
        drawing.legend(handles=keys, loc="outside lower center", ncols=3, handlelength=1.4, columnspacing=1.0)
    return drawing


def draw_phases(axis, dataset, direction: str = STABLE, crystal: Mapping[int, float] | None = None) -> list:
    """`phase_map` on one axis; returns the handles of its legend. crystal: α*(L) as in `stable_phases`, marked."""
    dataset = checked_sweep(dataset)
    depths = [int(d) for d in np.atleast_1d(dataset["depth"].values)]
    alphas = np.sort(dataset["alpha"].values)
    directions = [str(d) for d in np.atleast_1d(dataset["direction"].values)]
    if direction == STABLE and len(directions) == 1:
        direction = directions[0]
    two = coexistence(dataset)
    state = stable_phases(dataset, crystal) if direction == STABLE else phases(dataset, direction)
    colours = ("0.97", *style.layer_colours(3)[::-1])
    axis.set_facecolor(_GREY)
    bounds = np.arange(len(depths) + 1) - 0.5
    norm = BoundaryNorm(np.arange(5) - 0.5, 4)
    axis.pcolormesh(edges(alphas), bounds, state, cmap=ListedColormap(colours), norm=norm, rasterized=True)
    for row, twin in enumerate(two):
        for first, last in _runs(twin):
            low, high = edges(alphas)[[first, last + 1]]
            axis.fill_between([low, high], row - 0.5, row + 0.5, fc="none", ec="0.55", hatch="////", lw=0)
    axis.hlines(bounds[1:-1], *edges(alphas)[[0, -1]], color="white", lw=1.0)
    for row, depth in enumerate(depths if crystal else ()):
        axis.vlines(crystal[depth], row - 0.5, row + 0.5, color="k", lw=1.5)
    axis.set_xscale("log")
    axis.set_xlim(*edges(alphas)[[0, -1]])
    axis.set_yticks(range(len(depths)), [str(d) for d in depths])
    axis.tick_params(axis="y", which="both", length=0)
    axis.set_xlabel(r"patterns per width $\alpha$")
    axis.set_ylabel("depth $L$")
    axis.set_title(f"{_name(dataset)}, {direction}{' branch' if direction == STABLE else 'ward'}")
    seen = set(state[np.isfinite(state)].astype(int))
    keys = [Patch(fc=colours[p], ec="0.4", lw=0.4, label=PHASES[p]) for p in sorted(seen)]
    if two.any():
        keys.append(Patch(fc="none", ec="0.55", hatch="////", lw=0.4, label="two branches"))
    if crystal:
        keys.append(Line2D([], [], color="k", lw=1.5, label=r"$\alpha^*(L)$"))
    if np.isnan(state).any():
        keys.append(Patch(fc=_GREY, ec="0.4", lw=0.4, label=UNSOLVED))
    return keys


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """First and last index of every run of True."""
    change = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(int(a), int(b) - 1) for a, b in change.reshape(-1, 2)]


def hysteresis_loops(dataset, depths: Sequence[int] | None = None):
    """Mean Q_EA of the layers and free entropy s of both directions against α, one colour per depth.

    Full lines upward, dashed downward. Where they differ, s tells which is physical: the larger one in the planted
    setting, the smaller one in the random setting (n → 0).
    """
    with style.journal():
        drawing, (top, bottom) = style.figure(2, 1, 3.4, sharex=True)
        draw_loops(top, bottom, dataset, depths)
        top.set_ylabel(r"mean $Q_\mathrm{EA}(l)$")
        bottom.set_ylabel("free entropy $s$ per $NM$")
    return drawing


def draw_loops(top, bottom, dataset, depths: Sequence[int] | None = None) -> None:
    """`hysteresis_loops` on two given axes that share α: mean Q_EA on `top`, s on `bottom`."""
    dataset = checked_sweep(dataset)
    every = [int(d) for d in np.atleast_1d(dataset["depth"].values)]
    chosen = every if depths is None else [chosen_depth(dataset, d) for d in depths]
    directions = [str(d) for d in np.atleast_1d(dataset["direction"].values)]
    colours = style.layer_colours(len(chosen))
    for colour, depth in zip(colours, chosen):
        for direction in directions:
            branch = _branch(dataset, depth, direction)
            look = {"color": colour, "ls": _DASH[direction]}
            top.plot(branch["alpha"], _masked(branch, "Q_EA")[:, :depth].mean(axis=1), **look)
    draw_entropies(bottom, dataset, chosen)
    top.set_xscale("log")
    top.set_ylim(-0.04, 1.04)
    keys = [Line2D([], [], color=c, label=f"$L = {d}$") for c, d in zip(colours, chosen)]
    keys += [Line2D([], [], color="0.3", ls=_DASH[d], label=f"{d}ward") for d in directions]
    top.legend(handles=keys, loc="best")
    top.set_title(_name(dataset))


def draw_entropies(axis, dataset, depths: Sequence[int]) -> None:
    """s of both directions against α on one axis, with -ln 2; colour by depth, full upward, dashed downward.

    A curve is broken where its branch jumps to the other one, in the random setting where its state jumps
    (`frozen_jumps`); there every point has a dot, open downward, because one may stand alone.
    """
    rows = [int(d) for d in np.atleast_1d(dataset["depth"].values)]
    two, random = coexistence(dataset), dataset.attrs["setting"] == "random"
    dots = {"up": {**DOTS, "zorder": 2.2}, "down": {**DOTS, "mfc": "w"}} if random else {"up": {}, "down": {}}
    for colour, depth in zip(style.layer_colours(len(depths)), depths):
        gaps = jumps(~two[rows.index(depth)])
        for direction, start in (("up", "liquid"), ("down", "crystal")):
            if direction in np.atleast_1d(dataset["direction"].values):
                branch = _branch(dataset, depth, direction)
                places = frozen_jumps(dataset, depth, direction) if random else gaps[start]
                curve = broken(branch["alpha"].values, _masked(branch, "free_entropy"), places)
                axis.plot(*curve, color=colour, ls=_DASH[direction], **dots[direction])
    axis.axhline(-np.log(2.0), color="0.6", lw=0.6, zorder=0)
    place = {"xycoords": ("axes fraction", "data"), "color": "0.4", "va": "top", "ha": "right"}
    axis.annotate(r"$-\ln 2$", (0.99, -np.log(2.0) - 0.004), **place)
    if dataset.attrs["setting"] == "planted":
        _crop(axis, dataset)
    axis.set_xscale("log")
    axis.set_ylabel("free entropy $s$ per $NM$")
    axis.set_xlabel(r"patterns per width $\alpha$")


def _crop(axis, dataset) -> None:
    """s of a metastable crystal falls far below -ln 2 ≤ s of the stable branch: show a little of it."""
    entropy = dataset["free_entropy"].where(dataset["status"] == "converged").max("direction").values
    high = float(np.nanmax(entropy))
    room = max(0.05, 0.25 * (high + np.log(2.0)))
    axis.set_ylim(-np.log(2.0) - room, high + 0.2 * room)


def phase_table(dataset) -> tuple[str, np.ndarray]:
    """Header and rows (depth, direction 0 up 1 down, α, s, ξ-code, mean Q_EA) behind `phase_map` and the loops."""
    dataset = checked_sweep(dataset)
    depths = [int(d) for d in np.atleast_1d(dataset["depth"].values)]
    rows = []
    for direction in [str(d) for d in np.atleast_1d(dataset["direction"].values)]:
        for depth, state_a in zip(depths, phases(dataset, direction)):
            branch = _branch(dataset, depth, direction)
            mean_a = _masked(branch, "Q_EA")[:, :depth].mean(axis=1)
            count = len(state_a)
            code = np.full(count, float(direction == "down"))
            columns = np.full(count, depth), code, branch["alpha"], _masked(branch, "free_entropy"), state_a, mean_a
            rows.append(np.column_stack(columns))
    return "depth,downward,alpha,free_entropy,phase,mean_Q_EA", np.vstack(rows)


def save_with_table(drawing, dataset, path: Path) -> None:
    """Write a figure of this module, and the numbers of `phase_table` as CSV beside it."""
    style.save_figure(drawing, path)
    header, rows = phase_table(dataset)
    with atomic(Path(path).with_suffix(".csv")) as temporary:
        np.savetxt(temporary, rows, delimiter=",", header=header, comments="", fmt="%.10g")
