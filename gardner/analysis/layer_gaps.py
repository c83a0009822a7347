"""The gap distributions of all layers of a saved solution as one result: `gardner show run.nc --gaps`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gardner.analysis.gaps import GapDistribution, planted_gaps, solution_gaps
from gardner.model import CLOSURES
from gardner.potentials import Potential, read_potential
from gardner.potentials.hard import HardCore
from gardner.registry import Registry
from gardner.results.base import Result, labelled
from gardner.results.tables import print_table
from gardner.results.warnings import SolutionWarning

CONTACTS = (
    "contacts: probability that the field of the innermost cluster lies beyond the wall, h < κ: the weight of\n"
    "δ(r-κ) where 1-Λ_EA → 0 and their <r-κ> is of that order; no sign of a peak while 1-Λ_EA is of order 1"
)


@dataclass(frozen=True, eq=False)
class LayerGaps(Result):
    """P(r, l) of every bond layer of one solution, all at the same gaps r; the header is that of the solution."""

    closure: str = labelled(type=CLOSURES)
    alpha: float
    depth: int
    setting: str
    core: Potential = labelled(hidden=True)
    gaps: tuple[GapDistribution, ...] = labelled(axes="bond_layer", entry=GapDistribution, index="layer")
    status: str
    seconds: float = field(compare=False)
    parameters: dict = field(default_factory=dict)
    seed: int | None = None
    command: str = "solve random"
    warnings: tuple[SolutionWarning, ...] = ()  # those of the solution

    kind = "gaps"
    drawing = "gardner.plotting.results:gap_distributions"
    saving = "gardner.plotting.results:save_gap_distributions"

    def body(self) -> dict:
        """The entries of the document: r once, everything else per layer."""
        body = super().body()
        return body | self.core.attributes | {"gaps": _r_once(body["gaps"])}

    @classmethod
    def from_body(cls, body: dict, **header) -> LayerGaps:
        """The inverse of `body`."""
        r, layers = body["gaps"]["r"], body["gaps"]["layers"]
        core = read_potential(body)
        return super().from_body(body | {"gaps": [layer | {"r": r} for layer in layers]}, core=core, **header)

    @classmethod
    def document_of(cls, dataset) -> dict:
        """The document in a Dataset of `to_dataset`."""
        document = super().document_of(dataset)
        return document | {"gaps": _r_once(document["gaps"])}

    def tell(self) -> None:
        """Print a table of the numbers per layer."""
        print(
            f"{self.setting} setting, {self.closure} closure: α = {self.alpha:g}, L = {self.depth}, {self.core.label}"
        )
        columns = ["l", "1-Λ_EA", "P(κ+)", "<r>", "contacts", "their <r-κ>", "P(r<κ)", "energy"]
        rows = [
            [str(gap.layer), f"{gap.width:.4e}"]
            + [f"{value:.8f}" for value in (gap.wall_density, gap.mean, gap.contact_weight)]
            + [f"{gap.contact_distance:.4e}", f"{gap.negative_weight:.6f}", f"{gap.energy:.4e}"]
            for gap in self.gaps
        ]
        print_table("gaps by bond layer", columns, rows)
        print(CONTACTS)
        if self.setting == "planted":
            print("exact (Nishimori): P(r) = 2 N(r;0,1) in every layer, closure and branch")
            return
        worst = max(max(gap.normalisation_error, gap.identity_error) for gap in self.gaps)
        print(f"checks: normalisation and <r> = F (1-∫Λ dx) hold to {worst:.1e}")


def _r_once(rows: list[dict]) -> dict:
    """Entries of layers that share r, as a document holds them."""
    layers = [{key: value for key, value in row.items() if key != "r"} for row in rows]
    return {"r": rows[0]["r"], "layers": layers}


def gaps_of(solution, file: Path | None = None) -> LayerGaps:
    """P(r, l) of a solution of either setting; of a planted one, that of its stable branch.

    ValueError for other kinds of result (`file`: where this one was read), for the directed closure with random
    patterns, and for a status no_solution.
    """
    if solution.kind not in GAPS:
        raise ValueError(f"{file}: holds no solution; give a file written by `solve random` or `solve planted`")
    setting, gaps, core = GAPS[solution.kind](solution)
    alpha, depth = (solution.document()[name] for name in ("alpha", "depth"))
    header = {name: getattr(solution.header, name) for name in ("status", "seconds", "parameters", "seed", "command")}
    header |= {"warnings": solution.warnings}
    return LayerGaps(solution.closure, alpha, depth, setting, core, tuple(gaps), **header)


def _of_random(solution):
    return "random", solution_gaps(solution), solution.setting.potential


def _of_planted(solution):
    branch = solution.equilibrium
    return "planted", planted_gaps(solution.closure, branch.q_l, branch.Q_l), HardCore()


GAPS = Registry("kind", **{"solve random": _of_random, "solve planted": _of_planted})
