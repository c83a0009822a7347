"""What lattice runs say about the theory, as verdicts with effect, error, sample size and false-alarm rate.

* Every run: the Schwinger–Dyson identity, exact.
* Free field: the correlation functions at every distance against the exact lattice propagator with its images. The
  distances are correlated, so P(some |z| > 3) is at most their number times that of one (Student's t for errors from
  blocks); Hotelling's T² takes the correlations into account.
* Order: |M|², the σ mass and the D-1 π masses against the tree level, one loop, and the values of [SSB].
* No order: the mass against one loop. Several sizes: the transition from the Binder cumulants, and O(D ≥ 2) in two
  dimensions, where no order survives (Mermin–Wagner).

Perturbative claims are accurate to the next order only: at a finite coupling, enough statistics refutes each of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gardner.fieldtheory.lattice_estimators import (
    Blocks,
    Crossing,
    LatticeEstimates,
    blocks_of,
    crossing,
    estimates,
    hotelling,
)
from gardner.fieldtheory.lattice_runs import LatticePlan, plan_of
from gardner.fieldtheory.one_loop import one_loop_mass2, one_loop_order, renormalised_mass2
from gardner.fieldtheory.propagators import from_momenta, infinite_coincident_propagator, lattice_propagator
from gardner.fieldtheory.verdicts import Claim, student_false_alarm

CONTINUUM_RATIO = 11.11  # λ/μ_c² of φ⁴ in two dimensions, λ → 0: Bosetti et al., arXiv:1506.08587; later 11.1097(22)


def free_deviations(blocks: Blocks) -> tuple[np.ndarray, np.ndarray]:
    """Measured correlation functions (blocks, distances) at k = 0, 2π/L and t = 0 … T/2, and the exact ones."""
    lattice = blocks.lattice
    length = lattice.shape[0]
    t = np.arange(length // 2 + 1)
    measured = from_momenta(blocks.full_bkp)[..., : len(t)].reshape(blocks.count, -1)
    momenta = (0.0, 2.0 * np.pi / lattice.shape[1])
    return measured, np.concatenate([lattice_propagator(t, k, lattice.mass2, length) for k in momenta])


def free_verdicts(blocks: Blocks) -> list[Claim]:
    """The free field against its exact propagator, distance by distance and jointly."""
    from scipy.special import ndtri

    measured, exact = free_deviations(blocks)
    error = measured.std(axis=0, ddof=1) / math.sqrt(blocks.count) * blocks.inflation
    z = (measured.mean(axis=0) - exact) / error
    bound = min(1.0, len(z) * student_false_alarm(3.0, blocks.degrees))
    note = f"{len(z)} correlated distances at k = 0 and 2π/L; the false-alarm rate is an upper bound"
    worst = Claim(
        "free field = exact lattice propagator: largest |z| of all distances",
        float(np.abs(z).max()), 0.0, 1.0, blocks.count, "blocks", 3.0, bound, note,
    )  # fmt: skip
    if blocks.degrees <= len(z) + 2:
        return [worst]
    t2, p = hotelling(measured, exact, blocks.inflation)
    joint = Claim(
        "the same, all distances jointly with their correlations: normal score of Hotelling's T²",
        float(np.clip(-ndtri(p), -8.0, 38.0)), 0.0, 1.0, blocks.count, "blocks", 3.0, 0.0027,
        f"T² = {t2:.1f}, p = {p:.3g}",
    )  # fmt: skip
    return [worst, joint]


def identity_verdict(measured: list[LatticeEstimates]) -> Claim:
    """Largest deviation of the Schwinger–Dyson identity over all lattices."""
    z = [(float(e.identity.value) - e.lattice.components) / float(e.identity.error) for e in measured]
    worst = int(np.argmax(np.abs(z)))
    chance = sum(student_false_alarm(3.5, e.degrees) for e in measured)
    chosen = measured[worst]
    note = f"largest |z| of {len(z)} lattices: size {chosen.lattice.shape[0]}, mass2 {chosen.lattice.mass2:g}"
    return Claim(
        "Schwinger–Dyson identity", float(chosen.identity.value), float(chosen.lattice.components),
        float(chosen.identity.error), chosen.blocks, "blocks", 3.5, min(1.0, chance), note,
    )  # fmt: skip


def _against(claim: str, measured, expected: float, e: LatticeEstimates, note: str = "") -> Claim:
    value = float(measured.value)
    relative = f"{100.0 * (value / expected - 1.0):+.1f} %" if expected != 0.0 else ""
    note = "; ".join(part for part in (relative, note) if part)
    chance = student_false_alarm(3.0, e.degrees)
    return Claim(claim, value, expected, float(measured.error), e.blocks, "blocks", 3.0, chance, note)


def order_verdicts(e: LatticeEstimates, rate: float | None) -> list[Claim]:
    """The broken phase: order parameter, σ and π masses."""
    lattice, mass2 = e.lattice, e.lattice.mass2
    place = f"L = {lattice.shape[0]}, m² = {mass2:g}"
    result = [_against(f"{place}: |M|² = -m²/λ (potential alone)", e.order2, -mass2 / lattice.coupling, e)]
    loop = one_loop_order(lattice)
    if math.isfinite(loop):
        result.append(_against(f"{place}: |M|² to one loop", e.order2, loop, e, "remainder of order λ"))
    result += [
        _against(f"{place}: σ mass² = -2m² (exact Hessian)", e.sigma_mass2, -2.0 * mass2, e),
        _against(
            f"{place}: σ mass² = 2λ|M|² (Hessian at the measured order)",
            e.sigma_mass2,
            2.0 * lattice.coupling * float(e.order2.value),
            e,
            "remainder of order λ",
        ),
        _against(f"{place}: σ mass² = |m²| (quoted by the source)", e.sigma_mass2, abs(mass2), e),
    ]
    turns = lattice.components - 1
    if turns == 0:
        return result
    values, errors = np.atleast_1d(e.pi_mass2_c.value), np.atleast_1d(e.pi_mass2_c.error)
    # a component counts as massless only if a σ mass could not hide in its error
    massless = int(((np.abs(values) < 3.0 * errors) & (6.0 * errors < -2.0 * mass2)).sum())
    shown = ", ".join(f"{v:.4f} ± {d:.4f}" for v, d in zip(values, errors))
    result.append(
        Claim(f"{place}: massless modes = D - 1", float(massless), float(turns), 0.0, e.blocks, "blocks", 0.5,
                turns * student_false_alarm(3.0, e.degrees), f"π mass² {shown}")
    )  # fmt: skip
    if rate is not None:
        quoted = 0.25 * lattice.coupling * rate**2
        worst = int(np.argmin(np.abs(values - quoted) / errors))
        chosen = Claim(
            f"{place}: π mass² = ¼λη² (quoted by the source)", float(values[worst]), quoted, float(errors[worst]),
            e.blocks, "blocks", 3.0, student_false_alarm(3.0, e.degrees), "the component closest to it",
        )  # fmt: skip
        result.append(chosen)
    return result


def symmetric_verdicts(e: LatticeEstimates) -> list[Claim]:
    """The symmetric phase with interaction: the mass against one loop and against the bare one."""
    lattice = e.lattice
    place = f"L = {lattice.shape[0]}, m² = {lattice.mass2:g}"
    result = [_against(f"{place}: mass² = m² (potential alone)", e.mass2, lattice.mass2, e)]
    loop = one_loop_mass2(lattice)
    if math.isfinite(loop):
        result.append(_against(f"{place}: mass² to one loop", e.mass2, loop, e))
    return result


def transition_verdicts(plan: LatticePlan, crossings: list[Crossing], blocks: int) -> list[Claim]:
    """The transition that the largest pair of sizes shows."""
    found = [c for c in crossings if math.isfinite(c.mass2) and math.isfinite(c.error)]
    if not found:
        return []
    last, where = found[-1], f"L = {found[-1].sizes[0]}, {found[-1].sizes[1]}"
    unit = "blocks per lattice"
    result = [
        Claim(f"transition at m² = 0, hence at η_c = 2μ/√λ ({where})", last.mass2, 0.0, last.error, blocks, unit,
                note="fluctuations lower m_c²: η_c of the potential alone is too large")
    ]  # fmt: skip
    if plan.dimensions > 2:
        expected = -(plan.components + 2) * plan.coupling * infinite_coincident_propagator(plan.dimensions)
        result.append(Claim(f"transition to first order in λ ({where})", last.mass2, expected, last.error, blocks,
                              unit, note="next order: λ² ln λ"))  # fmt: skip
    elif plan.components == 1:
        values = [plan.coupling / renormalised_mass2(last.mass2 + s * last.error, plan.coupling) for s in (-1, 0, 1)]
        error = 0.5 * abs(values[2] - values[0])
        result.append(Claim(f"λ/μ_c² = {CONTINUUM_RATIO} as in the continuum ({where})", values[1], CONTINUUM_RATIO,
                              error, blocks, unit, note="reached for λ → 0 only; smaller at finite λ"))  # fmt: skip
    if plan.dimensions == 2 and plan.components == 1 and math.isfinite(last.nu):
        result.append(Claim(f"ν = 1 (Ising class, {where})", last.nu, 1.0, last.nu_error, blocks, unit,
                              note="no corrections to scaling"))  # fmt: skip
    return result


def mermin_wagner_verdict(measured: list[LatticeEstimates]) -> Claim:
    """Does |M|² of O(D ≥ 2) in two dimensions stay when the lattice grows? Slope of ln|M|² against ln L."""
    lnL = np.log([e.lattice.shape[0] for e in measured])
    value = np.array([float(e.order2.value) for e in measured])
    relative = np.array([float(e.order2.error) for e in measured]) / value
    weight = relative**-2.0
    centred = lnL - (weight @ lnL) / weight.sum()
    spread = float(weight @ centred**2)
    slope = float((weight * centred) @ np.log(value)) / spread
    stiffness = -measured[-1].lattice.mass2 / measured[-1].lattice.coupling
    note = "no order in two dimensions: |M|² falls with the size"
    if stiffness > 0.0:
        note += (
            f"; spin waves: -(D-1)/(2π v²) = {-(measured[-1].lattice.components - 1) / (2.0 * math.pi * stiffness):.4f}"
        )
    return Claim("O(D ≥ 2), two dimensions: |M|² survives L → ∞, d ln|M|²/d ln L = 0", slope, 0.0, spread**-0.5,
                   measured[0].blocks, "blocks per size", note=note)  # fmt: skip


@dataclass(frozen=True)
class LatticeReport:
    """Estimates of every lattice (sizes outside, masses inside), crossings and verdicts."""

    plan: LatticePlan
    estimates: list[LatticeEstimates]
    crossings: list[Crossing]
    verdicts: list[Claim]

    def at(self, size: int) -> list[LatticeEstimates]:
        return [e for e in self.estimates if e.lattice.shape[0] == size]


def report(dataset) -> LatticeReport:
    """All estimates and verdicts of a run."""
    plan = plan_of(dataset)
    blocks = {(s, m): blocks_of(dataset, plan.lattice(s, m)) for s in plan.sizes for m in plan.mass2}
    measured = {place: estimates(b) for place, b in blocks.items()}
    verdicts = [identity_verdict(list(measured.values()))]
    largest = max(plan.sizes)
    flat = plan.dimensions == 2 and plan.components > 1
    if plan.coupling == 0.0:
        for mass2 in plan.mass2:
            verdicts += free_verdicts(blocks[largest, mass2])
    elif len(plan.mass2) < 3 and not (flat and len(plan.sizes) > 1):
        for mass2 in plan.mass2:
            e = measured[largest, mass2]
            ordered = e.ordered and mass2 < 0.0
            verdicts += order_verdicts(e, plan.learning_rate) if ordered else symmetric_verdicts(e)
    found = []
    if len(plan.mass2) >= 3 and plan.coupling > 0.0 and not flat:
        for pair in zip(plan.sizes, plan.sizes[1:]):
            U, dU = (np.array([[float(getattr(measured[s, m].cumulant, n)) for m in plan.mass2] for s in pair])
                     for n in ("value", "error"))  # fmt: skip
            found.append(crossing(pair, plan.mass2, U, dU))
        verdicts += transition_verdicts(plan, found, plan.blocks * plan.chains)
    if flat and len(plan.sizes) > 1 and plan.coupling > 0.0:
        for mass2 in plan.mass2[:1]:
            verdicts.append(mermin_wagner_verdict([measured[s, mass2] for s in plan.sizes]))
    return LatticeReport(plan, list(measured.values()), found, verdicts)
