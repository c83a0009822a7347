"""Field theory and Monte Carlo: predictions, lattices, linear nets, and short seeded runs."""

from __future__ import annotations

from functools import partial

from regression.case import EXACT, ROUNDING, Case, Value, command, documented, some

import gardner

# field theory


def field_theory_cases() -> list[Case]:
    """Predictions, zero modes, lattices, and the learning rate."""
    theory = partial(gardner.SymmetryBreaking, mu=1.2, coupling=0.7, components=4)
    lattice = (
        "fieldtheory lattice --sizes 4,6 --mass2 -1.3,-1.1 --coupling 0.5 --components 2"
        " --blocks 8 --sweeps 1 --thermalisation 4 --seed 5"
    )  # short: each sweep triples the round-off in which one processor differs from another
    schedule = "--windows 4 --steps 50 --runs 2 --noise 0.05 --seed 5"
    weight = f"fieldtheory learning-rate --rates 0.4,0.8,1.6 {schedule}"
    net = (
        "fieldtheory learning-rate --system net --rates 0.05,0.2,0.4 --windows 4 --steps 10"
        " --runs 2 --hidden 4,4 --seed 5"
    )
    nets = "fieldtheory linear-net --widths 3-2-3,3-3-3+layer,4-2-4+block --seed 5"
    minimum = "Minima form a surface, and where on it the search ends depends on round-off."
    training = "Training multiplies matrices, which other libraries may round otherwise."
    return [
        Case("field-theory/predict", lambda: prediction(theory(), 1.0)),
        Case("field-theory/predict-above", lambda: prediction(theory(), 4.0)),
        Case(
            "field-theory/propagators",
            partial(documented, "fieldtheory predict --learning-rate 1 --k 0.4", propagators),
        ),
        Case("field-theory/zero-modes", zero_modes, 1e-6, minimum),
        Case("field-theory/linear-net", partial(documented, nets, linear_nets)),
        Case(
            "field-theory/lattice-trajectory",
            partial(documented, lattice, lattice_trajectory),
        ),
        Case("field-theory/lattice-estimates", partial(documented, lattice, lattice_estimates)),
        Case("field-theory/learning-rate", partial(documented, weight, learning_rate)),
        Case(
            "field-theory/learning-rate-net",
            partial(
                documented,
                net,
                lambda document: {name: document["scan"][name] for name in ("order", "accuracy")},
            ),
            1e-8,
            training,
        ),
    ]


def prediction(theory, rate: float) -> dict[str, Value]:
    """Order parameter and spectrum; eigenvalues that vanish are counted, for they are round-off."""
    found = gardner.predict_symmetry_breaking(theory, rate)
    return {
        "order_parameter": found.order_parameter,
        "sigma_mass2": found.sigma_mass2,
        "zero_modes": found.zero_modes,
    }


def propagators(document: dict) -> dict[str, Value]:
    """The propagators of the σ mode at a few times."""
    first = document["propagators"][0]
    return {name: some(first[name][1:], 2) for name in ("euclidean", "lattice", "source_real")}


def zero_modes() -> dict[str, Value]:
    """Zero modes of a deep linear net and the largest eigenvalues of its Hessian."""
    found = gardner.zero_modes(gardner.LinearNet((4, 2, 3, 4)), seed=2)
    return {
        "counted": found.counted,
        "predicted": found.predicted,
        "global_loss": found.global_loss,
        "largest": some(found.spectrum[-2:]),
    }


def linear_nets(document: dict) -> dict[str, Value]:
    """Counts and largest eigenvalue with and without residual connections."""
    return {
        "counted": [net["counted"] for net in document["nets"]],
        "largest": [net["largest"] for net in document["nets"]],
        "sgd_loss": document["nets"][0]["sgd_loss"],
    }


def lattice_trajectory(document: dict) -> dict[str, Value]:
    """Acceptance and order of two lattices."""
    ends = document["lattices"][0], document["lattices"][-1]
    return {
        "acceptance": [lattice["acceptance"] for lattice in ends],
        "order2": [lattice["order2"][0] for lattice in ends],
    }


