"""A short check of an installation: computed numbers against reference values that come from elsewhere.

The references are lines of a table (`gardner/reference.csv` by default):

    quantity,check,parameters,value,tolerance,source

`check` names one of CHECKS and `parameters` its keywords, as in `alpha=6 depth=2 levels=1`. A line passes if
|computed - value| ≤ tolerance. For a Monte Carlo mean the tolerance is written `5σ`: so many of its own standard
errors over the disorder samples (seeds are fixed; with 24 samples 5σ is exceeded by chance once in 20000). A check
that raises, or returns nan, fails; what it computes with is imported inside it, so that a module that cannot be loaded
fails its own checks only. Where `source` says "this package" (a number of finite k, of which only the limit k → ∞ is in
the literature) the line shows that nothing has changed, no more.

The Monte Carlo mean has an exact value at finite width. At N = 2 a row of weights is an angle φ, uniform over the arc
that the patterns leave, of half-width a: an overlap of two such rows is on average |<e^{iφ}>|² = (sin a / a)². The arc
is a quadrant (a = π/4) once both kinds of patterns, ±(1,1) and ±(1,-1), are present, which fails with probability
2^{1-M}; α = 8, M = 16: Q = 8/π² to 1.5e-5 of itself.
"""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

COLUMNS = ("quantity", "check", "parameters", "value", "tolerance", "source")
KERNELS = {  # module and function: one kernel of each group stands for it
    "flow": ("gardner.theory.parisi.kernels", "tilted_rows"),
    "directed flow": ("gardner.theory.parisi.plane_kernels", "narrow_rows"),
    "Monte Carlo, hard core": ("gardner.montecarlo.moves.hard_rotations", "hard_sweeps"),
    "Monte Carlo, heat bath": ("gardner.montecarlo.moves.heat_bath", "heat_bath_kernel"),
    "Monte Carlo, soft core": ("gardner.montecarlo.moves.soft_core", "soft_sweeps"),
    "Monte Carlo, binary weights": ("gardner.montecarlo.bitpacked.kernels", "sweep"),
    "lattice": ("gardner.fieldtheory.lattice_kernels", "metropolis_sweep"),
}


@dataclass(frozen=True)
class Reference:
    """One line of the table; sigmas: the tolerance is in standard errors of the computed number."""

    quantity: str
    check: str
    parameters: dict
    value: float
    tolerance: float
    sigmas: bool
    source: str


@dataclass(frozen=True)
class Outcome:
    """A reference with what was computed; error: standard error (0 if exact); note: why there is no number."""

    reference: Reference
    computed: float
    error: float
    passed: bool
    seconds: float
    note: str = ""


def read_references(path: Path | None = None) -> list[Reference]:
    """The lines of a table, by default the one installed with the package; ValueError says which line is wrong."""
    source = resources.files("gardner") / "reference.csv" if path is None else Path(path)
    try:
        rows = csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    except OSError as problem:
        raise ValueError(f"{source}: cannot be read ({problem.strerror}); give a table of reference values") from None
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise ValueError(f"{source}: the columns must be {','.join(COLUMNS)}")
    references = []
    for number, row in enumerate(rows, start=2):
        try:
            references.append(_reference(row))
        except (ValueError, AttributeError, TypeError) as problem:
            raise ValueError(f"{source}, line {number}: {problem}") from None
    if not references:
        raise ValueError(f"{source}: no line after the header; give at least one reference value")
    return references


def _reference(row: dict) -> Reference:
    if row["check"] not in CHECKS:
        raise ValueError(f"check = {row['check']!r}: must be one of {', '.join(CHECKS)}")
    pairs = dict(item.split("=", 1) for item in row["parameters"].split())
    parameters = {name: _plain(text) for name, text in pairs.items()}
    sigmas = row["tolerance"].endswith("σ")
    tolerance = float(row["tolerance"].removesuffix("σ"))
    return Reference(
        row["quantity"], row["check"], parameters, float(row["value"]), tolerance, sigmas, row["source"]
    )  # fmt: skip


def _plain(text: str):
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def run_checks(references: list[Reference], watch: Callable[[str], None] = lambda _: None) -> list[Outcome]:
    """Every reference computed again, in order; `watch` is told what comes next. Never raises for a failed check."""
    outcomes = []
    for reference in references:
        watch(reference.quantity)
        outcomes.append(run_check(reference))
    return outcomes


def run_check(reference: Reference) -> Outcome:
    """One reference computed again."""
    began = time.perf_counter()
    try:
        found, note = CHECKS[reference.check](**reference.parameters), ""
    except Exception as problem:  # any failure of the package is what the check is there to find
        found, note = math.nan, f"{type(problem).__name__}: {problem}"
    computed, error = found if isinstance(found, tuple) else (found, 0.0)
    allowed = reference.tolerance * (error if reference.sigmas else 1.0)
    passed = bool(abs(computed - reference.value) <= allowed)
    return Outcome(reference, float(computed), float(error), passed, time.perf_counter() - began, note)


