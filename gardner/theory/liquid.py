"""Fluctuations of overlaps in the liquid, from the free entropy that a closure gives to two replicas (T24).

In the liquid all overlaps of hidden layers vanish on average, and hidden units of the dense limit are independent of
each other. For the unit j of spin layer l, two members a, b of the measure have

    R = c^-1 Σ J_a J_b over the unit's own row (bond layer l),    C = c^-1 Σ J_a J_b over the c weights that read it,
    q = M^-1 Σ_μ S_a S_b,

and their joint density is exp(M s_2), s_2 being the replicated free entropy (T2) or (T4) of n = 2 replicas with one
overlap per layer. At quadratic order about zero, s_2 = -½ xᵀ A x, hence M<x xᵀ> = A⁻¹ for c → ∞. Different pairs of
replicas do not couple at this order, so that the same A holds for n → 0 (random setting) and n → 1 (planted).

A closure is a list of *sectors*, each a function of a product of overlaps (`closures.base`); their Taylor coefficients
are those of the potential, f = exp(-βv):

    gap    ln <f(z_a) f(z_b)>_Λ = const + aΛ + ½(c_2 - a²)Λ²,   a = (E f'/E f)²,  c_2 = (E f''/E f)²,
    site   extr_q̂ { -q̂q + ln Σ_S <f(S_a z_a) f(S_b z_b)>_Λ e^{q̂ S_a S_b} } = const - ½(q - aΛ)² + ½ c_2 Λ²,
    spin   -½ q²,           bond   -½ Q²/α.

Hard core, κ = 0: a = 2/π, c_2 = 0. Valid to the order 1/c that `isolated_unit` computes.
"""

from __future__ import annotations

import numpy as np

from gardner.model import CLOSURES, positive, whole
from gardner.potentials import Potential
from gardner.potentials.hard import HardCore
from gardner.theory.closures.base import Layers, Sector


def sectors_of(closure: str, depth: int) -> list[Sector]:
    """The sectors of the closure, or ValueError for an unknown or broken one, or a net without hidden units."""
    return CLOSURES[closure].checked_sectors(Layers(whole("depth", depth, 2, 1000)))


def overlaps_of(depth: int) -> list[tuple[str, int]]:
    """Name and layer of all overlaps that are not imposed: bonds Q(1)…Q(L), then hidden spins q(1)…q(L-1).

    In this order they are the arguments of s_2, and what a comparison confronts.
    """
    return [("Q", l) for l in range(1, depth + 1)] + [("q", l) for l in range(1, depth)]


def pair_coefficients(potential: Potential) -> tuple[float, float]:
    """a = (E f'/E f)² and c_2 = (E f''/E f)² of the Boltzmann factor f = exp(-βv) under a standard Gaussian."""
    _, first, second = (value.item() for value in potential.log_weight(0.0)(np.zeros(1)))
    return first**2, (second + first**2) ** 2


def quadratic_form(
    closure: str, depth: int, alpha: float, potential: Potential | None = None, factor: float = 1.0
) -> np.ndarray:
    """A = -∂²s_2 at zero overlaps, shape (2L-1, 2L-1), in the order of `overlaps_of`.

    alpha: α = M/c; potential: hard core without margin by default; factor: on a, 1 but for a deliberately wrong theory.
    ValueError for impossible input. (T24)
    """
    alpha = positive("alpha", alpha)
    a, c2 = pair_coefficients(potential or HardCore())
    a *= factor
    variables = overlaps_of(depth)
    place = {name: i for i, name in enumerate(variables)}
    A = np.zeros((len(variables), len(variables)))
    for sector in sectors_of(closure, depth):
        free = [place[name] for name in sector.reads if name in place]  # q(0) = q(L) = 1 drop out of the product
        gradient, hessian = _product_derivatives(free, len(variables))
        own = np.zeros(len(variables))
        if sector.own is not None:
            own[place[sector.own]] = 1.0
        if sector.kind == "bond":
            A += np.outer(own, own) / alpha
        if sector.kind == "spin":
            A += np.outer(own, own)
        if sector.kind == "gap":
            A -= a * hessian + (c2 - a * a) * np.outer(gradient, gradient)
        if sector.kind == "site":
            A += np.outer(own - a * gradient, own - a * gradient) - c2 * np.outer(gradient, gradient)
    return A


def _product_derivatives(free: list[int], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and Hessian at zero of the product of the variables `free`."""
    gradient, hessian = np.zeros(count), np.zeros((count, count))
    if len(free) == 1:
        gradient[free[0]] = 1.0
    if len(free) == 2:
        hessian[free[0], free[1]] = hessian[free[1], free[0]] = 1.0
    return gradient, hessian


def _places(depth: int, layer: int) -> list[int]:
    """Where R, C and q of a hidden unit of spin layer `layer` stand among the overlaps."""
    layer = whole("layer", layer, 1, depth - 1)
    variables = overlaps_of(depth)
    return [variables.index(name) for name in (("Q", layer), ("Q", layer + 1), ("q", layer))]


def liquid_covariances(
    closure: str, depth: int, alpha: float, layer: int, potential: Potential | None = None
) -> np.ndarray:
    """M<x xᵀ> = A⁻¹ of x = (R, C, q), shape (3, 3), for a hidden unit of spin layer `layer` in the liquid. (T24)

    ValueError beyond the α at which the liquid of this layer loses stability (`liquid_instability`).
    """
    limit = liquid_instability(closure, depth, layer, potential)
    if not positive("alpha", alpha) < limit:
        raise ValueError(
            f"alpha = {alpha:g}: the liquid of the {closure} closure ends at {limit:.6g} for layer {layer} of "
            f"{depth}; choose a smaller alpha"
        )
    return quadratic_covariances(closure, depth, alpha, layer, potential)


def quadratic_covariances(
    closure: str, depth: int, alpha: float, layer: int, potential: Potential | None = None, factor: float = 1.0
) -> np.ndarray:
    """`liquid_covariances` without the check of stability: beyond it, A⁻¹ is no covariance."""
    places = _places(depth, layer)
    unit = quadratic_form(closure, depth, alpha, potential, factor)[np.ix_(places, places)]
    return np.linalg.inv(unit)


def liquid_instability(closure: str, depth: int, layer: int, potential: Potential | None = None) -> float:
    """The α at which A of a hidden unit becomes singular, inf where it never does: (T19).

    A = B/α + K with B = 1 on the bonds: the spin overlap is eliminated, and the lowest eigenvalue of what K leaves to
    the bonds is -1/α.
    """
    places = _places(depth, layer)
    K = quadratic_form(closure, depth, 1.0, potential)[np.ix_(places, places)] - np.diag([1.0, 1.0, 0.0])
    bonds = K[:2, :2] - np.outer(K[:2, 2], K[2, :2]) / K[2, 2]
    lowest = float(np.linalg.eigvalsh(bonds)[0])
    return 1.0 / -lowest if lowest < -1e-15 else np.inf
