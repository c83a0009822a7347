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
*shuffled null* measures that bias: each row of every J'[l] has the weights of its existing bonds permuted at random and
one random sign, which removes every correlation with the first net and keeps the multiset of its weights up to sign;
the spins are those of the shuffled net run forward on the same inputs, whatever they were before; then it is matched
and measured in the same way. At q(0) = 1 its q(l) contains what random nets share by having the same inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

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


def shuffle(weight_l: Sequence[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """The null net: in each row the existing (non-zero) weights permuted, and one random sign."""
    result = []
    for J in weight_l:
        out = np.zeros_like(J)
        for row, source in zip(out, J):
            bonds = np.flatnonzero(source)
            row[bonds] = rng.permutation(source[bonds]) * (1 - 2 * int(rng.integers(2)))
        result.append(out)
    return result


def null_overlaps(
    first_l: Sequence[np.ndarray],
    second_l: Sequence[np.ndarray],
    first_spin_l: Sequence[np.ndarray],
    forward: Callable[[list[np.ndarray]], Sequence[np.ndarray]],
    permute: bool,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Matched Q(l), q(l) of the first net with the second one shuffled; `forward` runs matrices on the same inputs."""
    null_l = shuffle(second_l, rng)
    return matched_overlaps(first_l, null_l, first_spin_l, forward(null_l), permute)
