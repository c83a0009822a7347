"""Where a search in the random setting starts: small ordered overlaps, and the grids of m from coarse to fine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gardner.model import RandomSetting
from gardner.theory.search.frozen import freezing_levels

COARSEST = 6  # levels of the first search
REFINEMENT = 2.2  # ratio of successive numbers of levels
START = (0.02, 0.3)  # overlaps at the first and last level of the starting line


def starting_rows(setting: RandomSetting) -> np.ndarray:
    """Small overlaps increasing in x, the same in every layer."""
    line = np.linspace(*START, setting.levels + 1) if setting.levels else np.array([START[1]])
    return np.tile(line, (2 * setting.network.depth - 1, 1))


def interpolated_rows(rows: np.ndarray, m_old: np.ndarray, m_new: np.ndarray) -> np.ndarray:
    """Overlaps of one grid of m on another: linear in x between the middles of the steps, through q(0) = 0.

    Where spins freeze q(x) jumps in all layers (`frozen`): the pieces between the jumps are interpolated by themselves,
    continued by straight lines up to the jump, and what is frozen stays so.
    """
    old, new = 0.5 * (m_old[:-1] + m_old[1:]), 0.5 * (m_new[:-1] + m_new[1:])
    jumps = freezing_levels(rows)
    if not jumps:
        return np.array([np.interp(new, np.append(0.0, old), np.append(0.0, row)) for row in rows])
    edges = [0, *jumps, len(old)]
    fine = np.zeros((len(rows), len(new)))
    for start, stop in zip(edges[:-1], edges[1:]):
        inside = (new > m_old[start]) & (new <= m_old[stop])
        fine[:, inside] = _piece(rows, old, start, stop, new[inside])
    return fine


def _piece(rows: np.ndarray, old: np.ndarray, start: int, stop: int, new: np.ndarray) -> np.ndarray:
    """Levels start…stop-1 of `rows` at the places `new`, between the levels beside them."""
    x, values = old[start:stop], rows[:, start:stop]
    if start == 0:
        x, values = np.append(0.0, x), np.column_stack([np.zeros(len(rows)), values])
    if len(x) == 1:
        return np.tile(values, len(new))
    index = np.clip(np.searchsorted(x, new), 1, len(x) - 1)
    share = (new - x[index - 1]) / (x[index] - x[index - 1])
    lines = values[:, index - 1] + share * (values[:, index] - values[:, index - 1])
    # a continued line ends half-way to the level beyond the jump, and beyond the last level nothing is continued
    low = 0.5 * (rows[:, start - 1] + values[:, 0]) if start else np.zeros(len(rows))
    high = 0.5 * (values[:, -1] + rows[:, stop]) if stop < rows.shape[1] else values[:, -1]
    return np.clip(lines, low[:, None], high[:, None])


def embedded_rows(rows: np.ndarray, m_old: np.ndarray, m_new: np.ndarray) -> np.ndarray:
    """The same state on a grid that contains the m of its own: all other levels are merged."""
    middle = 0.5 * (m_new[:-1] + m_new[1:])
    return rows[:, np.searchsorted(m_old, middle) - 1]


def coarse_settings(setting: RandomSetting) -> list[RandomSetting]:
    """The sequence of settings from few levels to the one asked for.

    Coarse grids take every j-th m of the next finer one, so that a non-uniform grid keeps its character and a jump of
    q(x) stays at its m.
    """
    sequence = [setting]
    while sequence[0].levels > COARSEST * 1.6 and fixed_boundaries(setting):
        finer = sequence[0]
        levels = max(COARSEST, int(finer.levels / REFINEMENT))
        picks = np.round(np.linspace(0, finer.levels + 1, levels + 2)).astype(int)[1:-1]
        sequence.insert(0, replace(setting, parisi=tuple(finer.m[picks]), input_overlap=None, output_overlap=None))
    return sequence


def fixed_boundaries(setting: RandomSetting) -> bool:
    """True if inputs and outputs are fixed patterns (q = 1)."""
    return min(setting.input_overlap) == 1.0 == min(setting.output_overlap)
