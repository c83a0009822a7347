"""The directed closure: a hidden spin is the sign of its own pre-activation, of overlap Λ(l) = Q(l) q(l-1) (T3), (T4).

The field of a hidden spin comes from the layer after it only, so that information travels from the output to the input;
the output, being given, is a gap. The free entropy is Σ_l bond(Q(l)) + Σ_{0<l<L} site(Λ(l); q(l)) + gap(Λ(L)).
A free output is a site on which nothing pulls, a free input a spin without pre-activation.
"""

from __future__ import annotations

import math

from gardner.theory.closures.base import Closure, Layers, Sector, place_bonds


class Directed(Closure):
    """(T3), (T4), saddle point (T12), planted (T15), (T16)."""

    name = "directed"
    label = "directed closure"
    fronts_from = ("output",)
    planted_ratio = math.pi**2 / 4.0

    def sectors(self, layers: Layers) -> list[Sector]:
        depth = layers.depth
        spins = [Sector("spin", own=("q", 0))] if layers.input_free else []
        sites = [Sector("site", (("Q", l), ("q", l - 1)), ("q", l)) for l in layers.hidden if l > 0]
        output = [] if layers.output_free else [Sector("gap", (("Q", depth), ("q", depth - 1)))]
        return [*place_bonds(layers), *spins, *sites, *output]


DIRECTED = Directed()
