"""The report of a comparison: one JSON document and its readable twin in Markdown."""

from __future__ import annotations

import numpy as np

from gardner.comparison.analysis import Comparison
from gardner.comparison.fits import Limit
from gardner.comparison.theory import linear_phase

BOUNDS = (
    "Runs start from the teacher and overlaps fall from 1 (between students they cannot rise in the mean): what an "
    "excluded run shows lies above equilibrium, or at it, within errors."
)


def document(comparison: Comparison) -> dict:
    """The body of report.json; arrays are in the order of "observables"."""
    settings, limit = comparison.settings, comparison.limit
    body = {
        "setting": settings.setting,
        "depth": settings.depth,
        "alpha": settings.alpha,
        "beta": settings.beta,
        "weights": settings.weights,
        "limit": settings.limit,
        "target": settings.target,
        "signs_matched": settings.matched,
        "observables": [_observable(comparison, k) for k in range(len(comparison.keys))],
        "verdict": _verdict(comparison),
        "closures": [
            {"closure": p.closure, "branch": p.branch, "generalization_error": p.generalization_error, "mean": p.mean_k}
            for p in comparison.predictions
        ],
        "fit": None if limit is None else _fit(limit),
        "generalization": _generalization(comparison),
        "layer_by_layer": [_relation(relation) for relation in comparison.relations],
        "runs": [_run(run) for run in comparison.measured],
        "notes": list(comparison.notes),
    }
    return body


def _observable(comparison: Comparison, k: int) -> dict:
    name, layer = comparison.keys[k]
    limit = comparison.limit
    return {
        "name": name,
        "layer": layer,
        "mc": None if limit is None else limit.value_k[k],
        "error": None if limit is None else limit.error_k[k],
        "statistical_error": None if limit is None else limit.statistical_k[k],
        "model_error": None if limit is None else limit.model_k[k],
        "theory": {p.closure: p.value_k[k] for p in comparison.predictions},
        "theory_error": {p.closure: p.error_k[k] for p in comparison.predictions},
        "z": {c.closure: c.z_k[k] for c in comparison.confrontations},
    }


def _verdict(comparison: Comparison) -> dict:
    verdict = comparison.verdict
    return {
        "status": verdict.status,
        "accepted": verdict.accepted,
        "words": verdict.words,
        "separation_p": verdict.separation,
        "closures": {
            c.closure: {
                "chi_square": c.chi_square,
                "observables": c.observables,
                "p_value": c.p_value,
                "rejected": c.rejected,
            }
            for c in verdict.confrontations
        },
    }


def _fit(limit: Limit) -> dict:
    return {
        "chi_square": limit.chi_square,
        "degrees": limit.chi_degrees,
        "inflation": limit.inflation,
        "degrees_of_errors": limit.degrees,
        "covariance": limit.covariance_kk,
        "models": [
            {
                "weight": weight,
                "powers": fit.powers,
                "with_ratio": fit.with_ratio,
                "runs": list(fit.used),
                "limit": fit.limit_k,
                "chi_square": fit.chi_square,
                "degrees": fit.degrees,
            }
            for weight, fit in limit.fits
        ],
        "ratio_slope": None if limit.slope is None else {"value": limit.slope.slope_k, "error": limit.slope.error_k},
        "left_out": [{"size": s, "limit": value_k, "error": error_k} for s, value_k, error_k in limit.left_out],
        "unstable": list(limit.unstable),
    }


def _relation(relation) -> dict:
    """Measured Q(l) minus the closure's Q(l) at the measured spins, l = 1…L."""
    limit, confrontation = relation.limit, relation.confrontation
    return {
        "closure": relation.closure,
        "points": [
            {"size": p.size, "ratio": p.ratio, "difference": p.mean_k, "error": np.sqrt(np.diag(p.covariance_kk))}
            for p in relation.points
        ],
        "limit": limit.value_k,
        "error": limit.error_k,
        "unstable": list(limit.unstable),
        "z": confrontation.z_k,
        "chi_square": confrontation.chi_square,
        "p_value": confrontation.p_value,
    }


