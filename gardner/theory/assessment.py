"""What a state of the random setting is worth: its error, its stability, and whether it is a solution at all.

Every state that a search ends with is assessed: residual of the undamped map, estimated error, leading eigenvalue,
change on a finer grid of fields, stationarity of the free entropy (T2), (T4); `converged` is what passes all of them
(`results.Solution.shortcoming`).
"""

from __future__ import annotations

import contextlib
import math
import time
from dataclasses import replace

import numpy as np

from gardner.model import RandomSetting, SolverSettings
from gardner.results.solution import Solution
from gardner.theory.chain import ChainState, Fields, factor_products, free_entropy, impose_boundaries
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.search import fixed_point, overload
from gardner.theory.search.fixed_point import Iterate, MapValue
from gardner.theory.search.maps import chain_map
from gardner.theory.search.random_starts import fixed_boundaries
from gardner.theory.sectors.base import SMALLEST_GAP_VARIANCE


def branch_ended(state: Iterate, setting: RandomSetting, error_ri: np.ndarray | None = None) -> bool:
    """True if some 1 - Λ_k has reached round-off, or is on its way there.

    Beyond the end of a branch the iteration creeps towards Q = q = 1, where every residual vanishes with 1 - Λ: a
    small residual then proves nothing unless it, and the Newton step, are small beside 1 - Λ itself.
    """
    chain = impose_boundaries(setting).replaced(state.x_ri)
    room_l = np.array([1.0 - np.prod(factors, axis=0)[-1] for factors in factor_products(chain, setting)])
    if (room_l < 100.0 * SMALLEST_GAP_VARIANCE).any():
        return True
    if error_ri is None:
        return False
    error = impose_boundaries(setting).replaced(np.maximum(np.abs(error_ri), np.abs(state.residual_ri)))
    error.q_li[[0, -1]] = 0.0
    moved_l = np.array([np.sum(factors, axis=0)[-1] for factors in factor_products(error, setting)])
    return bool(((room_l < 1e-4) & (moved_l > 0.02 * room_l)).any())


def exceeds_entropy_bound(free_entropy: float, setting: RandomSetting) -> bool:
    """True if s exceeds the bound that the potential knows at fixed patterns: no physical state does."""
    bound = setting.potential.entropy_bound
    return bound is not None and fixed_boundaries(setting) and free_entropy > bound + 1e-9


def stationarity(state: ChainState, fields: Fields, setting: RandomSetting, grid: GridSettings, seed: int = 0) -> float:
    """max |ds/dε| by central differences along q, Q → x + ε c x(1-x) and q̂ → q̂(1 + ε c), c random per layer.

    These deformations keep the order of levels, every merged level and x < 1, and reach each term of (T2), (T4).
    """
    rng = np.random.default_rng(seed)
    depth, step, worst = state.depth, 1e-4, 0.0
    for _ in range(3):
        c_q, c_Q, c_hat = (rng.uniform(-1.0, 1.0, size) for size in (depth + 1, depth, depth + 1))
        c_q[0] = c_q[-1] = 0.0
        values = []
        for sign in (step, -step):
            rooms = [1.0 + sign * c[:, None] * (1.0 - x) for c, x in ((c_q, state.q_li), (c_Q, state.Q_li))]
            moved = ChainState(state.q_li * rooms[0], state.Q_li * rooms[1])
            pulled = {x: (1.0 + sign * c_hat[x[1]]) * field_i for x, field_i in fields.items()}
            values.append(free_entropy(moved, pulled, setting, grid))
        worst = max(worst, abs(values[0] - values[1]) / (2.0 * step))
    return worst


def _discretisation_error(state: Iterate, setting: RandomSetting, grid: GridSettings) -> float:
    """Change of q_EA, Q_EA on a refined field grid: the Newton step that the finer map asks for."""
    fine = chain_map(setting, grid.refined())(state.x_ri, False)
    shifted = replace(state, value=MapValue(state.x_ri + fine.image_ri - state.value.image_ri, state.value.blocks))
    return float(np.abs(fixed_point.assess_error(shifted)[:, -1]).max(initial=0.0))


def describe(
    state: Iterate, setting: RandomSetting, solver: SolverSettings, iterations: int, seconds: float
) -> Solution:
    """Assess a state and wrap it as a Solution (class docstring)."""
    grid = GridSettings.for_accuracy(solver.accuracy)
    chain = impose_boundaries(setting).replaced(state.x_ri)
    status = state.status
    numbers = dict.fromkeys(("error", "discretisation_error", "stationarity", "leading_eigenvalue"), float("nan"))
    value = state.value.payload
    started = time.perf_counter()
    if status not in ("interrupted", "no_solution"):
        full = fixed_point.with_jacobian(chain_map(setting, grid), state)
        error_ri = None if full.blocks is None else fixed_point.assess_error(full)
        if error_ri is None or branch_ended(full, setting, error_ri):
            status = "no_solution"
        else:
            rounding_ri = fixed_point.rounding_error(full)
            numbers["error"] = float((np.abs(error_ri) + rounding_ri)[:, -1].max(initial=0.0))
            numbers["leading_eigenvalue"] = fixed_point.leading_eigenvalue(full)
            # a neighbouring state may lie outside the domain (nan); no solution is not worth minutes of checks (nan)
            if status == "converged" or value.work < overload.WORTH_CHECKING:
                with contextlib.suppress(ArithmeticError):
                    numbers["discretisation_error"] = _discretisation_error(full, setting, grid)
                with contextlib.suppress(ArithmeticError):
                    numbers["stationarity"] = stationarity(chain, full.value.payload.fields, setting, grid)
            if status == "converged" and exceeds_entropy_bound(value.free_entropy, setting):
                status = "stalled"  # a fixed point, but not the physical one
    seconds += time.perf_counter() - started
    solution = Solution(
        setting=setting,
        q_li=np.clip(chain.q_li, 0.0, 1.0),
        Q_li=np.clip(chain.Q_li, 0.0, 1.0),
        status=status,
        free_entropy=math.nan if status == "no_solution" else value.free_entropy,
        residual=state.residual,
        iterations=iterations,
        seconds=seconds,
        closure=setting.closure,
        parameters=_parameters(setting, solver),
        **numbers,
    )
    if status == "converged" and solution.shortcoming is not None:
        return replace(solution, status="stalled")  # unstable, or not known to the digits asked for
    return solution


def _parameters(setting: RandomSetting, solver: SolverSettings) -> dict:
    return {
        "alpha": setting.alpha,
        "depth": setting.network.depth,
        "closure": setting.closure,
        "weights": setting.weights,
        "levels": setting.levels,
        "parisi": list(setting.parisi),
        "input_overlap": list(setting.input_overlap),
        "output_overlap": list(setting.output_overlap),
        **setting.potential.attributes,
        "method": solver.method,
        "tol": solver.tolerance,
        "accuracy": solver.accuracy,
        "max_iterations": solver.max_iterations,
    }
