"""Covariances of one run with their errors, and the checks that may exclude the run.

The estimate of M<x xᵀ> averages all pairs of members (students and teacher are exchangeable replicas, by Nishimori)
over the time after the burn-in. Its error comes from the scatter of groups, blocks of units within samples: units are
independent of each other in the liquid up to loops of the graph.

A planted run starts at x = 1, where M<x²> = M, and comes down. Whether it has arrived is asked twice:

* *pairs*: two students at time t are as far apart as a student and the teacher at 2t, so that the covariance with the
  teacher must equal that among students;
* *halves*: the two halves of the measured time must agree.

Where some entry differs by more than AGREE errors (false alarm of the worst of twelve below 1e-3 for 32 groups), the
run has not quite arrived. If what is left falls from there on at least as t^{-1/2}, it is at most DECAY times the
difference d, DECAY = 1/(1-2^{-1/2}): the covariance of the errors gains DECAY² d dᵀ, d as a vector of all entries. The
run is excluded, with the reason, if that exceeds LARGEST_BIAS of some entry, or if spins still overlap with the
teacher's by m on average and M m², which adds to M<q²>, exceeds MEMORY of it. A random run starts from independent
replicas and is held to *halves* alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.comparison.net_size import OfDrawnNet
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.montecarlo.unit_overlaps import KINDS, PRODUCTS
from gardner.statistics import integrated_time

AGREE = 4.0
DECAY = 3.41  # 1/(1-2^{-1/2})
LARGEST_BIAS = 0.1  # of an entry
MEMORY = 0.01  # of M<q²>
ROWS, COLUMNS = np.array([0, 1, 2, 0, 1, 0]), np.array([0, 1, 2, 2, 2, 1])  # variances that belong to an entry


@dataclass(frozen=True, eq=False)
class UnitCovariances(OfDrawnNet):
    """What one run says about one hidden layer.

    connectivity, patterns, width: c, M, N; mean_p: M<x xᵀ> in the order of PRODUCTS; scatter_pp: covariance of this
    mean from the scatter of `groups` groups of units; tau_p: autocorrelation time of each entry in sweeps;
    difference_p, difference_error_p: teacher minus students (planted), else first minus second half; bias_p: what the
    run may still be above its limit; excluded: the reason, or "".
    """

    alpha: float
    layer: int
    connectivity: int
    patterns: int
    width: int
    sweeps: int
    samples: int
    seed: int
    mean_p: np.ndarray
    scatter_pp: np.ndarray
    groups: int
    tau_p: np.ndarray
    difference_p: np.ndarray
    difference_error_p: np.ndarray
    bias_p: np.ndarray
    excluded: str

    @property
    def covariance_pp(self) -> np.ndarray:
        """Of the mean: scatter of the groups, and bias."""
        return self.scatter_pp + np.outer(self.bias_p, self.bias_p)

    @property
    def error_p(self) -> np.ndarray:
        return np.sqrt(np.diag(self.covariance_pp))


def measure(data, run: MonteCarloSettings, layer: int) -> UnitCovariances:
    """The covariances of hidden layer `layer` in the dataset of a run (`run_unit_overlaps`)."""
    late = data.isel(time=np.flatnonzero(data["time"].values > run.burn_in)).sel(hidden_layer=layer)
    products = late["products"].transpose("kind", "time", "sample", "block", "product").values
    students = products[KINDS.index("students")]
    first, second = np.array_split(students, 2)
    differences = {"the first half of the measured time exceeds the second": _group(first) - _group(second)}
    value_gp, reason = _group(students), ""
    if run.setting == "planted":
        teacher_gp = _group(products[KINDS.index("teacher")])
        differences = {"pairs with the teacher exceed pairs of students": teacher_gp - value_gp} | differences
        pairs = run.replicas * (run.replicas - 1) // 2
        value_gp = (run.replicas * teacher_gp + pairs * value_gp) / (run.replicas + pairs)
        reason = _find_memory(late, run, value_gp)
    bias_p, left = _find_bias(differences, value_gp)
    if np.isfinite(data["accepted"].values).all() and (data["accepted"].values == 0).any():
        reason = "a layer accepted no move"
    compared = next(iter(differences.values()))
    return UnitCovariances(
        run.alpha,
        layer,
        run.connectivity,
        run.patterns,
        run.widths[0],
        run.sweeps,
        run.samples,
        run.seed,
        value_gp.mean(axis=0),
        np.cov(value_gp, rowvar=False) / len(value_gp),
        len(value_gp),
        _times(students, run.interval),
        compared.mean(axis=0),
        _error(compared),
        bias_p,
        reason or left,
    )


def _group(series_tsbp: np.ndarray) -> np.ndarray:
    """Means over time by group (sample, block)."""
    return series_tsbp.mean(axis=0).reshape(-1, series_tsbp.shape[-1])


def _error(value_gp: np.ndarray) -> np.ndarray:
    return value_gp.std(axis=0, ddof=1) / np.sqrt(len(value_gp))


def _find_bias(differences: dict[str, np.ndarray], value_gp: np.ndarray) -> tuple[np.ndarray, str]:
    """What the run may be above its limit, from the most significant difference, and why it does not count, if so."""
    value = value_gp.mean(axis=0)
    scale = np.sqrt(np.abs(value[ROWS] * value[COLUMNS]))
    bias, worst, reason = np.zeros_like(value), AGREE, ""
    for words, difference_gp in differences.items():
        apart, error = difference_gp.mean(axis=0), _error(difference_gp)
        significance = np.abs(apart / error).max()
        if significance <= worst:
            continue
        bias, worst = DECAY * apart, significance
        p = int(np.argmax(np.abs(bias) / scale))
        reason = f"it has not arrived: {words} in M<{PRODUCTS[p]}> by {apart[p]:.4f} ± {error[p]:.4f}"
    return bias, reason if (np.abs(bias) > LARGEST_BIAS * scale).any() else ""


def _find_memory(late, run: MonteCarloSettings, value_gp: np.ndarray) -> str:
    overlap = late["mean_overlap"].sel(kind="teacher", overlap="q").mean("sample").values
    remembered = run.patterns * float(np.mean(overlap**2))
    allowed = MEMORY * value_gp[:, 2].mean() + 4.0 / (run.widths[0] * run.samples)  # the mean over units is noisy
    if remembered <= allowed:
        return ""
    mean, whole = float(np.sqrt(np.mean(overlap**2))), value_gp[:, 2].mean()
    return f"it remembers the teacher: spins overlap by {mean:.3f}, which makes {remembered:.3f} of M<qq> = {whole:.3f}"


def _times(series_tsbp: np.ndarray, interval: int) -> np.ndarray:
    """Autocorrelation time of each entry, blocks averaged, samples as chains; in sweeps."""
    x_stp = series_tsbp.mean(axis=2).transpose(1, 0, 2)
    x_stp = x_stp - x_stp.mean(axis=1, keepdims=True)  # samples differ by their labels, which is no slow motion
    return np.array([integrated_time(x_stp[..., p]) * interval for p in range(x_stp.shape[-1])])
