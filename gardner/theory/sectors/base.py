"""What a sector hands back, and what all sectors share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gardner.theory.parisi.flow import Flow
from gardner.theory.parisi.functional import flow_gradient

FROZEN_TILT = 9.0  # tilt m w at which a spin counts as frozen: e^{-w²/2} = 3e-18
SMALLEST_GAP_VARIANCE = 1e-14  # below this 1 - Λ_k is round-off


@dataclass(frozen=True)
class SectorValue:
    """free_entropy: Φ; overlaps_i: G_i or q_i; response_ji: d overlaps_j/d conjugate_i; flow: None at zero variance.

    cut_i (k,): what was cut from the increments q̂_i - q̂_{i-1}, i = 1…k, of a frozen spin (None: nothing). The constant
    ½ Σ m_i cut_i is part of free_entropy and not of the flow, hence ∂Φ/∂m_i is that of the flow plus ½ cut_i: the flow
    itself contributes ½ m_i to every unit of variance it lost, which compensates the dependence of the cut on m_i.
    """

    free_entropy: float
    overlaps_i: np.ndarray
    response_ji: np.ndarray | None
    flow: Flow | None = None
    cut_i: np.ndarray | None = None


@dataclass(frozen=True)
class Contribution:
    """What one sector says to the chain: its term of s, its strength and image, and how they respond.

    free_entropy: per N·M, at the own overlap given; strength_i: G_i of a sector that reads (None: it reads nothing);
    image_i: the new value of the overlap that it owns (None: it owns none); responses: d(strength, image)_j by
    d(product, field)_i, keyed by these names, each (k+1, k+1); slope_i: ∂/∂m_i of the term at fixed overlaps and
    fields, computed when asked (None: not known for this kind); work: nodes × functions of a flow in two fields.
    """

    free_entropy: float
    strength_i: np.ndarray | None = None
    image_i: np.ndarray | None = None
    responses: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    slope_i: Callable[[], np.ndarray] | None = None
    work: float = 0.0


@dataclass(frozen=True)
class Inputs:
    """What a sector is given: the product Λ_i that it reads, the field and the value of the overlap that it owns.

    Each is (k+1,) or None where the sector has no such input. No field for a bond means that only its term of s is
    asked for.
    """

    product_i: np.ndarray | None
    field_i: np.ndarray | None
    own_i: np.ndarray | None


def evaluate_at_zero(m: np.ndarray, terminal_function, with_response: bool) -> SectorValue:
    """A sector in one field with all variances zero: the field is fixed at h = 0."""
    phi, first, second = (float(v[0]) for v in terminal_function(np.zeros(1)))
    count = len(m) - 1
    response = None
    if with_response:
        # every u equals φ'², so B_ij = 4 φ'²φ'' + m_j φ'⁴ - φ'⁴ Σ_{l<j}Δm_l = 4 φ'²φ''
        response = np.diag(np.full(count, second**2)) - 2.0 * first**2 * second * np.diff(m)[None, :]
    return SectorValue(phi, np.full(count, first**2), response)


def differentiate_in_parisi(value: SectorValue, m: np.ndarray) -> np.ndarray:
    """∂Φ/∂m_i of a sector in one field; with all variances zero there is no flow and no derivative. (C2)"""
    gradient = np.zeros(len(m) - 2) if value.flow is None else flow_gradient(value.flow)[1]
    return gradient if value.cut_i is None else gradient + 0.5 * value.cut_i
