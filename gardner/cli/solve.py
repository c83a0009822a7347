"""`gardner solve …`: one saddle point from the command line."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gardner.cli.common import (
    Writes,
    check_outputs,
    finish,
    note_written,
    number_list,
    print_json,
    print_table,
    print_verdict,
    use_threads,
)

app = typer.Typer(help="Solve one saddle point.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Out = Annotated[Path | None, typer.Option(help="Save the solution (netCDF).")]
Force = Annotated[bool, typer.Option("--force", help="Replace existing files.")]
Plot = Annotated[Path | None, typer.Option(help="Draw the overlaps (.svg, .pdf, .png).")]
Threads = Annotated[int, typer.Option(help="Threads of the linear algebra.")]
Levels = Annotated[int | None, typer.Option(help="RSB steps k on the grid m_i = i/(k+1). [default: 10]")]
SKLevels = Annotated[int | None, typer.Option(help="RSB steps k; their m follow the temperature. [default: 10]")]
Parisi = Annotated[str | None, typer.Option(help="The m_i themselves, as in 0.2,0.5,0.8, instead of --levels.")]
Method = Annotated[str, typer.Option(help="newton or damped.")]
Tolerance = Annotated[float, typer.Option("--tol", help="Largest accepted residual and step of the overlaps.")]
Accuracy = Annotated[float, typer.Option(help="Discretisation error the field grid aims at.")]
BOUNDARY = "{} as overlaps@breakpoints, 0.2,0.5,0.9@0.3,0.7, or a file of two columns (x, overlap). [default: 1]"
Iterations = Annotated[int | None, typer.Option(help="Evaluations of the map before the search is called stalled.")]
Optimise = Annotated[bool, typer.Option("--optimise-parisi", help="Vary the m_i until s is smallest (any depth).")]
Extrapolate = Annotated[bool, typer.Option("--extrapolate", help="Also give s for k → ∞ with an error.")]


@app.command("random")
def random(
    alpha: Annotated[float, typer.Option(help="Patterns per width, α = M/N.")],
    depth: Annotated[int, typer.Option(help="Number of bond layers L.")],
    closure: Annotated[str, typer.Option(help="symmetric or directed.")] = "symmetric",
    levels: Levels = None,
    parisi: Parisi = None,
    potential: Annotated[str, typer.Option(help="hard, soft or hinge.")] = "hard",
    beta: Annotated[float | None, typer.Option(help="Inverse temperature, unless hard. [default: 66.7]")] = None,
    margin: Annotated[float, typer.Option(help="Margin κ.")] = 0.0,
    input_overlap: Annotated[str | None, typer.Option(help=BOUNDARY.format("q(x,0)"))] = None,
    output_overlap: Annotated[str | None, typer.Option(help=BOUNDARY.format("q(x,L)"))] = None,
    method: Method = "newton",
    tol: Tolerance = 1e-9,
    accuracy: Accuracy = 1e-10,
    max_iterations: Iterations = None,
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
    use_threads(threads)
    from gardner.boundaries import boundary_overlaps, parse
    from gardner.errors import FileFormatError
    from gardner.model import Network, RandomSetting, SolverSettings, uniform_parisi
    from gardner.results.solution import Solution, load, save

    if levels is not None and parisi is not None:
        raise ValueError("--levels and --parisi are both given: choose one of them")
    core = _core(potential, beta, margin)
    m = uniform_parisi(10 if levels is None else levels) if parisi is None else number_list("parisi", parisi)
    written = {"input-overlap": input_overlap, "output-overlap": output_overlap}
    m, *overlaps = boundary_overlaps(m, *(None if t is None else parse(name, t) for name, t in written.items()))
    setting = RandomSetting(alpha, Network(depth), core, m, *overlaps, closure=closure)
    solver = SolverSettings(method, tol, accuracy, max_iterations)
    check_outputs(out, plot, force)
    if optimise_parisi and (start is not None or parisi is not None):
        raise ValueError("--optimise-parisi starts from the grid m_i = i/(k+1): leave out --from and --parisi")
    previous = load(start) if start is not None else None
    if previous is not None and not isinstance(previous, Solution):
        raise FileFormatError(f"{start}: not a solution of the random setting; give a file of solve random")
    solution, more = _solved(setting, solver, previous, optimise_parisi)
    writes = Writes()
    with writes:
        if out is not None:
            save(solution, out)
            note_written(out)
    found, trouble = _beyond(solution, setting, solver, previous, optimise_parisi, extrapolate)
    deliver(solution, plot, json, more | found, writes)
    if trouble is not None:
        raise trouble
    finish(solution.status, out, solution.advice)


def _core(potential: str, beta: float | None, margin: float):
    """The potential that the options ask for."""
    from gardner.potentials import POTENTIALS, choose_potential

    kind = POTENTIALS[potential]
    if beta is not None and not kind.has_temperature():
        raise ValueError(f"--beta is given but the {kind.title} has no temperature: add --potential soft")
    return choose_potential(potential, margin, beta)


def _solved(setting, solver, previous, optimise_parisi: bool):
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


def _beyond(solution, setting, solver, previous, optimise_parisi: bool, extrapolate: bool):
    """What is computed from a solution (`print_more`), and what kept the limit k → ∞ from being known, or None."""
    if solution.status != "converged":
        return {}, None
    from gardner.errors import ConvergenceError
    from gardner.runtime.progress import Progress

    more, trouble = {}, None
    if extrapolate:
        from gardner.analysis.limit import full_rsb_limit

        known = solution if previous is None else None  # a continued one may lie on another branch
        try:
            with Progress("solve random") as progress:
                more["limit"] = asdict(full_rsb_limit(setting, solver, optimise_parisi, progress, known))
        except (KeyboardInterrupt, ConvergenceError) as problem:  # the solution itself is complete
            trouble = problem
    if setting.network.depth == 1:
        from gardner.perceptron.replicon import solution_replicons

        more["replicon"] = solution_replicons(solution)
    return more, trouble


def deliver(solution, plot: Path | None, json: bool, more: dict | None = None, writes: Writes | None = None) -> None:
    """Draw a solution of the random setting if asked, and print it, with `more` results, as a document or a table.

    What could not be written, here or before in `writes`, is raised in the end.
    """
    writes = writes or Writes()
    with writes:
        if plot is not None:
            from gardner.plotting.profiles import plot_overlaps

            plot_overlaps(solution, plot)
    verdict = _closure_verdict(solution)
    if json:
        print_json(solution.document() | (more or {}) | {"closure_verdict": verdict})
    else:
        print_solution(solution)
        print_more(more or {}, solution)
        print_verdict(verdict)
    writes.report()


def _closure_verdict(solution) -> str | None:
    """What is held against the closure of this solution, in one line, or None."""
    from gardner.theory.validity import closure_verdict

    setting = solution.setting
    return closure_verdict(solution.closure, setting.network.depth, setting.alpha, setting.potential)


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


def print_solution(solution) -> None:
    """A readable account of a solution of the random setting."""
    setting = solution.setting
    print(
        f"random setting, {solution.closure} closure: α = {setting.alpha:g}, L = {setting.network.depth}, "
        f"k = {setting.levels}, {setting.potential.label}"
    )
    print(f"status {solution.status} after {solution.iterations} evaluations, {solution.seconds:.1f} s")
    print(f"free entropy s = {solution.free_entropy:.10f} per N·M")
    print(
        f"residual {solution.residual:.1e}, estimated error {solution.error:.1e}, "
        f"discretisation error {solution.discretisation_error:.1e}"
    )
    print(f"stationarity of s {solution.stationarity:.1e}, leading eigenvalue {solution.leading_eigenvalue:.8f}")
    rows = [["0", "", f"{solution.q_ea[0]:.8f}", "", f"{solution.q_li[0, 0]:.8f}"]]
    for l in range(1, setting.network.depth + 1):
        values = solution.Q_ea[l - 1], solution.q_ea[l], solution.Q_li[l - 1, 0], solution.q_li[l, 0]
        rows.append([str(l), *(f"{value:.8f}" for value in values)])
    print_table("overlaps by layer", ["l", "Q_EA", "q_EA", "Q_0", "q_0"], rows)


@app.command("sk")
def sk(
    beta: Annotated[float, typer.Option(help="Inverse temperature (k_B = J = 1).")],
    levels: Annotated[
        int | None, typer.Option(help="RSB steps k; their m follow the temperature. [default: 10]")
    ] = None,
    parisi: Parisi = None,
    method: Method = "newton",
    tol: Tolerance = 1e-9,
    accuracy: Accuracy = 1e-10,
    threads: Threads = 1,
    json: Json = False,
) -> None:
    """Sherrington–Kirkpatrick model through the spin sector: a check users know."""
    use_threads(threads)
    if levels is not None and parisi is not None:
        raise ValueError("--levels and --parisi are both given: choose one of them")
    from gardner.checks import MAX_BETA
    from gardner.model import SolverSettings, checked_parisi, positive, uniform_parisi

    positive("beta", beta, MAX_BETA)
    SolverSettings(method, tol, accuracy)
    k = len(uniform_parisi(10 if levels is None else levels))
    m = None if parisi is None else checked_parisi(number_list("parisi", parisi))
    from gardner.runtime.progress import Progress, tell
    from gardner.theory.parisi.kernels import announce_compilation
    from gardner.theory.sherrington_kirkpatrick import solve_sk

    announce_compilation()
    with Progress("solve sk"):
        solution = solve_sk(
            beta,
            k,
            parisi=m,
            method=method,
            tolerance=tol,
            accuracy=accuracy,
            watch=lambda state: tell(f"iteration {state.evaluations}, residual {state.residual:.1e}"),
        )
    if json:
        print_json(sk_document(solution))
    else:
        print_sk(solution)
    finish(solution.status, None, solution.advice)


def sk_document(solution) -> dict:
    """The JSON document of `gardner solve sk`."""
    return asdict(solution.header) | {
        "beta": solution.beta,
        "levels": solution.levels,
        "m": solution.m[1:-1],
        "q": solution.q_i,
        "q_ea": solution.q_ea,
        "free_energy": solution.free_energy,
        "energy": solution.energy,
        "entropy": solution.entropy,
        "mean_overlap": solution.mean_overlap,
        "residual": solution.residual,
        "leading_eigenvalue": solution.leading_eigenvalue,
        "iterations": solution.iterations,
    }


def print_sk(solution) -> None:
    """A readable account of an SK solution."""
    temperature = 1.0 / solution.beta
    print(f"Sherrington–Kirkpatrick model, T = {temperature:g}, k = {solution.levels}: {solution.status}")
    print(f"free energy f = {solution.free_energy:.9f}, energy e = {solution.energy:.9f} per spin")
    print(f"entropy {solution.entropy:.9f}, q_EA = {solution.q_ea:.8f}")
    print(f"∫q dx = {solution.mean_overlap:.8f} (full RSB below T = 1: 1 - T = {max(0.0, 1 - temperature):g})")
