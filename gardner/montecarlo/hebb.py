"""The Hebb rule as a yardstick: one linear unit per output, w = Σ_m y_m x_m, whatever the depth of the teacher.

In a fully connected net the composite map is partly linear, so that this student, which identifies no hidden unit, errs
less than half the time at every α > 0 (T22; L = 2, α = 1: 0.3590 for wide nets), where both closures say ½.
"""

from __future__ import annotations

import numpy as np

from gardner.nets.disorder import Disorder, signs


def hebb_error(disorder: Disorder) -> float:
    """Fraction of wrong outputs of the Hebb rule on the fresh inputs; nan without a teacher."""
    if disorder.fresh_jm is None:
        return np.nan
    weights = disorder.output_im.astype(float) @ disorder.input_jm.T.astype(float)
    return float((signs(weights @ disorder.fresh_jm.astype(float)) != disorder.fresh_output_im).mean())
