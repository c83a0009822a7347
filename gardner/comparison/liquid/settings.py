"""What a comparison of liquid fluctuations compares: the net, values of α, connectivities, the time allowed.

*Planted* (hard core, κ = 0): students start from the teacher, an equilibrium state, and forget it. *Random* (soft core
at β, [Y20]'s own measure): replicas start independently and find their mutual overlaps.

All runs have regular graphs of one width N, wide enough that few pairs of units share inputs (c²/N at most LOOPS where
the plan can afford it): a tree in the limit. α must lie below the α at which some closure loses its liquid.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gardner.analysis.plans import increasing
from gardner.checks import checked_beta, positive, whole, within
from gardner.comparison.settings import BUDGETS, seconds
from gardner.fields import described
from gardner.model import CLOSURES
from gardner.montecarlo.moves import MOVES
from gardner.potentials import Potential, choose_potential

CONNECTIVITIES = (8, 12, 16, 24, 32)
LOOPS = 1.0  # c²/N aimed at
NARROWEST = 512  # units of a layer: few units give few values to average
MAX_DEPTH = 20


@dataclass(frozen=True)
class LiquidSettings:
    """Parameters of a comparison of liquid fluctuations.

    depth: L ≥ 2; alphas: values of α = M/c, increasing; connectivities: values of c, three at least; budget: seconds of
    wall clock; beta: of the soft core (random setting), None for the planted hard core; replicas: students of each
    sample, all pairs of which are used; realisations: of the isolated unit at each c (`isolated_unit`); dynamics: of
    the hard core; seed: of everything. ValueError for impossible values, and for α beyond every closure's liquid.
    """

    depth: int = described("Number of bond layers L.")
    alphas: tuple[float, ...] = described("Values of α = M/c in the liquid, as in 0.4,0.6,0.8.", flag="alpha")
    connectivities: tuple[int, ...] = described("Values of c, three at least.", CONNECTIVITIES, text="8,12,16,24,32")
    budget: float = described("Time to aim at, as in 90s, 10m, 2h.", 600.0, text="10m", read=seconds)
    beta: float | None = None
    replicas: int = described("Students of each sample; all pairs are averaged.", 8)
    realisations: int = described("Of the isolated unit at each c (planted setting).", 20_000)
    dynamics: str = described("Of the runs: heat-bath, or metropolis; the measure is the same.", "heat-bath")
    seed: int = described("Seed of everything random.", 0)

    def __post_init__(self):
        def keep(name, value):
            object.__setattr__(self, name, value)

        keep("depth", whole("depth", self.depth, 2, MAX_DEPTH))
        keep("connectivities", increasing("connectivities", self.connectivities, lambda n, v: whole(n, v, 4, 512)))
        keep("alphas", increasing("alpha", self.alphas, lambda n, v: positive(n, v, 100.0)))
        if len(self.connectivities) < 3:
            raise ValueError("connectivities: give at least three different numbers to extrapolate to c → ∞")
        if self.beta is not None:
            keep("beta", checked_beta(self.beta))
        keep("budget", within("budget", self.budget, *BUDGETS))
        keep("replicas", whole("replicas", self.replicas, 2, 64))
        keep("realisations", whole("realisations", self.realisations, 100, 10**7))
        keep("dynamics", MOVES.check(self.dynamics) if self.planted else "metropolis")
        keep("seed", whole("seed", self.seed, 0))
        for alpha in self.alphas:
            self._check_alpha(alpha)

    def _check_alpha(self, alpha: float) -> None:
        latest = max(self.liquid_ends.values())
        if alpha >= latest:
            raise ValueError(
                f"alpha = {alpha:g}: no closure has a liquid there (L = {self.depth}: "
                + ", ".join(f"{name} ends at {end:.4f}" for name, end in self.liquid_ends.items())
                + "); choose a smaller alpha"
            )
        smallest = self.connectivities[0]
        if round(alpha * smallest) < 2:
            raise ValueError(f"alpha = {alpha:g}: leaves fewer than two patterns at c = {smallest}; raise one of them")

    @property
    def planted(self) -> bool:
        return self.beta is None

    @property
    def setting(self) -> str:
        return "planted" if self.planted else "random"

    @property
    def potential(self) -> Potential:
        """Hard core (planted), or soft core at β."""
        return potential_of(self.beta)

    @property
    def hidden_layers(self) -> range:
        return range(1, self.depth)

    @cached_property
    def liquid_ends(self) -> dict[str, float]:
        """Closure → the smallest α at which one of its hidden layers loses stability, (T19)."""

        from gardner.theory.liquid import liquid_instability

        return {
            name: min(liquid_instability(name, self.depth, layer, self.potential) for layer in self.hidden_layers)
            for name in CLOSURES
        }

    def patterns(self, alpha: float, c: int) -> int:
        """M = αc, rounded."""
        return round(alpha * c)

    @staticmethod
    def width(c: int) -> int:
        """N of the runs at connectivity c."""
        return max(NARROWEST, round(c * c / LOOPS))


def potential_of(beta: float | None) -> Potential:
    """The hard core without a β, else the soft core."""
    return choose_potential("hard") if beta is None else choose_potential("soft", beta=beta)
