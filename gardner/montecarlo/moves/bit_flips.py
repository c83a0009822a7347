"""Flips of binary weights, bit-packed: the measure e^{-β × wrong outputs} over weights ±1, hidden spins slaved.

E is the number of wrong outputs over patterns × output units (THEORY section 8). A sweep visits as many perceptrons,
drawn at random, as there are; a visit attempts one flip per weight of the row on average (`bitpacked.kernels`).

Cost. Configurations move `LANES` at a time: up to eight clones, or clones × temperatures, cost what one costs. They
stay in their lanes, with their generators; acceptance thresholds follow the temperatures.
"""

from __future__ import annotations

import numpy as np

from gardner.montecarlo.bitpacked import kernels
from gardner.montecarlo.bitpacked.chains import LANES, BinaryLanes
from gardner.montecarlo.bitpacked.packing import thresholds
from gardner.montecarlo.moves.binary import COLDEST, BinaryMove
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.montecarlo.state import State


class BitFlips(BinaryMove):
    """Single flips of weights ±1; any number of clones and temperatures, eight at a time, tempered guests too."""

    kernels = (kernels.sweep,)

    @classmethod
    def caution(cls, settings: MonteCarloSettings) -> str:
        """Cold single flips keep to the cluster of solutions in which they start."""
        if settings.start != "teacher" or settings.tempering is not None or settings.beta < COLDEST:
            return ""
        return (
            "single flips of binary weights do not leave the teacher's cluster of solutions: overlaps lie above those "
            "of equilibrium; choose --dynamics heat-bath, or --tempering"
        )

    def draw_state(self, seed: np.random.SeedSequence) -> State:
        """Weights of the teacher, or ±1 with equal chance; a generator for the visits and one for each lane."""
        settings, slots = self.settings, self.settings.tempering or 1
        exchanges, *groups = seed.spawn(1 + -(-settings.clones * slots // LANES))
        first_gck, words = [], []
        for child in groups:
            weight_ck, site, dice = BinaryLanes.draw(self.disorder.topology, child)
            first_gck.append(weight_ck)
            words.append(np.concatenate([site, dice]))

        state = self._blank_state(words, exchanges if slots > 1 else None)
        weights = self.disorder.teacher_k if settings.start == "teacher" else np.concatenate(first_gck)
        there = settings.replicas * slots
        flat = state.weight_rwb.reshape(-1, state.weight_rwb.shape[-1])
        flat[:there] = weights if weights.ndim == 1 else weights[:there]
        return state

    def load(self, state: State) -> None:
        """Pack the weights into lanes; configuration w of clone r is in lane r × slots + w, counted on."""
        topology, inputs, outputs = self.disorder.topology, self.disorder.input_jm, self.disorder.output_im
        weight_gk = np.ones((len(state.rng_gw) * LANES, state.weight_rwb.shape[-1]))
        configurations = state.weight_rwb.shape[0] * state.slots
        weight_gk[:configurations] = state.weight_rwb.reshape(configurations, -1)
        self._groups = [
            BinaryLanes(topology, inputs, outputs, weight_ck, words[:4], words[4:])
            for weight_ck, words in zip(np.split(weight_gk, len(state.rng_gw)), state.rng_gw)
        ]
        self._beta_k = None
        self._read_energies(state)

    def _read_energies(self, state: State) -> None:
        energy_g = np.concatenate([group.energy_c for group in self._groups]).astype(float)
        there = state.active * state.slots
        state.energy_rw[: state.active] = energy_g[:there].reshape(state.active, state.slots)

    def _tables(self, state: State) -> np.ndarray:
        """Acceptance thresholds [group, ΔE, lane]: those of the slot of each configuration; idle lanes have slot 0."""
        beta_k = state.ladders[0].beta_k if state.ladders else np.array([self.settings.beta])
        if self._beta_k is None or not np.array_equal(beta_k, self._beta_k):
            self._beta_k, self._table_ek = beta_k.copy(), thresholds(beta_k, self._groups[0].outputs)
        slot_g = np.zeros(len(self._groups) * LANES, dtype=np.int64)
        for r, ladder in enumerate(state.ladders):
            slot_g[r * state.slots : (r + 1) * state.slots] = ladder.slot_w
        return [np.ascontiguousarray(self._table_ek[:, slot_c]) for slot_c in slot_g.reshape(-1, LANES)]

    def advance(self, state: State, sweeps: int) -> None:
        """Move all groups of lanes in which something is active."""
        moving, tables = state.active * state.slots, self._tables(state)
        for number, group in enumerate(self._groups):
            lanes = min(max(moving - number * LANES, 0), LANES)
            if lanes == 0:
                continue
            attempts_l, accepted_lc = group.attempts_l.copy(), group.accepted_lc
            group.run(tables[number], sweeps)
            state.counts["attempts"] += (group.attempts_l - attempts_l) * lanes
            state.counts["accepted"] += (group.accepted_lc - accepted_lc)[:, :lanes].sum(axis=1)
        self._read_energies(state)

    def store(self, state: State) -> None:
        """Unpack weights and generators; energies are compared with those counted anew."""
        for group, words in zip(self._groups, state.rng_gw):
            before = group.energy_c.astype(np.int64)
            state.drift = max(state.drift, float(np.abs(group.recompute().astype(np.int64) - before).max()))
            words[:] = np.concatenate([group.site, group.dice])
        weight_gk = np.concatenate([group.weight_ck for group in self._groups]).astype(float)
        there = state.active * state.slots
        flat = state.weight_rwb.reshape(-1, weight_gk.shape[-1])
        flat[:there] = weight_gk[:there]
