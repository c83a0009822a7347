"""The planted saddle point of any closure, assembled from the sectors that it declares (T13)–(T16).

Replicas and teacher are alike (Nishimori, n → 1), so that every overlap is one number. With Λ the
product of the overlaps that a gap or a site reads, G its strength and x̂ the field on the overlap x,

    gap     G(Λ);                   site    G(Λ, q̂), answers with q(Λ, q̂);
    spin    answers with q(q̂);      bond    answers with Q(Q̂), on the sphere Q̂/(1+Q̂);

    x̂ = Σ_readers G ∂Λ/∂x,  times α for bonds;  (T18) is added to the q̂ of every hidden spin.

*State.* One vector: the rigidities -ln(1-q) of the hidden spins and -ln(1-Q) of the bonds, then
ln(1+q̂) of the spins that belong to sites. Rigidities vanish with the overlap, are linear in it at
small overlap and keep the full relative precision of 1-q and 1-Q where order is nearly complete.
The fields of sites are unknowns of their own because G of a site depends on them; all sectors are
then evaluated at once. In these variables the map F is non-decreasing in every component.

*Complements.* 1-Λ is carried beside Λ without a difference of numbers close to one,
1 - abc = (1-a) + a [(1-b) + b (1-c)].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gardner.model import PRIORS
from gardner.theory.closures.base import Closure, Layers, Sector
from gardner.theory.nishimori.hidden_spin import SiteAverages, site_averages, site_entropy
from gardner.theory.nishimori.quadrature import gap_averages, gap_entropy, spin_averages, spin_entropy


@dataclass(frozen=True)
class Overlaps:
    """q_l, 1-q_l of shape (L+1,) and Q_l, 1-Q_l of shape (L,); Q_l[0] is bond layer 1."""

    q_l: np.ndarray
    q_complement_l: np.ndarray
    Q_l: np.ndarray
    Q_complement_l: np.ndarray


@dataclass(frozen=True)
class Image:
    """One evaluation of the map.

    value, jacobian, alpha_slope: F(x), ∂F/∂x and ∂F/∂ln α in the variables of the state;
    residual: max |F(x)-x| over all q and Q; relative: the same in the variables of the state,
    that is, relative to 1-q and 1-Q.
    """

    value: np.ndarray
    jacobian: np.ndarray
    alpha_slope: np.ndarray
    residual: float
    relative: float


class Argument(NamedTuple):
    """What a sector depends on.

    overlap, complement: Λ and 1-Λ, 0 and 1 if it reads nothing; field: on the overlap x that it
    owns, with (T18); own_complement: 1-x. A gap, which owns nothing, has 0 and 1 there.
    """

    sector: Sector
    overlap: float
    complement: float
    field: float
    own_complement: float


class Readings(NamedTuple):
    """Λ_r and 1-Λ_r of the sectors that read, gaps before sites, with their derivatives.

    slope_rk: ∂Λ/∂x_k by each of the K overlaps of the product; curvature_rkk: ∂²Λ/∂x_k∂x_k'.
    """

    overlap_r: np.ndarray
    complement_r: np.ndarray
    slope_rk: np.ndarray
    curvature_rkk: np.ndarray


class PlantedChain:
    """Map, Jacobian and free entropy of one closure on a net of given layers.

    field: symmetry-breaking field (T18); prior: of the weights, by its name in PRIORS. ValueError
    for a declaration that makes no net (`Closure.checked_sectors`).

    order: the unknown overlaps as they stand in the state and in the stability matrix, q of the
    hidden spins, then Q(1…L). A last one, constant 1, stands for given spins and fills up short
    products. hidden, site_layers: the spin layers that are unknown, and those that sites own.
    """

    def __init__(self, closure: Closure, layers: Layers, field: float = 0.0, prior: str = "spherical"):
        self.closure, self.layers, self.field, self.prior = closure, layers, field, PRIORS[prior]
        self.depth, self.hidden = layers.depth, np.array(layers.hidden, dtype=int)
        bonds = [("Q", l) for l in range(1, self.depth + 1)]
        self.order = [*(("q", l) for l in layers.hidden), *bonds]
        self._spins, self._overlaps = len(self.hidden), len(self.order)
        number = {overlap: i for i, overlap in enumerate(self.order)}

        # sectors by kind, and the numbers of the spin overlaps that they own
        sectors = closure.checked_sectors(layers)
        gaps, sites, free = ([sector for sector in sectors if sector.kind == kind] for kind in ("gap", "site", "spin"))
        self._readers, self._free, self._gaps = [*gaps, *sites], free, len(gaps)
        self._free_own = np.array([number[sector.own] for sector in free], dtype=int)
        self._site_own = np.array([number[sector.own] for sector in sites], dtype=int)
        self.site_layers = self.hidden[self._site_own]

        # products of equal length, filled up with the constant
        longest = max((len(sector.reads) for sector in self._readers), default=1)
        constant = self._overlaps
        self._reads = np.full((len(self._readers), longest), constant)
        for row, sector in zip(self._reads, self._readers):
            row[: len(sector.reads)] = [number.get(overlap, constant) for overlap in sector.reads]
        self._place_derivatives()

    def _place_derivatives(self) -> None:
        """Where the derivatives of products go in matrices over all overlaps and the constant."""
        width, sites = self._overlaps + 1, np.arange(len(self._site_own))[:, None]
        site_reads = self._reads[self._gaps :]
        self._pair_places = (self._reads[:, :, None] * width + self._reads[:, None, :]).ravel()
        self._field_places = (site_reads * len(sites) + sites).ravel()
        self._product_places = (sites * width + site_reads).ravel()

        # masks of the factors that a first and a second derivative take out of a product
        unit = np.eye(self._reads.shape[1], dtype=bool)
        self._one_out, self._two_out = unit, unit[:, None, :] | unit[None, :, :]

    @property
    def size(self) -> int:
        """Length of the state."""
        return self._overlaps + len(self._site_own)

    def overlaps(self, state: np.ndarray) -> Overlaps:
        """The overlaps of all layers."""
        x, complement = self._values(state)
        q_l, q_complement_l = np.ones(self.depth + 1), np.zeros(self.depth + 1)
        q_l[self.hidden], q_complement_l[self.hidden] = x[: self._spins], complement[: self._spins]
        return Overlaps(q_l, q_complement_l, x[self._spins : -1], complement[self._spins : -1])

    def state(self, q_l, Q_l, field_l=None) -> np.ndarray:
        """The state with the overlaps q(0…L) and Q(1…L), below 1; those of given spins are ignored.

        field_l: q̂(0…L), which matters to sites; zero by default.
        """
        x = np.concatenate((np.asarray(q_l, float)[self.hidden], np.asarray(Q_l, float)))
        field_l = np.zeros(self.depth + 1) if field_l is None else np.asarray(field_l, float)
        return np.concatenate((-np.log1p(-x), np.log1p(field_l[self.site_layers])))

    def fields(self, state: np.ndarray) -> np.ndarray:
        """q̂(0…L) without the symmetry-breaking field, shape (L+1,); 0 for given spins."""
        readings = self._read(*self._values(state)) if len(self._free_own) else None
        return self._spin_fields(state, None if readings is None else self._pulls_at(state, readings))

    def _pulls_at(self, state: np.ndarray, readings: Readings) -> np.ndarray:
        """The pulls on every overlap at a state."""
        return self._pulls(readings, self._strengths(readings, np.expm1(state[self._overlaps :]))[0])

    def _spin_fields(self, state: np.ndarray, pull_x: np.ndarray | None) -> np.ndarray:
        """q̂(0…L): free spins are pulled, the fields of sites are part of the state."""
        field_l = np.zeros(self.depth + 1)
        if pull_x is not None:
            field_l[self.hidden[self._free_own]] = pull_x[self._free_own]
        field_l[self.site_layers] = np.expm1(state[self._overlaps :])
        return field_l

    def arguments(self, state: np.ndarray) -> list[Argument]:
        """What the gaps, sites and free spins of the chain depend on."""
        readings = self._read(*self._values(state))
        products = [*zip(readings.overlap_r, readings.complement_r), *[(0.0, 1.0)] * len(self._free)]
        field_l, complement_l = self.fields(state) + self.field, self.overlaps(state).q_complement_l

        found = []
        for sector, product in zip([*self._readers, *self._free], products):
            own = (0.0, 1.0)
            if sector.own is not None:
                own = field_l[sector.own[1]], complement_l[sector.own[1]]
            found.append(Argument(sector, *product, *own))
        return found

    def image(self, state: np.ndarray, alpha: float) -> Image:
        """F(x) with its derivatives."""
        spins, count = self._spins, self._overlaps
        x, complement = self._values(state)
        readings, field_s = self._read(x, complement), np.expm1(state[count:])

        # strengths of the sectors that read, and the fields with which they pull
        strength_r, slope_r, site = self._strengths(readings, field_s)
        field_x = self._pulls(readings, strength_r)
        field_x[spins:] *= alpha

        # what the owners of the overlaps answer, and how steeply
        value, response = np.empty(self.size), np.zeros(self.size)
        if len(self._free_own):
            spin = spin_averages(field_x[self._free_own] + self.field)
            value[self._free_own], response[self._free_own] = -spin.log_complement, -spin.log_slope
        if site is not None:
            value[self._site_own] = -site.log_complement
            value[count:] = np.log1p(field_x[self._site_own])
            response[count:] = 1 / (1 + field_x[self._site_own])
        value[spins:count], response[spins:count] = self.prior.planted_rigidity(field_x[spins:])

        jacobian = self._jacobian(readings, strength_r, slope_r, site, response, alpha)
        jacobian *= np.concatenate((complement[:-1], 1 + field_s))
        alpha_slope = np.zeros(self.size)
        alpha_slope[spins:count] = response[spins:count] * field_x[spins:]

        # change of the overlaps; that of a field counts as the change of q that it makes
        mismatch = np.exp(-value) - np.exp(-state)
        if site is not None:
            answer_s = site.q_slope_ratio * np.exp(site.log_complement)
            mismatch[count:] = answer_s * (field_x[self._site_own] - field_s)
        residual = float(np.max(np.abs(mismatch)))
        relative = float(np.max(np.abs(value - state) / (1 + state), initial=0.0))
        return Image(value, jacobian, alpha_slope, residual, relative)

    def stability_matrix(self, image: Image) -> np.ndarray:
        """Jacobian of the map of (q, Q) onto themselves, in `order`; fields are eliminated."""
        count, jacobian = self._overlaps, image.jacobian
        if self.size == count:
            return jacobian
        inner = np.eye(self.size - count) - jacobian[count:, count:]
        eliminated = np.linalg.solve(inner, jacobian[count:, :count])
        return jacobian[:count, :count] + jacobian[:count, count:] @ eliminated

    def free_entropy(self, state: np.ndarray, alpha: float) -> float:
        """(T14), (T16) per N·M; the field (T18) counts such that ∂s/∂field = Σ q/2."""
        readings, complement = self._read(*self._values(state)), np.exp(-state[: self._spins])
        overlap_r, complement_r, gaps = readings.overlap_r, readings.complement_r, self._gaps
        pull_x = self._pulls_at(state, readings)
        field_h = self._spin_fields(state, pull_x)[self.hidden]
        bonds = state[self._spins : self._overlaps]

        terms = (
            self.prior.planted_entropy(bonds, alpha * pull_x[self._spins :]) / alpha,
            gap_entropy(overlap_r[:gaps], complement_r[:gaps]),
            0.5 * field_h * complement + 0.5 * self.field,
            spin_entropy(field_h[self._free_own] + self.field),
            site_entropy(overlap_r[gaps:], complement_r[gaps:], field_h[self._site_own] + self.field),
        )
        return float(sum(np.sum(term) for term in terms))

    def _values(self, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """x and 1-x of all overlaps and of the constant."""
        rigidity_x = state[: self._overlaps]
        return np.append(-np.expm1(-rigidity_x), 1.0), np.append(np.exp(-rigidity_x), 0.0)

    def _read(self, x: np.ndarray, complement: np.ndarray) -> Readings:
        """Products of the overlaps that are read, with their derivatives."""
        factor_rk, missing_rk = x[self._reads], complement[self._reads]
        complement_r = np.zeros(len(factor_rk))
        for k in reversed(range(factor_rk.shape[1])):
            complement_r = missing_rk[:, k] + factor_rk[:, k] * complement_r
        slope_rk = np.where(self._one_out, 1.0, factor_rk[:, None, :]).prod(axis=-1)
        curvature_rkk = np.where(self._two_out, 1.0, factor_rk[:, None, None, :]).prod(axis=-1)
        curvature_rkk[:, self._one_out] = 0.0
        return Readings(factor_rk.prod(axis=1), complement_r, slope_rk, curvature_rkk)

    def _strengths(self, readings: Readings, field_s) -> tuple[np.ndarray, np.ndarray, SiteAverages | None]:
        """G and ∂G/∂Λ of gaps and sites, and the averages of the sites (None without sites)."""
        gap = gap_averages(readings.overlap_r[: self._gaps], readings.complement_r[: self._gaps])
        if not len(self._site_own):
            return gap.strength, gap.slope, None
        site = site_averages(
            readings.overlap_r[self._gaps :], readings.complement_r[self._gaps :], field_s + self.field
        )
        strength_r = np.concatenate((gap.strength, site.strength))
        return strength_r, np.concatenate((gap.slope, site.strength_slope)), site

    def _pulls(self, readings: Readings, strength_r: np.ndarray) -> np.ndarray:
        """Σ_readers G ∂Λ/∂x of every overlap, without the α of bonds."""
        weight = (strength_r[:, None] * readings.slope_rk).ravel()
        return np.bincount(self._reads.ravel(), weight, self._overlaps + 1)[:-1]

    def _jacobian(self, readings, strength_r, slope_r, site, response, alpha) -> np.ndarray:
        """∂F by overlaps and fields of sites; `response`: dF/dx̂ of what follows a sum of pulls."""
        count, sites, width = self._overlaps, len(self._site_own), self._overlaps + 1
        slope_rk = readings.slope_rk

        # fields follow the overlaps in the products, directly and through the strengths
        block_rkk = slope_r[:, None, None] * slope_rk[:, :, None] * slope_rk[:, None, :]
        block_rkk += strength_r[:, None, None] * readings.curvature_rkk
        by_overlap = np.bincount(self._pair_places, block_rkk.ravel(), width * width).reshape(width, width)
        pull = np.empty((count, count + sites))
        pull[:, :count] = by_overlap[:count, :count]
        pull[self._spins :] *= alpha
        if site is None:
            return response[:, None] * pull

        # strengths of sites depend on their fields; ∂G/∂q̂ = ∂q/∂Λ
        site_slope_sk = slope_rk[self._gaps :]
        cross_s = site.cross_ratio * np.exp(site.log_complement)
        weight = (cross_s[:, None] * site_slope_sk).ravel()
        by_field = np.bincount(self._field_places, weight, width * sites).reshape(width, sites)[:count]
        by_field[self._spins :] *= alpha
        pull[:, count:] = by_field

        # the owners' answers; those of sites follow Λ and the field directly
        jacobian = np.empty((count + sites, count + sites))
        jacobian[:count] = response[:count, None] * pull
        jacobian[count:] = response[count:, None] * pull[self._site_own]
        by_product = np.bincount(self._product_places, site_slope_sk.ravel(), sites * width).reshape(sites, width)
        jacobian[self._site_own, :count] = site.cross_ratio[:, None] * by_product[:, :count]
        jacobian[self._site_own, count:] = np.diag(site.q_slope_ratio)
        return jacobian
