"""The two samplers of real weights behind one protocol: state, moves, counters.

A sampler holds the clones of one disorder sample. The teacher start is an equilibrium state of the hard core
(Nishimori, THEORY section 8); a random start draws weights from the prior and runs the spins forward, and of the hard
core it must first find a state with every output right (`HardSampler.prepare`).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from gardner.errors import ConvergenceError
from gardner.montecarlo.generator import seeded
from gardner.montecarlo.hard_core import hard_sweeps
from gardner.montecarlo.heat_bath import heat_bath_sweeps
from gardner.montecarlo.net import Disorder, draw_weights, run_forward
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.montecarlo.soft_core import soft_sweeps

AIM = 0.35  # acceptance that the tuning of the steps steers to
FIRST_STEP, SMALLEST_STEP, LARGEST_STEP = 0.1, 1e-5, 1.0
LEAST_ATTEMPTS = 50  # before a step is moved
ANNEALING_STAGES, HOTTEST, COLDEST = 60, 1.0, 0.05  # temperatures in wrong outputs


def steered(step: np.ndarray, attempts: np.ndarray, accepted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steps moved toward the acceptance AIM, and where there were attempts enough to do so."""
    spent = attempts >= LEAST_ATTEMPTS
    factor = np.clip(np.exp(accepted / np.maximum(attempts, 1) - AIM), 0.5, 2.0)
    return np.where(spent, np.clip(step * factor, SMALLEST_STEP, LARGEST_STEP), step), spent


class Sampler(Protocol):
    """What `chain.SampleChain` drives. Counters grow from 0; state() and restore() carry everything that evolves."""

    active: int
    energy_r: np.ndarray
    drift: float
    attempts_l: np.ndarray
    accepted_l: np.ndarray
    spin_attempts_l: np.ndarray
    spin_accepted_l: np.ndarray
    weight_rk: np.ndarray
    spin_rum: np.ndarray

    def run(self, sweeps: int) -> None: ...
    def clone(self, source: int, target: int) -> None: ...
    def tune(self) -> None: ...
    def state(self) -> dict: ...
    def restore(self, state: dict) -> None: ...
    def extras(self) -> dict: ...


class _RealSampler:
    """What soft and hard core share: weights, generators, steps and their tuning."""

    def __init__(self, settings: MonteCarloSettings, disorder: Disorder, seed: np.random.SeedSequence):
        self.settings, self.disorder = settings, disorder
        start, *moves = seed.spawn(1 + settings.clones)
        rng = np.random.default_rng(start)
        self.active = settings.replicas
        self.rng_r = np.stack([seeded(child) for child in moves])
        self.step_l = np.full(settings.depth, settings.step or FIRST_STEP)
        self.energy_r = np.full(settings.clones, np.nan)
        self.drift = 0.0
        depth = settings.depth
        self.attempts_l, self.accepted_l = np.zeros(depth, np.int64), np.zeros(depth, np.int64)
        self.spin_attempts_l, self.spin_accepted_l = np.zeros(depth + 1, np.int64), np.zeros(depth + 1, np.int64)
        self._tuned = np.zeros((2, depth), np.int64)
        bonds = len(disorder.topology.source_k)
        self.weight_rk = np.zeros((settings.clones, bonds))
        for r in range(settings.replicas):
            if settings.start == "teacher":
                self.weight_rk[r] = disorder.teacher_k
            else:
                self.weight_rk[r] = draw_weights(settings.weights, disorder.topology, rng)
        self._bonds_l = np.array(
            [s.stop - s.start for s in (disorder.topology.layer_bonds(l) for l in range(1, depth + 1))]
        )

    def tune(self) -> None:
        """Move each layer's step toward the acceptance AIM; only during the burn-in, and never if --step was given."""
        if self.settings.step is not None:
            return
        now = np.stack([self.attempts_l, self.accepted_l])
        self.step_l, spent = steered(self.step_l, *(now - self._tuned))
        self._tuned = np.where(spent, now, self._tuned)

    def clone(self, source: int, target: int) -> None:
        """Copy the configuration, not the generator: from here on the two see different noise."""
        self.weight_rk[target] = self.weight_rk[source]
        self.energy_r[target] = self.energy_r[source]
        self.active = max(self.active, target + 1)

    def state(self) -> dict:
        names = ("attempts_l", "accepted_l", "spin_attempts_l", "spin_accepted_l", "weight_rk", "rng_r", "step_l")
        values = {name: getattr(self, name).copy() for name in (*names, "energy_r")}
        return values | {"active": self.active, "drift": self.drift, "tuned": self._tuned.copy()}

    def restore(self, state: dict) -> None:
        for name, value in state.items():
            setattr(self, "_tuned" if name == "tuned" else name, np.copy(value) if np.ndim(value) else value)
        self.active, self.drift = int(self.active), float(self.drift)

    def extras(self) -> dict:
        return {}


