"""Free propagators in time and momentum: the source's, its Euclidean form, and those of periodic lattices.

With ω² = k² + m² and t read as |t|, the source's P(t,k) is (i/2ω) e^{-iω|t|}; the Euclidean form is e^{-ω|t|}/(2ω).
On a lattice of unit spacing -d²/dt² becomes 4 sin²(p/2) and k² becomes k̂² = Σ 4 sin²(k/2), so that

    P(t,k) = e^{-Ω|t|} / (2 sinh Ω),    2 cosh Ω - 2 = m² + k̂²,

and on a ring of T sites the images t + nT add up to cosh(Ω(T/2 - t)) / (2 sinh Ω sinh(ΩT/2)), 0 ≤ t ≤ T, which is
the Fourier sum (1/T) Σ_p e^{ipt} / (m² + k̂² + p̂²) exactly. At m = k = 0 the sum diverges in its p = 0 term, the
freedom to move along the minima; without that term it is a parabola in t. All formulas are exact.
"""

from __future__ import annotations

import numpy as np

from gardner.model import whole


def frequency(mass2: float, k: float | np.ndarray) -> np.ndarray:
    """ω = (k² + m²)^{1/2}; m² must not be negative."""
    if mass2 < 0.0:
        raise ValueError(f"mass2 = {mass2}: a propagator needs m² ≥ 0; expand about the minimum")
    return np.sqrt(np.asarray(k, dtype=float) ** 2 + mass2)


def source_propagator(t, k, mass2: float) -> np.ndarray:
    """(i/2ω) e^{-iω|t|} of [SSB], complex; infinite where ω = 0."""
    omega = frequency(mass2, k)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(omega > 0.0, np.divide(0.5j, omega) * np.exp(-1j * omega * np.abs(t)), np.inf)


def euclidean_propagator(t, k, mass2: float) -> np.ndarray:
    """e^{-ω|t|}/(2ω); infinite where ω = 0."""
    omega = frequency(mass2, k)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(omega > 0.0, np.exp(-omega * np.abs(t)) / (2.0 * omega), np.inf)


def lattice_momentum2(k) -> np.ndarray:
    """k̂² = 4 sin²(k/2)."""
    return 4.0 * np.sin(0.5 * np.asarray(k, dtype=float)) ** 2


def lattice_propagator(t, k, mass2: float, length: int | None = None) -> np.ndarray:
    """P(t,k) on a lattice, with its periodic images on a ring of `length` sites (None: infinite line).

    k is the momentum across the ring, of one direction; t whole numbers. Infinite where m² + k̂² = 0.
    """
    frequency(mass2, 0.0)
    omega = 2.0 * np.arcsinh(0.5 * np.sqrt(mass2 + lattice_momentum2(k)))
    t = np.abs(np.asarray(t, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        if length is None:
            value = np.exp(-omega * t) / (2.0 * np.sinh(omega))
        else:
            t = np.mod(t, whole("length", length, 1))
            # numerator and denominator divided by e^{ΩT/2}: nothing overflows
            images = np.exp(-omega * t) + np.exp(-omega * (length - t))
            value = images / (2.0 * np.sinh(omega) * -np.expm1(-omega * length))
        return np.where(omega > 0.0, value, np.inf)


def lattice_momenta(length: int) -> np.ndarray:
    """The momenta 2πn/T of a ring, n = 0 … T-1."""
    return 2.0 * np.pi * np.arange(length) / length


def from_momenta(spectrum_tp: np.ndarray) -> np.ndarray:
    """P(t) = (1/T) Σ_p e^{ipt} G(p) along the last axis, for real and even G."""
    return np.fft.fft(spectrum_tp, axis=-1).real / np.shape(spectrum_tp)[-1]


def massless_without_zero_mode(length: int) -> np.ndarray:
    """(1/T) Σ_{p≠0} e^{ipt}/p̂², t = 0 … T-1: the π propagator at k = 0 with the motion along the minima left out."""
    p2 = lattice_momentum2(lattice_momenta(length))
    return from_momenta(np.concatenate([[0.0], 1.0 / p2[1:]]))


def coincident_propagator(shape: tuple[int, ...], mass2: float, zero_mode: bool = True) -> float:
    """G(0) = (1/V) Σ_k 1/(k̂² + m²) of a periodic lattice: the closed loop of perturbation theory."""
    p2 = np.zeros(())
    for length in shape:
        p2 = np.add.outer(p2, lattice_momentum2(lattice_momenta(length)))
    values = p2.ravel() + mass2
    values = values if zero_mode else values[1:]
    if (values <= 0.0).any():
        raise ValueError(f"mass2 = {mass2}: the loop needs k̂² + m² > 0; leave the zero mode out or use a positive m²")
    return float((1.0 / values).sum() / p2.size)


def infinite_coincident_propagator(dimensions: int) -> float:
    """G(0) of the massless field on the infinite lattice, ∫_0^∞ [e^{-2s} I_0(2s)]^d ds; 0.252731 for d = 3."""
    from scipy.integrate import quad
    from scipy.special import ive

    dimensions = whole("dimensions", dimensions, 3)
    # the tail (4πs)^{-d/2} (1 + d/(16 s)) beyond s = 1e4 by hand: quad has to resolve a power over few decades only
    far, half = 1e4, 0.5 * dimensions
    edges = (0.0, 1.0, 100.0, far)
    near = sum(quad(lambda s: ive(0, 2.0 * s) ** dimensions, a, b, limit=200)[0] for a, b in zip(edges, edges[1:]))
    tail = (4.0 * np.pi) ** -half * (far ** (1.0 - half) / (half - 1.0) + dimensions / 16.0 * far**-half / half)
    return float(near + tail)
