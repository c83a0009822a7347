"""A program of a user, which mypy checks: what it reads of results has a type, and a wrong one would be seen."""

from pathlib import Path

import numpy as np

import gardner


def plateau(alpha: float) -> np.ndarray:
    """q_EA of all spin layers."""
    solution: gardner.Solution = gardner.solve_random(alpha=alpha, depth=4, levels=10, potential=gardner.HardCore(0.1))
    return solution.q_ea


def stable(alpha: float) -> str:
    """Which of liquid and crystal is stable."""
    net: gardner.PlantedSolution = gardner.solve_planted(alpha, depth=4)
    return net.stable


def bound() -> float | None:
    """What counting allows."""
    found: gardner.Capacity = gardner.capacity(depth=3)
    return found.counting_bound


def several(folder: Path) -> list[str]:
    """Statuses along α."""
    plan = gardner.RandomSweep(alphas=(1.0, 2.0), depths=(2,), parisi=(0.5,), solver=gardner.SolverSettings())
    sweep = gardner.run_sweep(plan, folder, gardner.Workers(2))
    return [str(status) for status in sweep["status"].values.ravel()]


gardner.solve_planted("much", depth=4)  # type: ignore[arg-type]
gardner.solve_everything()  # type: ignore[attr-defined]
