"""The branches of the planted saddle point at one α, and along a scan of α (THEORY section 5).

The *liquid* branch is reached from small overlaps, the *crystal* branch from overlaps near 1. The maps are
non-decreasing and so are their fixed points in α: the liquid branch is the lowest locally stable fixed point,
the crystal branch the highest. Hence a scan may climb the liquid branch from each α to the next larger one
and descend the crystal branch to the next smaller one, and finds the same points as separate solves.

The stable branch is the one of larger free entropy. There s ≥ -ln 2, because each of the N·M outputs
carries at most one bit; a metastable crystal may lie below.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gardner.checks import checked_tolerance, finite, positive, whole
from gardner.criteria import ONE_POINT
from gardner.errors import FileFormatError
from gardner.model import CLOSURES, PRIORS
from gardner.results import schema as words
from gardner.results.base import Entry, Result, labelled
from gardner.results.warnings import SolutionWarning, warned
from gardner.theory.closures.base import Layers
from gardner.theory.nishimori.identity import nishimori_deviation
from gardner.theory.planted.chain import PlantedChain
from gardner.theory.planted.generalization import LinearBound, generalization, linear_bound
from gardner.theory.planted.report import print_planted
from gardner.theory.search.monotone import METHODS, FixedPoint, crystal_start, liquid_start, settle

BRANCHES = ("liquid", "crystal", "both")
MAX_ALPHA = 1e6  # 1-Λ = 0.8e-12 at the crystal end; the quadratures are verified down to 1e-12
MAX_FIELD = 1e6
MAX_DEPTH = 1000


@dataclass(frozen=True, eq=False)
class PlantedBranch(Entry):
    """One fixed point.

    start: "liquid" or "crystal"; q_l: q(0…L); Q_l: Q(1…L); free_entropy: (T14) or (T16), per N·M; bayes_margin: (T25);
    generalization_error, bayes_error, fresh_overlap r(0…L): see `generalization`; nishimori: see `nishimori`;
    status: "converged" or "stalled"; residual: max |F(x)-x| over q and Q; leading_eigenvalue: of the map at
    the fixed point, below 1 where stable.
    """

    start: str
    q_l: np.ndarray = labelled("spin overlap q(l) with the teacher", axes="layer", key="q")
    Q_l: np.ndarray = labelled("bond overlap Q(l) with the teacher", axes="bond_layer", key="Q")
    free_entropy: float = labelled("free entropy per N·M")
    generalization_error: float = labelled("Gibbs error on fresh inputs")
    bayes_error: float = labelled("Bayes error on fresh inputs")
    fresh_overlap: np.ndarray = labelled("teacher–student overlap of layer l on fresh inputs (T17)", axes="layer")
    nishimori: float
    status: str
    residual: float
    iterations: int
    leading_eigenvalue: float

    kind = "planted branch"

    @property
    def bayes_margin(self) -> float:
        """Smallest q(l) - r(l) over the hidden layers, nan without one: negative where (T25) is violated.

        q(l) is the mean square of the posterior mean of a spin on a training pattern, r(l) that on a fresh one, which
        lacks the pattern's label. Knowing more cannot lower it, so that every exact theory has q(l) ≥ r(l).
        """
        return smallest_margin(self.q_l, self.fresh_overlap)

    def body(self) -> dict:
        """The entry of this branch in a document."""
        return super().body() | {"bayes_margin": self.bayes_margin}


def smallest_margin(q_l: np.ndarray, fresh_l: np.ndarray) -> float:
    """min of q(l) - r(l) over l = 1…L-1, nan for L = 1. (T25)"""
    margin_l = np.asarray(q_l)[1:-1] - np.asarray(fresh_l)[1:-1]
    return float(margin_l.min()) if margin_l.size else float("nan")


@dataclass(frozen=True, eq=False)
class PlantedSolution(Result):
    """The requested branches at one α, each a PlantedBranch with q(0…L), Q(1…L), s per N·M and ε_g.

    Attributes
    ----------
    closure, weights : str
        Of the net; the prior of its weights.
    alpha, depth : float, int
        Patterns per width, bond layers.
    field : float
        Symmetry-breaking field (T18).
    branches : tuple of PlantedBranch
        The liquid, the crystal, or both.
    stable : str
        "liquid", "crystal" or, if both starts meet, "single".
    linear_bound : LinearBound, optional
        What linear learning attains in a fully connected net (T22), of weights on the sphere
        only.
    seconds : float
        Wall time.
    parameters : dict
        What was asked for.
    warnings : tuple of SolutionWarning
        Of branches that violate (T25).
    """

    closure: str = labelled(type=CLOSURES)
    alpha: float = labelled(type=words.NUMBER)
    depth: int = labelled(type=words.COUNT)
    field: float = labelled(type=words.NUMBER)
    branches: tuple[PlantedBranch, ...] = labelled(axes="branch", entry=PlantedBranch, index="start")
    stable: str
    linear_bound: LinearBound | None = labelled(
        type=words.Nullable({"free_entropy": words.NUMBER, "generalization_error": words.NUMBER})
    )
    seconds: float = dataclasses.field(compare=False)
    parameters: dict = dataclasses.field(default_factory=dict)
    weights: str = labelled(type=PRIORS, default="spherical")
    warnings: tuple[SolutionWarning, ...] = ()

    kind = "solve planted"
    drawing = "gardner.plotting.results:planted_profiles"

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

    def body(self) -> dict:
        """The entries of the JSON document of `gardner solve planted`."""
        bound = self.linear_bound and {
            name: getattr(self.linear_bound, name) for name in ("free_entropy", "generalization_error")
        }
        return {"setting": "planted"} | super().body() | {"linear_bound": bound}

    @classmethod
    def from_body(cls, body: dict, **header) -> PlantedSolution:
        """The inverse of `body`; the linear bound follows from α and L."""
        weights = PRIORS.check(body.get("weights", "spherical"))  # files of older versions do not name them
        bound = body["linear_bound"] and linear_bound(float(body["alpha"]), int(body["depth"]))
        return super().from_body(body | {"linear_bound": bound, "weights": weights}, **header)

    def coordinates(self) -> dict:
        """Layers of spins and bonds."""
        return {"layer": np.arange(self.depth + 1), "bond_layer": np.arange(1, self.depth + 1)}

    @classmethod
    def schema(cls) -> words.Schema:
        """What its fields say, one entry per layer, and every branch once."""
        return replace(super().schema(), sizes=words.LAYERS, also=_check_branches).without("weights")

    def case(self) -> tuple:
        """Closure, depth and α, by which `closure_verdict` judges."""
        return self.closure, self.depth, self.alpha

    def tell(self) -> None:
        """Print a readable account: overlaps by layer, then every branch."""
        print_planted(self)


def _check_branches(attributes: dict, dataset) -> None:
    names = [str(name) for name in dataset["branch"].values]
    if len(set(names)) < len(names):
        raise FileFormatError("the variable branch names a branch twice")


def _checked(alpha, name, low, high):
    value = positive(name, alpha) if low is None else finite(name, alpha)
    if low is not None and value < low:
        raise ValueError(f"{name} = {alpha}: must be at least {low:g}")
    if value > high:
        raise ValueError(f"{name} = {alpha}: must be at most {high:g}")
    return value


def checked_net(depth, closure, field=0.0, weights="spherical") -> PlantedChain:
    """The chain of a net whose ends are given, in the closure and with the prior of these names, or ValueError."""
    layers = Layers(whole("depth", depth, 1, MAX_DEPTH))
    return PlantedChain(CLOSURES[closure], layers, _checked(field, "field", 0, MAX_FIELD), weights)


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
    weights: str = "spherical",
) -> PlantedSolution:
    """Teacher–student setting: fixed points of a net, hard core at margin 0; replica symmetry is exact (Nishimori).

    Both starts are always followed, to tell which branch is stable (the one of larger s per N·M).

    Parameters
    ----------
    alpha : float
        Patterns per width, M/N.
    depth : int
        Bond layers L.
    closure : str
        A name in CLOSURES, such as "symmetric", (T13), (T14), or "directed", (T15), (T16).
    branch : str
        What is returned: "liquid", "crystal" or "both".
    field : float
        Added to every q̂ (T18).
    tolerance : float
        Of the residual relative to 1-q and 1-Q.
    method : str
        "newton" or "damped".
    weights : str
        Their prior, a name in PRIORS, such as "spherical" or "binary", whose crystal is perfect
        recovery, Q = q = 1 and s = -(L/α) ln 2 (T26).

    Returns
    -------
    PlantedSolution
        Its status may be "stalled".

    Raises
    ------
    ValueError
        For impossible input.

    Notes
    -----
    THEORY section 5.
    """
    chain, alpha = checked_net(depth, closure, field, weights), checked_alpha(alpha)
    tolerance = checked_tolerance("tol", tolerance)
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
    weights: str = "spherical",
) -> list[PlantedSolution]:
    """`solve_planted` for each of `alphas`, in their order, by continuation from α to α.

    depth, closure, field, tolerance and weights are those of `solve_planted`.
    """
    chain = checked_net(depth, closure, field, weights)
    alpha_a = np.array([checked_alpha(alpha) for alpha in alphas])
    tolerance = checked_tolerance("tol", tolerance)
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
    alpha: float,
    depth: int,
    closure: str,
    start: str,
    state: np.ndarray | None,
    field=0.0,
    tolerance: float = 1e-12,
    weights: str = "spherical",
) -> tuple[np.ndarray, PlantedBranch]:
    """One point of the `start` branch, "liquid" or "crystal", from the state of a neighbouring α or from its own start.

    Returns the state to continue from and the branch. Follow the liquid upward and the crystal downward (above).
    """
    chain, alpha = checked_net(depth, closure, field, weights), checked_alpha(alpha)
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
    bound = linear_bound(alpha, chain.depth) if chain.prior.is_rotation_invariant else None
    depth, field_ = chain.depth, chain.field
    given = {"alpha": alpha, "depth": depth, "closure": chain.closure.name, "branch": branch, "field": field_}
    given |= {"weights": chain.prior.name} | asked
    elapsed = time.perf_counter() - began
    names = chain.closure.name, chain.prior.name
    found = PlantedSolution(names[0], alpha, depth, field_, branches, stable, bound, elapsed, given, names[1])
    return warned(found)


def same_point(chain, first: FixedPoint, second: FixedPoint) -> bool:
    """Whether two fixed points agree within their errors, residual/(1 - leading eigenvalue)."""
    error = sum(p.image.residual / max(1 - p.leading_eigenvalue, 1e-6) for p in (first, second))
    x, y = chain.overlaps(first.state), chain.overlaps(second.state)
    distance = max(np.max(np.abs(x.q_l - y.q_l)), np.max(np.abs(x.Q_l - y.Q_l)))
    return bool(distance <= ONE_POINT + error)


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
