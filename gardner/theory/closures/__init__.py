"""Closures: which sectors sit where in the net, and which product of overlaps each of them reads.

A closure is one file here and one line in `CLOSURES`. Everything else follows from its declaration (`base.Closure`):
the saddle-point map, its Jacobian and the free entropy in both settings (`chain`, `planted.chain`), the mirror
symmetry, the transitions of its fronts and the fluctuations in the liquid (`liquid`).
"""

from gardner.model import CLOSURES
from gardner.theory.closures.base import Closure, Layers, Overlap, Sector, place_bonds

__all__ = ["CLOSURES", "Closure", "Layers", "Overlap", "Sector", "place_bonds"]
