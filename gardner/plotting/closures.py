"""Edwards–Anderson overlaps against the layer in every closure at the same α: what an arrow of time changes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gardner.plotting import style


def draw_overlaps(axes, overlaps: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Bonds on the first of two axes, spins on the second; `overlaps` maps closures to q (L+1,) and Q (L,)."""
    looks = style.closure_looks()
    for closure, (q_l, Q_l) in overlaps.items():
        common = looks[closure] | {"label": closure, "clip_on": False, "zorder": 3}
        axes[0].plot(np.arange(1, len(Q_l) + 1), Q_l, **common)
        axes[1].plot(np.arange(len(q_l)), q_l, **common)
        depth = len(Q_l)
    axes[1].set_xlabel("layer $l$, from the input to the output")
    axes[1].set_xticks(np.arange(depth + 1) if depth <= 12 else np.linspace(0, depth, 5).round())
    for axis in axes:
        axis.set_ylim(0.0, 1.05)
        axis.set_xlim(-0.3, depth + 0.3)
