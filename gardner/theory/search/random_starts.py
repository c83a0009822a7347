"""Where a search in the random setting starts: small ordered overlaps, and the grids of m from coarse to fine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gardner.model import RandomSetting, uniform_parisi

COARSEST = 6  # levels of the first search
REFINEMENT = 2.2  # ratio of successive numbers of levels
START = (0.02, 0.3)  # overlaps at the first and last level of the starting line


def starting_rows(setting: RandomSetting) -> np.ndarray:
    """Small overlaps increasing in x, the same in every layer."""
    line = np.linspace(*START, setting.levels + 1) if setting.levels else np.array([START[1]])
    return np.tile(line, (2 * setting.network.depth - 1, 1))


def interpolated_rows(rows: np.ndarray, m_old: np.ndarray, m_new: np.ndarray) -> np.ndarray:
    """Overlaps of one grid of m on another: linear in x between the middles of the steps, through q(0) = 0."""
    old, new = 0.5 * (m_old[:-1] + m_old[1:]), 0.5 * (m_new[:-1] + m_new[1:])
    return np.array([np.interp(new, np.append(0.0, old), np.append(0.0, row)) for row in rows])


def coarse_settings(setting: RandomSetting) -> list[RandomSetting]:
    """The sequence of settings from few levels to the one asked for.

    Coarse grids take every j-th m of the given grid, so that a non-uniform grid keeps its character.
    """
    sequence = [setting]
    while sequence[0].levels > COARSEST * 1.6 and fixed_boundaries(setting):
        levels = max(COARSEST, int(sequence[0].levels / REFINEMENT))
        picks = np.round(np.linspace(0, setting.levels + 1, levels + 2)).astype(int)[1:-1]
        parisi = tuple(setting.m[picks])
        if setting.parisi == uniform_parisi(setting.levels):
            parisi = uniform_parisi(levels)
        sequence.insert(0, replace(setting, parisi=parisi, input_overlap=None, output_overlap=None))
    return sequence


def fixed_boundaries(setting: RandomSetting) -> bool:
    """True if inputs and outputs are fixed patterns (q = 1)."""
    return min(setting.input_overlap) == 1.0 == min(setting.output_overlap)