def _random(**parameters):
    from gardner.errors import ConvergenceError
    from gardner.theory.random_setting import solve_random

    solution = solve_random(**parameters)
    if solution.status != "converged":
        raise ConvergenceError(f"solve_random ended as {solution.status}")
    return solution


def random_entropy(**parameters) -> float:
    """s per N·M of the random setting."""
    return _random(**parameters).free_entropy


def random_spin_overlap(layer: int, level: int, **parameters) -> float:
    """q_i(l) of the random setting, l = `layer`, i = `level`."""
    return float(_random(**parameters).q_li[layer, level])


def random_bond_overlap(layer: int, level: int, **parameters) -> float:
    """Q_i(l) of the random setting, l = `layer`, i = `level`."""
    return float(_random(**parameters).Q_li[layer - 1, level])


def random_first_transition(alpha: float, depth: int, levels: int) -> float:
    """α_1 from the liquid below it: q and Q excite each other, so the map's eigenvalue there is (α/α_1)^{1/2}."""
    return alpha / _random(alpha=alpha, depth=depth, levels=levels).leading_eigenvalue ** 2


def _planted(**parameters):
    from gardner.errors import ConvergenceError
    from gardner.theory.planted.solve import solve_planted

    solution = solve_planted(**parameters)
    if solution.status != "converged":
        raise ConvergenceError(f"solve_planted ended as {solution.status}")
    return solution.equilibrium


def planted_entropy(**parameters) -> float:
    """s per N·M of the stable planted branch."""
    return _planted(**parameters).free_entropy


def planted_spin_overlap(layer: int, **parameters) -> float:
    """q(l) of the stable planted branch."""
    return float(_planted(**parameters).q_l[layer])


def planted_bond_overlap(layer: int, **parameters) -> float:
    """Q(l) of the stable planted branch."""
    return float(_planted(**parameters).Q_l[layer - 1])


def planted_error(**parameters) -> float:
    """ε_g of one Gibbs student on the stable planted branch (T17)."""
    return _planted(**parameters).generalization_error


def planted_bayes_constant(alpha: float) -> float:
    """α times the Bayes error of the planted single layer, which tends to 1/(sqrt(2π) ∫ϕ²/Φ_N)."""
    return alpha * _planted(alpha=alpha, depth=1).bayes_error


def planted_front(index: int) -> float:
    """α_index of the half-infinite planted front, symmetric closure (T20)."""
    from gardner.theory.transitions.planted_fronts import front_transitions

    return front_transitions("symmetric", index)[index - 1]


def planted_crystal(depth: int) -> float:
    """α*(L), where crystal and liquid have equal s, symmetric closure."""
    from gardner.theory.search.folds import crystal_transition

    return crystal_transition(depth, "symmetric")


def capacity(margin: float, levels: int) -> float:
    """α_c of the single layer with `levels` RSB steps."""
    from gardner.analysis.capacity import capacity as computed

    return computed(1, margin, levels).alpha_c


def capacity_instability(margin: float) -> float:
    """α_AT of the single layer, where RS becomes unstable."""
    from gardner.perceptron.replicon import instability
    from gardner.potentials.hard import HardCore

    return instability(HardCore(margin)).alpha


def jamming_exponent(name: str) -> float:
    """γ (gamma), θ (theta) or a of jamming, from the scaling equations (C46)."""
    from gardner.perceptron.jamming_exponents import jamming_exponents

    return getattr(jamming_exponents(), name)


def contact_fraction(margin: float) -> float:
    """Fraction of patterns in contact at the RS capacity of the single layer, from the gap distribution (G1)."""
    from gardner.analysis.jamming import contact_fraction_rs

    return contact_fraction_rs(margin)


def sk_free_energy(temperature: float, levels: int) -> float:
    """f per spin of the Sherrington–Kirkpatrick model (k_B = 1)."""
    from gardner.theory.sherrington_kirkpatrick import solve_sk

    return solve_sk(1.0 / temperature, levels).free_energy


def sk_mean_overlap(temperature: float, levels: int) -> float:
    """∫q(x)dx of the Sherrington–Kirkpatrick model."""
    from gardner.theory.sherrington_kirkpatrick import solve_sk

    return solve_sk(1.0 / temperature, levels).mean_overlap


def sk_ground_energy(levels: int) -> float:
    """e_0 of the Sherrington–Kirkpatrick model at T = 0, extrapolated from 1 … `levels` optimised steps (C33)."""
    from gardner.theory.sk_ground_state import sk_ground_state

    return sk_ground_state(levels).energy


