"""What a weight is known to be, given what its patterns say: e^{BJ - ½AJ²} under the prior of its row (M5).

    sphere:   Ĵ = vB,  v = 1/(λ + A),  with the λ of each row at which Σ_s (Ĵ² + v) = c;
    binary:   Ĵ = tanh B,  v = 1 - Ĵ².

Weights that lie `spacing` apart change a pre-activation by steps of spacing/√c. A Gaussian narrower than half a step is
certain of what it cannot know, so that V is at least (spacing/2)²/c: without that, binary rows freeze on wrong signs
at c = 50 even from the teacher.

`log_norm` is the logarithm of ∫ e^{BJ - ½AJ²} over the prior, per weight.
"""

from __future__ import annotations

import math

import numpy as np

from gardner.runtime.compilation import kernel

STEPS = 200  # of the search for λ, which halves its bracket where Newton leaves it
PRECISION = 1e-13


@kernel(nogil=True)
def multipliers(curvature_is, field_is):
    """λ_i: the root of Σ_s (B²v² + v) = c, which falls with λ, by Newton within a bracket."""
    rows, fan = curvature_is.shape
    multiplier_i = np.empty(rows)
    for i in range(rows):
        low = -curvature_is[i].min()
        high = low + 2.0 + math.sqrt(2.0) * np.abs(field_is[i]).max()  # B²v² and v are below ½ there
        multiplier = min(max(1.0, low + 1e-12 * (1.0 + abs(low))), high)
        for _ in range(STEPS):
            excess, slope = -float(fan), 0.0
            for s in range(fan):
                v = 1.0 / (multiplier + curvature_is[i, s])
                square = field_is[i, s] * v
                square *= square
                excess += square + v
                slope -= (2.0 * square + v) * v
            if excess > 0.0:
                low = multiplier
            else:
                high = multiplier
            new = multiplier - excess / slope
            if not low < new < high:
                new = 0.5 * (low + high)
            moved, multiplier = abs(new - multiplier), new
            if moved <= PRECISION * (1.0 + abs(new)):
                break
        multiplier_i[i] = multiplier
    return multiplier_i


class Sphere:
    """Rows uniform on |J|² = c; to leading order in 1/c Gaussian with a common λ."""

    spacing = 0.0

    def posterior(self, curvature_is: np.ndarray, field_is: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ĵ and v from A and B."""
        variance_is = 1.0 / (multipliers(curvature_is, field_is)[:, None] + curvature_is)
        return variance_is * field_is, variance_is

    def log_norm(self, curvature_is: np.ndarray, field_is: np.ndarray) -> np.ndarray:
        """½ [ln v + BĴ + λ - 1], which is 0 without patterns."""
        mean_is, variance_is = self.posterior(curvature_is, field_is)
        return 0.5 * (np.log(variance_is) + field_is * mean_is + 1.0 / variance_is - curvature_is - 1.0)

    def draw(self, mean_is: np.ndarray, variance_is: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Weights drawn from their Gaussians, then put on the sphere."""
        drawn = mean_is + np.sqrt(variance_is) * rng.standard_normal(mean_is.shape)
        return drawn * np.sqrt(drawn.shape[1] / (drawn**2).sum(axis=1, keepdims=True))


class Binary:
    """J = ±1."""

    spacing = 2.0

    def posterior(self, curvature_is: np.ndarray, field_is: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ĵ and v from B; J² = 1 has no use for A."""
        mean_is = np.tanh(field_is)
        return mean_is, 1.0 / np.cosh(np.minimum(np.abs(field_is), 300.0)) ** 2

    def log_norm(self, curvature_is: np.ndarray, field_is: np.ndarray) -> np.ndarray:
        """ln cosh B - ½A."""
        size_is = np.abs(field_is)
        return size_is + np.log1p(np.exp(-2.0 * size_is)) - np.log(2.0) - 0.5 * curvature_is

    def draw(self, mean_is: np.ndarray, variance_is: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Signs with these means."""
        return np.where(rng.random(mean_is.shape) < 0.5 * (1.0 + mean_is), 1.0, -1.0)


SPHERE, BINARY = Sphere(), Binary()
