"""A hidden spin with its own pre-activation at capacity (C53).

With f(ω) = -(κ-ω)_+²/2ρ and u(ω) = ½[f(ω) - f(-ω)] the field W of the cluster is averaged in closed form,

    e^{φ(ω,y)} = e^{W/2} ∫Dz [a_+ + a_-](ω + σz, y),     a_± = e^{f(±ω) ± y} Φ_N(√W ± (y + u(ω))/√W),

    (a_+ + a_-)_yy = a_+ + a_- + 2d,      d = e^{½[f(ω)+f(-ω)] - W/2 - (y+u)²/2W}/√(2πW),

and where W is large Φ_N = 1: the site of a soft core. The average over z is one matrix product: nodes of ω' by
Gauss–Legendre between the kinks of f, in panels over which u changes little, and ω' little beside σ and √ρ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import log_expit, ndtr

from gardner.errors import FrozenError
from gardner.potentials.soft import SoftCore
from gardner.theory.jammed.base import Contribution, Inputs, JammedSetting
from gardner.theory.parisi.axis import REACH
from gardner.theory.parisi.plane_flow import PlaneTerminal
from gardner.theory.sectors.site import SiteValue, site_sector
from gardner.theory.sectors.spin import spin_entropy

LOCKED = 60.0  # W beyond which e^{-W/2} = 1e-13 is left out
SMALLEST_STEP = 1e-12  # of p_k - p_{k-1}
ORDER = 12  # of Gauss–Legendre in a panel
FIELD_STEP, WIDTH_STEP, ROOM_STEP = 2.5, 0.9, 1.5  # changes within a panel: of u, ω'/σ, ω'/√ρ
NARROW, HERMITE, MOST_NODES = 0.1, 24, 20_000  # σ/√ρ below which nodes are placed around each ω; limits
FAR = 40.0  # |y + u| beyond which a spin has long decided


@dataclass(frozen=True)
class Core:
    """f(ω) = -(κ-ω)_+²/2ρ at margin κ = `margin` and room ρ."""

    margin: float
    room: float

    def weight(self, omega: np.ndarray) -> np.ndarray:
        """f."""
        return -0.5 * np.maximum(self.margin - omega, 0.0) ** 2 / self.room

    def slope(self, omega: np.ndarray) -> np.ndarray:
        """f'."""
        return np.maximum(self.margin - omega, 0.0) / self.room

    def by_room(self, omega: np.ndarray) -> np.ndarray:
        """2 ∂f/∂ρ = f'²."""
        return self.slope(omega) ** 2


@lru_cache(maxsize=2)
def _legendre(order: int) -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(order)


