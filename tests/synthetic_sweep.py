"""Sweeps made by hand: overlaps that are known functions of α, in the layout of `gardner sweep`."""

from __future__ import annotations

import numpy as np
import xarray as xr


def solid_fronts(alpha_l, depth: int, closure: str = "symmetric"):
    """Q_EA(alpha, bond layer): layer l grows from zero at α_l, from both ends (symmetric) or the output (directed)."""

    def overlaps(alphas):
        Q_al = np.zeros((len(alphas), depth))
        for index, alpha in enumerate(alpha_l):
            grown = np.clip(1.0 - alpha / alphas, 0.0, None)
            Q_al[:, depth - 1 - index] = grown
            if closure == "symmetric":
                Q_al[:, index] = grown
        return Q_al

    return overlaps


def sweep_dataset(alphas, branches, closure="symmetric", setting="planted", levels=0, entropy=None, failed=()):
    """`branches[depth]` is Q_EA(alphas) or a pair of them (up, down); `entropy` maps (depth, direction) to s(alphas).

    failed: (depth, direction, index of α) of points that are stalled.
    """
    alphas, depths = np.asarray(alphas, dtype=float), sorted(branches)
    deepest, directions = max(depths), ("up", "down")
    shape = (len(depths), 2, len(alphas))
    Q, s = np.full((*shape, deepest), np.nan), np.full(shape, -np.log(2.0))
    status = np.full(shape, "converged", dtype="<U12")
    for d, depth in enumerate(depths):
        pair = branches[depth] if isinstance(branches[depth], tuple) else (branches[depth],) * 2
        for b, function in enumerate(pair):
            Q[d, b, :, :depth] = function(alphas)
            if entropy is not None:
                s[d, b] = entropy[depth, directions[b]](alphas)
    for depth, direction, index in failed:
        status[depths.index(depth), directions.index(direction), index] = "stalled"
    q = np.concatenate([np.ones((*shape, 1)), Q], axis=-1)
    dims = ("depth", "direction", "alpha")
    variables = {"Q_EA": ((*dims, "bond_layer"), Q), "q_EA": ((*dims, "spin_layer"), q)}
    variables |= {"free_entropy": (dims, s), "status": (dims, status)}
    coords = {"depth": depths, "direction": list(directions), "alpha": alphas}
    coords |= {"bond_layer": np.arange(1, deepest + 1), "spin_layer": np.arange(deepest + 1)}
    attributes = {"kind": "sweep", "setting": setting, "closure": closure, "levels": levels}
    return xr.Dataset(variables, coords, attributes)
