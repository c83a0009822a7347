"""α_c of k steps: the minimum of -B/R over the ratios y_1 < … < y_{k-1} (C54).

Each set of ratios bounds the full-RSB value of its closure from above, as at L = 1 (`perceptron.jamming`), and with
S stationary in overlaps, rooms and fields,

    dα/dy_i = (α²/B) ∂S/∂y_i    at fixed overlaps, rooms and fields.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize

from gardner.errors import ConvergenceError
from gardner.theory.jammed.chain import JammedChain
from gardner.theory.jammed.search import JammedState, find_capacity
from gardner.theory.parisi.functional import StepCode, resample

DIFFERENCE = 1e-4  # of y in ∂S/∂y
SLOPE = 1e-7  # of ln α in the codes of y: α is then off by its square
FIRST_RATIO, OPENED = 0.5, 0.2  # y_1 of two steps, and how far its upper level starts towards one
FIRST_GAIN, GAIN = 0.9, 1e-5  # the ratio at which a locked front is tried, and the relative gain that it must bring
CROWDED = 1e-3  # smallest distance of neighbouring ratios
START_APART = 0.02  # that of the ratios of one step more to start from
ORDERED, CLOSE = 0.3, 1e-3  # overlap of layers that may lock by themselves, and how near to one they start
NOTHING = np.zeros(0)


def slopes(state: JammedState) -> np.ndarray:
    """d ln α/dy_i, i = 1…k-1."""
    chain = JammedChain(state.setting)
    value = chain.evaluate(state.x_ri, state.alpha)
    slope_i = np.empty(state.setting.steps - 1)
    for i in range(len(slope_i)):
        at = []
        for sign in (-1.0, 1.0):
            ratios = np.array(state.setting.ratios)
            ratios[i] += sign * DIFFERENCE
            moved = JammedChain(replace(state.setting, ratios=tuple(ratios)))
            other = moved.evaluate(state.x_ri, state.alpha, value.fields)
            at.append(other.bonds / state.alpha + other.rest)
        slope_i[i] = state.alpha / value.bonds * (at[1] - at[0]) / (2.0 * DIFFERENCE)
    return slope_i


def lock_front(state: JammedState) -> tuple[tuple[float, ...], np.ndarray]:
    """Ratios and rows in which layers that are ordered lock at a smaller m of their own, the others as before."""
    x_ri, room = state.x_ri[:, :-1], state.x_ri[:, -1:]
    solid = x_ri[:, -1] > ORDERED
    upper = np.where(solid, 1.0 - CLOSE, x_ri[:, -1])
    return (*(0.6 * np.array(state.setting.ratios)), 0.6), np.hstack([x_ri, upper[:, None], room])


def add_step(state: JammedState) -> tuple[tuple[float, ...], np.ndarray]:
    """Ratios and rows of one step more to start from."""
    x_ri, room = state.x_ri[:, :-1], state.x_ri[:, -1:]
    count = state.setting.steps + 1
    if count == 2:
        opened = np.column_stack([0.9 * x_ri[:, 0], x_ri[:, 0] + OPENED * (1.0 - x_ri[:, 0])])
        return (FIRST_RATIO,), np.hstack([opened, room])

    # levels where the old ones are, in equal parts of their number
    old, new = np.linspace(0.0, 1.0, count - 1), np.linspace(0.0, 1.0, count)
    rows = np.array([np.interp(new, old, row) for row in x_ri])
    line = np.linspace(-1.0, 1.0, count)
    rows += 0.1 * np.where(line > 0.0, line * (1.0 - rows), line * rows)
    ratios = resample(np.array(state.setting.ratios), count - 1) if count > 3 else np.array([0.35, 0.7])
    far = START_APART * np.arange(1, count)  # from the ends and from each other, where locked layers left y_1 near 0
    ratios = np.minimum(np.maximum(ratios, far), 1.0 - far[::-1])
    return tuple(ratios), np.hstack([rows, room])


def optimise_steps(state: JammedState, watch: Callable[[str], None] = lambda text: None) -> JammedState:
    """The best of the optima of one step more that are reached from `add_step` and `lock_front`."""
    found, problems = [], []
    for start in (add_step, lock_front):
        try:
            ratios, x_ri = start(state)
            if start is lock_front and not _gains(state, x_ri):
                continue
            found.append(descend(state, ratios, x_ri, watch))
        except ConvergenceError as problem:
            problems.append(problem)
    if not found:
        raise problems[0]
    return min(found, key=lambda one: one.alpha)


def _gains(state: JammedState, x_ri: np.ndarray) -> bool:
    """True if layers that lock at an m of their own lower α already where it is close to that of the others."""
    near = (*(FIRST_GAIN * np.array(state.setting.ratios)), FIRST_GAIN)
    return find_capacity(replace(state.setting, ratios=near), state.alpha, x_ri).alpha < state.alpha * (1.0 - GAIN)


def descend(
    state: JammedState, ratios: tuple[float, ...], x_ri: np.ndarray, watch: Callable[[str], None]
) -> JammedState:
    """The optimum of one step more than `state` from these ratios and rows; its error includes what slope is left."""
    setting, code = state.setting, StepCode(0, len(ratios), bounded=True)
    latest: dict[str, JammedState] = {}

    def log_alpha(z):
        y = code.decode(z)[1]
        if np.diff(np.concatenate([[0.0], y, [1.0]])).min() < CROWDED:
            return np.inf, np.zeros_like(z)
        last = latest.get("state")
        start = x_ri if last is None else last.x_ri
        found = find_capacity(replace(setting, ratios=tuple(y)), (last or state).alpha, start)
        latest["state"] = found
        slope = slopes(found)
        watch(f"{len(y) + 1} steps, α_c = {found.alpha:.7g}")
        return float(np.log(found.alpha)), code.pull_back(z, NOTHING, slope)

    result = minimize(
        log_alpha, code.encode(NOTHING, np.array(ratios)), jac=True, method="BFGS",
        options={"gtol": SLOPE, "maxiter": 60},
    )  # fmt: skip
    if "state" not in latest:
        raise ConvergenceError(f"{len(ratios) + 1} steps: two of the ratios {ratios} to start from nearly coincide")
    found = find_capacity(
        replace(setting, ratios=tuple(code.decode(result.x)[1])), latest["state"].alpha, latest["state"].x_ri
    )
    if found.alpha > state.alpha * (1.0 + 1e-9):
        raise ConvergenceError(f"{found.setting.steps} steps end above one step less", found)
    left = 0.5 * abs(float(result.jac @ result.hess_inv @ result.jac))
    return replace(found, error=found.error + found.alpha * left)