def soft_core_energy(alpha: float, beta: float) -> float:
    """Energy per pattern of a replica-symmetric layer with soft core, κ = 0: -∂s/∂β by central differences (C34)."""
    from gardner.potentials.soft import SoftCore

    step = 1e-3 * beta
    up, down = (_random(alpha=alpha, depth=1, levels=0, potential=SoftCore(beta + x)) for x in (step, -step))
    return (down.free_entropy - up.free_entropy) / (2.0 * step)


def _hard_core_run(settings, sample: int):
    """Disorder, generator and the function that moves weights (in place, from the teacher) by some sweeps."""
    import numpy as np

    from gardner.montecarlo import generator
    from gardner.montecarlo.moves.hard_rotations import hard_sweeps
    from gardner.nets.disorder import draw_disorder

    disorder = draw_disorder(settings, sample)
    inputs, outputs = disorder.input_jm.astype(float), disorder.output_im.astype(float)
    step_l, accepted_l = np.full(settings.depth, settings.step), np.zeros(settings.depth, dtype=np.int64)
    rng = generator.start_generator(settings.seeds(sample)[1])

    def move(weight_k, sweeps):
        return hard_sweeps(weight_k, inputs, outputs, disorder.topology, step_l, 0.0, sweeps, accepted_l, rng)

    return disorder, move


def monte_carlo_drift(width: int, depth: int, alpha: float, sweeps: int, seed: int) -> float:
    """Largest |gap updated move by move - gap recomputed from the weights| after `sweeps` sweeps, hard core."""
    from gardner.montecarlo.settings import MonteCarloSettings

    settings = MonteCarloSettings((width,), depth, alpha, start="teacher", step=0.5, seed=seed)
    disorder, move = _hard_core_run(settings, 0)
    wrong, drift = move(disorder.teacher_k.copy(), sweeps)
    if wrong:
        raise ArithmeticError(f"{wrong} outputs are wrong, though no such move is accepted")
    return drift


def monte_carlo_overlap(
    width: int, outputs: int, alpha: float, sweeps: int, samples: int, seed: int
) -> tuple[float, float]:
    """Q between two replicas of the planted single layer, and its standard error over samples."""
    import numpy as np

    from gardner.montecarlo.settings import MonteCarloSettings

    settings = MonteCarloSettings((width, 1, outputs), 1, alpha, start="teacher", step=1.0, samples=samples, seed=seed)
    every, mean_s = 5, np.empty(samples)
    for sample in range(samples):
        disorder, move = _hard_core_run(settings, sample)
        pair = disorder.teacher_k.copy(), disorder.teacher_k.copy()
        overlap_t = []
        for t in range(0, sweeps, every):
            for weight_k in pair:
                move(weight_k, every)
            if t >= sweeps // 5:
                overlap_t.append(pair[0] @ pair[1] / len(pair[0]))
        mean_s[sample] = np.mean(overlap_t)
    return float(mean_s.mean()), float(mean_s.std(ddof=1) / math.sqrt(samples))


def field_sigma_mass(components: int, learning_rate: float) -> float:
    """m² of the σ mode: the largest eigenvalue of the Hessian at a minimum of V (μ = λ = 1)."""
    from gardner.fieldtheory.potential import SymmetryBreaking, predict

    return predict(SymmetryBreaking(components=components), learning_rate).sigma_mass2


def field_goldstone_modes(components: int, learning_rate: float) -> float:
    """Number of zero modes of the Hessian at a minimum of V (μ = λ = 1)."""
    from gardner.fieldtheory.potential import SymmetryBreaking, predict

    return float(predict(SymmetryBreaking(components=components), learning_rate).zero_modes)


def linear_net_zero_modes(widths: str, seed: int) -> float:
    """Zero modes counted at a global minimum of a deep linear net, `widths` as in 2-5-2."""
    from gardner.fieldtheory.linear_net import Architecture
    from gardner.fieldtheory.zero_modes import zero_modes

    return float(zero_modes(Architecture(tuple(int(d) for d in widths.split("-"))), seed).counted)


CHECKS: dict[str, Callable[..., float | tuple[float, float]]] = {
    check.__name__: check
    for check in (
        random_entropy, random_spin_overlap, random_bond_overlap, random_first_transition,
        planted_entropy, planted_spin_overlap, planted_bond_overlap, planted_error,
        planted_bayes_constant, planted_front, planted_crystal, capacity, capacity_instability, jamming_exponent,
        contact_fraction, sk_free_energy, sk_mean_overlap, sk_ground_energy, soft_core_energy,
        monte_carlo_drift, monte_carlo_overlap, field_sigma_mass, field_goldstone_modes, linear_net_zero_modes,
    )
}  # fmt: skip
