"""Signed matching of hidden units: overlaps of two nets up to the symmetries of a layered sign net.

Permuting the hidden units of a layer, or flipping one (its row of J[l] and its column of J[l+1] change sign, and its
spin), leaves the map of the net unchanged, so raw overlaps of hidden layers say little. The second net is aligned with
the first layer by layer from the input: with the columns of J[l] already aligned, units i of the first and j of the
second overlap by O_ij = Σ_k J_ik J'_jk; the assignment j = π(i) of largest Σ_i |O_iπ(i)| and the signs of O_iπ(i)
(sgn 0 = +1) are then applied to the rows of J'[l], the columns of J'[l+1] and the spins of layer l. Inputs and outputs
are never touched. Where a graph is fixed (connectivity, dilution) units cannot be permuted: only flips are matched.
A flip is a symmetry where no field vanishes: exactly for real weights or odd numbers of inputs, approximately for
binary weights with an even number, whose ties sgn(0) = +1 favour one sign.

The largest of n² random overlaps is not small: independent nets have matched overlaps of order (ln n / n)^{1/2}. The
*null* measures that bias: a net that has lost all correlation with the first one, but knows the inputs as the second
does, is matched and measured in the same way. Layer by layer, with x the spins below:

* real weights: J = Σ_k c_k e_k in the eigenvectors of x xᵀ/M; the null has random signs, ±c_k, and the eigenvectors of
  its own x. Rows keep their length and the fields their mean square. (Where spins move on their own, rows avoid the
  patterns they see: two nets that know nothing but the inputs share that, and it is not a sign of order.)
* ±1: each row's existing weights permuted and one random sign, so that they stay ±1.
* spins: run forward, and each unit disobeys its field as often as in the second net, on the patterns whose |field| has
  the same rank. Slaved spins obey always; a null that obeys beside soft-core spins, which do not, has too large a q(l).

At q(0) = 1 its q(l) contains what random nets share by having the same inputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from gardner.nets.disorder import signs
from gardner.values import ByValue


@dataclass(frozen=True, eq=False)
class Matching(ByValue):
    """order_lu: unit of the second net that takes place u of spin layer l = 0…L; sign_lu: its flip, ±1."""

    order_lu: tuple[np.ndarray, ...]
    sign_lu: tuple[np.ndarray, ...]

    def weights(self, weight_l: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Matrices J[l], l = 1…L, of the second net, aligned."""
        return [
            self.sign_lu[l + 1][:, None] * J[np.ix_(self.order_lu[l + 1], self.order_lu[l])] * self.sign_lu[l]
            for l, J in enumerate(weight_l)
        ]

    def spins(self, spin_l: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Spins [unit, pattern] of the layers 0…L of the second net, aligned."""
        return [sign[:, None] * spin[order] for order, sign, spin in zip(self.order_lu, self.sign_lu, spin_l)]


def match(first_l: Sequence[np.ndarray], second_l: Sequence[np.ndarray], permute: bool = True) -> Matching:
    """The alignment of the second net, given as matrices J[l] (units above × below, absent bonds 0), with the first."""
    if [J.shape for J in first_l] != [J.shape for J in second_l]:
        raise ValueError("match: the two nets have different widths; overlaps need equal architectures")
    width = first_l[0].shape[1]
    orders, signs = [np.arange(width)], [np.ones(width, dtype=np.int8)]
    for first, second in zip(first_l[:-1], second_l[:-1]):
        aligned = second[:, orders[-1]] * signs[-1]
        if permute:
            overlap = first @ aligned.T
            order = linear_sum_assignment(np.abs(overlap), maximize=True)[1]
            kept = overlap[np.arange(len(order)), order]
        else:
            order, kept = np.arange(len(first)), (first * aligned).sum(axis=1)
        orders.append(order)
        signs.append(np.where(kept < 0.0, -1, 1).astype(np.int8))
    outputs = first_l[-1].shape[0]
    return Matching((*orders, np.arange(outputs)), (*signs, np.ones(outputs, dtype=np.int8)))


def bond_overlaps(first_l: Sequence[np.ndarray], second_l: Sequence[np.ndarray]) -> np.ndarray:
    """Q(l) = Σ J J' / (bonds of layer l), l = 1…L; bonds are where the first net's weights are not 0."""
    return np.array([(a * b).sum() / np.count_nonzero(a) for a, b in zip(first_l, second_l)])


def spin_overlaps(first_l: Sequence[np.ndarray], second_l: Sequence[np.ndarray]) -> np.ndarray:
    """q(l) = mean of S S' over units and patterns, l = 0…L."""
    return np.array([np.mean(a * b, dtype=float) for a, b in zip(first_l, second_l)])


def matched_overlaps(
    first_l: Sequence[np.ndarray],
    second_l: Sequence[np.ndarray],
    first_spin_l: Sequence[np.ndarray],
    second_spin_l: Sequence[np.ndarray],
    permute: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Q(l), l = 1…L, and q(l), l = 0…L, after alignment of the second net."""
    matching = match(first_l, second_l, permute)
    return (
        bond_overlaps(first_l, matching.weights(second_l)),
        spin_overlaps(first_spin_l, matching.spins(second_spin_l)),
    )


def shuffled(J: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """In each row the existing (non-zero) weights permuted, and one random sign."""
    result = np.zeros_like(J)
    for row, source in zip(result, J):
        bonds = np.flatnonzero(source)
        row[bonds] = rng.permutation(source[bonds]) * (1 - 2 * int(rng.integers(2)))
    return result


def turned(J: np.ndarray, below: np.ndarray, null_below: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows with random signs in the eigenvectors of the spins [unit, pattern] that they read."""
    result = np.zeros_like(J)

    # rows that read the same units share their eigenvectors
    masks, group = np.unique(J != 0.0, axis=0, return_inverse=True)
    for g, mask in enumerate(masks):
        place = np.ix_(np.flatnonzero(group.ravel() == g), np.flatnonzero(mask))
        modes, null_modes = (np.linalg.eigh(x @ x.T)[1] for x in (y[mask].astype(float) for y in (below, null_below)))
        c = J[place] @ modes
        result[place] = (c * rng.choice((-1.0, 1.0), c.shape)) @ null_modes.T
    return result


def obeying(null_field: np.ndarray, field: np.ndarray, spin: np.ndarray) -> np.ndarray:
    """Spins [unit, pattern] that obey `null_field` as `spin` obeys `field`, unit by unit from the weakest field on."""
    order, null_order = (np.argsort(np.abs(h), axis=1) for h in (field, null_field))
    obeys = np.empty_like(spin)
    np.put_along_axis(obeys, null_order, np.take_along_axis(spin * signs(field), order, axis=1), axis=1)
    return obeys * signs(null_field)


def null_net(
    weight_l: Sequence[np.ndarray], spin_l: Sequence[np.ndarray], continuous: bool, rng: np.random.Generator
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Matrices and spins of the null of a net on the same inputs; continuous: its weights need not be ±1."""
    null_l, null_spin_l = [], [spin_l[0]]
    for J, below, spin in zip(weight_l, spin_l, spin_l[1:]):
        null_below = null_spin_l[-1]
        null_l.append(turned(J, below, null_below, rng) if continuous else shuffled(J, rng))
        fields = (K @ x.astype(float) for K, x in ((null_l[-1], null_below), (J, below)))
        null_spin_l.append(obeying(*fields, spin))
    return null_l, null_spin_l


def null_overlaps(
    first_l: Sequence[np.ndarray],
    second_l: Sequence[np.ndarray],
    first_spin_l: Sequence[np.ndarray],
    second_spin_l: Sequence[np.ndarray],
    permute: bool,
    continuous: bool,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Matched Q(l), q(l) of the first net with the null of the second one."""
    null_l, null_spin_l = null_net(second_l, second_spin_l, continuous, rng)
    return matched_overlaps(first_l, null_l, first_spin_l, null_spin_l, permute)
