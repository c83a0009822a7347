"""Deep linear nets, with and without residual connections: maps, loss, derivatives, and the number of zero modes.

A net of widths d_0 … d_L maps x_l = W_l x_{l-1} + (the residual input, if there is one). Residual connections are
`layer`: x_{l-1} is added wherever d_l = d_{l-1}; or `block`: layers in pairs, x_{l-2} is added after every second one.
The loss is ½|T_L - A|², T_L the product of all maps. At a generic global minimum the Hessian has

    Σ_l d_l d_{l-1} - r (d_0 + d_L - r)                                                  (THEORY section 10)

zero modes, r = min_l d_l: all parameters less the dimension of the manifold of products, along which no zero mode of
the loss remains. With residual connections (derived in THEORY section 10.1):

* `layer`: W_l → W_l + 1 is a translation of the parameters; the Hessian and its zero modes are unchanged.
* `block`: Π_b (1 + V_b U_b) = 1 + (a matrix of rank ≤ H), H = Σ_b h_b over the hidden widths, and every such matrix
  is reached. The count is that of the two-layer net d–H–d, with min(d, H) for r.

For A of full rank with distinct singular values (a Gaussian A). At rank-deficient products the count depends on the
point. Derivatives are exact (reverse mode, and forward over reverse for the Hessian), for stacks of directions at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.model import whole

RESIDUALS = ("none", "layer", "block")
MAX_WIDTH = 200


@dataclass(frozen=True)
class Architecture:
    """A deep linear net.

    Parameters
    ----------
    widths : tuple of int
        d_0 … d_L, each from 1 to 200, at least three.
    residual : str
        Residual connections: "none"; "layer" (1 is added to W_l where d_l = d_{l-1}); "block"
        (1 is added to every product of two layers, widths d-h-d-h'-d).

    Raises
    ------
    ValueError
        For widths that do not fit.

    Notes
    -----
    THEORY section 10.
    """

    widths: tuple[int, ...]
    residual: str = "none"

    def __post_init__(self):
        widths = tuple(whole("widths", d, 1, MAX_WIDTH) for d in self.widths)
        object.__setattr__(self, "widths", widths)
        if len(widths) < 3:
            raise ValueError(f"widths = {self.name}: at least two layers, hence three widths, are needed, as in 4-6-3")
        if self.residual not in RESIDUALS:
            raise ValueError(f"residual = {self.residual!r}: must be one of {', '.join(RESIDUALS)}")
        if self.residual == "layer" and not any(a == b for a, b in zip(widths, widths[1:])):
            raise ValueError(f"widths = {self.name}: no two neighbours are equal, so no residual connection of a layer")
        if self.residual == "block" and (len(widths) % 2 == 0 or len(set(widths[::2])) > 1):
            raise ValueError(f"widths = {self.name}: residual blocks need the form d-h-d-h'-d, as in 4-2-4-3-4")

    @property
    def name(self) -> str:
        """`4-6-3`, with the kind of residual connections if there are any."""
        text = "-".join(map(str, self.widths))
        return text if self.residual == "none" else f"{text}+{self.residual}"

    @classmethod
    def named(cls, text: str) -> Architecture:
        """The net of this `name`, as in 4-6-3, 4-4-4+layer or 4-2-4+block; ValueError if it is none."""
        shape, _, residual = text.strip().partition("+")
        try:
            widths = tuple(int(part) for part in shape.split("-"))
        except ValueError:
            raise ValueError(f"widths = {text!r}: nets are written as in 4-6-3, 4-4-4+layer or 4-2-4+block") from None
        return cls(widths, residual or "none")

    @property
    def depth(self) -> int:
        """L, the number of weight matrices."""
        return len(self.widths) - 1

    @property
    def parameters(self) -> int:
        """Σ_l d_l d_{l-1}, the number of weights."""
        return sum(a * b for a, b in zip(self.widths, self.widths[1:]))

    @property
    def sources(self) -> tuple[int | None, ...]:
        """For l = 1 … L the layer whose output is added to that of l, or None."""
        layers = range(1, self.depth + 1)
        if self.residual == "layer":
            return tuple(l - 1 if self.widths[l] == self.widths[l - 1] else None for l in layers)
        if self.residual == "block":
            return tuple(l - 2 if l % 2 == 0 else None for l in layers)
        return (None,) * self.depth

    @property
    def rank(self) -> int:
        """r: rank of the product, or of its difference from 1 with residual blocks."""
        if self.residual == "block":
            return min(self.widths[0], sum(self.widths[1::2]))
        return min(self.widths)

    @property
    def bottleneck(self) -> bool:
        """True if not every A can be represented."""
        return self.rank < min(self.widths[0], self.widths[-1])

    @property
    def product_dimension(self) -> int:
        """Dimension of the manifold of products, r(d_0 + d_L - r)."""
        return self.rank * (self.widths[0] + self.widths[-1] - self.rank)

    @property
    def zero_modes(self) -> int:
        """Predicted number of zero modes at a generic global minimum."""
        return self.parameters - self.product_dimension

    @property
    def gauge_dimension(self) -> int:
        """Dimension of the group W_l → g_l W_l g_{l-1}^{-1} without residual connections: Σ d_l² over hidden l."""
        return sum(d * d for d in self.widths[1:-1])


def split(vector: np.ndarray, widths: tuple[int, ...]) -> list[np.ndarray]:
    """Parameters (…, n) as matrices (…, d_l, d_{l-1}), l = 1 … L."""
    shapes = list(zip(widths[1:], widths))
    edges = np.cumsum([0] + [a * b for a, b in shapes])
    lead = vector.shape[:-1]
    return [vector[..., i:j].reshape(*lead, *shape) for i, j, shape in zip(edges, edges[1:], shapes)]


def join(matrices: list[np.ndarray]) -> np.ndarray:
    """The inverse of `split`."""
    return np.concatenate([m.reshape(*m.shape[:-2], -1) for m in matrices], axis=-1)


def forward(architecture: Architecture, weights: list[np.ndarray], inputs: np.ndarray) -> list[np.ndarray]:
    """Outputs of layers 0 … L for the columns of `inputs`."""
    outputs = [inputs]
    for W, source in zip(weights, architecture.sources):
        value = W @ outputs[-1]
        outputs.append(value if source is None else value + outputs[source])
    return outputs


def _backward(architecture, weights, last) -> list[np.ndarray]:
    """dLoss/d(output of layer l), l = 0 … L, from that of the last layer."""
    depth = architecture.depth
    pending: list = [None] * depth + [last]
    for l in range(depth, 0, -1):
        for layer, value in ((l - 1, weights[l - 1].T @ pending[l]), (architecture.sources[l - 1], pending[l])):
            if layer is not None:
                pending[layer] = value if pending[layer] is None else pending[layer] + value
    return pending


def loss_gradient(architecture: Architecture, vector: np.ndarray, inputs: np.ndarray, targets: np.ndarray):
    """½|T_L - targets|² and its gradient (n,); inputs = identity, targets = A for the loss over all inputs."""
    weights = split(vector, architecture.widths)
    outputs = forward(architecture, weights, inputs)
    residual = outputs[-1] - targets
    errors = _backward(architecture, weights, residual)
    gradient = join([g @ x.T for g, x in zip(errors[1:], outputs)])
    return 0.5 * float((residual**2).sum()), gradient


def jacobian_product(architecture: Architecture, vector: np.ndarray, direction: np.ndarray) -> list[np.ndarray]:
    """Changes of the outputs of layers 0 … L for identity input, along directions (…, n)."""
    weights, moved = split(vector, architecture.widths), split(direction, architecture.widths)
    outputs = forward(architecture, weights, np.eye(architecture.widths[0]))
    changes: list[np.ndarray] = [np.zeros((*direction.shape[:-1], *outputs[0].shape))]
    for W, V, x, source in zip(weights, moved, outputs, architecture.sources):
        change = V @ x + W @ changes[-1]
        changes.append(change if source is None else change + changes[source])
    return changes


def hessian_product(architecture: Architecture, vector: np.ndarray, direction: np.ndarray, target: np.ndarray):
    """Hessian of ½|T_L - A|² times directions (…, n): forward over reverse mode, exact."""
    weights, moved = split(vector, architecture.widths), split(direction, architecture.widths)
    outputs = forward(architecture, weights, np.eye(architecture.widths[0]))
    changes = jacobian_product(architecture, vector, direction)
    errors = _backward(architecture, weights, outputs[-1] - target)
    shifts: list = [None] * architecture.depth + [changes[-1]]
    for l in range(architecture.depth, 0, -1):
        V, W = moved[l - 1], weights[l - 1]
        through = np.swapaxes(V, -1, -2) @ errors[l] + W.T @ shifts[l]
        for layer, value in ((l - 1, through), (architecture.sources[l - 1], shifts[l])):
            if layer is not None:
                shifts[layer] = value if shifts[layer] is None else shifts[layer] + value
    products = [
        shifts[l] @ outputs[l - 1].T + errors[l] @ np.swapaxes(changes[l - 1], -1, -2)
        for l in range(1, architecture.depth + 1)
    ]
    return join(products)


def smallest_loss(architecture: Architecture, target: np.ndarray) -> float:
    """The global minimum of the loss: half the discarded squared singular values (Eckart–Young)."""
    matrix = target - np.eye(len(target)) if architecture.residual == "block" else target
    values = np.linalg.svd(matrix, compute_uv=False)
    return 0.5 * float((values[architecture.rank :] ** 2).sum())
