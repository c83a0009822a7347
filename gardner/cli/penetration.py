"""`gardner penetration`: how deep the solid layers reach, and whether a straight line in ln α describes it."""

import math
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import Writes, check_outputs, print_json, print_table, print_verdict, use_threads
from gardner.model import CLOSURES

SOURCES = ("sweep", "exact")


def penetration(
    source: Annotated[str, typer.Argument(help="A file of `gardner sweep`; or planted, random: no file.")],
    transitions: Annotated[str, typer.Option(help="sweep: read off the file; exact: computed.")] = "sweep",
    window: Annotated[str | None, typer.Option(help="Only layers that turn solid within α = A:B.")] = None,
    depth: Annotated[int | None, typer.Option(help="Which net of the file. (default: the deepest)")] = None,
    closure: Annotated[str, typer.Option(help=f"Without a file: {' or '.join(CLOSURES)}.")] = "symmetric",
    count: Annotated[int | None, typer.Option(help="Transitions to compute. (default: 8 planted, 4 random)")] = None,
    levels: Annotated[int | None, typer.Option(help="Largest k behind random transitions. (default: 40)")] = None,
    margin: Annotated[float | None, typer.Option(help="Which margin of the file, if it holds several.")] = None,
    beta: Annotated[float | None, typer.Option(help="Which β of the file, if it holds several.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw ξ against ln α with residuals (.svg, .pdf, .png).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Penetration depth of the solid layers against ln α: line, quadratic test, verdict."""
    use_threads(1)
    check_outputs(None, plot, force)
    if transitions not in SOURCES:
        raise ValueError(f"transitions = {transitions!r}: must be one of {', '.join(SOURCES)}")
    limits = None if window is None else parsed_window(window)
    from gardner.analysis.penetration import penetration as fit
    from gardner.results.solution import Header
    from gardner.theory.validity import closure_verdict

    began = time.perf_counter()
    dataset, found = _collected(source, transitions, depth, closure, count, levels, margin, beta)
    result = fit(found, limits)
    writes = Writes()
    with writes:
        if plot is not None:
            from gardner.plotting.penetration import plot_penetration

            plot_penetration(result, plot, dataset)
    given = {"source": source, "transitions": transitions, "window": window, "depth": depth, "closure": closure}
    given |= {"count": count, "levels": levels, "margin": margin, "beta": beta}
    header = Header("penetration", given, "converged", time.perf_counter() - began)
    verdict = closure_verdict(result.used.closure, result.used.depth)
    if json:
        print_json(asdict(header) | document(result) | {"closure_verdict": verdict})
    else:
        print_penetration(result)
        print_verdict(verdict)
    writes.report()


def parsed_window(text: str) -> tuple[float, float]:
    """A:B; an empty side is open."""
    parts = text.split(":")
    try:
        low, high = (float(part) if part.strip() else default for part, default in zip(parts, (0.0, math.inf)))
        if len(parts) != 2 or not low < high or text.strip() == ":":
            raise ValueError
    except ValueError:
        raise ValueError(
            f"window = {text!r}: must be two values of α in increasing order, as in 10:1000, of which one may be "
            "missing, as in 10:"
        ) from None
    return low, high


def _collected(source, transitions, depth, closure, count, levels, margin, beta):
    """The sweep (None without a file) and the transitions that were asked for."""
    from gardner.analysis import layer_transitions as origin
    from gardner.runtime.progress import Progress

    with Progress("penetration") as progress:
        if source in ("planted", "random"):
            if (depth, margin, beta) != (None, None, None):
                raise ValueError(f"{source}: --depth, --margin and --beta select from a sweep file; leave them out")
            if source == "planted":
                return None, origin.of_planted_front(closure, 8 if count is None else count)
            steps = 40 if levels is None else levels
            return None, origin.of_random_front(steps, 4 if count is None else count, progress.due, closure)
        from gardner.results.solution import read_dataset

        dataset = origin.checked_sweep(read_dataset(Path(source)), margin, beta)
        depth = origin.chosen_depth(dataset, depth)
        if transitions == "exact":
            return dataset, origin.known_transitions(dataset, depth, count, levels, progress.due)
        return dataset, origin.from_sweep(dataset, depth)


def document(result) -> dict:
    """The JSON document; what could not be computed is null."""
    used, line = result.used, result.line
    names = ("quadratic", "quadratic_error", "p_value", "bend", "bend_error")
    return {
        "setting": used.setting,
        "closure": used.closure,
        "depth": used.depth,
        "transitions": used.source,
        "window": list(result.window),
        "layers": used.layer_l,
        "alpha": used.alpha_l,
        "alpha_low": used.low_l,
        "alpha_high": used.high_l,
        "statuses": list(used.status_l),
        "ended": used.ended,
        "slope": None if line is None else line.slope,
        "slope_error": None if line is None else line.error,
        "slope_error_data": None if line is None else line.slope_error,
        "slope_error_misfit": None if line is None else line.misfit_error,
        "residuals": None if line is None else line.residual_l,
        **{name: getattr(result, name) for name in names},
        "local_slopes": result.local_slope_l,
        "verdict": result.verdict,
        "explanation": result.explanation,
    }


def print_penetration(result) -> None:
    """A readable account, the verdict last."""
    used, line = result.used, result.line
    rows = []
    for l, layer in enumerate(used.layer_l):
        local = f"{result.local_slope_l[l - 1]:.4f}" if l else ""
        residual = "" if line is None else f"{line.residual_l[l]:+.3f}"
        error = 0.5 * (used.high_l[l] - used.low_l[l])
        shown = f"{used.alpha_l[l]:.6g}" + (f" ± {error:.2g}" if error else "")
        rows.append([f"{layer:.0f}", shown, local, residual, used.status_l[l]])
    title = f"{used.setting}, {used.closure} closure: {used.source}"
    print_table(title, ["l", "alpha_l", "slope from l-1", "residual", "status"], rows)
    if line is not None:
        error = "unknown from two layers"
        if math.isfinite(line.error):
            error = f"{line.error:.2g} (from the α_l {line.slope_error:.2g}, from misfit {line.misfit_error:.2g})"
        print(f"line: {line.slope:.4f} layers per unit of ln α, error {error}")
    if math.isfinite(result.quadratic):
        print(f"quadratic term {result.quadratic:+.4f} ± {result.quadratic_error:.2g}, p = {result.p_value:.2g}")
    print(f"{result.verdict}: {result.explanation}")
    if used.ended is not None:
        print(f"the list ends: {used.ended}", file=sys.stderr)
