"""The report of a comparison of liquid fluctuations: one JSON document and its readable twin in Markdown."""

from __future__ import annotations

import numpy as np

from gardner.comparison.liquid.analysis import LiquidComparison, Susceptibility, compare_liquid
from gardner.comparison.liquid.estimates import UnitCovariances
from gardner.comparison.liquid.isolated import IsolatedUnit
from gardner.comparison.liquid.limits import LayerLimit
from gardner.comparison.liquid.settings import LiquidSettings
from gardner.comparison.report import table, value
from gardner.montecarlo.unit_overlaps import PRODUCTS


def document(comparison: LiquidComparison) -> dict:
    """The body of report.json."""
    settings = comparison.settings
    return {
        "setting": settings.setting,
        "depth": settings.depth,
        "alphas": list(settings.alphas),
        "beta": settings.beta,
        "connectivities": list(settings.connectivities),
        "verdict": _verdict(comparison),
        "observables": [entry for limit in comparison.limits for entry in _observables(limit)],
        "susceptibilities": [_susceptibility(s) for s in comparison.susceptibilities],
        "limits": [_limit(limit) for limit in comparison.limits],
        "runs": [_run(run, comparison.isolated) for run in comparison.runs],
        "notes": list(comparison.notes),
    }


def _verdict(comparison: LiquidComparison) -> dict:
    return {
        "status": comparison.status,
        "accepted": comparison.accepted,
        "words": comparison.words,
        "control_rejected": comparison.control_rejected,
        "closures": {
            c.closure: {
                "rejected": c.rejected,
                "p_value": c.p_value,
                "chi_square": c.chi_square,
                "observables": c.observables,
                "largest_z": c.largest_z,
                "no_liquid_at": [{"alpha": alpha, "layer": layer} for alpha, layer in c.beyond],
            }
            for c in comparison.closures
        },
    }


def _observables(limit: LayerLimit) -> list[dict]:
    """One entry per covariance, closures by name."""
    z = {c.closure: c.z_k for c in limit.confrontations}
    said = {name: p for name, p in limit.theory.items() if p is not None}
    return [
        {
            "alpha": limit.alpha,
            "layer": limit.layer,
            "name": name,
            "mc": limit.value_p[k],
            "error": limit.error_p[k],
            "mc_direct": None if limit.direct is None else limit.direct.value_k[k],
            "error_direct": None if limit.direct is None else limit.direct.error_k[k],
            "remainder": None if limit.remainder is None else limit.remainder.value_k[k],
            "theory": {name: p[k] for name, p in said.items()},
            "z": {name: z_k[k] for name, z_k in z.items()},
        }
        for k, name in enumerate(PRODUCTS)
    ]


def _limit(limit: LayerLimit) -> dict:
    used = limit.remainder or limit.direct
    return {
        "alpha": limit.alpha,
        "layer": limit.layer,
        "against": "isolated unit" if limit.remainder is not None else "direct",
        "covariance": limit.covariance_pp,
        "statistical_error": used.statistical_k,
        "model_error": used.model_k,
        "chi_square": used.chi_square,
        "degrees": used.chi_degrees,
        "loops_slope": None if used.slope is None else {"value": used.slope.slope_k, "error": used.slope.error_k},
        "unstable": list(used.unstable),
        "closures": {
            c.closure: {"chi_square": c.chi_square, "p_value": c.p_value, "rejected": c.rejected}
            for c in limit.confrontations
        },
        "control_p_value": None if limit.control is None else limit.control.p_value,
    }


def _susceptibility(s: Susceptibility) -> dict:
    return {
        "layer": s.layer,
        "alphas": s.alphas,
        "inverse": s.inverse,
        "error": s.error,
        "transition": s.transition,
        "transition_error": s.transition_error,
        "fraction_without": s.none_fraction,
        "theory": dict(s.theory),
    }


def _run(run: UnitCovariances, isolated) -> dict:
    unit = isolated.get((run.layer, run.connectivity, run.patterns))
    return {
        "alpha": run.alpha,
        "layer": run.layer,
        "connectivity": run.connectivity,
        "patterns": run.patterns,
        "width": run.width,
        "ratio": run.ratio,
        "loops": run.loops,
        "sweeps": run.sweeps,
        "samples": run.samples,
        "seed": run.seed,
        "mean": run.mean_p,
        "error": run.error_p,
        "scatter": run.scatter_pp,
        "groups": run.groups,
        "bias": run.bias_p,
        "isolated": None if unit is None else unit.mean_p,
        "isolated_covariance": None if unit is None else unit.covariance_pp,
        "tau": run.tau_p,
        "difference": run.difference_p,
        "difference_error": run.difference_error_p,
        "excluded": run.excluded,
    }


