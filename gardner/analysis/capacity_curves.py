"""Capacities of one layer against the margin, for a picture; against depth: `capacity_growth`."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import xarray as xr

from gardner.analysis.capacity import ValidityWarning, capacity

MARGINS = np.round(np.arange(-2.0, 1.501, 0.05), 2)
CURVE_LEVELS = 3  # steps behind α_c(κ < 0): 1e-4 of the limit at κ = -1, less above
LITERATURE = ((0.0, 2.0, "Gardner 1988"), (-0.5, 4.6966, "literature, full RSB"))  # κ, α_c of others (THEORY section 9)
MARGIN_COLUMNS = ("margin", "alpha_rs", "alpha_c", "error", "alpha_at")  # of the table beside a picture


def margin_curve(margins: Sequence[float] = MARGINS, levels: int | None = CURVE_LEVELS) -> xr.Dataset:
    """alpha_rs, alpha_c, its error, alpha_at (margin) and alpha_of_steps (margin, steps) at L = 1.

    alpha_at is nan where RS is stable up to capacity, and 2 at κ = 0, where its line ends; alpha_of_steps, α_c of
    1, 2, … steps, is nan for κ ≥ 0, where RS is exact. levels: steps below zero, None for the limit k → ∞ (about 3 s
    for each margin; 3 steps take 0.2 s).
    """
    margins = np.asarray(margins, dtype=float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)  # a curve shows what the warning says
        results = [capacity(1, float(kappa), None if kappa >= 0 else levels) for kappa in margins]
    columns = {name: ("margin", [getattr(r, name) for r in results]) for name in ("alpha_rs", "alpha_c", "error")}
    ends = [r.alpha_c if kappa == 0.0 else np.nan for r, kappa in zip(results, margins)]
    columns["alpha_at"] = ("margin", [end if r.alpha_at is None else r.alpha_at for r, end in zip(results, ends)])
    most = max((len(r.bounds) for r in results), default=0)
    bounds = [[*r.bounds, *[np.nan] * (most - len(r.bounds))] for r in results]
    columns["alpha_of_steps"] = (("margin", "steps"), np.array(bounds).reshape(len(margins), most))
    return xr.Dataset(columns, {"margin": margins, "steps": np.arange(1, most + 1)})


def relative_curves(data: xr.Dataset, most: int = 3) -> xr.Dataset:
    """What RS breaking changes in a `margin_curve` (κ ≤ 0), nan elsewhere.

    change_alpha_rs, change_alpha_at, change_alpha_c (margin): distance from the RS capacity in per cent; excess
    (steps, margin), steps 0 (RS) … `most`: α_c of these steps over that of full RSB, less 1 (κ < 0), an upper bound.
    """
    below = data["margin"] <= 0.0
    names = ("alpha_rs", "alpha_at", "alpha_c")
    result = {f"change_{name}": (100.0 * (data[name] / data["alpha_rs"] - 1.0)).where(below) for name in names}
    of_steps = data["alpha_of_steps"].isel(steps=slice(most))
    steps = xr.concat([data["alpha_rs"].expand_dims(steps=[0]), of_steps], "steps")
    result["excess"] = (steps / data["alpha_c"] - 1.0).where(data["margin"] < 0.0)
    return xr.Dataset(result)
