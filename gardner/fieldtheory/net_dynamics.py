"""A ReLU net under stochastic gradient descent across learning rates: order parameter, gradients, correlations.

Defined before anything was measured: the order parameter of layer l over a window of steps is

    φ_l = |<w_l>_t|² / <|w_l|²>_t   in [0, 1],

1 for weights that stand still, 0 for weights that fluctuate about zero: the |<w>|² of the potential in units of <w²>.
If m²(η) = -μ² + ¼λη² holds, 1 - φ grows as η²; noise of constant strength makes it grow as η.

Recorded for every window of `steps` steps: φ_l, loss and accuracy over all data, sharpness λ_max, the variance of
minibatch gradients per weight and layer, and two weight–weight correlations between layers: that of the increments of
|W_l|² over the steps of the window (layers × layers), and that of |incoming|² and |outgoing|² weights over the units of
each hidden layer. Half-way the learning rate is multiplied by `drop`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.fieldtheory.relu_net import initial_weights, load_data, loss_gradients, sharpness

PROBES = 16  # minibatches behind each gradient variance
HUGE = 1e6  # |w|² per weight beyond which a run counts as diverged


@dataclass(frozen=True)
class NetChain:
    """`length` windows of one training run."""

    name: str
    length: int
    data: str
    widths: tuple[int, ...]
    rate: float
    drop: float
    batch: int
    steps: int
    data_seed: int
    entropy: tuple[int, ...]

    def start(self) -> dict:
        rng = np.random.default_rng(np.random.SeedSequence(self.entropy[0], spawn_key=self.entropy[1:]))
        weights = initial_weights(self.widths, rng)
        x, y = load_data(self.data, self.data_seed)
        return {
            "weights": weights,
            "generator": rng.bit_generator.state,
            "first_sharpness": sharpness(weights, x, y),
            "diverged": 0,
        }

    def rate_at(self, index: int) -> float:
        """Learning rate of window `index`."""
        return self.rate * (self.drop if 2 * index >= self.length else 1.0)

    def step(self, state: dict, index: int) -> tuple[dict, dict]:
        """One window of training and its measurements."""
        rng = np.random.default_rng()
        rng.bit_generator.state = state["generator"]
        x, y = load_data(self.data, self.data_seed)
        weights = [W.copy() for W in state["weights"]]
        rate, diverged = self.rate_at(index), state["diverged"]
        layers = len(weights)
        total, square_tl = [np.zeros_like(W) for W in weights], np.full((self.steps + 1, layers), np.nan)
        square_tl[0] = [(W**2).sum() for W in weights]
        for t in range(self.steps):
            if diverged:
                break
            chosen = rng.integers(len(y), size=self.batch)
            gradients = loss_gradients(weights, x[chosen], y[chosen])[1]
            weights = [W - rate * g for W, g in zip(weights, gradients)]
            square_tl[t + 1] = [(W**2).sum() for W in weights]
            diverged = int(not (square_tl[t + 1] < HUGE * np.array([W.size for W in weights])).all())
            for mean, W in zip(total, weights):
                mean += W / self.steps
        record = self._measure(weights, total, square_tl, x, y, rng) if not diverged else self._nothing()
        record |= {"diverged": diverged, "first_sharpness": state["first_sharpness"]}
        state = {"weights": weights, "generator": rng.bit_generator.state,
                 "first_sharpness": state["first_sharpness"], "diverged": diverged}  # fmt: skip
        return state, record

    def _measure(self, weights, mean, square_tl, x, y, rng) -> dict:
        loss, _, right = loss_gradients(weights, x, y)
        variance, strength = gradient_variance(weights, x, y, self.batch, rng)
        return {
            "order": np.array([(m**2).sum() for m in mean]) / square_tl[1:].mean(axis=0),
            "loss": loss,
            "accuracy": right,
            "sharpness": sharpness(weights, x, y),
            "gradient_variance": variance,
            "gradient_square": strength,
            "layer_correlation": correlations(np.diff(square_tl, axis=0)),
            "unit_correlation": unit_correlations(weights),
        }

    def _nothing(self) -> dict:
        layers = len(self.widths) - 1
        record: dict = {name: np.nan for name in ("loss", "accuracy", "sharpness")}
        record |= {name: np.full(layers, np.nan) for name in ("order", "gradient_variance", "gradient_square")}
        return record | {
            "layer_correlation": np.full((layers, layers), np.nan),
            "unit_correlation": np.full(layers - 1, np.nan),
        }


def gradient_variance(weights, x, y, batch: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Per layer and weight: variance of the gradient over minibatches, and the square of the gradient over all data."""
    samples = []
    for _ in range(PROBES):
        chosen = rng.integers(len(y), size=batch)
        samples.append(loss_gradients(weights, x[chosen], y[chosen])[1])
    variance = [np.var([s[l] for s in samples], axis=0, ddof=1).mean() for l in range(len(weights))]
    return np.array(variance), np.array([(g**2).mean() for g in loss_gradients(weights, x, y)[1]])


def correlations(series_tl: np.ndarray) -> np.ndarray:
    """Correlation coefficients of the columns; nan for a column that does not change."""
    centred = series_tl - series_tl.mean(axis=0)
    norm = np.sqrt((centred**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return (centred.T @ centred) / np.outer(norm, norm)


def unit_correlations(weights: list[np.ndarray]) -> np.ndarray:
    """For each hidden layer: correlation over its units of |incoming weights|² and |outgoing weights|²."""
    result = []
    for inward, outward in zip(weights, weights[1:]):
        pair = np.stack([(inward**2).sum(axis=1), (outward**2).sum(axis=0)], axis=1)
        result.append(correlations(pair)[0, 1])
    return np.array(result)
