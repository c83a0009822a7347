"""`gardner show run.nc --gaps`: gap distributions of a saved solution, random or planted."""

import sys
from pathlib import Path

from gardner.cli.common import Writes, print_json, print_table

HEADER = ("command", "parameters", "version", "seed", "status", "seconds", "closure", "alpha", "depth")


def show_gaps(dataset, file: Path, plot: Path | None, json: bool) -> None:
    """Compute P(r, l) of the solution in `dataset`, draw and print it."""
    from gardner.analysis import gaps as analysis
    from gardner.potentials.hard import HardCore
    from gardner.results.solution import load
    from gardner.theory.planted import report

    if dataset.attrs.get("kind") == report.KIND:
        document = report.dataset_document(dataset)
        branch = next((b for b in document["branches"] if b["start"] == document["stable"]), document["branches"][0])
        gaps = analysis.planted_gaps(document["closure"], branch["q"], branch["Q"])
        setting, core = "planted", HardCore()
    elif dataset.attrs.get("kind") != "solve random":
        raise ValueError(f"{file}: holds no solution; give a file written by `solve random` or `solve planted`")
    else:
        solution = load(file)
        document, core = solution.document(), solution.setting.potential
        gaps, setting = analysis.solution_gaps(solution), "random"
    body = {name: document[name] for name in HEADER} | {
        "setting": setting,
        **core.attributes,
        "gaps": analysis.gaps_document(gaps),
    }
    writes = Writes()
    with writes:
        if plot is not None:
            from gardner.plotting.gaps import plot_gaps

            title = rf"{setting}, $\alpha={document['alpha']:g}$, $L={document['depth']}$, {core.formula}"
            plot_gaps(gaps, plot, title)
    if document["status"] != "converged":
        print(f"status {document['status']}: these gaps are not those of a saddle point", file=sys.stderr)
    if json:
        print_json(body)
    else:
        print_gaps(body, core, gaps)
    writes.report()


def print_gaps(body: dict, core, gaps: list) -> None:
    """A table of the numbers per layer."""
    print(
        f"{body['setting']} setting, {body['closure']} closure: α = {body['alpha']:g}, L = {body['depth']}, "
        f"{core.label}"
    )
    columns = ["l", "1-Λ_EA", "P(κ+)", "<r>", "contacts", "their <r-κ>", "P(r<κ)", "energy"]
    rows = [
        [str(gap.layer), f"{gap.width:.4e}"]
        + [f"{value:.8f}" for value in (gap.wall_density, gap.mean, gap.contact_weight)]
        + [f"{gap.contact_distance:.4e}", f"{gap.negative_weight:.6f}", f"{gap.energy:.4e}"]
        for gap in gaps
    ]
    print_table("gaps by bond layer", columns, rows)
    print("contacts: probability that the field of the innermost cluster lies beyond the wall, h < κ: the weight of")
    print("δ(r-κ) where 1-Λ_EA → 0 and their <r-κ> is of that order; no sign of a peak while 1-Λ_EA is of order 1")
    if body["setting"] == "planted":
        print("exact (Nishimori): P(r) = 2 N(r;0,1) in every layer, closure and branch")
        return
    worst = max(max(gap.normalisation_error, gap.identity_error) for gap in gaps)
    print(f"checks: normalisation and <r> = F (1-∫Λ dx) hold to {worst:.1e}")
