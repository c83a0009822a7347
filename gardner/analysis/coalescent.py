"""The tree of pure states: n replicas drawn by coagulation (THEORY section 7, Bolthausen–Sznitman).

Under the Gibbs measure of a k-RSB state n replicas group themselves into nested blocks, level i = k the finest. The
partition at level k is a Chinese restaurant partition with discount m_k (strength 0); the blocks of level i+1 merge
into those of level i by the same process with discount m_i/m_{i+1}; at level 0 all share one block. By the coagulation
theorem the partition at every level i is itself a Chinese restaurant partition with discount m_i, hence

    Prob(two replicas share a block at level i) = 1 - m_i,
    Prob(they merge exactly at level i)         = m_{i+1} - m_i,                                         (U1)

i = 0…k, m_0 = 0, m_{k+1} = 1: the weights of P(q). The level at which replicas a ≠ b merge, the largest i whose block
they share, fixes their overlap in **every** layer at once, q_ab(l) = q_i(l), Q_ab(l) = Q_i(l): one tree for all layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gardner.model import checked_parisi, whole
from gardner.values import ByValue

MAX_REPLICAS = 2000


@dataclass(frozen=True, eq=False)
class Tree(ByValue):
    """One draw: m (k+2,) with m_0 = 0, m_{k+1} = 1; block_ir (k+1, n): block of replica r at level i: 0, 1, …"""

    m: np.ndarray
    block_ir: np.ndarray

    @property
    def replicas(self) -> int:
        """n."""
        return self.block_ir.shape[1]

    @property
    def merge_level_rr(self) -> np.ndarray:
        """Largest level at which two replicas share a block, (n, n), 0…k; k+1 on the diagonal."""
        level_rr = np.full((self.replicas, self.replicas), -1)
        for block_r in self.block_ir:  # blocks are nested: shared at i means shared at every level below
            level_rr += block_r[:, None] == block_r[None, :]
        np.fill_diagonal(level_rr, len(self.block_ir))
        return level_rr

    def overlaps(self, q_i: np.ndarray, itself: float = 1.0) -> np.ndarray:
        """Overlap matrix (n, n) of a layer with overlaps q_i (k+1,), `itself` on the diagonal."""
        return np.append(q_i, itself)[self.merge_level_rr]

    def depth_r(self, alive_i: np.ndarray) -> np.ndarray:
        """Branchings on the way from the root to every replica, (n,), where only the levels `alive_i` are told apart.

        A replica branches off at an alive level i if its block there is smaller than at the alive level before it;
        the last step, from its block of the finest alive level to the replica itself, is not counted.
        """
        n = self.replicas
        depth_r, size_r = np.zeros(n, dtype=int), np.full(n, n)
        for block_r, alive in zip(self.block_ir, alive_i):
            if alive:
                now_r = np.bincount(block_r)[block_r]
                depth_r += now_r < size_r
                size_r = now_r
        return depth_r

    def linkage(self) -> np.ndarray:
        """scipy's linkage matrix (n-1, 4) of the tree; the height of a merger at level i is k+1-i."""
        from scipy.cluster.hierarchy import linkage
        from scipy.spatial.distance import squareform

        distance_rr = (len(self.block_ir) - self.merge_level_rr).astype(float)
        return linkage(squareform(distance_rr), method="single")

    def layer_linkage(self, q_i: np.ndarray) -> np.ndarray:
        """The same mergers in the same order with the heights 1 - q_i(l) of a layer: its dendrogram on the one tree."""
        linkage = self.linkage()
        level = len(self.block_ir) - np.round(linkage[:, 2]).astype(int)
        linkage[:, 2] = np.maximum.accumulate(1.0 - np.asarray(q_i)[level])  # solved q_i may fall by round-off
        return linkage

    def order(self) -> np.ndarray:
        """Replicas in the order of the leaves of the tree, (n,)."""
        from scipy.cluster.hierarchy import leaves_list

        return leaves_list(self.linkage())


def restaurant(count: int, discount: float, rng: np.random.Generator) -> np.ndarray:
    """A Chinese restaurant partition of `count` customers, strength 0: table numbers 0, 1, … in order of opening.

    Customer j joins a table of s customers with probability (s - discount)/j and opens one with probability
    discount·(tables)/j: he picks an earlier customer at random and sits down with him, unless that one opened his
    table, when with probability `discount` he opens another.
    """
    table_j, opened_j, tables = [0], [True], 1
    for j, u in enumerate(rng.random(count - 1) * np.arange(1, count), start=1):
        host = min(int(u), j - 1)
        opens = opened_j[host] and u - host < discount
        table_j.append(tables if opens else table_j[host])
        opened_j.append(opens)
        tables += opens
    return np.array(table_j)


def draw_tree(parisi: Sequence[float], replicas: int, rng: np.random.Generator) -> Tree:
    """Draw the tree of `replicas` replicas at Parisi parameters m_1 < … < m_k (k = 0: one block)."""
    m = np.array([0.0, *checked_parisi(parisi), 1.0])
    n = whole("replicas", replicas, 2, MAX_REPLICAS)
    k = len(m) - 2
    block_ir = np.zeros((k + 1, n), dtype=int)
    finer = np.arange(n)
    for i in range(k, 0, -1):
        merged = restaurant(int(finer.max()) + 1, m[i] / m[i + 1], rng)
        finer = block_ir[i] = merged[finer]
    return Tree(m, block_ir)


def draw_trees(parisi: Sequence[float], replicas: int, count: int, seed: int) -> list[Tree]:
    """`count` independent trees; tree number t depends on (seed, t) alone."""
    children = np.random.SeedSequence(seed).spawn(whole("count", count, 1))
    return [draw_tree(parisi, replicas, np.random.default_rng(child)) for child in children]
