"""`gardner doctor`: what is installed, where kernels are kept, and a self-check against reference values."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import EXIT_NOT_CONVERGED, print_json, print_table, use_threads
from gardner.cli.solve import Json

CHECKED = ("flow", "directed flow", "Monte Carlo, hard core")  # kernels that the self-check runs
OwnReferences = Annotated[
    Path | None, typer.Option("--reference", help="Another table of reference values. (default: the installed one)")
]


def doctor(reference: OwnReferences = None, json: Json = False) -> None:
    """Versions, threads, cores, the cache of compiled kernels, and a self-check of some seconds (exit 3: it failed)."""
    from gardner.runtime import environment

    variables = environment.thread_variables()
    use_threads(1)
    began = time.perf_counter()
    found = environment.versions()
    problems, notes = environment.missing(found)
    if problems:  # nothing can be computed
        print("\n".join(f"problem: {text}" for text in problems), file=sys.stderr)
        raise typer.Exit(EXIT_NOT_CONVERGED)
    from gardner.comparison.selfcheck import read_references, run_checks
    from gardner.runtime.progress import Progress

    references = read_references(reference)
    folder = environment.usable_cache()
    cache = environment.kernel_cache(temporary=folder is not None)
    machine = environment.describe(found, cache, variables) | {"notes": notes}
    if not json:
        print_machine(machine)
    if not all(cache.compiled[group] for group in CHECKED):
        print("kernels must be compiled first (once, up to a minute) …", file=sys.stderr, flush=True)
    with Progress("self-check") as progress:
        outcomes = run_checks(references, lambda quantity: progress.due(f"self-check: {quantity}"))
    status = "passed" if all(outcome.passed for outcome in outcomes) else "failed"
    seconds = time.perf_counter() - began
    if json:
        print_json(document(machine, outcomes, reference, status, seconds))
    else:
        print_outcomes(outcomes, seconds)
    if folder is not None:
        folder.cleanup()
    if status == "failed":
        raise typer.Exit(EXIT_NOT_CONVERGED)


def document(machine: dict, outcomes: list, reference: Path | None, status: str, seconds: float) -> dict:
    """The JSON document: header, what is installed, one entry per check."""
    from dataclasses import asdict

    from gardner.results import Header

    checks = [
        asdict(one.reference) | {name: value for name, value in vars(one).items() if name != "reference"}
        for one in outcomes
    ]
    given = {"reference": None if reference is None else str(reference)}
    body = {"checks": checks, "failed": sum(not one.passed for one in outcomes)}
    return asdict(Header("doctor", given, status, seconds)) | machine | body


def print_machine(machine: dict) -> None:
    """Versions, cores, threads and cache in a few lines."""
    found, cache, cores = machine["versions"], machine["cache"], machine["cores"]
    print(f"gardner {found['gardner']}, Python {found['python']}")
    print("  " + ", ".join(f"{n} {v or 'not installed'}" for n, v in found.items() if n not in ("gardner", "python")))
    print(f"cores: {cores['usable']} usable of {cores['machine']}; BLAS: {machine['blas']}")
    set_ = ", ".join(f"{name}={value}" for name, value in machine["threads"]["environment"].items() if value)
    print(f"threads: commands use one unless --threads says otherwise; environment: {set_ or 'no limit set'}")
    print(f"kernel cache: {cache['bytes'] / 1e6:.1f} MB, {'writable' if cache['writable'] else 'NOT writable'}")
    for path in cache["folders"]:
        print(f"  {path}")
    groups = ", ".join(f"{group} {'yes' if done else 'no'}" for group, done in cache["compiled"].items())
    print(f"  compiled: {groups}")
    for name in ("warnings", "notes"):
        for text in machine[name]:
            print(f"{name[:-1]}: {text}")


def print_outcomes(outcomes: list, seconds: float) -> None:
    """One line per check, and what failed."""
    rows = []
    for one in outcomes:
        reference = one.reference
        computed = f"{one.computed:.10g}" + (f" ± {one.error:.1g}" if one.error else "")
        tolerance = f"{reference.tolerance:g}" + ("σ" if reference.sigmas else "")
        verdict = "pass" if one.passed else "FAIL"
        rows.append([reference.quantity, computed, f"{reference.value:.10g}", tolerance, verdict])
    print_table("self-check", ["quantity", "computed", "reference", "tolerance", ""], rows)
    failed = [one for one in outcomes if not one.passed]
    for one in failed:
        print(f"FAIL {one.reference.quantity}: {one.note or 'outside the tolerance'}; {one.reference.source}")
    print(f"{len(outcomes) - len(failed)} of {len(outcomes)} checks passed, {seconds:.1f} s")
