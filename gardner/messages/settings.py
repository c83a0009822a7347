"""What one run of message passing is: the net, the start, and when to stop (THEORY section 18)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import TYPE_CHECKING

from gardner.checks import MAX_ALPHA, checked_tolerance, positive, whole, within
from gardner.fields import described
from gardner.messages import POSTERIORS

if TYPE_CHECKING:
    import numpy as np

BLOCK = 64  # patterns: 512 bytes a unit, so that 2000 units take half of a cache of 2 MB
MAX_BYTES = 2**33  # of one sample
ARRAYS = 14  # per perceptron and pattern, with what is needed for a moment
EDGE_ARRAYS = 14  # per edge
TEACHER = 0.99  # overlap of the start that knows its teacher: what is known exactly could not be unlearned
LEAST_SHARE = 0.01  # of the new in a message: with less, ten sweeps move nothing, which looks like convergence
SMALL_FAN = 50  # below it the sums over c neighbours are far from Gaussian
STARTS = ("uninformed", "teacher")


@dataclass(frozen=True)
class AmpSettings:
    """Parameters of `run_amp`; what is derived from them is a property.

    Parameters
    ----------
    width : tuple of int or int
        Input, hidden and output width, or one number for all three.
    depth : int
        Bond layers L.
    alpha : float
        α = M/c.
    connectivity : int or None
        c inputs of every perceptron, each unit read equally often (None: all of them).
    weights : str
        A prior with a posterior in closed form, such as "spherical" or "binary".
    start : str
        "uninformed" (weights near 0, drawn, which break the signs of hidden units), "teacher", or
        the overlap with it, between 0 and 1, as a text or number.
    samples : int
        Graphs, teachers and patterns.
    damping : float
        Share of the new in every message.
    iterations : int
        Most sweeps.
    tolerance : float
        A run has converged once what is known of every layer, the means of Ĵ² and m², has changed
        by no more than this share of it in ten sweeps.
    fresh : int
        Inputs of the generalization error.
    seed : int
        The sample of this seed is that of `gardner mc planted --graph regular`.

    Raises
    ------
    ValueError
        For impossible values.
    """

    width: tuple[int, ...] = described("Units per layer N, or input,hidden,output.")
    depth: int = described("Number of bond layers L.")
    alpha: float = described("Patterns per input, α = M/c.")
    connectivity: int | None = described("Inputs c read by each perceptron. (default: all)", None)
    weights: str = described(f"{POSTERIORS.listed}.", "spherical")
    start: str = described("uninformed, teacher, or an overlap with the teacher.", "uninformed")
    samples: int = described("Independent samples of graph, teacher and patterns.", 8)
    damping: float = described("Share of the new in every message.", 0.85)
    iterations: int = described("Most sweeps.", 200)
    tolerance: float = described("Largest relative change in ten sweeps that counts as converged.", 1e-3)
    fresh: int = described("Fresh inputs of the generalization error.", 1000)
    seed: int = described("Seed of everything random.", 0)

    setting = "planted"
    dilution = 0.0

    def __post_init__(self):
        set_ = partial(object.__setattr__, self)
        width = self.width if isinstance(self.width, (tuple, list)) else (self.width,)
        if len(width) not in (1, 3):
            raise ValueError(f"width = {','.join(map(str, width))}: give one number, or input,hidden,output")
        width = tuple(whole("width", n, 1) for n in width)
        set_("width", width * 3 if len(width) == 1 else width)
        set_("depth", whole("depth", self.depth, 1, 1000))
        set_("alpha", positive("alpha", self.alpha, MAX_ALPHA))
        for name, largest in (("samples", 10**6), ("iterations", 10**6), ("fresh", 10**6)):
            set_(name, whole(name, getattr(self, name), 1, largest))
        set_("seed", whole("seed", self.seed, 0))
        set_("tolerance", checked_tolerance("tolerance", self.tolerance))
        set_("damping", within("damping", self.damping, LEAST_SHARE, 1.0))
        POSTERIORS.check(self.weights)
        set_("start", self._checked_start())
        self._check_net()

    def _checked_start(self) -> str:
        if self.start in STARTS:
            return self.start
        try:
            overlap = float(self.start)
        except (TypeError, ValueError):
            overlap = -1.0
        if not 0.0 < overlap < 1.0:
            raise ValueError(f"start = {self.start!r}: must be {', '.join(STARTS)} or an overlap between 0 and 1")
        return str(overlap)

    def _check_net(self):
        widths = self.layer_widths
        if self.connectivity is not None:
            whole("connectivity", self.connectivity, 2, min(widths[:-1]))
        elif len(set(widths[:-1])) > 1:
            raise ValueError(f"width = {','.join(map(str, self.width))}: layers of unequal width need --connectivity")
        if self.patterns < 1:
            raise ValueError(f"alpha = {self.alpha:g}: leaves no pattern at this connectivity; raise one of them")
        if self.bytes > MAX_BYTES:
            raise ValueError(
                f"width, alpha: one sample would take {self.bytes / 2**30:.1f} GiB of memory, at most "
                f"{MAX_BYTES / 2**30:g} are allowed; choose a smaller width, connectivity or alpha"
            )

    @property
    def layer_widths(self) -> tuple[int, ...]:
        """n_0 … n_L."""
        first, hidden, last = self.width
        return (first, *([hidden] * (self.depth - 1)), last)

    @property
    def fan(self) -> int:
        """c."""
        return self.connectivity or self.layer_widths[0]

    @property
    def graph(self) -> str:
        """Regular; a fully connected net has one graph."""
        return "random" if self.connectivity is None else "regular"

    @property
    def patterns(self) -> int:
        """M = αc."""
        return round(self.alpha * self.fan)

    @property
    def overlap(self) -> float:
        """Of the start with the teacher, 0 if it knows nothing."""
        return {"uninformed": 0.0, "teacher": TEACHER}.get(self.start) if self.start in STARTS else float(self.start)

    @property
    def bytes(self) -> int:
        """Memory of one sample: numbers per perceptron and pattern, per edge, and the graph while it is drawn."""
        widths = self.layer_widths
        perceptrons, patterns = sum(widths[1:]), -(-self.patterns // BLOCK) * BLOCK
        drawn = sum(above * below for above, below in zip(widths[1:], widths))
        fresh = sum(widths) * self.fresh
        return (
            8 * (ARRAYS * (perceptrons + widths[0]) * patterns + EDGE_ARRAYS * perceptrons * self.fan + fresh) + drawn
        )

    def seeds(self, sample: int) -> tuple[np.random.SeedSequence, np.random.SeedSequence]:
        """Independent seeds of the disorder and of the start of one sample."""
        import numpy as np

        disorder, start = np.random.SeedSequence((self.seed, sample)).spawn(2)
        return disorder, start

    def parameters(self) -> dict:
        """The settings as plain values: `read` turns them into settings again."""
        return asdict(self) | {"width": list(self.width)}

    @classmethod
    def read(cls, parameters: Mapping) -> AmpSettings:
        """The settings whose `parameters` these are."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in parameters.items() if name in known})

    def caution(self) -> str | None:
        """A line on a net for which the messages are not what they are taken for, None where they may be."""
        if self.fan < SMALL_FAN:
            return f"connectivity {self.fan}: messages are Gaussian to leading order in 1/c only; take c ≥ {SMALL_FAN}"
        widths = self.layer_widths
        if self.depth > 1 and self.patterns > 0.25 * min(widths[:-1]):
            return (
                f"{self.patterns} patterns at width {min(widths[:-1])}: the theory wants M/N → 0, and above ¼ the "
                "messages overestimate what they know; raise --width or lower --connectivity"
            )
        return None
