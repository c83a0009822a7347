"""The hierarchy of a solution layer by layer: x(q,l), P(q,l), the levels that are alive, and one tree for all layers.

q_i(l), i = 0…k, is the staircase q(x,l) on the steps (m_i, m_{i+1}); its inverse x(q,l) = Prob(q_ab(l) ≤ q) and

    P(q,l) = dx/dq = Σ_i (m_{i+1} - m_i) δ(q - q_i(l)),                                                  (U2)

the weight 1-m_k at q_EA included. Level i ≥ 1 is *alive* in layer l if q_i(l) - q_{i-1}(l) > RESOLVED: there the states
of the layer still branch. A level that is not alive has merged with the one before it; where q vanishes below a
breakpoint x* the layer does not see the coarse branches any more ("renormalization"). With m spaced finely, merged
levels are a plateau of q(x), a δ of P(q,l) that stays as k → ∞, while single levels sample its continuous part.

The depth of the tree in a layer is the number of branchings between the root and a replica, levels that are not alive
no longer told apart; `mean_depth` is its mean over replicas and over TREES independent trees, with the standard error
over trees. It grows with the number of replicas, not with k once k is large. For two replicas its expectation is the
plateau start: they part somewhere with the probability m_i of the last level alive.

Holds for every closure: only the overlaps and m enter. Errors are those of the overlaps.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from gardner.analysis.coalescent import Tree, draw_trees
from gardner.criteria import RESOLVED
from gardner.model import CLOSURES, whole
from gardner.results import schema as words
from gardner.results.base import Result
from gardner.results.datasets import from_attribute, to_attribute
from gardner.results.solution import Solution
from gardner.results.tables import print_table
from gardner.values import ByValue

KINDS = ("spin", "bond")
NUMBERS = ("levels_alive", "breakpoint", "plateau_start", "mean_depth", "depth_error")
ORIGIN = ("closure", "alpha", "depth", "solution_status")
TREES = 50  # independent trees behind the mean depth; the first is the one drawn


@dataclass(frozen=True, eq=False)
class OverlapLaw(ByValue):
    """P(q) of a staircase: distinct values q_v (v,), increasing, their weights weight_v (sum 1), x(q) just below q_v.

    delta_v marks the atoms: plateaus of several merged levels, q_EA, and q = 0.
    """

    q_v: np.ndarray
    weight_v: np.ndarray
    x_v: np.ndarray
    delta_v: np.ndarray

    def moment(self, power: int) -> float:
        """∫ q^power P(q) dq."""
        return float(self.weight_v @ self.q_v**power)

    def x(self, q: np.ndarray) -> np.ndarray:
        """x(q) = Prob(q_ab ≤ q)."""
        cumulated = np.append(0.0, np.cumsum(self.weight_v))
        return cumulated[np.searchsorted(self.q_v, q, side="right")]


def alive_levels(q_i: np.ndarray, threshold: float = RESOLVED) -> np.ndarray:
    """(k+1,) flags: q_i - q_{i-1} > threshold for i ≥ 1; for i = 0 whether q_0 > threshold."""
    return np.diff(q_i, prepend=0.0) > threshold


def overlap_law(q_i: np.ndarray, m: np.ndarray) -> OverlapLaw:
    """P(q) of the staircase q_i (k+1,) at m (k+2,) (U2), merged levels taken together."""
    starts = np.flatnonzero(np.append(True, alive_levels(q_i)[1:]))
    weights = np.diff(m)
    count = np.diff(np.append(starts, len(q_i)))
    weight_v = np.add.reduceat(weights, starts)
    # the weighted mean over merged levels keeps ∫ q P dq exact
    q_v = np.where(count > 1, np.add.reduceat(weights * q_i, starts) / weight_v, q_i[starts])
    delta = (count > 1) | (q_v <= RESOLVED)
    delta[-1] = True
    return OverlapLaw(q_v, weight_v, m[starts], delta)


@dataclass(frozen=True, eq=False)
class LayerHierarchy(ByValue):
    """kind: "spin" or "bond"; layer; q_i (k+1,); alive_i (k+1,); law: P(q,l).

    levels_alive: RSB steps i ≥ 1 that are alive; breakpoint x*: q(x) vanishes below (0: nowhere, 1: everywhere);
    plateau_start: q(x) = q_EA above; mean_depth, depth_error: branchings from the root to a replica.
    """

    kind: str
    layer: int
    q_i: np.ndarray
    alive_i: np.ndarray
    law: OverlapLaw
    levels_alive: int
    breakpoint: float
    plateau_start: float
    mean_depth: float
    depth_error: float


def continuous_part(layer: LayerHierarchy) -> tuple[np.ndarray, np.ndarray]:
    """P(q) between the δ: the weight of every single level spread over a cell around it. Edges (v+1,), densities (v,).

    Between two single levels the cells meet where a straight x(q) reaches the m between them. Towards a δ a cell is as
    wide as on its other side, and ends at the δ itself at the latest. Empty stretches get density 0; the integral is
    the weight of all single levels.
    """
    law, edges, density = layer.law, [], []
    for v in np.flatnonzero(~law.delta_v):  # never the last value: q_EA is a δ
        down, up = _towards(law, v, -1), _towards(law, v, 1)
        free_down = v > 0 and not law.delta_v[v - 1]
        free_up = not law.delta_v[v + 1]
        if not free_up:
            up = min(up, down) if free_down else up
        if not free_down:
            down = min(down, up) if free_up else down
        low = law.q_v[v] - down
        if edges and low - edges[-1] > 1e-12:
            density.append(0.0)
            edges.append(low)
        edges = edges or [low]
        density.append(law.weight_v[v] / (law.q_v[v] + up - edges[-1]))
        edges.append(law.q_v[v] + up)
    return np.array(edges), np.array(density)


def _towards(law: OverlapLaw, v: int, step: int) -> float:
    """Distance from q_v to the end of its cell: its share of the way to a single level, all of it to a δ or to 0."""
    if v + step < 0:
        return law.q_v[v]
    distance = abs(law.q_v[v + step] - law.q_v[v])
    if law.delta_v[v + step]:
        return distance
    return distance * law.weight_v[v] / (law.weight_v[v] + law.weight_v[v + step])


@dataclass(frozen=True, eq=False)
class Hierarchy(Result):
    """All layers of a solution on one tree, and what each keeps of it (THEORY section 7).

    Attributes
    ----------
    m : ndarray
        (k+2,): Parisi parameters.
    tree : Tree
        The drawn tree of replicas.
    spins, bonds : tuple of LayerHierarchy
        One per layer with P(q,l) = dx/dq, its atoms, the levels alive, breakpoint x* and
        plateau.
    closure, alpha, depth, solution_status
        Of the solution.
    seconds : float
        Wall time.
    seed : int
        Of the tree.
    parameters : dict
        What was asked for.
    """

    m: np.ndarray
    tree: Tree
    spins: tuple[LayerHierarchy, ...]
    bonds: tuple[LayerHierarchy, ...]
    closure: str = ""
    alpha: float = math.nan
    depth: int = 0
    solution_status: str = ""
    seconds: float = field(default=0.0, compare=False)
    seed: int | None = None
    parameters: dict = field(default_factory=dict)

    kind = "ultrametric"
    drawing = "gardner.plotting.results:overlap_terraces"
    saving = "gardner.plotting.results:save_hierarchy"
    pictures = ("-laws", "-trees", "-matrices")
    listed = True

    @property
    def layers(self) -> tuple[LayerHierarchy, ...]:
        """Spins, then bonds."""
        return self.spins + self.bonds

    def body(self) -> dict:
        """The solution, x(q,l) and P(q,l) of every layer, and the tree."""
        origin = {name: getattr(self, name) for name in ORIGIN}
        return origin | hierarchy_document(self)

    def to_dataset(self):
        """Trees, overlap matrices and overlaps, with the header and the solution as attributes."""
        origin = {name: getattr(self, name) for name in ORIGIN}
        attributes = {"kind": self.kind} | asdict(self.header) | origin
        return hierarchy_dataset(self, {name: to_attribute(value) for name, value in attributes.items()})

    @classmethod
    def from_dataset(cls, dataset) -> Hierarchy:
        """The inverse of `to_dataset`."""
        known = {name: from_attribute(value) for name, value in dataset.attrs.items()}
        m = np.append(dataset["m_lower"].values, 1.0)
        tree = Tree(m, dataset["block"].transpose("level", "replica").values)
        layers = {kind: _stored_layers(dataset, kind, m) for kind in KINDS}
        header = {name: known.get(name) for name in ("seconds", "seed", "parameters")}
        origin = {name: known[name] for name in ORIGIN if name in known}
        return cls(m, tree, layers["spin"], layers["bond"], **origin, **header)

    @classmethod
    def schema(cls) -> words.Schema:
        """Header, tree and steps of x; layers of spins or bonds may be missing."""
        variables = {"block": (("level", "replica"), "number"), "m_lower": (("level",), "number")}
        typed = words.SEED | {"closure": ("", *CLOSURES), "alpha": words.NUMBER, "depth": words.WHOLE}
        return words.Schema(words.HEADER, variables, typed | {"solution_status": words.TEXT}, also=_check_layers)

    def tell(self) -> None:
        """Print what each layer keeps of the hierarchy."""
        body = self.body()
        print(
            f"random setting, {self.closure} closure: α = {self.alpha:g}, L = {self.depth}, "
            f"k = {len(body['m'])}, one tree of {body['replicas']} replicas for all layers"
        )
        if self.solution_status != "converged":
            print(f"status {self.solution_status}: this hierarchy is not that of a saddle point")
        columns = ["l", "levels alive", "q = 0 for x <", "q_EA for x >", "q_EA", "<q>", "depth of the tree"]
        for kind in ("bond", "spin"):
            rows = [
                [str(layer["layer"]), str(layer["levels_alive"])]
                + [f"{layer[name]:.4f}" for name in ("breakpoint", "plateau_start")]
                + [f"{layer['q'][-1]:.6f}", f"{layer['mean_overlap']:.6f}"]
                + [f"{layer['mean_depth']:.3f} ± {layer['depth_error']:.3f}"]
                for layer in body[kind]
            ]
            if rows:
                print_table(f"{kind}s: what each layer keeps of the hierarchy", columns, rows)
        print("levels alive: RSB steps of q(x,l) that remain; depth: branchings from the root to a replica, ", end="")
        print("mean over trees")


def _stored_layers(dataset, kind: str, m: np.ndarray) -> tuple[LayerHierarchy, ...]:
    """The spin or bond layers in a Dataset; alive levels and P(q,l) follow from q_i."""
    if f"{kind}_layer" not in dataset:
        return ()
    q_li = dataset[f"q_{kind}"].transpose(f"{kind}_layer", "level").values
    found = []
    for l, (layer, q_i) in enumerate(zip(dataset[f"{kind}_layer"].values, q_li)):
        numbers = {name: dataset[f"{name}_{kind}"].values[l].item() for name in NUMBERS}
        found.append(LayerHierarchy(kind, int(layer), q_i, alive_levels(q_i), overlap_law(q_i, m), **numbers))
    return tuple(found)


def _check_layers(attributes: dict, dataset) -> None:
    for kind in KINDS:
        axis = f"{kind}_layer"
        if axis in dataset:
            wanted = {f"q_{kind}": ((axis, "level"), "number")}
            wanted |= {f"{name}_{kind}": ((axis,), "number") for name in NUMBERS}
            words.Schema({}, wanted).check(attributes, dataset)


def layer_hierarchy(kind: str, layer: int, q_i: np.ndarray, m: np.ndarray, trees: Sequence[Tree]) -> LayerHierarchy:
    """What one layer keeps of the hierarchy."""
    alive = alive_levels(q_i)
    depth_t = np.array([tree.depth_r(alive).mean() for tree in trees])
    grown = np.flatnonzero(q_i > RESOLVED)
    steps = np.flatnonzero(alive[1:]) + 1
    return LayerHierarchy(
        kind=kind,
        layer=layer,
        q_i=np.asarray(q_i, dtype=float),
        alive_i=alive,
        law=overlap_law(q_i, m),
        levels_alive=len(steps),
        breakpoint=float(m[grown[0]]) if len(grown) else 1.0,
        plateau_start=float(m[steps[-1]]) if len(steps) else 0.0,
        mean_depth=float(depth_t.mean()),
        depth_error=float(depth_t.std(ddof=1) / np.sqrt(len(depth_t))),
    )


def choose_layers(layers: Sequence[int] | None, smallest: int, depth: int, default: Sequence[int]) -> list[int]:
    """Layers asked for, in their order, or `default`; ValueError outside smallest…depth."""
    if layers is None:
        return list(default)
    chosen = [whole("layers", layer, smallest, depth) for layer in layers]
    if not chosen or len(set(chosen)) != len(chosen):
        raise ValueError(f"layers = {list(layers)}: name at least one layer, each once")
    return chosen


def hierarchy(solution: Solution, layers: Sequence[int] | None = None, replicas: int = 200, seed: int = 1) -> Hierarchy:
    """The ultrametric hierarchy of a solution of the random setting, on one drawn tree.

    Parameters
    ----------
    solution : Solution
        Of any status but no_solution.
    layers : sequence of int, optional
        Spin layers 0…L (bond layers among them 1…L). Without it all hidden spins and all bonds,
        the boundaries too where they are structured.
    replicas : int
        Leaves of the tree.
    seed : int
        Of the trees (coagulation [BS98]).

    Returns
    -------
    Hierarchy
        The tree, and what every layer keeps of it.

    Raises
    ------
    ValueError
        For layers that do not exist, or a solution of status no_solution.

    Notes
    -----
    THEORY section 7.
    """
    if solution.status == "no_solution":
        raise ValueError("status no_solution: there is no state whose hierarchy could be drawn; lower --alpha")
    setting = solution.setting
    depth = setting.network.depth
    structured = [l for l in (0, depth) if solution.q_li[l, 0] < 1.0]
    # layer 0 has no bonds, and its spins no hierarchy where the inputs are fixed patterns
    chosen = choose_layers(layers, 0, depth, sorted([*structured, *range(1, depth)]))
    if chosen == [0] and 0 not in structured:
        raise ValueError("layers = 0: inputs are fixed patterns without a hierarchy; name a layer from 1 on")
    bonds = [l for l in chosen if l > 0] if layers is not None else range(1, depth + 1)
    began, trees = time.perf_counter(), draw_trees(setting.parisi, replicas, TREES, seed)
    m = setting.m
    return Hierarchy(
        m,
        trees[0],
        tuple(layer_hierarchy("spin", l, solution.q_li[l], m, trees) for l in chosen),
        tuple(layer_hierarchy("bond", l, solution.Q_li[l - 1], m, trees) for l in bonds),
        *(solution.closure, setting.alpha, depth, solution.status),
        seconds=time.perf_counter() - began,
        seed=seed,
        parameters={"layers": None if layers is None else list(layers), "replicas": replicas},
    )


def layer_document(layer: LayerHierarchy) -> dict:
    """The JSON of one layer."""
    law = layer.law
    return {
        "layer": layer.layer,
        "q": law.q_v.tolist(),
        "weight": law.weight_v.tolist(),
        "x": law.x_v.tolist(),
        "delta": [{"q": float(q), "weight": float(w)} for q, w in zip(law.q_v[law.delta_v], law.weight_v[law.delta_v])],
        "mean_overlap": law.moment(1),
        "mean_square_overlap": law.moment(2),
        "levels_alive": layer.levels_alive,
        "breakpoint": layer.breakpoint,
        "plateau_start": layer.plateau_start,
        "mean_depth": layer.mean_depth,
        "depth_error": layer.depth_error,
    }


def hierarchy_document(result: Hierarchy) -> dict:
    """The body of `gardner ultrametric --json`."""
    blocks = [int(block_r.max()) + 1 for block_r in result.tree.block_ir]
    return {
        "m": result.m[1:-1].tolist(),
        "replicas": result.tree.replicas,
        "spin": [layer_document(layer) for layer in result.spins],
        "bond": [layer_document(layer) for layer in result.bonds],
        "tree": {"order": result.tree.order().tolist(), "blocks": blocks},
    }


def hierarchy_dataset(result: Hierarchy, attributes: dict):
    """xarray Dataset: block(level, replica), merge_level, order, linkage; q, overlap_matrix, … of spins and bonds."""
    import xarray as xr

    tree = result.tree
    variables = {
        "block": (("level", "replica"), tree.block_ir),
        "merge_level": (("replica", "replica_other"), tree.merge_level_rr),
        "order": ("leaf", tree.order()),
        "linkage": (("merger", "column"), tree.linkage()),
    }
    coordinates = {"level": np.arange(len(tree.block_ir)), "m_lower": ("level", result.m[:-1])}
    for kind, layers in zip(KINDS, (result.spins, result.bonds)):
        if not layers:
            continue
        axis = f"{kind}_layer"
        coordinates[axis] = [layer.layer for layer in layers]
        variables[f"q_{kind}"] = ((axis, "level"), np.array([layer.q_i for layer in layers]))
        matrices = np.array([tree.overlaps(layer.q_i) for layer in layers])
        variables[f"overlap_matrix_{kind}"] = ((axis, "replica", "replica_other"), matrices)
        for name in NUMBERS:
            variables[f"{name}_{kind}"] = (axis, [getattr(layer, name) for layer in layers])
    return xr.Dataset(variables, coordinates, attributes)
