"""The planted saddle point in the symmetric closure (T13), (T14).

The gap of bond layer l has overlap Λ(l) = q(l-1) Q(l) q(l), and the spins of layer l feel the bonds on both
sides alike,

    Q̂(l) = α G(l) q(l-1) q(l),      q̂(l) = G(l) q(l-1) Q(l) + G(l+1) Q(l+1) q(l+1),

a term being absent beyond a free end. One evaluation takes (q, Q) to (q, Q); the state is described in
`chain`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.theory.nishimori.quadrature import gap_averages, gap_entropy, spin_averages, spin_entropy
from gardner.theory.planted.chain import Chain, Image, bond_entropy, overlaps, relative_change


@dataclass(frozen=True)
class Symmetric:
    """Map, Jacobian and free entropy of one chain."""

    chain: Chain
    name = "symmetric"

    @property
    def size(self) -> int:
        return len(self.chain.spins) + self.chain.depth

    def split(self, state):
        """Rigidities of spins and of bonds."""
        count = len(self.chain.spins)
        return state[:count], state[count:]

    def overlaps(self, state):
        return overlaps(self.chain, *self.split(state))

    def state(self, q_l, Q_l):
        """The state with overlaps below 1 given for every layer; those of fixed ends are ignored."""
        return -np.log1p(-np.concatenate((np.asarray(q_l, float)[self.chain.spins], Q_l)))

    def gaps(self, state):
        """Λ(l) and 1-Λ(l), shape (L,)."""
        x = self.overlaps(state)
        before_l, after_l = x.q_l[:-1], x.q_l[1:]
        overlap_l = before_l * x.Q_l * after_l
        complement_l = x.q_complement_l[:-1] + before_l * (x.Q_complement_l + x.Q_l * x.q_complement_l[1:])
        return overlap_l, complement_l

    def fields(self, state):
        """q̂(l) of all spin layers, shape (L+1,), without the symmetry-breaking field."""
        x = self.overlaps(state)
        strength_l = gap_averages(*self.gaps(state)).strength
        return _spin_fields(strength_l, x)

    def image(self, state, alpha: float) -> Image:
        """F(x) with its derivatives."""
        x, spins = self.overlaps(state), self.chain.spins
        gap = gap_averages(*self.gaps(state))
        bond_field_l = alpha * gap.strength * x.q_l[:-1] * x.q_l[1:]
        spin = spin_averages(_spin_fields(gap.strength, x)[spins] + self.chain.field)
        value = np.concatenate((-spin.log_complement, np.log1p(bond_field_l)))
        slope_by_q, slope_by_Q = self._slopes(x, gap, alpha, -spin.log_slope, bond_field_l)
        jacobian = np.hstack((slope_by_q[:, spins] * x.q_complement_l[spins], slope_by_Q * x.Q_complement_l))
        alpha_slope = np.concatenate((np.zeros(len(spins)), bond_field_l / (1 + bond_field_l)))
        residual = float(np.max(np.abs(np.exp(-value) - np.exp(-state))))
        return Image(value, jacobian, alpha_slope, residual, relative_change(value, state))

    def _slopes(self, x, gap, alpha, spin_slope_h, bond_field_l):
        """Derivatives of F with respect to q(0…L) and Q(1…L), each with rows (spins, bonds)."""
        depth, spins = self.chain.depth, self.chain.spins
        l = np.arange(depth)
        before_l, after_l, Q_l = x.q_l[:-1], x.q_l[1:], x.Q_l
        G_l, slope_l = gap
        # Terms of q̂: `up` acts on spin l from bond l, `down` on spin l-1 from bond l.
        up_q, down_q, bond_q = (np.zeros((depth, depth + 1)) for _ in range(3))
        up_Q, down_Q, bond_Q = (np.zeros((depth, depth)) for _ in range(3))
        up_q[l, l] = Q_l * (G_l + slope_l * before_l * Q_l * after_l)
        up_q[l, l + 1] = slope_l * (before_l * Q_l) ** 2
        up_Q[l, l] = before_l * (G_l + slope_l * before_l * Q_l * after_l)
        down_q[l, l] = slope_l * (after_l * Q_l) ** 2
        down_q[l, l + 1] = up_q[l, l]
        down_Q[l, l] = after_l * (G_l + slope_l * before_l * Q_l * after_l)
        bond_q[l, l] = alpha * after_l * (G_l + slope_l * before_l * Q_l * after_l)
        bond_q[l, l + 1] = alpha * before_l * (G_l + slope_l * before_l * Q_l * after_l)
        bond_Q[l, l] = alpha * slope_l * (before_l * after_l) ** 2
        field_q = np.zeros((depth + 1, depth + 1))
        field_Q = np.zeros((depth + 1, depth))
        field_q[1:] += up_q
        field_q[:-1] += down_q
        field_Q[1:] += up_Q
        field_Q[:-1] += down_Q
        bond_scale = (1 / (1 + bond_field_l))[:, None]
        spin_scale = spin_slope_h[:, None]
        return (
            np.vstack((field_q[spins] * spin_scale, bond_q * bond_scale)),
            np.vstack((field_Q[spins] * spin_scale, bond_Q * bond_scale)),
        )

    def stability_matrix(self, image: Image):
        """Jacobian of the map of (q, Q) onto themselves."""
        return image.jacobian

    def free_entropy(self, state, alpha: float) -> float:
        """(T14), with the normalised symmetry-breaking field included: ∂s/∂field = Σ q/2."""
        x, spins = self.overlaps(state), self.chain.spins
        field_h = self.fields(state)[spins]
        spin_h = 0.5 * field_h * x.q_complement_l[spins] + spin_entropy(field_h + self.chain.field)
        gap_l = gap_entropy(*self.gaps(state))
        return float(
            bond_entropy(alpha, self.split(state)[1]) + np.sum(spin_h + 0.5 * self.chain.field) + np.sum(gap_l)
        )


def _spin_fields(strength_l, x):
    field_l = np.zeros(len(x.q_l))
    field_l[1:] += strength_l * x.q_l[:-1] * x.Q_l
    field_l[:-1] += strength_l * x.Q_l * x.q_l[1:]
    return field_l
