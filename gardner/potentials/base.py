"""What every potential has: its parameters, its terminal function for the theory, its energy for Monte Carlo.

A potential is a frozen dataclass derived from `Potential`, with the class attributes

    name                     the word of --potential, of files and of the registry
    title                    the words of sentences and figures, as in "hard core"

the dataclass field `margin`, the field `beta` where it has a temperature, and the three forms of one function

    terminal(h, sigma)       (φ, φ', φ'') of φ(h) = ln ∫Dz e^{-βv(h + σz)}, the terminal function (T7)
    energy(r)                v(r) of an array of gaps
    energy_of_gap(r, κ)      v of one gap, plain Python that Numba can compile

The fields `margin` and `beta` come from `margin_parameter` and `beta_parameter`, whose metadata hold the text of the
command-line option and the check of the value. `is_constraint` says whether e^{-βv} vanishes for r < κ: the volume of
allowed states can then be empty, and the spins of a net have nothing to move against. See `hinge` for an example.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from gardner.checks import checked_beta, checked_margin

if TYPE_CHECKING:
    import numpy as np

Terminal = tuple["np.ndarray", "np.ndarray", "np.ndarray"]
FARTHEST = 10.0  # distance from κ at which no gap is met any more, unless the potential draws it nearer


def margin_parameter():
    """The field `margin`: κ, the gap from which on nothing is paid; 0 by default."""
    return field(default=0.0, metadata={"symbol": ("κ", r"\kappa"), "help": "Margin κ.", "check": checked_margin})


def beta_parameter():
    """The field `beta`: the inverse temperature 1/T > 0 (k_B = 1)."""
    return field(metadata={"symbol": ("β", r"\beta"), "help": "Inverse temperature β.", "check": checked_beta})


@dataclass(frozen=True)
class Potential(ABC):
    """A weight e^{-βv(r)} of the gap r, which is in units in which that of a free perceptron has unit variance.

    ValueError for a parameter that its check refuses. See the module for what a potential must define.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    is_constraint: ClassVar[bool] = False
    usual_beta: ClassVar[float] = 66.7  # where none is given: that of [Y20]
    beta: ClassVar[float | None] = None  # no temperature, unless there is a field of this name

    def __post_init__(self):
        for parameter in fields(self):
            value = parameter.metadata["check"](getattr(self, parameter.name))
            object.__setattr__(self, parameter.name, value)

    @abstractmethod
    def terminal(self, h: np.ndarray, sigma: float) -> Terminal:
        """φ(h) = ln ∫Dz e^{-βv(h + σz)} with φ' and φ'', σ > 0, each of the shape of h and accurate in both tails."""

    @abstractmethod
    def energy(self, r: np.ndarray) -> np.ndarray:
        """v(r), of the shape of r; infinite where r is not allowed."""

    @staticmethod
    @abstractmethod
    def energy_of_gap(r: float, margin: float) -> float:
        """v(r) of one gap at this margin; compiled for Monte Carlo, hence without arrays."""

    def log_weight(self, variance: float) -> Callable[[np.ndarray], Terminal]:
        """The terminal function h ↦ (φ, φ', φ'') of the gap sector at Λ_k = `variance` < 1, that is σ² = 1 - Λ_k."""
        sigma = math.sqrt(1.0 - variance)
        return lambda h: self.terminal(h, sigma)

    def log_boltzmann(self, r: np.ndarray) -> np.ndarray:
        """-βv(r), of the shape of r."""
        return -self.beta * self.energy(r)

    @property
    def reach_below(self) -> float:
        """Distance below κ beyond which no gap is met: e^{-βv} < e^{-64} there, or a Gaussian gap never gets there."""
        return FARTHEST

    @property
    def entropy_bound(self) -> float | None:
        """Upper bound of the free entropy of a net with fixed patterns, where one is known."""
        return None

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        """The names of the parameters, in the order of the constructor."""
        return tuple(parameter.name for parameter in fields(cls))

    @classmethod
    def has_temperature(cls) -> bool:
        """True if β is a parameter."""
        return "beta" in cls.parameter_names()

    @classmethod
    def energy_kernel(cls) -> Callable[[float, float], float]:
        """`energy_of_gap` compiled by Numba, for use within other kernels: inlined, so that these can be vectorised."""
        return _compiled(cls.energy_of_gap)

    @property
    def attributes(self) -> dict:
        """Name and parameters as in files and JSON documents; `read_potential` turns them into the potential again."""
        own = {name: getattr(self, name) for name in self.parameter_names()}
        return {"potential": self.name, "margin": None, "beta": None} | own

    @property
    def label(self) -> str:
        """In words, as in "soft core, κ = 0, β = 66.7"."""
        return ", ".join([self.title, *(f"{symbol} = {value:g}" for (symbol, _), value in self._numbers())])

    @property
    def formula(self) -> str:
        """The parameters as mathtext for figures, the margin first."""
        return ", ".join(f"${symbol}={value:g}$" for (_, symbol), value in self._numbers())

    def _numbers(self) -> list[tuple[tuple[str, str], float]]:
        """Symbol (letter, mathtext) and value of every parameter, the margin first."""
        order = sorted(fields(self), key=lambda parameter: parameter.name != "margin")
        return [(parameter.metadata["symbol"], getattr(self, parameter.name)) for parameter in order]


@cache
def _compiled(function: Callable) -> Callable:
    """The kernel of an energy. It is part of the kernels that call it, hence not kept on disk by itself.

    Numba is imported here, so that theory alone never waits for it.
    """
    import numba

    return numba.njit(inline="always")(function)
