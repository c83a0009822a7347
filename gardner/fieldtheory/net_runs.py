"""Learning-rate scans of a ReLU net and what they say about m²(η) = -μ² + ¼λη².

φ(η) is the order parameter (`net_dynamics`) of the last window before the drop, the plain mean of φ_l. Training
counts as lost at a learning rate where the weights diverge or the accuracy falls below one half in at
least half of the runs. Gradient-descent stability predicts 2/λ_max, with λ_max at the start or as the run has made it.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from gardner import __version__
from gardner.fieldtheory.net_dynamics import NetChain
from gardner.fieldtheory.relu_net import CLASSES, DATA, FEATURES, load_data
from gardner.fieldtheory.verdicts import Claim
from gardner.fieldtheory.weight_runs import checked_rates
from gardner.model import positive, whole
from gardner.results.solution import Header, from_attribute, to_attribute
from gardner.runtime.chains import Workers, run_chains
from gardner.values import ByValue

HALF = 0.5  # accuracy below which training counts as lost
MAX_WIDTH = 1000


@dataclass(frozen=True)
class NetPlan:
    """Learning rates, hidden widths and the length of the runs; `seeds` independent runs per rate.

    steps: of a window; with `equal_time` at the highest rate, and inversely to the rate at the others, so that all have
    trained equally far when their order is compared.
    """

    rates: tuple[float, ...]
    hidden: tuple[int, ...] = (16, 16, 16)
    data: str = "synthetic"
    batch: int = 32
    steps: int = 100
    windows: int = 20
    drop: float = 0.1
    seeds: int = 3
    seed: int = 1
    equal_time: bool = False

    def __post_init__(self):
        object.__setattr__(self, "rates", checked_rates(self.rates))
        object.__setattr__(self, "hidden", tuple(whole("hidden", d, 2, MAX_WIDTH) for d in self.hidden))
        if len(self.hidden) < 1:
            raise ValueError("hidden: give at least one width, as in 32,32")
        if self.data not in DATA:
            raise ValueError(f"data = {self.data!r}: must be one of {', '.join(DATA)}")
        object.__setattr__(self, "drop", positive("drop", self.drop, 1.0))
        for name, smallest in (("batch", 1), ("steps", 10), ("windows", 4), ("seeds", 2), ("seed", 0)):
            object.__setattr__(
                self, name, whole(name, getattr(self, name), smallest, None if name == "seed" else 10**6)
            )

    @property
    def widths(self) -> tuple[int, ...]:
        return (FEATURES, *self.hidden, CLASSES)

    @property
    def last(self) -> int:
        """The last window before the drop."""
        return (self.windows + 1) // 2 - 1

    @property
    def steps_r(self) -> list[int]:
        """Steps of a window at each learning rate."""
        return [round(self.steps * self.rates[-1] / rate) if self.equal_time else self.steps for rate in self.rates]

    def jobs(self) -> list[NetChain]:
        return [
            NetChain(f"rate{r}-run{s}", self.windows, self.data, self.widths, rate, self.drop, self.batch, steps,
                     self.seed, (self.seed, r, s))
            for r, (rate, steps) in enumerate(zip(self.rates, self.steps_r)) for s in range(self.seeds)
        ]  # fmt: skip

    def parameters(self) -> dict:
        return asdict(self)


VARIABLES = {
    "order": ("layer",), "gradient_variance": ("layer",), "gradient_square": ("layer",),
    "layer_correlation": ("layer", "layer_other"), "unit_correlation": ("hidden_layer",),
    "loss": (), "accuracy": (), "sharpness": (), "first_sharpness": (), "diverged": (),
}  # fmt: skip


def run_net(plan: NetPlan, store: Path, workers: Workers | None = None, resume=False, force=False):
    """All runs of `plan` as a Dataset; `store` is the folder of the checkpoints."""
    import xarray as xr

    load_data(plan.data, plan.seed)  # a missing extra is found before any work
    began = time.perf_counter()
    fingerprint = {"command": "fieldtheory learning-rate net", "version": __version__} | plan.parameters()
    records = run_chains(plan.jobs(), store, fingerprint, workers, resume, force, "fieldtheory learning-rate")
    shape = (len(plan.rates), plan.seeds, plan.windows)
    variables = {}
    for name, dims in VARIABLES.items():
        values = np.array([[record[name] for record in chain] for chain in records], dtype=float)
        variables[name] = (("rate", "run", "window", *dims), values.reshape(*shape, *values.shape[2:]))
    dataset = xr.Dataset(variables, {"rate": list(plan.rates), "layer": np.arange(1, len(plan.widths))})
    seconds = time.perf_counter() - began
    header = asdict(Header("fieldtheory learning-rate", plan.parameters(), "converged", seconds, plan.seed))
    dataset.attrs = {n: to_attribute(v) for n, v in ({"kind": "fieldtheory learning-rate net"} | header).items()}
    return dataset


@dataclass(frozen=True, eq=False)
class NetScan(ByValue):
    """Numbers per learning rate, over runs: φ with its error, accuracy, λ_max before the drop, and what was lost.

    noise_before, noise_after: gradient variance per weight, in the last window before and after the drop;
    layers_before, layers_after: correlation between layers at distance 1, 2, … (rates, distances), with errors.
    """

    rates: np.ndarray
    order: np.ndarray
    order_error: np.ndarray
    accuracy: np.ndarray
    sharpness: np.ndarray
    first_sharpness: float
    lost: np.ndarray
    noise_before: np.ndarray
    noise_after: np.ndarray
    layers_before: np.ndarray
    layers_before_error: np.ndarray
    layers_after: np.ndarray
    layers_after_error: np.ndarray
    accuracy_error: np.ndarray
    sharpness_error: np.ndarray


def _over_runs(value_er: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard error over finite runs, axis 1; nan without (two of) them."""
    finite = np.isfinite(value_er)
    count = finite.sum(axis=1)
    mean = np.where(finite, value_er, 0.0).sum(axis=1) / np.where(count > 0, count, np.nan)
    spread = np.where(finite, (value_er - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return mean, np.sqrt(spread / np.where(count > 1, (count - 1) * count, np.nan))


def against_time(dataset) -> tuple[np.ndarray, np.ndarray]:
    """Gradient variance (rates, windows, layers) and correlation of neighbouring layers (rates, windows), over runs."""
    noise_ertl = dataset["gradient_variance"].values
    noise = np.stack([_over_runs(noise_ertl[:, :, t])[0] for t in range(noise_ertl.shape[2])], axis=1)
    near_ert = np.diagonal(dataset["layer_correlation"].values, 1, -2, -1).mean(axis=-1)
    return noise, np.stack([_over_runs(near_ert[:, :, t])[0] for t in range(near_ert.shape[2])], axis=1)


def _by_distance(correlation_erll: np.ndarray) -> np.ndarray:
    """Mean correlation of layers at distance 1, 2, …, (rates, runs, distances)."""
    layers = correlation_erll.shape[-1]
    return np.stack([np.diagonal(correlation_erll, d, -2, -1).mean(axis=-1) for d in range(1, layers)], axis=-1)


def net_scan(dataset) -> tuple[NetPlan, NetScan]:
    """The plan of a Dataset and its numbers per learning rate."""
    values = dict(from_attribute(dataset.attrs["parameters"]))
    plan = NetPlan(**{n: tuple(v) if isinstance(v, list) else v for n, v in values.items()})
    before = dataset.isel(window=plan.last)
    half = plan.windows // 2
    order, order_error = _over_runs(before["order"].values.mean(axis=-1))
    lost_er = (before["diverged"].values > 0) | (before["accuracy"].values < HALF)
    windows = {"before": slice(max(0, plan.last + 1 - max(1, half // 2)), plan.last + 1),
               "after": slice(plan.windows - max(1, half // 2), plan.windows)}  # fmt: skip
    layered = {}
    for name, window in windows.items():
        part = dataset.isel(window=window)
        distance_er_d = _by_distance(part["layer_correlation"].values.mean(axis=2))
        layered[name] = _over_runs(distance_er_d)
        layered[f"noise_{name}"] = _over_runs(part["gradient_variance"].values.mean(axis=(2, 3)))[0]
    (accuracy, accuracy_error), (sharpness, sharpness_error) = (
        _over_runs(before[name].values) for name in ("accuracy", "sharpness")
    )
    scan = NetScan(
        np.array(plan.rates), order, order_error, accuracy, sharpness, float(before["first_sharpness"].values.mean()),
        lost_er.mean(axis=1), layered["noise_before"], layered["noise_after"],
        *layered["before"], *layered["after"], accuracy_error, sharpness_error,
    )  # fmt: skip
    return plan, scan


def fluctuation_exponent(scan: NetScan) -> tuple[float, float, int]:
    """e of 1 - φ ∝ η^e over the learning rates that train, by a line in logarithms; error from its scatter."""
    use = (scan.lost == 0.0) & (scan.order < 1.0) & np.isfinite(scan.order)
    if use.sum() < 3:
        return math.nan, math.nan, int(use.sum())
    x, y = np.log(scan.rates[use]), np.log(1.0 - scan.order[use])
    slope, level = np.polyfit(x, y, 1)
    scatter = ((y - slope * x - level) ** 2).sum() / (use.sum() - 2)
    return float(slope), float(math.sqrt(scatter / ((x - x.mean()) ** 2).sum())), int(use.sum())


def losing_rate(scan: NetScan) -> tuple[float, float]:
    """η at which training is lost: geometric middle of the two grid points, half their distance; nan if never."""
    lost = np.flatnonzero(scan.lost >= 0.5)
    if not len(lost) or lost[0] == 0:
        return math.nan, math.nan
    low, high = scan.rates[lost[0] - 1], scan.rates[lost[0]]
    return float(math.sqrt(low * high)), float(0.5 * (high - low))


def net_verdicts(plan: NetPlan, scan: NetScan) -> list[Claim]:
    """Does φ fall as η², where is training lost, and what does stability predict."""
    result, samples = [], plan.seeds
    exponent, error, used = fluctuation_exponent(scan)
    if math.isfinite(exponent):
        result.append(Claim("net: 1 - φ ∝ η², as m² = -μ² + ¼λη² demands", exponent, 2.0, error, used,
                              "learning rates", note="1 for noise of constant strength"
                              + ("; too uncertain to tell the two apart" if error > 0.3 else "")))  # fmt: skip
    rate, half = losing_rate(scan)
    if math.isfinite(rate):
        grid = {"tolerance": 1.0 + 1e-9, "note": "read off the grid: error = half its spacing"}
        result.append(Claim("net: training is lost at 2/λ_max of the first weights", rate, 2.0 / scan.first_sharpness,
                              half, samples, "runs per rate", **grid))  # fmt: skip
        smallest = scan.sharpness[0]
        if math.isfinite(smallest) and smallest > 0.0:
            result.append(Claim("net: training is lost at 2/λ_max of the net trained at the smallest η", rate,
                                  2.0 / smallest, half, samples, "runs per rate", **grid))  # fmt: skip
        last = int(np.flatnonzero(scan.lost == 0.0)[-1])  # no run lost: the means are those of trained nets
        edge = float(scan.sharpness[last] * scan.rates[last])
        result.append(Claim("net: λ_max ≤ 2/η at the last η that trains (λ_max η; the net adapts)", edge, 1.0,
                              0.0, samples, "runs per rate", tolerance=1.0,
                              note=f"η = {scan.rates[last]:g}, λ_max = {scan.sharpness[last]:.3g}"))  # fmt: skip
        result.append(Claim("net: φ has vanished (below ½) at the last η that trains", float(scan.order[last]), 0.25,
                              0.0, samples, "runs per rate", tolerance=0.25,
                              note=f"η = {scan.rates[last]:g}"))  # fmt: skip
    trained = scan.lost == 0.0
    if plan.drop < 1.0 and trained.any():
        ratio = scan.noise_after[trained] / scan.noise_before[trained]
        spread = float(ratio.std(ddof=1) / math.sqrt(len(ratio))) if len(ratio) > 1 else math.nan
        result.append(Claim("net: the drop leaves the gradient variance as it is (ratio after/before)",
                              float(ratio.mean()), 1.0, spread, int(trained.sum()), "learning rates"))  # fmt: skip
        # the largest rate that trains shows the effect of the drop most clearly
        e = int(np.flatnonzero(trained)[-1])
        difference = float(scan.layers_after[e, 0] - scan.layers_before[e, 0])
        error = float(np.hypot(scan.layers_after_error[e, 0], scan.layers_before_error[e, 0]))
        result.append(Claim("net: the drop leaves the correlation of neighbouring layers as it is (difference)",
                              difference, 0.0, error, samples, "runs", note=f"η = {scan.rates[e]:g}"))  # fmt: skip
    return result
