"""Where a liquid layer of the directed closure becomes unstable in the random setting (T19), (T21), (T23).

Order enters from the output. A bond layer j with everything before it liquid grows small overlaps of level i at the
rate

    g_i = α (2/π)² q_f,i(j)²,                                                                            (T21)
    q_f,i = E_i[(∂_yφ_i)²] of a spin that feels only the field q̂(j) of the layer after it,

because the liquid below sends no signal: the spin on layer j then has Λ(j) = 0, and its overlap with the forward
field is all that multiplies a small Q(j) (factor q_f) and hands a small field down to layer j-1 (q_f again). The
output layer has q_f = 1. Level k goes first, q_f,i being non-decreasing. Bond layer 2 of a chain feels the given
input through layer 1 as well, which turns the condition into

    α (2/π)² q_f,i(2)² (1 + α (2/π)²) = 1                                                                (T23)

(L = 2: q_f = 1, the golden ratio of (T19)). Bond layer 1 never waits: it orders together with bond layer 2.

Both are the growth matrices of the map (T12) at the face where the level vanishes; `liquid_growth` evaluates the
one-line forms from a solution, tests compare with the full Jacobian. Accuracy: that of q̂, hence of the solution.
"""

from __future__ import annotations

import numpy as np

from gardner.results.solution import Solution
from gardner.theory.chain import ChainState
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.search.maps import chain_map
from gardner.theory.sectors.spin import spin_sector

LIQUID = 1e-6  # Q_k below which a bond layer counts as liquid
GAIN = (2.0 / np.pi) ** 2


def forward_overlaps(solution: Solution, grid: GridSettings | None = None) -> np.ndarray:
    """q_f,i(l), shape (L+1, k+1): overlap of a spin with only the field of the layer after it; q_f(L) = 1."""
    setting, grid = solution.setting, grid or GridSettings()
    if setting.closure != "directed":
        raise ValueError(f"closure = {setting.closure!r}: the forward overlap belongs to the directed closure")
    state = ChainState(solution.q_li, solution.Q_li)
    qhat_li = chain_map(setting, grid)(state.unknowns(), False).payload.qhat_li
    forward_li = np.ones_like(solution.q_li)
    for l in range(setting.network.depth):
        forward_li[l] = spin_sector(qhat_li[l], setting.m, grid).overlaps_i
    return forward_li


def front_layer(solution: Solution) -> int:
    """The last bond layer whose overlaps vanish, 0 if there is none: the next one to order."""
    liquid = np.flatnonzero(solution.Q_ea < LIQUID)
    return int(liquid[-1]) + 1 if len(liquid) else 0


def liquid_growth(solution: Solution, grid: GridSettings | None = None) -> np.ndarray:
    """Growth g_i, shape (k+1,), of a small overlap in the last liquid bond layer: it orders where g_k reaches 1.

    `solution` is converged, directed, and has a liquid layer; else ValueError. Hard core, κ = 0 (G → 2/π at Λ → 0).
    """
    layer = front_layer(solution)
    if not layer:
        raise ValueError("every layer is solid: there is no front left; lower alpha")
    gain = solution.setting.alpha * GAIN
    q_f = np.ones(solution.setting.levels + 1)
    if layer < solution.setting.network.depth:
        q_f = forward_overlaps(solution, grid)[layer]
    growth = gain * q_f**2
    return growth * (1.0 + gain) if layer <= 2 else growth
