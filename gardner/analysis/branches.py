"""Branches of saddle points followed along α, one point after the other: the chains of a sweep.

Upward from small α the branch starts from small overlaps; downward from large α it starts from whatever the large α
leads to: small overlaps in the random setting, overlaps near 1 in the planted one (the crystal). Every further point
starts from the last solved one. Where the two directions differ the landscape has several states: hysteresis.

Random setting: the previous solution's merged and vanishing levels are opened a little, because a saddle point whose
levels have merged cannot open them by itself, and the dynamics of the map is followed from there. A point that does
not converge is tried again from small overlaps; `start` says which start a solution came from.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

import numpy as np

from gardner.errors import ConvergenceError
from gardner.model import Network, RandomSetting, SolverSettings
from gardner.potentials import Potential
from gardner.results.solution import DIAGNOSTICS, Solution, uninterrupted
from gardner.results.warnings import NO_WARNINGS, to_text, warnings_of
from gardner.theory.random_setting import continued, solve

PLANTED_NUMBERS = ("free_entropy", "residual", "leading_eigenvalue", "generalization_error", "bayes_error", "nishimori")
FAILED = "failed"  # status of a point whose solver raised: the parameters are too extreme for its arithmetic


@dataclass(frozen=True)
class RandomTask:
    """The random setting at one depth and potential along `alphas`, in their order."""

    name: str
    direction: str
    alphas: tuple[float, ...]
    depth: int
    potential: Potential
    parisi: tuple[float, ...]
    solver: SolverSettings = field(default_factory=SolverSettings)
    closure: str = "symmetric"
    weights: str = "spherical"

    @property
    def length(self) -> int:
        return len(self.alphas)

    def start(self) -> dict:
        return {"q": None, "Q": None}

    def step(self, state: dict, index: int) -> tuple[dict, dict]:
        """Solve the next α from the last solved one, and from small overlaps where that fails."""
        began = time.perf_counter()
        core, net = self.potential, Network(self.depth)
        setting = RandomSetting(self.alphas[index], net, core, self.parisi, closure=self.closure, weights=self.weights)
        solution, origin = None, "fresh"
        if state["q"] is not None:
            solution, origin = _attempt(continued, setting, self.solver, state["q"], state["Q"]), "continued"
        if solution is None or solution.status != "converged":
            fresh = _attempt(solve, setting, self.solver)
            if fresh is not None and (solution is None or fresh.status == "converged"):
                solution, origin = fresh, "fresh"
        if solution is None:
            return state, self._failure(origin, time.perf_counter() - began)
        if solution.status == "converged":
            state = {"q": solution.q_li, "Q": solution.Q_li}
        record = {name: getattr(solution, name) for name in DIAGNOSTICS}
        record |= {"q": solution.q_li, "Q": solution.Q_li, "status": solution.status, "start": origin}
        record |= {"warnings": to_text(solution.warnings), "seconds": time.perf_counter() - began}
        return state, record

    def _failure(self, origin: str, seconds: float) -> dict:
        count = len(self.parisi) + 1
        record = dict.fromkeys(DIAGNOSTICS, math.nan) | {"iterations": 0}
        record |= {"q": np.full((self.depth + 1, count), np.nan), "Q": np.full((self.depth, count), np.nan)}
        return record | {"status": FAILED, "start": origin, "warnings": NO_WARNINGS, "seconds": seconds}


def _attempt(solver, *arguments) -> Solution | None:
    """A solution, None where there is none; Ctrl-C goes on to the sweep, which then ends before this point."""
    try:
        return uninterrupted(solver(*arguments))
    except (ConvergenceError, ArithmeticError, np.linalg.LinAlgError):
        return None


@dataclass(frozen=True)
class PlantedTask:
    """The planted setting at one depth: the liquid branch upward or the crystal branch downward along `alphas`."""

    name: str
    direction: str
    alphas: tuple[float, ...]
    depth: int
    closure: str = "symmetric"
    field: float = 0.0
    tolerance: float = 1e-12
    weights: str = "spherical"

    @property
    def length(self) -> int:
        return len(self.alphas)

    def start(self) -> dict:
        return {"point": None}

    def step(self, state: dict, index: int) -> tuple[dict, dict]:
        from gardner.theory.planted.solve import follow_branch

        start = "liquid" if self.direction == "up" else "crystal"
        began = time.perf_counter()
        point, branch = follow_branch(
            self.alphas[index],
            self.depth,
            self.closure,
            start,
            state["point"],
            self.field,
            self.tolerance,
            self.weights,
        )
        record = {name: getattr(branch, name) for name in PLANTED_NUMBERS}
        record |= {"q": branch.q_l, "Q": branch.Q_l, "fresh_overlap": branch.fresh_overlap}
        record |= {"status": branch.status, "start": "fresh" if state["point"] is None else "continued"}
        record |= {"iterations": branch.iterations, "warnings": to_text(warnings_of(branch))}
        record |= {"seconds": time.perf_counter() - began}
        return {"point": point}, record
