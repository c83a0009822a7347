"""Chains for the tests of the runtime, importable by worker processes."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class RandomWalk:
    """A random walk whose generator lives in the state."""

    name: str
    length: int
    seed: int = 0
    pause: float = 0.0

    def start(self):
        return {"x": np.zeros(3), "generator": np.random.default_rng(self.seed).bit_generator.state}

    def step(self, state, index):
        rng = np.random.default_rng()
        rng.bit_generator.state = state["generator"]
        x = state["x"] + rng.standard_normal(3)
        time.sleep(self.pause)
        return {"x": x, "generator": rng.bit_generator.state}, {"x": x, "index": index, "worker": os.getpid()}


@dataclass(frozen=True)
class DiesOnce(RandomWalk):
    """Kills its own process at point `fatal` the first time it gets there."""

    marker: str = ""
    fatal: int = 1

    def step(self, state, index):
        if index == self.fatal and not Path(self.marker).exists():
            Path(self.marker).touch()
            os.kill(os.getpid(), 9)
        return super().step(state, index)


@dataclass(frozen=True)
class Interrupted(RandomWalk):
    """Behaves as if Ctrl-C were pressed at point `at`."""

    at: int = 2

    def step(self, state, index):
        if index == self.at:
            raise KeyboardInterrupt
        return super().step(state, index)
