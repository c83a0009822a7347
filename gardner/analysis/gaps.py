"""The distribution P(r, l) of the gaps of a bond layer under the Gibbs measure, and its part near the wall r = κ.

In one replica the gap is r = h + sqrt(1-Λ_k) z, where the field h of its innermost cluster has the density P_k of (T6);
given h it carries the weight e^{-βv(r)}, whose integral is e^{φ_k(h)}. Hence

    P(r) = e^{-βv(r)} ∫dh P_k(h) γ_{1-Λ_k}(r-h) e^{-φ_k(h)}
         = e^{-βv(r)} N(r;0,1) ∫Dz exp( R_k - φ_k )(rΛ_k + z sqrt(Λ_k(1-Λ_k))),                          (G1)

R_k from `field_density`. It is normalised because e^{φ_k} = ∫dr γ(r-h) e^{-βv(r)}. Two exact relations check it: with
F = E_0[φ_0'] (= E_i[φ_i'] at every level, φ' being a martingale),

    P(κ⁺) = F = -∂Φ/∂κ  (hard core),    <-βv'(r)> = F  (otherwise),    <r> = F (1 - ∫Λ(x)dx),             (G2)

the last by Gaussian integration by parts, Σ_b Λ_ab = 1 - ∫Λ(x)dx at n → 0.

**The delta-like part.** When 1-Λ_k → 0 a gap whose cluster field lies beyond the wall, h = κ - d, is pressed against
it: r - κ is exponential with mean (1-Λ_k)/d. The *contact part* of P(r) is the integral (G1) over h < κ alone. Its
weight is

    c = ∫_{-∞}^κ dh P_k(h),

and `contact_distance` the mean of r - κ within it. What c becomes depends on m_k. If m_k → 0 together with 1-Λ_k (RS
at its capacity; jamming) c tends to the weight of δ(r-κ), at distance O(1-Λ_k). At fixed m_k > 0 (an innermost level
that freezes on a given grid of m) the tilt e^{m_k φ_k} of P_k expels fields from beyond the wall by more than
sqrt((1-Λ_k)/m_k): then c ~ (1-Λ_k)^{1/2} vanishes while P(κ⁺) = F, set by the levels below, stays finite. Far from both
limits (a liquid layer, Λ = 0: c = ½ at κ = 0 by convention) c says nothing about a peak. For the soft core the contact
part is a narrow peak just below κ.

**Planted setting**, hard core, κ = 0: student and teacher share one distribution, so P(r) = 2 N(r;0,1) θ(r) in every
layer, branch and closure; (G1) at n → 1 gives the same since P_k = 2 N(h;0,Λ) Φ_N(h/sqrt(1-Λ)); c = arccos(sqrt Λ)/π.

Holds for closures in which every perceptron is a gap between free spins: the gap's field is then one-dimensional.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from gardner.model import CLOSURES
from gardner.perceptron.field_density import LogFunction, bridge, log_tilts
from gardner.potentials import Potential
from gardner.potentials.hard import HardCore
from gardner.results.base import Entry, labelled
from gardner.results.solution import Solution
from gardner.theory.closures import Layers, Overlap
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.sectors.gap import gap_sector

LEGENDRE = 12  # nodes per panel of the integrals with an end at the wall
FARTHEST = 8.6  # standard deviations of a unit Gaussian kept
NEAREST = 1e-12  # smallest |r-κ| of the moment quadrature, in units of 1-Λ_k
STEP = 0.06  # spacing of ln|r-κ| in the moment quadrature


@dataclass(frozen=True, eq=False)
class GapDistribution(Entry):
    """P(r) of one bond layer.

    Attributes
    ----------
    layer : int
        1…L.
    margin : float
        κ.
    width : float
        1-Λ_k.
    r_a : ndarray
        (n,): gaps, increasing.
    density_a, contact_a : ndarray
        (n,): P(r) and its contact part.
    wall_density : float
        P(κ⁺).
    force : float
        F of (G2).
    mean, square : float
        <r>, <r²>.
    contact_weight, contact_distance : float
        Module docstring.
    negative_weight : float
        Probability of r < κ.
    energy : float
        <v(r)>, 0 for the hard core.
    normalisation_error, identity_error : float
        |∫P dr - 1| and |<r> - F(1-∫Λdx)|, both of the quadrature.
    """

    layer: int
    margin: float
    width: float
    r_a: np.ndarray = labelled("gap r", axes="gap", key="r")
    density_a: np.ndarray = labelled("P(r)", axes="gap", key="density")
    contact_a: np.ndarray = labelled("contact part of P(r)", axes="gap", key="contact_density")
    wall_density: float
    force: float
    mean: float
    square: float
    contact_weight: float
    contact_distance: float
    negative_weight: float
    energy: float
    normalisation_error: float
    identity_error: float


class GapDensity:
    """P(r) of one perceptron with gap overlaps Λ_i (k+1,) at Parisi parameters m (k+2,)."""

    def __init__(self, lambda_i: np.ndarray, m: np.ndarray, potential: Potential, grid: GridSettings | None = None):
        self.potential = potential
        self.mean_lambda = float(np.diff(m) @ lambda_i)
        self.variance = float(lambda_i[-1])
        sector = gap_sector(lambda_i, m, potential, grid or GridSettings())
        self._log_weight = potential.log_weight(self.variance)
        if sector.flow is None:  # the field is fixed at h = 0
            self._tilt, self.force = None, float(self._log_weight(np.zeros(1))[1][0])
            return
        flow = sector.flow
        self._tilt = log_tilts(flow, potential.margin)
        self.force = float(flow.p_ia[0, : flow.n_i[0]] @ flow.d1_ia[0, : flow.n_i[0]])
        h_a = flow.h_ia[-1, : flow.n_i[-1]]
        self._source = LogFunction(
            self._tilt.centre, self._tilt.s, self._tilt.dt, self._tilt.b_a - flow.phi_ia[-1, : len(h_a)]
        )

    def __call__(self, r: np.ndarray) -> np.ndarray:
        """P(r) (G1)."""
        r = np.asarray(r, dtype=float)
        ratio, variance = bridge(self.variance, 1.0)
        if self._tilt is None:
            average = np.full(len(r), -self._log_weight(np.zeros(1))[0][0])
        else:
            average = self._source.log_average(ratio * r, variance)
        return np.exp(self.potential.log_boltzmann(r) - 0.5 * r**2 - 0.5 * np.log(2.0 * np.pi) + average)

    def contact(self, r: np.ndarray, density: np.ndarray) -> np.ndarray:
        """The contact part of P(r), given P(r) there."""
        kappa = self.potential.margin
        if self._tilt is None:
            return density * _step(kappa)
        above, out = r >= kappa, density.copy()
        out[above] = self._beyond(r[above], -1)
        out[~above] -= np.minimum(self._beyond(r[~above], 1), density[~above])
        return out

    @property
    def contact_weight(self) -> float:
        """c = ∫_{h<κ} P_k(h) dh."""
        if self._tilt is None:
            return _step(self.potential.margin)
        h, weight = self._panels(-1)
        return float(weight @ np.exp(self._tilt.between()(h) + _log_normal(h, self.variance)))

    def _beyond(self, r: np.ndarray, side: int) -> np.ndarray:
        """The integral (G1) over h on one side of the wall, for r on the other."""
        h, weight = self._panels(side)
        ratio, variance = bridge(self.variance, 1.0)
        log_ra = self._source.between()(h)[None, :] + _log_normal(h[None, :] - ratio * r[:, None], variance)
        log_ra += (self.potential.log_boltzmann(r) - 0.5 * r**2 - 0.5 * np.log(2.0 * np.pi))[:, None]
        return np.exp(log_ra) @ weight

    def _panels(self, side: int) -> tuple[np.ndarray, np.ndarray]:
        """Gauss–Legendre panels on h < κ (side -1) or h > κ (side 1), fine near the wall and near h = 0."""
        kappa, spread = self.potential.margin, np.sqrt(self.variance)
        reach = FARTHEST * spread + abs(kappa)
        top = np.arcsinh(reach / self._tilt.s)
        edges = kappa + side * self._tilt.s * np.sinh(np.linspace(0.0, top, int(np.ceil(top / 0.25)) + 2))
        extra = spread * np.linspace(-FARTHEST, FARTHEST, 24)
        edges = np.unique(np.concatenate([edges, extra[side * (extra - kappa) > 0.0]]))
        x, w = np.polynomial.legendre.leggauss(LEGENDRE)
        half = 0.5 * np.diff(edges)
        h = 0.5 * (edges[:-1] + edges[1:])[:, None] + half[:, None] * x[None, :]
        return h.ravel(), (half[:, None] * w[None, :]).ravel()


def _step(kappa: float) -> float:
    """Probability of h < κ for a field fixed at 0."""
    return 0.5 * (1.0 + float(np.sign(kappa)))


def _log_normal(h, variance):
    return -0.5 * h**2 / variance - 0.5 * np.log(2.0 * np.pi * variance)


def distances(width: float) -> np.ndarray:
    """|r-κ| of the moment quadrature: equidistant in its logarithm."""
    bottom = np.log(NEAREST * width)
    return np.exp(np.arange(bottom, np.log(2.0 * FARTHEST), STEP))


def gap_distribution(density: GapDensity, layer: int, r_a: np.ndarray) -> GapDistribution:
    """P(r) at `r_a` with its moments (trapezoid rule in ln|r-κ|, each side of the wall by itself)."""
    potential, width = density.potential, 1.0 - density.variance
    kappa = potential.margin
    distance = distances(width)
    sides = (1,) if potential.is_constraint else (-1, 1)
    r = np.concatenate([kappa + side * distance for side in sides])
    weight = np.tile(distance * STEP, len(sides))
    p = density(r)
    contact = density.contact(r, p)
    total, mean, square = (float(weight @ (p * r**power)) for power in (0, 1, 2))
    c = density.contact_weight
    energy = float(weight @ (p * potential.energy(r)))
    p_a = density(r_a)
    return GapDistribution(
        layer=layer,
        margin=kappa,
        width=width,
        r_a=r_a,
        density_a=p_a,
        contact_a=density.contact(r_a, p_a),
        wall_density=float(density(np.array([kappa]))[0]),
        force=density.force,
        mean=mean,
        square=square,
        contact_weight=c,
        contact_distance=float(weight @ (contact * (r - kappa))) / c if c > 0.0 else np.nan,
        negative_weight=float(weight @ (p * (r < kappa))),
        energy=energy,
        normalisation_error=abs(total - 1.0),
        identity_error=abs(mean - density.force * (1.0 - density.mean_lambda)),
    )


def perceptron_overlaps(closure: str, q_l: np.ndarray, Q_l: np.ndarray) -> np.ndarray:
    """Λ(l), l = 1…L: the product of the overlaps that the perceptron of bond layer l reads in a closure.

    q_l: (L+1, …), Q_l: (L, …), any further axes, as of levels, alike.
    """
    depth, value = len(Q_l), {"q": q_l, "Q": np.concatenate([Q_l[:1], Q_l])}  # bond layers count from 1
    reads = {
        bond_layer(sector.reads): sector.reads for sector in CLOSURES[closure].sectors(Layers(depth)) if sector.reads
    }
    return np.array([math.prod(value[name][l] for name, l in reads[layer]) for layer in range(1, depth + 1)])


def bond_layer(overlaps: tuple[Overlap, ...]) -> int:
    """The bond layer among the overlaps that a perceptron reads."""
    return next(l for name, l in overlaps if name == "Q")


def report_grid(widths: np.ndarray, potential: Potential, count: int = 160) -> np.ndarray:
    """Gaps at which P(r) is reported: κ, then logarithmic distances from it that resolve the narrowest layer."""
    kappa = potential.margin
    nearest = max(1e-3 * float(np.min(widths)), 1e-9)
    above = np.geomspace(nearest, 5.0 + max(0.0, -kappa), count)
    if potential.is_constraint:
        return kappa + np.append(0.0, above)
    below = np.geomspace(nearest, max(potential.reach_below, 10.0 * nearest), count)
    return kappa + np.concatenate([-below[::-1], [0.0], above])


def solution_gaps(solution: Solution, grid: GridSettings | None = None) -> list[GapDistribution]:
    """Gap distribution P(r, l) (G1) of every bond layer of a solution of the random setting, on one common grid of r.

    r is in units in which the gap of a free perceptron has unit variance.

    Parameters
    ----------
    solution : Solution
        Of any status but no_solution.
    grid : GridSettings, optional
        Of the fields, the solver's by default.

    Returns
    -------
    list of GapDistribution
        One per layer l = 1…L.

    Raises
    ------
    ValueError
        For the directed closure or a status no_solution.

    Notes
    -----
    THEORY section 11.10.
    """
    if CLOSURES[solution.closure].has_sites:
        known = " or ".join(name for name in CLOSURES if not CLOSURES[name].has_sites)
        raise ValueError(
            f"closure = {solution.closure!r}: gap distributions need the {known} closure; solve with that one"
        )
    if solution.status == "no_solution":
        raise ValueError("status no_solution: there is no state whose gaps could be shown; lower --alpha")
    setting = solution.setting
    lambda_li = perceptron_overlaps(solution.closure, solution.q_li, solution.Q_li)
    densities = [GapDensity(lambda_i, setting.m, setting.potential, grid) for lambda_i in lambda_li]
    r_a = report_grid(np.array([1.0 - density.variance for density in densities]), setting.potential)
    return [gap_distribution(density, l, r_a) for l, density in enumerate(densities, start=1)]


def planted_gap(overlap: float, layer: int, r_a: np.ndarray) -> GapDistribution:
    """P(r) of a planted layer at Λ = `overlap`: 2 N(r;0,1), contact part 2 N(r;0,1) Φ_N(-r sqrt(Λ/(1-Λ)))."""
    width = 1.0 - overlap
    wall = float(np.sqrt(2.0 / np.pi))
    p_a = np.where(r_a >= 0.0, wall * np.exp(-0.5 * r_a**2), 0.0)
    c = float(np.arccos(np.sqrt(overlap)) / np.pi)
    with np.errstate(divide="ignore"):
        slope = np.sqrt(overlap) / np.sqrt(width)
    beyond_a = np.where(r_a > 0.0, ndtr(-np.where(r_a > 0.0, r_a, 1.0) * slope), 0.5)
    return GapDistribution(
        layer=layer,
        margin=0.0,
        width=width,
        r_a=r_a,
        density_a=p_a,
        contact_a=p_a * beyond_a,
        wall_density=wall,
        force=wall,
        mean=wall,
        square=1.0,
        contact_weight=c,
        # ∫ r 2N(r) Φ_N(-rt) dr = N(0) (1 - t/sqrt(1+t²)) by parts
        contact_distance=0.5 * wall * (1.0 - np.sqrt(overlap)) / c if c > 0.0 else np.nan,
        negative_weight=0.0,
        energy=0.0,
        normalisation_error=0.0,
        identity_error=0.0,
    )


def planted_gaps(closure: str, q_l: np.ndarray, Q_l: np.ndarray) -> list[GapDistribution]:
    """P(r, l) of one planted branch: q_l (L+1,), Q_l (L,); Λ(l) as the closure declares it."""
    overlap_l = perceptron_overlaps(closure, np.asarray(q_l, dtype=float), np.asarray(Q_l, dtype=float))
    r_a = report_grid(1.0 - overlap_l, HardCore())
    return [planted_gap(float(overlap), l, r_a) for l, overlap in enumerate(overlap_l, start=1)]
