"""Autocorrelations C_l(t, t_w) and the relaxation times read off them.

C_l(t, t_w) is the raw overlap of one configuration at t_w + t with itself at t_w, averaged over clones and samples.
The relaxation time τ_l is the lag at which the connected correlation

    [C_l(t) - C_l(∞)] / [1 - C_l(∞)]

first falls to 1/e, interpolated in ln t; C_l(∞) is the equilibrium overlap of two clones of the same start with
different noise where one was measured (the guest, or replicas that all started from the teacher), else 0. nan where it
has not fallen so far within the run, 0 < τ_l otherwise. For Gaussian weights C_l is divided by its value at t = 0.
"""

from __future__ import annotations

import math

import numpy as np


def relaxation_time(lag_t: np.ndarray, correlation_t: np.ndarray, limit: float = 0.0) -> float:
    """τ of one correlation function measured at increasing lags, the first of them 0."""
    lags, values = np.asarray(lag_t, dtype=float), np.asarray(correlation_t, dtype=float)
    known = np.isfinite(values)
    lags, values = lags[known], values[known]
    if len(lags) < 2 or lags[0] != 0.0 or values[0] <= limit:
        return math.nan
    connected = (values - limit) / (values[0] - limit)
    low = np.flatnonzero(connected <= math.exp(-1.0))
    if len(low) == 0:
        return math.nan
    k = low[0]
    fraction = (connected[k - 1] - math.exp(-1.0)) / (connected[k - 1] - connected[k])
    if k == 1:  # no logarithm of the first lag, 0
        return float(lags[1] * fraction)
    return float(math.exp(math.log(lags[k - 1]) + fraction * math.log(lags[k] / lags[k - 1])))
