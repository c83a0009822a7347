"""The phase diagram of one layer with random patterns in the plane of margin κ and load α.

At every margin the lines of `perceptron.phase_lines`; and the two margins at which the kind of the
first transition changes, where the breaking point of RS is 1 and where its slope vanishes (C35),
(C36):

    κ < -2.0431232697             RS → (states from α_d on) → 1RSB at α_K → full RSB at α_G → no solution at α_c
    -2.0431232697 … -1.4736772411 RS → 1RSB at α_AT → full RSB at α_G → no solution at α_c
    -1.4736772411 … 0             RS → full RSB at α_AT → no solution at α_c
    κ ≥ 0                         RS → no solution at α_c                                      (C43)

These are computed anew each time (`kind_margins`). What a line claims is local: beyond α_G one step
is unstable, and the piece of q(x) that opens is taken for continuous because m < x < 1 there; how
full RSB goes on up to α_c is not said.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from scipy.optimize import brentq

from gardner.checks import checked_margin
from gardner.perceptron.phase_lines import LOWEST, MarginLines, find_capacity, margin_lines, rs_breaking
from gardner.perceptron.replicon import instability
from gardner.potentials.hard import HardCore
from gardner.results.base import Result, labelled
from gardner.results.tables import print_table

UNIT_BREAKING = (-2.2, -1.9)  # brackets of the margins where x = 1 and where dx/dq = 0
FLAT_BREAKING = (-1.6, -1.35)
SHOWN = {  # columns of the table: heading, field
    "α_d": "alpha_dynamic", "α_K": "alpha_static", "α_AT": "alpha_at", "x at α_AT": "breaking",
    "α_G": "alpha_gardner", "α_c": "alpha_c",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class PerceptronPhases(Result):
    """Lines of the phase diagram at L = 1, hard core, a row for each margin.

    Attributes
    ----------
    unit_margin, unit_alpha, unit_capacity : float
        κ and α at which the breaking point of RS is 1, and α_c at this margin.
    flat_margin, flat_alpha, flat_capacity : float
        κ and α at which dx/dq = 0 there, and α_c at this margin.
    rows : tuple
        The lines at each margin.
    status : str
        "converged", or "incomplete" where a line of some margin could not be found (its row
        says which).
    seconds : float
        Wall time.
    parameters : dict
        What was asked for.
    """

    unit_margin: float = labelled("κ at which x = 1 on α_AT")
    unit_alpha: float = labelled("α_AT there")
    unit_capacity: float = labelled("α_c there")
    flat_margin: float = labelled("κ at which dx/dq = 0 on α_AT")
    flat_alpha: float = labelled("α_AT there")
    flat_capacity: float = labelled("α_c there")
    rows: tuple[MarginLines, ...] = labelled(axes="margin", key="lines", entry=MarginLines, index="margin")
    status: str = "converged"
    seconds: float = field(default=0.0, compare=False)
    parameters: dict = field(default_factory=dict)

    kind = "phase-diagram perceptron"
    drawing = "gardner.plotting.perceptron_phases:phase_figure"

    @property
    def command(self) -> str:
        """The command that computes it."""
        return self.kind

    def tell(self) -> None:
        """Print the lines, their kind, and the two margins at which it changes."""
        rows = [
            [f"{row.margin:.5g}", row.transition, *(_short(getattr(row, name)) for name in SHOWN.values())]
            for row in self.rows
        ]
        print_table("one layer, random patterns, hard core", ["κ", "RS ends", *SHOWN], rows)
        print("one-step states appear at α_d, take over at α_K and break up at α_G; α_AT: replica symmetry unstable,")
        print("with the breaking point x there; α_c: capacity; blank where there is no such line")
        print(f"breaking point 1 on α_AT at κ = {self.unit_margin:.10f}, α = {self.unit_alpha:.7f}")
        print(f"slope of the breaking point 0 on α_AT at κ = {self.flat_margin:.10f}, α = {self.flat_alpha:.7f}")
        worst = max(row.error_c / row.alpha_c for row in self.rows)
        print(
            f"α_c to {worst:.0e} of itself; the errors of all lines are in the document (--json) and the file (--out)"
        )
        for row in self.rows:
            if row.status != "converged":
                print(f"κ = {row.margin:g}: {row.status}")


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.7g}"


def kind_margins() -> tuple[float, float]:
    """The margins at which x = 1 and at which dx/dq = 0 on the instability of RS, to 1e-10."""

    def broken(margin):
        potential = HardCore(margin)
        return rs_breaking(instability(potential), potential)

    unit = brentq(lambda margin: broken(margin).breaking - 1.0, *UNIT_BREAKING, xtol=1e-13)
    flat = brentq(lambda margin: broken(margin).slope, *FLAT_BREAKING, xtol=1e-13)
    return unit, flat


def check_margins(margins: Sequence[float]) -> tuple[float, ...]:
    """The margins, increasing; ValueError unless each lies in [LOWEST, 100] and all differ."""
    for margin in margins:
        if checked_margin(margin) < LOWEST:
            raise ValueError(
                f"margin = {margin:g}: must be at least {LOWEST:g} (the steps behind α_c are not resolved below)"
            )
    if len(set(margins)) < len(margins):
        raise ValueError(f"margin = {', '.join(f'{m:g}' for m in margins)}: give each margin once")
    return tuple(sorted(float(margin) for margin in margins))


def perceptron_phases(
    margins: Sequence[float], watch: Callable[[str], None] | None = None, lines: Callable = margin_lines
) -> PerceptronPhases:
    """The phase diagram of one layer, 1 to 3 s for each margin below zero.

    Parameters
    ----------
    margins : sequence of float
        Each in [-3, 100].
    watch : callable, optional
        Sees a line of text before each margin.
    lines : callable
        What computes a row.

    Returns
    -------
    PerceptronPhases
        A row for each margin.

    Raises
    ------
    ValueError
        For margins outside.
    """
    began, rows, margins = time.perf_counter(), [], check_margins(margins)
    for number, margin in enumerate(margins, start=1):
        if watch is not None:
            watch(f"margin {margin:g}, {number} of {len(margins)}")
        rows.append(lines(margin))
    ends = [(margin, instability(HardCore(margin)).alpha, find_capacity(margin)[0]) for margin in kind_margins()]
    status = "converged" if all(row.status == "converged" for row in rows) else "incomplete"
    given = {"margin": list(margins)}
    return PerceptronPhases(*ends[0], *ends[1], tuple(rows), status, time.perf_counter() - began, given)
