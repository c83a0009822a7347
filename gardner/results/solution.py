"""The saddle point of the random setting: a `Solution`, what its status means, its document and its table."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from gardner.model import CLOSURES, Network, RandomSetting
from gardner.potentials import POTENTIALS, read_potential
from gardner.results import schema as words
from gardner.results.base import Header, labelled
from gardner.results.datasets import from_attribute, jsonable, read_dataset, to_attribute, write_dataset
from gardner.results.files import load, save
from gardner.results.steps import ResultInSteps, coordinates_of_steps
from gardner.results.tables import print_table
from gardner.results.warnings import SolutionWarning
from gardner.runtime.files import atomic, check_writable

__all__ = [
    "ADVICE",
    "DIAGNOSTICS",
    "STATUSES",
    "Header",
    "Solution",
    "atomic",
    "check_writable",
    "from_attribute",
    "jsonable",
    "load",
    "read_dataset",
    "save",
    "to_attribute",
    "uninterrupted",
    "write_dataset",
]

STATUSES = ("converged", "stalled", "interrupted", "no_solution")
ADVICE = {  # what holds for every command; a result that knows more has an `advice` of its own
    "converged": "",
    "stalled": "loosen --tol, or change --alpha (near the end of a branch searches do not settle)",
    "interrupted": "the search was stopped, and its last state is no solution",
    "no_solution": "1 - Λ reached round-off (Q, q → 1): the branch ends (hard core: no allowed state is left), or does "
    "so too near for double precision to tell; lower --alpha or --margin",
}
UNSTABLE = 1e-5  # leading eigenvalue above 1 by more than this: not a stable solution
# Largest stationarity of a converged solution, relative to max(1, |s|). Solutions that resolve 1 - Λ stay below 2e-8.
# The differences behind it have a step of 1e-4, so that this bound allows s a noise of 1e-10 |s|; near the end of a
# branch |s| is a small rest of terms of order 1/(1 - Λ), whose round-off shows here before it reaches the digits of s.
# Overlaps that may err by tol move ds/dε by some tol/(1 - x), hence 1e3 tol where that is more.
STATIONARY = 1e-6
STATIONARY_PER_TOLERANCE = 1e3


DIAGNOSTICS = (
    "free_entropy",
    "residual",
    "error",
    "discretisation_error",
    "stationarity",
    "leading_eigenvalue",
    "iterations",
)


@dataclass(frozen=True, eq=False)
class Solution(ResultInSteps):
    """A saddle point of the random setting: symmetric (T11), (T2) or directed closure (T12), (T4).

    Undefined numbers are nan.

    Attributes
    ----------
    setting : RandomSetting
        What was solved.
    q_li, Q_li : ndarray
        (L+1, k+1), (L, k+1): overlaps of spins l = 0…L and bonds l = 1…L at RSB level i = 0…k,
        in [0, 1].
    status : str
        "converged", "stalled", "interrupted" or "no_solution".
    free_entropy : float
        s per N·M.
    residual : float
        max |F(x) - x| of the undamped map over all q and Q.
    error : float
        Estimated error of q_EA and Q_EA, round-off included.
    discretisation_error : float
        Their change on a much finer field grid.
    stationarity : float
        Largest |ds/dε| over layer-wise deformations of q, Q and q̂.
    leading_eigenvalue : float
        Largest real part of the spectrum of the undamped map (locally stable below 1).
    iterations : int
        Evaluations of the map.
    seconds : float
        Wall time.
    closure : str
        A name in CLOSURES.
    parameters : dict
        What was asked for.
    warnings : tuple of SolutionWarning
        What is known against the solution, whatever its status (`results.warnings`).
    """

    setting: RandomSetting
    q_li: np.ndarray = labelled("spin overlap q_i(l)", axes=("layer", "x"), key="q")
    Q_li: np.ndarray = labelled("bond overlap Q_i(l)", axes=("bond_layer", "x"), key="Q")
    status: str
    free_entropy: float
    residual: float
    error: float
    discretisation_error: float
    stationarity: float
    leading_eigenvalue: float
    iterations: int
    seconds: float = field(compare=False)
    closure: str = "symmetric"
    parameters: dict = field(default_factory=dict)
    warnings: tuple[SolutionWarning, ...] = ()

    kind = "solve random"
    drawing = "gardner.plotting.profiles:overlaps_figure"
    saving = "gardner.plotting.results:save_overlaps"
    derived = ("m", "q_ea", "Q_ea")

    @property
    def q_ea(self) -> np.ndarray:
        """q_k(l), l = 0…L."""
        return self.q_li[:, -1]

    @property
    def Q_ea(self) -> np.ndarray:
        """Q_k(l), l = 1…L."""
        return self.Q_li[:, -1]

    @property
    def shortcoming(self) -> str | None:
        """What a converged solution must not show: unstable, stationarity, residual or error; None: nothing of it.

        residual and error are held against the tolerance of the search, stationarity against STATIONARY and what the
        tolerance allows; a number that could not be computed (nan) counts as a shortcoming.
        """
        tolerance = self.parameters.get("tol", math.inf)
        flat = max(STATIONARY, STATIONARY_PER_TOLERANCE * tolerance) * max(1.0, abs(self.free_entropy))
        passed = {
            "residual": self.residual <= tolerance,
            "unstable": self.leading_eigenvalue <= 1.0 + UNSTABLE,
            "stationarity": self.stationarity <= flat,
            "error": self.error <= tolerance,
        }
        return next((name for name, good in passed.items() if not good), None)

    @property
    def advice(self) -> str:
        """What to do about a status other than "converged", in terms of the options of `gardner solve random`."""
        if self.status != "stalled":
            return ADVICE[self.status]
        soft = " or --beta" if self.setting.potential.has_temperature() else ""
        texts = {
            "residual": "raise --max-iterations, continue with --from, or loosen --tol"
            + ("; where it is cold, another --grid or a lower --beta may settle" if soft else ""),
            "unstable": "the fixed point found is unstable (leading eigenvalue above 1) and not the physical state; "
            "continue with --from a solution at a smaller --alpha, or change --levels",
            "stationarity": f"s is not stationary ({self.stationarity:.1e}): so close to the end of the branch 1 - Λ "
            f"has too few digits in double precision, and s with it; lower --alpha{soft}",
            "error": f"the estimated error {self.error:.1e} exceeds --tol; loosen --tol to accept it, or lower "
            f"--alpha{soft}" + ("" if self.parameters.get("method") != "damped" else ", or try --method newton"),
        }
        other = "the fixed point found has a larger s than any physical state; continue with --from a smaller --alpha"
        return texts.get(self.shortcoming, other)

    def body(self) -> dict:
        """The entries of the JSON document of `gardner solve random`, q and Q as lists of floats."""
        setting = self.setting
        body = {
            "setting": "random",
            "closure": self.closure,
            "alpha": setting.alpha,
            "depth": setting.network.depth,
            "levels": setting.levels,
            **setting.potential.attributes,
            "m": list(setting.parisi),
            "q": self.q_li.tolist(),
            "Q": self.Q_li.tolist(),
            "q_ea": self.q_ea.tolist(),
            "Q_ea": self.Q_ea.tolist(),
        }
        body |= {} if setting.weights == "spherical" else {"weights": setting.weights}
        return body | {name: getattr(self, name) for name in DIAGNOSTICS}

    @classmethod
    def from_body(cls, body: dict, **header) -> Solution:
        """The inverse of `body`; the ends of the net are imposed, and stand in the first and last row of q."""
        q_li = np.array(body["q"], dtype=float)
        setting = RandomSetting(
            body["alpha"], Network(body["depth"]), read_potential(body), tuple(body["m"]), tuple(q_li[0]),
            tuple(q_li[-1]), body["closure"], body.get("weights", "spherical"),
        )  # fmt: skip
        numbers = {name: math.nan if body[name] is None else body[name] for name in DIAGNOSTICS}
        Q_li = np.array(body["Q"], dtype=float)
        return cls(setting=setting, q_li=q_li, Q_li=Q_li, closure=body["closure"], **numbers, **header)

    def coordinates(self) -> dict:
        """Layers, and the steps of x: m_lower = m_i opens the step (m_i, m_{i+1})."""
        m, depth = self.setting.m, self.setting.network.depth
        layers = {"layer": np.arange(depth + 1), "bond_layer": np.arange(1, depth + 1)}
        return layers | coordinates_of_steps(m)

    @classmethod
    def schema(cls) -> words.Schema:
        """What a file of `solve random --out` must hold."""
        return SCHEMA

    def case(self) -> tuple:
        """Closure, depth, α and potential, by which `closure_verdict` judges."""
        setting = self.setting
        return self.closure, setting.network.depth, setting.alpha, setting.potential

    def tell(self) -> None:
        """Print a readable account: numbers, and the overlaps of every layer."""
        setting = self.setting
        print(
            f"random setting, {self.closure} closure, {setting.weights} weights: α = {setting.alpha:g}, "
            f"L = {setting.network.depth}, k = {setting.levels}, {setting.potential.label}"
        )
        print(f"status {self.status} after {self.iterations} evaluations, {self.seconds:.1f} s")
        print(f"free entropy s = {self.free_entropy:.10f} per N·M")
        print(
            f"residual {self.residual:.1e}, estimated error {self.error:.1e}, "
            f"discretisation error {self.discretisation_error:.1e}"
        )
        print(f"stationarity of s {self.stationarity:.1e}, leading eigenvalue {self.leading_eigenvalue:.8f}")
        rows = [["0", "", f"{self.q_ea[0]:.8f}", "", f"{self.q_li[0, 0]:.8f}"]]
        for l in range(1, setting.network.depth + 1):
            values = self.Q_ea[l - 1], self.q_ea[l], self.Q_li[l - 1, 0], self.q_li[l, 0]
            rows.append([str(l), *(f"{value:.8f}" for value in values)])
        print_table("overlaps by layer", ["l", "Q_EA", "q_EA", "Q_0", "q_0"], rows)


def _check_temperature(attributes: dict, _) -> None:
    kind = POTENTIALS[attributes["potential"]]
    if kind.has_temperature():
        words.check_value(attributes["beta"], words.NUMBER, f"the attribute beta of a {kind.title}")


SCHEMA = words.Schema(
    words.HEADER
    | words.SEED
    | {"parameters": words.Partly({"tol": words.NUMBER, "method": words.TEXT})}
    | {"closure": CLOSURES, "alpha": words.NUMBER, "depth": words.COUNT, "levels": words.WHOLE}
    | {"potential": POTENTIALS, "margin": words.NUMBER, "beta": words.MAYBE}
    | dict.fromkeys(DIAGNOSTICS, words.MAYBE)
    | {"iterations": words.WHOLE},
    {
        "q": (("layer", "x"), "number"),
        "Q": (("bond_layer", "x"), "number"),
        "m_lower": (("x",), "number"),
        "m_upper": (("x",), "number"),
    },
    {},
    words.LAYERS | {"x": lambda attributes: int(attributes["levels"]) + 1},
    _check_temperature,
)


def uninterrupted(solution: Solution) -> Solution:
    """The solution; KeyboardInterrupt if Ctrl-C ended its search, where one solution is a part of longer work."""
    if solution.status == "interrupted":
        raise KeyboardInterrupt
    return solution
