"""A closure made outside the package: the mirror image of `directed`, information travels from input to output."""

from contextlib import contextmanager

from gardner.theory.closures import CLOSURES, Closure, Layers, Sector, place_bonds


class Reversed(Closure):
    """A hidden spin knows the perceptron after it and hears the one before; the input, being given, is a gap."""

    name = "reversed"
    label = "reversed closure"
    fronts_from = ("input",)

    def sectors(self, layers: Layers) -> list[Sector]:
        last = layers.depth
        spins = [Sector("spin", own=("q", last))] if layers.output_free else []
        sites = [Sector("site", (("Q", l + 1), ("q", l + 1)), ("q", l)) for l in layers.hidden if l < last]
        given = [] if layers.input_free else [Sector("gap", (("Q", 1), ("q", 1)))]
        return [*place_bonds(layers), *spins, *sites, *given]


@contextmanager
def registered(closure: Closure):
    """The closure is one of the package's inside the block."""
    CLOSURES.register(closure.name, closure)
    try:
        yield closure
    finally:
        CLOSURES.unregister(closure.name)


class OneSite(Closure):
    """`symmetric`, but for one hidden layer whose spins are signs of their own pre-activations, as in `directed`.

    layer: of which a net of `depth` bond layers has its site; what a layer obeys then depends on how far the ends are.
    """

    label = "closure with one site"

    def __init__(self, name: str, layer):
        self.name, self.layer = name, layer

    def sectors(self, layers: Layers) -> list[Sector]:
        k = self.layer(layers.depth) if layers.depth > 1 else 0
        sites = [Sector("site", (("Q", k), ("q", k - 1)), ("q", k))] if k else []
        gaps = [Sector("gap", (("q", l - 1), ("Q", l), ("q", l))) for l in range(1, layers.depth + 1) if l != k]
        spins = [Sector("spin", own=("q", l)) for l in layers.hidden if l != k or not k]
        return [*place_bonds(layers), *gaps, *sites, *spins]


LAST_SITE = OneSite("last-site", lambda depth: depth - 1)
MIDDLE_SITE = OneSite("middle-site", lambda depth: depth // 2)
