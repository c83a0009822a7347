"""What one Monte Carlo run is: the net, the measure it samples, the dynamics and the schedule.

Conventions of THEORY sections 1 and 8. A perceptron of bond layer l reads n_{l-1} spins (c of them at connectivity c);
its weights obey |J|² = number of its bonds on the sphere, or J ~ N(0, 1), or J = ±1, and its field carries n_{l-1}^-1/2
(c^-1/2). Dilution removes bonds and keeps that factor. α = M/n_0, with n_0 the input width (M/c at connectivity c).

Measures. Soft potentials: exp(-βE) over spins and bonds, E = Σ v(r) over all gaps. Hard core: hidden spins slaved to
spherical weights, every output right. `WrongOutputs`: hidden spins slaved to binary weights, exp(-β × wrong outputs).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property, partial

import numpy as np

from gardner.checks import MAX_ALPHA, MAX_BETA, MAX_SWEEPS, finite, positive, whole, within
from gardner.montecarlo.moves import choose_move
from gardner.potentials import POTENTIALS, Potential, choose_potential

SETTINGS = ("random", "planted")
WEIGHTS = ("spherical", "gaussian", "binary")
STARTS = ("teacher", "random")
GRAPHS = ("random", "regular")
USUAL_BETA = Potential.usual_beta
STEPS = 1e-5, math.pi  # widths of the weight moves, angles
MATCHINGS = 50  # of a run: signed matching costs an assignment problem per layer
MAX_BONDS = 2**27  # weights of one net
MAX_SPINS = 2**28  # pattern spins of one net


def choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """`value`, or ValueError unless it is one of `allowed`."""
    if value not in allowed:
        raise ValueError(f"{name} = {value!r}: must be one of {', '.join(allowed)}")
    return value


@dataclass(frozen=True)
class WrongOutputs:
    """exp(-β × number of wrong outputs), hidden spins slaved to the weights: the measure of binary weights.

    It weighs outputs, not the gaps of single perceptrons, and is no `Potential`: the theory has no
    such term, and only its limit β → ∞ at κ = 0, the hard core, exists there. Hence its name in
    files.

    Parameters
    ----------
    beta : float
        Inverse temperature 1/T, 0 ≤ β ≤ 1e12.
    """

    beta: float = USUAL_BETA
    name = "hard"
    margin = 0.0
    is_constraint = True

    def __post_init__(self):
        object.__setattr__(self, "beta", within("beta", self.beta, 0.0, MAX_BETA))


def read_measure(weights: str, potential: str, margin: float, beta: float) -> Potential | WrongOutputs:
    """The potential of a run whose files hold these three values; they hold β also where the measure has none."""
    kind = POTENTIALS[potential]
    if weights == "binary" and potential == WrongOutputs.name and margin == 0.0:
        return WrongOutputs(beta)
    return choose_potential(potential, margin, beta if kind.has_temperature() else None)


@dataclass(frozen=True)
class MonteCarloSettings:
    """Parameters of a Monte Carlo run, for `run_monte_carlo`; everything derived from them is a property.

    Times are in sweeps.

    Parameters
    ----------
    widths : tuple of int or int
        Input, hidden and output width, or one number for all three.
    depth : int
        Bond layers L.
    alpha : float
        α = M/n_0, or M/c at `connectivity` c.
    setting : str
        "random" or "planted".
    weights : str
        "spherical", "gaussian" or "binary".
    potential : Potential or WrongOutputs, optional
        `HardCore()`, a soft potential such as `SoftCore(66.7)`, or of binary weights
        `WrongOutputs(β)`. Without it `HardCore()`, of binary weights `WrongOutputs(66.7)`.
    dilution : float
        The fraction of bonds removed.
    connectivity : int, optional
        How many units each perceptron reads.
    graph : str
        Who reads whom at connectivity c: "random", c of the units below, drawn independently by
        each perceptron; "regular", every unit moreover read by equally many perceptrons (to
        within one, where the widths do not divide).
    dynamics : str
        The name of a move (`moves`), by default "metropolis"; under the hard core also
        "heat-bath" (each weight drawn afresh, of binary weights each row; the same measure
        sooner).
    start : str
        "teacher" (equilibrium, planted hard core) or "random".
    sweeps, burn_in : int
        The whole length, and how much of it is left out of the means (None: a fifth).
    samples, seed : int
        Samples of the disorder, and where their random numbers begin.
    replicas : int
        Independently moving copies of one disorder sample.
    guest : bool
        One more copy, cloned from replica 0 at the end of the burn-in.
    tempering : int
        Number of inverse temperatures of the ladder, whose coldest is β.
    step : float, optional
        Width of the weight moves of every layer; None tunes one per layer during the burn-in,
        frozen afterwards.
    measurements : int
        Equally spaced times on which means rest.
    points : int
        Blocks of sweeps between checkpoints, at most one a sweep.
    fresh : int
        Fresh inputs of the generalization error.

    Raises
    ------
    ValueError
        For impossible values and for combinations without meaning.

    Notes
    -----
    THEORY sections 1 and 8.
    """

    widths: tuple[int, int, int]
    depth: int
    alpha: float
    setting: str = "planted"
    weights: str = "spherical"
    potential: Potential | WrongOutputs | None = None
    connectivity: int | None = None
    graph: str = "random"
    dynamics: str = "metropolis"
    dilution: float = 0.0
    sweeps: int = 10_000
    burn_in: int | None = None
    samples: int = 16
    replicas: int = 2
    start: str = "random"
    guest: bool = False
    tempering: int | None = None
    step: float | None = None
    measurements: int = 400
    points: int = 20
    fresh: int = 1000
    seed: int = 0

    def __post_init__(self):
        set_ = partial(object.__setattr__, self)
        widths = self.widths if isinstance(self.widths, (tuple, list)) else (self.widths,)
        if len(widths) not in (1, 3):
            raise ValueError(f"width = {','.join(map(str, widths))}: give one number, or input,hidden,output")
        widths = tuple(whole("width", n, 1) for n in widths)
        set_("widths", widths * 3 if len(widths) == 1 else widths)
        set_("depth", whole("depth", self.depth, 1, 1000))
        set_("alpha", positive("alpha", self.alpha, MAX_ALPHA))
        choice("setting", self.setting, SETTINGS)
        choice("weights", self.weights, WEIGHTS)
        choice("start", self.start, STARTS)
        choice("graph", self.graph, GRAPHS)
        if self.potential is None:
            set_("potential", read_measure(self.weights, "hard", 0.0, USUAL_BETA))
        self._check_graph()
        self._check_schedule()
        self._check_meaning()

    def _check_graph(self):
        fan_in = min(self.layer_widths[:-1])
        if self.connectivity is not None:
            whole("connectivity", self.connectivity, 1, fan_in)
        elif self.graph != "random":
            raise ValueError(f"graph = {self.graph!r}: a fully connected net has one graph; give --connectivity")
        dilution = finite("dilution", self.dilution)
        if not 0.0 <= dilution < 1.0:
            raise ValueError(f"dilution = {self.dilution}: must lie in [0, 1), the fraction of bonds removed")
        if self.patterns < 1:
            raise ValueError(f"alpha = {self.alpha:g}: leaves no pattern at this width; raise alpha or the width")
        widths = np.array(self.layer_widths, dtype=float)
        if (widths[1:] * widths[:-1]).sum() > MAX_BONDS:
            raise ValueError(f"width, depth: more than {MAX_BONDS} weights in one net; choose smaller ones")
        if widths.sum() * self.patterns > MAX_SPINS:
            raise ValueError(f"alpha, width, depth: more than {MAX_SPINS} spins in one net; choose smaller ones")

    def _check_schedule(self):
        set_ = partial(object.__setattr__, self)
        set_("sweeps", whole("sweeps", self.sweeps, 1, MAX_SWEEPS))
        burn_in = self.sweeps // 5 if self.burn_in is None else self.burn_in
        set_("burn_in", whole("burn-in", burn_in, 0))
        if self.burn_in >= self.sweeps:
            raise ValueError(f"burn-in = {self.burn_in}: must be less than the {self.sweeps} sweeps it is part of")
        for name, smallest in (("samples", 1), ("replicas", 1), ("measurements", 1), ("points", 1), ("fresh", 1)):
            set_(name, whole(name, getattr(self, name), smallest, 10**6))
        set_("points", min(self.points, self.sweeps))  # a block is one sweep at least
        set_("seed", whole("seed", self.seed, 0))
        if self.step is not None:
            set_("step", within("step", self.step, *STEPS))
        if self.tempering is not None:
            set_("tempering", whole("tempering", self.tempering, 2, 200))

    def _check_meaning(self):
        if not isinstance(self.potential, (Potential, WrongOutputs)):
            raise ValueError(f"potential = {self.potential!r}: give a potential, such as SoftCore(66.7) or HardCore()")
        if self.setting == "random" and self.start == "teacher":
            raise ValueError("start = teacher: the random setting has no teacher; choose --start random")
        choose_move(self).check(self)
        if self.weights == "binary" and not isinstance(self.potential, WrongOutputs):
            raise ValueError("weights = binary with a hard core: they have a temperature; choose WrongOutputs(beta)")
        if self.weights != "binary" and isinstance(self.potential, WrongOutputs):
            raise ValueError("WrongOutputs with real weights: only binary ones are sampled so; choose HardCore()")

    def parameters(self) -> dict:
        """The settings as plain values, as files and checkpoints hold them: `read` turns them into settings again."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        measure = {"potential": self.potential.name, "beta": self.beta, "margin": self.potential.margin}
        return {name: values[name] for name in ORDER[:5]} | measure | {name: values[name] for name in ORDER[6:]}

    @classmethod
    def read(cls, parameters: Mapping) -> MonteCarloSettings:
        """The settings whose `parameters` these are; TypeError or ValueError if they are none."""
        values = dict(parameters)
        if missing := {"potential", "margin", "beta"} - set(values):
            raise ValueError(f"{missing.pop()} is missing: these are no parameters of a Monte Carlo run")
        measure = values.pop("potential"), values.pop("margin"), values.pop("beta")
        values["potential"] = read_measure(values.get("weights", "spherical"), *measure)
        return cls(**values)

    @property
    def beta(self) -> float:
        """β of the measure; where it has none, as under the hard core of real weights, the value of files, unread."""
        return USUAL_BETA if self.potential.beta is None else self.potential.beta

    @property
    def moves_spins(self) -> bool:
        """Whether hidden spins move on their own instead of following the weights."""
        return choose_move(self).moves_spins

    @property
    def layer_widths(self) -> tuple[int, ...]:
        """n_0 … n_L."""
        first, hidden, last = self.widths
        return (first, *([hidden] * (self.depth - 1)), last)

    @property
    def patterns(self) -> int:
        """M = α n_0, or α c."""
        return round(self.alpha * (self.connectivity or self.widths[0]))

    @property
    def clones(self) -> int:
        """Configurations that are measured: the replicas, then the guest if there is one."""
        return self.replicas + bool(self.guest)

    @cached_property
    def interval(self) -> int:
        """Sweeps between equally spaced measurements."""
        return max(1, self.sweeps // self.measurements)

    def block(self, index: int) -> tuple[int, int]:
        """First and last sweep time of point `index`: it measures at times first < t ≤ last (point 0 at 0 too)."""
        return self.sweeps * index // self.points, self.sweeps * (index + 1) // self.points

    @cached_property
    def measurement_times(self) -> np.ndarray:
        """0, the multiples of `interval`, and earlier times on a logarithmic grid (8 a decade)."""
        linear = np.arange(0, self.sweeps + 1, self.interval)
        return np.union1d(linear, logarithmic_times(self.sweeps))

    @cached_property
    def matching_times(self) -> np.ndarray:
        """About MATCHINGS of the equally spaced measurements, from the first after the burn-in."""
        linear = np.arange(self.interval, self.sweeps + 1, self.interval)
        after = linear[linear > self.burn_in]
        stride = max(1, len(after) // MATCHINGS)
        return after[::stride]

    @cached_property
    def waiting_times(self) -> np.ndarray:
        """t_w of the autocorrelations: a thousandth, a hundredth, a tenth of the run and the end of the burn-in."""
        times = {self.sweeps // 1000, self.sweeps // 100, self.sweeps // 10, self.burn_in}
        return np.array(sorted(times))

    @cached_property
    def correlation_events(self) -> np.ndarray:
        """Rows (time, index of t_w, lag): when C_l(lag, t_w) is measured, sorted by time; lag 0 takes the snapshot."""
        rows = []
        for w, waiting in enumerate(self.waiting_times):
            lags = np.union1d([0], logarithmic_times(self.sweeps - waiting))
            rows += [(waiting + lag, w, lag) for lag in lags]
        return np.array(sorted(rows), dtype=np.int64)

    @property
    def lags(self) -> np.ndarray:
        """All lags that occur, increasing."""
        return np.unique(self.correlation_events[:, 2])

    def seeds(self, sample: int) -> tuple[np.random.SeedSequence, np.random.SeedSequence]:
        """Independent seeds of the disorder and of the dynamics of one sample."""
        disorder, dynamics = np.random.SeedSequence((self.seed, sample)).spawn(2)
        return disorder, dynamics


ORDER = tuple(field.name for field in fields(MonteCarloSettings))


def logarithmic_times(last: int, per_decade: int = 8) -> np.ndarray:
    """Integers from 1 to `last`, about `per_decade` a decade, `last` left out unless it falls on the grid."""
    if last < 1:
        return np.empty(0, dtype=np.int64)
    exponents = np.arange(0, int(per_decade * math.log10(last)) + 1) / per_decade
    return np.unique(np.round(10.0**exponents).astype(np.int64))
