"""Deep linear nets trained to a global minimum, and the zero modes of the Hessian there.

Training is stochastic gradient descent on batches of Gaussian inputs x with targets A x, then a polish with the loss
over all inputs down to round-off: saddle-free Newton steps -(|H| + ε)^{-1} g, ε = |g|, which converge quadratically to
a manifold of minima and leave saddles; above `DENSE` parameters Gauss–Newton steps with the same ε, which need a
minimum of zero loss. The loss is compared with the global minimum known in closed form.

A zero mode has |λ| < 1e-8 λ_max, and the next |λ| is 10³ times larger. Up to `DENSE` parameters the whole spectrum is
computed; above, Lanczos finds the largest eigenvalues from Hessian–vector products, a few more than the predicted
number of non-zero ones, and a spectrum that does not reach the zeros is an error, not a count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from gardner.errors import ConvergenceError
from gardner.fieldtheory.linear_net import (
    Architecture,
    forward,
    hessian_product,
    jacobian_product,
    loss_gradient,
    smallest_loss,
    split,
)
from gardner.fieldtheory.verdicts import Claim
from gardner.model import whole
from gardner.values import ByValue

DENSE = 700
MAX_PARAMETERS = 20_000
ZERO = 1e-8  # of λ_max
GAP = 1e3
SGD_STEPS = 1500
BATCH = 8
POLISH_STEPS = 200
DEFAULT_ARCHITECTURES = (
    Architecture((4, 4, 4)),
    Architecture((2, 5, 2)),
    Architecture((5, 2, 5)),
    Architecture((6, 3, 2, 5)),
    Architecture((3, 3, 3, 3)),
    Architecture((4, 6, 3)),
    Architecture((4, 2, 3, 2, 4)),
    Architecture((4, 4, 4), "layer"),
    Architecture((3, 3, 3, 3), "layer"),
    Architecture((5, 3, 3, 5), "layer"),
    Architecture((4, 2, 2, 2, 3), "layer"),
    Architecture((4, 2, 4), "block"),
    Architecture((4, 2, 4, 3, 4), "block"),
    Architecture((5, 1, 5, 2, 5), "block"),
    Architecture((3, 5, 3), "block"),
    Architecture((10, 20, 30, 10)),
)


@dataclass(frozen=True, eq=False)
class ZeroModes(ByValue):
    """Hessian at a global minimum of one net.

    counted, predicted: zero modes; gap: smallest non-zero |λ| over the largest |λ| of a zero mode; spectrum: all
    eigenvalues, or the largest ones where method is lanczos; loss, global_loss: reached and known minimum;
    gradient: its norm at the end; sgd_loss: loss before the polish.
    """

    architecture: Architecture
    predicted: int
    counted: int
    gap: float
    largest: float
    spectrum: np.ndarray
    method: str
    loss: float
    global_loss: float
    gradient: float
    sgd_loss: float
    polish_steps: int
    seed: int

    @property
    def agrees(self) -> bool:
        """True if the count is the predicted one and the spectrum has a clear gap above the zeros."""
        return self.counted == self.predicted and self.gap >= GAP

    def document(self) -> dict:
        document = {name: value for name, value in asdict(self).items() if name not in ("architecture", "spectrum")}
        net = self.architecture
        return {
            "net": net.name, "widths": list(net.widths), "residual": net.residual, "parameters": net.parameters,
            "bottleneck": net.bottleneck, "gauge_dimension": net.gauge_dimension,
        } | document | {"agrees": self.agrees}  # fmt: skip


def sgd(net: Architecture, target: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Parameters after `SGD_STEPS` steps; the rate starts at 0.1/L and is halved whenever the loss runs away."""
    scales = [np.full(a * b, b**-0.5) for a, b in zip(net.widths[1:], net.widths)]
    start = np.concatenate(scales) * rng.standard_normal(net.parameters) * (1.0 if net.residual == "none" else 0.5)
    identity, limit = np.eye(net.widths[0]), 10.0 * (1.0 + float((target**2).sum()))
    rate, vector, step = 0.1 / net.depth, start.copy(), 0
    while step < SGD_STEPS:
        x = rng.standard_normal((net.widths[0], BATCH))
        vector = vector - rate / BATCH * loss_gradient(net, vector, x, target @ x)[1]
        step += 1
        if step % 50 == 0 and not loss_gradient(net, vector, identity, target)[0] < limit:
            rate, vector, step = 0.5 * rate, start.copy(), 0
            if rate < 1e-8:
                raise ConvergenceError(f"{net.name}: stochastic gradient descent diverges at every learning rate")
    return vector


