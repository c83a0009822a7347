"""Parallel tempering of the soft core: each replica is a ladder of configurations at falling β.

Energies fluctuate by about the square root of the number of bonds, so that neighbours exchange readily where ln β
differs by SPACING/√bonds, at most LARGEST_SPACING: how hot a ladder of K slots reaches follows from that.

Slot 0 is the coldest and is what is measured. Every EXCHANGE_EVERY sweeps neighbouring slots try to exchange (see
`tempering`); step sizes are tuned slot by slot and layer by layer, and the ladder to even exchange rates, during the
burn-in only.
"""

from __future__ import annotations

import math

import numpy as np

from gardner.montecarlo import tempering
from gardner.montecarlo.generator import seeded
from gardner.montecarlo.net import Disorder, draw_weights, run_forward
from gardner.montecarlo.samplers import FIRST_STEP, steered
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.montecarlo.soft_core import soft_sweeps

SPACING, LARGEST_SPACING = 4.0, 0.7  # of ln β between slots
EXCHANGE_EVERY = 5  # sweeps
LADDER_ROUNDS = 200  # exchange rounds between two retunings of the ladder


class TemperedSoftSampler:
    """R ladders of K configurations; the protocol of `samplers.Sampler`; the clones are the coldest slots."""

    def __init__(self, settings: MonteCarloSettings, disorder: Disorder, seed: np.random.SeedSequence):
        self.settings, self.disorder = settings, disorder
        net, ladders, slots, depth = disorder.topology, settings.replicas, settings.tempering, settings.depth
        start, exchanges, *moves = seed.spawn(2 + ladders * slots)
        rng = np.random.default_rng(start)
        self.active, self.drift, self.rounds = ladders, 0.0, 0
        self.exchange_rng = np.random.default_rng(exchanges)
        self.rng_rk = np.stack([seeded(child) for child in moves]).reshape(ladders, slots, 4)
        spacing = min(SPACING / math.sqrt(len(net.source_k)), LARGEST_SPACING)
        beta_k = tempering.geometric(settings.beta, settings.beta * math.exp(-spacing * (slots - 1)), slots)
        self.ladders = [tempering.new_ladder(beta_k) for _ in range(ladders)]
        self.step_kl = np.full((slots, depth), settings.step or FIRST_STEP)
        self._bonds_l = np.array([net.layer_bonds(l).stop - net.layer_bonds(l).start for l in range(1, depth + 1)])
        self.attempts_l, self.accepted_l = np.zeros(depth, np.int64), np.zeros(depth, np.int64)
        self.spin_attempts_l, self.spin_accepted_l = np.zeros(depth + 1, np.int64), np.zeros(depth + 1, np.int64)
        self.tried_kl, self.done_kl = np.zeros((slots, depth), np.int64), np.zeros((slots, depth), np.int64)
        self.reported = np.zeros((2, slots - 1), np.int64), 0
        self.weight_rkb = np.empty((ladders, slots, len(net.source_k)))
        self.spin_rkum = np.empty((ladders, slots, net.first_l[-1], disorder.patterns), np.int8)
        for r in range(ladders):
            for k in range(slots):
                weights = disorder.teacher_k if settings.start == "teacher" else None
                weights = draw_weights(settings.weights, net, rng) if weights is None else weights
                self.weight_rkb[r, k] = weights
                self.spin_rkum[r, k] = run_forward(net, weights, disorder.input_jm)
                self.spin_rkum[r, k, net.layer_units(depth)] = disorder.output_im
        self.energy_rk = np.full((ladders, slots), np.nan)

    @property
    def weight_rk(self) -> np.ndarray:
        return self.weight_rkb[:, 0]

    @property
    def spin_rum(self) -> np.ndarray:
        return self.spin_rkum[:, 0]

    @property
    def energy_r(self) -> np.ndarray:
        return self.energy_rk[:, 0].copy()

    def run(self, sweeps: int) -> None:
        if sweeps == 0:
            self._move(0)
        while sweeps > 0:
            part = min(sweeps, EXCHANGE_EVERY)
            self._move(part)
            self._exchange()
            sweeps -= part

    def _move(self, sweeps: int) -> None:
        settings, net = self.settings, self.disorder.topology
        gaussian, ladders, slots = settings.weights == "gaussian", *self.energy_rk.shape
        for r in range(ladders):
            for k, beta in enumerate(self.ladders[r]["beta_k"]):
                spins, accepted_l = self.spin_rkum[r, k].astype(float), np.zeros(settings.depth, np.int64)
                arguments = (
                    self.weight_rkb[r, k],
                    spins,
                    net,
                    gaussian,
                    beta,
                    settings.margin,
                    self.step_kl[k],
                    sweeps,
                )
                self.energy_rk[r, k], drift = soft_sweeps(
                    *arguments, accepted_l, self.spin_accepted_l, self.rng_rk[r, k]
                )
                self.spin_rkum[r, k] = spins
                self.drift = max(self.drift, drift)
                self.done_kl[k] += accepted_l
                self.accepted_l += accepted_l
        self.tried_kl += self._bonds_l * sweeps * ladders
        self.attempts_l += self._bonds_l * sweeps * ladders * slots
        flips = net.width_l * self.disorder.patterns * sweeps * ladders * slots
        self.spin_attempts_l[1:-1] += flips[1:-1]

    def _exchange(self) -> None:
        """Configurations change slots, generators and steps stay."""
        self.rounds += 1
        for r, ladder in enumerate(self.ladders):
            order = tempering.exchange(ladder, self.energy_rk[r], self.exchange_rng)
            self.weight_rkb[r], self.spin_rkum[r] = self.weight_rkb[r][order], self.spin_rkum[r][order]
            self.energy_rk[r] = self.energy_rk[r][order]

    def tune(self) -> None:
        """Steps toward their acceptance, and now and then the ladder; all ladders of a sample share its β."""
        if self.settings.step is None:
            self.step_kl, spent = steered(self.step_kl, self.tried_kl, self.done_kl)
            self.tried_kl, self.done_kl = np.where(spent, 0, self.tried_kl), np.where(spent, 0, self.done_kl)
        if self.rounds < LADDER_ROUNDS:
            return
        rejection = np.mean([tempering.rejection_rates(ladder) for ladder in self.ladders], axis=0)
        beta_k = tempering.tuned(self.ladders[0]["beta_k"], rejection)
        for ladder in self.ladders:
            ladder["beta_k"] = beta_k.copy()
            tempering.reset_counts(ladder)
        self.rounds, self.reported = 0, (np.zeros_like(self.reported[0]), 0)

    def clone(self, source: int, target: int) -> None:
        raise ValueError("guest with tempering: exchanged configurations have no common past; drop one of the two")

    def state(self) -> dict:
        names = ("attempts_l", "accepted_l", "spin_attempts_l", "spin_accepted_l", "tried_kl", "done_kl", "step_kl")
        values = {
            name: getattr(self, name).copy() for name in (*names, "weight_rkb", "spin_rkum", "energy_rk", "rng_rk")
        }
        return values | {
            "drift": self.drift,
            "rounds": self.rounds,
            "ladders": [dict(ladder) for ladder in self.ladders],
            "exchange_rng": tempering.generator_state(self.exchange_rng),
            "reported": list(self.reported),
        }

    def restore(self, state: dict) -> None:
        self.exchange_rng = tempering.generator(state["exchange_rng"])
        self.ladders = [
            {name: np.copy(value) if np.ndim(value) else int(value) for name, value in ladder.items()}
            for ladder in state["ladders"]
        ]
        self.reported = np.copy(state["reported"][0]), int(state["reported"][1])
        self.drift, self.rounds = float(state["drift"]), int(state["rounds"])
        for name, value in state.items():
            if isinstance(value, np.ndarray):
                setattr(self, name, value.copy())

    def extras(self) -> dict:
        """Exchanges and round trips since the last report, all ladders together."""
        totals = np.stack([sum(ladder[name] for ladder in self.ladders) for name in ("attempts_k", "accepted_k")])
        trips = sum(ladder["round_trips"] for ladder in self.ladders)
        new, trips_new = totals - self.reported[0], trips - self.reported[1]
        self.reported = totals, trips
        return {"exchange_attempts_k": new[0], "exchange_accepted_k": new[1], "round_trips": int(trips_new)}