def lattice_estimates(document: dict) -> dict[str, Value]:
    """Numbers that are fitted to the measurements, with their errors."""
    last = document["lattices"][-1]
    return {name: last[name] for name in ("cumulant", "sigma_mass2")}


def learning_rate(document: dict) -> dict[str, Value]:
    """Order parameter of gradient descent, with noise and smoothed.

    At larger rates the first two are chaotic, and round-off would decide.
    """
    scans = {scan["dynamics"]: scan["order"] for scan in document["scans"]}
    return {"gd": scans["gd"][0], "sgd": scans["sgd"][:2], "smoothed": scans["smoothed"][1:]}


# Monte Carlo

SHORT = " --sweeps 40 --samples 2 --replicas 2 --measurements 10 --points 2 --seed 3"


def monte_carlo(line: str) -> dict[str, Value]:
    """Energy, overlaps between replicas (and with the teacher), and acceptance of one short run."""
    document = command(*(f"mc {line}{SHORT}").split())
    hidden = document["layers"][1]
    numbers: dict[str, Value] = {
        "energy": document["energy"]["mean"],
        "Q": hidden["Q"]["replica"]["raw"]["mean"],
        "acceptance": document["acceptance"]["bond"][0],
    }
    if hidden["Q"]["teacher"]["raw"] is not None:
        numbers["Q_matched"] = hidden["Q"]["teacher"]["matched"]["mean"]
        numbers["fresh_error"] = document["fresh_error"]["mean"]
    if hidden["Q"]["guest"]["raw"] is not None:
        numbers["Q_guest"] = hidden["Q"]["guest"]["raw"]["mean"]
    if "exchange_rates" in document:
        numbers["exchange_rate"] = document["exchange_rates"][0]
    return numbers


def training(document: dict) -> dict[str, Value]:
    """Share of greedy and of annealed runs that reach zero error, and their errors."""
    names = ("reached_zero", "final_error", "fresh_error")
    return {name: [run[name] for run in document["runs"][:2]] for name in names}


def monte_carlo_cases() -> list[Case]:
    """Every kind of weights, potential and dynamics, all of them small."""
    net = "planted --width 6 --depth 2 --alpha 2"
    sparse = "planted --width 12 --depth 2 --alpha 2 --connectivity 4"
    lines = {
        "soft-spherical": "random --width 6 --depth 3 --alpha 2",
        "soft-gaussian": "random --width 6 --depth 2 --alpha 2 --weights gaussian --beta 5",
        "soft-tempering": "random --width 6 --depth 2 --alpha 2 --tempering 3",
        "soft-planted-margin": f"{net} --potential soft --margin 0.3 --start random",
        "hard-rotations": "planted --width 6 --depth 3 --alpha 2",
        "hard-rotations-step": "planted --width 8,5,1 --depth 2 --alpha 2 --step 0.4",
        "hard-regular": f"{sparse} --graph regular --dilution 0.1",
        "heat-bath": f"{net} --dynamics heat-bath",
        "heat-bath-sparse": f"{sparse} --dynamics heat-bath",
        "binary-random": "random --width 6 --depth 2 --alpha 1 --weights binary --beta 3",
        "binary-planted": f"{net} --weights binary --beta 2 --dilution 0.2",
        "binary-tempering": f"{net} --weights binary --beta 3 --tempering 3",
    }
    reason = "A seeded Monte Carlo trajectory is the same or another one."
    rounded = (
        "The trajectory of real weights is the same, but its sums are rounded as the compiler orders them"
        " for the vectors of the processor."
    )
    cases = []
    for name, line in lines.items():
        exact = name.startswith("binary")
        tolerance, why = (EXACT, reason) if exact else (ROUNDING, rounded)
        cases.append(Case(f"monte-carlo/{name}", partial(monte_carlo, line), tolerance, why))
    line = "mc training --alpha 2,4 --depth 2 --dilution 0.2 --sweeps 50 --samples 2 --seed 1"
    return [
        *cases,
        Case("monte-carlo/training", partial(documented, line, training), EXACT, reason),
    ]
