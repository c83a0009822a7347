"""State × move: the configurations of one sample, moved, exchanged between temperatures, and tuned in the burn-in.

The *move* says how a configuration changes (`moves`), the *state* holds what changes (`state`), the *ladder* exchanges
temperatures (`ladder`). What is done here is the same for all of them. The teacher start is an equilibrium state of the
hard core (Nishimori, THEORY section 8); a random start draws weights from the prior and runs the spins forward, and of
the hard core it must first find a state with every output right (`Move.prepare`).
"""

from __future__ import annotations

import numpy as np

from gardner.montecarlo.ladder import even_out, pool_rejections
from gardner.montecarlo.moves import choose_move
from gardner.montecarlo.moves.base import steer
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.montecarlo.state import State
from gardner.nets.disorder import Disorder, run_forward

EXCHANGE_EVERY = 5  # sweeps


class Sampler:
    """The clones of one disorder sample in motion.

    seed: of a new state, or `saved`: the state of a checkpoint (`State.to_dict`). ValueError for a ladder without
    temperatures; ConvergenceError in `run` where a random start finds no state that the measure allows.
    """

    def __init__(
        self,
        settings: MonteCarloSettings,
        disorder: Disorder,
        seed: np.random.SeedSequence | None = None,
        saved: dict | None = None,
    ):
        self.settings, self.disorder = settings, disorder
        self.move = choose_move(settings)(settings, disorder)
        self.state = self.move.draw_state(seed) if saved is None else State.from_dict(saved)
        self.move.load(self.state)

    @property
    def active(self) -> int:
        """Clones that move."""
        return self.state.active

    @property
    def drift(self) -> float:
        """Largest error found in what is kept up to date incrementally."""
        return self.state.drift

    @property
    def counts(self) -> dict[str, np.ndarray]:
        """What has been counted since the start, by name of the counted rows of `series.TABLE`."""
        return self.state.counts

    @property
    def energy_r(self) -> np.ndarray:
        """Energy of every clone."""
        return self.state.cold(self.state.energy_rw)

    @property
    def weight_rk(self) -> np.ndarray:
        """Weights of every clone."""
        return self.state.cold(self.state.weight_rwb)

    @property
    def spin_rum(self) -> np.ndarray:
        """Spins of every clone, all layers, int8; slaved to the weights where they do not move on their own."""
        if self.state.spin_rwum is not None:
            return self.state.cold(self.state.spin_rwum)
        net, inputs = self.disorder.topology, self.disorder.input_jm
        return np.stack([run_forward(net, weights, inputs) for weights in self.weight_rk])

    def run(self, sweeps: int) -> None:
        """Move all active clones; exchange temperatures every EXCHANGE_EVERY sweeps."""
        state, move = self.state, self.move
        if not state.prepared:
            move.prepare(state)
            state.prepared = True
        if sweeps == 0:
            move.advance(state, 0)

        end = state.sweeps + sweeps
        while state.sweeps < end:
            due = state.exchanged + EXCHANGE_EVERY if state.ladders else end
            stop = min(end, due)
            move.advance(state, stop - state.sweeps)
            state.sweeps = stop
            if state.ladders and (stop == due or move.exchanges_at_stops):
                self._exchange()
        move.store(state)

    def _exchange(self) -> None:
        state = self.state
        state.exchanged = state.sweeps
        for ladder, energy_w in zip(state.ladders[: state.active], state.energy_rw):
            before = ladder.attempts_k.copy(), ladder.accepted_k.copy(), ladder.round_trips
            ladder.exchange(energy_w, state.exchange_rng)
            state.counts["exchange_attempts"] += ladder.attempts_k - before[0]
            state.counts["exchange_accepted"] += ladder.accepted_k - before[1]
            state.counts["round_trips"] += ladder.round_trips - before[2]

    def tune(self) -> None:
        """Move steps toward their acceptance and even out the ladder; only during the burn-in."""
        state, move = self.state, self.move
        if move.has_step and self.settings.step is None:
            state.step_kl, spent = steer(state.step_kl, state.tried_kl, state.done_kl)
            state.tried_kl, state.done_kl = np.where(spent, 0, state.tried_kl), np.where(spent, 0, state.done_kl)
        if not state.ladders:
            return
        rejection_k = pool_rejections(state.ladders[: state.active], move.exchanges_before_tuning)
        if rejection_k is not None:
            beta_k = even_out(state.ladders[0].beta_k, rejection_k)
            for ladder in state.ladders:  # all clones of a sample share their temperatures
                ladder.change(beta_k)

    def clone(self, source: int, target: int) -> None:
        """Copy a clone, not its generator: from here on the two see different noise."""
        self.state.copy_clone(source, target)
        self.move.load(self.state)
