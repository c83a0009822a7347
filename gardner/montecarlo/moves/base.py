"""What a move is: what it declares, the state it starts from, and how it goes over the configurations of a sample.

A move declares what it serves as class attributes, and refuses the rest in its own words. `Move.sweep` changes one
configuration; moves that keep theirs in another form replace `advance`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import numpy as np

from gardner.montecarlo.generator import start_generator
from gardner.montecarlo.ladder import Ladder
from gardner.montecarlo.moves import MOVES
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.montecarlo.state import State
from gardner.nets.disorder import Disorder, draw_weights, run_forward

AIM = 0.35  # acceptance that the tuning of the steps steers to
FIRST_STEP, SMALLEST_STEP, LARGEST_STEP = 0.1, 1e-5, 1.0
LEAST_ATTEMPTS = 50  # before a step is moved


SLAVED = {
    "margin": "margin = {margin:g} with potential = hard: hidden spins slaved to the weights need margin 0; "
    "choose --margin 0 or --potential soft"
}


class Walker(NamedTuple):
    """One configuration at one temperature, as `Move.sweep` changes it in place.

    weight_k: weights of all bonds; spin_um: int8 spins of all layers, None where they are slaved; beta: β, infinite
    where every output must be right; step_l: widths of the weight moves; rng: state of `generator`; accepted_l,
    spin_accepted_l: moves accepted, by bond layer 1…L and spin layer 0…L, to be added to.
    """

    weight_k: np.ndarray
    spin_um: np.ndarray | None
    beta: float
    step_l: np.ndarray
    rng: np.ndarray
    accepted_l: np.ndarray
    spin_accepted_l: np.ndarray


def _advise(what: str, settings: MonteCarloSettings) -> str:
    """What to do where a move does not serve `what`: the moves that serve these settings, if there are any."""
    others = [name for name in MOVES if not MOVES[name].serving(settings).unserved(settings)]
    return f"choose --dynamics {' or '.join(others)}" if others else f"no other move does either, change the {what}"


class Move:
    """A move, made once per disorder sample.

    weights, potentials, problems: what it serves, by name; None: every potential that is no constraint. any_margin,
    tempers, tempers_guests: whether it serves margins other than 0, parallel tempering, and a guest with it. refusals:
    by name of what is not served, a sentence that may quote any field of the settings. has_step: whether its
    weight moves have a width, tuned unless the settings give one, which are refused otherwise. moves_spins: whether
    hidden spins are part of a configuration. exchanges_before_tuning: exchanges of every pair of temperatures, all
    ladders of a sample together, before the ladder is evened out; exchanges_at_stops: whether temperatures are
    exchanged whenever a measurement stops the run, too. kernels: what a first run compiles.
    """

    weights: ClassVar[tuple[str, ...]]
    potentials: ClassVar[tuple[str, ...] | None] = None
    problems: ClassVar[tuple[str, ...]] = ("random", "planted")
    any_margin: ClassVar[bool] = True
    tempers: ClassVar[bool] = False
    tempers_guests: ClassVar[bool] = False
    has_step: ClassVar[bool] = True
    moves_spins: ClassVar[bool] = False
    exchanges_before_tuning: ClassVar[int] = 200
    exchanges_at_stops: ClassVar[bool] = False
    refusals: ClassVar[Mapping[str, str]] = {}
    kernels: ClassVar[tuple] = ()

    def __init__(self, settings: MonteCarloSettings, disorder: Disorder):
        self.settings, self.disorder = settings, disorder
        net = disorder.topology
        parts = [net.layer_bonds(l) for l in range(1, settings.depth + 1)]
        self.bonds_l = np.array([part.stop - part.start for part in parts])

    # -- what it serves

    @classmethod
    def serving(cls, settings: MonteCarloSettings) -> type[Move]:
        """The class that makes the move of these settings: itself, unless it is a choice among several."""
        return cls

    @classmethod
    def unserved(cls, settings: MonteCarloSettings) -> list[str]:
        """What these settings ask for and the move does not serve, the most important first."""
        tempered, potential = settings.tempering is not None, settings.potential
        served = {
            "weights": settings.weights in cls.weights,
            "potential": not potential.is_constraint if cls.potentials is None else potential.name in cls.potentials,
            "margin": cls.any_margin or potential.margin == 0.0,
            "setting": settings.setting in cls.problems,
            "tempering": cls.tempers or not tempered,
            "guest": cls.tempers_guests or not (tempered and settings.guest),
            "step": cls.has_step or settings.step is None,
        }
        return [what for what, is_served in served.items() if not is_served]

    @classmethod
    def check(cls, settings: MonteCarloSettings) -> None:
        """ValueError, in the words of the move, unless it serves the settings."""
        for what in cls.unserved(settings):
            values = vars(settings) | {"potential": settings.potential.name, "margin": settings.potential.margin}
            if what in cls.refusals:
                raise ValueError(cls.refusals[what].format(**values))
            raise ValueError(
                f"dynamics = {settings.dynamics}: does not serve {what} = {values[what]}; {_advise(what, settings)}"
            )

    @classmethod
    def caution(cls, settings: MonteCarloSettings) -> str:
        """What a run of these settings does not do although its own checks cannot tell, as a sentence, or ""."""
        return ""

    # -- the state it moves

    def draw_state(self, seed: np.random.SeedSequence) -> State:
        """The first state: weights of the teacher or from the prior, spins run forward, outputs as imposed."""
        settings, net = self.settings, self.disorder.topology
        slots = settings.tempering or 1
        start, *children = seed.spawn(1 + (slots > 1) + settings.clones * slots)
        exchanges = children.pop(0) if slots > 1 else None
        state = self._blank_state([start_generator(child) for child in children], exchanges)

        rng = np.random.default_rng(start)
        if self.moves_spins:
            shape = (settings.clones, slots, net.first_l[-1], self.disorder.patterns)
            state.spin_rwum = np.zeros(shape, np.int8)
        for r, w in np.ndindex(settings.replicas, slots):
            weights = self._first_weights(rng)
            state.weight_rwb[r, w] = weights
            if self.moves_spins:
                state.spin_rwum[r, w] = run_forward(net, weights, self.disorder.input_jm)
                state.spin_rwum[r, w, net.layer_units(net.depth)] = self.disorder.output_im
        return state

    def _first_weights(self, rng: np.random.Generator) -> np.ndarray:
        if self.settings.start == "teacher":
            return self.disorder.teacher_k
        return draw_weights(self.settings.weights, self.disorder.topology, rng)

    def _blank_state(self, words: list[np.ndarray], exchanges: np.random.SeedSequence | None) -> State:
        """A state without weights: generators, ladders, steps, and counts at 0."""
        settings, depth, slots = self.settings, self.settings.depth, self.settings.tempering or 1
        counts = {name: np.zeros(depth, np.int64) for name in ("attempts", "accepted")}
        counts |= {f"spin_{name}": np.zeros(depth + 1, np.int64) for name in ("attempts", "accepted")}
        if slots > 1:
            counts |= {name: np.zeros(slots - 1, np.int64) for name in ("exchange_attempts", "exchange_accepted")}
            counts["round_trips"] = np.zeros((), np.int64)
        return State(
            weight_rwb=np.zeros((settings.clones, slots, len(self.disorder.topology.source_k))),
            spin_rwum=None,
            energy_rw=np.full((settings.clones, slots), np.nan),
            rng_gw=np.stack(words),
            step_kl=np.full((slots, depth), settings.step or FIRST_STEP),
            active=settings.replicas,
            counts=counts,
            ladders=[Ladder(self.first_ladder()) for _ in range(settings.clones * (slots > 1))],
            exchange_rng=None if exchanges is None else np.random.default_rng(exchanges),
        )

    def first_ladder(self) -> np.ndarray:
        """β_k before any tuning, the coldest first; of moves that serve tempering."""
        raise NotImplementedError(f"{type(self).__name__} declares `tempers`, but no first ladder")

    def prepare(self, state: State) -> None:
        """Bring every replica into a state that the measure allows, before the first move."""

    def load(self, state: State) -> None:
        """Take over weights that have changed other than by this move."""

    def store(self, state: State) -> None:
        """Write back what was kept elsewhere while moving."""

    # -- how it moves

    def advance(self, state: State, sweeps: int) -> None:
        """Move every active configuration, one after the other, and count."""
        settings, slots = self.settings, state.slots
        for r, k in np.ndindex(state.active, slots):
            w = state.walker(r, k)
            accepted_l, flipped_l = np.zeros(settings.depth, np.int64), np.zeros(settings.depth + 1, np.int64)
            walker = Walker(
                weight_k=state.weight_rwb[r, w],
                spin_um=None if state.spin_rwum is None else state.spin_rwum[r, w],
                beta=float(state.ladders[r].beta_k[k]) if state.ladders else settings.beta,
                step_l=state.step_kl[k],
                rng=state.rng_gw[r * slots + k],
                accepted_l=accepted_l,
                spin_accepted_l=flipped_l,
            )
            state.energy_rw[r, w], drift = self.sweep(walker, sweeps)
            state.drift = max(state.drift, drift)
            state.done_kl[k] += accepted_l
            state.counts["accepted"] += accepted_l
            state.counts["spin_accepted"] += flipped_l
        self._count_attempts(state, sweeps)

    def _count_attempts(self, state: State, sweeps: int) -> None:
        """One attempt per bond and, where spins move, one per hidden spin, in every sweep."""
        state.tried_kl += self.bonds_l * sweeps * state.active
        state.counts["attempts"] += self.bonds_l * sweeps * state.active * state.slots
        if self.moves_spins:
            hidden_l = self.disorder.topology.width_l[1:-1]
            flips = hidden_l * self.disorder.patterns * sweeps * state.active * state.slots
            state.counts["spin_attempts"][1:-1] += flips

    def sweep(self, walker: Walker, sweeps: int) -> tuple[float, float]:
        """Move one configuration in place by `sweeps` sweeps; returns its energy and the drift."""
        raise NotImplementedError(f"{type(self).__name__} moves nothing: define `sweep`")


def steer(step: np.ndarray, attempts: np.ndarray, accepted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steps moved toward the acceptance AIM, and where there were attempts enough to do so."""
    spent = attempts >= LEAST_ATTEMPTS
    factor = np.clip(np.exp(accepted / np.maximum(attempts, 1) - AIM), 0.5, 2.0)
    return np.where(spent, np.clip(step * factor, SMALLEST_STEP, LARGEST_STEP), step), spent
