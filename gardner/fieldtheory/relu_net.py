"""A small ReLU classifier in NumPy: loss, gradient, sharpness, and the data it learns.

Cross entropy of a softmax over the last layer, no biases, weights W_l (d_l, d_{l-1}); He initialisation. The sharpness
is λ_max of the Hessian over all data, from exact Hessian–vector products (the kinks of the ReLU have measure zero).
"""

from __future__ import annotations

import numpy as np

DATA = ("digits", "synthetic")
CLASSES = 10
FEATURES = 64


def load_data(name: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (samples, 64), each feature of zero mean and the whole of unit variance, and labels 0…9.

    `digits`: the 8×8 digits of scikit-learn (an extra). `synthetic`: Gaussian clouds about ten Gaussian centres, one
    label in ten drawn at random, so that the noise of the gradient does not die out early.
    """
    if name == "digits":
        try:
            from sklearn.datasets import load_digits
        except ModuleNotFoundError:
            raise ValueError(
                "data = digits: needs scikit-learn (pip install 'gardner[digits]'); without it use --data synthetic"
            ) from None
        x, y = load_digits(return_X_y=True)
    elif name == "synthetic":
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(64,)))
        centres = rng.standard_normal((CLASSES, FEATURES))
        y = np.arange(1000) % CLASSES
        x = centres[y] + 1.5 * rng.standard_normal((len(y), FEATURES))
        y = np.where(rng.random(len(y)) < 0.1, rng.integers(CLASSES, size=len(y)), y)
    else:
        raise ValueError(f"data = {name!r}: must be one of {', '.join(DATA)}")
    x = x - x.mean(axis=0)
    return x / x.std(), np.asarray(y, dtype=np.int64)


def initial_weights(widths: tuple[int, ...], rng: np.random.Generator) -> list[np.ndarray]:
    """Gaussian weights of variance 2/d_{l-1}."""
    return [(2.0 / b) ** 0.5 * rng.standard_normal((a, b)) for b, a in zip(widths, widths[1:])]


def loss_gradients(weights: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> tuple[float, list[np.ndarray], float]:
    """Mean cross entropy, its gradients, and the fraction classified correctly; inf and nan after an overflow."""
    outputs = [x]
    with np.errstate(over="ignore", invalid="ignore"):
        for W in weights[:-1]:
            outputs.append(np.maximum(outputs[-1] @ W.T, 0.0))
        scores = outputs[-1] @ weights[-1].T
        right = float((scores.argmax(axis=1) == y).mean())
        scores = scores - scores.max(axis=1, keepdims=True)
        log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        rows = np.arange(len(y))
        loss = -float(log_p[rows, y].mean())
        error = np.exp(log_p)
        error[rows, y] -= 1.0
        error /= len(y)
        gradients = []
        for l in range(len(weights) - 1, -1, -1):
            gradients.append(error.T @ outputs[l])
            error = (error @ weights[l]) * (outputs[l] > 0.0)
    return loss, gradients[::-1], right


def hessian_product(weights: list[np.ndarray], direction: list[np.ndarray], x: np.ndarray, y: np.ndarray):
    """Hessian of the mean loss times a direction, layer by layer: forward over reverse mode, exact between kinks."""
    outputs, moved = [x], [np.zeros_like(x)]
    for l, (W, V) in enumerate(zip(weights, direction)):
        value, change = outputs[-1] @ W.T, moved[-1] @ W.T + outputs[-1] @ V.T
        if l < len(weights) - 1:
            change = change * (value > 0.0)
            value = np.maximum(value, 0.0)
        outputs.append(value)
        moved.append(change)
    scores = outputs[-1] - outputs[-1].max(axis=1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(axis=1, keepdims=True)
    shift = p * (moved[-1] - (p * moved[-1]).sum(axis=1, keepdims=True)) / len(y)
    error = p
    error[np.arange(len(y)), y] -= 1.0
    error /= len(y)
    products = []
    for l in range(len(weights) - 1, -1, -1):
        products.append(shift.T @ outputs[l] + error.T @ moved[l])
        alive = outputs[l] > 0.0
        shift = (shift @ weights[l] + error @ direction[l]) * alive
        error = (error @ weights[l]) * alive
    return products[::-1]


def sharpness(weights: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> float:
    """λ_max of the Hessian of the mean loss, by Lanczos to 1e-3; nan if a weight is, 0 for a net that is dead."""
    if not all(np.isfinite(W).all() for W in weights):
        return float("nan")
    from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

    edges = np.cumsum([0] + [W.size for W in weights])

    def product(vector: np.ndarray) -> np.ndarray:
        flat = vector.ravel()
        parts = [flat[a:b].reshape(W.shape) for a, b, W in zip(edges, edges[1:], weights)]
        return np.concatenate([part.ravel() for part in hessian_product(weights, parts, x, y)])

    size = int(edges[-1])
    start = np.random.default_rng(0).standard_normal(size)
    if not np.abs(product(start)).max() > 0.0:
        return 0.0
    operator = LinearOperator((size, size), matvec=product, dtype=float)
    try:
        return float(eigsh(operator, k=1, which="LA", v0=start, tol=1e-3, return_eigenvectors=False)[0])
    except ArpackError:
        return float("nan")
