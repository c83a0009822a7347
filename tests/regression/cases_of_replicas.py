"""Capacities, optimal m, the SK model, gaps, hierarchies, sweeps, and the liquid."""

from __future__ import annotations

import tempfile
from functools import cache, partial
from pathlib import Path

import numpy as np
from regression.case import TIGHT, Case, Value, command, documented, some

import gardner

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
