"""What one run of message passing says: true overlaps and the messages' own estimates, sample by sample.

Arrays are in the order of `theory.liquid.overlaps_of`: Q(1)…Q(L), then q(1)…q(L-1). A run counts if all its samples
have settled; of one that has not, nothing is known of where it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gardner.comparison.net_size import OfDrawnNet
from gardner.messages.data import STATUSES, MessageData
from gardner.messages.run import WINDOW


@dataclass(frozen=True, eq=False)
class MeasuredNet(OfDrawnNet):
    """One net from one start: true_sk, own_sk overlaps by sample; name_s: which samples (seed, number) these are.

    iterations: of the longest sample; seconds: processor time of all; excluded: why it does not count, or "";
    true_drift_k, own_drift_k: change of the means over samples in the last WINDOW sweeps; moved: root mean square
    change of a weight in the last sweep.
    """

    alpha: float
    connectivity: int
    patterns: int
    width: int
    start: str
    name_s: tuple[tuple[int, int], ...]
    true_sk: np.ndarray
    own_sk: np.ndarray
    iterations: int
    seconds: float
    excluded: str
    true_drift_k: np.ndarray
    own_drift_k: np.ndarray
    moved: float

    @property
    def samples(self) -> int:
        return len(self.true_sk)

    @property
    def bonds(self) -> int:
        """Of one layer and all samples; the variance of a mean overlap is one number over it."""
        return self.connectivity * self.width * self.samples


def measure(data: MessageData) -> MeasuredNet:
    """The overlaps of a finished run."""
    run, depth = data.settings, data.settings.depth
    last_s = data.final("sweeps").astype(int)
    before_s = np.maximum(last_s - WINDOW, 0)
    true_sk, own_sk, true_before_sk, own_before_sk = (
        np.concatenate([_at(data, f"Q_{whose}", sweep_s), _at(data, f"q_{whose}", sweep_s)[:, 1:depth]], axis=1)
        for sweep_s in (last_s, before_s)
        for whose in ("teacher", "self")
    )
    codes = data.final("status_code").astype(int)
    unsettled = int(np.count_nonzero(codes))
    reason = f"{unsettled} of {len(codes)} samples: {STATUSES[codes.max()]}" if unsettled else ""
    return MeasuredNet(
        run.patterns / run.fan,
        run.fan,
        run.patterns,
        run.layer_widths[0],
        run.start,
        tuple((run.seed, sample) for sample in range(len(codes))),
        true_sk,
        own_sk,
        int(data.final("sweeps").max()),
        float(data.final("cpu_seconds").sum()),
        reason,
        (true_sk - true_before_sk).mean(axis=0),
        (own_sk - own_before_sk).mean(axis=0),
        _root_mean_square(data.final("moved")),
    )


def _at(data: MessageData, name: str, sweep_s: np.ndarray) -> np.ndarray:
    """An overlap by sample and layer after so many sweeps of each sample."""
    values = data.data[name].values
    return np.stack([values[s, sweep] for s, sweep in enumerate(sweep_s)])


def _root_mean_square(value_s: np.ndarray) -> float:
    return float(np.sqrt(np.mean(value_s**2)))


def merge(nets: Sequence[MeasuredNet]) -> MeasuredNet:
    """Runs of one net from one start, which differ in seed, as one."""
    if len(nets) == 1:
        return nets[0]
    share = np.array([net.samples for net in nets]) / sum(net.samples for net in nets)
    return replace(
        nets[0],
        name_s=tuple(name for net in nets for name in net.name_s),
        true_sk=np.concatenate([net.true_sk for net in nets]),
        own_sk=np.concatenate([net.own_sk for net in nets]),
        iterations=max(net.iterations for net in nets),
        seconds=sum(net.seconds for net in nets),
        excluded="; ".join(net.excluded for net in nets if net.excluded),
        true_drift_k=share @ [net.true_drift_k for net in nets],
        own_drift_k=share @ [net.own_drift_k for net in nets],
        moved=float(np.sqrt(share @ [net.moved**2 for net in nets])),
    )


def average(nets: Sequence[MeasuredNet]) -> MeasuredNet:
    """One net from several starts as one: every sample is the mean of what its starts have found."""
    names = list(dict.fromkeys(name for net in nets for name in net.name_s))

    def mean(arrays: Sequence[np.ndarray]) -> np.ndarray:
        found = [[a[net.name_s.index(name)] for net, a in zip(nets, arrays) if name in net.name_s] for name in names]
        return np.array([np.mean(rows, axis=0) for rows in found])

    return replace(
        nets[0],
        start=", ".join(net.start for net in nets),
        name_s=tuple(names),
        true_sk=mean([net.true_sk for net in nets]),
        own_sk=mean([net.own_sk for net in nets]),
        true_drift_k=np.mean([net.true_drift_k for net in nets], axis=0),
        own_drift_k=np.mean([net.own_drift_k for net in nets], axis=0),
    )
