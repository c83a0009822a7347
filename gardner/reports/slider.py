"""The numbers behind the slider of a sweep: at every α the profiles of all layers, and the steps q(x, l), Q(x, l)."""

from __future__ import annotations

import itertools

import numpy as np

from gardner.analysis.phases import list_axis
from gardner.analysis.sweep import with_all_axes

MOST_NUMBERS = 300_000  # of the steps of a page, some two megabytes; beyond, q(x, l) and Q(x, l) stay in the file
AXES = ("depth", "margin", "beta", "direction")
SYMBOLS = {"depth": "L", "margin": "κ", "beta": "β"}


def slider_data(dataset) -> dict:
    """Everything that the page draws: α, the steps of x, and for each branch its layers at every α.

    A branch is one net followed in one direction. Points that did not converge have no numbers, their status is told.
    """
    dataset = with_all_axes(dataset)
    order = np.argsort(dataset["alpha"].values)
    axes = [name for name in AXES if name in dataset.dims]
    steps = {"q", "Q"} <= set(dataset.data_vars) and dataset["q"].size + dataset["Q"].size <= MOST_NUMBERS
    branches = []
    for values in itertools.product(*(list_axis(dataset, name) for name in axes)):
        place = dict(zip(axes, values))
        branches.append(_branch(dataset.sel(place).isel(alpha=order), place, steps))
    return {"alpha": _short(dataset["alpha"].values[order]), "m": _edges(dataset), "branches": branches}


def _edges(dataset) -> list:
    """Where the steps of x begin and end, 0 and 1 included; a planted net has a single one."""
    if "m_upper" not in dataset.coords:
        return [0.0, 1.0]
    return [0.0, *_short(np.atleast_1d(dataset["m_upper"].values))]


def _branch(branch, place: dict, with_steps: bool) -> dict:
    """One net in one direction: name, depth, status, s, and its layers, spins 0…L and bonds 1…L."""
    depth, status = int(place["depth"]), [str(word) for word in branch["status"].values]
    solved = np.array([word == "converged" for word in status])
    varying = [f"{SYMBOLS[name]} = {value:g}" for name, value in place.items() if name in SYMBOLS]
    made = {
        "name": ", ".join([*varying, f"{place['direction']}ward"]),
        "depth": depth,
        "status": status,
        "s": _rows(branch["free_entropy"].values, solved),
        "spins": _rows(branch["q_EA"].transpose("alpha", ...).values[:, : depth + 1], solved),
        "bonds": _rows(branch["Q_EA"].transpose("alpha", ...).values[:, :depth], solved),
    }
    if with_steps:
        spins, bonds = (branch[name].transpose("alpha", f"{axis}_layer", ...).values
                        for name, axis in (("q", "spin"), ("Q", "bond")))  # fmt: skip
        made["q"] = _rows(spins[:, : depth + 1].reshape(len(spins), depth + 1, -1), solved)
        made["Q"] = _rows(bonds[:, :depth].reshape(len(bonds), depth, -1), solved)
    return made


def _rows(values: np.ndarray, solved: np.ndarray) -> list:
    """One entry for each α, None where nothing was solved."""
    return [_short(row) if well else None for row, well in zip(values, solved)]


def _short(values) -> object:
    """Numbers to five digits, lists of any depth; what is no number becomes None."""
    if np.ndim(values):
        return [_short(value) for value in values]
    return float(f"{values:.5g}") if np.isfinite(values) else None
