"""Parallel tempering: configurations exchanged between the slots of a ladder of inverse temperatures.

Slot k runs at β_k, slot 0 is the coldest. Neighbours k, k+1 exchange their configurations with probability
min(1, e^{(β_k - β_{k+1})(E_k - E_{k+1})}), which leaves the product of the Boltzmann measures
invariant whatever a configuration is: only energies are needed. Even and odd pairs take turns
(deterministic even–odd), so that a configuration drifts through the ladder rather than diffuses. A
*round trip* takes one from the coldest slot to the hottest and back.

Configurations stay where they are in memory, as *walkers*; what is exchanged is which walker is in
which slot.

With r_k the rejection rate between k and k+1, Σ r_k is nearly independent of how the ladder divides
a given range of β (Syed et al. 2022): Λ(β) = Σ_{β_k > β} r_k, interpolated, is the measure in which
a ladder of even rates is equidistant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from gardner.values import ByValue

LEAST_REJECTION = 1e-3  # keeps the interpolated Λ(β) invertible where nothing was ever rejected


def geometric(coldest: float, hottest: float, count: int) -> np.ndarray:
    """β_k from `coldest` (slot 0) down to `hottest`, with constant ratio; ValueError for ends that are none."""
    if not 0.0 < hottest < coldest < np.inf:
        raise ValueError(f"ladder from beta = {coldest:g} to {hottest:g}: needs 0 < hottest < coldest, both finite")
    if count < 2:
        raise ValueError(f"tempering = {count}: a ladder needs at least 2 temperatures")
    return np.geomspace(coldest, hottest, count)


@dataclass(eq=False)
class Ladder(ByValue):
    """One ladder: its temperatures, its counts by pair of neighbours, and where each walker is and has been.

    beta_k: inverse temperatures, decreasing from slot 0; walker_k: the walker in each slot; heading_w: +1 for a
    walker that was in the coldest slot last, -1 in the hottest, 0 in neither yet; parity: of the pairs whose turn
    it is. ValueError unless β_k decreases.
    """

    beta_k: np.ndarray
    attempts_k: np.ndarray | None = None
    accepted_k: np.ndarray | None = None
    walker_k: np.ndarray | None = None
    heading_w: np.ndarray | None = None
    round_trips: int = 0
    parity: int = 0

    def __post_init__(self):
        self.beta_k = np.asarray(self.beta_k, dtype=float)
        slots = len(self.beta_k) if self.beta_k.ndim == 1 else 0
        if slots < 2 or not (np.diff(self.beta_k) < 0.0).all():
            raise ValueError(f"ladder {self.beta_k}: at least two inverse temperatures, decreasing from slot 0")
        if self.walker_k is None:
            self.walker_k = np.arange(slots)
            self.reset_counts()

    @property
    def slot_w(self) -> np.ndarray:
        """The slot in which each walker is."""
        return np.argsort(self.walker_k)

    def exchange(self, energy_w: np.ndarray, rng: np.random.Generator) -> None:
        """One round of exchanges; energy_w: the energy of each walker."""
        energy_k = np.asarray(energy_w, dtype=float)[self.walker_k]
        left = np.arange(self.parity, len(self.beta_k) - 1, 2)

        # the pairs of this turn, each on its own
        gain = (self.beta_k[left] - self.beta_k[left + 1]) * (energy_k[left] - energy_k[left + 1])
        swapped = left[rng.random(len(left)) < np.exp(np.minimum(gain, 0.0))]
        self.walker_k[swapped], self.walker_k[swapped + 1] = self.walker_k[swapped + 1], self.walker_k[swapped]

        self.attempts_k[left] += 1
        self.accepted_k[swapped] += 1
        self.parity = 1 - self.parity if len(self.beta_k) > 2 else 0
        self._count_round_trip()

    def _count_round_trip(self) -> None:
        """Count a trip for a walker that reaches the coldest slot after the hottest, both after the coldest."""
        coldest, hottest = self.walker_k[0], self.walker_k[-1]
        if self.heading_w[coldest] == -1:
            self.round_trips += 1
        self.heading_w[coldest] = 1
        if self.heading_w[hottest] == 1:
            self.heading_w[hottest] = -1

    def reset_counts(self) -> None:
        """Forget exchanges and round trips so far; walkers stay where they are."""
        slots = len(self.beta_k)
        self.attempts_k, self.accepted_k = np.zeros(slots - 1, np.int64), np.zeros(slots - 1, np.int64)
        self.heading_w, self.round_trips = np.zeros(slots, np.int64), 0

    def change(self, beta_k: np.ndarray) -> None:
        """Run at other temperatures from now on, with new counts."""
        self.beta_k = np.array(beta_k)
        self.reset_counts()

    def copy(self) -> Ladder:
        """A ladder in the same state that goes its own way."""
        return Ladder.from_dict(self.to_dict())

    def to_dict(self) -> dict:
        """Arrays and numbers for a checkpoint."""
        return {name: np.copy(value) if np.ndim(value) else value for name, value in vars(self).items()}

    @classmethod
    def from_dict(cls, saved: dict) -> Ladder:
        """The ladder that was saved."""
        return cls(**{name: np.copy(value) if np.ndim(value) else int(value) for name, value in saved.items()})


def even_out(beta_k: np.ndarray, rejection_k: np.ndarray) -> np.ndarray:
    """The ladder of as many slots and the same ends on which rejection rates should come out even.

    rejection_k: fraction of exchanges refused between neighbours; the ladder stays as it is if one of them is nan.
    """
    beta_k, rejection_k = np.asarray(beta_k, dtype=float), np.asarray(rejection_k, dtype=float)
    if not np.isfinite(rejection_k).all():
        return beta_k
    barrier = np.concatenate([[0.0], np.cumsum(np.maximum(rejection_k, LEAST_REJECTION))])
    result = PchipInterpolator(barrier, beta_k)(np.linspace(0.0, barrier[-1], len(beta_k)))
    result[[0, -1]] = beta_k[[0, -1]]
    return result


def pool_rejections(ladders: list[Ladder], least: int) -> np.ndarray | None:
    """Rejection rates of all ladders together; None before every pair was tried `least` times."""
    attempts_k = sum(ladder.attempts_k for ladder in ladders)
    if attempts_k.min() < least:
        return None
    return 1.0 - sum(ladder.accepted_k for ladder in ladders) / attempts_k


def save_generator(rng: np.random.Generator) -> dict:
    """State of a PCG64 generator as strings and numbers, fit for a checkpoint."""
    state = rng.bit_generator.state
    whole = {name: str(value) for name, value in state["state"].items()}
    return whole | {"has_uint32": int(state["has_uint32"]), "uinteger": int(state["uinteger"])}


def restore_generator(saved: dict) -> np.random.Generator:
    """The generator that was in that state."""
    bits = np.random.PCG64()
    bits.state = {
        "bit_generator": "PCG64",
        "state": {name: int(saved[name]) for name in ("state", "inc")},
        "has_uint32": saved["has_uint32"],
        "uinteger": saved["uinteger"],
    }
    return np.random.Generator(bits)
