"""Binary weights, J = ±1: the bond sector is that of a spin, less the ln 2 of the prior (T26).

The field Q̂ of the perceptrons is not eliminated: weights are Ising spins in it, random setting (T8) and

    Q = ∫Dz tanh(Q̂ + sqrt(Q̂) z),      ∫Dz ln 2cosh(Q̂ + sqrt(Q̂) z) - ½ Q̂ (1+Q) - ln 2                     (T26)

in the planted one. The prior has N bits per row and no more, which has two consequences that the sphere does not know.
The free entropy is bounded: N M s ≥ -N² L ln 2, reached where one assignment of the weights is left. And perfect
recovery, Q = q = 1, is a fixed point of the planted map at every α: 1 - Q ~ e^{-Q̂/2} with Q̂ ~ (1-Λ)^{-1/2} falls
faster than any power. It is kept as the finite rigidity -ln(1-Q) = RECOVERED.
"""

from __future__ import annotations

import numpy as np

from gardner.theory.nishimori.quadrature import spin_averages, spin_entropy
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.sectors import spin as ising
from gardner.theory.sectors.base import Contribution, differentiate_in_parisi

RECOVERED = 75.0  # -ln(1-Q) of weights that are known: s then errs by e^{-RECOVERED/2} = 5e-17


class Binary:
    """The prior as the bond sector uses it, in the random and in the planted setting."""

    name = "binary"
    label = "binary weights"
    log_values = float(np.log(2.0))  # entropy of the prior per weight: what perfect knowledge costs
    is_rotation_invariant = False

    def contribution(
        self,
        own_i: np.ndarray,
        qhat_i: np.ndarray | None,
        m: np.ndarray,
        grid: GridSettings,
        with_response: bool = False,
    ) -> Contribution:
        """(T8) of a weight, less ln 2; with Q_i = E_i[(φ_i')²] and dQ_j/dQ̂_i."""
        if qhat_i is None:
            raise ValueError("binary weights: their term of s needs the field Q̂ as well as the overlaps Q")
        value = ising.spin_sector(qhat_i, m, grid, with_response)
        responses = {} if value.response_ji is None else {("image", "field"): value.response_ji}
        return Contribution(
            ising.spin_entropy(qhat_i, own_i, m, value.free_entropy) - self.log_values,
            image_i=value.overlaps_i,
            responses=responses,
            slope_i=lambda: differentiate_in_parisi(value, m) - 0.5 * np.diff(qhat_i * own_i),
        )

    def split_response(self, own_i: np.ndarray, qhat_i: np.ndarray, m: np.ndarray, grid: GridSettings) -> np.ndarray:
        """dQ/dQ̂ of a level without weight beside level i, E_i[(φ_i'')²], shape (k+1,). (C7)"""
        flow = ising.spin_sector(qhat_i, m, grid).flow
        return np.ones(len(qhat_i)) if flow is None else flow.curvatures

    def planted_rigidity(self, field_l: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """-ln(1-Q) and its derivative at planted fields Q̂ ≥ 0, at most RECOVERED. (T26)"""
        weights = spin_averages(field_l)
        known = -weights.log_complement >= RECOVERED
        rigidity_l = np.where(known, RECOVERED, -weights.log_complement)
        return rigidity_l, np.where(known, 0.0, -weights.log_slope)

    def planted_entropy(self, rigidity_l: np.ndarray, field_l: np.ndarray) -> np.ndarray:
        """The bond term of (T26) per weight, stationary in Q̂; -ln 2 where the weights are known.

        By the Nishimori identity it is ½ Q̂ (1-Q) + E[H_2(h)] - ln 2, H_2 the entropy of a weight in the field h.
        """
        return 0.5 * field_l * np.exp(-rigidity_l) + spin_entropy(field_l) - self.log_values

    def crystal_rigidity(self, alpha: float) -> float:
        """The weights are known: no overlap is larger."""
        return RECOVERED


BINARY = Binary()
