"""The planted saddle point in the directed closure (T15), (T16).

A hidden spin keeps its own pre-activation, of overlap Λ(l) = Q(l) q(l-1), and feels the field of the layer
after it only,

    q̂(l) = G(l+1) Q(l+1),      Q̂(l) = α G(l) q(l-1),

with q(l) and G(l) functions of (Λ(l), q̂(l)) (see `site`); the output is given, so that G(L) is the one of
the gap sector at Λ(L). G(l) depends on q̂(l), hence on G(l+1) and so on to the output. To evaluate all layers
at once the fields join the state, as ln(1+q̂), between the rigidities of the spins and those of the bonds;
`stability_matrix` eliminates them again. A free output has q̂(L) = 0, a free input Λ(0) = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.theory.nishimori.hidden_spin import site_averages, site_entropy
from gardner.theory.nishimori.quadrature import gap_averages, gap_entropy
from gardner.theory.planted.chain import Chain, Image, bond_entropy, overlaps, relative_change


@dataclass(frozen=True)
class Directed:
    """Map, Jacobian and free entropy of one chain."""

    chain: Chain
    name = "directed"

    @property
    def size(self) -> int:
        return 2 * len(self.chain.spins) + self.chain.depth

    def split(self, state):
        """Rigidities of spins and of bonds."""
        count = len(self.chain.spins)
        return state[:count], state[2 * count :]

    def overlaps(self, state):
        return overlaps(self.chain, *self.split(state))

    def state(self, q_l, Q_l):
        """The state with given overlaps below 1; its fields are those of the gap sector."""
        q_l, Q_l = np.asarray(q_l, float), np.asarray(Q_l, float)
        overlap_l = Q_l * q_l[:-1]
        field_l = np.append(gap_averages(overlap_l, 1 - overlap_l).strength * Q_l, 0.0)
        spins = self.chain.spins
        return np.concatenate((-np.log1p(-q_l[spins]), np.log1p(field_l[spins]), -np.log1p(-Q_l)))

    def fields(self, state):
        """q̂(l) of the unknown spins, without the symmetry-breaking field."""
        count = len(self.chain.spins)
        return np.expm1(state[count : 2 * count])

    def gaps(self, state):
        """Λ(l) and 1-Λ(l) of the spins 0…L, shape (L+1,), Λ(0) = 0."""
        x = self.overlaps(state)
        overlap_l = np.append(0.0, x.Q_l * x.q_l[:-1])
        complement_l = np.append(1.0, x.Q_complement_l + x.Q_l * x.q_complement_l[:-1])
        return overlap_l, complement_l

    def image(self, state, alpha: float) -> Image:
        """F(x) with its derivatives."""
        x, chain = self.overlaps(state), self.chain
        spins, depth = chain.spins, chain.depth
        overlap_l, complement_l = self.gaps(state)
        field_h = self.fields(state)
        site = site_averages(overlap_l[spins], complement_l[spins], field_h + chain.field)
        complement_h = np.exp(site.log_complement)
        cross_h = site.cross_ratio * complement_h
        # G(l) of spins 0…L, by its derivatives with respect to Λ(l) and q̂(l).
        strength_l, by_overlap_l, by_field_l = np.zeros((3, depth + 1))
        strength_l[spins], by_overlap_l[spins], by_field_l[spins] = (
            site.strength,
            site.strength_slope,
            cross_h,
        )
        if not chain.output_free:
            gap = gap_averages(overlap_l[depth:], complement_l[depth:])
            strength_l[depth], by_overlap_l[depth] = gap.strength[0], gap.slope[0]
        new_field_l = np.append(strength_l[1:] * x.Q_l, 0.0)
        bond_field_l = alpha * strength_l[1:] * x.q_l[:-1]
        value = np.concatenate((-site.log_complement, np.log1p(new_field_l[spins]), np.log1p(bond_field_l)))
        jacobian = self._jacobian(
            x, site, (strength_l, by_overlap_l, by_field_l), (field_h, new_field_l, bond_field_l), alpha
        )
        alpha_slope = np.concatenate((np.zeros(2 * len(spins)), bond_field_l / (1 + bond_field_l)))
        mismatch = np.exp(-value) - np.exp(-state)
        h = len(spins)
        mismatch[h : 2 * h] = site.q_slope_ratio * complement_h * (new_field_l[spins] - field_h)
        residual = float(np.max(np.abs(mismatch)))
        return Image(value, jacobian, alpha_slope, residual, relative_change(value, state))

    def _jacobian(self, x, site, strengths, fields, alpha):
        """∂F/∂x from the derivatives with respect to q(0…L), q̂(0…L), Q(1…L)."""
        spins, depth = self.chain.spins, self.chain.depth
        strength_l, by_overlap_l, by_field_l = strengths
        field_h, new_field_l, bond_field_l = fields
        h, l = len(spins), np.arange(depth)
        columns = 3 * depth + 2  # q(0…L), q̂(0…L), Q(1…L)
        overlap_d = np.zeros((depth + 1, columns))
        overlap_d[l + 1, l] = x.Q_l
        overlap_d[l + 1, 2 * depth + 2 + l] = x.q_l[:-1]
        strength_d = by_overlap_l[:, None] * overlap_d
        strength_d[np.arange(depth + 1), depth + 1 + np.arange(depth + 1)] += by_field_l
        spin_rows = site.cross_ratio[:, None] * overlap_d[spins]
        spin_rows[np.arange(h), depth + 1 + spins] += site.q_slope_ratio
        field_rows = np.zeros((depth + 1, columns))
        field_rows[l] = strength_d[1:] * x.Q_l[:, None]
        field_rows[l, 2 * depth + 2 + l] += strength_l[1:]
        field_rows = field_rows[spins] / (1 + new_field_l[spins])[:, None]
        bond_rows = alpha * strength_d[1:] * x.q_l[:-1, None]
        bond_rows[l, l] += alpha * strength_l[1:]
        bond_rows /= (1 + bond_field_l)[:, None]
        kept = np.concatenate((spins, depth + 1 + spins, 2 * depth + 2 + l))
        scale = np.concatenate((x.q_complement_l[spins], 1 + field_h, x.Q_complement_l))
        return np.vstack((spin_rows, field_rows, bond_rows))[:, kept] * scale

    def stability_matrix(self, image: Image):
        """Jacobian of the map of (q, Q) onto themselves, the fields swept from the output to the input."""
        h = len(self.chain.spins)
        rest = np.r_[0:h, 2 * h : self.size]
        fields = np.arange(h, 2 * h)
        jacobian = image.jacobian
        inner = np.eye(h) - jacobian[np.ix_(fields, fields)]
        return jacobian[np.ix_(rest, rest)] + jacobian[np.ix_(rest, fields)] @ np.linalg.solve(
            inner, jacobian[np.ix_(fields, rest)]
        )

    def free_entropy(self, state, alpha: float) -> float:
        """(T16), with the normalised symmetry-breaking field included: ∂s/∂field = Σ q/2."""
        x, chain = self.overlaps(state), self.chain
        spins = chain.spins
        overlap_l, complement_l = self.gaps(state)
        field_h = self.fields(state)
        site_h = site_entropy(overlap_l[spins], complement_l[spins], field_h + chain.field)
        site_h += 0.5 * field_h * x.q_complement_l[spins] + 0.5 * chain.field
        output = 0.0 if chain.output_free else gap_entropy(overlap_l[-1:], complement_l[-1:])[0]
        return float(bond_entropy(alpha, self.split(state)[1]) + np.sum(site_h) + output)
