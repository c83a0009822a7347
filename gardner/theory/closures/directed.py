"""The directed closure: Λ(l) = Q(l) q(l-1) (T3), its saddle-point map (T12), Jacobian and free entropy (T4).

A hidden spin keeps its own pre-activation, of overlap Λ(l), exactly, and feels the field of the layer after it only:

    q̂_i(l) = G_i(l+1) Q_i(l+1),   (G_i, q_i)(l) = site sector at (Λ_i(l), q̂_i(l)),
    Q_i(l) = bond sector at α G_i(l) q_i(l-1),

while the output, being given, is the gap sector at Λ(L) = Q(L) q(L-1). The fields q̂ are no unknowns: they follow from
the overlaps in one sweep from the output to the input, which is how information travels in this closure. The map of
(q, Q) is therefore block-triangular up to one layer: row l depends on the layers l-1, l, … L.

State, order of unknowns and increments are those of the symmetric closure (`symmetric.ChainState`).
"""

from __future__ import annotations

import numpy as np

from gardner.model import RandomSetting
from gardner.theory.closures.symmetric import ChainState, ChainValue
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.sectors.one_field import bond_entropy, bond_sector, gap_sector
from gardner.theory.sectors.site import SiteValue, site_entropy, site_sector

CHEAP_WHEN_FROZEN = False  # nodes in two dimensions grow with the fields: frozen overlaps are dear
Columns = dict[int, np.ndarray]


def gap_factors(state: ChainState) -> tuple[np.ndarray, ...]:
    """The factors of Λ_i(l) (T3), each (L, k+1)."""
    return state.q_li[:-1], state.Q_li


def evaluate(state: ChainState, setting: RandomSetting, grid: GridSettings, with_jacobian: bool = False) -> ChainValue:
    """The undamped map (T12) of all q(l), Q(l), the fields q̂ swept from the output to the input."""
    m, alpha, depth = setting.m, setting.alpha, state.depth
    q_li, Q_li = state.q_li, state.Q_li
    lambda_li = np.multiply(*gap_factors(state))
    new_q, new_Q, qhat_li = q_li.copy(), np.empty_like(Q_li), np.zeros_like(q_li)
    output = gap_sector(lambda_li[-1], m, setting.potential, grid, with_jacobian)
    strength_i, sites, strengths = output.overlaps_i, [None] * (depth - 1), [output.overlaps_i]
    entropy = output.free_entropy
    for l in range(depth - 1, 0, -1):
        qhat_li[l] = strength_i * Q_li[l]
        site = site_sector(lambda_li[l - 1], qhat_li[l], m, setting.potential, grid, with_jacobian)
        strength_i, new_q[l], sites[l - 1] = site.strength_i, site.q_i, site
        strengths.insert(0, strength_i)
        entropy += site_entropy(site, qhat_li[l], q_li[l], m)
    bonds = [bond_sector(alpha * strengths[l] * q_li[l], m, with_jacobian) for l in range(depth)]
    for l in range(depth):
        new_Q[l] = bonds[l].overlaps_i
        entropy += bond_entropy(Q_li[l], m) / alpha
    jacobian = None
    if with_jacobian:
        responses = [output.response_ji, [site.response for site in sites], [bond.response_ji for bond in bonds]]
        jacobian = _jacobian(state, alpha, strengths, *responses)
    work = sum(site.flow.work for site in sites)
    return ChainValue(ChainState(new_q, new_Q), qhat_li, float(entropy), jacobian, [output], work)


def _scaled(columns: Columns, matrix: np.ndarray) -> Columns:
    return {column: matrix @ block for column, block in columns.items()}


def _sum(*parts: Columns) -> Columns:
    total: Columns = {}
    for part in parts:
        for column, block in part.items():
            total[column] = total[column] + block if column in total else block
    return total


def _jacobian(state, alpha, strengths, output_response, site_responses, bond_responses):
    """Blocks of dF/dx over the chain order Q(1), q(1), … Q(L): Q(l) at 2l-2, q(l) at 2l-1; q(0) is no unknown.

    From the output downwards, `strength` is dG(l) by columns and `field` dq̂(l) = G(l+1) dQ(l+1) + Q(l+1) dG(l+1).
    """
    depth = state.depth
    blocks: dict[tuple[int, int], np.ndarray] = {}
    strength: Columns = {}
    for l in range(depth, 0, -1):
        above = np.diag(state.q_li[l - 1])
        overlap: Columns = {2 * l - 2: above}
        if l > 1:
            overlap[2 * l - 3] = np.diag(state.Q_li[l - 1])
        if l == depth:
            strength = _scaled(overlap, output_response)
        else:
            field = _sum({2 * l: np.diag(strengths[l])}, _scaled(strength, np.diag(state.Q_li[l])))
            response = site_responses[l - 1]
            spins = _sum(_scaled(overlap, response[1, :, 0]), _scaled(field, response[1, :, 1]))
            strength = _sum(_scaled(overlap, response[0, :, 0]), _scaled(field, response[0, :, 1]))
            blocks |= {(2 * l - 1, column): block for column, block in spins.items()}
        conjugate = _scaled(strength, alpha * above)
        if l > 1:
            conjugate = _sum(conjugate, {2 * l - 3: alpha * np.diag(strengths[l - 1])})
        bonds = _scaled(conjugate, bond_responses[l - 1])
        blocks |= {(2 * l - 2, column): block for column, block in bonds.items()}
    return blocks


def free_entropy(state: ChainState, qhat_li: np.ndarray, setting: RandomSetting, grid: GridSettings) -> float:
    """s of (T4) per N·M as a function of independent q, Q and q̂ (not only at the fixed point)."""
    m, lambda_li = setting.m, np.multiply(*gap_factors(state))
    total = sum(bond_entropy(Q_i, m) for Q_i in state.Q_li) / setting.alpha
    total += gap_sector(lambda_li[-1], m, setting.potential, grid).free_entropy
    for l in range(1, state.depth):
        site: SiteValue = site_sector(lambda_li[l - 1], qhat_li[l], m, setting.potential, grid)
        total += site_entropy(site, qhat_li[l], state.q_li[l], m)
    return float(total)
