"""The site sector of the directed closure (T10): a hidden spin with its own pre-activation ω and the field y above it.

    φ_k(ω,y) = ln Σ_{S=±1} g(Sω) e^{Sy},   g(ω) = ∫Dz e^{-βv(ω + σz)},  σ² = 1-Λ_k;
    q_i = E_i[(∂_yφ_i)²],  G_i = E_i[(∂_ωφ_i)²];   site free entropy ½Σ(m_{i+1}-m_i) q̂_i q_i - ½q̂_k + Φ.

Nodes. φ_k = ½ln(gg') + ln 2cosh(y+u), u(ω) = ½ln(g(ω)/g(-ω)): the spin changes its mind along y = -u(ω), which runs
far out into the plane (u ≈ ω²/4σ²), with a width of order 1 in y and σ/√|y| in ω. Wherever that line carries weight
the nodes must resolve it. The measure at level i is damped by e^{m_i δ_i} ≈ e^{-2 m_i |y|} along the line, so that it
matters for |y| ≤ min(UNDAMPED/m_i, reach_i) only: the spacing in y grows from its central value by sqrt(10) up to the
largest of these, and in proportion to |y| beyond. Along ω it grows beyond |ω| ~ 3σ_i, later if e^{mδ} would otherwise
change by more than e^{STEEPEST} from node to node where it matters; σ_i² = 1-Λ_i.

Accuracy. At the default spacings (0.175 in y, 0.21σ_i in ω) the overlaps err by 1e-12 for k up to 5 and 1e-8 in the
worst cases met (q̂ = 60, k = 20); doubling both spacings costs five digits. `GridSettings.refined` measures it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import log_expit

from gardner.errors import FrozenError
from gardner.model import RandomSetting
from gardner.potentials import Potential
from gardner.theory.parisi.axis import REACH, build_axis
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.parisi.plane_flow import PlaneFlow, PlaneTerminal, solve_plane
from gardner.theory.sectors.base import FROZEN_TILT, SMALLEST_GAP_VARIANCE, Contribution, Inputs
from gardner.theory.sectors.spin import follow_cut, spin_entropy

UNDAMPED = 12.0  # e^{-12} ≈ 6e-6: where the line y = -u(ω) is damped by more, coarse nodes do
OMEGA_CORE = 3.0  # half-width of the core along ω in units of σ_i
STEEPEST = 1.5  # growth of ln e^{mδ} from node to node along ω
RATIO = 0.2  # step of ln σ_i
SMALLEST_CORE = 2.5
SATURATING = 3.0  # tilt m w of a step from which φ below it grows smoother; at twice that it has the scale 1/m


@dataclass(frozen=True)
class PlaneSettings:
    """Spacing of the nodes at the centre: `omega` in units of σ_i, `field` in units of the spin's own scale 1."""

    omega: float
    field: float

    @classmethod
    def of(cls, grid: GridSettings) -> PlaneSettings:
        """The plane that goes with the one-dimensional grids of `grid`."""
        return cls(omega=4.2 * grid.dt, field=3.5 * grid.dt)

    @property
    def refinement(self) -> float:
        """Default spacing over this one, at least 1."""
        return max(1.0, 3.5 * GridSettings().dt / self.field)


@dataclass(frozen=True)
class SiteValue:
    """Φ, q_i and G_i of a site; response[b, j, a, i] = d(G, q)_j/d(Λ, q̂)_i with b, a = 0 (G, Λ) or 1 (q, q̂)."""

    free_entropy: float
    q_i: np.ndarray
    strength_i: np.ndarray
    response: np.ndarray | None
    flow: PlaneFlow


