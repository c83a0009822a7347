"""Results and their files: labelled xarray datasets in netCDF, written atomically.

Every file and every JSON document opens with the same header: command, parameters, version, seed where there is one,
status, seconds.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

import gardner
from gardner.errors import FileFormatError
from gardner.model import HardCore, Network, Potential, RandomSetting, SoftCore

STATUSES = ("converged", "stalled", "interrupted", "no_solution")
ADVICE = {
    "converged": "",
    "stalled": "loosen --tol; in the random setting raise --max-iterations or continue with --from "
    "(a leading eigenvalue above 1 marks an unstable saddle point)",
    "interrupted": "continue from the saved state with --from",
    "no_solution": "the branch ended, Q, q → 1 (hard core: no allowed state is left); lower --alpha or --margin",
}


@dataclass(frozen=True)
class Header:
    """What a result needs to be reproduced."""

    command: str
    parameters: dict
    status: str
    seconds: float
    seed: int | None = None
    version: str = field(default_factory=lambda: gardner.__version__)


@dataclass(frozen=True)
class Solution:
    """A saddle point of the random setting: symmetric (T11), (T2) or directed closure (T12), (T4).

    q_li (L+1, k+1), Q_li (L, k+1): overlaps of spins l = 0…L and bonds l = 1…L at RSB level i = 0…k, in [0, 1];
    free_entropy: s per N·M; residual: max |F(x) - x| of the undamped map over all q and Q;
    error: estimated error of q_EA and Q_EA; discretisation_error: their change on a much finer field grid;
    stationarity: largest |ds/dε| over layer-wise deformations of q, Q and q̂; leading_eigenvalue: largest real part
    of the spectrum of the undamped map (locally stable below 1); iterations: evaluations of the map.
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
    seconds: float
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

    def document(self) -> dict:
        """The JSON document of `gardner solve random`, numbers as floats, undefined as null."""
        setting = self.setting
        body = {
            "setting": "random",
            "closure": self.closure,
            "alpha": setting.alpha,
            "depth": setting.network.depth,
            "levels": setting.levels,
            "potential": setting.potential.name,
            "margin": setting.potential.margin,
            "beta": setting.potential.beta,
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
            potential: Potential = HardCore(attributes["margin"])
            if attributes["potential"] == "soft":
                potential = SoftCore(attributes["beta"], attributes["margin"])
            setting = RandomSetting(
                attributes["alpha"],
                Network(attributes["depth"]),
                potential,
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


def to_attribute(value):
    """A netCDF attribute: numbers and strings as they are, everything else as JSON text."""
    if isinstance(value, (str, int, float, np.integer, np.floating)) and not isinstance(value, bool):
        return value
    return json.dumps(jsonable(value))


def from_attribute(value):
    """The inverse of `to_attribute`."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str) and value[:1] in ("{", "[", "n", "t", "f", '"'):
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(value)
    return value


def jsonable(value):
    """Plain JSON values: arrays as lists, nan and infinities as null."""
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, np.ndarray):
        return jsonable(value.tolist())
    if isinstance(value, np.generic):
        return jsonable(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def check_writable(path: Path, force: bool) -> None:
    """ValueError unless `path` can be written: its folder exists, and an existing file only with `force`."""
    path = Path(path)
    if path.is_dir():
        raise ValueError(f"{path}: is a folder; give a file name")
    if path.exists() and not force:
        raise ValueError(f"{path}: exists already; choose another name or pass --force")
    folder = path.parent
    if not folder.is_dir():
        raise ValueError(f"{path}: the folder {folder} does not exist; create it first")
    if not os.access(folder, os.W_OK):
        raise ValueError(f"{path}: the folder {folder} is not writable; choose another one")


@contextlib.contextmanager
def atomic(path: Path):
    """A temporary path beside `path` that replaces it when the block ends well and vanishes when it does not."""
    path = Path(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    except OSError as problem:
        raise ValueError(f"{path}: cannot be written ({problem.strerror}); choose another path") from None
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_dataset(dataset, path: Path) -> None:
    """Write a dataset to netCDF through h5netcdf, atomically."""
    with atomic(path) as temporary:
        dataset.to_netcdf(temporary, engine="h5netcdf")


def read_dataset(path: Path):
    """The dataset in a netCDF file, loaded; FileFormatError if it is none."""
    import xarray as xr

    path = Path(path)
    if not path.is_file():
        raise FileFormatError(f"{path}: no such file; give a file written with --out")
    try:
        with xr.open_dataset(path, engine="h5netcdf") as dataset:
            return dataset.load()
    except (OSError, ValueError, KeyError):
        raise FileFormatError(f"{path}: not a netCDF file; give a file written with --out") from None


def save(solution: Solution, path: Path) -> None:
    """Write a solution to `path` as netCDF (h5netcdf), in place of a file that is there; ValueError if it cannot be.

    Everything is kept: q(layer, x), Q(bond_layer, x), the m_i, setting, solver parameters and diagnostics.
    """
    write_dataset(solution.to_dataset(), path)


def load(path: Path) -> Solution:
    """The Solution in the file `path` (of `save` or `--out`); FileFormatError, a ValueError, if it holds none."""
    try:
        return Solution.from_dataset(read_dataset(path))
    except FileFormatError as problem:
        message = str(problem)
        raise FileFormatError(message if message.startswith(str(path)) else f"{path}: {message}") from None
