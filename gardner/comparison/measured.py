"""Overlaps of one Monte Carlo run, sample by sample, and the checks that may exclude the run.

*Planted* (hard core, started at the teacher). Teacher and students are exchangeable replicas (Nishimori), so every
pair among them has the same mean overlap. Per sample and layer, all pairs after the burn-in are averaged: R with the
teacher, R(R-1)/2 between students. The two kinds are compared (paired over samples). Two students that left the
teacher a time t ago are a time 2t apart: <Q_students>(t) = <Q_teacher>(2t), up to the order in which sweeps visit
weights. The comparison is thus also one of the overlap at t and at 2t, and a run that still remembers its start fails
it. <Q_students>(t) = |P^t f|² cannot rise with time whatever the moves P (raw overlaps, in the mean): a run too short
to count shows overlaps above those of equilibrium.

*Random* (soft core). The guest, cloned at the end of the burn-in, starts at overlap 1 with its host; means are over the
second half of its life. The comparison is between the two halves of that.

A run counts where all raw overlaps that enter (and the energy of the soft core) satisfy τ_int ≤ run/50 and R-hat < 1.05
(`statistics`), and the comparison holds: |difference| ≤ AGREE errors, or below a fifth of `target`. Here τ_int = (total
length)/(total effective size) and the mean R-hat of all samples are judged, not the worst sample as in `gardner mc`:
what is extrapolated is the mean over samples, its error comes from their scatter and needs no τ, and the worst of many
series that are each as long as asked for fails by chance. A bias, which scatter does not show, meets the comparison.
Excluded runs are named with the reason.

*Relaxed.* A planted run starts in an equilibrium state, the teacher: nothing has to be found, only forgotten. With
`relaxed`, such a run counts if it is RELAXED τ long and the comparison of t with 2t holds, whatever R-hat is: the
error of the mean still comes from the scatter of the samples. What this admits and the first rule does not are runs
whose slowest motion, of small amplitude, has been seen a few times rather than fifty. A run of SHORTEST τ counts with
an error for its bias: if the overlaps at t and 2t differ by d, and d falls from there on at least as t^{-1/2}, what
remains is at most DECAY d, DECAY = 1/(1-2^{-1/2}). DECAY (d² + its error²)^{1/2} is added to the error of each
overlap and must lie below `target`. A decay slower than that, as one logarithmic in time, is not covered.

*Signs.* Flipping a hidden unit is a symmetry of the net. A theory describes a state of given signs; a run that starts
in it keeps them for a time that grows fast with c, and rare flips are then its slowest motion. In solid states
(`settings.matched`) overlaps are therefore taken after matching the signs, layer by layer; what that adds vanishes with
the chance that a row's overlap is negative by fluctuation, exponentially in c.
Elsewhere raw overlaps are used, and matched ones with their null stand beside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.comparison.fits import Point
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.statistics import LARGEST_RHAT, RUN_PER_TAU, effective_size, split_rhat
from gardner.theory.liquid import overlaps_of
from gardner.values import ByValue

AGREE = 4.0  # of the worst of all layers; false alarm below 1e-3 at 16 samples and 5 observables
NEGLIGIBLE = 0.2  # of the error asked for
RELAXED = 10.0  # autocorrelation times in a relaxed run
SHORTEST = 5.0  # with an error for the bias
DECAY = 3.41  # 1/(1-2^{-1/2})


def covariance_of_mean(value_sk: np.ndarray) -> np.ndarray:
    """Covariance of the mean over independent samples, from their scatter."""
    samples, count = value_sk.shape
    return np.cov(value_sk, rowvar=False).reshape(count, count) / samples


@dataclass(frozen=True, eq=False)
class Measured(ByValue):
    """One run. value_sk: observables by sample; difference_k, difference_error_k: of the two kinds of pairs.

    matched_k, null_k: means after signed matching, and of its null (nan where not measured); tau (sweeps),
    rhat: of the worst overlap judged;
    excluded: reason, or "" where the run counts; generalization: (mean, error) of ε_g on fresh inputs or None;
    bias_k: what a short relaxed run may still be above equilibrium; students_sk: pairs of students alone (planted).
    """

    size: int
    width: int
    ratio: float
    sweeps: int
    value_sk: np.ndarray
    difference_k: np.ndarray
    difference_error_k: np.ndarray
    matched_k: np.ndarray
    null_k: np.ndarray
    tau: float
    rhat: float
    excluded: str
    generalization: tuple[float, float] | None
    bias_k: np.ndarray | float = 0.0
    students_sk: np.ndarray | None = None

    @property
    def mean_k(self) -> np.ndarray:
        return self.value_sk.mean(axis=0)

    @property
    def error_k(self) -> np.ndarray:
        return np.sqrt(np.diag(self.covariance_kk))

    @property
    def covariance_kk(self) -> np.ndarray:
        """Of the mean: scatter of the samples, and bias."""
        return covariance_of_mean(self.value_sk) + np.diag(np.broadcast_to(self.bias_k, self.mean_k.shape) ** 2)

    @property
    def point(self) -> Point:
        return Point(self.size, self.ratio, self.mean_k, self.covariance_kk, len(self.value_sk))


def measure(
    data, settings: MonteCarloSettings, target: float, matched: bool = False, relaxed: bool = False
) -> Measured:
    """Everything a comparison takes from the dataset of a run; `matched`: see *Signs*; `relaxed`: see *Relaxed*."""
    series = _Series(data, settings, matched)
    if settings.setting == "planted":
        pairs = settings.replicas * (settings.replicas - 1) // 2
        teacher_srtk, students_sptk = series.overlaps("teacher"), series.overlaps("replica")
        judged = [teacher_srtk, students_sptk]
        teacher_sk, students_sk = teacher_srtk.mean(axis=(1, 2)), students_sptk.mean(axis=(1, 2))
        value = (settings.replicas * teacher_sk + pairs * students_sk) / (settings.replicas + pairs)
        difference = teacher_sk - students_sk
        beside = series.matched("teacher")
    else:
        guest_srtk = series.overlaps("guest")
        judged = [guest_srtk]
        value = guest_srtk.mean(axis=(1, 2))
        half = guest_srtk.shape[2] // 2
        difference = guest_srtk[:, :, :half].mean(axis=(1, 2)) - guest_srtk[:, :, half:].mean(axis=(1, 2))
        beside = series.matched("replica")
    memories = [memory(kind[..., k], series.interval) for kind in judged for k in range(kind.shape[-1])]
    if settings.moves_spins:
        memories.append(memory(series.energy(), settings.interval))
    error = difference.std(axis=0, ddof=1) / np.sqrt(len(difference))
    size = settings.connectivity or settings.widths[0]
    agreement = difference.mean(axis=0), error
    bias_k = _bias(memories, *agreement) if relaxed else np.zeros_like(error)
    return Measured(
        size,
        settings.widths[0],
        settings.patterns / settings.widths[0],
        settings.sweeps,
        value,
        *agreement,
        beside,
        series.matched("null"),
        float(np.max([m.tau for m in memories])),
        float(np.max([m.rhat for m in memories])),
        _reason(memories, *agreement, target, bias_k if relaxed else None),
        series.generalization(),
        bias_k,
        students_sk if settings.setting == "planted" else None,
    )


@dataclass(frozen=True)
class Memory:
    """τ_int of all samples together and length of one chain, in sweeps; mean R-hat of the samples."""

    tau: float
    rhat: float
    run: float


def memory(x_srt: np.ndarray, interval: float) -> Memory:
    """How much a series [sample, chain, time] remembers; nan where a chain stands still."""
    size = sum(effective_size(x_rt) for x_rt in x_srt)
    rhat = np.mean([split_rhat(x_rt) for x_rt in x_srt])
    return Memory(float(x_srt.size / size * interval), float(rhat), x_srt.shape[2] * float(interval))


def _bias(memories: list[Memory], difference_k: np.ndarray, error_k: np.ndarray) -> np.ndarray:
    """What overlaps of a relaxed run may be above equilibrium; 0 where it is RELAXED τ long."""
    slowest = max(memories, key=lambda m: m.tau)
    if slowest.tau * RELAXED <= slowest.run:
        return np.zeros_like(error_k)
    return DECAY * np.hypot(difference_k, error_k)


def _reason(memories: list[Memory], difference_k, error_k, target: float, bias_k: np.ndarray | None) -> str:
    """Why the run does not count, or ""; bias_k: of relaxed counting, else None."""
    if not all(np.isfinite(m.tau) and np.isfinite(m.rhat) for m in memories):
        return "a series stands still"
    slowest, rhat = max(memories, key=lambda m: m.tau), max(m.rhat for m in memories)
    length = f"τ = {slowest.tau:.0f} sweeps exceeds a {{}} of the {slowest.run:.0f} measured"
    if bias_k is None and slowest.tau * RUN_PER_TAU > slowest.run:
        return length.format("fiftieth")
    if bias_k is not None and slowest.tau * SHORTEST > slowest.run:
        return length.format("fifth")
    if bias_k is not None and bias_k.max() > target:
        return length.format("tenth") + f", and overlaps may be {bias_k.max():.4f} above equilibrium"
    if rhat >= LARGEST_RHAT and bias_k is None:
        return f"R-hat = {rhat:.3f}, to be below {LARGEST_RHAT:g}"
    apart = np.abs(difference_k)
    bad = (apart > AGREE * error_k) & (apart > NEGLIGIBLE * target)
    if bad.any():
        k = int(np.argmax(np.where(bad, apart, 0.0)))
        apart_by = f"{difference_k[k]:.4f} ± {error_k[k]:.4f}"
        return f"it remembers its start: pairs twice as far apart in time differ by {apart_by}"
    return ""


class _Series:
    """Equally spaced measurements of a dataset."""

    def __init__(self, data, settings: MonteCarloSettings, matched: bool):
        time = data["time"].values
        first = settings.burn_in
        if settings.guest:
            first = (settings.burn_in + settings.sweeps) // 2
        linear = (time > first) & (time % settings.interval == 0)
        self.data, self.equal, self.settings = data, data.isel(time=np.flatnonzero(linear)), settings
        self.ending, self.interval = "", settings.interval
        times = settings.matching_times
        if matched and len(times) > 1:
            self.ending, self.interval = "_matched", int(times[1] - times[0])

    def overlaps(self, other: str) -> np.ndarray:
        """[sample, chain, time, observable]; a guest is the one chain."""
        chain = {"teacher": "clone", "replica": "pair", "guest": None}[other]
        time, source = ("matched_time", self.data) if self.ending else ("time", self.equal)
        if self.ending and chain == "clone":
            chain = "replica"
        parts = []
        for name, layer in overlaps_of(self.settings.depth):
            values = source[f"{name}_{other}{self.ending}"].sel({"bond_layer" if name == "Q" else "layer": layer})
            if chain == "clone":
                values = values.isel(clone=slice(0, self.settings.replicas))
            axes = ("sample", time) if chain is None else ("sample", chain, time)
            array = values.transpose(*axes).values
            parts.append(array[:, None] if chain is None else array)
        return np.stack(parts, axis=-1)

    def matched(self, other: str) -> np.ndarray:
        """Means after signed matching with `other`, or of the null, per observable."""
        ending = "null" if other == "null" else f"{other}_matched"
        means = []
        for name, layer in overlaps_of(self.settings.depth):
            values = self.data[f"{name}_{ending}"].sel({"bond_layer" if name == "Q" else "layer": layer}).values
            means.append(np.mean(values) if values.size and not np.isnan(values).any() else np.nan)
        return np.array(means)

    def energy(self) -> np.ndarray:
        """[sample, replica, time]."""
        values = self.equal["energy"].isel(clone=slice(0, self.settings.replicas))
        return values.transpose("sample", "clone", "time").values

    def generalization(self) -> tuple[float, float] | None:
        if self.settings.setting != "planted":
            return None
        values = self.equal["fresh_error"].isel(clone=slice(0, self.settings.replicas))
        mean_s = values.mean(("clone", "time")).values
        return float(mean_s.mean()), float(mean_s.std(ddof=1) / np.sqrt(len(mean_s)))
