"""Named computations whose numbers have to survive a change of the code behind them.

Every case returns a few named numbers. They are kept in `numbers.json`, which `write.py` makes, and
`test_regression.py` computes them again and compares. The cases call only what users call: the
names that `gardner` exports, and the command line with `--json`. So the modules behind may move.

An array is kept by at most eight of its entries, spread evenly. Solvers run at a tolerance of
1e-12; their residuals then lie near 1e-14, and agreement to 1e-10 is a fair demand. A case that
cannot be demanded so much says why in `reason`. Monte Carlo with a given seed has to follow the
same trajectory and is compared exactly, or to rounding where its weights are real.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

import gardner

NUMBERS = Path(__file__).with_name("numbers.json")
DEFAULT = 1e-10
EXACT = 0.0
ROUNDING = 1e-13  # of sums over a Monte Carlo run; another trajectory differs by 1e-3
TIGHT = 1e-12  # tolerance of the solvers of overlaps
MOST = 8  # entries kept of one array

Value = float | int | str | bool | None | list


@dataclass(frozen=True)
class Case:
    """One computation.

    name: of the case, unique; compute: returns the numbers by name; tolerance: a number may differ
    from the kept one by tolerance * (1 + |kept|); reason: why the tolerance is not the default one;
    slow: whether the test runs only with the slow ones.
    """

    name: str
    compute: Callable[[], dict[str, Value]]
    tolerance: float = DEFAULT
    reason: str = ""
    slow: bool = False


def some(values, count: int = 3) -> list[float]:
    """At most `count` entries of an array, the first, the last, and others spread evenly."""
    flat = np.asarray(values, dtype=float).ravel()
    count = min(count, MOST, flat.size)
    return flat[np.round(np.linspace(0, flat.size - 1, count)).astype(int)].tolist()


@cache
def command(*arguments: str) -> dict:
    """The JSON document that the command line prints for these arguments."""
    from gardner.cli.main import app

    result = CliRunner().invoke(app, [*arguments, "--json"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return json.loads(result.stdout)


def documented(line: str, read: Callable[[dict], dict[str, Value]]) -> dict[str, Value]:
    """What `read` takes from the document of one command line."""
    return read(command(*line.split()))


# random setting


def random_setting(**given) -> dict[str, Value]:
    """Status, free entropy and two overlaps of one saddle point.

    The overlaps are Q at the innermost level of the last bond layer and q at a middle level of the
    last hidden layer. These are the layers that order first in both closures.
    """
    solution = gardner.solve_random(**({"tolerance": TIGHT} | given))
    numbers: dict[str, Value] = {"status": solution.status}
    if solution.status != "no_solution":
        numbers["s"] = float(solution.free_entropy)
        numbers["Q"] = float(solution.Q_li[-1, -1])
        if solution.q_li.shape[0] > 2:
            numbers["q"] = float(solution.q_li[-2, solution.q_li.shape[1] // 2])
    return numbers


def random_cases() -> list[Case]:
    """Both closures, hard and soft cores, from one to six layers and from none to thirty steps."""
    hard, soft = gardner.HardCore, gardner.SoftCore
    two_steps = gardner.StepFunction((0.3, 0.8), (0.5,))
    three_steps = gardner.StepFunction((0.2, 0.6, 0.9), (0.3, 0.7))
    outputs = gardner.StepFunction((0.5, 1.0), (0.4,))
    given = {
        "L1-k0": {"alpha": 1.0, "depth": 1, "levels": 0},
        "L1-k2-margin-0.5": {"alpha": 1.5, "depth": 1, "levels": 2, "potential": hard(-0.5)},
        "L1-k5-margin1": {"alpha": 0.3, "depth": 1, "levels": 5, "potential": hard(1.0)},
        "L1-k5-beta3": {"alpha": 3.0, "depth": 1, "levels": 5, "potential": soft(3.0)},
        "L2-k1": {"alpha": 6.0, "depth": 2, "levels": 1},
        "L2-k10": {"alpha": 6.0, "depth": 2, "levels": 10},
        "L2-k30": {"alpha": 4.0, "depth": 2, "levels": 30},
        "L2-k5-margin-0.5": {"alpha": 8.0, "depth": 2, "levels": 5, "potential": hard(-0.5)},
        "L2-k2-margin1": {"alpha": 1.2, "depth": 2, "levels": 2, "potential": hard(1.0)},
        "L2-k5-beta66.7": {"alpha": 6.0, "depth": 2, "levels": 5, "potential": soft(66.7)},
        "L2-k2-beta20-margin0.3": {
            "alpha": 2.0,
            "depth": 2,
            "levels": 2,
            "potential": soft(20.0, 0.3),
        },
        "L3-k5": {"alpha": 10.0, "depth": 3, "levels": 5},
        "L3-k2-beta66.7": {"alpha": 10.0, "depth": 3, "levels": 2, "potential": soft(66.7)},
        "L3-parisi": {"alpha": 10.0, "depth": 3, "parisi": (0.1, 0.35, 0.8)},
        "L4-k10": {"alpha": 20.0, "depth": 4, "levels": 10},
        "L6-k1": {"alpha": 30.0, "depth": 6, "levels": 1},
        "L6-k2-beta3": {"alpha": 30.0, "depth": 6, "levels": 2, "potential": soft(3.0)},
        "L2-structured-inputs": {
            "alpha": 5.0,
            "depth": 2,
            "levels": 2,
            "input_overlap": three_steps,
        },
        "L3-structured-both": {
            "alpha": 5.0,
            "depth": 3,
            "levels": 1,
            "input_overlap": two_steps,
            "output_overlap": outputs,
        },
        "L1-no-solution": {"alpha": 3.0, "depth": 1, "levels": 1},
        "directed-L1-k0": {"alpha": 1.0, "depth": 1, "levels": 0},
        "directed-L2-k1": {"alpha": 6.0, "depth": 2, "levels": 1},
        "directed-L2-k5": {"alpha": 6.0, "depth": 2, "levels": 5},
        "directed-L2-k2-beta66.7": {
            "alpha": 6.0,
            "depth": 2,
            "levels": 2,
            "potential": soft(66.7),
        },
        "directed-L2-k2-margin-0.5": {
            "alpha": 12.0,
            "depth": 2,
            "levels": 2,
            "potential": hard(-0.5),
        },
        "directed-L3-k2": {"alpha": 10.0, "depth": 3, "levels": 2},
        "directed-L3-structured": {
            "alpha": 20.0,
            "depth": 3,
            "levels": 1,
            "potential": soft(3.0),
            "input_overlap": two_steps,
        },
        "directed-L4-k1": {"alpha": 15.0, "depth": 4, "levels": 1},
        "directed-L6-k1": {"alpha": 20.0, "depth": 6, "levels": 1},
    }
    cases = []
    for name, values in given.items():
        closure = "directed" if name.startswith("directed") else "symmetric"
        cases.append(Case(f"random/{name}", partial(random_setting, closure=closure, **values)))
    damped = {"alpha": 6.0, "depth": 2, "levels": 1, "method": "damped", "tolerance": 1e-13}
    cases.append(Case("random/L2-k1-damped", partial(random_setting, **damped)))
    cases.append(
        Case(
            "random/command-line",
            partial(
                documented,
                "solve random --alpha 1.5 --depth 1 --levels 1 --margin -0.5 --tol 1e-12",
                lambda document: {
                    "s": document["free_entropy"],
                    "replicon": document["replicon"][0],
                },
            ),
        )
    )
    return cases


# planted setting


def planted_setting(start: str, **given) -> dict[str, Value]:
    """Statuses, free entropy and error of one branch, and Q of its output layer.

    With a field also q of the last hidden layer, which no other number shows so directly.
    """
    solution = gardner.solve_planted(branch=start, **given)
    branch = solution.branches[0]
    numbers: dict[str, Value] = {
        "status": branch.status,
        "stable": solution.stable,
        "s": float(branch.free_entropy),
        "Q": float(branch.Q_l[-1]),
        "generalization_error": float(branch.generalization_error),
    }
    if "field" in given:
        numbers["q"] = float(branch.q_l[-2])
    return numbers


def planted_cases() -> list[Case]:
    """Both closures and branches, α from 0.5 to 1000 and up to twenty layers."""
    points = (
        ("symmetric", 1, 0.5, "liquid"),
        ("symmetric", 2, 0.5, "liquid"),
        ("symmetric", 2, 12.0, "crystal"),
        ("symmetric", 3, 20.0, "liquid"),
        ("symmetric", 5, 30.0, "crystal"),
        ("symmetric", 10, 100.0, "liquid"),
        ("symmetric", 20, 1000.0, "liquid"),
        ("symmetric", 20, 1000.0, "crystal"),
        ("directed", 1, 5.0, "liquid"),
        ("directed", 2, 3.0, "liquid"),
        ("directed", 3, 20.0, "liquid"),
        ("directed", 5, 20.0, "crystal"),
        ("directed", 10, 100.0, "crystal"),
        ("directed", 20, 1000.0, "liquid"),
    )
    cases = []
    for closure, depth, alpha, start in points:
        given = {"alpha": alpha, "depth": depth, "closure": closure}
        name = f"planted/{closure}-L{depth}-alpha{alpha:g}-{start}"
        cases.append(Case(name, partial(planted_setting, start, **given)))
    for closure in ("symmetric", "directed"):
        given = {"alpha": 8.0, "depth": 4, "closure": closure, "field": 0.01}
        cases.append(Case(f"planted/{closure}-field", partial(planted_setting, "liquid", **given)))
    bayes = partial(
        documented,
        "solve planted --alpha 10 --depth 3",
        lambda document: {
            "bayes_error": [branch["bayes_error"] for branch in document["branches"]],
            "fresh_overlap": document["branches"][0]["fresh_overlap"][2],
            "linear_bound": [document["linear_bound"][key] for key in LINEAR],
        },
    )
    return [*cases, Case("planted/errors", bayes)]


LINEAR = ("free_entropy", "generalization_error")


# transitions


def planted_transitions(closure: str, depth: int | None, count: int) -> dict[str, Value]:
    """Continuous transitions, the spinodal and the crystal transition."""
    found = gardner.planted_transitions(closure, depth, 4)
    return {
        "continuous": some(found.continuous, count),
        "spinodal": found.spinodal,
        "crystal": found.crystal,
    }


def random_transitions(**given) -> dict[str, Value]:
    """The limit k → ∞ of the last transition, its value at most steps, and all statuses."""
    found = gardner.random_transitions(**given)
    last = found.transitions[-1]
    return {
        "alpha": last.alpha,
        "value": last.values[-1] if last.values else None,
        "statuses": [transition.status for transition in found.transitions],
    }


def directed_transitions(line: str) -> dict[str, Value]:
    """The same of the directed closure."""
    return documented(
        f"transitions random --closure directed {line}",
        lambda document: {
            "alpha": document["continuous"][-1],
            "value": document["values"][-1][-1],
            "statuses": document["statuses"],
        },
    )


def transition_cases() -> list[Case]:
    """Fronts and nets of both settings and closures."""
    fronts = [
        Case(f"transitions/planted-{closure}-front", partial(planted_transitions, closure, None, 4))
        for closure in ("symmetric", "directed")
    ]
    nets = [
        Case(
            f"transitions/planted-{closure}-L{depth}",
            partial(planted_transitions, closure, depth, count),
        )
        for closure, depth, count in (
            ("symmetric", 2, 1),
            ("symmetric", 3, 1),
            ("symmetric", 5, 2),
            ("directed", 2, 1),
            ("directed", 3, 2),
            ("directed", 5, 4),
        )
    ]
    root = "The roots are sought to 1e-8 in ln α, and the limit k → ∞ enlarges their errors."
    rough = "The roots are sought to a relative 1e-6, and the limit k → ∞ enlarges their errors."
    random, directed = [], []
    for name, given in (("L2", {"depth": 2}), ("L4", {"depth": 4}), ("front", {"count": 2})):
        compute = partial(random_transitions, levels=8, **given)
        random.append(Case(f"transitions/random-symmetric-{name}", compute, 1e-7, root, name == "L4"))
    for name, line in (("front", "--levels 8 --count 2"), ("L3", "--levels 8 --depth 3")):
        compute = partial(directed_transitions, line)
        directed.append(Case(f"transitions/random-directed-{name}", compute, 1e-5, rough, True))
    return [*fronts, *nets, *random, *directed]


# capacity, optimal m, the SK model


def capacity(depth: int, margin: float, levels: int | None = None) -> dict[str, Value]:
    """α_c and what stands beside it."""
    found = gardner.capacity(depth, margin, levels)
    numbers: dict[str, Value] = {"alpha_c": found.alpha_c, "alpha_at": found.alpha_at}
    if depth > 1:
        numbers["counting_bound"] = found.counting_bound
    elif margin < 0.0:
        numbers["bound"] = found.bounds[-1]
        numbers["alpha_rs"] = found.alpha_rs
    return numbers


@cache
def optimised():
    """The optimal two steps of a net of two layers."""
    setting = gardner.RandomSetting(6.0, gardner.Network(2), parisi=(1 / 3, 2 / 3))
    return gardner.optimise_parisi(setting, gardner.SolverSettings(tolerance=TIGHT))


def sinh_grid(ratio: float, levels: int) -> tuple[float, ...]:
    """m_i = sinh(a i/(k+1))/sinh(a), cosh a = `ratio`: what cold SK models had by default when numbers were kept."""
    a = float(np.arccosh(ratio))
    return tuple((np.sinh(a * np.arange(1, levels + 1) / (levels + 1)) / np.sinh(a)).tolist())


def sherrington_kirkpatrick(**given) -> dict[str, Value]:
    """Free energy, first and last overlap of the SK model."""
    found = gardner.solve_sk(tolerance=TIGHT, **given)
    return {
        "status": found.status,
        "free_energy": found.free_energy,
        "q": some(found.q_i, 2),
    }


def other_replica_cases() -> list[Case]:
    """Capacities, optimal m, the SK model, gaps and the hierarchy."""
    searched = "The m are sought by BFGS to a slope of 1e-8 of ln α_c; k → ∞ enlarges the errors."
    flat = "The m are sought by BFGS to slopes of 1e-8, which leaves some 1e-7 of them open."
    path = "The limit m → 0 taken exactly; a fit in m gave 8.73552(30) before."
    random_sweep = "random --alpha 1,3,5,7 --depth 2 --levels 3 --tol 1e-12 --direction up"
    return [
        Case("capacity/L1-margin0", partial(capacity, 1, 0.0)),
        Case("capacity/L1-margin1", partial(capacity, 1, 1.0)),
        Case("capacity/L1-margin-0.5-k1", partial(capacity, 1, -0.5, 1), 1e-9, searched),
        Case("capacity/L1-margin-0.5", partial(capacity, 1, -0.5), 1e-8, searched),
        Case("capacity/L2-rs", partial(capacity, 2, 0.0, 0)),
        Case("capacity/L2", partial(capacity, 2, 0.0), 1e-10, path),
        Case(
            "optimal-parisi/entropy",
            lambda: {
                "s": float(optimised().solution.free_entropy),
                "status": optimised().solution.status,
            },
        ),
        Case(
            "optimal-parisi/m",
            lambda: {
                "m": some(optimised().solution.setting.parisi, 2),
                "Q": float(optimised().solution.Q_li[0, -1]),
            },
            1e-6,
            flat,
        ),
        Case("sk/beta2-k10", partial(sherrington_kirkpatrick, beta=2.0, levels=10)),
        Case("sk/cold-k10", partial(sherrington_kirkpatrick, beta=20.0, parisi=sinh_grid(60.0, 10))),
        Case("sk/parisi", partial(sherrington_kirkpatrick, beta=1.5, parisi=(0.2, 0.6))),
        Case("gaps/hard-core", partial(gaps, 10.0, 3, gardner.HardCore())),
        Case("gaps/soft-core", partial(gaps, 6.0, 2, gardner.SoftCore(20.0, 0.2))),
        Case("hierarchy/L4", hierarchy),
        Case(
            "penetration/planted",
            partial(
                documented,
                "penetration planted --count 5",
                lambda document: {
                    "alpha": some(document["alpha"], 2),
                    "slope": document["slope"],
                    "quadratic": document["quadratic"],
                    "verdict": document["verdict"],
                },
            ),
        ),
        Case("sweep/random", partial(sweep, random_sweep, 1)),
        Case("sweep/planted", partial(sweep, "planted --alpha 10.5,16 --depth 3", 2)),
        Case("liquid/closed-forms", liquid_theory, slow=True),
    ]


def gaps(alpha: float, depth: int, potential) -> dict[str, Value]:
    """The distribution of gaps of the first bond layer."""
    solution = gardner.solve_random(alpha, depth, 2, potential=potential, tolerance=TIGHT)
    first = gardner.solution_gaps(solution)[0]
    return {
        "density": float(first.density_a[-40]),
        "wall_density": float(first.wall_density),
        "mean": float(first.mean),
        "contact_weight": float(first.contact_weight),
        "energy": float(first.energy),
    }


def hierarchy() -> dict[str, Value]:
    """The tree of states: levels that are alive, breakpoints, and the depth of drawn trees."""
    solution = gardner.solve_random(20.0, 4, 5, tolerance=TIGHT)
    found = gardner.hierarchy(solution, replicas=40, seed=3)
    middle = found.spins[len(found.spins) // 2]
    return {
        "levels_alive": [layer.levels_alive for layer in found.spins],
        "breakpoint": middle.breakpoint,
        "mean_depth": middle.mean_depth,
        "second_moment": float(middle.law.moment(2)),
    }


def sweep(line: str, layer: int) -> dict[str, Value]:
    """The points of a `gardner sweep`, read from the file that it writes."""
    import xarray

    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "sweep.nc")
        document = command("sweep", *line.split(), "--out", file)
        with xarray.open_dataset(file, engine="h5netcdf") as dataset:
            return {
                "converged": document["converged"],
                "s": some(dataset["free_entropy"], 4),
                "q_EA": some(dataset["q_EA"].sel(spin_layer=layer), 2),
            }


def liquid_theory() -> dict[str, Value]:
    """Covariances of one hidden unit in the liquid, as both closures give them.

    The command also samples for as long as the budget says; what is kept does not depend on that.
    """
    line = "compare liquid --depth 2 --alpha 0.5 --budget 20s --connectivities 4,6,8"
    with tempfile.TemporaryDirectory() as folder:
        place = str(Path(folder) / "liquid")
        document = command(*line.split(), "--realisations", "100", "--out", place)
    numbers: dict[str, Value] = {}
    for closure in ("symmetric", "directed"):
        numbers[closure] = [entry["theory"][closure] for entry in document["observables"]][:4]
    return numbers


# field theory


def field_theory_cases() -> list[Case]:
    """Predictions, zero modes, lattices, and the learning rate."""
    theory = partial(gardner.SymmetryBreaking, mu=1.2, coupling=0.7, components=4)
    lattice = (
        "fieldtheory lattice --sizes 4,6 --mass2 -1.3,-1.1 --coupling 0.5 --components 2"
        " --blocks 8 --sweeps 5 --thermalisation 20 --seed 5"
    )
    schedule = "--windows 4 --steps 50 --runs 2 --noise 0.05 --seed 5"
    weight = f"fieldtheory learning-rate --rates 0.4,0.8,1.6 {schedule}"
    net = (
        "fieldtheory learning-rate --system net --rates 0.05,0.2,0.4 --windows 4 --steps 10"
        " --runs 2 --hidden 4,4 --seed 5"
    )
    nets = "fieldtheory linear-net --widths 3-2-3,3-3-3+layer,4-2-4+block --seed 5"
    training = "Training multiplies matrices, which other libraries may round otherwise."
    return [
        Case("field-theory/predict", lambda: prediction(theory(), 1.0)),
        Case("field-theory/predict-above", lambda: prediction(theory(), 4.0)),
        Case(
            "field-theory/propagators",
            partial(documented, "fieldtheory predict --learning-rate 1 --k 0.4", propagators),
        ),
        Case("field-theory/zero-modes", zero_modes),
        Case("field-theory/linear-net", partial(documented, nets, linear_nets)),
        Case(
            "field-theory/lattice-trajectory",
            partial(documented, lattice, lattice_trajectory),
            EXACT,
            "A seeded Monte Carlo trajectory is the same or another one.",
        ),
        Case("field-theory/lattice-estimates", partial(documented, lattice, lattice_estimates)),
        Case("field-theory/learning-rate", partial(documented, weight, learning_rate)),
        Case(
            "field-theory/learning-rate-net",
            partial(
                documented,
                net,
                lambda document: {name: document["scan"][name] for name in ("order", "accuracy")},
            ),
            1e-8,
            training,
        ),
    ]


def prediction(theory, rate: float) -> dict[str, Value]:
    """Order parameter and spectrum; eigenvalues that vanish are counted, for they are round-off."""
    found = gardner.predict_symmetry_breaking(theory, rate)
    return {
        "order_parameter": found.order_parameter,
        "sigma_mass2": found.sigma_mass2,
        "zero_modes": found.zero_modes,
    }


def propagators(document: dict) -> dict[str, Value]:
    """The propagators of the σ mode at a few times."""
    first = document["propagators"][0]
    return {name: some(first[name][1:], 2) for name in ("euclidean", "lattice", "source_real")}


def zero_modes() -> dict[str, Value]:
    """Zero modes of a deep linear net and the largest eigenvalues of its Hessian."""
    found = gardner.zero_modes(gardner.LinearNet((4, 2, 3, 4)), seed=2)
    return {
        "counted": found.counted,
        "predicted": found.predicted,
        "global_loss": found.global_loss,
        "largest": some(found.spectrum[-2:]),
    }


def linear_nets(document: dict) -> dict[str, Value]:
    """Counts and largest eigenvalue with and without residual connections."""
    return {
        "counted": [net["counted"] for net in document["nets"]],
        "largest": [net["largest"] for net in document["nets"]],
        "sgd_loss": document["nets"][0]["sgd_loss"],
    }


def lattice_trajectory(document: dict) -> dict[str, Value]:
    """Acceptance and order of two lattices."""
    ends = document["lattices"][0], document["lattices"][-1]
    return {
        "acceptance": [lattice["acceptance"] for lattice in ends],
        "order2": [lattice["order2"][0] for lattice in ends],
    }


def lattice_estimates(document: dict) -> dict[str, Value]:
    """Numbers that are fitted to the measurements, with their errors."""
    last = document["lattices"][-1]
    return {name: last[name] for name in ("cumulant", "sigma_mass2")}


def learning_rate(document: dict) -> dict[str, Value]:
    """Order parameter of gradient descent, with noise and smoothed.

    At larger rates the first two are chaotic, and round-off would decide.
    """
    scans = {scan["dynamics"]: scan["order"] for scan in document["scans"]}
    return {"gd": scans["gd"][0], "sgd": scans["sgd"][:2], "smoothed": scans["smoothed"][1:]}


# Monte Carlo

SHORT = " --sweeps 40 --samples 2 --replicas 2 --measurements 10 --points 2 --seed 3"


def monte_carlo(line: str) -> dict[str, Value]:
    """Energy, overlaps between replicas (and with the teacher), and acceptance of one short run."""
    document = command(*(f"mc {line}{SHORT}").split())
    hidden = document["layers"][1]
    numbers: dict[str, Value] = {
        "energy": document["energy"]["mean"],
        "Q": hidden["Q"]["replica"]["raw"]["mean"],
        "acceptance": document["acceptance"]["bond"][0],
    }
    if hidden["Q"]["teacher"]["raw"] is not None:
        numbers["Q_matched"] = hidden["Q"]["teacher"]["matched"]["mean"]
        numbers["fresh_error"] = document["fresh_error"]["mean"]
    if hidden["Q"]["guest"]["raw"] is not None:
        numbers["Q_guest"] = hidden["Q"]["guest"]["raw"]["mean"]
    if "exchange_rates" in document:
        numbers["exchange_rate"] = document["exchange_rates"][0]
    return numbers


def training(document: dict) -> dict[str, Value]:
    """Share of greedy and of annealed runs that reach zero error, and their errors."""
    names = ("reached_zero", "final_error", "fresh_error")
    return {name: [run[name] for run in document["runs"][:2]] for name in names}


def monte_carlo_cases() -> list[Case]:
    """Every kind of weights, potential and dynamics, all of them small."""
    net = "planted --width 6 --depth 2 --alpha 2"
    sparse = "planted --width 12 --depth 2 --alpha 2 --connectivity 4"
    lines = {
        "soft-spherical": "random --width 6 --depth 3 --alpha 2",
        "soft-gaussian": "random --width 6 --depth 2 --alpha 2 --weights gaussian --beta 5",
        "soft-tempering": "random --width 6 --depth 2 --alpha 2 --tempering 3",
        "soft-planted-margin": f"{net} --potential soft --margin 0.3 --start random",
        "hard-rotations": "planted --width 6 --depth 3 --alpha 2",
        "hard-rotations-step": "planted --width 8,5,1 --depth 2 --alpha 2 --step 0.4",
        "hard-regular": f"{sparse} --graph regular --dilution 0.1",
        "heat-bath": f"{net} --dynamics heat-bath",
        "heat-bath-sparse": f"{sparse} --dynamics heat-bath",
        "binary-random": "random --width 6 --depth 2 --alpha 1 --weights binary --beta 3",
        "binary-planted": f"{net} --weights binary --beta 2 --dilution 0.2",
        "binary-tempering": f"{net} --weights binary --beta 3 --tempering 3",
    }
    reason = "A seeded Monte Carlo trajectory is the same or another one."
    rounded = (
        "The trajectory of real weights is the same, but its sums are rounded as the compiler orders them"
        " for the vectors of the processor."
    )
    cases = []
    for name, line in lines.items():
        exact = name.startswith("binary")
        tolerance, why = (EXACT, reason) if exact else (ROUNDING, rounded)
        cases.append(Case(f"monte-carlo/{name}", partial(monte_carlo, line), tolerance, why))
    line = "mc training --alpha 2,4 --depth 2 --dilution 0.2 --sweeps 50 --samples 2 --seed 1"
    return [
        *cases,
        Case("monte-carlo/training", partial(documented, line, training), EXACT, reason),
    ]


def all_cases() -> Sequence[Case]:
    """Every case, in the order in which the file keeps them."""
    groups = (
        random_cases(),
        planted_cases(),
        transition_cases(),
        other_replica_cases(),
        field_theory_cases(),
        monte_carlo_cases(),
    )
    cases = sorted((case for group in groups for case in group), key=lambda case: case.name)
    assert len({case.name for case in cases}) == len(cases), "two cases have the same name"
    return cases


CASES = all_cases()
