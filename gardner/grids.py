"""Grids of Parisi parameters m_1 < … < m_k: uniform, a power law, or one that follows the temperature.

    uniform   m_i = i/(k+1)
    power     m_i = (i/(k+1))²
    auto      uniform where nothing is cold; else the steps have a density ρ(y) in y = βm, that is m_i = T y_i with

        ∫_0^{y_i} ρ dy / ∫_0^β ρ dy = i/(k+1).                                                            (C30)

At low temperature q(x) rises on the scale x ~ T: a grid whose first step is wider solves its own equations well and has
a wrong free entropy all the same. Who has a temperature says with `Cooling` what ρ is, and up to which β the uniform
grid serves. A potential at inverse temperature β may be met in two phases. Below capacity the limit β → ∞ is the hard
core, whose q(x) varies on the scale x ~ 1; beyond it x ~ T. Half of the steps therefore go to either:

        ρ(y) = 1/(2β) + 1/(2a (y² + y_0²)^{1/2}),   y_0 = 1/3,   a = arsinh(β/y_0).                         (C31)

At worst the error, which is of order k^{-2}, is then four times that of the grid made for the phase. A grid of your own
is a function of k and the Cooling (or None), registered in GRIDS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gardner.model import SMALLEST_PARISI, uniform_parisi
from gardner.potentials import Potential
from gardner.registry import Registry

if TYPE_CHECKING:
    import numpy as np

GRIDS = Registry(
    "grid", auto="gardner.grids:follow_temperature", uniform="gardner.grids:uniform", power="gardner.grids:power"
)
DEFAULT_LEVELS = 10
TABLE = 4001  # points at which ∫ρ dy is tabulated
FIRST = 0.5  # the first step y_1 is wider than this over k+1
ONSET = 1.0 / 3.0  # y_0 of (C31): below y_0 T steps are equidistant
WARM_GAPS = 100.0  # β of a potential up to which ten uniform steps resolve what there is


Density = Callable[["np.ndarray"], "np.ndarray"]


@dataclass(frozen=True)
class Cooling:
    """How q(x) changes with the temperature: β = 1/T, the β up to which a uniform grid serves, and the density ρ(y).

    density: of the steps in y = βm ≥ 0, an array of the shape of its argument, in any unit.
    """

    beta: float
    warm: float
    density: Density


def cooling_of(potential: Potential) -> Cooling | None:
    """The Cooling of a potential (C31), None for one without temperature."""
    if not isinstance(potential, Potential):
        raise ValueError(f"potential = {potential!r}: must be a Potential, such as HardCore()")
    beta = potential.beta
    if beta is None:
        return None

    def density(y):
        import numpy as np

        return 1.0 / beta + 1.0 / (np.arcsinh(beta / ONSET) * np.hypot(y, ONSET))

    return Cooling(beta, WARM_GAPS, density)


def uniform(levels: int, cooling: Cooling | None = None) -> tuple[float, ...]:
    """m_i = i/(k+1)."""
    return uniform_parisi(levels)


def power(levels: int, cooling: Cooling | None = None) -> tuple[float, ...]:
    """m_i = (i/(k+1))²."""
    return tuple(value**2 for value in uniform_parisi(levels))


def follow_temperature(levels: int, cooling: Cooling | None = None) -> tuple[float, ...]:
    """The m_i of (C30), uniform where nothing is cold."""
    shares = uniform_parisi(levels)
    if cooling is None or cooling.beta <= cooling.warm:
        return shares
    coldest = FIRST / (SMALLEST_PARISI * (levels + 1))
    beta = min(cooling.beta, coldest)  # so that m_1 is one that the flow resolves
    return tuple((steps_of_density(cooling.density, shares, beta) / beta).tolist())


def steps_of_density(density: Callable, shares, highest: float) -> np.ndarray:
    """The y below which the given shares, in (0, 1), of ∫ρ dy over (0, `highest`) lie, by the trapezoid rule."""
    import numpy as np

    # equidistant in t, y = sinh t: fine where y ~ 1, logarithmic beyond
    t = np.linspace(0.0, np.arcsinh(highest), TABLE)
    y = np.sinh(t)
    weight = density(y) * np.cosh(t)
    passed = np.concatenate([[0.0], np.cumsum(0.5 * (weight[1:] + weight[:-1]))])
    return np.sinh(np.interp(shares, passed / passed[-1], t))


def choose_grid(
    levels: int | None, parisi: tuple[float, ...] | None, grid: str | None, cooling: Cooling | None = None
) -> tuple[float, ...]:
    """The m_i that were asked for: those given, or `levels` of them (10 by default) on a grid ("auto" by default).

    ValueError if the m_i are given together with one of the others, or for a grid that is not known.
    """
    if parisi is None:
        return GRIDS[grid or "auto"](DEFAULT_LEVELS if levels is None else levels, cooling)
    for name, value in (("levels", levels), ("grid", grid)):
        if value is not None:
            raise ValueError(f"{name} and parisi are both given: choose one of them")
    return parisi
