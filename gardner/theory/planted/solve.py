"""The branches of the planted saddle point at one α, and along a scan of α (THEORY section 5).

The *liquid* branch is reached from small overlaps, the *crystal* branch from overlaps near 1. The maps are
non-decreasing and so are their fixed points in α: the liquid branch is the lowest locally stable fixed point,
the crystal branch the highest. Hence a scan may climb the liquid branch from each α to the next larger one
and descend the crystal branch to the next smaller one, and finds the same points as separate solves.

The stable branch is the one of larger free entropy. There s ≥ -ln 2, because each of the N·M outputs
carries at most one bit; a metastable crystal may lie below.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from gardner.model import CLOSURES, finite, positive, whole
from gardner.results.solution import Header
from gardner.theory.closures.base import Layers
from gardner.theory.nishimori.identity import nishimori_deviation
from gardner.theory.planted.chain import PlantedChain
from gardner.theory.planted.generalization import LinearBound, generalization, linear_bound
from gardner.theory.search.monotone import METHODS, FixedPoint, crystal_start, liquid_start, settle
from gardner.values import ByValue

BRANCHES = ("liquid", "crystal", "both")
SMALLEST_TOLERANCE = 1e-15
MAX_ALPHA = 1e6  # 1-Λ = 0.8e-12 at the crystal end; the quadratures are verified down to 1e-12
MAX_FIELD = 1e6
MAX_DEPTH = 1000
_SAME = 1e-7


@dataclass(frozen=True, eq=False)
class PlantedBranch(ByValue):
    """One fixed point.

    start: "liquid" or "crystal"; q_l: q(0…L); Q_l: Q(1…L); free_entropy: (T14) or (T16), per N·M; bayes_margin: (T25);
    generalization_error, bayes_error, fresh_overlap r(0…L): see `generalization`; nishimori: see `nishimori`;
    status: "converged" or "stalled"; residual: max |F(x)-x| over q and Q; leading_eigenvalue: of the map at
    the fixed point, below 1 where stable.
    """

    start: str
    q_l: np.ndarray
    Q_l: np.ndarray
    free_entropy: float
    generalization_error: float
    bayes_error: float
    fresh_overlap: np.ndarray
    nishimori: float
    status: str
    residual: float
    iterations: int
    leading_eigenvalue: float

    @property
    def bayes_margin(self) -> float:
        """Smallest q(l) - r(l) over the hidden layers, nan without one: negative where (T25) is violated.

        q(l) is the mean square of the posterior mean of a spin on a training pattern, r(l) that on a fresh one, which
        lacks the pattern's label. Knowing more cannot lower it, so that every exact theory has q(l) ≥ r(l).
        """
        return smallest_margin(self.q_l, self.fresh_overlap)


def smallest_margin(q_l: np.ndarray, fresh_l: np.ndarray) -> float:
    """min of q(l) - r(l) over l = 1…L-1, nan for L = 1. (T25)"""
    margin_l = np.asarray(q_l)[1:-1] - np.asarray(fresh_l)[1:-1]
    return float(margin_l.min()) if margin_l.size else float("nan")


@dataclass(frozen=True)
class PlantedSolution:
    """The requested branches at one α, each a PlantedBranch with q(0…L), Q(1…L), s per N·M and ε_g.

    stable: "liquid", "crystal" or, if both starts meet, "single"; field: symmetry-breaking field (T18); linear_bound:
    what linear learning attains in a fully connected net (T22); seconds: wall time; parameters: what was asked for.
    """

    closure: str
    alpha: float
    depth: int
    field: float
    branches: tuple[PlantedBranch, ...]
    stable: str
    linear_bound: LinearBound
    seconds: float = field(compare=False)
    parameters: dict = field(default_factory=dict)

    @property
    def status(self) -> str:
        """ "converged" if every branch is."""
        return "converged" if all(branch.status == "converged" for branch in self.branches) else "stalled"

    @property
    def equilibrium(self) -> PlantedBranch:
        """The stable branch, where it was requested; otherwise the one that was."""
        for branch in self.branches:
            if branch.start == self.stable:
                return branch
        return self.branches[0]

    @property
    def header(self) -> Header:
        """Command, parameters, status and time of this result."""
        return Header("solve planted", self.parameters, self.status, self.seconds)

    def document(self) -> dict:
        """The JSON document of `gardner solve planted`."""
        from gardner.theory.planted.report import solution_document

        return asdict(self.header) | solution_document(self)

    def to_dataset(self):
        """xarray Dataset: q(branch, layer), Q(branch, bond_layer), the numbers of every branch on (branch)."""
        from gardner.theory.planted.report import solution_dataset

        return solution_dataset(self, self.header)

    @classmethod
    def from_dataset(cls, dataset) -> PlantedSolution:
        """The inverse of `to_dataset`; FileFormatError if something is missing."""
        from gardner.theory.planted.report import stored_solution

        return stored_solution(dataset)


def _checked(alpha, name, low, high):
    value = positive(name, alpha) if low is None else finite(name, alpha)
    if low is not None and value < low:
        raise ValueError(f"{name} = {alpha}: must be at least {low:g}")
    if value > high:
        raise ValueError(f"{name} = {alpha}: must be at most {high:g}")
    return value


def checked_net(depth, closure, field=0.0) -> PlantedChain:
    """The chain of a net whose ends are given, in the closure of this name, or ValueError."""
    layers = Layers(whole("depth", depth, 1, MAX_DEPTH))
    return PlantedChain(CLOSURES[closure], layers, _checked(field, "field", 0, MAX_FIELD))


def checked_alpha(alpha) -> float:
    """α as a float in (0, MAX_ALPHA], or ValueError."""
    return _checked(alpha, "alpha", None, MAX_ALPHA)


def solve_planted(
    alpha: float,
    depth: int,
    closure: str = "symmetric",
    branch: str = "both",
    field: float = 0.0,
    tolerance: float = 1e-12,
    method: str = "newton",
) -> PlantedSolution:
    """Teacher–student setting: fixed points of a net of `depth` bond layers at `alpha` = M/N, hard core at margin 0.

    Replica symmetry is exact there (Nishimori). closure: a name in CLOSURES, "symmetric" (T13), (T14) or "directed"
    (T15), (T16). Both
    starts are always followed, to tell which branch is stable (the one of larger s per N·M); branch: "liquid",
    "crystal" or "both", what is returned. field: added to every q̂ (T18); tolerance: of the residual relative to 1-q
    and 1-Q; method: "newton" or "damped". Returns a PlantedSolution, whose status may be "stalled"; ValueError for
    impossible input. THEORY section 5.
    """
    chain, alpha = checked_net(depth, closure, field), checked_alpha(alpha)
    tolerance = _checked(positive("tol", tolerance), "tol", SMALLEST_TOLERANCE, 1.0)
    if branch not in BRANCHES:
        raise ValueError(f"branch = {branch!r}: must be one of {', '.join(BRANCHES)}")
    if method not in METHODS:
        raise ValueError(f"method = {method!r}: must be one of {', '.join(METHODS)}")
    began = time.perf_counter()
    liquid = settle(chain, alpha, liquid_start(chain), tolerance, method)
    crystal = settle(chain, alpha, crystal_start(chain, alpha), tolerance, method)
    asked = {"tol": tolerance, "method": method}
    return _solution(chain, alpha, liquid, crystal, branch, began, asked)


def scan_planted(
    alphas: Sequence[float],
    depth: int,
    closure: str = "symmetric",
    field: float = 0.0,
    tolerance: float = 1e-12,
) -> list[PlantedSolution]:
    """`solve_planted` for each of `alphas`, in their order, by continuation from α to α."""
    chain = checked_net(depth, closure, field)
    alpha_a = np.array([checked_alpha(alpha) for alpha in alphas])
    tolerance = _checked(positive("tol", tolerance), "tol", SMALLEST_TOLERANCE, 1.0)
    began = time.perf_counter()
    order = np.argsort(alpha_a)
    liquid, crystal = {}, {}
    state = liquid_start(chain)
    for a in order:
        liquid[a] = settle(chain, alpha_a[a], state, tolerance)
        state = liquid[a].state
    state = crystal_start(chain, alpha_a[order[-1]]) if len(order) else None
    for a in order[::-1]:
        crystal[a] = settle(chain, alpha_a[a], state, tolerance)
        state = crystal[a].state
    solutions = []
    for a, alpha in enumerate(alpha_a):
        solutions.append(_solution(chain, float(alpha), liquid[a], crystal[a], "both", began, {"tol": tolerance}))
        began = time.perf_counter()
    return solutions


def follow_branch(
    alpha: float, depth: int, closure: str, start: str, state: np.ndarray | None, field=0.0, tolerance: float = 1e-12
) -> tuple[np.ndarray, PlantedBranch]:
    """One point of the `start` branch, "liquid" or "crystal", from the state of a neighbouring α or from its own start.

    Returns the state to continue from and the branch. Follow the liquid upward and the crystal downward (above).
    """
    chain, alpha = checked_net(depth, closure, field), checked_alpha(alpha)
    if state is None:
        state = liquid_start(chain) if start == "liquid" else crystal_start(chain, alpha)
    point = settle(chain, alpha, state, tolerance)
    return point.state, _branch(chain, start, point, chain.free_entropy(point.state, alpha))


def _solution(chain, alpha, liquid, crystal, branch, began, asked: dict) -> PlantedSolution:
    found = {"liquid": liquid, "crystal": crystal}
    entropy = {start: chain.free_entropy(point.state, alpha) for start, point in found.items()}
    stable = max(entropy, key=entropy.get)
    if same_point(chain, liquid, crystal):
        stable = "single"
    wanted = found if branch == "both" else {branch: found[branch]}
    branches = tuple(_branch(chain, start, point, entropy[start]) for start, point in wanted.items())
    bound = linear_bound(alpha, chain.depth)
    depth, field_ = chain.depth, chain.field
    given = {"alpha": alpha, "depth": depth, "closure": chain.closure.name, "branch": branch, "field": field_} | asked
    elapsed = time.perf_counter() - began
    return PlantedSolution(chain.closure.name, alpha, depth, field_, branches, stable, bound, elapsed, given)


def same_point(chain, first: FixedPoint, second: FixedPoint) -> bool:
    """Whether two fixed points agree within their errors, residual/(1 - leading eigenvalue)."""
    error = sum(p.image.residual / max(1 - p.leading_eigenvalue, 1e-6) for p in (first, second))
    x, y = chain.overlaps(first.state), chain.overlaps(second.state)
    distance = max(np.max(np.abs(x.q_l - y.q_l)), np.max(np.abs(x.Q_l - y.Q_l)))
    return bool(distance <= _SAME + error)


def _branch(chain, start, point, entropy) -> PlantedBranch:
    x = chain.overlaps(point.state)
    fresh = generalization(x.Q_l, x.Q_complement_l)
    return PlantedBranch(
        start=start,
        q_l=x.q_l,
        Q_l=x.Q_l,
        free_entropy=entropy,
        generalization_error=fresh.gibbs,
        bayes_error=fresh.bayes,
        fresh_overlap=fresh.fresh_overlap,
        nishimori=nishimori_deviation(chain, point.state),
        status=point.status,
        residual=point.image.residual,
        iterations=point.iterations,
        leading_eigenvalue=point.leading_eigenvalue,
    )
