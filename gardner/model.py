"""The layered perceptron and its setting: parameters that validate themselves.

A feed-forward net of depth L has bond layers l = 1…L and spin layers l = 0…L. Perceptron gaps r are weighted by
exp(-β v(r)) with a potential v of `potentials` (THEORY section 1). α = M/N is the number of patterns per width (M/c
at connectivity c). Parisi parameters are 0 < m_1 < … < m_k < 1; k = 0 is the replica-symmetric ansatz.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gardner.checks import MAX_ALPHA, checked_tolerance, finite, positive, whole
from gardner.fields import described
from gardner.potentials import POTENTIALS, Potential
from gardner.registry import Registry

if TYPE_CHECKING:
    import numpy as np

CLOSURES = Registry(
    "closure",
    symmetric="gardner.theory.closures.symmetric:SYMMETRIC",  # (T1), (T2)
    directed="gardner.theory.closures.directed:DIRECTED",  # (T3), (T4)
)
PRIORS = Registry(
    "weights",
    spherical="gardner.theory.priors.spherical:SPHERICAL",  # (T9), (T13)
    binary="gardner.theory.priors.binary:BINARY",  # (T26)
)
MAX_LEVELS = 400
MAX_DEPTH = 1000
SMALLEST_PARISI = 1e-9


@dataclass(frozen=True)
class Network:
    """A net; connectivity and width enter only through α in the theory.

    Parameters
    ----------
    depth : int
        Bond layers, 1 ≤ L ≤ 1000.
    """

    depth: int = described("Number of bond layers L.")

    def __post_init__(self):
        object.__setattr__(self, "depth", whole("depth", self.depth, 1, MAX_DEPTH))


def uniform_parisi(levels: int) -> tuple[float, ...]:
    """The default grid m_i = i/(k+1), i = 1…k (THEORY section 3)."""
    k = whole("levels", levels, 0, MAX_LEVELS)
    return tuple(i / (k + 1) for i in range(1, k + 1))


def checked_parisi(values: Sequence[float]) -> tuple[float, ...]:
    """The Parisi parameters as a tuple, or ValueError unless 0 < m_1 < … < m_k < 1."""
    m = tuple(finite("parisi", value) for value in values)
    if len(m) > MAX_LEVELS:
        raise ValueError(f"parisi: {len(m)} values given, at most {MAX_LEVELS} are allowed")
    for value in m:
        if not 0 < value < 1:
            raise ValueError(f"parisi = {value}: every m must lie strictly between 0 and 1")
        if value < SMALLEST_PARISI:
            raise ValueError(f"parisi = {value}: must be at least {SMALLEST_PARISI:g}")
    for left, right in zip(m, m[1:]):
        if right <= left:
            raise ValueError(f"parisi: {left} is followed by {right}; the m must increase")
    return m


@dataclass(frozen=True)
class RandomSetting:
    """Random inputs and outputs imposed on a net: everything the saddle point (T11), (T12) needs.

    Parameters
    ----------
    alpha : float
        Patterns per width, α = M/N.
    network : Network
        The net.
    potential : Potential
        What a gap pays.
    parisi : tuple of float
        m_1 < … < m_k in (0, 1), empty for RS.
    input_overlap, output_overlap : tuple of float
        q_i(0) and q_i(L), i = 0…k (1 everywhere for fixed patterns; a closure whose sectors do
        not read the outputs has fixed ones only).
    closure, weights : str
        Names in CLOSURES and PRIORS.

    Raises
    ------
    ValueError
        For anything impossible.
    """

    alpha: float = described("Patterns per width, α = M/N.")
    network: Network
    potential: Potential = field(default_factory=lambda: POTENTIALS["hard"]())
    parisi: tuple[float, ...] = ()
    input_overlap: tuple[float, ...] | None = None
    output_overlap: tuple[float, ...] | None = None
    closure: str = described(f"{' or '.join(CLOSURES)}.", "symmetric")
    weights: str = described(f"{PRIORS.listed}.", "spherical")

    def __post_init__(self):
        closure = CLOSURES[self.closure]
        PRIORS.check(self.weights)
        if not isinstance(self.potential, Potential):
            raise ValueError(f"potential = {self.potential!r}: must be a Potential, such as HardCore()")
        object.__setattr__(self, "alpha", positive("alpha", self.alpha, MAX_ALPHA))
        object.__setattr__(self, "parisi", checked_parisi(self.parisi))
        for name in ("input_overlap", "output_overlap"):
            object.__setattr__(self, name, self._checked_boundary(name, getattr(self, name)))
        if min(self.output_overlap) < 1.0 and not closure.imposes_output(self.network.depth):
            raise ValueError(
                f"output_overlap = {self.output_overlap}: the {closure.name} closure needs fixed outputs, leave it out"
            )

    def _checked_boundary(self, name: str, values: Sequence[float] | None) -> tuple[float, ...]:
        count = self.levels + 1
        if values is None:
            return (1.0,) * count
        q = tuple(finite(name, value) for value in values)
        if len(q) != count:
            raise ValueError(f"{name}: {len(q)} values given, one per level is needed, that is {count}")
        if any(not 0 <= value <= 1 for value in q) or any(b < a for a, b in zip(q, q[1:])):
            raise ValueError(f"{name} = {q}: overlaps must lie in [0, 1] and not decrease")
        return q

    @property
    def levels(self) -> int:
        """k, the number of replica-symmetry-breaking steps."""
        return len(self.parisi)

    @property
    def m(self) -> np.ndarray:
        """m_0 = 0 < m_1 < … < m_k < m_{k+1} = 1, shape (k+2,)."""
        import numpy as np  # here: parameters alone import nothing heavy, the command line reads their fields

        return np.array((0.0, *self.parisi, 1.0))


@dataclass(frozen=True)
class SolverSettings:
    """How a saddle point is searched.

    Parameters
    ----------
    method : str
        "newton" (default) or "damped" (plain damped iteration, the oracle).
    tolerance : float
        Largest residual |F(x) - x| and largest estimated error of the overlaps accepted as
        converged.
    accuracy : float
        Largest discretisation error of one sector evaluation the field grid aims at.
    max_iterations : int, optional
        Evaluations of the map after which the search is reported as stalled.
    damping : float
        Fraction of the new state taken by the damped iteration.
    """

    method: str = described("newton or damped.", "newton")
    tolerance: float = described("Largest accepted residual and step of the overlaps.", 1e-9, flag="tol")
    accuracy: float = described("Discretisation error the field grid aims at.", 1e-10)
    max_iterations: int | None = described("Evaluations of the map before the search is called stalled.", None)
    damping: float = 0.7

    METHODS = ("newton", "damped")

    def __post_init__(self):
        if self.method not in self.METHODS:
            raise ValueError(f"method = {self.method!r}: must be one of {', '.join(self.METHODS)}")
        object.__setattr__(self, "tolerance", checked_tolerance("tolerance", self.tolerance))
        accuracy = positive("accuracy", self.accuracy)
        if not 1e-13 <= accuracy <= 1e-3:
            raise ValueError(f"accuracy = {self.accuracy}: must lie between 1e-13 and 1e-3")
        object.__setattr__(self, "accuracy", accuracy)
        if self.max_iterations is not None:
            object.__setattr__(self, "max_iterations", whole("max_iterations", self.max_iterations, 1))
        if not 0 < finite("damping", self.damping) <= 1:
            raise ValueError(f"damping = {self.damping}: must lie in (0, 1]")
