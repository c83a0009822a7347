"""The symmetric closure of [Y20]: every perceptron is a gap between free spins, Λ(l) = q(l-1) Q(l) q(l) (T1), (T2).

Input and output enter alike. The free entropy is Σ_l [bond(Q(l)) + gap(Λ(l))] + Σ_{0<l<L} spin(q(l)).
"""

from __future__ import annotations

from gardner.theory.closures.base import Closure, Layers, Sector, place_bonds

HALF_INFINITE = "L ≥ 3"  # a front does not see the far end: the first transition is the same at every L ≥ 3


def remark_on_paper(depth: int | None, first: float) -> str:
    """What Monte Carlo of the liquid and the Bayes inequality (T25) say of this closure."""
    place = HALF_INFINITE if depth is None else f"L = {depth}"
    judges = "Monte Carlo rejects" if depth == 2 else "Monte Carlo and a Bayes inequality reject"
    return (
        f"the symmetric closure is the paper's approximation; beyond its first transition (α = {first:.4g} at {place}) "
        f"{judges} it: see 'Claims of the paper, tested' in the README and, where it is offered, --closure directed"
    )


class Symmetric(Closure):
    """(T1), (T2), saddle point (T11), planted (T13), (T14)."""

    name = "symmetric"
    label = "symmetric closure"
    fronts_from = ("input", "output")
    remark = staticmethod(remark_on_paper)

    def sectors(self, layers: Layers) -> list[Sector]:
        gaps = [Sector("gap", (("q", l - 1), ("Q", l), ("q", l))) for l in range(1, layers.depth + 1)]
        spins = [Sector("spin", own=("q", l)) for l in layers.hidden]
        return [*place_bonds(layers), *gaps, *spins]


SYMMETRIC = Symmetric()