def dense_hessian(net: Architecture, vector: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The exact Hessian (n, n)."""
    hessian = hessian_product(net, vector, np.eye(net.parameters), target)
    return 0.5 * (hessian + hessian.T)


def _newton_step(net, vector, target, gradient, damping):
    values, modes = np.linalg.eigh(dense_hessian(net, vector, target))
    return -modes @ ((modes.T @ gradient) / (np.abs(values) + damping))


def _gauss_newton_step(net, vector, target, gradient, damping):
    """-(JᵀJ + ε)^{-1} Jᵀ r = -Jᵀ (JJᵀ + ε)^{-1} r, with as many unknowns as the product has entries."""
    changes = jacobian_product(net, vector, np.eye(net.parameters))[-1]
    J_ni = changes.reshape(net.parameters, -1)
    residual = product_residual(net, vector, target).ravel()
    return -J_ni @ np.linalg.solve(J_ni.T @ J_ni + damping * np.eye(J_ni.shape[1]), residual)


def product_residual(net: Architecture, vector: np.ndarray, target: np.ndarray) -> np.ndarray:
    """T_L - A."""
    return forward(net, split(vector, net.widths), np.eye(net.widths[0]))[-1] - target


def polish(net: Architecture, vector: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, int]:
    """Parameters at a minimum, to round-off, and the number of steps; ConvergenceError if |g| stays large."""
    if net.parameters > DENSE and net.bottleneck:
        raise ValueError(
            f"{net.name}: {net.parameters} parameters with a bottleneck; at most {DENSE} are allowed there"
        )
    identity = np.eye(net.widths[0])
    step_of = _newton_step if net.parameters <= DENSE else _gauss_newton_step
    loss, gradient = loss_gradient(net, vector, identity, target)
    scale = 1.0 + float(np.linalg.norm(target))
    steps = 0
    while np.linalg.norm(gradient) > 1e-14 * scale and steps < POLISH_STEPS:
        move = step_of(net, vector, target, gradient, float(np.linalg.norm(gradient)))
        size = 1.0
        trial, trial_gradient = loss_gradient(net, vector + move, identity, target)
        while not trial <= loss * (1.0 + 1e-12) + 1e-28 and size > 1e-6:
            size *= 0.5
            trial, trial_gradient = loss_gradient(net, vector + size * move, identity, target)
        better = np.linalg.norm(trial_gradient) < np.linalg.norm(gradient)
        if not better and (size <= 1e-6 or np.linalg.norm(gradient) < 1e-12 * scale):
            break  # round-off: neither the loss nor its gradient can be lowered
        vector, loss, gradient, steps = vector + size * move, trial, trial_gradient, steps + 1
    if np.linalg.norm(gradient) > 1e-10 * scale:
        raise ConvergenceError(f"{net.name}: |gradient| = {np.linalg.norm(gradient):.1e} after {steps} steps", vector)
    return vector, steps


def spectrum(net: Architecture, vector: np.ndarray, target: np.ndarray, extra: int = 6) -> tuple[np.ndarray, str]:
    """Eigenvalues, ascending, and the method: `dense` gives all, `lanczos` the largest."""
    if net.parameters <= DENSE:
        return np.linalg.eigvalsh(dense_hessian(net, vector, target)), "dense"
    from scipy.sparse.linalg import LinearOperator, eigsh

    size = net.parameters
    operator = LinearOperator(
        (size, size), matvec=lambda v: hessian_product(net, vector, v.ravel(), target), dtype=float
    )
    start = np.random.default_rng(0).standard_normal(size)
    values = eigsh(operator, k=min(size - 1, net.product_dimension + extra), which="LM", v0=start, tol=1e-13)[0]
    return np.sort(values), "lanczos"


def count_zero_modes(values: np.ndarray, parameters: int) -> tuple[int, float]:
    """Number of |λ| < 1e-8 λ_max among `parameters` eigenvalues of which `values` are the largest, and the gap."""
    sizes = np.abs(values)
    zero = sizes < ZERO * sizes.max()
    if not zero.any() and len(values) < parameters:
        raise ConvergenceError("Lanczos did not reach the zero modes: there are fewer of them than predicted")
    if not zero.any():
        return 0, math.inf
    edge = float(sizes[zero].max())
    gap = float(sizes[~zero].min()) / edge if edge > 0.0 else math.inf
    return parameters - int((~zero).sum()), gap


def zero_modes(net: Architecture, seed: int = 1) -> ZeroModes:
    """Zero modes of the Hessian of ½|W_L…W_1 - A|² at a global minimum, counted and predicted, for one deep linear net.

    Predicted: Σ_l d_l d_{l-1} - r(d_0 + d_L - r), r the rank of the product (THEORY section 10).
    Counted after training and a polish to round-off: |λ| < 1e-8 λ_max. The target A is Gaussian
    with variance 1/d_0.

    Parameters
    ----------
    net : LinearNet
        Widths and residual connections.
    seed : int
        Everything random follows from it.

    Returns
    -------
    ZeroModes
        Both numbers and the spectrum.

    Raises
    ------
    ValueError
        For nets too large.
    ConvergenceError
        Where the known minimum is not reached.
    """
    if net.parameters > MAX_PARAMETERS:
        raise ValueError(f"{net.name}: {net.parameters} parameters; at most {MAX_PARAMETERS} are allowed")
    rng = np.random.default_rng(np.random.SeedSequence(whole("seed", seed, 0)))
    target = rng.standard_normal((net.widths[-1], net.widths[0])) / math.sqrt(net.widths[0])
    vector = sgd(net, target, rng)
    identity = np.eye(net.widths[0])
    before = loss_gradient(net, vector, identity, target)[0]
    vector, steps = polish(net, vector, target)
    loss, gradient = loss_gradient(net, vector, identity, target)
    best = smallest_loss(net, target)
    if loss > best + 1e-10 * (1.0 + best):
        raise ConvergenceError(f"{net.name}: ended at loss {loss:.6g}, the global minimum is {best:.6g}", vector)
    values, method = spectrum(net, vector, target)
    counted, gap = count_zero_modes(values, net.parameters)
    largest = float(np.abs(values).max())
    return ZeroModes(
        net, net.zero_modes, counted, gap, largest, values, method, loss, best,
        float(np.linalg.norm(gradient)), before, steps, seed,
    )  # fmt: skip


def zero_mode_verdicts(results: Sequence[ZeroModes]) -> list[Claim]:
    """Do all counts equal the prediction, and is the smallest gap wide enough?"""
    worst = max(abs(result.counted - result.predicted) for result in results)
    gap = min(result.gap for result in results)
    gauge = sum(result.predicted != result.architecture.gauge_dimension for result in results)
    note = (
        f"smallest gap {gap:.1e}; in {gauge} of {len(results)} nets the dimension of the gauge group is another number"
    )
    return [
        Claim(
            "zero modes = parameters - r(d_0 + d_L - r): largest |count - prediction|",
            float(worst), 0.0, 0.0, len(results), "nets", tolerance=0.5, note=note,
        ),
        Claim(
            f"zero modes stand apart: nets with a gap below {GAP:g}",
            float(sum(result.gap < GAP for result in results)), 0.0, 0.0, len(results), "nets", tolerance=0.5,
        ),
    ]  # fmt: skip
