"""The isolated unit at every (α, c) of a comparison, in batches that are kept as they are finished."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gardner.comparison.liquid.settings import LiquidSettings
from gardner.montecarlo.unit_overlaps import PLACES
from gardner.runtime.chains import Workers, run_chains
from gardner.theory.isolated_unit import isolated_unit
from gardner.values import ByValue

BATCHES = 8


@dataclass(frozen=True, eq=False)
class IsolatedUnit(ByValue):
    """M<x xᵀ> in the order of PRODUCTS, and the covariance of this mean, at connectivity c and M patterns."""

    mean_p: np.ndarray
    covariance_pp: np.ndarray


@dataclass(frozen=True)
class UnitBatches:
    """The realisations of one (c, M, place of the layer), a chain for `run_chains`."""

    connectivity: int
    patterns: int
    reads_inputs: bool
    feeds_outputs: bool
    realisations: int
    seed: int

    @property
    def name(self) -> str:
        place = ("in" if self.reads_inputs else "") + ("out" if self.feeds_outputs else "")
        return f"unit-c{self.connectivity}-M{self.patterns}-{place or 'between'}"

    @property
    def length(self) -> int:
        return BATCHES

    def start(self) -> dict:
        return {}

    def step(self, state: dict, index: int) -> tuple[dict, dict]:
        entropy = (self.seed, self.connectivity, self.patterns, self.reads_inputs, self.feeds_outputs, index)
        found = isolated_unit(
            self.connectivity,
            self.patterns,
            self.reads_inputs,
            self.feeds_outputs,
            max(2, self.realisations // BATCHES),
            np.random.SeedSequence(entropy),
        )
        return {}, {"values": np.stack([found.values[:, i, j] for i, j in PLACES], axis=1)}


def isolated_units(
    settings: LiquidSettings, store: Path, workers: Workers | None = None, resume: bool = False
) -> dict[tuple[int, int, int], IsolatedUnit]:
    """(layer, c, M) → the isolated unit; nothing for the soft core, for which it is not derived.

    store: folder of the checkpoints, left to the caller; workers, resume: as in `run_sweep`.
    """
    if not settings.planted:
        return {}
    wanted = {}
    for layer in settings.hidden_layers:
        for alpha in settings.alphas:
            for c in settings.connectivities:
                M = settings.patterns(alpha, c)
                place = layer == 1, layer == settings.depth - 1
                wanted[layer, c, M] = UnitBatches(c, M, *place, settings.realisations, settings.seed)
    chains = list({chain.name: chain for chain in wanted.values()}.values())
    fingerprint = {"measured": "isolated units", "seed": settings.seed, "realisations": settings.realisations}
    records = run_chains(chains, store, fingerprint, workers, resume, title="isolated units")
    found = {}
    for chain, batches in zip(chains, records):
        values = np.concatenate([batch["values"] for batch in batches])
        found[chain.name] = IsolatedUnit(values.mean(axis=0), np.cov(values, rowvar=False) / len(values))
    return {key: found[chain.name] for key, chain in wanted.items()}
