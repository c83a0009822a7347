"""Rate of a sweep of messages against one multiply-add per term (`pytest -m benchmark -s`).

L = 2 needs 2 terms an edge and pattern in the first layer and 9 in the second. The floor is what one core does without
waiting for memory, measured on a product of matrices that fit into its cache; CPU time of this process.
"""

import time

import numpy as np
import pytest

from gardner.messages.passing import sweep
from gardner.messages.settings import AmpSettings
from gardner.messages.start import start_layers
from gardner.nets.disorder import draw_disorder

pytestmark = pytest.mark.benchmark
TERMS = 2 + 9


def least(work, repeats=3):
    """CPU seconds of the fastest of several repeats."""
    seconds = []
    for _ in range(repeats):
        began = time.thread_time()
        work()
        seconds.append(time.thread_time() - began)
    return min(seconds)


def test_a_hundred_sweeps_of_width_2000_take_a_minute_at_most():
    settings = AmpSettings(width=2000, depth=2, alpha=4.0, connectivity=200, samples=1)
    layers = start_layers(settings, draw_disorder(settings, 0), np.random.default_rng(0))
    sweep(layers, "spherical", 0.85)
    seconds = least(lambda: sweep(layers, "spherical", 0.85))
    terms = TERMS * 2000 * 200 * layers[0].gain_bix.shape[0] * layers[0].gain_bix.shape[2]
    size = 256
    left, right, result = np.ones((3, size, size))
    floor = least(lambda: np.matmul(left, right, out=result), 20) / size**3 * terms
    arrays = [value for layer in layers for value in vars(layer).values() if isinstance(value, np.ndarray)]
    print(
        f"\n100 sweeps: {100 * seconds:.1f} s of a core, {seconds / floor:.1f} × the floor ({terms:.3g} multiply-adds)"
    )
    print(f"{terms / seconds / 1e9:.2f} multiply-adds a nanosecond, {sum(a.nbytes for a in arrays) / 2**20:.0f} MiB")
    assert 100 * seconds < 60.0 and seconds < 20 * floor