def _generalization(comparison: Comparison) -> dict | None:
    limit = comparison.generalization
    if limit is None:
        return None
    settings = comparison.settings
    entry = {
        "mc": limit.value_k[0],
        "error": limit.error_k[0],
        "theory": {p.closure: p.generalization_error for p in comparison.predictions},
    }
    if not settings.dense:
        entry["linear_phase"] = linear_phase(settings.alpha, settings.depth)
    return entry


def _run(run) -> dict:
    return {
        "size": run.size,
        "width": run.width,
        "ratio": run.ratio,
        "sweeps": run.sweeps,
        "samples": len(run.value_sk),
        "mean": run.mean_k,
        "error": run.error_k,
        "difference": run.difference_k,
        "difference_error": run.difference_error_k,
        "matched": run.matched_k,
        "null": run.null_k,
        "by_sample": run.value_sk,
        "students_by_sample": run.students_sk,
        "bias": np.broadcast_to(run.bias_k, run.mean_k.shape),
        "tau": run.tau,
        "rhat": run.rhat,
        "excluded": run.excluded,
        "fresh_error": None if run.generalization is None else list(run.generalization),
    }


def value(mean: float | None, error: float | None) -> str:
    """0.9729(31): mean with the error in units of its last digits."""
    if mean is None or not np.isfinite(mean):
        return "–"
    if not error or not np.isfinite(error):
        return f"{mean:.4f}"
    digits = int(np.clip(1 - np.floor(np.log10(error)), 0, 6))
    return f"{mean:.{digits}f}({round(error * 10**digits)})"


def markdown(body: dict) -> str:
    """The document as text."""
    lines = [f"# {body['setting'].capitalize()} setting, L = {body['depth']}, α = {body['alpha']:g}", ""]
    if body["beta"] is not None:
        lines[0] += f", β = {body['beta']:g}"
    if body.get("weights", "spherical") != "spherical":
        lines[0] += f", {body['weights']} weights"
    size = "c" if body["limit"] == "dense" else "N"
    lines += [f"Limit: {'dense, c → ∞ at M/N → 0' if size == 'c' else 'fully connected, N → ∞'}.", ""]
    if body.get("signs_matched"):
        lines += ["Overlaps after matching the signs of hidden units.", ""]
    lines += ["## Verdict", "", body["verdict"]["words"], "", "## Observables", ""]
    closures = [entry["closure"] for entry in body["closures"]]
    head = ["observable", "Monte Carlo", "statistical", "model"] + [f"{c} (z)" for c in closures]
    rows = []
    for entry in body["observables"]:
        theory = [
            f"{entry['theory'][c]:.4f}" + (f" ({entry['z'][c]:+.1f})" if c in entry["z"] else "") for c in closures
        ]
        errors = ["–" if entry[n] is None else f"{entry[n]:.4f}" for n in ("statistical_error", "model_error")]
        rows.append([f"{entry['name']}({entry['layer']})", value(entry["mc"], entry["error"]), *errors, *theory])
    lines += table(head, rows)
    if body["generalization"]:
        g = body["generalization"]
        said = ", ".join(f"{name} {number:.4f}" for name, number in g["theory"].items())
        lines += ["", f"Fresh-input error {value(g['mc'], g['error'])}; theory: {said}."]
    lines += ["", "## Runs", ""]
    names = [f"{e['name']}({e['layer']})" for e in body["observables"]]
    dense = body["limit"] == "dense"
    head = [*(["c"] if dense else []), "N", "M/N", "sweeps", "samples", "τ", *names]
    head += [*(["fresh error"] if body["setting"] == "planted" else []), "status"]
    lines += table(head, [_run_row(run)[0 if dense else 1 :] for run in body["runs"]])
    if body["setting"] == "planted" and any(run["excluded"] for run in body["runs"]):
        lines += ["", BOUNDS]
    if body["fit"]:
        lines += ["", "## Extrapolation", "", *_fit_lines(body["fit"], names, size)]
    if body.get("layer_by_layer"):
        lines += ["", "## Layer by layer", "", *_relation_lines(body["layer_by_layer"], size)]
    if body["notes"]:
        lines += ["", "## Notes", "", *(f"* {note}" for note in body["notes"])]
    return "\n".join(lines) + "\n"


