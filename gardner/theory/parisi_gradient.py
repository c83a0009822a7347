"""Derivative of the layered free entropy with respect to the Parisi parameters, symmetric closure.

At the saddle point (T11) the free entropy (T2) is stationary in all overlaps, so its total derivative along m_i is the
explicit one. Flow sectors contribute (C2), bonds the derivative of (T9), and the spin sector (T8) also through its
explicit ½ Σ (m_{i+1} - m_i) q̂_i q_i:

    ds/dm_i = Σ_l { (1/α) ∂B/∂m_i [Q(l)] + [E_i φ_i - E_{i-1} φ_{i-1}]_gap(l)/m_i }
            + Σ_{0<l<L} { ½ (q̂_{i-1} q_{i-1} - q̂_i q_i)(l) + [E_i φ_i - E_{i-1} φ_{i-1}]_spin(l)/m_i }.       (C10)

Its zeros are the optimised m of a net of any depth. All layers share m.
"""

from __future__ import annotations

import numpy as np

from gardner.model import RandomSetting
from gardner.theory.closures.symmetric import ChainState, ChainValue
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.parisi.functional import bond_functional, flow_gradient
from gardner.theory.sectors.one_field import SectorValue, spin_sector


def _flow_part(sector: SectorValue, m: np.ndarray) -> np.ndarray:
    """∂Φ/∂m_i of a sector; a sector with all variances zero has no flow and no derivative."""
    gradient = np.zeros(len(m) - 2) if sector.flow is None else flow_gradient(sector.flow)[1]
    return gradient if sector.cut_i is None else gradient + 0.5 * sector.cut_i


def parisi_gradient(state: ChainState, value: ChainValue, setting: RandomSetting, grid: GridSettings) -> np.ndarray:
    """ds/dm_i, i = 1…k, at a fixed point `state` with its evaluation `value` (C10); s per N·M."""
    m = setting.m
    total = np.zeros(setting.levels)
    for Q_i, gap in zip(state.Q_li, value.gaps):
        total += bond_functional(Q_i, m)[2] / setting.alpha + _flow_part(gap, m)
    for q_i, qhat_i in zip(state.q_li[1:-1], value.qhat_li[1:-1]):
        spin = spin_sector(qhat_i, m, grid)
        total -= 0.5 * np.diff(qhat_i * q_i)
        total += _flow_part(spin, m)
    return total