def site_terminal(potential: Potential, variance: float):
    """Nodes (ω ≥ 0, y) ↦ φ_k relative to ln 2cosh y, with slopes and curvatures."""
    log_weight = potential.log_weight(variance)

    def function(omega: np.ndarray, y: np.ndarray) -> PlaneTerminal:
        (up, up1, up2), (down, down1, down2) = (
            tuple(value[:, None] for value in log_weight(sign * omega)) for sign in (1.0, -1.0)
        )
        plus, minus = up + log_expit(2.0 * y), down + log_expit(-2.0 * y)
        delta = np.logaddexp(plus, minus)
        share, other = np.exp(plus - delta), np.exp(minus - delta)
        slope = up1 + down1
        return PlaneTerminal(
            delta,
            np.stack([share * up1 - other * down1, share - other], axis=1),
            np.stack(
                [
                    share * up2 + other * down2 + share * other * slope**2,
                    2.0 * share * other * slope,
                    4.0 * share * other,
                ],
                axis=1,
            ),
        )

    return function


def site_sector(
    lambda_i: np.ndarray,
    qhat_i: np.ndarray,
    m: np.ndarray,
    potential: Potential,
    grid: GridSettings,
    with_response: bool = False,
    function: Callable | None = None,
) -> SiteValue:
    """The site at overlaps Λ_i of its pre-activation and conjugate overlaps q̂_i of its field.

    function: nodes ↦ PlaneTerminal, what stands at the end of the flow in place of `site_terminal`; its derivatives are
    as steep as those of the potential.

    Increments of q̂ with m_i w > FROZEN_TILT freeze the spin and are cut there as in `spin.spin_sector`: e^{mφ} has
    then one peak for either sign of the spin, each moved by its own drift; w enters as the constant ½ m w² only.
    """
    if not 1.0 - lambda_i[-1] > SMALLEST_GAP_VARIANCE:
        raise FrozenError(f"1 - Λ = {1.0 - lambda_i[-1]:.1e}")
    lambda_i, qhat_i = np.maximum.accumulate(lambda_i), np.maximum.accumulate(qhat_i)
    increments = np.diff(qhat_i)
    kept = np.minimum(increments, (FROZEN_TILT / m[1:-1]) ** 2) if m[-1] else increments
    short_i = qhat_i[0] + np.concatenate([[0.0], np.cumsum(kept)])
    # levels merged in both fields are one level with the smallest of their m
    first = np.append(True, (np.diff(lambda_i) > 0.0) | (np.diff(short_i) > 0.0))
    level_i, distinct_m = np.cumsum(first) - 1, np.append(m[:-1][first], 1.0)
    flow = solve_plane(
        distinct_m,
        _axes(lambda_i[first], short_i[first], distinct_m, potential, grid),
        function or site_terminal(potential, lambda_i[-1]),
        grid.hermite,
    )
    strength_i, q_i = flow.overlaps[:, level_i]
    response = None
    if with_response:
        response = flow.response(m, level_i)
        response[:, :, 1] = response[:, :, 1] @ follow_cut(kept == increments)
    constant = 0.5 * float(np.sum(m[1:-1] * (increments - kept)))
    return SiteValue(flow.free_entropy + constant, q_i, strength_i, response, flow)


def _axes(lambda_i, qhat_i, m, potential, grid):
    """Nodes and steps along ω and y (module docstring)."""
    settings = PlaneSettings.of(grid)
    # nodes move with σ_i in steps: nearly merged levels share them
    sigma_i = np.exp(RATIO * np.round(0.5 * np.log1p(-lambda_i) / RATIO))
    margin = abs(potential.margin)
    drift_i = np.concatenate([[0.0], np.cumsum(m[1:-1] * np.diff(qhat_i))])
    reach_i = REACH * np.sqrt(qhat_i) + drift_i
    omega = build_axis(
        lambda_i,
        _omega_core(m, reach_i, settings.omega) * sigma_i + margin,
        settings.omega * sigma_i,
        REACH * np.sqrt(lambda_i) + _omega_drift(lambda_i, m, margin),
        settings.refinement,
    )
    return omega, _field_axis(qhat_i, m, settings, reach_i)


