"""The saddle-point equations of the random setting as fixed-point maps of rows of overlaps Q(1), q(1), Q(2), …, Q(L).

Symmetric closure (T11) or directed closure (T12), undamped and simultaneous. Where input and output are alike to the
equations the map also comes folded to the independent rows of mirrored states (`mirror`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gardner.model import RandomSetting
from gardner.theory.closures import directed, symmetric
from gardner.theory.closures.symmetric import ChainState
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.search import mirror
from gardner.theory.search.fixed_point import FixedPointMap, Iterate, MapValue
from gardner.theory.search.increments import transform_blocks


def boundary_state(setting: RandomSetting) -> ChainState:
    """A state with the imposed boundary overlaps and empty interior."""
    depth, count = setting.network.depth, setting.levels + 1
    q_li = np.zeros((depth + 1, count))
    q_li[0], q_li[-1] = setting.input_overlap, setting.output_overlap
    return ChainState(q_li, np.zeros((depth, count)))


def closure_of(setting: RandomSetting):
    """The module with `evaluate`, `free_entropy` and `gap_factors` of the setting's closure."""
    return {"symmetric": symmetric, "directed": directed}[setting.closure]


def chain_map(setting: RandomSetting, grid: GridSettings) -> FixedPointMap:
    """The undamped map (T11) or (T12) on the rows Q(1), q(1), …, Q(L)."""
    base = boundary_state(setting)

    def function(rows, with_jacobian):
        value = closure_of(setting).evaluate(base.replaced(rows), setting, grid, with_jacobian)
        return MapValue(value.image.unknowns(), value.jacobian, value)

    return function


def mirrored_setting(setting: RandomSetting) -> bool:
    """True if input and output are alike to the equations: symmetric closure, equal boundaries."""
    return setting.closure == "symmetric" and setting.input_overlap == setting.output_overlap


def mirrored_map(setting: RandomSetting, grid: GridSettings) -> FixedPointMap:
    """The same map on the independent rows of a mirrored state (`mirror`), at half the cost."""
    base = boundary_state(setting)
    count = 2 * setting.network.depth - 1

    def function(rows, with_jacobian):
        value = symmetric.evaluate(base.replaced(mirror.unfold(rows)), setting, grid, with_jacobian, mirrored=True)
        blocks = None if value.jacobian is None else mirror.fold_blocks(value.jacobian, count)
        return MapValue(mirror.fold(value.image.unknowns()), blocks, value)

    return function


def unfolded(state: Iterate) -> Iterate:
    """The full state behind one of `mirrored_map`."""
    value = state.value.payload
    blocks = None if value.jacobian is None else transform_blocks(value.jacobian)
    full = MapValue(value.image.unknowns(), value.jacobian, value)
    return replace(state, x_ri=mirror.unfold(state.x_ri), value=full, blocks=blocks)
