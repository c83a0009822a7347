"""What one run of message passing says: true overlaps and the messages' own estimates, sample by sample.

Arrays are in the order of `theory.liquid.overlaps_of`: Q(1)…Q(L), then q(1)…q(L-1). A run counts if all its samples
have settled; of one that has not, nothing is known of where it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gardner.messages.data import STATUSES, MessageData
from gardner.values import ByValue


@dataclass(frozen=True, eq=False)
class MeasuredNet(ByValue):
    """One net from one start: true_sk, own_sk overlaps by sample; name_s: which samples (seed, number) these are.

    iterations: of the longest sample; seconds: processor time of all; excluded: why it does not count, or "".
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

    @property
    def samples(self) -> int:
        return len(self.true_sk)

    @property
    def bonds(self) -> int:
        """Of one layer and all samples; the variance of a mean overlap is one number over it."""
        return self.connectivity * self.width * self.samples

    @property
    def loops(self) -> float:
        """c²/N, inputs that two perceptrons share."""
        return self.connectivity**2 / self.width

    @property
    def ratio(self) -> float:
        """M/N."""
        return self.patterns / self.width


def measure(data: MessageData) -> MeasuredNet:
    """The overlaps of a finished run."""
    run, depth = data.settings, data.settings.depth
    true_sk, own_sk = (
        np.concatenate([data.final(f"Q_{whose}"), data.final(f"q_{whose}")[:, 1:depth]], axis=1)
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
    )


def merge(nets: Sequence[MeasuredNet]) -> MeasuredNet:
    """Runs of one net from one start, which differ in seed, as one."""
    if len(nets) == 1:
        return nets[0]
    return replace(
        nets[0],
        name_s=tuple(name for net in nets for name in net.name_s),
        true_sk=np.concatenate([net.true_sk for net in nets]),
        own_sk=np.concatenate([net.own_sk for net in nets]),
        iterations=max(net.iterations for net in nets),
        seconds=sum(net.seconds for net in nets),
        excluded="; ".join(net.excluded for net in nets if net.excluded),
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
    )
