"""The spin sector (T8): free hidden spins in the field of the perceptrons beside them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gardner.model import RandomSetting
from gardner.theory import terminal
from gardner.theory.parisi.flow import GridSettings, solve_flow
from gardner.theory.sectors.base import (
    FROZEN_TILT,
    Contribution,
    Inputs,
    SectorValue,
    differentiate_in_parisi,
    evaluate_at_zero,
)


def spin_sector(
    qhat_i: np.ndarray,
    m: np.ndarray,
    grid: GridSettings,
    with_response: bool = False,
    function: Callable = terminal.spin,
) -> SectorValue:
    """Φ and q_i = E_i[(φ_i')²] at conjugate overlaps q̂_i (the free entropy (T8) adds ½ΣΔm q̂q - ½q̂_k).

    function: h ↦ φ_k, φ_k', φ_k'' at the end of the flow, ln 2cosh h or what behaves like it at large fields.

    The tilt drives fields outwards by at most Σ m_i (q̂_i - q̂_{i-1}). An increment with m_i w ≫ 1, w² = q̂_i - q̂_{i-1},
    freezes the spin: e^{mφ} has two peaks at distance m w² of relative weight e^{±mh}, so that φ_{i-1} is
    ln 2cosh(mh)/m + ½ m w² whatever w. Such increments are cut at m_i w = FROZEN_TILT, up to e^{-FROZEN_TILT²/2}, and
    the constant is restored. Where it is the smaller one 1 - q_k = E_k[sech² h] is summed: exactly 0 for a frozen
    spin. (C20)
    """
    qhat_i = np.maximum.accumulate(qhat_i)
    if qhat_i[-1] == 0.0:
        return evaluate_at_zero(m, function, with_response)

    # cut the increments that freeze the spin, and flow through what is kept
    increments = np.diff(qhat_i)
    kept = np.minimum(increments, (FROZEN_TILT / m[1:-1]) ** 2)
    short_i = qhat_i[0] + np.concatenate([[0.0], np.cumsum(kept)])
    drift = float(np.sum(m[1:-1] * kept))
    flow = solve_flow(short_i, m, function, np.ones_like(qhat_i), drift=drift, settings=grid, is_even=True)

    # restore the constant; nothing responds to what was cut
    cut = increments - kept
    constant = 0.5 * float(np.sum(m[1:-1] * cut))
    response = flow.response() @ follow_cut(kept == increments) if with_response else None

    # φ'' + φ'² = 1 of ln 2cosh on the innermost level: the smaller of the two is summed, neither is a difference of
    # nearly equal numbers; rounding must not put a level above the next
    overlaps = flow.overlaps
    if function is terminal.spin and overlaps[-1] > 0.5:
        overlaps[-1] = 1.0 - float(flow.p_ia[-1] @ flow.d2_ia[-1])
        overlaps = np.minimum(overlaps, overlaps[-1])
    return SectorValue(flow.free_entropy + constant, overlaps, response, flow, cut if cut.any() else None)


def follow_cut(kept_i: np.ndarray) -> np.ndarray:
    """d(shortened q̂)_j/dq̂_i, (k+1, k+1), where the increments i = 1…k were cut unless `kept_i`."""
    active = np.append(True, kept_i).astype(float)
    count = len(active)
    difference = active[:, None] * (np.eye(count) - np.eye(count, k=-1))
    return np.cumsum(difference, axis=0)


def spin_entropy(qhat_i: np.ndarray, q_i: np.ndarray, m: np.ndarray, phi: float) -> float:
    """½ΣΔm q̂q - ½q̂_k + Φ of (T8), stationary in q̂ where q_i = E_i[(φ_i')²]."""
    return float(0.5 * np.sum(np.diff(m) * qhat_i * q_i) - 0.5 * qhat_i[-1] + phi)


def evaluate(inputs: Inputs, setting: RandomSetting, grid: GridSettings, with_response: bool) -> Contribution:
    """Free spins as a part of a chain."""
    m, qhat_i, q_i = setting.m, inputs.field_i, inputs.own_i
    value = spin_sector(qhat_i, m, grid, with_response)
    responses = {} if value.response_ji is None else {("image", "field"): value.response_ji}
    return Contribution(
        spin_entropy(qhat_i, q_i, m, value.free_entropy),
        image_i=value.overlaps_i,
        responses=responses,
        slope_i=lambda: differentiate_in_parisi(value, m) - 0.5 * np.diff(qhat_i * q_i),
    )
