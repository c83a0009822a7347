"""Results and their files: labelled xarray datasets in netCDF, written atomically.

Every file and every JSON document opens with the same header: command, parameters, version, seed where there is one,
status, seconds.
"""

from __future__ import annotations

import importlib
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

import gardner
from gardner.errors import FileFormatError
from gardner.model import Network, RandomSetting
from gardner.potentials import read_potential
from gardner.results.datasets import from_attribute, jsonable, read_dataset, to_attribute, write_dataset
from gardner.runtime.files import atomic, check_writable
from gardner.values import ByValue

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


@dataclass(frozen=True)
class Header:
    """What a result needs to be reproduced."""

    command: str
    parameters: dict
    status: str
    seconds: float
    seed: int | None = None
    version: str = field(default_factory=lambda: gardner.__version__)


@dataclass(frozen=True, eq=False)
class Solution(ByValue):
    """A saddle point of the random setting: symmetric (T11), (T2) or directed closure (T12), (T4).

    q_li (L+1, k+1), Q_li (L, k+1): overlaps of spins l = 0…L and bonds l = 1…L at RSB level i = 0…k, in [0, 1];
    free_entropy: s per N·M; residual: max |F(x) - x| of the undamped map over all q and Q;
    error: estimated error of q_EA and Q_EA, round-off included; discretisation_error: their change on a much finer
    field grid; stationarity: largest |ds/dε| over layer-wise deformations of q, Q and q̂; leading_eigenvalue: largest
    real part of the spectrum of the undamped map (locally stable below 1); iterations: evaluations of the map.
    Undefined numbers are nan.
    """

    setting: RandomSetting
    q_li: np.ndarray
    Q_li: np.ndarray
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

    @property
    def q_ea(self) -> np.ndarray:
        """q_k(l), l = 0…L."""
        return self.q_li[:, -1]

    @property
    def Q_ea(self) -> np.ndarray:
        """Q_k(l), l = 1…L."""
        return self.Q_li[:, -1]

    @property
    def header(self) -> Header:
        """Command, parameters, status and time of this result."""
        return Header("solve random", self.parameters, self.status, self.seconds)

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
            "residual": "raise --max-iterations, continue with --from, or loosen --tol",
            "unstable": "the fixed point found is unstable (leading eigenvalue above 1) and not the physical state; "
            "continue with --from a solution at a smaller --alpha, or change --levels",
            "stationarity": f"s is not stationary ({self.stationarity:.1e}): so close to the end of the branch 1 - Λ "
            f"has too few digits in double precision, and s with it; lower --alpha{soft}",
            "error": f"the estimated error {self.error:.1e} exceeds --tol; loosen --tol to accept it, or lower "
            f"--alpha{soft}" + ("" if self.parameters.get("method") != "damped" else ", or try --method newton"),
        }
        other = "the fixed point found has a larger s than any physical state; continue with --from a smaller --alpha"
        return texts.get(self.shortcoming, other)

    def document(self) -> dict:
        """The JSON document of `gardner solve random`, numbers as floats, undefined as null."""
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
        body |= {name: getattr(self, name) for name in DIAGNOSTICS}
        return asdict(self.header) | body

    def to_dataset(self):
        """xarray Dataset: q(layer, x), Q(bond_layer, x); coordinate m_lower = m_i opens the step (m_i, m_{i+1})."""
        import xarray as xr

        m = self.setting.m
        depth = self.setting.network.depth
        dataset = xr.Dataset(
            {
                "q": (("layer", "x"), self.q_li, {"long_name": "spin overlap q_i(l)", "units": "1"}),
                "Q": (("bond_layer", "x"), self.Q_li, {"long_name": "bond overlap Q_i(l)", "units": "1"}),
            },
            coords={
                "layer": np.arange(depth + 1),
                "bond_layer": np.arange(1, depth + 1),
                "x": 0.5 * (m[:-1] + m[1:]),
                "m_lower": ("x", m[:-1]),
                "m_upper": ("x", m[1:]),
            },
        )
        attributes = self.document()
        for name in ("m", "q", "Q", "q_ea", "Q_ea"):
            del attributes[name]
        dataset.attrs = {"kind": "solve random"} | {name: to_attribute(v) for name, v in attributes.items()}
        return dataset

    @classmethod
    def from_dataset(cls, dataset) -> Solution:
        """The inverse of `to_dataset`; FileFormatError if something is missing."""
        try:
            attributes = {name: from_attribute(value) for name, value in dataset.attrs.items()}
            q_li, Q_li = dataset["q"].values, dataset["Q"].values
            setting = RandomSetting(
                attributes["alpha"],
                Network(attributes["depth"]),
                read_potential(attributes),
                tuple(dataset["m_lower"].values[1:]),
                tuple(q_li[0]),
                tuple(q_li[-1]),
                attributes["closure"],
            )
            numbers = {n: math.nan if attributes[n] is None else attributes[n] for n in DIAGNOSTICS}
            return cls(
                setting=setting,
                q_li=q_li,
                Q_li=Q_li,
                status=attributes["status"],
                seconds=attributes["seconds"],
                closure=attributes["closure"],
                parameters=attributes["parameters"],
                **numbers,
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise FileFormatError(f"not a solution of the random setting: {problem}") from None


def uninterrupted(solution: Solution) -> Solution:
    """The solution; KeyboardInterrupt if Ctrl-C ended its search, for whom one solution is a part of longer work."""
    if solution.status == "interrupted":
        raise KeyboardInterrupt
    return solution


DIAGNOSTICS = (
    "free_entropy",
    "residual",
    "error",
    "discretisation_error",
    "stationarity",
    "leading_eigenvalue",
    "iterations",
)


SOLUTIONS = {  # kind of file → class that reads it
    "solve random": ("gardner.results.solution", "Solution"),
    "solve planted": ("gardner.theory.planted.solve", "PlantedSolution"),
}


def save(solution, path: Path) -> None:
    """Write a solution to `path` as netCDF (h5netcdf), in place of a file that is there; ValueError if it cannot be.

    solution: a Solution or a PlantedSolution. Everything is kept: overlaps, the m_i, setting, solver parameters and
    diagnostics.
    """
    write_dataset(solution.to_dataset(), path)


def load(path: Path):
    """The Solution or PlantedSolution in the file `path` (of `save` or `--out`).

    FileFormatError, a ValueError, if it holds none.
    """
    try:
        dataset = read_dataset(path)
        kind = str(dataset.attrs.get("kind"))
        if kind not in SOLUTIONS:
            raise FileFormatError(f"holds no solution; give a file of {' or '.join(SOLUTIONS)}")
        module, name = SOLUTIONS[kind]
        return getattr(importlib.import_module(module), name).from_dataset(dataset)
    except FileFormatError as problem:
        message = str(problem)
        raise FileFormatError(message if message.startswith(str(path)) else f"{path}: {message}") from None
