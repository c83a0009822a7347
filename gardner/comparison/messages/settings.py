"""What a comparison of message passing compares: the net, values of α, connectivities and widths, starts, the budget.

Nets are all pairs of connectivity and width that the theory may speak of: c ≤ N/2, and M/N ≤ WORST, beyond which
messages that share inputs count the same pattern again and again. Every start is run on the same nets. Where the state
evolutions of all closures end at the same overlaps from several starts, these starts are one *branch*.
"""

from __future__ import annotations

from dataclasses import dataclass

from gardner.analysis.plans import increasing
from gardner.comparison.settings import seconds
from gardner.fields import described
from gardner.messages.settings import AmpSettings
from gardner.model import positive, whole

CONNECTIVITIES, WIDTHS = (50, 100, 200), (1000, 2000, 4000)
WORST = 0.5  # M/N
STARTS = ("uninformed", "teacher")
MAX_DEPTH = 20


def words(text: str) -> tuple[str, ...]:
    """Parts of a text between commas."""
    return tuple(part.strip() for part in text.split(","))


@dataclass(frozen=True)
class AmpComparisonSettings:
    """Parameters of a comparison of message passing.

    depth: L ≥ 2; alphas: values of α = M/c; connectivities, widths: of the nets; starts: as of `AmpSettings`; weights:
    spherical or binary; samples: of each net; iterations: most sweeps; budget: seconds of wall clock, beyond which the
    most expensive nets are left out; seed: of everything. ValueError for impossible values.
    """

    depth: int = described("Number of bond layers L.")
    alphas: tuple[float, ...] = described("Values of α = M/c, as in 3,5.", flag="alpha")
    connectivities: tuple[int, ...] = described("Values of c, two at least.", CONNECTIVITIES, text="50,100,200")
    widths: tuple[int, ...] = described("Values of N, each run at every c.", WIDTHS, text="1000,2000,4000")
    starts: tuple[str, ...] = described(
        "uninformed, teacher, or overlaps with it.", STARTS, text="uninformed,teacher", read=words
    )
    weights: str = described("spherical or binary.", "spherical")
    samples: int = described("Independent samples of every net.", 4)
    iterations: int = described("Most sweeps.", 200)
    budget: float = described("Time to aim at, as in 90s, 10m, 2h.", 1800.0, text="30m", read=seconds)
    seed: int = described("Seed of everything random.", 0)

    setting = "planted"

    def __post_init__(self):
        def keep(name, value):
            object.__setattr__(self, name, value)

        keep("depth", whole("depth", self.depth, 2, MAX_DEPTH))
        keep("alphas", increasing("alpha", self.alphas, lambda n, v: positive(n, v, 1e4)))
        keep("connectivities", increasing("connectivities", self.connectivities, lambda n, v: whole(n, v, 4, 10**4)))
        keep("widths", increasing("widths", self.widths, lambda n, v: whole(n, v, 8, 10**6)))
        if len(self.connectivities) < 2:
            raise ValueError("connectivities: give at least two different numbers to extrapolate to c → ∞")
        if not self.starts or len(set(self.starts)) < len(self.starts):
            raise ValueError(f"starts = {','.join(self.starts)}: give every start once, one at least")
        keep("samples", whole("samples", self.samples, 2, 10**4))
        keep("budget", positive("budget", self.budget, 1e9))
        keep("starts", tuple(self.run(*self._smallest(), start).start for start in self.starts))
        for alpha in self.alphas:
            if len({c for c, _ in self.nets(alpha)}) < 2 or len(self.nets(alpha)) < 3:
                raise ValueError(
                    f"alpha = {alpha:g}: at M/N ≤ {WORST:g} fewer than three nets of two connectivities are left; "
                    "choose larger widths or smaller connectivities"
                )

    def _smallest(self) -> tuple[float, int, int]:
        c = self.connectivities[0]
        return self.alphas[0], c, max(self.widths[-1], c)

    def nets(self, alpha: float) -> list[tuple[int, int]]:
        """Pairs of c and N at which messages are passed, from the cheapest on."""
        pairs = [
            (c, n) for c in self.connectivities for n in self.widths if 2 * c <= n and round(alpha * c) <= WORST * n
        ]
        return sorted(pairs, key=lambda pair: pair[0] ** 2 * pair[1])

    def run(self, alpha: float, c: int, width: int, start: str) -> AmpSettings:
        """The run of one net from one start; ValueError of what is wrong with it."""
        return AmpSettings(
            width=width,
            depth=self.depth,
            alpha=alpha,
            connectivity=c,
            weights=self.weights,
            start=start,
            samples=self.samples,
            iterations=self.iterations,
            seed=self.seed,
        )
