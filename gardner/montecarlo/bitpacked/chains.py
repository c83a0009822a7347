"""Eight chains of binary nets on one disorder sample: Metropolis, annealing and greedy descent.

The energy is the number of wrong outputs over patterns × output units; β = ∞ is the greedy rule, which takes every
move that does not raise it (moves along plateaus included).
"""

from __future__ import annotations

import numpy as np

from gardner.montecarlo.bitpacked import kernels
from gardner.montecarlo.bitpacked.lanes import LANES
from gardner.montecarlo.bitpacked.packing import Work, lane_net, new_work, thresholds, word_count
from gardner.montecarlo.generator import start_generator
from gardner.nets.graphs import Topology

TABLE_ROWS = 64  # sweeps of an annealing schedule handed to the kernel at a time


class BinaryLanes:
    """`LANES` chains that share inputs, outputs and graph; weights, generators and energies are their state."""

    def __init__(
        self,
        topology: Topology,
        input_jm: np.ndarray,
        output_im: np.ndarray,
        weight_ck: np.ndarray,
        site: np.ndarray,
        dice: np.ndarray,
    ):
        """weight_ck: ±1 [lane, bond]; site, dice: generators of the visits (4 words) and of the lanes (4 × LANES)."""
        self.topology, self.net = topology, lane_net(topology)
        self.patterns = input_jm.shape[1]
        self.words = word_count(self.patterns)
        self.work = new_work(topology, self.net, input_jm, output_im)
        self.energy_c = np.zeros(LANES, dtype=np.uint64)
        self.attempts_l = np.zeros(topology.depth, dtype=np.int64)
        self._accepted = np.zeros(topology.depth * LANES, dtype=np.uint64)
        self._tally = np.zeros(2 * LANES, dtype=np.uint64)
        self.site, self.dice = site.copy(), dice.copy()
        self.set_weights(weight_ck)

    @staticmethod
    def draw(topology: Topology, seed: np.random.SeedSequence) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Random weights and generators: weight_ck, site and dice."""
        site, start, *dice = seed.spawn(2 + LANES)
        bonds = len(topology.source_k)
        weight_ck = 2 * np.random.default_rng(start).integers(0, 2, (LANES, bonds), dtype=np.int8) - 1
        return (
            weight_ck,
            start_generator(site),
            np.stack([start_generator(child) for child in dice], axis=1).reshape(-1),
        )

    @classmethod
    def start(cls, topology: Topology, input_jm: np.ndarray, output_im: np.ndarray, seed: np.random.SeedSequence):
        """Chains that start from random weights."""
        return cls(topology, input_jm, output_im, *cls.draw(topology, seed))

    @property
    def outputs(self) -> int:
        """Patterns × output units, the largest energy."""
        return self.patterns * int(self.topology.width_l[-1])

    @property
    def weight_ck(self) -> np.ndarray:
        """Weights ±1, int8 [lane, bond]."""
        return 1 + 2 * self.work.weight.reshape(-1, LANES).T

    def set_weights(self, weight_ck: np.ndarray) -> None:
        """Set all weights, then slave the spins and count the wrong outputs anew."""
        self.work.weight[:] = np.where(np.asarray(weight_ck) > 0, 0, -1).T.reshape(-1)
        self.energy_c[:] = self.recompute()

    def recompute(self) -> np.ndarray:
        """Spins run forward from the inputs, and their wrong outputs."""
        return self._run_forward(self.work, self.words)

    @property
    def accepted_lc(self) -> np.ndarray:
        """Accepted moves since the start, int64 [bond layer, lane]; `attempts_l` counts attempts of every lane."""
        return self._accepted.reshape(-1, LANES).astype(np.int64)

    def anneal(self, beta_t: np.ndarray) -> None:
        """One sweep at each inverse temperature of the schedule, all lanes alike."""
        for start in range(0, len(beta_t), TABLE_ROWS):
            table_te = thresholds(beta_t[start : start + TABLE_ROWS], self.outputs).T
            self.run(np.repeat(table_te[:, :, None], LANES, axis=2), len(table_te))

    def run(self, table: np.ndarray, sweeps: int) -> None:
        """`sweeps` sweeps with acceptance thresholds [ΔE, lane], or one such table per sweep (the last goes on)."""
        table_tk = np.ascontiguousarray(table).reshape(1 if table.ndim == 2 else len(table), -1)
        counters = (self.energy_c, self.attempts_l, self._accepted, self._tally)
        kernels.sweep(self.net, self.work, self.words, sweeps, table_tk, self.dice, self.site, *counters)

    def errors_on(self, input_jm: np.ndarray, output_im: np.ndarray) -> np.ndarray:
        """Fraction of outputs that differ from `output_im` on other inputs, per lane."""
        work, words = new_work(self.topology, self.net, input_jm, output_im), word_count(input_jm.shape[1])
        return self._run_forward(work, words) / output_im.size

    def _run_forward(self, work: Work, words: int) -> np.ndarray:
        energy_c = np.empty(LANES, dtype=np.uint64)
        kernels.run_lanes(self.net, work._replace(weight=self.work.weight), words, energy_c)
        return energy_c
