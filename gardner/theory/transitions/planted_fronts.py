"""Continuous transitions: where the layer next to a solid front turns solid (T19)–(T21), (T23).

A liquid layer next to solid ones obeys equations linear in its small q and Q. With g = (2/π)² = G(0)² they
read

* symmetric: spin l between bonds l and l+1, its neighbours solid or zero, is unstable when
  αg [q(l-1)² + q(l+1)²] > 1;
* directed: spin l-1 below bond l is unstable when αg q_f(l)² > 1, where q_f(l) = E tanh(q̂ + sqrt(q̂) z) is
  the overlap that spin l has from the forward field alone, while its own Λ(l) = Q(l) q(l-1) still vanishes.
  The first hidden spin also profits from the input: αg q_f(2)² (1 + αg) > 1.

*Half-infinite front.* With j bond layers solid the front is a chain of j bonds whose inner end is a free spin
of overlap q_j, and the next layer goes at the root of αg q_j(α)² = 1; q_0 = 1 gives α_1 = (π/2)². In
`symmetric` a front grows from either end, in `directed` from the output only.

*Finite net.* Fronts do not see one another until one liquid spin is left between them (symmetric) or the
first hidden spin is reached (directed); the last transition is then that of (T23). With an odd number of
bonds the two symmetric fronts meet in a bond layer, which solidifies with its spins and has no transition of
its own.

Each root is bracketed: q_j grows with α from its own transition on. A sequence may end where a
front advances by a jump, at a fold of its own branch; such a step is no continuous transition and is not
listed.

*Deep fronts.* Far behind its tip Q is close to 1. In `directed` q then falls by 2/π per layer, so that
α_{j+1}/α_j → (π/2)²: the front penetrates as ln α. In `symmetric` small overlaps obey q(l) = (2/π) [q(l-1) +
q(l+1)], and 4/π > 1: a liquid with Q = 1 is unstable, the tail of a front tends to a homogeneous solid of q =
0.27, the α_j crowd together, and with 15 solid layers the front moves by a jump at α = 1024.73.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from gardner.runtime.progress import tell
from gardner.theory.planted.chain import Chain
from gardner.theory.planted.solve import MAX_ALPHA, checked_net, planted_closure, whole
from gardner.theory.search.monotone import liquid_start, settle

GAIN = (2 / np.pi) ** 2  # g
MAX_COUNT = 20
_ROOT = 1e-12
_JUMP = 1e-4  # loss of gain at 1e-9 below a root that tells a jump from a continuous passage


class Front:
    """`layers` solid bond layers growing from one end into a liquid, with a spin at the tip."""

    def __init__(self, closure: str, layers: int):
        self.layers = layers
        if layers:
            free_end = {"output_free": True} if closure == "symmetric" else {"input_free": True}
            self._net = planted_closure(closure, Chain(layers, **free_end))
            self._tip = -1 if closure == "symmetric" else 0
            self._known = [(0.0, liquid_start(self._net))]

    def tip_overlap(self, alpha: float) -> float:
        """q_j(α) of the stable front; 1 for the given patterns of an end."""
        if not self.layers:
            return 1.0
        tell(f"front of {self.layers} solid layers, α = {alpha:.8g}")
        # the front grows with α, so that any front of smaller α may be climbed from
        start = max((known for known in self._known if known[0] <= alpha), key=lambda known: known[0])[1]
        point = settle(self._net, alpha, start, 1e-13)
        self._known.append((alpha, point.state))
        return float(self._net.overlaps(point.state).q_l[self._tip])


def _root(gain, low: float) -> float | None:
    """The α > low where gain(α) passes through 1; None beyond MAX_ALPHA, or where it jumps over 1."""
    high = 1.5 * low
    while gain(high) < 1:
        high *= 1.5
        if high > MAX_ALPHA:
            return None
    root = float(brentq(lambda alpha: np.log(max(gain(alpha), 1e-300)), low, high, xtol=1e-300, rtol=_ROOT))
    return root if gain(root * (1 - 1e-9)) > 1 - _JUMP else None


def front_transitions(closure: str = "symmetric", count: int = 8) -> list[float]:
    """The first `count` of α_1 < α_2 < … of a half-infinite front.

    Fewer where the next one is beyond MAX_ALPHA, or where the front gives way discontinuously before it.
    """
    planted_closure(closure, Chain(1))
    count = whole("count", count, 1, MAX_COUNT)
    transitions = [1 / GAIN]
    for layers in range(1, count):
        front = Front(closure, layers)
        following = _root(lambda alpha, f=front: alpha * GAIN * f.tip_overlap(alpha) ** 2, transitions[-1])
        if following is None:
            break
        transitions.append(following)
    return transitions


def net_transitions(depth: int, closure: str = "symmetric") -> list[float]:
    """Continuous transitions of the liquid branch of a finite net, in increasing order; none at depth 1."""
    depth = checked_net(depth, closure).chain.depth
    if depth == 1:
        return []
    steps = depth // 2 if closure == "symmetric" else depth - 1
    transitions = front_transitions(closure, min(steps - 1, MAX_COUNT)) if steps > 1 else []
    if len(transitions) == steps - 1:
        last = _last_transition(depth, closure, transitions)
        transitions += [last] if last is not None else []
    return _until_jump(depth, closure, transitions)


def _last_transition(depth, closure, earlier) -> float | None:
    """The transition at which the front feels the other end (T23)."""
    low = earlier[-1] if earlier else 1e-3 / GAIN
    front = Front(closure, len(earlier))
    if closure == "directed":
        return _root(lambda a: a * GAIN * front.tip_overlap(a) ** 2 * (1 + a * GAIN), low)
    ends = 2 if depth % 2 == 0 else 1
    return _root(lambda a: ends * a * GAIN * front.tip_overlap(a) ** 2, low)


def _until_jump(depth, closure, transitions) -> list[float]:
    """Keep the transitions that the liquid branch of the net reaches before it jumps to larger overlaps.

    Just below a genuine transition the liquid branch still holds a spin of overlap exactly zero.
    """
    net = checked_net(depth, closure)
    kept = []
    for alpha in transitions:
        below = alpha * (1 - 1e-6)
        overlaps = net.overlaps(settle(net, below, liquid_start(net)).state)
        if np.min(overlaps.q_l) > 0:
            break
        kept.append(alpha)
    return kept
