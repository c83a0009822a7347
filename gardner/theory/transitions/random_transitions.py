"""Transitions of the random setting, k → ∞: α_1 < α_2 < … of the half-infinite front, or of a finite net.

Each root of (T20), (T23) is found for five numbers of levels, K/4, K/√8, K/2, K/√2, K on the grid m_i = i/(k+1), and
extrapolated (`statistics.extrapolate_rough`): at finite k it errs by O(1/(k+1)²), with a rough part because the
breakpoint of q(x) falls anywhere within a step. The error covers both and the field grid. α_1 is exact.

A root is where the *liquid layer* loses its stability, in any closure that is declared. What follows is tested: the
new layer must grow from zero (its overlap 0.25 % beyond the root must be well below that at 0.5 %), and the front must
be the physical one (`random_fronts`: branches). The status of a transition says which:

* continuous: the new layer grows from zero on the only front, or on the one of smaller s;
* metastable: it grows from zero, but a frozen front of smaller s exists at this α;
* jump: the new layer does not grow from zero;
* unresolved: the search for the new layer did not settle;
* instability: what follows was not looked for, because fields in two dimensions make it dear (closures with sites).

The list ends where the unfrozen front itself gives way, or where the liquid beside it is unstable from the transition
before on; `ended` then says so. Fronts from both ends are followed as mirror images of each other: closures for which
they are not, and those whose sectors depend on how far the ends are, are refused.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from gardner.criteria import RESOLVED
from gardner.model import CLOSURES, MAX_DEPTH, PRIORS, SolverSettings, whole
from gardner.results import schema as words
from gardner.results.base import Result, labelled, plain
from gardner.results.tables import print_table
from gardner.results.warnings import SolutionWarning, warned
from gardner.statistics import extrapolate_rough
from gardner.theory.chain import plan_chain
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.transitions.random_fronts import BranchEnded, FrontState, RandomFront, check_next_layers
from gardner.theory.validity import first_transition

MAX_COUNT = 6
LAYERS_SEEN = 4  # bond layers of a net in which the first layer to order sees neither end
FEWEST, MOST = 8, 200  # levels
GROWTH = (0.0025, 0.005)  # distances beyond a root at which the onset is measured
VANISHING = 0.75  # largest ratio of the two overlaps of a continuous onset (1/2 if linear, 0.71 for a square root)
MEANING = {
    "continuous": "the new layer grows from zero",
    "metastable": "on the unfrozen front; a frozen one (q_k(1) = 1) of smaller s exists there",
    "jump": "the liquid layer loses its stability, but the new layer does not grow from zero",
    "instability": "the liquid layer loses its stability; whether the new layer grows from zero was not tested",
    "unresolved": "the liquid layer loses its stability; the search for what follows did not settle",
}
KEYS = {  # of a transition in documents
    "alpha": "continuous", "error": "errors", "status": "statuses", "values": "values", "onset": "onset",
    "frozen_gap": "frozen_gap",
}  # fmt: skip
SORTS = {  # of the lists that KEYS names
    "continuous": [words.NUMBER], "errors": words.MAYBES, "statuses": [tuple(MEANING)],
    "values": [words.NUMBERS], "onset": words.MAYBES, "frozen_gap": words.MAYBES,
}  # fmt: skip
Watch = Callable[[str], None]


@dataclass(frozen=True)
class RandomTransition:
    """One α_l: value and error at k → ∞, status (module docstring), roots at finite k.

    onset: overlap q_k of the new layer 0.25 % beyond the root (inf: the front froze); frozen_gap: (k+1)(s_frozen - s),
    None without a frozen front; both at the last but one of `levels`. Exact values have no levels.
    """

    alpha: float
    error: float
    status: str
    levels: tuple[int, ...] = ()
    values: tuple[float, ...] = ()
    onset: float | None = None
    frozen_gap: float | None = None


@dataclass(frozen=True, eq=False)
class RandomTransitions(Result):
    """α_1 < α_2 < … of a half-infinite front or of a net.

    Attributes
    ----------
    depth : int, optional
        Bond layers; None for a half-infinite front.
    levels : tuple of int
        The k that were extrapolated.
    transitions : tuple of RandomTransition
        One each, with value, error and status.
    ended : str, optional
        Why there are fewer than were asked for.
    seconds : float
        Wall time.
    closure, weights : str
        Of the net; the prior of its weights.
    parameters : dict
        What was asked for.
    warnings : tuple of SolutionWarning
        Of transitions beyond what a net of this depth can store.
    """

    depth: int | None = labelled(type=words.MAYBE_COUNT)
    levels: tuple[int, ...] = labelled("RSB steps k that were extrapolated", type=[words.COUNT])
    transitions: tuple[RandomTransition, ...] = labelled(hidden=True)
    ended: str | None = labelled("why there are fewer transitions than were asked for")
    seconds: float = field(compare=False)
    closure: str = labelled(type=CLOSURES, default="symmetric")
    parameters: dict = field(default_factory=dict)
    weights: str = labelled(type=PRIORS, default="spherical")
    warnings: tuple[SolutionWarning, ...] = ()

    kind = "transitions random"
    columns = (
        ("continuous", "transition", "α at which layer l turns solid"),
        ("errors", "transition", "error of α"),
        ("statuses", "transition", "what is known of it"),
    )

    def body(self) -> dict:
        """The entries of the JSON document: the fields of `transitions planted` and what is known of each root."""
        found = self.transitions
        lists = {key: [plain(getattr(t, name)) for t in found] for name, key in KEYS.items()}
        known = {"setting": "random", "closure": self.closure, "weights": self.weights}
        known |= {"depth": self.depth, "levels": list(self.levels)}
        return known | lists | {"ended": self.ended}

    @classmethod
    def from_body(cls, body: dict, **header) -> RandomTransitions:
        """The inverse of `body`; an exact value has no roots, and the onset of a jump is infinite, null there."""
        words.check_value(body, SORTS, "the document")
        levels, rows = tuple(body["levels"]), []
        for alpha, error, status, values, onset, gap in zip(*(body[key] for key in KEYS.values()), strict=True):
            onset = math.inf if onset is None and status == "jump" else onset
            error = math.nan if error is None else error
            if len(values) not in (0, len(levels)):
                raise ValueError(f"{len(values)} values of a transition for {len(levels)} levels")
            rows.append(RandomTransition(alpha, error, status, levels if values else (), tuple(values), onset, gap))
        names = {"closure": body["closure"], "weights": body.get("weights", "spherical")}
        return cls(body["depth"], levels, tuple(rows), body["ended"], **names, **header)

    @classmethod
    def schema(cls) -> words.Schema:
        """What its fields say; files of older versions do not name the weights."""
        return super().schema().without("weights")

    def case(self) -> tuple:
        """Closure and depth, by which `closure_verdict` judges."""
        return self.closure, self.depth

    def tell(self) -> None:
        """Print every α_l with its error, status and the roots it was extrapolated from."""
        where = "half-infinite front" if self.depth is None else f"net of L = {self.depth}"
        rows = []
        for number, found in enumerate(self.transitions, start=1):
            error = "exact" if not found.levels else f"{found.error:.1e}"
            roots = [f"{value:.4f}" for value in found.values] or [""] * len(self.levels)
            rows.append([str(number), f"{found.alpha:.6f}", error, found.status, *roots])
        columns = ["l", "α_l", "error", "status", *(f"k = {k}" for k in self.levels)]
        print_table(f"random setting, {self.closure} closure, {self.weights} weights, {where}", columns, rows)
        for status in dict.fromkeys(found.status for found in self.transitions):
            print(f"{status}: {MEANING[status]}")
        if not self.transitions:
            print("no transition: a single bond layer has no hidden spins")
        if self.ended is not None:
            print(f"ended: {self.ended}", file=sys.stderr)


def level_sequence(levels: int) -> tuple[int, ...]:
    """K/4, K/√8, K/2, K/√2, K, rounded."""
    largest = whole("levels", levels, FEWEST, MOST)
    return (*(round(largest * 2.0**-power) for power in (2.0, 1.5, 1.0, 0.5)), largest)


def random_transitions(
    levels: int = 40,
    count: int = 4,
    depth: int | None = None,
    accuracy: float = 1e-8,
    watch: Watch | None = None,
    closure: str = "symmetric",
    weights: str = "spherical",
) -> RandomTransitions:
    """The first transitions of a half-infinite front, or all of a net, in the random setting at k → ∞.

    Hard core at margin 0: roots of (T20), (T21), (T23) at five k, extrapolated.

    Parameters
    ----------
    levels : int
        The largest k.
    count : int
        How many transitions of a front.
    depth : int, optional
        Bond layers of a net; a half-infinite front without it.
    accuracy : float
        Of the field grid.
    watch : callable, optional
        Told of every root.
    closure, weights : str
        Any registered ones.

    Returns
    -------
    RandomTransitions
        A search that ends early says so in `ended`.

    Raises
    ------
    ValueError
        For impossible input and for closures whose fronts are not known (module docstring).
    ConvergenceError
        Where no front grows though the closure declares one.

    Notes
    -----
    THEORY section 6.
    """
    began = time.perf_counter()
    ends = len(CLOSURES[closure].fronts_from)
    sequence, names = level_sequence(levels), (closure, PRIORS.check(weights))
    grid = GridSettings.for_accuracy(SolverSettings(accuracy=accuracy).accuracy)
    if depth is None:
        steps = whole("count", count, 1, MAX_COUNT)
    else:  # every step takes one layer of hidden spins from each end
        steps = -(-(whole("depth", depth, 1, MAX_DEPTH) - 1) // ends)
    if ends == 2 and plan_chain(CLOSURES[closure], depth or LAYERS_SEEN).twins is None:
        raise ValueError(
            f"closure = {closure!r}: its fronts from input and output are not mirror images of each other; the random "
            "setting follows such fronts only from one end (fronts_from)"
        )

    found = [RandomTransition(first_transition(closure, depth or LAYERS_SEEN), 0.0, "continuous")] if steps else []
    ended = None
    for layers in range(1, steps):
        if layers >= MAX_COUNT:
            ended = f"not followed beyond {MAX_COUNT} transitions"
            break
        net_depth = depth if layers == steps - 1 else None  # the last step feels the other end
        if depth is not None and net_depth is None:
            check_next_layers(closure, layers, depth)
        try:
            found.append(next_transition(layers, names, net_depth, found[-1].alpha, sequence, grid, watch))
        except BranchEnded as end:
            ended = f"alpha_{layers + 1} not found: {end}"
            break
    given = {"levels": levels, "count": count, "depth": depth, "closure": closure, "weights": weights}
    given |= {"accuracy": accuracy}
    seconds = time.perf_counter() - began
    return warned(RandomTransitions(depth, sequence, tuple(found), ended, seconds, closure, given, weights))


def next_transition(layers, names, net_depth, previous, sequence, grid, watch=None) -> RandomTransition:
    """The root of a front of `layers` solid layers for every k of `sequence`, extrapolated and assessed.

    names: of closure and weights.
    """
    closure, weights = names
    values, errors, known, assessed = [], [], None, None
    for k in sequence:
        front = RandomFront(layers, k, grid, closure, net_depth, weights=weights)
        root, known = finite_level_root(front, previous, known)
        slope, relative = front.sensitivity(root)
        values.append(root)
        errors.append(root * (relative / slope + 1e-8))
        if k == sequence[-2]:
            assessed = front, root
        if watch is not None:
            watch(f"alpha_{layers + 1}, k = {k}: {root:.6f}")
    limit = extrapolate_rough(sequence, values, errors)
    status, onset, gap = "instability", None, None
    if not CLOSURES[closure].has_sites:
        status, onset, gap = assess_root(*assessed)
    return RandomTransition(limit.value, limit.error, status, sequence, tuple(values), onset, gap)


def assess_root(front: RandomFront, root: float) -> tuple[str, float | None, float | None]:
    """Status of a root, overlap of the new layer beyond it and (k+1)(s_frozen - s) (module docstring)."""
    onset = [front.onset(root, distance) for distance in GROWTH]
    gap = front.frozen_gap(root)
    status = "metastable" if gap is not None and gap < 0.0 else "continuous"
    if None in onset:
        status = "unresolved"
    elif not 0.0 < onset[0] < VANISHING * onset[1]:
        status = "jump"
    return status, onset[0], gap


def finite_level_root(front: RandomFront, previous: float, known: FrontState | None) -> tuple[float, FrontState]:
    """The root at one k, started from that of fewer levels or else just above the previous transition."""
    if known is None:
        low = previous * (1.03 if front.net_depth is None else 1.01)
        first = front.begin(low)
        if front.layers == 1 and first.q_ea[0] < RESOLVED:  # its own transition is exact at every k
            raise front.absence(low)
        root = front.root(low)
    else:
        low = known.alpha
        front.begin(low, known)
        root = front.root(low * 0.99, low * 1.01)
    if root < previous * (1.0 + RESOLVED) or front.at(root).q_ea[-1] < RESOLVED:
        raise BranchEnded(
            root,
            f"the liquid beyond is unstable from alpha = {root:.6g} on, the front itself solid only from "
            f"{previous:.6g} on; it is not this front that makes it unstable",
        )
    return root, front.at(root)
