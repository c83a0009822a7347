"""The report of a comparison of message passing: one JSON document and its readable twin in Markdown."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from gardner.comparison.fits import Limit
from gardner.comparison.messages.analysis import AmpComparison, compare_amp
from gardner.comparison.messages.limits import CONTROL, BranchLimit
from gardner.comparison.messages.measured import MeasuredNet
from gardner.comparison.messages.settings import AmpComparisonSettings
from gardner.comparison.report import table, value
from gardner.theory.liquid import overlaps_of


def document(comparison: AmpComparison) -> dict:
    """The body of report.json."""
    settings = comparison.settings
    keys = overlaps_of(settings.depth)
    return {
        "setting": settings.setting,
        "depth": settings.depth,
        "alphas": list(settings.alphas),
        "beta": None,
        "weights": settings.weights,
        "starts": list(settings.starts),
        "verdict": _verdict(comparison),
        "nishimori": list(comparison.knows),
        "observables": [entry for limit in comparison.limits for entry in _observables(limit, keys)],
        "limits": [_limit(limit) for limit in comparison.limits],
        "pairs": [asdict(pair) for pair in comparison.pairs],
        "phases": [asdict(phase) for phase in comparison.phases],
        "runs": [_run(net) for net in comparison.nets],
        "notes": list(comparison.notes),
    }


def _verdict(comparison: AmpComparison) -> dict:
    return {
        "status": comparison.status,
        "accepted": comparison.accepted,
        "words": comparison.words,
        "control_rejected": comparison.control_rejected,
        "closures": {c.closure: asdict(c) for c in comparison.closures},
    }


def _observables(limit: BranchLimit, keys) -> list[dict]:
    """One entry per overlap, closures by name."""
    z, own_z = ({c.closure: c.z_k for c in found} for found in (limit.confrontations, limit.own_confrontations))
    return [
        {
            "alpha": limit.alpha,
            "starts": list(limit.starts),
            "name": name,
            "layer": layer,
            "mc": limit.true.value_k[k],
            "error": limit.true.error_k[k],
            "self_estimate": limit.own.value_k[k],
            "self_error": limit.own.error_k[k],
            "gap": limit.gap.value_k[k],
            "gap_error": limit.gap.error_k[k],
            "theory": {closure: said[k] for closure, said in limit.theory.items()},
            "z": {closure: z_k[k] for closure, z_k in z.items()},
            "self_z": {closure: z_k[k] for closure, z_k in own_z.items()},
        }
        for k, (name, layer) in enumerate(keys)
    ]


def _limit(limit: BranchLimit) -> dict:
    found = {name: _fits(getattr(limit, name)) for name in ("true", "own", "gap")}
    tests = {
        c.closure: {"chi_square": c.chi_square, "observables": c.observables, "p_value": c.p_value}
        for c in (*limit.confrontations, limit.control, limit.gap_confrontation)
    }
    return {"alpha": limit.alpha, "starts": list(limit.starts), "tests": tests} | found


def _fits(limit: Limit) -> dict:
    return {
        "chi_square": limit.chi_square,
        "degrees": limit.chi_degrees,
        "covariance": limit.covariance_kk,
        "degrees_of_errors": limit.degrees,
        "models": [
            {
                "weight": weight,
                "powers": fit.powers,
                "loops": fit.loops,
                "order": fit.order,
                "runs": len(fit.used),
                "coefficients": fit.coefficients_pk,
                "chi_square": fit.chi_square,
                "degrees": fit.degrees,
            }
            for weight, fit in limit.fits
        ],
        "left_out": [{"size": s, "limit": value_k, "error": error_k} for s, value_k, error_k in limit.left_out],
        "unstable": list(limit.unstable),
    }


def _run(net: MeasuredNet) -> dict:
    body = asdict(net) | {"ratio": net.ratio, "loops": net.loops, "samples": net.samples}
    for name in ("true", "own"):
        value_sk = getattr(net, f"{name}_sk")
        body[name] = value_sk.mean(axis=0)
        body[f"{name}_error"] = _error(value_sk)
    gap_sk = net.own_sk - net.true_sk
    return body | {"gap": gap_sk.mean(axis=0), "gap_error": _error(gap_sk)}


def _error(value_sk: np.ndarray) -> np.ndarray:
    count = len(value_sk)
    return value_sk.std(axis=0, ddof=1) / count**0.5 if count > 1 else np.full(value_sk.shape[1], np.nan)


def stored_comparison(body: dict) -> AmpComparison:
    """The comparison made again from the runs in a document."""
    given = {name: tuple(v) if isinstance(v, list) else v for name, v in body["parameters"].items()}
    names = ("alpha", "connectivity", "patterns", "width", "start")
    nets = [
        MeasuredNet(
            *(run[name] for name in names),
            tuple(map(tuple, run["name_s"])),
            np.array(run["true_sk"]),
            np.array(run["own_sk"]),
            run["iterations"],
            run["seconds"],
            run["excluded"],
            np.array(run["true_drift_k"]),
            np.array(run["own_drift_k"]),
            run["moved"],
        )
        for run in body["runs"]
    ]
    return compare_amp(AmpComparisonSettings(**given), nets)


def markdown(body: dict) -> str:
    """The document as text."""
    lines = [f"# Message passing, planted setting, L = {body['depth']}, {body['weights']} weights", ""]
    lines += ["## Verdict", "", body["verdict"]["words"] + ".", ""]
    if body["verdict"]["control_rejected"] is not None:
        said = "are rejected, as they must be" if body["verdict"]["control_rejected"] else "are NOT rejected: no power"
        lines += [f"Control (closures at {CONTROL:g} times the load): they {said}.", ""]
    lines += ["## Do the messages know what they know?", "", *(f"* {words}." for words in body["nishimori"])]
    lines += ["", "## Limits, c, N → ∞", ""]
    names = list(body["verdict"]["closures"])
    head = ["α", "from", "overlap", "true", "own estimate", "own less true", *(f"{n} (z)" for n in names)]
    lines += table(head, [_observable_row(entry, names) for entry in body["observables"]])
    lines += ["", "## Starts", ""]
    rows = [_phase_row(phase, names) for phase in body["phases"]]
    lines += table(["α", "from", "nets", *names], rows)
    apart = [pair for pair in body["pairs"] if pair["apart"]]
    lines += ["", _hysteresis(body["pairs"], apart), "", "## Nets", ""]
    keys = [f"{name}({layer})" for name, layer in overlaps_of(body["depth"])]
    head = [
        "α",
        "c",
        "N",
        "M/N",
        "c²/N",
        "from",
        "samples",
        "sweeps",
        "moved",
        *keys,
        *(f"gap {key}" for key in keys),
        "status",
    ]
    lines += table(head, [_run_row(run) for run in body["runs"]])
    for name, limit in ((n, limit) for limit in body["limits"] for n in ("true", "gap")):
        lines += ["", f"Models of {name}, α = {limit['alpha']:g}, from {', '.join(limit['starts'])}:", ""]
        lines += table(["weight", "powers of 1/c", "loops", "nets", "χ²", *keys], _model_rows(limit[name]))
    if body["notes"]:
        lines += ["", "## Notes", "", *(f"* {note}" for note in body["notes"])]
    return "\n".join(lines) + "\n"


def _observable_row(entry: dict, names: list[str]) -> list[str]:
    pairs = (("mc", "error"), ("self_estimate", "self_error"), ("gap", "gap_error"))
    measured = [value(entry[name], entry[error]) for name, error in pairs]
    theory = [f"{entry['theory'][n]:.4f} ({entry['z'][n]:+.1f})" for n in names]
    return [f"{entry['alpha']:g}", ", ".join(entry["starts"]), f"{entry['name']}({entry['layer']})", *measured, *theory]


def _phase_row(phase: dict, names: list[str]) -> list[str]:
    words = {True: "solid", False: "liquid", None: "undecided"}
    said = [words[phase["theory"][name]] for name in names]
    return [f"{phase['alpha']:g}", phase["start"], words[phase["solid"]], *said]


def _hysteresis(pairs: list[dict], apart: list[dict]) -> str:
    if not pairs:
        return "No net was run from two starts."
    largest = max(abs(pair["difference"]) for pair in pairs)
    if not apart:
        return f"No hysteresis: starts on the same net end alike, within {largest:.4f} ({len(pairs)} pairs)."
    where = "; ".join(
        f"α = {p['alpha']:g}, c = {p['connectivity']}, N = {p['width']}: {p['starts'][0]} less {p['starts'][1]} "
        f"{value(p['difference'], p['error'])}"
        for p in apart
    )
    return f"Hysteresis: {where}."


def _run_row(run: dict) -> list[str]:
    numbers = [f"{run['alpha']:g}", run["connectivity"], run["width"], f"{run['ratio']:.3f}", f"{run['loops']:.2f}"]
    numbers += [run["start"], run["samples"], run["iterations"], f"{run['moved']:.3f}"]
    cells = [value(m, e) for name in ("true", "gap") for m, e in zip(run[name], run[f"{name}_error"])]
    return [*map(str, numbers), *cells, f"excluded: {run['excluded']}" if run["excluded"] else "counts"]


def _loops(model: dict) -> str:
    return (model["loops"] + ", squared" * (model["order"] > 1)) or "–"


def _model_rows(fits: dict) -> list[list[str]]:
    def row(m: dict) -> list[str]:
        model = [f"{m['weight']:.3f}", str(m["powers"]), _loops(m), str(m["runs"])]
        return [*model, f"{m['chi_square']:.1f}/{m['degrees']}", *(f"{x:.4f}" for x in m["coefficients"][0])]

    return [row(m) for m in fits["models"]]
