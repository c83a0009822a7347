"""`gardner doctor`: what is installed, where kernels are kept, and a self-check against reference values."""

import json as json_module
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
        report_problems(found, problems, notes, reference, time.perf_counter() - began, json)
        raise typer.Exit(EXIT_NOT_CONVERGED)
    from gardner.doctor.selfcheck import KERNELS, read_references, run_checks
    from gardner.runtime.progress import Progress

    references = read_references(reference)
    cache = environment.kernel_cache(KERNELS)
    machine = environment.describe(found, cache, variables) | {"problems": [], "notes": notes}
    machine["verdicts"] = verdicts(machine)
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
    if status == "failed":
        raise typer.Exit(EXIT_NOT_CONVERGED)


def report_problems(
    found: dict, problems: list[str], notes: list[str], reference: Path | None, seconds: float, json: bool
) -> None:
    """What is missing; the JSON document has the header and what can be told without the missing packages."""
    if json:
        import gardner

        body = {"versions": found, "verdicts": verdicts({"versions": found}), "problems": problems, "notes": notes}
        given = {"reference": None if reference is None else str(reference)}
        header = {"command": "doctor", "parameters": given, "status": "failed", "seconds": seconds, "seed": None}
        print(json_module.dumps(header | {"version": gardner.__version__} | body))  # Header itself needs NumPy
    else:
        print_versions(found)
    print("\n".join(f"problem: {text}" for text in problems), file=sys.stderr)


def verdicts(machine: dict) -> dict[str, str]:
    """ok, warning or missing for each part of `machine` that is there: required and optional packages, threads, cache.

    Threads are ok if the limit of one, set by this command, has reached Numba.
    """
    from gardner.runtime import environment

    found = machine["versions"]
    groups = {"required": environment.REQUIRED, "optional": environment.OPTIONAL}
    words = {group: "ok" if all(found[name] for name in names) else "missing" for group, names in groups.items()}
    if "threads" in machine:
        words["threads"] = "ok" if machine["threads"]["numba"] == 1 else "warning"
    if "cache" in machine:
        words["cache"] = "ok" if machine["cache"]["writable"] else "warning"
    return words


def document(machine: dict, outcomes: list, reference: Path | None, status: str, seconds: float) -> dict:
    """The JSON document: header, what is installed, one entry per check."""
    from dataclasses import asdict

    from gardner.results.solution import Header

    checks = [
        asdict(one.reference) | {name: value for name, value in vars(one).items() if name != "reference"}
        for one in outcomes
    ]
    given = {"reference": None if reference is None else str(reference)}
    body = {"checks": checks, "failed": sum(not one.passed for one in outcomes)}
    return asdict(Header("doctor", given, status, seconds)) | machine | body


def print_versions(found: dict) -> None:
    """Versions, required and optional packages apart, each line closed by its verdict."""
    from gardner.runtime import environment

    words = verdicts({"versions": found})
    print(f"gardner {found['gardner']}, Python {found['python']}: ok")
    for group, names in (("required", environment.REQUIRED), ("optional", environment.OPTIONAL)):
        print(f"{group}: " + ", ".join(f"{n} {found[n] or 'not installed'}" for n in names) + f": {words[group]}")


def print_machine(machine: dict) -> None:
    """Versions, cores, threads and cache in a few lines, each that can go wrong closed by ok, warning or missing."""
    cache, cores, words = machine["cache"], machine["cores"], machine["verdicts"]
    print_versions(machine["versions"])
    print(f"cores: {cores['usable']} usable of {cores['machine']}; BLAS: {machine['blas']}")
    set_ = ", ".join(f"{name}={value}" for name, value in machine["threads"]["environment"].items() if value)
    limits = f"one unless --threads says otherwise; environment: {set_ or 'no limit set'}"
    print(f"threads: {limits}: {words['threads']}")
    writable = "writable" if cache["writable"] else "NOT writable"
    print(f"kernel cache: {cache['bytes'] / 1e6:.1f} MB, {writable}: {words['cache']}")
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
