"""What a student that knows its teacher up to the overlaps Q(l) says about a fresh input.

*Overlap of fresh inputs* (T17). The pre-activations of two replicas (the teacher is one) at layer l are
jointly Gaussian with overlap Λ(l) = Q(l) r(l-1), and their signs overlap by

    r(0) = 1,        r(l) = (2/π) arcsin Λ(l).

*Gibbs error*: one student drawn from the posterior disagrees with the teacher with probability ε_g = (1 -
r(L))/2 = arccos(Λ(L))/π.

*Bayes-optimal error.* Best is the majority of the posterior. Given the patterns, the weights of a perceptron
of layer l are Gaussian around their posterior mean, of squared length Q(l) per weight, with variance 1-Q(l);
all replicas share the mean. On a fresh input the pre-activation of a unit of layer l is ω + sqrt(1-Λ(l)) ξ:
ω, of variance Λ(l), is made of mean weights and of the posterior means of the signals below (whose second
moment is r(l-1)) and is common to all replicas, while ξ is independent in each of them; with the sum over
many units both are Gaussian. At the output every replica says sgn(ω + sqrt(1-Λ(L)) ξ), the majority says
sgn(ω), and the teacher, one of the replicas, disagrees with it with probability

    ε_B = ∫Dt Φ_N(-|t| sqrt(Λ/(1-Λ))) = arccos(sqrt(Λ(L)))/π,        Λ(L) = Q(L) r(L-1).

At L = 1 these are arccos(Q)/π and arccos(sqrt(Q))/π. Complements 1-Λ are carried along, as errors of order
1/α at the end of a long chain need them; arcsin and arccos are taken from them by half angles.

*Linear bound* (T22). In a fully connected net the composite map is learned even where no hidden unit is
identified: its linear part is a spherical perceptron seen through L-1 layers of nonlinearity, Λ = g Q and Q̂
= α g G(Λ) with g = (2/π)^{L-1}. This gives a lower bound on s and an attainable error arccos(sqrt(Λ))/π.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from gardner.theory.nishimori.quadrature import gap_averages, gap_entropy
from gardner.values import ByValue


@dataclass(frozen=True, eq=False)
class Generalization(ByValue):
    """`fresh_overlap` r(l), shape (L+1,); `gibbs` and `bayes` errors."""

    fresh_overlap: np.ndarray
    gibbs: float
    bayes: float


@dataclass(frozen=True)
class LinearBound:
    """(T22): Q of the effective linear map, lower bound on the free entropy per N·M, attainable error."""

    overlap: float
    free_entropy: float
    generalization_error: float


def generalization(Q_l, Q_complement_l) -> Generalization:
    """Fresh overlaps and errors from Q(l) and 1-Q(l), shape (L,)."""
    fresh, missing = [1.0], 0.0
    for Q, Q_complement in zip(Q_l, Q_complement_l):
        gap_complement = Q_complement + Q * missing
        # arccos Λ = 2 arctan sqrt((1-Λ)/(1+Λ)) and 1 - r = (2/π) arccos Λ
        angle = 2 * np.arctan2(np.sqrt(gap_complement), np.sqrt(2 - gap_complement))
        missing = 2 * angle / np.pi
        fresh.append(2 / np.pi * np.arcsin(Q * fresh[-1]))
    gibbs = 0.5 * missing
    bayes = np.arcsin(np.sqrt(gap_complement)) / np.pi
    return Generalization(np.array(fresh), float(gibbs), float(bayes))


def linear_bound(alpha: float, depth: int) -> LinearBound:
    """The linear phase of a fully connected net."""
    gain = (2 / np.pi) ** (depth - 1)

    def gap_of(bond_field):
        overlap = gain * bond_field / (1 + bond_field)
        return overlap, 1 / (1 + bond_field) + (1 - gain) * bond_field / (1 + bond_field)

    def excess(log_field):
        bond_field = np.exp(log_field)
        return np.log(alpha * gain * gap_averages(*gap_of(bond_field)).strength) - log_field

    # G lies between G(0) = 2/π and (2/π) (1-Λ)^-1/2 ≤ (2/π) sqrt(1+Q̂)
    low = np.log(alpha * gain * 2 / np.pi)
    high = 1 + np.log(alpha * gain + (alpha * gain) ** 2)
    bond_field = np.exp(brentq(excess, low - 1e-9, max(high, low + 1), xtol=1e-14, rtol=1e-14))
    overlap, complement = gap_of(bond_field)
    Q = bond_field / (1 + bond_field)
    free_entropy = (Q - np.log1p(bond_field)) / (2 * alpha) + gap_entropy(overlap, complement)
    return LinearBound(float(Q), float(free_entropy), float(np.arcsin(np.sqrt(complement)) / np.pi))
