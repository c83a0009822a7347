"""What a sweep follows: the values of α and of every other axis, for the random and for the planted setting.

Parameters alone: nothing heavy is imported before a branch of theirs is made (`branches`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from gardner.checks import MAX_ALPHA, checked_margin, checked_tolerance, positive, whole
from gardner.fields import described
from gardner.model import CLOSURES, MAX_DEPTH, PRIORS, SolverSettings, checked_parisi, uniform_parisi
from gardner.potentials import choose_potential, find_potential

if TYPE_CHECKING:
    from gardner.analysis.branches import PlantedTask, RandomTask

DIRECTIONS = ("up", "down")
MAX_POINTS = 100_000


def increasing(name: str, values: Sequence, check) -> tuple:
    """The values, each as `check(name, value)` returns it, sorted; ValueError for none, or for one given twice."""
    result = tuple(check(name, value) for value in values)
    if not result:
        raise ValueError(f"{name}: no value given; give at least one")
    if len(set(result)) < len(result):
        raise ValueError(f"{name} = {', '.join(map(str, values))}: a value is given twice")
    return tuple(sorted(result))


@dataclass(frozen=True)
class RandomSweep:
    """What to sweep in the random setting, for `run_sweep`.

    Parameters
    ----------
    alphas, depths, margins, betas : tuple
        Values, sorted here (β = 1/T, k_B = 1).
    parisi : tuple of float
        The m_i, common to all points.
    potential : str, optional
        A name of `POTENTIALS`, by default the hard core without `betas` and the soft core with
        them.
    directions : tuple of str
        "up", "down" or both.
    solver : SolverSettings
        Of every point.
    closure, weights : str
        As in `solve_random`.

    Raises
    ------
    ValueError
        For values out of range or given twice, and for more than 100 000 points.
    """

    alphas: tuple[float, ...]
    depths: tuple[int, ...]
    parisi: tuple[float, ...] = uniform_parisi(10)
    margins: tuple[float, ...] = (0.0,)
    betas: tuple[float, ...] = ()
    directions: tuple[str, ...] = DIRECTIONS
    solver: SolverSettings = field(default_factory=SolverSettings)
    closure: str = "symmetric"
    potential: str | None = None
    weights: str = "spherical"
    setting = "random"

    def __post_init__(self):
        _check_plan(self)
        object.__setattr__(self, "parisi", checked_parisi(self.parisi))
        object.__setattr__(self, "margins", increasing("margin", self.margins, lambda _, v: checked_margin(v)))
        CLOSURES.check(self.closure)
        PRIORS.check(self.weights)
        kind = find_potential(self.potential_name, self.betas)
        if kind.has_temperature():
            betas = increasing("beta", self.betas or (kind.usual_beta,), positive)
            object.__setattr__(self, "betas", betas)
        _check_size(self)

    @property
    def potential_name(self) -> str:
        """The name of the potential of all chains."""
        return self.potential or ("soft" if self.betas else "hard")

    def axes(self) -> dict[str, tuple]:
        """The axes other than α, in the order of the chains; those of one value are attributes of the Dataset."""
        return {"depth": self.depths, "margin": self.margins, "beta": self.betas or (None,)} | {
            "direction": self.directions
        }

    def chain(self, depth, margin, beta, direction) -> RandomTask:
        """The branch followed at these values of the axes."""
        from gardner.analysis.branches import RandomTask
        from gardner.runtime.chains import brief

        warm = "" if beta is None else f"-beta{brief(beta)}"
        name = f"L{depth}-kappa{brief(margin)}{warm}-{direction}"
        alphas = self.alphas if direction == "up" else self.alphas[::-1]
        core = choose_potential(self.potential_name, margin, beta)
        return RandomTask(name, direction, alphas, depth, core, self.parisi, self.solver, self.closure, self.weights)

    def parameters(self) -> dict:
        """Everything that makes this plan what it is: header of files, fingerprint of checkpoints."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class PlantedSweep:
    """What to sweep in the planted setting (hard core, κ = 0), for `run_sweep`.

    Parameters
    ----------
    alphas, depths : tuple
        Values, sorted here.
    closure, weights : str
        Registered ones.
    field : float
        Symmetry-breaking field (T18).
    tolerance : float
        Of the fixed points.
    directions : tuple of str
        "up" follows the liquid, "down" the crystal.

    Raises
    ------
    ValueError
        As RandomSweep.
    """

    alphas: tuple[float, ...]
    depths: tuple[int, ...]
    closure: str = described(f"{' or '.join(CLOSURES)}.", "symmetric")
    field: float = described("Symmetry-breaking field on every hidden spin.", 0.0)
    tolerance: float = described("Largest residual of q and Q.", 1e-12, flag="tol")
    directions: tuple[str, ...] = DIRECTIONS
    weights: str = described(f"{PRIORS.listed}.", "spherical")
    setting = "planted"

    def __post_init__(self):
        from gardner.theory.planted.solve import checked_alpha, checked_net

        _check_plan(self)
        _check_size(self)
        for depth in self.depths:
            checked_net(depth, self.closure, self.field, self.weights)
        for alpha in self.alphas:
            checked_alpha(alpha)
        checked_tolerance("tolerance", self.tolerance)

    def axes(self) -> dict[str, tuple]:
        """The axes other than α, in the order of the chains."""
        return {"depth": self.depths, "direction": self.directions}

    def chain(self, depth, direction) -> PlantedTask:
        """The branch followed at these values of the axes."""
        alphas = self.alphas if direction == "up" else self.alphas[::-1]
        name = f"L{depth}-{direction}"
        from gardner.analysis.branches import PlantedTask

        return PlantedTask(name, direction, alphas, depth, self.closure, self.field, self.tolerance, self.weights)

    def parameters(self) -> dict:
        """Everything that makes this plan what it is: header of files, fingerprint of checkpoints."""
        return asdict(self)


Sweep = RandomSweep | PlantedSweep


def _check_plan(plan) -> None:
    object.__setattr__(plan, "alphas", increasing("alpha", plan.alphas, lambda n, v: positive(n, v, MAX_ALPHA)))
    depths = increasing("depth", plan.depths, lambda n, v: whole(n, v, 1, MAX_DEPTH))
    object.__setattr__(plan, "depths", depths)
    for direction in plan.directions:
        if direction not in DIRECTIONS:
            raise ValueError(f"direction = {direction!r}: must be one of {', '.join(DIRECTIONS)}, or both")


def _check_size(plan) -> None:
    points = math.prod(len(values) for values in plan.axes().values()) * len(plan.alphas)
    if points > MAX_POINTS:
        raise ValueError(f"sweep: {points} points asked for, at most {MAX_POINTS} are allowed; make a coarser grid")
