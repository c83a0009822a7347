"""The O(D) potential of [SSB] and its exact Hessian (THEORY section 10).

    V(w) = ½ m² w² + ¼ λ (w²)²,    m²(η) = -μ² + ¼ λ η²,

the learning rate η in the role of a temperature. Gradient (m² + λw²) w, Hessian (m² + λw²) 1 + 2λ w wᵀ. Below
η_c = 2μ/√λ the minima are the sphere |w|² = -m²/λ, where the first term vanishes: one eigenvalue -2m² along w (σ)
and D-1 zeros along the sphere (π). At w = 0, above η_c, all D eigenvalues are m². Everything here is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gardner.checks import SCALES, checked_coupling, checked_rate, whole, within
from gardner.values import ByValue

MAX_COMPONENTS = 64


@dataclass(frozen=True)
class SymmetryBreaking:
    """The potential V(w) = ½ m²(η) w² + ¼ λ (w²)², m²(η) = -μ² + ¼ λ η² [SSB].

    The learning rate η acts as a temperature; all quantities are without units.

    Parameters
    ----------
    mu : float
        μ, within 1e-6 and 1e6.
    coupling : float
        λ, within 1e-6 and 1e6.
    components : int
        D of the multiplet w, 1 to 64.

    Raises
    ------
    ValueError
        For parameters out of range.

    Notes
    -----
    THEORY section 10.
    """

    mu: float = 1.0
    coupling: float = 1.0
    components: int = 3

    def __post_init__(self):
        object.__setattr__(self, "mu", within("mu", self.mu, *SCALES))
        object.__setattr__(self, "coupling", checked_coupling(self.coupling))
        object.__setattr__(self, "components", whole("components", self.components, 1, MAX_COMPONENTS))

    @property
    def critical_rate(self) -> float:
        """η_c = 2μ/√λ, where m² changes sign."""
        return 2.0 * self.mu / math.sqrt(self.coupling)

    def mass2(self, rate: float) -> float:
        """m²(η); finite and negative or zero up to η_c."""
        rate = checked_rate("learning_rate", rate)
        return -(self.mu**2) + 0.25 * self.coupling * rate**2

    def order_parameter(self, rate: float) -> float:
        """|w*| = (-m²/λ)^{1/2} below η_c, 0 above."""
        return math.sqrt(max(0.0, -self.mass2(rate)) / self.coupling)


def potential_value(w_xc: np.ndarray, mass2: float, coupling: float) -> np.ndarray:
    """V at points x; the last axis of `w_xc` is the component."""
    square = (np.asarray(w_xc, dtype=float) ** 2).sum(axis=-1)
    return 0.5 * mass2 * square + 0.25 * coupling * square**2


def potential_hessian(w_c: np.ndarray, mass2: float, coupling: float) -> np.ndarray:
    """d²V/dw² at one point, (D, D)."""
    w = np.asarray(w_c, dtype=float)
    return (mass2 + coupling * (w @ w)) * np.eye(w.size) + 2.0 * coupling * np.outer(w, w)


@dataclass(frozen=True, eq=False)
class Prediction(ByValue):
    """What the potential says at one learning rate.

    spectrum: eigenvalues of the exact Hessian at a minimum, ascending; sigma_mass2, pi_mass2: its σ and π values
    (pi_mass2 is nan for D = 1); quoted_*: the values [SSB] gives instead, |m²| and ¼λη², nan above η_c where the
    source quotes none; zero_modes: eigenvalues below 1e-12 of the scale max(|m²|, μ²).
    """

    learning_rate: float
    critical_rate: float
    mass2: float
    order_parameter: float
    spectrum: np.ndarray
    sigma_mass2: float
    pi_mass2: float
    quoted_sigma_mass2: float
    quoted_pi_mass2: float
    zero_modes: int


def predict(theory: SymmetryBreaking, rate: float) -> Prediction:
    """Order parameter |w*| and exact Hessian spectrum at a learning rate, beside the values that [SSB] quotes.

    |w*|² = -m²/λ below η_c = 2μ/√λ, with one eigenvalue -2m² (σ) and D-1 zeros (π). The minimum is
    taken in a direction along no axis, so that the zeros are not those of the coordinates.

    Parameters
    ----------
    theory : SymmetryBreaking
        The potential.
    rate : float
        The learning rate η ≥ 0.

    Returns
    -------
    Prediction
        Exact.

    Raises
    ------
    ValueError
        For η < 0.

    Notes
    -----
    THEORY section 10.1.
    """
    mass2, v = theory.mass2(rate), theory.order_parameter(rate)
    direction = np.cos(1.0 + np.arange(theory.components))
    w = v * direction / np.linalg.norm(direction)
    spectrum = np.linalg.eigvalsh(potential_hessian(w, mass2, theory.coupling))
    scale = max(abs(mass2), theory.mu**2)
    broken = v > 0.0
    return Prediction(
        learning_rate=float(rate),
        critical_rate=theory.critical_rate,
        mass2=mass2,
        order_parameter=v,
        spectrum=spectrum,
        sigma_mass2=float(spectrum[-1]),
        pi_mass2=float(spectrum[:-1].mean()) if theory.components > 1 else math.nan,
        quoted_sigma_mass2=abs(mass2) if broken else math.nan,
        quoted_pi_mass2=0.25 * theory.coupling * rate**2 if broken and theory.components > 1 else math.nan,
        zero_modes=int((np.abs(spectrum) < 1e-12 * scale).sum()),
    )
