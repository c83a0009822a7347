"""Continuous transitions: where the layer next to a solid front turns solid (T19)–(T21), (T23).

Small overlaps of liquid layers obey linear equations, whose coefficients depend on the solid layers
beside them. The liquid gives way where the leading eigenvalue λ of these equations reaches 1. They
are read off the map of a chain in which the liquid overlaps vanish: `Stage.growth` is λ² of the
block of its Jacobian that belongs to them. A small spin overlap and a small bond overlap usually
feed each other, one step of the map each, and λ² is the growth over both steps. With g = (2/π)² =
G(0)² this gives

* symmetric: λ² = αg [q(l-1)² + q(l+1)²] for a spin between bonds l and l+1, its neighbours solid or
  zero;
* directed: λ² = αg q_f(l)² for bond l, where q_f(l) = E tanh(q̂ + sqrt(q̂) z) is the overlap that
  spin l has from the forward field alone, while its own Λ(l) = Q(l) q(l-1) still vanishes. Bond 2
  also profits from the given input: λ = 1 where αg q_f(2)² (1 + αg) = 1.

*Solid layers.* With j bond layers solid a front is a chain of j bonds whose inner end is a free
spin: nothing comes back from the liquid at this order, and fronts do not see one another.
`closure.fronts_from` says from which ends they grow.

*Half-infinite front.* α_{j+1} is the root of λ(α) = 1 in front of j solid layers; α_1 = (π/2)².

*Finite net.* The layers between the fronts turn solid one after another, at both ends at once where
both go unstable at the same α, until no liquid spin is left. The last transition is that of (T23).
With an odd number of bonds the two symmetric fronts meet in a bond layer, which solidifies with its
spins and has no transition of its own.

Each root is bracketed: a front grows with α from its own transition on. A sequence may end where a
front advances by a jump, at a fold of its own branch; such a step is no continuous transition and
is not listed.

*Deep fronts.* Far behind its tip Q is close to 1. In `directed` q then falls by 2/π per layer, so
that α_{j+1}/α_j → (π/2)²: the front penetrates as ln α. In `symmetric` small overlaps obey q(l) =
(2/π) [q(l-1) + q(l+1)], and 4/π > 1: a liquid with Q = 1 is unstable, the tail of a front tends to
a homogeneous solid of q = 0.27, the α_j crowd together, and with 15 solid layers the front moves by
a jump at α = 1024.73.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from gardner.errors import ConvergenceError
from gardner.model import CLOSURES, whole
from gardner.runtime.progress import tell
from gardner.theory.closures.base import Closure, Layers
from gardner.theory.planted.chain import PlantedChain
from gardner.theory.planted.solve import MAX_ALPHA, checked_net
from gardner.theory.search.monotone import leading_eigenvalue, liquid_start, settle
from gardner.theory.transitions.pieces import check_pieces, check_repeats

MAX_COUNT = 20
SEEN = 4  # liquid bond layers that a stage keeps: enough for units next to either end and for one between
_LOWEST = 1e-3  # no liquid gives way below this α
_ROOT = 1e-13
_LOST_GROWTH = 1e-4  # 1 - growth, 1e-9 below a root, that tells a discontinuous passage from a continuous one
_TOGETHER = 1e-6  # eigenvalues within this of the largest one belong to the same transition


class PlantedFront:
    """`layers` solid bond layers grown from one end, "input" or "output", into a liquid; a free spin at the tip."""

    def __init__(self, closure: Closure, end: str, layers: int, weights: str = "spherical"):
        free = {"input_free": end == "output", "output_free": end == "input"}
        self.chain = PlantedChain(closure, Layers(layers, **free), prior=weights)
        self._known = [(0.0, liquid_start(self.chain))]

    def state(self, alpha: float) -> np.ndarray:
        """The stable state of the front."""
        tell(f"front of {self.chain.depth} solid layers, α = {alpha:.8g}")
        # the front grows with α, so that any front of smaller α may be climbed from
        start = max((known for known in self._known if known[0] <= alpha), key=lambda known: known[0])[1]
        state = settle(self.chain, alpha, start, 1e-13).state
        self._known.append((alpha, state))
        return state


class Stage:
    """A net with `solid` bond layers, by the ends from which they grow, and a liquid between them.

    depth: bond layers of the net; None: half-infinite, one front and a free end far away. Liquid layers beyond SEEN
    are left out, because overlaps far from both ends are of second order. ValueError for a closure that gives a front,
    or the liquid that is kept, other sectors than the net has there (`pieces`).
    """

    def __init__(self, closure: Closure, depth: int | None, solid: dict[str, int], weights: str = "spherical"):
        self.solid = solid
        before, after = solid.get("input", 0), solid.get("output", 0)
        liquid = SEEN if depth is None else min(SEEN, depth - before - after)
        total = before + liquid + after
        free = {f"{end}_free": depth is None and end not in solid for end in ("input", "output")}
        self.chain = PlantedChain(closure, Layers(total, **free), prior=weights)
        self._next = {"input": before + 1, "output": total - after - 1}  # spins that a front reaches next
        whole_net = Layers(total + 1 if depth is None else depth, **free)
        if whole_net.depth > total:  # liquid layers are left out, all of them like one in the middle of those kept
            check_repeats(closure, self.chain.layers, whole_net, before + 2)

        # where the overlaps of the fronts stand in the chain; all others are liquid
        place = {overlap: i for i, overlap in enumerate(self.chain.order)}
        self._fronts, pieces = [], {}
        for end in (end for end, count in solid.items() if count):
            front, first = PlantedFront(closure, end, solid[end], weights), total - after if end == "output" else 0
            places = [place[name, l + first] for name, l in front.chain.order]
            spins = slice(first, first + front.chain.depth + 1)
            self._fronts.append((front, places, spins))
            pieces[end] = front.chain.layers, solid[end]
        check_pieces(closure, self.chain.layers, pieces)
        hard = {i for _, places, _ in self._fronts for i in places}
        self._liquid = [i for i in place.values() if i not in hard]

    def block(self, alpha: float) -> np.ndarray:
        """The linear equations of the liquid overlaps: their Jacobian beside the solid layers at α."""
        chain = self.chain
        state, field_l = np.zeros(chain.size), np.zeros(chain.depth + 1)
        for front, places, spins in self._fronts:
            solid = front.state(alpha)
            state[places] = solid[: len(places)]
            field_l[spins] += front.chain.fields(solid)
        state[len(chain.order) :] = np.log1p(field_l[chain.site_layers])
        return chain.stability_matrix(chain.image(state, alpha))[np.ix_(self._liquid, self._liquid)]

    def growth(self, alpha: float) -> float:
        """λ², by which small liquid overlaps are multiplied in two steps of the map."""
        return leading_eigenvalue(self.block(alpha)) ** 2

    def advance(self, alpha: float) -> dict[str, int]:
        """The solid layers beyond the transition at α: one more at every end whose next spin is unstable there."""
        values, vectors = np.linalg.eig(self.block(alpha))
        growing = np.sum(np.abs(vectors[:, np.real(values) > np.max(np.real(values)) - _TOGETHER]), axis=1)
        grown = {self.chain.order[i] for i, size in zip(self._liquid, growing) if size > _TOGETHER}
        return {end: count + (("q", self._next[end]) in grown) for end, count in self.solid.items()}


def _root(growth, low: float) -> float | None:
    """The α > low where growth(α) passes through 1; None beyond MAX_ALPHA, or where it jumps over 1."""
    high = 1.5 * low
    while growth(high) < 1:
        high *= 1.5
        if high > MAX_ALPHA:
            return None

    def excess(log_alpha):
        return np.log(max(growth(np.exp(log_alpha)), 1e-300))

    root = float(np.exp(brentq(excess, np.log(low), np.log(high), xtol=_ROOT)))
    return root if growth(root * (1 - 1e-9)) > 1 - _LOST_GROWTH else None


def front_transitions(closure: str = "symmetric", count: int = 8, weights: str = "spherical") -> list[float]:
    """The first `count` of α_1 < α_2 < … of a half-infinite front.

    Fewer where the next one is beyond MAX_ALPHA, or where the front gives way discontinuously before it.
    """
    part = CLOSURES[closure]
    end, transitions = part.fronts_from[0], []
    for layers in range(whole("count", count, 1, MAX_COUNT)):
        following = _root(Stage(part, None, {end: layers}, weights).growth, transitions[-1] if transitions else _LOWEST)
        if following is None:
            break
        transitions.append(following)
    return transitions


def net_transitions(depth: int, closure: str = "symmetric", weights: str = "spherical") -> list[float]:
    """Continuous transitions of the liquid branch of a finite net, in increasing order; none at depth 1.

    ConvergenceError if the liquid of the closure gives way where it declares no front.
    """
    chain = checked_net(depth, closure, weights=weights)
    solid, transitions = dict.fromkeys(chain.closure.fronts_from, 0), []
    while sum(solid.values()) < chain.depth - 1:  # a liquid spin is left
        stage = Stage(chain.closure, chain.depth, solid, weights)
        following = _root(stage.growth, transitions[-1] if transitions else _LOWEST)
        if following is None:
            break
        transitions.append(following)
        solid = stage.advance(following)
        if solid == stage.solid:
            raise ConvergenceError(f"closure {closure!r}: at α = {following:.6g} no declared front advances")
    return _until_jump(chain, transitions)


def _until_jump(chain: PlantedChain, transitions: list[float]) -> list[float]:
    """Keep the transitions that the liquid branch of the net reaches before it jumps to larger overlaps.

    Just below a genuine transition the liquid branch still holds a spin of overlap exactly zero.
    """
    kept = []
    for alpha in transitions:
        liquid = settle(chain, alpha * (1 - 1e-6), liquid_start(chain)).state
        if np.min(chain.overlaps(liquid).q_l) > 0:
            break
        kept.append(alpha)
    return kept
