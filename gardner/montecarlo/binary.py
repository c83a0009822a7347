"""Binary weights as a sampler of the Monte Carlo run: clones of one sample, tempered or not.

The measure is e^{-βE} over weights ±1, E the number of wrong outputs over patterns × output units, hidden spins
slaved (THEORY section 8). Configurations move `LANES` at a time: up to eight clones, or clones × temperatures, cost
what one costs. With tempering every clone is a ladder of its own over common temperatures; what is measured is the
configuration in its coldest slot, at β.
"""

from __future__ import annotations

import numpy as np

from gardner.montecarlo import tempering
from gardner.montecarlo.binary_packing import thresholds
from gardner.montecarlo.binary_sampler import LANES, BinaryLanes
from gardner.montecarlo.net import Disorder
from gardner.montecarlo.settings import MonteCarloSettings

HOTTEST = 0.2  # inverse temperature of the last slot: a wrong output more is hardly refused
EXCHANGE_EVERY = 5  # sweeps between exchanges
TUNING_ATTEMPTS = 40  # exchanges of every pair before the ladder is tuned again


class BinarySampler:
    """Clones r = 0…; `samplers.Sampler` says what a run needs of it. Configuration (r, w) is walker w of clone r."""

    def __init__(self, settings: MonteCarloSettings, disorder: Disorder, seed: np.random.SeedSequence):
        self.settings, self.disorder = settings, disorder
        self.slots = settings.tempering or 1
        exchanges, *lanes = seed.spawn(1 + -(-settings.clones * self.slots // LANES))
        self._rng = np.random.default_rng(exchanges)
        topology = disorder.topology
        self._groups = [BinaryLanes(topology, disorder.input_jm, disorder.output_im, child) for child in lanes]
        if settings.start == "teacher":
            for group in self._groups:
                group.set_weights(np.tile(disorder.teacher_k, (LANES, 1)))
        self._ladders = [tempering.new_ladder(self._first_ladder()) for _ in range(settings.clones * (self.slots > 1))]
        self.active, self.drift, self._sweeps = settings.replicas, 0.0, 0
        depth = settings.depth
        self.attempts_l, self.accepted_l = np.zeros(depth, np.int64), np.zeros(depth, np.int64)
        self.spin_attempts_l, self.spin_accepted_l = np.zeros(depth + 1, np.int64), np.zeros(depth + 1, np.int64)
        self._exchanges = np.zeros((2, self.slots - 1), np.int64)
        self._round_trips = 0
        self._set_tables()

    def _first_ladder(self) -> np.ndarray:
        beta = self.settings.beta
        if beta <= 0.0:
            raise ValueError(f"beta = {beta:g} with tempering: nothing is hotter; choose a positive beta")
        # beyond β = 10 a wrong output more is accepted once in 22026: slots there would idle
        ladder = tempering.geometric(min(beta, 10.0), min(HOTTEST, beta / 4.0), self.slots)
        ladder[0] = beta
        return ladder

    @property
    def beta_k(self) -> np.ndarray:
        """Inverse temperatures of the ladder, the coldest first."""
        return self._ladders[0]["beta_k"] if self._ladders else np.array([self.settings.beta])

    def _set_tables(self) -> None:
        outputs = self._groups[0].outputs
        self._table_ek = thresholds(self.beta_k, outputs)
        self._place_tables()

    def _place_tables(self) -> None:
        """Acceptance thresholds of every lane: those of the slot its configuration is in; idle lanes follow slot 0."""
        slot_g = np.zeros(len(self._groups) * LANES, dtype=np.int64)
        for r, ladder in enumerate(self._ladders):
            slot_g[r * self.slots + ladder["walker_k"]] = np.arange(self.slots)
        self._tables = [np.ascontiguousarray(self._table_ek[:, slot_c]) for slot_c in slot_g.reshape(-1, LANES)]

    def _cold(self, r: int) -> tuple[BinaryLanes, int]:
        """The lane that holds clone r at β."""
        g = r * self.slots + (self._ladders[r]["walker_k"][0] if self._ladders else 0)
        return self._groups[g // LANES], g % LANES

    @property
    def energy_r(self) -> np.ndarray:
        """Wrong outputs of every clone."""
        return np.array([float(group.energy_c[lane]) for group, lane in map(self._cold, range(self.settings.clones))])

    @property
    def weight_rk(self) -> np.ndarray:
        """Weights ±1 of every clone, as floats."""
        clones = map(self._cold, range(self.settings.clones))
        return np.stack([group.weight_ck[lane].astype(float) for group, lane in clones])

    @property
    def spin_rum(self) -> np.ndarray:
        """Spins of every clone, slaved to the weights."""
        return np.stack([group.spins(lane) for group, lane in map(self._cold, range(self.settings.clones))])

    def run(self, sweeps: int) -> None:
        """Move all active clones; exchange temperatures at multiples of EXCHANGE_EVERY."""
        end = self._sweeps + sweeps
        while self._sweeps < end:
            stop = min(end, (self._sweeps // EXCHANGE_EVERY + 1) * EXCHANGE_EVERY) if self._ladders else end
            self._move(stop - self._sweeps)
            self._sweeps = stop
            if self._ladders and stop % EXCHANGE_EVERY == 0:
                self._exchange()
        for group in self._groups:
            before = group.energy_c.astype(np.int64)
            self.drift = max(self.drift, float(np.abs(group.recomputed().astype(np.int64) - before).max()))

    def _move(self, sweeps: int) -> None:
        moving = self.active * self.slots
        for number, group in enumerate(self._groups):
            lanes = min(max(moving - number * LANES, 0), LANES)
            if lanes == 0:
                continue
            attempts, accepted = group.attempts_l.copy(), group.accepted_lc
            group.run(self._tables[number], sweeps)
            self.attempts_l += (group.attempts_l - attempts) * lanes
            self.accepted_l += (group.accepted_lc - accepted)[:, :lanes].sum(axis=1)

    def _exchange(self) -> None:
        energy_g = np.concatenate([group.energy_c for group in self._groups]).astype(float)
        for r, ladder in enumerate(self._ladders[: self.active]):
            before, trips = np.stack([ladder["attempts_k"], ladder["accepted_k"]]), ladder["round_trips"]
            tempering.exchange(ladder, energy_g[r * self.slots + ladder["walker_k"]], self._rng)
            self._exchanges += np.stack([ladder["attempts_k"], ladder["accepted_k"]]) - before
            self._round_trips += ladder["round_trips"] - trips
        self._place_tables()

    def tune(self) -> None:
        """Even out the exchange rates of all ladders once enough exchanges were tried; only during the burn-in."""
        attempts_k = sum(ladder["attempts_k"] for ladder in self._ladders[: self.active])
        if not self._ladders or attempts_k.min() < TUNING_ATTEMPTS:
            return
        accepted_k = sum(ladder["accepted_k"] for ladder in self._ladders[: self.active])
        beta_k = tempering.tuned(self.beta_k, 1.0 - accepted_k / attempts_k)
        for ladder in self._ladders:
            ladder["beta_k"] = beta_k.copy()
            tempering.reset_counts(ladder)
        self._set_tables()

    def clone(self, source: int, target: int) -> None:
        """Copy the configurations of a clone, all temperatures, not the generators."""
        for w in range(self.slots):
            (a, lane_a), (b, lane_b) = (divmod(r * self.slots + w, LANES) for r in (source, target))
            weight_ck = self._groups[b].weight_ck
            weight_ck[lane_b] = self._groups[a].weight_ck[lane_a]
            self._groups[b].set_weights(weight_ck)
        if self._ladders:
            self._ladders[target] = {name: np.copy(value) for name, value in self._ladders[source].items()}
            for name in ("round_trips", "parity"):
                self._ladders[target][name] = int(self._ladders[target][name])
            self._place_tables()
        self.active = max(self.active, target + 1)

    COUNTERS = ("attempts_l", "accepted_l", "spin_attempts_l", "spin_accepted_l")

    def state(self) -> dict:
        """Everything that evolves."""
        return {name: getattr(self, name).copy() for name in self.COUNTERS} | {
            "active": self.active,
            "drift": self.drift,
            "sweeps": self._sweeps,
            "rng": tempering.generator_state(self._rng),
            "groups": [group.state() for group in self._groups],
            "ladders": [dict(ladder) for ladder in self._ladders],
        }

    def restore(self, state: dict) -> None:
        """Continue from a checkpoint."""
        for name in self.COUNTERS:
            setattr(self, name, np.array(state[name]))
        self.active, self.drift, self._sweeps = int(state["active"]), float(state["drift"]), int(state["sweeps"])
        self._rng = tempering.generator(state["rng"])
        for group, saved in zip(self._groups, state["groups"]):
            group.restore(saved)
        self._ladders = [
            {name: np.array(value) if np.ndim(value) else int(value) for name, value in ladder.items()}
            for ladder in state["ladders"]
        ]
        self._set_tables()

    def extras(self) -> dict:
        """Exchanges by pair of neighbours and round trips since the sampler was made or restored, and the ladder."""
        if not self._ladders:
            return {}
        return {
            "exchange_attempts_k": self._exchanges[0].copy(),
            "exchange_accepted_k": self._exchanges[1].copy(),
            "round_trips": self._round_trips,
            "ladder_beta_k": self.beta_k.copy(),
        }
