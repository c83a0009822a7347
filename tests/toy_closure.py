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
