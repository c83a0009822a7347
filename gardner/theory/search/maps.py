"""The saddle-point equations as fixed-point maps of rows of overlaps Q(1), q(1), Q(2), …, Q(L).

Where input and output are alike to the equations the map also comes folded to the independent rows of mirrored states
(`mirror`), at half the cost.
"""

from __future__ import annotations

from dataclasses import replace

from gardner.model import RandomSetting
from gardner.theory.chain import evaluate, impose_boundaries
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.search import mirror
from gardner.theory.search.fixed_point import FixedPointMap, Iterate, MapValue
from gardner.theory.search.increments import transform_blocks


def chain_map(setting: RandomSetting, grid: GridSettings) -> FixedPointMap:
    """The undamped map (T11) or (T12) on all rows; the payload of its values is a ChainValue."""
    base = impose_boundaries(setting)

    def function(rows, with_jacobian):
        value = evaluate(base.replaced(rows), setting, grid, with_jacobian)
        return MapValue(value.image.unknowns(), value.jacobian, value)

    return function


def mirrored_map(setting: RandomSetting, grid: GridSettings) -> FixedPointMap:
    """The same map on the independent rows of a mirrored state, for settings that `chain.is_mirrored`."""
    base = impose_boundaries(setting)
    count = 2 * setting.network.depth - 1

    def function(rows, with_jacobian):
        value = evaluate(base.replaced(mirror.unfold(rows)), setting, grid, with_jacobian, mirrored=True)
        blocks = None if value.jacobian is None else mirror.fold_blocks(value.jacobian, count)
        return MapValue(mirror.fold(value.image.unknowns()), blocks, value)

    return function


def unfold_state(state: Iterate) -> Iterate:
    """The full state behind one of `mirrored_map`."""
    value = state.value.payload
    blocks = None if value.jacobian is None else transform_blocks(value.jacobian)
    full = MapValue(value.image.unknowns(), value.jacobian, value)
    return replace(state, x_ri=mirror.unfold(state.x_ri), value=full, blocks=blocks)
