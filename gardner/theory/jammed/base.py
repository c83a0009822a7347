"""What a jammed sector is given and hands back, and the setting of a jammed net."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gardner.checks import checked_margin, whole
from gardner.model import CLOSURES, MAX_DEPTH, PRIORS, checked_parisi
from gardner.registry import Registry
from gardner.theory.parisi.flow import GridSettings

JAMMED = Registry(
    "jammed sector",
    bond="gardner.theory.jammed.bond:evaluate",
    spin="gardner.theory.jammed.spin:evaluate",
    gap="gardner.theory.jammed.gap:evaluate",
    site="gardner.theory.jammed.site:evaluate",
)


@dataclass(frozen=True)
class JammedSetting:
    """A net of `depth` bond layers at capacity, hard core of margin κ.

    ratios: y_1 < … < y_{k-1} in (0, 1), the Parisi parameters in units of m_k; empty for one step. closure, weights:
    names in CLOSURES and PRIORS; copies: further layers like the middle one, where it is liquid (a net of depth +
    copies layers at the cost of `depth`); input_free, output_free: the spins of this end are hidden, free to choose.
    ValueError for anything impossible.
    """

    depth: int
    margin: float = 0.0
    ratios: tuple[float, ...] = ()
    closure: str = "symmetric"
    weights: str = "spherical"
    copies: int = 0
    input_free: bool = False
    output_free: bool = False
    grid: GridSettings = field(default_factory=GridSettings)

    def __post_init__(self):
        CLOSURES.check(self.closure)
        if not hasattr(PRIORS[self.weights], "jammed_bond"):
            raise ValueError(f"weights = {self.weights!r}: do not jam; choose a prior with a jammed bond sector")
        object.__setattr__(self, "depth", whole("depth", self.depth, 1, MAX_DEPTH))
        object.__setattr__(self, "margin", checked_margin(self.margin))
        object.__setattr__(self, "ratios", checked_parisi(self.ratios))

    @property
    def steps(self) -> int:
        """k."""
        return len(self.ratios) + 1

    @property
    def m(self) -> np.ndarray:
        """0, y_1, …, y_{k-1}, 1, shape (k+1,): the m of the flows, which have k - 1 steps."""
        return np.array((0.0, *self.ratios, 1.0))


@dataclass(frozen=True)
class Inputs:
    """What a sector is given, each (k+1,) or None where the sector has no such input.

    product_i: Λ_0 … Λ_{k-1} and ρ, the sum of the rooms read; field_i: p_0 … p_k; own_i: x_0 … x_{k-1} and the room.
    """

    product_i: np.ndarray | None
    field_i: np.ndarray | None
    own_i: np.ndarray | None


@dataclass(frozen=True)
class Contribution:
    """entropy: a term of S (that of a bond times α); strength_i: G_0 … G_k; image_i: new overlaps and room.

    G_i = E_i[(φ_i')²] for i < k and G_k = 2 ∂Φ/∂ρ: what pulls on the rooms.
    """

    entropy: float
    strength_i: np.ndarray | None = None
    image_i: np.ndarray | None = None
