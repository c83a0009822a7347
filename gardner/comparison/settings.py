"""What is compared: setting, net, limit, sizes, precision asked for, time allowed.

*Limits* (THEORY sections 1 and 2). `dense`: every perceptron reads c inputs, N ≫ c ≫ 1, extrapolated to c → ∞; the
closures are theories of this limit. The composite map of several layers is learned as a whole as soon as M/N is finite,
so that the ratio M/N = αc/N is to be small: N is chosen for a ratio of at most RATIO where the budget allows, the ratio
of each run is stated, and a second width at the smallest connectivity measures its influence. `full`: every perceptron
reads all N, extrapolated to N → ∞ beside the linear bound (T22).

*Settings*. `planted`: hard core, spherical or binary weights, started from the teacher. `random`: soft core at the same
β in theory and Monte Carlo, spherical weights, random start; Gaussian weights are another ensemble, which the spherical
theory does not describe.

*Binary weights* have fields that are whole numbers, of either sign at odd connectivities; at even ones a field can
vanish. αc is to be a whole number too: rounded ones would lie around the curve at random. Dense limit only. Rows are
drawn afresh as a whole, whose cost grows exponentially with αc: connectivities stay small, and runs short (`planning`).
Single flips (dynamics = metropolis) do not leave the cluster of the teacher, which at finite c is not the whole
measure, and no check of a run can tell: they are refused here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from gardner.checks import MAX_SWEEPS, checked_beta, checked_tolerance, positive, whole, within
from gardner.fields import described
from gardner.model import CLOSURES
from gardner.montecarlo.moves import MOVES

LIMITS = ("dense", "full")
COUNTINGS = ("equilibrated", "relaxed")
CONNECTIVITIES = (8, 12, 16, 24, 32, 48)
MOST_DRAWS, MOST_READ, BINARY_SIZES = 2e4, 45, 5  # of binary weights: draws a row, connectivity, number of sizes
WEIGHTS = ("spherical", "binary")
HARDEST = 1e3  # β at which a wrong output more has probability e^{-1000}: the hard core of binary weights
WIDTHS = (16, 24, 32, 48, 64)
RATIO = 0.05  # M/N aimed at in the dense limit
MATCHABLE = 0.5  # overlap of every layer from which on matching the signs of hidden units lifts no noise
TARGET = 0.003  # error of an extrapolated overlap that is asked for
MAX_DEPTH = 20
BUDGETS = 1.0, 1e9  # seconds
CLOSURE_HELP = f"{', '.join(CLOSURES)}, or both: all there are."
SWEEPS_HELP = "Length of every run. [default: from measured relaxation]"
WEIGHTS_HELP = "spherical or binary (dense limit; overlaps in 1/c at odd c)."
COUNTING_HELP = "Runs that count: equilibrated (50 τ, R-hat), or relaxed: start forgotten, 10 τ or bias in the error."


def seconds(text: str) -> float:
    """A duration such as 90, 90s, 10m, 2h or 1.5d in seconds."""
    units = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
    number, unit = (text[:-1], units[text[-1]]) if text[-1:] in units else (text, 1.0)
    try:
        value = float(number) * unit
    except ValueError:
        value = math.nan
    if not 0.0 < value < math.inf:
        raise ValueError(f"budget = {text!r}: give a duration such as 90s, 10m or 2h")
    return value


def choose_closures(text: str) -> tuple[str, ...]:
    """The closure that --closure names, none for all that are registered."""
    if text in ("both", "all"):
        return ()
    if text not in CLOSURES:
        raise ValueError(f"closure = {text!r}: must be one of {', '.join(CLOSURES)}, or both")
    return (text,)


@dataclass(frozen=True)
class ComparisonSettings:
    """Parameters of a comparison.

    sizes: connectivities (dense) or widths (full), increasing; samples: disorder samples per run, at most; budget:
    seconds of wall clock; closures: those that are confronted; beta: inverse temperature, random setting only;
    target: error of an extrapolated overlap to be reached; sweeps: length of every run (None: planned); graph: of the
    dense limit, regular or random (`MonteCarloSettings`). The limit is the same; at finite c a unit that few
    perceptrons read is badly known, which regular graphs avoid: their overlaps lie closer to the limit. counting: which
    runs count, equilibrated ones or, planted, relaxed ones too (`measured`). dynamics: of planted runs, by default the
    heat bath (`MonteCarloSettings`), which forgets sooner; the soft core of random ones has its own.
    """

    setting: str
    depth: int = described("Number of bond layers L.")
    alpha: float = described("Patterns per input read, α = M/c (dense) or M/N (full).")
    limit: str = described("dense: c → ∞ at M/N → 0; full: fully connected, N → ∞.", "dense")
    sizes: tuple[int, ...] = ()
    samples: int = described("Disorder samples per run, at most.", 16)
    budget: float = described("Time to aim at, as in 90s, 10m, 2h.", 600.0, text="10m", read=seconds)
    closures: tuple[str, ...] = described(CLOSURE_HELP, (), flag="closure", text="both", read=choose_closures)
    beta: float | None = described("Inverse temperature of the soft core, theory and Monte Carlo.", None)
    target: float = described("Error of an extrapolated overlap that is asked for.", TARGET)
    sweeps: int | None = described(SWEEPS_HELP, None, kind=float | None)
    ratio: float = RATIO
    graph: str = described("Of the dense limit: regular (every unit read equally often) or random.", "regular")
    counting: str = described(COUNTING_HELP, "equilibrated")
    dynamics: str | None = described("Of the runs: heat-bath, or metropolis; the measure is the same.", None, kind=str)
    seed: int = described("Seed of everything random.", 0)
    weights: str = described(WEIGHTS_HELP, "spherical")

    def __post_init__(self):
        def keep(name, value):
            object.__setattr__(self, name, value)

        from gardner.comparison.theory import SETTINGS
        from gardner.montecarlo.settings import GRAPHS, choice

        choice("setting", self.setting, tuple(SETTINGS))
        keep("depth", whole("depth", self.depth, 1, MAX_DEPTH))
        keep("alpha", positive("alpha", self.alpha, 1e4))
        choice("limit", self.limit, LIMITS)
        self._check_weights()
        keep("closures", tuple(CLOSURES.check(name) for name in self.closures or CLOSURES))
        self._check_temperature()
        keep("sizes", self._checked_sizes())
        keep("samples", whole("samples", self.samples, 2, 10_000))
        keep("budget", within("budget", self.budget, *BUDGETS))
        keep("target", checked_tolerance("target", self.target))
        keep("ratio", positive("ratio", self.ratio, 10.0))
        if self.sweeps is not None:
            keep("sweeps", whole("sweeps", self.sweeps, 100, MAX_SWEEPS))
        choice("graph", self.graph, GRAPHS)
        self._check_dynamics()
        choice("counting", self.counting, COUNTINGS)
        if self.relaxed and self.setting != "planted":
            raise ValueError(
                "counting = relaxed: needs a start that is an equilibrium state, which the random setting has not; "
                "drop it"
            )
        keep("seed", whole("seed", self.seed, 0))

    def _check_weights(self):
        from gardner.montecarlo.settings import choice

        choice("weights", self.weights, WEIGHTS)
        if not self.binary:
            return
        if self.setting != "planted":
            raise ValueError(
                "weights = binary: with random labels they freeze, and no dynamics samples them; choose "
                "--weights spherical, or compare planted"
            )
        if not self.dense:
            raise ValueError("weights = binary with limit = full: compared in the dense limit only; drop --limit")

    def _suits_binary(self, size: int) -> bool:
        load = self.alpha * size
        return size % 2 == 1 and 0.0 < round(load) and abs(load - round(load)) < 0.01 * load

    def _usual_sizes(self) -> tuple[int, ...]:
        """Of binary weights odd connectivities at which αc is a whole number, the smallest that are no toys."""
        if not self.binary:
            return CONNECTIVITIES if self.dense else WIDTHS

        from gardner.comparison.theory import draws_per_row

        suits = [c for c in range(5, MOST_READ + 1, 2) if self._suits_binary(c)]
        sizes = [c for c in suits if draws_per_row(self.alpha, self.alpha * c) < MOST_DRAWS]
        if len(sizes) < 3:
            raise ValueError(
                f"alpha = {self.alpha:g}: αc is a whole number at too few odd connectivities that can be run, "
                f"{', '.join(map(str, sizes)) or 'none'}; choose another alpha, such as 1, 0.6 or 0.3333"
            )
        return tuple(sizes[:BINARY_SIZES])

    def _check_dynamics(self):
        from gardner.montecarlo.settings import MonteCarloSettings

        planted = self.setting == "planted"
        dynamics = MOVES.check(self.dynamics or ("heat-bath" if planted else "metropolis"))
        if dynamics == "heat-bath" and not planted:
            raise ValueError("dynamics = heat-bath: made for the hard core, the random setting is soft; drop it")
        if self.binary and dynamics not in ("heat-bath", "binary-rows"):
            raise ValueError(
                f"dynamics = {dynamics} with weights = binary: single flips never leave the cluster of the teacher; "
                "drop --dynamics"
            )
        object.__setattr__(self, "dynamics", dynamics)
        MonteCarloSettings(4, 1, 1.0, self.setting, **self.measure)  # refused here what runs would refuse

    def _check_temperature(self):
        if self.setting == "planted":
            if self.beta is not None:
                raise ValueError(
                    "--beta is given: planted runs use the hard core, the only one with a Nishimori line; drop it"
                )
            return
        if self.beta is None:
            raise ValueError("beta is missing: the random setting compares the soft core; give --beta, as in 66.7")
        object.__setattr__(self, "beta", checked_beta(self.beta))

    def _checked_sizes(self) -> tuple[int, ...]:
        name = "connectivities" if self.limit == "dense" else "widths"
        sizes = tuple(self.sizes) or self._usual_sizes()
        sizes = tuple(whole(name, size, 3, 2000) for size in sizes)
        if len(set(sizes)) < 3 or len(set(sizes)) != len(sizes):
            raise ValueError(
                f"{name} = {','.join(map(str, sizes))}: give at least three different numbers to extrapolate"
            )
        for size in sizes:
            if self.binary and not self._suits_binary(size):
                raise ValueError(
                    f"{name} = {size}: binary weights need odd numbers, and αc whole (here {self.alpha * size:.4g})"
                )
            if round(self.alpha * size) < 1:
                raise ValueError(f"alpha = {self.alpha:g}: leaves no pattern at {name} {size}; raise one of them")
        return tuple(sorted(sizes))

    @cached_property
    def matched(self) -> bool:
        """Whether overlaps after matching the signs of hidden units are compared (`measured`): planted, dense, solid.

        Solid here: every closure has all its overlaps above MATCHABLE; full nets also permute.
        """
        if self.setting != "planted" or not self.dense or self.depth == 1:
            return False

        from gardner.comparison.theory import predict

        found = [predict(self.setting, name, self.alpha, self.depth, None, self.weights) for name in self.closures]
        return all(p.value_k.min() > MATCHABLE for p in found)

    @property
    def measure(self) -> dict:
        """What all runs sample, and how: potential, weights, dynamics, start and guest of `MonteCarloSettings`."""
        from gardner.montecarlo.settings import WrongOutputs
        from gardner.potentials.hard import HardCore
        from gardner.potentials.soft import SoftCore

        shared = {"weights": self.weights, "dynamics": self.dynamics}
        if self.setting == "planted":
            hard = WrongOutputs(HARDEST) if self.binary else HardCore()
            return {"potential": hard, "start": "teacher", "guest": False} | shared
        return {"potential": SoftCore(self.beta), "start": "random", "guest": True} | shared

    @property
    def relaxed(self) -> bool:
        """Whether planted runs count that have forgotten their start but are shorter than 50 τ (`measured`)."""
        return self.counting == "relaxed"

    @property
    def binary(self) -> bool:
        return self.weights == "binary"

    @property
    def dense(self) -> bool:
        return self.limit == "dense"

    def patterns(self, size: int) -> int:
        """M = αc or αN."""
        return round(self.alpha * size)
