"""Gradient descent on the potential itself, across learning rates: one weight (D = 1) or an O(D) multiplet.

The loss is the potential at η = 0, ℓ(w) = -½μ² w² + ¼λ (w²)². Three dynamics:

* `gd`: w ← w - η ∇ℓ. For D = 1 (and radially for any D) this is the cubic map x → x (1 + a - a x²), a = ημ²,
  x = w√λ/μ. The minimum is stable for η < 2/λ_max = 1/μ²; the two bands of the chaotic attractor merge, and the mean
  over time vanishes, at a = 3√3/2 - 1; everything diverges above a = 2.
* `sgd`: the same with noise of standard deviation s on every component of the gradient.
* `smoothed`: small steps along ∇ℓ at weights jittered uniformly over a box of width η [3/(D+2)]^{1/2}. Its mean is
  m²(η) w + λ w² w with m² = -μ² + ¼λη² exactly: the potential of the source. It stands for the one way found here to
  give η the part the source gives it, and is the positive control of the measurement.

The order parameter is |<w>_t|, the mean over a window of steps, then over runs: in a symmetric state it falls as the
root of the window, at a stable minimum it is |w*|. For D ≥ 2 and noise it also falls with the window in the ordered
state, for the direction diffuses along the minima; both windows are recorded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.fieldtheory.potential import SymmetryBreaking

DYNAMICS = ("gd", "sgd", "smoothed")
FAR = 1e3  # of |w*|: beyond, a run counts as diverged
SMALL_STEP = 0.02  # step of `smoothed`, in units of 1/μ²
JITTERS = 8  # jittered gradients averaged in one step of `smoothed`
MERGING = 1.5 * 3.0**0.5 - 1.0  # ημ² at which the bands of the cubic map merge


@dataclass(frozen=True)
class WeightChain:
    """`length` windows of `steps` steps of `runs` runs at one learning rate, after `burn` steps."""

    name: str
    length: int
    theory: SymmetryBreaking
    dynamics: str
    rate: float
    noise: float
    runs: int
    steps: int
    burn: int
    entropy: tuple[int, ...]

    def start(self) -> dict:
        """Runs near the minimum at η = 0, each in a direction of its own, with the first `burn` steps done."""
        rng = np.random.default_rng(np.random.SeedSequence(self.entropy[0], spawn_key=self.entropy[1:]))
        direction = rng.standard_normal((self.runs, self.theory.components))
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        w = direction * self.theory.order_parameter(0.0) * (1.0 + 0.1 * rng.random((self.runs, 1)))
        for _ in range(self.burn):
            w = self.move(w, rng)
        return {"w": w, "generator": rng.bit_generator.state}

    def move(self, w_rc: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One step of all runs; a run that went too far becomes nan and stays so."""
        mu2, coupling = self.theory.mu**2, self.theory.coupling
        if self.dynamics == "smoothed":
            width = self.rate * (3.0 / (self.theory.components + 2.0)) ** 0.5
            place = w_rc + width * (rng.random((JITTERS, *w_rc.shape)) - 0.5)
            slope = (-mu2 + coupling * (place**2).sum(-1, keepdims=True)) * place
            w = w_rc - SMALL_STEP / mu2 * slope.mean(axis=0)
        else:
            slope = (-mu2 + coupling * (w_rc**2).sum(-1, keepdims=True)) * w_rc
            if self.dynamics == "sgd":
                slope = slope + self.noise * rng.standard_normal(w_rc.shape)
            w = w_rc - self.rate * slope
        far = FAR * self.theory.order_parameter(0.0)
        return np.where((np.abs(w) < far).all(axis=1, keepdims=True), w, np.nan)

    def step(self, state: dict, index: int) -> tuple[dict, dict]:
        """One window: mean of w (runs, D) and of w² (runs) over its steps."""
        rng = np.random.default_rng()
        rng.bit_generator.state = state["generator"]
        w, total, square = state["w"], 0.0, 0.0
        for _ in range(self.steps):
            w = self.move(w, rng)
            total = total + w
            square = square + (w**2).sum(axis=1)
        record = {"mean": total / self.steps, "square": square / self.steps}
        return {"w": w, "generator": rng.bit_generator.state}, record
