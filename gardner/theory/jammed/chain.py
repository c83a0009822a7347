"""A jammed net assembled from the sectors that its closure declares (C50), (C54).

Rows are the overlaps along the chain, Q(1), q(1), Q(2), …, Q(L), each x_0 … x_{k-1} and its room r. A reader of the
product Λ sees ρ = Σ r, since 1 - Λ_k = ε Σ r; its strength G_i pulls on x_i with G_i ∂Λ_i/∂x_i, and G_k on each room.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.model import CLOSURES
from gardner.theory.chain import multiply, plan_chain
from gardner.theory.closures.base import Overlap, Sector
from gardner.theory.jammed.base import JAMMED, Contribution, Inputs, JammedSetting


@dataclass(frozen=True)
class JammedValue:
    """One evaluation at α: the image of all rows; B and R of (C54), S = B/α + R; the fields p_i of all overlaps."""

    image_ri: np.ndarray
    bonds: float
    rest: float
    fields: dict[Overlap, np.ndarray]

    @property
    def alpha(self) -> float:
        """-B/R: where S of these overlaps would vanish; of second order in their errors. nan if it never does."""
        return -self.bonds / self.rest if self.rest < 0.0 else np.nan


class JammedChain:
    """The map of overlaps and rooms to their image at given α; `mirrored`: q(L-l) = q(l) is taken for granted."""

    def __init__(self, setting: JammedSetting):
        self.setting = setting
        self.plan = plan_chain(CLOSURES[setting.closure], setting.depth, setting.input_free, setting.output_free)
        self.mirrored = self.plan.twins is not None
        self.bonds = np.array([row for (name, _), row in self.plan.number.items() if name == "Q"])
        self.spins = np.array([row for (name, _), row in self.plan.number.items() if name == "q"], dtype=int)
        self.end = np.append(np.ones(setting.steps), 0.0)  # given spins: overlap one, no room
        self.middle = {("Q", (setting.depth + 1) // 2), ("q", (setting.depth + 1) // 2)}

    @property
    def rows(self) -> int:
        """2L - 1, and one more for each end that is free."""
        return len(self.plan.number)

    def count(self, sector: Sector) -> int:
        """How often a sector stands in the net: those of the middle layer once more for each of its copies."""
        inside = sector.own in self.middle if sector.own is not None else sorted(self.middle)[0] in sector.reads
        return 1 + self.setting.copies * inside

    def row(self, x_ri: np.ndarray, overlap: Overlap) -> np.ndarray:
        """Overlaps and room of one overlap."""
        place = self.plan.number.get(overlap)
        return self.end if place is None else x_ri[place]

    def product(self, x_ri: np.ndarray, reads: tuple[Overlap, ...]) -> np.ndarray:
        """Λ_i, i < k, and ρ."""
        factors = [self.row(x_ri, x) for x in reads]
        return np.append(multiply([f[:-1] for f in factors]), sum(f[-1] for f in factors))

    def pull(self, x_ri: np.ndarray, said: list, overlap: Overlap, alpha: float) -> np.ndarray:
        """p_0 … p_k: the pulls of all readers, times α on a bond."""
        total = np.zeros_like(self.end)
        for i in self.plan.readers[overlap]:
            others = [self.row(x_ri, x)[:-1] for x in self.plan.sectors[i].reads if x != overlap]
            rest = multiply(others) if others else 1.0
            total = total + said[i].strength_i * np.append(rest * np.ones(len(total) - 1), 1.0)
        return total * (alpha if overlap[0] == "Q" else 1.0)

    def evaluate(self, x_ri: np.ndarray, alpha: float, fields: dict | None = None) -> JammedValue:
        """Image and terms of S; with `fields` given S is that of independent overlaps and fields."""
        said: list[Contribution | None] = [None] * len(self.plan.sectors)
        image_ri, bonds, rest, used = np.empty_like(x_ri), 0.0, 0.0, {}
        for i, sector in enumerate(self.plan.sectors):
            own = sector.own
            if own is not None:
                used[own] = self.pull(x_ri, said, own, alpha) if fields is None else fields[own]
            known = said[self.plan.twins[i]] if self.mirrored else None
            if known is None:
                inputs = Inputs(
                    self.product(x_ri, sector.reads) if sector.reads else None,
                    used.get(own),
                    None if own is None else self.row(x_ri, own),
                )
                known = JAMMED[sector.kind](inputs, self.setting)
            said[i] = known
            if own is not None:
                image_ri[self.plan.number[own]] = known.image_i
            if sector.kind == "bond":
                bonds += self.count(sector) * known.entropy
            else:
                rest += self.count(sector) * known.entropy
        return JammedValue(image_ri, bonds, rest, used)
