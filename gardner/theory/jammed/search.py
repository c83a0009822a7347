"""The load at which a jammed net has S = 0, with its overlaps and rooms (C54).

S is stationary in overlaps, rooms and fields, so that α = -B/R of overlaps that err by δ errs by δ². Overlaps and ln α
are therefore one fixed point, x = F(x; α), α = -B/R. The plain map, damped, decides *which*: for n → 0 it leads to
the state of smallest S, and away from those in which layers could order but have not. Anderson's method (the least
squares of the last HISTORY residuals) then takes it to round-off, and would go to an unstable state as readily. What it
finds is therefore pushed towards larger overlaps: if the plain map does not bring it back, the search goes on there.

Error: change of α on a finer grid at the same overlaps, and the residual.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gardner.errors import ConvergenceError
from gardner.theory.jammed.base import JammedSetting
from gardner.theory.jammed.chain import JammedChain
from gardner.values import ByValue

DAMPING, HISTORY = 0.5, 8
ROUGH, PUSHED = 60, 30  # plain steps from a rough start, and after a push
TOLERANCE, MOST, ROUNDS = 1e-10, 400, 6
STEP = 1.0  # longest accelerated step in any of the codes
CHANGE = 1.25  # largest factor of α in one plain step
PUSH = 0.02  # towards larger overlaps
SMALLEST_ROOM = 1e-13  # 1 - x_{k-1} of the state kept away from zero
LARGEST_ALPHA = 1e7  # beyond, the branch is taken to have no end


@dataclass(frozen=True, eq=False)
class JammedState(ByValue):
    """α_c of k steps at given ratios y, rows x_ri (2L-1, k+1) of overlaps and rooms; error: numerical, of α."""

    setting: JammedSetting
    alpha: float
    x_ri: np.ndarray
    error: float
    residual: float
    evaluations: int


class Problem:
    """The fixed point in codes: overlaps, logarithms of the rooms of bonds, rooms of spins; ln α last."""

    def __init__(self, setting: JammedSetting):
        self.chain = JammedChain(setting)
        self.evaluations = 0

    def encode(self, x_ri: np.ndarray, alpha: float) -> np.ndarray:
        """The codes of a state."""
        codes = x_ri.copy()
        codes[self.chain.bonds, -1] = np.log(x_ri[self.chain.bonds, -1])
        return np.append(codes.ravel(), np.log(alpha))

    def decode(self, z: np.ndarray) -> tuple[np.ndarray, float]:
        """The state of codes, within the domain of the equations."""
        x_ri = z[:-1].reshape(self.chain.rows, -1).copy()
        x_ri[self.chain.bonds, -1] = np.exp(x_ri[self.chain.bonds, -1])
        x_ri[self.chain.spins, -1] = np.maximum(x_ri[self.chain.spins, -1], 0.0)
        x_ri[:, :-1] = np.maximum.accumulate(np.clip(x_ri[:, :-1], 0.0, 1.0 - SMALLEST_ROOM), axis=1)
        return x_ri, float(np.exp(z[-1]))

    def residual(self, z: np.ndarray, at_load: float | None = None) -> np.ndarray:
        """F(z) - z; at a given α, or with α following S = 0."""
        x_ri, alpha = self.decode(z)
        if alpha > LARGEST_ALPHA or not np.isfinite(z).all():
            raise ConvergenceError("the load at which S = 0 rises without bound", (x_ri, alpha))
        value = self.chain.evaluate(x_ri, alpha)
        self.evaluations += 1
        if not np.isfinite(value.image_ri).all():
            raise ConvergenceError("the map has no value", (x_ri, alpha))
        if at_load is not None:
            following = at_load
        else:
            target = value.alpha if np.isfinite(value.alpha) else np.inf  # S > 0 at every load, so far
            following = float(np.clip(target, alpha / CHANGE, alpha * CHANGE))
        return self.encode(value.image_ri, following) - z

    def settle(self, z: np.ndarray, steps: int, at_load: float | None = None) -> np.ndarray:
        """Damped steps of the plain map."""
        for _ in range(steps):
            z = z + DAMPING * self.residual(z, at_load)
        return z

    def accelerate(self, z: np.ndarray) -> tuple[np.ndarray, float]:
        """Anderson's method to TOLERANCE; the last state and its residual."""
        codes: list[np.ndarray] = []
        residuals: list[np.ndarray] = []
        best, smallest = z, np.inf
        for _ in range(MOST):
            f = self.residual(z)
            size = float(np.abs(f).max())
            if size < smallest:
                best, smallest = z, size
            if size < TOLERANCE:
                break
            codes, residuals = [*codes[1 - HISTORY :], z], [*residuals[1 - HISTORY :], f]
            step = DAMPING * f
            if len(codes) > 2:
                by_code, by_f = np.diff(codes, axis=0).T, np.diff(residuals, axis=0).T
                mixing = np.linalg.lstsq(by_f, f, rcond=1e-10)[0]
                step = DAMPING * f - (by_code + DAMPING * by_f) @ mixing

            # a step too long for the linear model: begin anew from here
            if np.abs(step).max() > STEP:
                step, codes, residuals = DAMPING * f, [], []
            z = z + step
        return best, smallest

    def returns(self, z: np.ndarray) -> np.ndarray | None:
        """None if the plain map brings larger overlaps back to z; else where it leads them."""
        x_ri, alpha = self.decode(z)
        line = np.arange(1, x_ri.shape[1]) / (x_ri.shape[1] - 1)
        x_ri[:, :-1] += PUSH * line * (1.0 - x_ri[:, :-1])

        # what is unstable still grows when the rest has decayed
        half = self.settle(self.encode(x_ri, alpha), PUSHED // 2)
        full = self.settle(half, PUSHED // 2)
        return None if np.abs(full - z)[:-1].max() < np.abs(half - z)[:-1].max() else full


def rough_start(chain: JammedChain, alpha: float) -> np.ndarray:
    """Ordered overlaps, and the rooms of the liquid, 1 + 1/r = (α-1)² (C55)."""
    x_ri = np.empty((chain.rows, chain.setting.steps + 1))
    x_ri[chain.bonds, :-1], x_ri[chain.spins, :-1] = 0.65, 0.4
    x_ri[chain.bonds, -1], x_ri[chain.spins, -1] = 1.0 / max(alpha - 1.0, 0.3) ** 2, 0.0
    return x_ri


def find_capacity(setting: JammedSetting, alpha: float, x_ri: np.ndarray | None = None) -> JammedState:
    """α where S = 0, near `alpha`, from rows x_ri (None: a rough start).

    ConvergenceError where no such state is found; the message says whether α rises without bound.
    """
    problem = Problem(setting)
    rough = x_ri is None
    z = problem.encode(rough_start(problem.chain, alpha) if rough else x_ri, alpha)
    try:
        with np.errstate(divide="raise", invalid="raise", over="raise"):
            z = problem.settle(z, ROUGH if rough else 2)
            z, size = problem.accelerate(z)
            for _ in range(ROUNDS):
                moved = problem.returns(z)
                if moved is None:
                    break
                z, size = problem.accelerate(problem.settle(moved, ROUGH))
    except (ArithmeticError, np.linalg.LinAlgError, ValueError, MemoryError) as trouble:
        raise ConvergenceError(f"the search left the domain of the equations ({trouble})") from trouble
    x_ri, alpha = problem.decode(z)
    if size > 1e3 * TOLERANCE:
        raise ConvergenceError(f"residual {size:.1e} after {problem.evaluations} evaluations", x_ri)

    # of second order in what is left of the residual, and the error of the grid
    alpha = problem.chain.evaluate(x_ri, alpha).alpha
    finer = JammedChain(replace(setting, grid=setting.grid.refined())).evaluate(x_ri, alpha).alpha
    error = abs(finer - alpha) + alpha * (size + 4e-16 * len(x_ri))
    return JammedState(setting, alpha, x_ri, error, size, problem.evaluations)
