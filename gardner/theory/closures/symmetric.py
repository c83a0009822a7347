"""The symmetric closure: Λ(l) = q(l-1) Q(l) q(l) (T1), its saddle-point map (T11), Jacobian and free entropy (T2).

State: q_li (L+1, k+1) with fixed boundary rows 0 and L, Q_li (L, k+1), row l-1 holding bond layer l.
The unknowns are ordered along the chain, Q(1), q(1), Q(2), q(2), …, Q(L), so that the Jacobian is block-banded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.model import RandomSetting
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.sectors.one_field import (
    SectorValue,
    bond_entropy,
    bond_sector,
    gap_sector,
    spin_entropy,
    spin_sector,
)

CHEAP_WHEN_FROZEN = True  # fields of one dimension: frozen overlaps cost little more than others


@dataclass(frozen=True)
class ChainState:
    """Overlaps of all layers: q_li (L+1, k+1), Q_li (L, k+1)."""

    q_li: np.ndarray
    Q_li: np.ndarray

    @property
    def depth(self) -> int:
        return len(self.Q_li)

    def unknowns(self) -> np.ndarray:
        """Q(1), q(1), Q(2), …, Q(L) as rows, shape (2L-1, k+1)."""
        rows = np.empty((2 * self.depth - 1, self.Q_li.shape[1]))
        rows[0::2] = self.Q_li
        rows[1::2] = self.q_li[1:-1]
        return rows

    def replaced(self, rows: np.ndarray) -> ChainState:
        """The state with its unknowns replaced, boundaries kept."""
        q_li = self.q_li.copy()
        q_li[1:-1] = rows[1::2]
        return ChainState(q_li, rows[0::2].copy())


def gap_factors(state: ChainState) -> tuple[np.ndarray, ...]:
    """The factors of Λ_i(l) (T1), each (L, k+1)."""
    return state.q_li[:-1], state.Q_li, state.q_li[1:]


@dataclass(frozen=True)
class ChainValue:
    """One evaluation of the map: image F(x), conjugates, free entropy, Jacobian blocks {(row, column): matrix}.

    work: nodes of two-dimensional flows times the functions carried on them, 0 where all fields have one dimension.
    """

    image: ChainState
    qhat_li: np.ndarray
    free_entropy: float
    jacobian: dict[tuple[int, int], np.ndarray] | None
    gaps: list[SectorValue]
    work: float = 0.0


def _gap_blocks(gap: SectorValue, below: np.ndarray, bond: np.ndarray, above: np.ndarray):
    """d(G × product of the other two factors)/d(each factor): 3×3 blocks over (below, bond, above).

    With Λ = A·B·C and conjugates Â = G B C and so on: dÂ/dA = P_A H P_A, dÂ/dB = P_A H P_B + G C (diagonal).
    """
    factors = (below, bond, above)
    rest = [factors[1] * factors[2], factors[0] * factors[2], factors[0] * factors[1]]
    blocks = {}
    for x in range(3):
        for y in range(3):
            block = rest[x][:, None] * gap.response_ji * rest[y][None, :]
            if x != y:
                block = block + np.diag(gap.overlaps_i * factors[3 - x - y])
            blocks[x, y] = block
    return blocks


def evaluate(
    state: ChainState, setting: RandomSetting, grid: GridSettings, with_jacobian: bool = False, mirrored: bool = False
) -> ChainValue:
    """The undamped simultaneous map (T11) of all q(l), Q(l).

    mirrored: the caller knows that q(L-l) = q(l) and Q(L+1-l) = Q(l); sectors of one half then serve for both.
    """
    m, alpha, depth = setting.m, setting.alpha, state.depth
    q_li, Q_li = state.q_li, state.Q_li
    gaps, spins = [], [None]
    for l in range(depth):
        if mirrored and 2 * l >= depth:
            gaps.append(gaps[depth - 1 - l])
        else:
            lambda_i = q_li[l] * Q_li[l] * q_li[l + 1]
            gaps.append(gap_sector(lambda_i, m, setting.potential, grid, with_jacobian))
    new_q, new_Q = q_li.copy(), np.empty_like(Q_li)
    qhat_li = np.zeros_like(q_li)
    entropy = sum(gap.free_entropy for gap in gaps)
    bonds = []
    for l, gap in enumerate(gaps):
        bond = bond_sector(alpha * gap.overlaps_i * q_li[l] * q_li[l + 1], m, with_jacobian)
        new_Q[l] = bond.overlaps_i
        bonds.append(bond)
        entropy += bond_entropy(Q_li[l], m) / alpha
    for l in range(1, depth):
        back = gaps[l - 1].overlaps_i * q_li[l - 1] * Q_li[l - 1]
        qhat_li[l] = back + gaps[l].overlaps_i * Q_li[l] * q_li[l + 1]
        known = mirrored and 2 * l > depth
        spin = spins[depth - l] if known else spin_sector(qhat_li[l], m, grid, with_jacobian)
        new_q[l] = spin.overlaps_i
        spins.append(spin)
        entropy += spin_entropy(qhat_li[l], q_li[l], m, spin.free_entropy)
    jacobian = _jacobian(state, alpha, gaps, bonds, spins) if with_jacobian else None
    return ChainValue(ChainState(new_q, new_Q), qhat_li, float(entropy), jacobian, gaps)


def _jacobian(state, alpha, gaps, bonds, spins):
    """Blocks of dF/dx over the chain order (row and column numbers of `ChainState.unknowns`)."""
    depth = state.depth
    blocks: dict[tuple[int, int], np.ndarray] = {}

    def add(row, column, block):
        if 0 <= column < 2 * depth - 1:
            blocks[row, column] = blocks[row, column] + block if (row, column) in blocks else block

    for l, gap in enumerate(gaps):  # bond layer l+1 sits at chain position 2l, its spins at 2l-1 and 2l+1
        local = _gap_blocks(gap, state.q_li[l], state.Q_li[l], state.q_li[l + 1])
        for y, column in enumerate((2 * l - 1, 2 * l, 2 * l + 1)):
            add(2 * l, column, alpha * bonds[l].response_ji @ local[1, y])
            if l > 0:
                add(2 * l - 1, column, spins[l].response_ji @ local[0, y])
            if l < depth - 1:
                add(2 * l + 1, column, spins[l + 1].response_ji @ local[2, y])
    return blocks


def free_entropy(state: ChainState, qhat_li: np.ndarray, setting: RandomSetting, grid: GridSettings) -> float:
    """s of (T2) per N·M as a function of independent q, Q and q̂ (not only at the fixed point)."""
    m = setting.m
    total = sum(bond_entropy(Q_i, m) for Q_i in state.Q_li) / setting.alpha
    for l in range(state.depth):
        lambda_i = state.q_li[l] * state.Q_li[l] * state.q_li[l + 1]
        total += gap_sector(lambda_i, m, setting.potential, grid).free_entropy
    for l in range(1, state.depth):
        total += spin_entropy(qhat_li[l], state.q_li[l], m, spin_sector(qhat_li[l], m, grid).free_entropy)
    return float(total)
