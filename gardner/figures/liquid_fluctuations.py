"""Overlaps of single hidden units fluctuate in the liquid: the closures differ by up to a factor of two.

Planted hard core, L = 2, regular graphs: M<x xᵀ> of x = (R, C, q) (row overlap, overlap of the weights that read the
unit, spin overlap; THEORY section 14) against 1/c. Points: Monte Carlo; crosses: one isolated unit on a tree at equal
c and M = αc, which carries the slow part of the approach; strokes at the left edge: (T24) of both closures for c → ∞;
diamonds: the measured limit. Last panel: 1/(M<q²>) against α, which vanishes where the liquid ends.

What it says: the symmetric closure is rejected, R is not enhanced and <R²> ≠ <C²>; the directed one agrees. The data
are a comparison kept with the package (data/comparison/liquid_L2.json, made by `gardner compare liquid`).

Takes five seconds (draft and paper).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace


@dataclass(frozen=True)
class Settings:
    """report: name of the kept comparison; layer: of the hidden units."""

    report: str = "liquid_L2"
    layer: int = 1


DRAFT = PAPER = Settings()


def dataset(body: dict, layer: int, curves):
    """Runs by row, limits by (alpha, product), curves of 1/(M<q²>) by closure."""
    import xarray as xr

    runs = [run for run in body["runs"] if run["layer"] == layer]
    products = list(dict.fromkeys(entry["name"] for entry in body["observables"]))
    alphas = sorted({entry["alpha"] for entry in body["observables"] if entry["layer"] == layer})
    entries = {(e["alpha"], e["name"]): e for e in body["observables"] if e["layer"] == layer}

    def by_alpha(read):
        return (("alpha", "product"), [[read(entries[alpha, name]) for name in products] for alpha in alphas])

    variables = {name: ("run", [run[name] for run in runs]) for name in ("connectivity", "patterns", "width")}
    variables["excluded"] = ("run", [bool(run["excluded"]) for run in runs])
    for name in ("mean", "error", "isolated"):
        rows = [[np.nan] * len(products) if run[name] is None else run[name] for run in runs]
        variables[name] = (("run", "product"), np.array(rows, dtype=float))
    variables |= {"limit": by_alpha(lambda e: e["mc"]), "limit_error": by_alpha(lambda e: e["error"])}
    for closure, (alpha, inverse) in curves.items():
        variables[f"{closure}_alpha"] = (f"{closure}_point", alpha)
        variables[f"{closure}_inverse"] = (f"{closure}_point", inverse)
        variables[closure] = by_alpha(lambda e, name=closure: e["theory"].get(name, np.nan))
    data = xr.Dataset(variables, {"product": products, "alpha": alphas})
    return data.assign_attrs(verdict=body["verdict"]["words"])


def make(settings: Settings, work: Workspace) -> Picture:
    """Six covariances against 1/c, and the inverse susceptibility against α."""
    from gardner.comparison.liquid.limits import susceptibility_curves
    from gardner.comparison.stored import stored_document
    from gardner.plotting.liquid import draw_report

    body = stored_document(settings.report)
    curves = susceptibility_curves(body, settings.layer)
    return Picture(draw_report(body, settings.layer, curves), dataset(body, settings.layer, curves))