def _field_axis(qhat_i: np.ndarray, m: np.ndarray, settings: PlaneSettings, reach_i: np.ndarray):
    """Nodes along y (module docstring), coarser where φ_i is smoother than a free spin.

    A step with m_i w_i ≫ 1 leaves φ_{i-1} = (1/m_i) ln Σ_S e^{m_i S y + …}: its scale along y is 1/m_i instead of 1, so
    that the levels below a frozen one need no more nodes however strong their fields are. The nodes of such a level
    are those of no other.
    """
    tilt = m[1:-1] * np.sqrt(np.diff(qhat_i))
    smoothed = 1.0 + (1.0 / np.maximum(m[1:-1], 1e-12) - 1.0) * np.clip((tilt - SATURATING) / SATURATING, 0.0, 1.0)
    scale_i = np.append(np.maximum.accumulate(smoothed[::-1])[::-1], 1.0)
    undamped_i = np.minimum(UNDAMPED / np.maximum(m[:-1], 1e-12), reach_i)
    core_i = np.empty(len(qhat_i))
    for scale in np.unique(scale_i):
        alike = scale_i == scale
        core_i[alike] = max(SMALLEST_CORE * scale, undamped_i[alike].max() / 3.0)
    return build_axis(qhat_i, core_i, settings.field * scale_i, reach_i, settings.refinement)


def _omega_drift(lambda_i: np.ndarray, m: np.ndarray, margin: float) -> np.ndarray:
    """How far the tilt may carry ω beyond its Gaussian reach, on every level: at most to the margin.

    Step j moves ω by m_j ΔΛ_j φ_j', and towards a margin |κ| the hard core has φ_j' ≤ |κ|/λ_j + 1/sqrt(λ_j) with
    λ_j = 1 - Λ_k + Σ_{j'>j} m_j' ΔΛ_j', any softer one less. So the drift vanishes with the variance, faster than the
    width sqrt(Λ) does, and a field of variance 0 stays at ω = 0 whatever the margin.
    """
    steps = m[1:-1] * np.diff(lambda_i)
    stiffness = 1.0 - lambda_i[-1] + np.append(np.cumsum(steps[::-1])[::-1], 0.0)[1:]
    moved = steps * (margin / stiffness + 1.0 / np.sqrt(stiffness))
    return np.minimum(margin, np.append(0.0, np.cumsum(moved)))


def _omega_core(m: np.ndarray, reach_i: np.ndarray, spacing: float) -> float:
    """Half-width of the core along ω, in units of σ_i.

    On its way from the line y = -u(ω), |ω| ≤ 2σ sqrt(y), to the origin e^{mδ} grows by m |ω|/σ per σ: by no more than
    STEEPEST per node where the line is damped by less than UNDAMPED.
    """
    m_i = np.maximum(m[:-1], 1e-12)
    far_i = np.minimum(2.0 * np.sqrt(reach_i), np.sqrt(4.0 * UNDAMPED / m_i))
    room_i = np.maximum(STEEPEST / np.maximum(m_i * far_i * spacing, 1e-12), 1.4)
    return max(OMEGA_CORE, float(np.max(far_i / np.sqrt(room_i**2 - 1.0))))


def evaluate(inputs: Inputs, setting: RandomSetting, grid: GridSettings, with_response: bool) -> Contribution:
    """A hidden spin with its own pre-activation as a part of a chain."""
    m, field_i = setting.m, inputs.field_i
    value = site_sector(inputs.product_i, field_i, m, setting.potential, grid, with_response)
    responses = {}
    if value.response is not None:
        outputs, given = ("strength", "image"), ("product", "field")
        responses = {
            (output, name): value.response[b, :, a] for b, output in enumerate(outputs) for a, name in enumerate(given)
        }
    return Contribution(
        spin_entropy(field_i, inputs.own_i, m, value.free_entropy),
        strength_i=value.strength_i,
        image_i=value.q_i,
        responses=responses,
        work=value.flow.work,
    )
