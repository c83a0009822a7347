"""`gardner solve …`: one saddle point from the command line."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import (
    check_outputs,
    deliver,
    finish,
    keep_result,
    number_list,
)
from gardner.cli.options import Fields, with_fields
from gardner.cli.parsing import refuse_idle
from gardner.grids import GRIDS, choose_grid, cooling_of
from gardner.model import Network, RandomSetting, SolverSettings
from gardner.potentials import POTENTIALS, choose_potential

app = typer.Typer(help="Solve one saddle point.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Out = Annotated[Path | None, typer.Option(help="Save the solution (netCDF).")]
Force = Annotated[bool, typer.Option("--force", help="Replace existing files.")]
Plot = Annotated[Path | None, typer.Option(help="Draw the overlaps (.svg, .pdf, .png).")]
Threads = Annotated[int, typer.Option(help="Threads of the linear algebra.")]
Levels = Annotated[int | None, typer.Option(help="RSB steps k. [default: 10]")]
Grid = Annotated[
    str | None, typer.Option(help=f"Of the m_i: {GRIDS.listed}. [default: auto, i/(k+1) unless it is cold]")
]
Parisi = Annotated[str | None, typer.Option(help="The m_i themselves, as in 0.2,0.5,0.8, instead of --levels.")]
BOUNDARY = "{} as overlaps@breakpoints, 0.2,0.5,0.9@0.3,0.7, or a file of two columns (x, overlap). [default: 1]"
Optimise = Annotated[bool, typer.Option("--optimise-parisi", help="Vary the m_i until s is smallest (any depth).")]
Extrapolate = Annotated[bool, typer.Option("--extrapolate", help="Also give s for k → ∞ with an error.")]


@app.command("random")
@with_fields
def random(
    *,
    load: Annotated[dict, Fields(RandomSetting, "alpha")],
    net: Annotated[dict, Fields(Network)],
    closure: Annotated[dict, Fields(RandomSetting, "closure", "weights")],
    levels: Levels = None,
    parisi: Parisi = None,
    grid: Grid = None,
    potential: Annotated[str, typer.Option(help=f"{POTENTIALS.listed}.")] = "hard",
    beta: Annotated[float | None, typer.Option(help="Inverse temperature, unless hard. [default: 66.7]")] = None,
    margin: Annotated[float, typer.Option(help="Margin κ.")] = 0.0,
    input_overlap: Annotated[str | None, typer.Option(help=BOUNDARY.format("q(x,0)"))] = None,
    output_overlap: Annotated[str | None, typer.Option(help=BOUNDARY.format("q(x,L)"))] = None,
    search: Annotated[dict, Fields(SolverSettings)],
    optimise_parisi: Optimise = False,
    extrapolate: Extrapolate = False,
    threads: Threads = 1,
    start: Annotated[Path | None, typer.Option("--from", help="Continue from a saved solution.")] = None,
    out: Out = None,
    force: Force = False,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Random inputs and outputs: q(x,l), Q(x,l) and the free entropy."""
    from gardner.boundaries import boundary_overlaps, parse
    from gardner.errors import FileFormatError
    from gardner.results.files import load as read
    from gardner.results.solution import Solution

    core = choose_potential(potential, margin, beta)
    given = None if parisi is None else number_list("parisi", parisi)
    m = choose_grid(levels, given, grid, cooling_of(core))
    written = {"input-overlap": input_overlap, "output-overlap": output_overlap}
    m, *overlaps = boundary_overlaps(m, *(None if t is None else parse(name, t) for name, t in written.items()))
    setting = RandomSetting(load["alpha"], Network(**net), core, m, *overlaps, **closure)
    solver = SolverSettings(**search)
    check_outputs(out, plot, force)
    if optimise_parisi and (start is not None or parisi is not None):
        raise ValueError("--optimise-parisi starts from the grid of --levels: leave out --from and --parisi")
    previous = read(start) if start is not None else None
    if previous is not None and not isinstance(previous, Solution):
        raise FileFormatError(f"{start}: not a solution of the random setting; give a file of solve random")
    if previous is not None:
        tell_other_theory(start, previous.setting, setting)
    solution, more = _solve(setting, solver, previous, optimise_parisi)
    writes = keep_result(solution, out)
    family = None if not extrapolate else lambda k: choose_grid(k, None, grid, cooling_of(core))
    found, trouble = _beyond(solution, setting, solver, previous, optimise_parisi, family)
    more |= found
    deliver(solution, plot, json, writes, solution.document() | more, lambda: print_more(more, solution))
    if trouble is not None:
        raise trouble
    finish(solution.status, out, solution.advice)


