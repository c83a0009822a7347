"""The one-step saddle point of a net at fixed α and m, and ds/dm there: what the limit m → 0 is checked against."""

import numpy as np

from gardner.model import Network, RandomSetting
from gardner.potentials.hard import HardCore
from gardner.theory.chain import ChainState, evaluate, parisi_gradient
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.search import fixed_point


def saddle_point(alpha, depth, m, start_ri, margin=0.0, closure="symmetric", accuracy=1e-10):
    """s, ds/dm (None: not known) and rows Q(1), q(1), …, Q(L) of the fixed point of (T11), (T12) near `start_ri`."""
    setting = RandomSetting(alpha, Network(depth), HardCore(margin), (m,), closure=closure)
    base = ChainState(np.ones((depth + 1, 2)), np.ones((depth, 2)))
    grid = GridSettings.for_accuracy(accuracy)

    def function(x_ri, with_jacobian):
        state = base.replaced(x_ri)
        value = evaluate(state, setting, grid, with_jacobian)
        return fixed_point.MapValue(value.image.unknowns(), value.jacobian, (state, value))

    tolerance = float(np.clip(1e-2 * (1.0 - start_ri[0::2, 1]).min(), 1e-11, 1e-8))
    result = fixed_point.newton(function, start_ri, tolerance, 120, track=False)
    assert result.status == "converged"
    state, value = result.value.payload
    slope = None if closure == "directed" else float(parisi_gradient(state, value.fields, setting, grid)[0])
    return value.free_entropy, slope, result.x_ri


def rows_at(jammed_ri, m):
    """Rows of the saddle point at small m from those of the limit: 1 - x_1 = m r (C50)."""
    return np.column_stack([jammed_ri[:, 0], 1.0 - m * np.maximum(jammed_ri[:, 1], 1e-12)])