def place_panels(core: Core, sigma: float, end: float, strongest: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights along ω' in (-end, end), with |y| up to `strongest` (module docstring)."""
    margin, scale = abs(core.margin), np.sqrt(core.room)
    fine = np.unique(np.append(np.linspace(0.0, end, 4001), min(margin, end)))
    turn = np.minimum(np.abs(0.5 * (core.weight(fine) - core.weight(-fine))), strongest + FAR) / FIELD_STEP
    soft = np.clip(fine, max(margin - 9.0 * scale, 0.0), margin + 9.0 * scale) / (ROOM_STEP * scale)
    cost = turn + fine / (WIDTH_STEP * sigma) + soft

    # whole numbers of panels on either side of the kink at |κ|
    edges = [np.zeros(1)]
    for low, high in ((0.0, min(margin, end)), (min(margin, end), end)):
        inside = (fine >= low) & (fine <= high)
        if high > low:
            number = int(np.ceil(cost[inside][-1] - cost[inside][0])) + 1
            steps = np.linspace(cost[inside][0], cost[inside][-1], number + 1)
            edges.append(np.interp(steps, cost[inside], fine[inside])[1:])
    edges = np.concatenate(edges)
    x, w = _legendre(ORDER)
    half = 0.5 * np.diff(edges)
    nodes = (edges[:-1] + half)[:, None] + half[:, None] * x
    weights = half[:, None] * w
    return np.append(-nodes.ravel()[::-1], nodes.ravel()), np.append(weights.ravel()[::-1], weights.ravel())


class OpenTerminal:
    """φ of (C53) relative to W/2 + ln 2cosh y at finite W, on nodes (ω ≥ 0, y); keeps what the rooms respond to.

    by_room: 2 ∂φ/∂ρ; opened: 2d/e^φ, averaged as φ is.
    """

    def __init__(self, core: Core, sigma: float, step: float):
        self.core, self.sigma, self.step = core, sigma, step

    def __call__(self, omega: np.ndarray, y: np.ndarray) -> PlaneTerminal:
        core, sigma, width = self.core, self.sigma, np.sqrt(self.step)
        if sigma < NARROW * np.sqrt(core.room):
            return self.narrow(omega, y)
        nodes, weights = place_panels(core, sigma, float(omega[-1]) + REACH * sigma, float(np.abs(y).max()))
        if len(nodes) > MOST_NODES:
            raise FrozenError(f"a site of rooms {core.room:.1e} and σ = {sigma:.1e} needs {len(nodes)} nodes")
        spread = (nodes[None, :] - omega[:, None]) / sigma
        kernel = np.exp(-0.5 * spread**2) * weights / (sigma * np.sqrt(2.0 * np.pi))
        return self.collect(nodes, y, width, lambda f: kernel @ f)

    def narrow(self, omega: np.ndarray, y: np.ndarray) -> PlaneTerminal:
        """The same where σ is small beside √ρ: a few nodes of Gauss–Hermite around every ω."""
        z, weights = np.polynomial.hermite_e.hermegauss(HERMITE)
        weights = weights / np.sqrt(2.0 * np.pi)
        nodes = (omega[:, None] + self.sigma * z).ravel()

        def average(f):
            return np.einsum("z,wzy->wy", weights, f.reshape(len(omega), HERMITE, len(y)))

        return self.collect(nodes, y, np.sqrt(self.step), average)

    def collect(self, nodes: np.ndarray, y: np.ndarray, width: float, average) -> PlaneTerminal:
        """φ and what else is kept, from `average` over z of functions at (ω', y)."""
        core = self.core

        # the two signs of the spin at (ω', y), relative to 2cosh y
        plus, minus = core.weight(nodes)[:, None], core.weight(-nodes)[:, None]
        v = y[None, :] + 0.5 * (plus - minus)
        up = np.exp(plus + log_expit(2.0 * y)) * ndtr(width + v / width)
        down = np.exp(minus + log_expit(-2.0 * y)) * ndtr(width - v / width)
        free = np.abs(y) + np.log1p(np.exp(-2.0 * np.abs(y)))  # ln 2cosh y
        density = np.exp(0.5 * (plus + minus) - 0.5 * self.step - 0.5 * v**2 / self.step - free)
        density *= 2.0 / np.sqrt(2.0 * np.pi * self.step)

        # averages over z; the densities of the two signs cancel in all derivatives but ∂²/∂y²
        total = average(up + down)
        slope, other = core.slope(nodes)[:, None], core.slope(-nodes)[:, None]
        by_omega, by_y = average(slope * up - other * down) / total, average(up - down) / total
        self.by_room = average(slope**2 * up + other**2 * down) / total
        self.opened = average(density) / total
        return PlaneTerminal(np.log(total), np.stack([by_omega, by_y], axis=1), np.zeros(0))


class LockedTerminal:
    """The same where W is so large that a spin never turns within a cluster: the site of a soft core."""

    def __init__(self, core: SoftCore, sigma: float):
        self.core, self.sigma = core, sigma

    def __call__(self, omega: np.ndarray, y: np.ndarray) -> PlaneTerminal:
        (up, up1, _), (down, down1, _) = (self.core.terminal(sign * omega, self.sigma) for sign in (1.0, -1.0))
        by_up, by_down = (
            self.core.terminal_by_beta(sign * omega, phi, self.sigma) for sign, phi in ((1.0, up), (-1.0, down))
        )
        plus, minus = up[:, None] + log_expit(2.0 * y), down[:, None] + log_expit(-2.0 * y)
        total = np.logaddexp(plus, minus)
        share, other = np.exp(plus - total), np.exp(minus - total)
        slopes = np.stack([share * up1[:, None] - other * down1[:, None], share - other], axis=1)
        self.by_room = -4.0 * self.core.beta**2 * (share * by_up[:, None] + other * by_down[:, None])
        self.opened = np.zeros_like(total)
        return PlaneTerminal(total, slopes, np.zeros(0))


def evaluate(inputs: Inputs, setting: JammedSetting) -> Contribution:
    """Φ + ½ΣΔy p q - ½ p_k (1 + r), strengths, and the image of overlaps and room."""
    lambda_i, rho = inputs.product_i[:-1], float(inputs.product_i[-1])
    p_i, top, (q_i, room) = inputs.field_i[:-1], float(inputs.field_i[-1]), (inputs.own_i[:-1], inputs.own_i[-1])
    step, sigma = max(top - float(p_i.max()), SMALLEST_STEP), float(np.sqrt(1.0 - lambda_i[-1]))
    soft = SoftCore(0.5 / rho, setting.margin)
    function = LockedTerminal(soft, sigma) if step > LOCKED else OpenTerminal(Core(setting.margin, rho), sigma, step)
    value: SiteValue = site_sector(lambda_i, p_i, setting.m, soft, setting.grid, function=function)

    # what the innermost fields weigh
    weight = value.flow.p_i[-1]
    pull, opened = float(np.sum(weight * function.by_room)), float(np.sum(weight * function.opened))
    phi = 0.5 * step + value.free_entropy
    entropy = spin_entropy(p_i, q_i, setting.m, phi) + 0.5 * p_i[-1] - 0.5 * top * (1.0 + room)
    return Contribution(entropy, np.append(value.strength_i, pull), np.append(value.q_i, opened))