def stored_comparison(body: dict) -> LiquidComparison:
    """The comparison made again from the runs in a document."""
    settings = LiquidSettings(**{name: _tupled(value) for name, value in body["parameters"].items()})
    runs, isolated = [], {}
    for entry in body["runs"]:
        names = ("alpha", "layer", "connectivity", "patterns", "width", "sweeps", "samples", "seed")
        run = UnitCovariances(
            *(entry[name] for name in names),
            np.array(entry["mean"]),
            np.array(entry["scatter"]),
            entry["groups"],
            *(np.array(entry[name], dtype=float) for name in ("tau", "difference", "difference_error", "bias")),
            entry["excluded"],
        )
        runs.append(run)
        if entry["isolated"] is not None:
            unit = IsolatedUnit(np.array(entry["isolated"]), np.array(entry["isolated_covariance"]))
            isolated[run.layer, run.connectivity, run.patterns] = unit
    return compare_liquid(settings, runs, isolated)


def _tupled(value):
    return tuple(value) if isinstance(value, list) else value


def markdown(body: dict) -> str:
    """The document as text."""
    core = "hard core" if body["beta"] is None else f"soft core, β = {body['beta']:g}"
    lines = [f"# Liquid fluctuations, {body['setting']} setting, L = {body['depth']}, {core}", ""]
    lines += ["## Verdict", "", body["verdict"]["words"] + ".", ""]
    if body["verdict"]["control_rejected"] is not None:
        said = "is rejected, as it must be" if body["verdict"]["control_rejected"] else "is NOT rejected: no power"
        lines += [f"Control (the directed closure with a too large by a tenth): {said}.", ""]
    lines += ["## Limits, M<x xᵀ> for c → ∞", ""]
    names = list(body["verdict"]["closures"])
    head = ["α", "layer", "entry", "Monte Carlo", "direct in 1/c", *(f"{n} (z)" for n in names)]
    lines += table(head, [_observable_row(entry, names) for entry in body["observables"]])
    lines += ["", "## Transitions that the inverse susceptibilities 1/(M<qq>) point to", ""]
    lines += table(["layer", "measured", *names], [_transition_row(s, names) for s in body["susceptibilities"]])
    lines += ["", "## Runs", ""]
    head = ["α", "layer", "c", "N", "M/N", "c²/N", "sweeps", "samples", "largest τ", *PRODUCTS, "status"]
    lines += table(head, [_run_row(run) for run in body["runs"]])
    if body["notes"]:
        lines += ["", "## Notes", "", *(f"* {note}" for note in body["notes"])]
    return "\n".join(lines) + "\n"


def _observable_row(entry: dict, names: list[str]) -> list[str]:
    theory = [
        f"{entry['theory'][n]:.4f} ({entry['z'][n]:+.1f})" if n in entry["theory"] else "no liquid" for n in names
    ]
    measured = value(entry["mc"], entry["error"]), value(entry["mc_direct"], entry["error_direct"])
    return [f"{entry['alpha']:g}", str(entry["layer"]), entry["name"], *measured, *theory]


def _transition_row(s: dict, names: list[str]) -> list[str]:
    measured = value(s["transition"], s["transition_error"])
    if measured == "–":
        measured = "none seen"
    ends = [s["theory"][n] for n in names]
    return [str(s["layer"]), measured, *("none" if e is None or np.isinf(e) else f"{e:.4f}" for e in ends)]


def _run_row(run: dict) -> list[str]:
    numbers = [f"{run['alpha']:g}", run["layer"], run["connectivity"], run["width"]]
    numbers += [f"{run['ratio']:.3f}", f"{run['loops']:.2f}", run["sweeps"], run["samples"]]
    tau = np.nanmax([np.nan if t is None else t for t in run["tau"]])
    state = f"excluded: {run['excluded']}" if run["excluded"] else "counts"
    overlaps = [value(m, e) for m, e in zip(run["mean"], run["error"])]
    return [*map(str, numbers), "–" if np.isnan(tau) else f"{tau:.0f}", *overlaps, state]