def _run_row(run: dict) -> list[str]:
    overlaps = [value(m, e) for m, e in zip(run["mean"], run["error"])]
    if run["fresh_error"] is not None:
        overlaps.append(value(*run["fresh_error"]))
    tau = "–" if run["tau"] is None or not np.isfinite(run["tau"]) else f"{run['tau']:.0f}"
    state = f"excluded: {run['excluded']}" if run["excluded"] else "counts"
    if not run["excluded"] and max(run.get("bias", [0.0])) > 0.0:
        state += f", bias up to {max(run['bias']):.4f} in the errors"
    numbers = [run["size"], run["width"], f"{run['ratio']:.3f}", run["sweeps"], run["samples"], tau]
    return [*map(str, numbers), *overlaps, state]


def _fit_lines(fit: dict, names: list[str], size: str) -> list[str]:
    lines = [
        f"Best model: χ² = {fit['chi_square']:.1f} for {fit['degrees']} degrees of freedom; statistical errors are "
        f"widened by {fit['inflation'] ** 0.5:.2f}.",
        "",
    ]
    rows = [
        [f"{m['weight']:.3f}", _model_name(m, size), str(len(m["runs"]))]
        + [f"{m['chi_square']:.1f}/{m['degrees']}"]
        + [f"{x:.4f}" for x in m["limit"]]
        for m in fit["models"]
    ]
    lines += table(["weight", "up to", "runs", "χ²", *names], rows)
    if fit["ratio_slope"]:
        slope = [value(v, e) for v, e in zip(fit["ratio_slope"]["value"], fit["ratio_slope"]["error"])]
        said = ", ".join(f"{name} {number}" for name, number in zip(names, slope))
        lines += [
            "",
            f"Influence of M/N (change per unit, from two widths at one c; models that name M/N remove it): {said}.",
        ]
    if fit["left_out"]:
        rows = [[str(entry["size"]), *map(value, entry["limit"], entry["error"])] for entry in fit["left_out"]]
        lines += ["", f"Limit without one {size}:", "", *table([size, *names], rows)]
    return lines


def _relation_lines(relations: list[dict], size: str) -> list[str]:
    """Differences by run and their limits."""
    lines = [
        "Measured Q(l) minus the Q(l) of the closure at the measured overlaps of the spins; 0 in the limit where the "
        "closure holds. The relation of the last layer is common to both closures.",
        "",
    ]
    head = [size] + [f"Q({l + 1}), {r['closure']}" for r in relations for l in range(len(r["limit"]))]
    rows = [
        [str(points[0]["size"])] + [value(d, e) for p in points for d, e in zip(p["difference"], p["error"])]
        for points in zip(*(r["points"] for r in relations))
    ]
    rows.append(["∞"] + [value(d, e) for r in relations for d, e in zip(r["limit"], r["error"])])
    lines += table(head, rows)
    told = "; ".join(
        f"{r['closure']}: z = {', '.join(f'{z:+.1f}' for z in r['z'])}, p = {r['p_value']:.2g}"
        + (" (unstable)" if r["unstable"] else "")
        for r in relations
    )
    return [*lines, "", f"{told}."]


def _model_name(model: dict, size: str) -> str:
    name = f"1/{size}^{model['powers']}" if model["powers"] else "constant"
    return name + (", M/N" if model["with_ratio"] else "")


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Lines of a Markdown table."""
    return ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
