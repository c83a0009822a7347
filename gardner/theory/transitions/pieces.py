"""Whether a short net is a piece of a long one, for a closure: what transitions of fronts rest on (T20)–(T23).

A front is looked at in a net of its own, whose tip is a free end or has a liquid beyond. That net stands for a piece of
the long net if the sectors which act on its solid layers alone are the same in both. A liquid, likewise, is looked at
in few layers; they stand for many if the long net repeats the sectors of one of these layers. Both hold where the
sectors of a layer do not depend on how far the ends of the net are, and both are asked of the declared sectors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from gardner.theory.closures.base import Closure, Layers, Overlap, Sector

Key = tuple[str, frozenset[Overlap], Overlap | None]


def check_pieces(closure: Closure, net: Layers, pieces: dict[str, tuple[Layers, int]]) -> None:
    """ValueError unless the solid layers of a net obey the sectors of shorter nets.

    pieces: by the end "input" or "output" that they share with the net, a shorter net and how many of its bond layers,
    from that end on, are solid. Compared are the sectors that read and own nothing but solid overlaps and given ends;
    the free spin at a tip may be one that reads the liquid in the long net.
    """
    solid, tips, wanted = {("q", l) for l in (0, net.depth) if l not in net.hidden}, set(), Counter()
    for end, (short, count) in pieces.items():
        # the solid layers in the numbers of the net, first…last, and what the short net says of them
        first = 0 if end == "input" else net.depth - count
        last, added = first + count, 0 if end == "input" else net.depth - short.depth
        own = {("Q", l) for l in range(first + 1, last + 1)} | {("q", l) for l in range(first, last + 1)}
        wanted += _acting_on(_keys(closure, short, added), own)
        solid |= own
        tips.add(("spin", frozenset(), ("q", last if end == "input" else first)))

    # what the net says of them
    found = _acting_on(_keys(closure, net), solid)
    if _without(found, tips) != _without(wanted, tips):
        _refuse(closure, net)


def check_repeats(closure: Closure, short: Layers, net: Layers, layer: int) -> None:
    """ValueError unless a net is the short one with bond layer `layer` and the spins after it repeated."""
    added, wanted = net.depth - short.depth, Counter()
    for key in _keys(closure, short).elements():
        last = max(l for _, l in _overlaps(key))
        wanted[_moved(key, added if last > layer else 0)] += 1
        if last == layer:
            wanted.update(_moved(key, by) for by in range(1, added + 1))
    if wanted != _keys(closure, net):
        _refuse(closure, net)


def _refuse(closure: Closure, net: Layers):
    raise ValueError(
        f"closure = {closure.name!r}: transitions of fronts are known only for closures whose sectors do not depend on "
        f"how far the ends are; in {net} they differ from those of a shorter net"
    )


def _keys(closure: Closure, layers: Layers, by: int = 0) -> Counter[Key]:
    """The sectors of a net, `by` layers further on, with the order of factors forgotten."""
    sectors: Iterable[Sector] = closure.checked_sectors(layers)
    return Counter(_moved((s.kind, frozenset(s.reads), s.own), by) for s in sectors)


def _shift(overlap: Overlap, by: int) -> Overlap:
    return overlap[0], overlap[1] + by


def _moved(key: Key, by: int) -> Key:
    kind, reads, own = key
    return kind, frozenset(_shift(x, by) for x in reads), own and _shift(own, by)


def _overlaps(key: Key) -> set[Overlap]:
    """What a sector reads and owns."""
    return {*key[1], key[2]} - {None}


def _acting_on(keys: Counter[Key], overlaps: set[Overlap]) -> Counter[Key]:
    return Counter({key: count for key, count in keys.items() if _overlaps(key) <= overlaps})


def _without(keys: Counter[Key], dropped: set[Key]) -> Counter[Key]:
    return Counter({key: count for key, count in keys.items() if key not in dropped})
