"""Everything of one disorder sample that evolves, in one dataclass that a checkpoint holds whole.

Axes: r clone (the replicas, then the guest if there is one), w walker of a clone (one, or as many as its ladder has
slots), k slot of the ladder, b bond, u unit of the layers 0…L, m pattern, l layer. A walker is a configuration; a slot
is a temperature with the width of its moves. Without tempering both are one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np

from gardner.montecarlo.ladder import Ladder, restore_generator, save_generator
from gardner.values import ByValue

FORMAT = 2  # of the checkpoints: part of what a resumed run must agree in


@dataclass(eq=False)
class State(ByValue):
    """The configurations of one sample, their generators, and what has been counted since the start.

    weight_rwb: weights, 0 for a clone that is not there yet; spin_rwum: int8 spins of all layers, None where hidden
    spins are slaved to the weights; energy_rw: nan before the first move. rng_gw: words of the generators, row by row
    as the move uses them. step_kl: widths of the weight moves, with the attempts tried_kl and acceptances done_kl since
    each was last changed. active: clones that move. ladders: one a clone, none without tempering; exchange_rng draws
    their exchanges. counts: by name of the counted rows of `series.TABLE`, growing from 0. drift: largest error found
    in what is kept up to date incrementally. sweeps: since the start; exchanged: when configurations were last
    exchanged. prepared: whether every clone is in a state that the measure allows.
    """

    weight_rwb: np.ndarray
    spin_rwum: np.ndarray | None
    energy_rw: np.ndarray
    rng_gw: np.ndarray
    step_kl: np.ndarray
    active: int
    counts: dict[str, np.ndarray]
    ladders: list[Ladder] = field(default_factory=list)
    exchange_rng: np.random.Generator | None = None
    tried_kl: np.ndarray | None = None
    done_kl: np.ndarray | None = None
    drift: float = 0.0
    sweeps: int = 0
    exchanged: int = 0
    prepared: bool = True

    def __post_init__(self):
        if self.tried_kl is None:
            self.tried_kl = np.zeros(self.step_kl.shape, np.int64)
            self.done_kl = np.zeros(self.step_kl.shape, np.int64)

    @property
    def slots(self) -> int:
        """Temperatures of a clone."""
        return self.weight_rwb.shape[1]

    def walker(self, r: int, k: int = 0) -> int:
        """The walker of clone r in slot k; slot 0, the coldest, is what is measured."""
        return int(self.ladders[r].walker_k[k]) if self.ladders else 0

    def cold(self, values_rw: np.ndarray) -> np.ndarray:
        """Of every clone what belongs to its coldest walker."""
        return np.stack([values_rw[r, self.walker(r)] for r in range(len(values_rw))])

    def copy_clone(self, source: int, target: int) -> None:
        """Give a clone the configurations of another one, at all temperatures; the generators stay different."""
        for values_rw in (self.weight_rwb, self.spin_rwum, self.energy_rw):
            if values_rw is not None:
                values_rw[target] = values_rw[source]
        if self.ladders:
            self.ladders[target] = self.ladders[source].copy()
        self.active = max(self.active, target + 1)

    def to_dict(self) -> dict:
        """Arrays, numbers, and dicts and lists of those, for a checkpoint."""
        values = {field.name: _copy(getattr(self, field.name)) for field in fields(self)}
        values["ladders"] = [ladder.to_dict() for ladder in self.ladders]
        values["exchange_rng"] = None if self.exchange_rng is None else save_generator(self.exchange_rng)
        return values

    @classmethod
    def from_dict(cls, saved: dict) -> State:
        """The state that was saved."""
        values = {name: _copy(value) for name, value in saved.items()}
        values["ladders"] = [Ladder.from_dict(ladder) for ladder in saved["ladders"]]
        rng = saved["exchange_rng"]
        values["exchange_rng"] = None if rng is None else restore_generator(rng)
        return cls(**values)


def _copy(value):
    if isinstance(value, dict):
        return {name: _copy(item) for name, item in value.items()}
    return value.copy() if isinstance(value, np.ndarray) else value