def _solve(setting, solver, previous, optimise_parisi: bool):
    """The solution, and the slopes of s against the m_i if these were optimised."""
    from gardner.runtime.progress import Progress
    from gardner.theory.parisi.kernels import announce_compilation
    from gardner.theory.random_setting import solve

    announce_compilation()
    with Progress("solve random") as progress:
        if not optimise_parisi:
            return solve(setting, solver, previous, progress), {}
        from gardner.theory.optimal_parisi import optimise_parisi as optimise

        best = optimise(setting, solver, progress)
        return best.solution, {"parisi_slope": best.slope_i}


def _beyond(solution, setting, solver, previous, optimise_parisi: bool, family):
    """What is computed from a solution (`print_more`), and what kept the limit k → ∞ from being known, or None.

    family: the m_i of k steps, if the limit is asked for.
    """
    if solution.status != "converged":
        return {}, None
    from gardner.errors import ConvergenceError
    from gardner.runtime.progress import Progress

    more, trouble = {}, None
    if family is not None:
        from gardner.analysis.limit import full_rsb_limit

        known = solution if previous is None else None  # a continued one may lie on another branch
        try:
            with Progress("solve random") as progress:
                more["limit"] = asdict(full_rsb_limit(setting, solver, optimise_parisi, progress, known, family))
        except (KeyboardInterrupt, ConvergenceError) as problem:  # the solution itself is complete
            trouble = problem
    if setting.network.depth == 1:
        from gardner.perceptron.replicon import solution_replicons

        more["replicon"] = solution_replicons(solution)
    return more, trouble


def tell_other_theory(file: Path, there: RandomSetting, here: RandomSetting) -> None:
    """Say on standard error that a search begins from a solution of another closure or prior."""
    for name in ("closure", "weights"):
        if getattr(there, name) != getattr(here, name):
            asked = f"{getattr(here, name)} is asked for"
            print(f"{file}: {name} = {getattr(there, name)}, {asked}; a first guess only", file=sys.stderr)


def print_more(more: dict, solution) -> None:
    """The optimal m, the limit k → ∞ and the replicons, where they were computed."""
    if "parisi_slope" in more:
        m = ", ".join(f"{value:.6f}" for value in solution.setting.parisi)
        print(f"optimal m = {m}; largest |∂s/∂m| = {abs(more['parisi_slope']).max():.1e}")
    if "limit" in more:
        limit = more["limit"]
        ks = ", ".join(map(str, limit["levels"]))
        print(f"k → ∞: s = {limit['free_entropy']:.9f} ± {limit['error']:.1e} (from k = {ks})")
    if "replicon" in more:
        worst = float(min(more["replicon"]))
        verdict = "stable against further steps" if worst > 0 else "unstable: more steps lower s"
        print(f"smallest replicon {worst:.6f}, {verdict}")


@app.command("sk")
@with_fields
def sk(
    *,
    beta: Annotated[float | None, typer.Option(help="Inverse temperature (k_B = J = 1).")] = None,
    zero_temperature: Annotated[
        bool, typer.Option("--zero-temperature", help="T = 0 instead: the energy e_0.")
    ] = False,
    levels: Levels = None,
    parisi: Parisi = None,
    grid: Grid = None,
    search: Annotated[dict, Fields(SolverSettings, "method", "tolerance", "accuracy")],
    threads: Threads = 1,
    out: Out = None,
    force: Force = False,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Sherrington–Kirkpatrick model through the spin sector: a check users know."""
    from gardner.runtime.progress import Progress, tell
    from gardner.theory.parisi.kernels import announce_compilation

    given = None if parisi is None else number_list("parisi", parisi)
    if (beta is None) != zero_temperature:
        raise ValueError("beta: give either --beta or --zero-temperature")
    if zero_temperature:
        refuse_idle("at T = 0, where the steps are optimised", "--parisi", "--grid", "--method", "--tol", "--accuracy")
    check_outputs(out, plot, force)
    if zero_temperature:
        from gardner.theory.sk_ground_state import USUAL, checked_steps, sk_ground_state

        k = checked_steps(USUAL if levels is None else levels)
        announce_compilation()
        with Progress("solve sk"):
            result = sk_ground_state(k, tell)
    else:
        from gardner.theory.sherrington_kirkpatrick import checked_sk, solve_sk

        checked_sk(beta, levels, given, grid)
        SolverSettings(**search)
        announce_compilation()
        with Progress("solve sk"):
            result = solve_sk(
                beta, levels, parisi=given, grid=grid, **search,
                watch=lambda state: tell(f"iteration {state.evaluations}, residual {state.residual:.1e}"),
            )  # fmt: skip
    deliver(result, plot, json, keep_result(result, out))
    finish(result.status, out, result.advice)
