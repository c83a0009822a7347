"""What a closure declares: the sectors of its replicated free entropy.

The free entropy of both settings is a sum of *sectors*. Each is a function of the product of the overlaps it reads,
and those that own an overlap also of the field conjugate to it:

    bond   the weights of layer l, owns Q(l), reads nothing: ½ ln det Q of the sphere (T9);
    spin   free hidden spins of layer l, owns q(l), reads nothing (T8);
    gap    an imposed perceptron, reads Λ, owns nothing (T7);
    site   a hidden spin that is the sign of its own pre-activation, reads the Λ of that, owns q(l) (T10).

Saddle point: a gap or a site of strength G pulls every overlap x that it reads with G ∂Λ/∂x. The sum of these pulls is
the field of the sector that owns x (for bonds times α), and that sector answers with the new x.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from gardner.model import whole
from gardner.theory.sectors import SECTORS

OWNERS = {"Q": ("bond",), "q": ("spin", "site")}  # kinds of sector that may own an overlap
READERS, OWNED = ("gap", "site"), ("bond", "spin", "site")  # kinds that read overlaps, and that own one
Overlap = tuple[str, int]  # ("Q", l) of bond layer l = 1…L, or ("q", l) of spin layer l = 0…L


@dataclass(frozen=True)
class Sector:
    """One term of the free entropy: its kind, the overlaps whose product it reads, and the overlap that it owns."""

    kind: str
    reads: tuple[Overlap, ...] = ()
    own: Overlap | None = None


@dataclass(frozen=True)
class Layers:
    """A net of `depth` bond layers. The spins of an end are given patterns (q = 1), or as hidden as the others."""

    depth: int
    input_free: bool = False
    output_free: bool = False

    @property
    def hidden(self) -> range:
        """The spin layers that are not given: 1…L-1, and the free ends."""
        return range(0 if self.input_free else 1, self.depth + (1 if self.output_free else 0))

    @property
    def overlaps(self) -> tuple[Overlap, ...]:
        """The unknown overlaps along the chain: [q(0),] Q(1), q(1), Q(2), … Q(L) [, q(L)]."""
        chain: list[Overlap] = [("q", 0)]
        for l in range(1, self.depth + 1):
            chain += [("Q", l), ("q", l)]
        return tuple(x for x in chain if x[0] == "Q" or x[1] in self.hidden)


class Closure(ABC):
    """The declaration of a closure.

    name: of the command line and of files; label: of legends; fronts_from: the ends of a net from which solid layers
    grow into a liquid, "input" or "output", in the order in which they are looked for (their transitions are known
    where the sectors of a layer do not depend on how far the ends are, `transitions.pieces`); remark: what tests say
    against the closure beyond its first transition, as a function of depth (None: a half-infinite front) and of that α,
    or None where no test rejects it; planted_ratio: α_{l+1}/α_l far behind the tip of a planted front, None where it
    tends to no constant above 1.
    """

    name: str
    label: str
    fronts_from: tuple[str, ...] = ("input", "output")
    remark: Callable[[int | None, float], str] | None = None
    planted_ratio: float | None = None

    @abstractmethod
    def sectors(self, layers: Layers) -> list[Sector]:
        """The sectors of a net; every unknown overlap of `layers.overlaps` is owned by exactly one of them."""

    def checked_sectors(self, layers: Layers) -> list[Sector]:
        """`sectors`; ValueError unless each is of a known kind, reads and owns as its kind does (module docstring), and
        reads every overlap once and within the net, and unless every unknown overlap has one owner of its kind.
        """
        sectors, unknown = self.sectors(layers), set(layers.overlaps)
        inside = unknown | {("q", 0), ("q", layers.depth)}
        owners: dict[Overlap, list[str]] = {overlap: [] for overlap in layers.overlaps}
        for sector in sectors:
            self._check_kind(sector)
            if sector.own is not None:
                owners.setdefault(sector.own, []).append(sector.kind)
            if len(set(sector.reads)) < len(sector.reads):
                raise ValueError(f"closure {self.name!r}: {sector} reads an overlap twice")
            if not inside.issuperset(sector.reads):
                raise ValueError(f"closure {self.name!r}: {sector} reads an overlap that is not of this net, {layers}")
        for (name, l), kinds in owners.items():
            wanted = OWNERS[name] if (name, l) in unknown else ()
            if len(kinds) != 1 or kinds[0] not in wanted:
                raise ValueError(
                    f"closure {self.name!r}: {name}({l}) is owned by {', '.join(kinds) or 'no sector'} in {layers}; "
                    f"it needs {'one ' + ' or '.join(wanted) if wanted else 'no owner'}"
                )
        return sectors

    def _check_kind(self, sector: Sector) -> None:
        """ValueError unless a sector of this kind exists, and reads and owns what it needs."""
        SECTORS.check(sector.kind)
        for verb, kinds, does in (("read", READERS, sector.reads), ("own", OWNED, sector.own is not None)):
            if bool(does) != (sector.kind in kinds):
                need = "must" if sector.kind in kinds else "cannot"
                raise ValueError(f"closure {self.name!r}: a {sector.kind} {need} {verb} an overlap, unlike {sector}")

    def reads(self, layers: Layers, overlap: Overlap) -> bool:
        """True if some sector of the net reads this overlap."""
        return any(overlap in sector.reads for sector in self.sectors(layers))

    def imposes_output(self, depth: int) -> bool:
        """True if a structured output, of overlap q(L) < 1, has a meaning in this closure."""
        return self.reads(Layers(depth), ("q", depth))

    @property
    def has_sites(self) -> bool:
        """True if hidden spins keep their own pre-activation: their flow runs in two fields, and is dear."""
        return any(sector.kind == "site" for sector in self.sectors(Layers(2)))


def place_bonds(layers: Layers) -> list[Sector]:
    """The bond sectors of all layers."""
    depth = whole("depth", layers.depth, 1)
    return [Sector("bond", own=("Q", l)) for l in range(1, depth + 1)]