class SoftSampler(_RealSampler):
    """Spins and bonds at inverse temperature β."""

    def __init__(self, settings: MonteCarloSettings, disorder: Disorder, seed: np.random.SeedSequence):
        super().__init__(settings, disorder, seed)
        net = disorder.topology
        self.spin_rum = np.zeros((settings.clones, net.first_l[-1], disorder.patterns), np.int8)
        for r in range(settings.replicas):
            self.spin_rum[r] = run_forward(net, self.weight_rk[r], disorder.input_jm)
            self.spin_rum[r, net.layer_units(net.depth)] = disorder.output_im

    def run(self, sweeps: int) -> None:
        settings, net = self.settings, self.disorder.topology
        gaussian = settings.weights == "gaussian"
        for r in range(self.active):
            spins = self.spin_rum[r].astype(float)
            arguments = (self.weight_rk[r], spins, net, gaussian, settings.beta, settings.margin, self.step_l, sweeps)
            self.energy_r[r], drift = soft_sweeps(*arguments, self.accepted_l, self.spin_accepted_l, self.rng_r[r])
            self.spin_rum[r] = spins
            self.drift = max(self.drift, drift)
        self.attempts_l += self._bonds_l * sweeps * self.active
        flips = net.width_l * self.disorder.patterns * sweeps * self.active
        self.spin_attempts_l[1:-1] += flips[1:-1]

    def clone(self, source: int, target: int) -> None:
        super().clone(source, target)
        self.spin_rum[target] = self.spin_rum[source]

    def state(self) -> dict:
        return super().state() | {"spin_rum": self.spin_rum.copy()}


class HardSampler(_RealSampler):
    """Weights on the sphere, every output right, hidden spins slaved."""

    def __init__(self, settings: MonteCarloSettings, disorder: Disorder, seed: np.random.SeedSequence):
        super().__init__(settings, disorder, seed)
        self._input_jm = disorder.input_jm.astype(float)
        self._target_om = disorder.output_im.astype(float)
        self._ready = settings.start == "teacher"

    def _sweeps(self, r: int, temperature: float, sweeps: int, step_l: np.ndarray, accepted_l: np.ndarray) -> float:
        net = self.disorder.topology
        arguments = (self.weight_rk[r], self._input_jm, self._target_om, net, step_l, temperature, sweeps)
        wrong, drift = hard_sweeps(*arguments, accepted_l, self.rng_r[r])
        self.drift = max(self.drift, drift)
        return wrong

    def prepare(self) -> None:
        """Anneal every replica into a satisfying state, once; a random start does not begin before."""
        if not self._ready:
            for r in range(self.settings.replicas):
                self._anneal(r)
            self._ready = True

    def _anneal(self, r: int) -> None:
        """Geometric cooling in the number of wrong outputs, steps tuned on the way, until none is wrong.

        Each stage takes a share of as many sweeps as the run itself has, at least ten. Where the satisfying states
        found lie among all of them depends on this path: only time decorrelates a random start from it.
        """
        per_stage = max(10, self.settings.sweeps // ANNEALING_STAGES)
        step_l, bonds = np.full(self.settings.depth, 0.5), self._bonds_l * per_stage
        wrong = 0.0
        for temperature in np.geomspace(HOTTEST, COLDEST, ANNEALING_STAGES):
            accepted = np.zeros(self.settings.depth, np.int64)
            wrong = self._sweeps(r, temperature, per_stage, step_l, accepted)
            if wrong == 0:
                return
            step_l = np.clip(step_l * np.clip(np.exp(accepted / bonds - AIM), 0.5, 2.0), 1e-3, LARGEST_STEP)
        raise ConvergenceError(
            f"no state with every output right after annealing for {per_stage * ANNEALING_STAGES} sweeps ({wrong:g} "
            "outputs wrong): lower --alpha, allow more --sweeps, or use --start teacher"
        )

    def run(self, sweeps: int) -> None:
        self.prepare()
        for r in range(self.active):
            self.energy_r[r] = self._move(r, sweeps)
        self.attempts_l += self._bonds_l * sweeps * self.active

    def _move(self, r: int, sweeps: int) -> float:
        if self.settings.dynamics == "metropolis":
            return self._sweeps(r, 0.0, sweeps, self.step_l, self.accepted_l)
        arguments = (self.weight_rk[r], self._input_jm, self._target_om, self.disorder.topology, sweeps)
        wrong, drift = heat_bath_sweeps(*arguments, self.rng_r[r])
        if wrong:
            raise ConvergenceError(
                f"{wrong:g} outputs have become wrong by rounding: choose another --seed, or --dynamics metropolis"
            )
        self.drift = max(self.drift, drift)
        self.accepted_l += self._bonds_l * sweeps
        return wrong

    @property
    def spin_rum(self) -> np.ndarray:
        """Spins slaved to the weights."""
        net, inputs = self.disorder.topology, self.disorder.input_jm
        return np.stack([run_forward(net, weights, inputs) for weights in self.weight_rk])

    def restore(self, state: dict) -> None:
        super().restore(state)
        self._ready = True


def make_sampler(settings: MonteCarloSettings, disorder: Disorder, seed: np.random.SeedSequence) -> Sampler:
    """The sampler that the settings ask for."""
    if settings.weights == "binary":
        from gardner.montecarlo.binary import BinarySampler

        return BinarySampler(settings, disorder, seed)
    if settings.potential == "hard":
        return HardSampler(settings, disorder, seed)
    if settings.tempering is not None:
        from gardner.montecarlo.soft_tempering import TemperedSoftSampler

        return TemperedSoftSampler(settings, disorder, seed)
    return SoftSampler(settings, disorder, seed)
