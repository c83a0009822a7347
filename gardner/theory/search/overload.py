"""Searches that run into frozen overlaps: is there a volume at all, and which saddle point does the grid of m have?

Where the load is high the dynamics from small overlaps freezes level after level, 1 - q_k → 0, each step on nodes
that grow with the fields. Two short searches on coarser grids answer first.

* k = 0. A replica-symmetric state is a state of every grid, its levels merged. Where its branch has ended, s → -∞ as
  Q, q → 1, the free entropy of every larger k is unbounded below too, and for n → 0 the smallest s is the physical
  one: with the hard core no allowed state is left.
* k = 1 at the m_1 of the grid. A level that freezes at m_1 leaves nothing for the levels above it to tell apart: they
  are merged with it, and merged levels cost nothing. The search on the full grid goes on from there and opens every
  merged level that is unstable.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gardner.errors import FrozenError
from gardner.model import CLOSURES
from gardner.theory.search.fixed_point import FixedPointMap, Iterate, MapValue
from gardner.theory.search.maps import chain_map

NARROW = 5e-2  # 1 - x_k of a row at which the search asks whether there is a volume …
FREEZING = 1e-2  # … and at which it takes the row for freezing …
MOVING = 1e-2  # … while the residual is still larger than this
GONE = 1e-6  # … and in a search that only asks for a volume: the branch has ended if F drives it further out
ROUNDED = 1e-12, 25  # 1 - Q below which s and the next step are round-off, and states in a row that end a search
WORK = 4e8  # nodes × functions spent after that before the search is reported as stalled: some 35 s
WORTH_CHECKING = 2e7  # work of one evaluation beyond which a state that is no solution is not examined further
PATIENCE = 60  # evaluations after which a search whose 1 - Q is below GONE asks whether there is a volume
REFUSALS = 15  # states outside the domain (Q, q → 1) that one directed search may run into before it is given up
DRIVEN_OUT = 0.02  # relative fall of 1 - x that F asks for, at which the first refusal is enough at k = 0


class SearchEndedError(Exception):
    """A search on one grid ends at its newest state, with this status."""

    def __init__(self, status: str):
        super().__init__(status)
        self.status = status


class OverloadError(Exception):
    """The search has met freezing overlaps far from any fixed point; `state`: its end, where there is no volume."""

    def __init__(self, state: Iterate | None = None):
        super().__init__("overlaps freeze far from any fixed point")
        self.state = state


def _is_driven_out(state: Iterate) -> bool:
    """True if F asks some 1 - x_k to fall by more than DRIVEN_OUT of itself."""
    return bool((state.residual_ri[:, -1] > DRIVEN_OUT * (1.0 - state.x_ri[:, -1])).any())


def look_out(search, state: Iterate) -> None:
    """Raise OverloadError or SearchEndedError if the search had better not go on from this state of it."""
    if search.spare_work is not None:
        search.spare_work -= state.value.payload.work
        if search.spare_work < 0.0:
            raise SearchEndedError("stalled")
    room = float((1.0 - state.x_ri[:, -1]).min())
    search.rounded = search.rounded + 1 if (1.0 - state.x_ri[0::2, -1] < ROUNDED[0]).any() else 0
    if search.rounded > ROUNDED[1]:
        search.rounded = 0
        raise SearchEndedError("no_solution")
    if search.brief and room < GONE and _is_driven_out(state):
        raise SearchEndedError("no_solution")
    if state.evaluations > PATIENCE and (1.0 - state.x_ri[0::2, -1]).min() < GONE:
        _ask(search)
    if not search.watchful or state.residual < MOVING:
        return
    if room < NARROW:
        _ask(search)
    if room < FREEZING:
        raise OverloadError


def _ask(search) -> None:
    """Raise OverloadError with the end of the search if there is no volume; a search asks once."""
    if search.asked:
        return
    search.asked = True
    ended = refusal(search)
    if ended is not None:
        raise OverloadError(ended)


def guarded(search, stage) -> FixedPointMap:
    """The map of a stage; a directed one ends the search after REFUSALS states outside the domain.

    The fields of that closure diverge long before 1 - Λ is round-off, and their cost with them. At k = 0 the first
    refusal is enough if F drives the overlaps out of the domain.
    """
    function, refused = chain_map(stage, search.grid), 0

    def watched(rows, with_jacobian):
        nonlocal refused
        try:
            return function(rows, with_jacobian)
        except FrozenError:
            refused += 1
            if CLOSURES[stage.closure].has_sites and search.last is not None:
                driven_out = not stage.levels and _is_driven_out(search.last[1])
                if driven_out or refused > REFUSALS:
                    raise SearchEndedError("no_solution") from None
            raise

    return watched


def _merged(rows: np.ndarray, levels: int) -> np.ndarray:
    """Rows of k levels on a grid of more: the last one is merged with all those above it."""
    return np.concatenate([rows, np.repeat(rows[:, -1:], levels + 1 - rows.shape[1], axis=1)], axis=1)


def on_grid(state: Iterate, levels: int) -> Iterate:
    """A state of few levels as one of a grid of more."""
    if state.x_ri.shape[1] == levels + 1:
        return state
    value = MapValue(_merged(state.value.image_ri, levels), None, state.value.payload)
    return replace(state, x_ri=_merged(state.x_ri, levels), value=value, blocks=None)


def refusal(search) -> Iterate | None:
    """The end of the replica-symmetric branch as a state with status "no_solution", or None if it has not ended.

    Of a constraint only: where gaps below κ are allowed at some price there is a solution at any load.
    """
    setting = search.setting
    if not setting.potential.is_constraint or not setting.levels:
        return None
    stage = replace(setting, parisi=(), input_overlap=None, output_overlap=None)
    state = search.ask(stage)
    if not search.has_ended(state, stage):
        return None
    return replace(on_grid(state, setting.levels), status="no_solution")


def from_first_level(search) -> Iterate | None:
    """The fixed point reached from k = 1 at the same m_1; None where none is found, or k = 1 is all there is."""
    setting = search.setting
    if setting.levels < 2:
        return None
    state = search.begin(replace(setting, parisi=setting.parisi[:1], input_overlap=None, output_overlap=None))
    if state.status != "converged":
        return None
    state = search.go_on(_merged(state.x_ri, setting.levels))
    return state if state.status == "converged" else None
