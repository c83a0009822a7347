"""The saddle point of the random setting, assembled from the sectors that a closure declares.

Unknown are the overlaps along the chain, Q(1), q(1), Q(2), …, Q(L), each a row of RSB levels i = 0…k. With
x → F(x) the undamped, simultaneous map (T11), (T12):

    Λ_i = product of the overlaps that a gap or a site reads,      G_i = its strength,
    x̂_i = Σ_readers G_i ∂Λ_i/∂x_i  (times α for bonds),             F(x)_i = what the sector that owns x answers to x̂.

A site needs a field before it has a strength; the sectors are therefore evaluated in an order in which every field is
known in time (`Plan.order`). In the directed closure this is the sweep from the output to the input.

The Jacobian is carried forward with the values: the derivative of every product, strength and field is kept by columns,
as a matrix or, where level i depends on level i alone, as the vector of its diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from gardner.model import CLOSURES, RandomSetting
from gardner.theory.closures.base import Closure, Layers, Overlap, Sector
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.search.increments import Blocks
from gardner.theory.sectors import SECTORS
from gardner.theory.sectors.base import Contribution, Inputs

Columns = dict[int, np.ndarray]  # derivative by the unknown of each number: (k+1, k+1), or its diagonal (k+1,)
Fields = dict[Overlap, np.ndarray]


@dataclass(frozen=True)
class ChainState:
    """Overlaps of all layers: q_li (L+1, k+1) with the boundary rows 0 and L, Q_li (L, k+1)."""

    q_li: np.ndarray
    Q_li: np.ndarray

    @property
    def depth(self) -> int:
        return len(self.Q_li)

    def row(self, overlap: Overlap) -> np.ndarray:
        """The levels of one overlap, (k+1,)."""
        name, l = overlap
        return self.q_li[l] if name == "q" else self.Q_li[l - 1]

    def unknowns(self) -> np.ndarray:
        """Q(1), q(1), Q(2), …, Q(L) as rows, shape (2L-1, k+1)."""
        rows = np.empty((2 * self.depth - 1, self.Q_li.shape[1]))
        rows[0::2] = self.Q_li
        rows[1::2] = self.q_li[1:-1]
        return rows

    def replaced(self, rows: np.ndarray) -> ChainState:
        """The state with its unknowns replaced, boundaries kept."""
        q_li = self.q_li.copy()
        q_li[1:-1] = rows[1::2]
        return ChainState(q_li, rows[0::2].copy())


def impose_boundaries(setting: RandomSetting) -> ChainState:
    """A state with the imposed boundary overlaps and empty interior."""
    depth, count = setting.network.depth, setting.levels + 1
    q_li = np.zeros((depth + 1, count))
    q_li[0], q_li[-1] = setting.input_overlap, setting.output_overlap
    return ChainState(q_li, np.zeros((depth, count)))


@dataclass(frozen=True)
class ChainValue:
    """One evaluation of the map: image F(x), conjugate fields, free entropy, Jacobian blocks {(row, column): matrix}.

    work: nodes of flows in two fields times the functions carried on them, 0 where all fields have one dimension.
    """

    image: ChainState
    fields: Fields
    free_entropy: float
    jacobian: Blocks | None
    work: float = 0.0


@dataclass(frozen=True)
class Plan:
    """The sectors of a net in an order of evaluation, and who reads what.

    number: of every unknown along the chain; readers: the sectors (by place in `sectors`) that read an overlap;
    twins: the place of the mirror image of every sector, or None where the closure has no mirror symmetry.
    """

    sectors: tuple[Sector, ...]
    number: dict[Overlap, int]
    readers: dict[Overlap, tuple[int, ...]]
    twins: tuple[int, ...] | None


@lru_cache(maxsize=64)
def plan_chain(closure: Closure, depth: int, input_free: bool = False, output_free: bool = False) -> Plan:
    """The plan of a net of `depth` bond layers; ValueError if the declared sectors cannot be put in order."""
    layers = Layers(depth, input_free, output_free)
    waiting, placed = closure.checked_sectors(layers), []

    # a sector with an own overlap waits until all readers of that overlap have a strength
    while waiting:
        ready = [s for s in waiting if not any(s.own in other.reads for other in waiting if s.own is not None)]
        if not ready:
            raise ValueError(f"closure = {closure.name!r}: its sectors need one another's fields in a circle")
        placed += ready
        waiting = [sector for sector in waiting if sector not in ready]

    number = {overlap: r for r, overlap in enumerate(layers.overlaps)}
    readers = {
        x: tuple(i for i, sector in enumerate(placed) if x in sector.reads) for sector in placed for x in [sector.own]
    }
    return Plan(tuple(placed), number, readers, find_twins(placed, depth))


def find_twins(sectors: list[Sector], depth: int) -> tuple[int, ...] | None:
    """Where the mirror image of every sector stands, q(l) ↔ q(L-l), Q(l) ↔ Q(L+1-l); None if one is missing."""

    def mirror(overlap: Overlap | None) -> Overlap | None:
        return overlap and (overlap[0], (depth if overlap[0] == "q" else depth + 1) - overlap[1])

    def key(sector: Sector, through=lambda overlap: overlap):
        return sector.kind, frozenset(map(through, sector.reads)), through(sector.own)

    place = {key(sector): i for i, sector in enumerate(sectors)}
    twins = [place.get(key(sector, mirror)) for sector in sectors]
    return None if None in twins else tuple(twins)


def is_mirrored(setting: RandomSetting) -> bool:
    """True if input and output are alike to the equations: sectors that have mirror images, equal boundaries."""
    plan = plan_chain(CLOSURES[setting.closure], setting.network.depth)
    return plan.twins is not None and setting.input_overlap == setting.output_overlap


class Sweep:
    """One pass over the sectors of a net; `derivatives` are carried along if they are asked for."""

    def __init__(self, state: ChainState, setting: RandomSetting, grid: GridSettings, with_jacobian: bool):
        self.plan = plan_chain(CLOSURES[setting.closure], state.depth)
        self.state, self.setting, self.grid, self.with_jacobian = state, setting, grid, with_jacobian
        self.said: list[Contribution | None] = [None] * len(self.plan.sectors)
        self.strength_columns: list[Columns] = [{} for _ in self.plan.sectors]
        self.fields: Fields = {}
        self.blocks: Blocks = {}

    def run(self, mirrored: bool = False) -> None:
        """Evaluate all sectors; `mirrored`: the state is, and a sector may answer for its mirror image."""
        for i, sector in enumerate(self.plan.sectors):
            if sector.own is not None:
                self.fields[sector.own] = self.pull(sector.own)
            twin = self.plan.twins[i] if mirrored else i
            known = self.said[twin] if mirrored else None
            given = self.given_columns(i, sector) if self.with_jacobian and known is None else {}
            # what is only needed for ds/dm holds on to the flow: let go of it
            self.said[i] = known or replace(self.evaluate(sector, any(given.values())), slope_i=None)
            if self.with_jacobian and known is None:
                self.differentiate(i, sector, given)
            elif self.with_jacobian:
                self.reflect(i, twin, sector)

    def evaluate(self, sector: Sector, with_response: bool = False) -> Contribution:
        """What one sector says at the present overlaps and fields."""
        own = sector.own
        inputs = Inputs(
            product_i=multiply([self.state.row(x) for x in sector.reads]) if sector.reads else None,
            field_i=None if own is None else self.fields.get(own),
            own_i=None if own is None else self.state.row(own),
        )
        return SECTORS[sector.kind](inputs, self.setting, self.grid, with_response)

    def scale(self, overlap: Overlap) -> float:
        """What multiplies the pulls on an overlap: a bond hears α perceptrons for every weight."""
        return self.setting.alpha if overlap[0] == "Q" else 1.0

    def rest(self, i: int, *without: Overlap) -> np.ndarray:
        """The product that sector i reads, without these factors: ∂Λ/∂x, ∂²Λ/∂x∂y."""
        others = [self.state.row(x) for x in self.plan.sectors[i].reads if x not in without]
        return multiply(others) if others else np.ones(self.setting.levels + 1)

    def pull(self, overlap: Overlap) -> np.ndarray:
        """The field x̂_i of an overlap: Σ G_i ∂Λ_i/∂x_i over its readers."""
        total = np.zeros(self.setting.levels + 1)
        for i in self.plan.readers[overlap]:
            total = total + self.said[i].strength_i * self.rest(i, overlap)
        return self.scale(overlap) * total

    def differentiate_pull(self, overlap: Overlap) -> Columns:
        """The derivative of `pull`."""
        columns: Columns = {}
        for i in self.plan.readers[overlap]:
            add_to(columns, scale_rows(self.strength_columns[i], self.rest(i, overlap)))
            for other in self.plan.sectors[i].reads:
                if other != overlap and other in self.plan.number:
                    factor = self.said[i].strength_i * self.rest(i, overlap, other)
                    add_to(columns, {self.plan.number[other]: factor} if factor.any() else {})
        scale = self.scale(overlap)
        return columns if scale == 1.0 else {column: scale * block for column, block in columns.items()}

    def given_columns(self, i: int, sector: Sector) -> dict[str, Columns]:
        """Derivatives of what sector i is given, "product" and "field", without what vanishes (in liquid layers)."""
        product = {self.plan.number[x]: self.rest(i, x) for x in sector.reads if x in self.plan.number}
        return {
            "product": {column: rest for column, rest in product.items() if rest.any()},
            "field": {} if sector.own is None else self.differentiate_pull(sector.own),
        }

    def differentiate(self, i: int, sector: Sector, given: dict[str, Columns]) -> None:
        """Columns of the strength of a sector, and the row of its image in the Jacobian."""
        outputs: dict[str, Columns] = {"strength": {}, "image": {}}
        for (output, name), response in self.said[i].responses.items():
            add_to(outputs[output], apply_response(response, given[name]))
        self.strength_columns[i] = outputs["strength"]
        if sector.own is not None:
            row = self.plan.number[sector.own]
            self.blocks |= {(row, column): as_matrix(block) for column, block in outputs["image"].items()}

    def reflect(self, i: int, twin: int, sector: Sector) -> None:
        """The same of a sector whose mirror image has been differentiated."""
        last = len(self.plan.number) - 1
        self.strength_columns[i] = {last - c: block for c, block in self.strength_columns[twin].items()}
        if sector.own is not None:
            row = self.plan.number[sector.own]
            images = {c: block for (r, c), block in self.blocks.items() if r == last - row}
            self.blocks |= {(row, last - c): block for c, block in images.items()}

    def free_entropy(self) -> float:
        """s per N·M, the sum of what all sectors said."""
        return float(sum(contribution.free_entropy for contribution in self.said))


def multiply(factors: list[np.ndarray]) -> np.ndarray:
    """The product of a few arrays; `np.prod` of a list takes five times as long at these sizes."""
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product


def scale_rows(columns: Columns, factor_i: np.ndarray) -> Columns:
    """diag(factor) times every block; nothing where the factor vanishes."""
    if not factor_i.any():
        return {}
    return {c: factor_i * b if b.ndim == 1 else factor_i[:, None] * b for c, b in columns.items()}


def apply_response(response_ji: np.ndarray, columns: Columns) -> Columns:
    """response times every block."""
    return {c: response_ji * b[None, :] if b.ndim == 1 else response_ji @ b for c, b in columns.items()}


def as_matrix(block: np.ndarray) -> np.ndarray:
    """A block of the Jacobian, whichever way it was kept."""
    return np.diag(block) if block.ndim == 1 else block


def add_to(total: Columns, part: Columns) -> None:
    """total += part, diagonals kept as vectors as long as nothing else is added to them."""
    for column, block in part.items():
        if column not in total:
            total[column] = block
        elif total[column].ndim == block.ndim:
            total[column] = total[column] + block
        else:
            matrix, diagonal = (block, total[column]) if block.ndim == 2 else (total[column], block)
            total[column] = matrix.copy()
            np.einsum("ii->i", total[column])[...] += diagonal


def evaluate(
    state: ChainState, setting: RandomSetting, grid: GridSettings, with_jacobian: bool = False, mirrored: bool = False
) -> ChainValue:
    """The undamped, simultaneous map of all q(l), Q(l) with its free entropy. (T11), (T12); (T2), (T4)

    mirrored: the caller knows that q(L-l) = q(l) and Q(L+1-l) = Q(l); sectors of one half then serve for both.
    """
    sweep = Sweep(state, setting, grid, with_jacobian)
    sweep.run(mirrored)
    rows = np.empty((len(sweep.plan.number), setting.levels + 1))
    for sector, said in zip(sweep.plan.sectors, sweep.said):
        if sector.own is not None:
            rows[sweep.plan.number[sector.own]] = said.image_i
    work = sum(said.work for said in sweep.said)
    blocks = sweep.blocks if with_jacobian else None
    return ChainValue(state.replaced(rows), sweep.fields, sweep.free_entropy(), blocks, work)


def free_entropy(state: ChainState, fields: Fields, setting: RandomSetting, grid: GridSettings) -> float:
    """s per N·M as a function of independent overlaps and fields, not only at the fixed point. (T2), (T4)"""
    sweep = Sweep(state, setting, grid, False)
    sweep.fields = fields
    return float(sum(sweep.evaluate(sector).free_entropy for sector in sweep.plan.sectors))


def parisi_gradient(state: ChainState, fields: Fields, setting: RandomSetting, grid: GridSettings) -> np.ndarray:
    """ds/dm_i, i = 1…k, at a fixed point (C10); s per N·M. ValueError for a closure with sites: theirs is not known.

    The free entropy is stationary in overlaps and fields there, so that its total derivative along m_i is the explicit
    one, a sum over the sectors:

        ds/dm_i = Σ_bonds (1/α) ∂B/∂m_i + Σ_gaps [E_i φ_i - E_{i-1} φ_{i-1}]/m_i
                + Σ_spins { ½ (q̂_{i-1} q_{i-1} - q̂_i q_i) + [E_i φ_i - E_{i-1} φ_{i-1}]/m_i }.             (C10)
    """
    sweep = Sweep(state, setting, grid, False)
    sweep.fields = fields
    total = np.zeros(setting.levels)
    for sector in sweep.plan.sectors:
        slope_i = sweep.evaluate(sector).slope_i
        if slope_i is None:
            raise ValueError(f"closure = {setting.closure!r}: ds/dm of its {sector.kind} sectors is not known")
        total = total + slope_i()
    return total


def factor_products(state: ChainState, setting: RandomSetting) -> list[list[np.ndarray]]:
    """The factors of Λ_i for every sector that reads, each (k+1,)."""
    plan = plan_chain(CLOSURES[setting.closure], state.depth)
    return [[state.row(x) for x in sector.reads] for sector in plan.sectors if sector.reads]
