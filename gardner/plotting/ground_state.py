"""The ground state of the SK model: the steps q(y), and how their energy approaches the limit."""

from __future__ import annotations

import numpy as np

from gardner.plotting import style


def figure(result):
    """q(y) with its steps, and e_0 - e_k against k, of an SKGroundState."""
    with style.journal():
        drawing, (left, right) = style.figure(1, 2, height=2.2)

        # q = q_i on (y_i, y_{i+1}), and q_k = 1 beyond the last step
        y = np.concatenate([[0.5 * result.y_i[0]], result.y_i, [2.0 * result.y_i[-1]]])
        left.stairs(np.append(result.q_i, 1.0), y, baseline=None)
        left.set_xscale("log")
        left.set_xlabel("$y = x/T$")
        left.set_ylabel("overlap $q$")

        right.loglog(result.steps_k, result.energy - result.bounds_k, "o-", ms=3)
        right.axhline(result.error, ls="--", lw=0.7, color="0.4", label="error of $e_0$")
        right.set_xlabel("steps $k$")
        right.set_ylabel("$e_0 - e_k$  ($J$)")
        right.legend()
    return drawing
