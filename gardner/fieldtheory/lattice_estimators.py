"""Estimators of the lattice runs and their errors: means, masses, correlation functions, Binder cumulants.

All are functions of block means; errors are those of the jackknife over blocks, pooled over chains, times τ^{1/2} where
blocks are still correlated (τ in blocks, of M², from `gardner.statistics`). Masses come from a fit of 1/G = (p̂² +
m²)/Z at the five smallest momenta that need neither the zero mode of σ, which holds the order parameter, nor that of
π, which the frame removes: p = 2π/T, 4π/T at k = 0 and p = 0, 2π/T, 4π/T at k = 2π/L. All have about the same relative
error, so Σ [G (p̂²/Z + m²/Z) - 1]² is minimised, linear in 1/Z and m²/Z. This is the pole of a free field, and that of
an interacting one up to the curvature of 1/G over these momenta (second order in λ without order, first with it).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gardner.fieldtheory.lattice import SCALARS, Lattice
from gardner.fieldtheory.propagators import from_momenta, lattice_momenta, lattice_momentum2
from gardner.statistics import Estimate, estimate
from gardner.values import ByValue


@dataclass(frozen=True, eq=False)
class Blocks(ByValue):
    """Block means of one lattice: scalars (chains, blocks), spectra (chains·blocks, …), τ of M² in blocks."""

    lattice: Lattice
    scalars: dict[str, np.ndarray]
    full_bkp: np.ndarray
    body_bkcp: np.ndarray
    order: Estimate

    @property
    def count(self) -> int:
        return len(self.full_bkp)

    @property
    def inflation(self) -> float:
        """√τ of the blocks, at least 1; nan where τ is unknown."""
        return math.sqrt(max(1.0, self.order.tau)) if math.isfinite(self.order.tau) else math.nan

    @property
    def degrees(self) -> int:
        """Independent blocks less one: degrees of freedom of the errors."""
        return max(1, int(self.count / self.inflation**2) - 1) if math.isfinite(self.inflation) else 1


@dataclass(frozen=True, eq=False)
class Measured(ByValue):
    """Values with standard errors (arrays or numbers alike)."""

    value: np.ndarray
    error: np.ndarray


def blocks_of(dataset, lattice: Lattice) -> Blocks:
    """The blocks of one lattice out of the Dataset of a run."""
    chosen = dataset.sel(size=lattice.shape[0], mass2=lattice.mass2)
    scalars = {name: chosen[name].values for name in SCALARS}
    length = lattice.shape[0]
    full, body = chosen["spectrum"].values[..., :length], chosen["spectrum_body"].values[..., :length]
    order = estimate(scalars["m2"][None])
    return Blocks(lattice, scalars, full.reshape(-1, *full.shape[2:]), body.reshape(-1, *body.shape[2:]), order)


def jackknife(function: Callable, *blocks: np.ndarray, inflation: float = 1.0) -> Measured:
    """`function` of the means over blocks (first axis of every array), and its error."""
    count = len(blocks[0])
    sums = [array.sum(axis=0) for array in blocks]
    value = np.asarray(function(*(total / count for total in sums)))
    left = np.array([function(*((s - a[b]) / (count - 1) for s, a in zip(sums, blocks))) for b in range(count)])
    spread = ((left - left.mean(axis=0)) ** 2).sum(axis=0) * (count - 1) / count
    return Measured(value, np.sqrt(spread) * inflation)


def fitted_mass2(spectrum_kp: np.ndarray) -> np.ndarray:
    """m² from G (…, k, p), k = 0 and 2π/T, p = 2πn/T, n = 0 … T-1, of a lattice of equal lengths."""
    spectrum = np.asarray(spectrum_kp)
    length = spectrum.shape[-1]
    p2 = lattice_momentum2(lattice_momenta(length))[:3]
    # G is even in p: both signs of each momentum are used
    even = 0.5 * (spectrum[..., :3] + spectrum[..., [0, -1, -2]])
    G_i = np.concatenate([even[..., 0, 1:], even[..., 1, :]], axis=-1)
    p2_i = np.concatenate([p2[1:], p2[1] + p2])
    x, y = G_i * p2_i, G_i
    xx, xy, yy = (x * x).sum(-1), (x * y).sum(-1), (y * y).sum(-1)
    sx, sy = x.sum(-1), y.sum(-1)
    return (sy * xx - sx * xy) / (sx * yy - sy * xy)


def binder(m2: float, m4: float) -> float:
    """1 - <M⁴>/(3<M²>²): 2/3 in the ordered phase, 1 - (D+2)/(3D) in the disordered one as V → ∞."""
    return 1.0 - m4 / (3.0 * m2 * m2)


def disordered_binder(components: int) -> float:
    """Binder cumulant of a Gaussian order parameter."""
    return 1.0 - (components + 2.0) / (3.0 * components)


@dataclass(frozen=True)
class LatticeEstimates:
    """Everything measured on one lattice, with errors.

    order2: <M²>; magnetization: <|M|>; cumulant: Binder; identity: Schwinger–Dyson sum (exactly D); mass2: of the
    field in the fixed frame (symmetric phase); sigma_mass2, pi_mass2_c: of the components along and across M;
    correlation_kt, sigma_t, pi_t: correlation functions in t, at k = 0 and 2π/L, and of σ (less its square mean) and π
    (without its zero mode) at k = 0; sigma_p, pi_p: the latter against p; ordered: the cumulant is nearer to 2/3 than a
    fifth of the way from disorder.
    """

    lattice: Lattice
    order2: Measured
    magnetization: Measured
    cumulant: Measured
    identity: Measured
    mass2: Measured
    sigma_mass2: Measured
    pi_mass2_c: Measured
    correlation_kt: Measured
    sigma_t: Measured
    pi_t: Measured
    sigma_p: Measured
    pi_p: Measured
    order: Estimate
    blocks: int
    degrees: int
    acceptance: float

    @property
    def ordered(self) -> bool:
        disordered = disordered_binder(self.lattice.components)
        return bool(self.cumulant.value > 2.0 / 3.0 - 0.2 * (2.0 / 3.0 - disordered))


def _connected(body_p: np.ndarray, magnetization: float, volume: int) -> np.ndarray:
    spectrum = body_p.copy()
    spectrum[0] -= volume * magnetization**2
    return spectrum


def estimates(blocks: Blocks) -> LatticeEstimates:
    """All estimators of one lattice."""
    lattice, factor = blocks.lattice, blocks.inflation
    flat = {name: values.reshape(-1) for name, values in blocks.scalars.items()}

    def mean(name: str) -> Measured:
        return jackknife(lambda x: x, flat[name], inflation=factor)

    def connected(spectrum_p, magnetization):
        return _connected(spectrum_p, magnetization, volume)

    def turning(spectrum_cp):
        return spectrum_cp.mean(axis=0) if len(spectrum_cp) else np.zeros(0)

    def in_time(spectrum):
        return lambda *blocks: from_momenta(p) if len(p := spectrum(*blocks)) else p

    full, body = blocks.full_bkp, blocks.body_bkcp.swapaxes(1, 2)  # components before k
    sigma, pi = body[:, 0], body[:, 1:]
    volume = lattice.volume
    return LatticeEstimates(
        lattice=lattice,
        order2=mean("m2"),
        magnetization=mean("magnetization"),
        cumulant=jackknife(binder, flat["m2"], flat["m4"], inflation=factor),
        identity=mean("identity"),
        mass2=jackknife(fitted_mass2, full, inflation=factor),
        sigma_mass2=jackknife(fitted_mass2, sigma, inflation=factor),
        pi_mass2_c=jackknife(fitted_mass2, pi, inflation=factor),
        correlation_kt=jackknife(from_momenta, full, inflation=factor),
        sigma_t=jackknife(in_time(connected), sigma[:, 0], flat["magnetization"], inflation=factor),
        pi_t=jackknife(in_time(turning), pi[:, :, 0], inflation=factor),
        sigma_p=jackknife(connected, sigma[:, 0], flat["magnetization"], inflation=factor),
        pi_p=jackknife(turning, pi[:, :, 0], inflation=factor),
        order=blocks.order,
        blocks=blocks.count,
        degrees=blocks.degrees,
        acceptance=float(flat["acceptance"].mean()),
    )  # fmt: skip


def hotelling(values_bi: np.ndarray, expected_i: np.ndarray, inflation: float = 1.0) -> tuple[float, float]:
    """T² of block means against known expectations and its p-value, correlations between the columns included.

    T² (n-p)/(p(n-1)) follows F(p, n-p); n is reduced by the correlation of blocks.
    """
    from scipy.special import fdtrc

    count, size = values_bi.shape
    independent = count / inflation**2
    if independent <= size + 1:
        raise ValueError(f"{independent:.0f} independent blocks for {size} distances: more blocks are needed")
    difference = values_bi.mean(axis=0) - expected_i
    covariance = np.cov(values_bi, rowvar=False) * inflation**2 / count
    t2 = float(difference @ np.linalg.solve(np.atleast_2d(covariance), difference))
    return t2, float(fdtrc(size, independent - size, t2 * (independent - size) / (size * (independent - 1.0))))


@dataclass(frozen=True)
class Crossing:
    """Where the Binder cumulants of two sizes cross: m² and the cumulant there; nu: from the ratio of the slopes."""

    sizes: tuple[int, int]
    mass2: float
    error: float
    cumulant: float
    nu: float
    nu_error: float
    draws: int


def _cross(mass2_m, fits) -> tuple[float, float, float, float]:
    """Root of the difference of two polynomials inside the range, the cumulant and both slopes there."""
    difference = np.polysub(fits[1], fits[0])
    roots = np.roots(difference)
    real = roots[np.abs(roots.imag) < 1e-9].real
    inside = real[(real >= mass2_m[0]) & (real <= mass2_m[-1])]
    # the larger lattice is more ordered, its cumulant larger, on the side of smaller m²
    inside = [r for r in inside if np.polyval(np.polyder(difference), r) < 0.0]
    if len(inside) != 1:
        return (math.nan,) * 4
    slopes = [np.polyval(np.polyder(fit), inside[0]) for fit in fits]
    return float(inside[0]), float(np.polyval(fits[0], inside[0])), slopes[0], slopes[1]


def crossing(sizes: tuple[int, int], mass2_m, cumulant_sm, error_sm, draws: int = 400, seed: int = 0) -> Crossing:
    """Crossing of two sizes s from quadratic fits over masses m (linear for three); errors from redrawn cumulants.

    nan if the fits do not cross exactly once, the right way round, inside the range; draws counts those that do.
    """
    mass2_m, U, dU = np.asarray(mass2_m), np.asarray(cumulant_sm), np.asarray(error_sm)
    if len(mass2_m) < 3:
        raise ValueError(f"{len(mass2_m)} values of mass2: at least three are needed to find a crossing")
    centre, degree = mass2_m.mean(), 2 if len(mass2_m) > 3 else 1
    rng = np.random.default_rng(seed)

    def attempt(values):
        fits = [np.polyfit(mass2_m - centre, v, degree, w=1.0 / e) for v, e in zip(values, dU)]
        return _cross(mass2_m - centre, fits)

    def exponent(result):
        ratio = result[3] / result[2]
        return math.log(sizes[1] / sizes[0]) / math.log(ratio) if ratio > 1.0 else math.nan

    best = attempt(U)
    trials = [attempt(U + dU * rng.standard_normal(U.shape)) for _ in range(draws)]
    good = [trial for trial in trials if math.isfinite(trial[0])]
    nus = [nu for nu in map(exponent, good) if math.isfinite(nu)]
    spread = float(np.std([trial[0] for trial in good])) if len(good) > 1 else math.nan
    low, high = np.percentile(nus, [16, 84]) if len(nus) > 1 else (math.nan, math.nan)
    return Crossing(sizes, best[0] + centre, spread, best[1], exponent(best) if math.isfinite(best[0]) else math.nan,
                    float(0.5 * (high - low)), len(good))  # fmt: skip
