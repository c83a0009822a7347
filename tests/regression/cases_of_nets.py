"""Saddle points of nets and their transitions, random and planted."""

from __future__ import annotations

from functools import partial

from regression.case import TIGHT, Case, Value, documented, some

import gardner

# random setting


def random_setting(**given) -> dict[str, Value]:
    """Status, free entropy and two overlaps of one saddle point.

    The overlaps are Q at the innermost level of the last bond layer and q at a middle level of the
    last hidden layer. These are the layers that order first in both closures.
    """
    solution = gardner.solve_random(**({"tolerance": TIGHT} | given))
    numbers: dict[str, Value] = {"status": solution.status}
    if solution.status != "no_solution":
        numbers["s"] = float(solution.free_entropy)
        numbers["Q"] = float(solution.Q_li[-1, -1])
        if solution.q_li.shape[0] > 2:
            numbers["q"] = float(solution.q_li[-2, solution.q_li.shape[1] // 2])
    return numbers


HARD, SOFT = gardner.HardCore, gardner.SoftCore
TWO_STEPS = gardner.StepFunction((0.3, 0.8), (0.5,))
THREE_STEPS = gardner.StepFunction((0.2, 0.6, 0.9), (0.3, 0.7))
OUTPUTS = gardner.StepFunction((0.5, 1.0), (0.4,))
RANDOM: dict[str, dict] = {
    "L1-k0": {"alpha": 1.0, "depth": 1, "levels": 0},
    "L1-k2-margin-0.5": {"alpha": 1.5, "depth": 1, "levels": 2, "potential": HARD(-0.5)},
    "L1-k5-margin1": {"alpha": 0.3, "depth": 1, "levels": 5, "potential": HARD(1.0)},
    "L1-k5-beta3": {"alpha": 3.0, "depth": 1, "levels": 5, "potential": SOFT(3.0)},
    "L2-k1": {"alpha": 6.0, "depth": 2, "levels": 1},
    "L2-k10": {"alpha": 6.0, "depth": 2, "levels": 10},
    "L2-k30": {"alpha": 4.0, "depth": 2, "levels": 30},
    "L2-k5-margin-0.5": {"alpha": 8.0, "depth": 2, "levels": 5, "potential": HARD(-0.5)},
    "L2-k2-margin1": {"alpha": 1.2, "depth": 2, "levels": 2, "potential": HARD(1.0)},
    "L2-k5-beta66.7": {"alpha": 6.0, "depth": 2, "levels": 5, "potential": SOFT(66.7)},
    "L2-k2-beta20-margin0.3": {
        "alpha": 2.0,
        "depth": 2,
        "levels": 2,
        "potential": SOFT(20.0, 0.3),
    },
    "L3-k5": {"alpha": 10.0, "depth": 3, "levels": 5},
    "L3-k2-beta66.7": {"alpha": 10.0, "depth": 3, "levels": 2, "potential": SOFT(66.7)},
    "L3-parisi": {"alpha": 10.0, "depth": 3, "parisi": (0.1, 0.35, 0.8)},
    "L4-k10": {"alpha": 20.0, "depth": 4, "levels": 10},
    "L6-k1": {"alpha": 30.0, "depth": 6, "levels": 1},
    "L6-k2-beta3": {"alpha": 30.0, "depth": 6, "levels": 2, "potential": SOFT(3.0)},
    "L2-structured-inputs": {
        "alpha": 5.0,
        "depth": 2,
        "levels": 2,
        "input_overlap": THREE_STEPS,
    },
    "L3-structured-both": {
        "alpha": 5.0,
        "depth": 3,
        "levels": 1,
        "input_overlap": TWO_STEPS,
        "output_overlap": OUTPUTS,
    },
    "L1-no-solution": {"alpha": 3.0, "depth": 1, "levels": 1},
    "directed-L1-k0": {"alpha": 1.0, "depth": 1, "levels": 0},
    "directed-L2-k1": {"alpha": 6.0, "depth": 2, "levels": 1},
    "directed-L2-k5": {"alpha": 6.0, "depth": 2, "levels": 5},
    "directed-L2-k2-beta66.7": {
        "alpha": 6.0,
        "depth": 2,
        "levels": 2,
        "potential": SOFT(66.7),
    },
    "directed-L2-k2-margin-0.5": {
        "alpha": 12.0,
        "depth": 2,
        "levels": 2,
        "potential": HARD(-0.5),
    },
    "directed-L3-k2": {"alpha": 10.0, "depth": 3, "levels": 2},
    "directed-L3-structured": {
        "alpha": 20.0,
        "depth": 3,
        "levels": 1,
        "potential": SOFT(3.0),
        "input_overlap": TWO_STEPS,
    },
    "directed-L4-k1": {"alpha": 15.0, "depth": 4, "levels": 1},
    "directed-L6-k1": {"alpha": 20.0, "depth": 6, "levels": 1},
}


def random_cases() -> list[Case]:
    """Both closures, hard and soft cores, from one to six layers and from none to thirty steps."""
    cases = []
    for name, values in RANDOM.items():
        closure = "directed" if name.startswith("directed") else "symmetric"
        cases.append(Case(f"random/{name}", partial(random_setting, closure=closure, **values)))
    damped = {"alpha": 6.0, "depth": 2, "levels": 1, "method": "damped", "tolerance": 1e-13}
    cases.append(Case("random/L2-k1-damped", partial(random_setting, **damped)))
    cases.append(
        Case(
            "random/command-line",
            partial(
                documented,
                "solve random --alpha 1.5 --depth 1 --levels 1 --margin -0.5 --tol 1e-12",
                lambda document: {
                    "s": document["free_entropy"],
                    "replicon": document["replicon"][0],
                },
            ),
        )
    )
    return cases


# planted setting


def planted_setting(start: str, **given) -> dict[str, Value]:
    """Statuses, free entropy and error of one branch, and Q of its output layer.

    With a field also q of the last hidden layer, which no other number shows so directly.
    """
    solution = gardner.solve_planted(branch=start, **given)
    branch = solution.branches[0]
    numbers: dict[str, Value] = {
        "status": branch.status,
        "stable": solution.stable,
        "s": float(branch.free_entropy),
        "Q": float(branch.Q_l[-1]),
        "generalization_error": float(branch.generalization_error),
    }
    if "field" in given:
        numbers["q"] = float(branch.q_l[-2])
    return numbers


def planted_cases() -> list[Case]:
    """Both closures and branches, α from 0.5 to 1000 and up to twenty layers."""
    points = (
        ("symmetric", 1, 0.5, "liquid"),
        ("symmetric", 2, 0.5, "liquid"),
        ("symmetric", 2, 12.0, "crystal"),
        ("symmetric", 3, 20.0, "liquid"),
        ("symmetric", 5, 30.0, "crystal"),
        ("symmetric", 10, 100.0, "liquid"),
        ("symmetric", 20, 1000.0, "liquid"),
        ("symmetric", 20, 1000.0, "crystal"),
        ("directed", 1, 5.0, "liquid"),
        ("directed", 2, 3.0, "liquid"),
        ("directed", 3, 20.0, "liquid"),
        ("directed", 5, 20.0, "crystal"),
        ("directed", 10, 100.0, "crystal"),
        ("directed", 20, 1000.0, "liquid"),
    )
    cases = []
    for closure, depth, alpha, start in points:
        given = {"alpha": alpha, "depth": depth, "closure": closure}
        name = f"planted/{closure}-L{depth}-alpha{alpha:g}-{start}"
        cases.append(Case(name, partial(planted_setting, start, **given)))
    for closure in ("symmetric", "directed"):
        given = {"alpha": 8.0, "depth": 4, "closure": closure, "field": 0.01}
        cases.append(Case(f"planted/{closure}-field", partial(planted_setting, "liquid", **given)))
    bayes = partial(
        documented,
        "solve planted --alpha 10 --depth 3",
        lambda document: {
            "bayes_error": [branch["bayes_error"] for branch in document["branches"]],
            "fresh_overlap": document["branches"][0]["fresh_overlap"][2],
            "linear_bound": [document["linear_bound"][key] for key in LINEAR],
        },
    )
    return [*cases, Case("planted/errors", bayes)]


LINEAR = ("free_entropy", "generalization_error")


# transitions


def planted_transitions(closure: str, depth: int | None, count: int) -> dict[str, Value]:
    """Continuous transitions, the spinodal and the crystal transition."""
    found = gardner.planted_transitions(closure, depth, 4)
    return {
        "continuous": some(found.continuous, count),
        "spinodal": found.spinodal,
        "crystal": found.crystal,
    }


def random_transitions(**given) -> dict[str, Value]:
    """The limit k → ∞ of the last transition, its value at most steps, and all statuses."""
    found = gardner.random_transitions(**given)
    last = found.transitions[-1]
    return {
        "alpha": last.alpha,
        "value": last.values[-1] if last.values else None,
        "statuses": [transition.status for transition in found.transitions],
    }


def directed_transitions(line: str) -> dict[str, Value]:
    """The same of the directed closure."""
    return documented(
        f"transitions random --closure directed {line}",
        lambda document: {
            "alpha": document["continuous"][-1],
            "value": document["values"][-1][-1],
            "statuses": document["statuses"],
        },
    )


def transition_cases() -> list[Case]:
    """Fronts and nets of both settings and closures."""
    fronts = [
        Case(f"transitions/planted-{closure}-front", partial(planted_transitions, closure, None, 4))
        for closure in ("symmetric", "directed")
    ]
    nets = [
        Case(
            f"transitions/planted-{closure}-L{depth}",
            partial(planted_transitions, closure, depth, count),
        )
        for closure, depth, count in (
            ("symmetric", 2, 1),
            ("symmetric", 3, 1),
            ("symmetric", 5, 2),
            ("directed", 2, 1),
            ("directed", 3, 2),
            ("directed", 5, 4),
        )
    ]
    root = "The roots are sought to 1e-8 in ln α, and the limit k → ∞ enlarges their errors."
    rough = "The roots are sought to a relative 1e-6, and the limit k → ∞ enlarges their errors."
    random, directed = [], []
    for name, given in (("L2", {"depth": 2}), ("L4", {"depth": 4}), ("front", {"count": 2})):
        compute = partial(random_transitions, levels=8, **given)
        random.append(Case(f"transitions/random-symmetric-{name}", compute, 1e-7, root, name == "L4"))
    for name, line in (("front", "--levels 8 --count 2"), ("L3", "--levels 8 --depth 3")):
        compute = partial(directed_transitions, line)
        directed.append(Case(f"transitions/random-directed-{name}", compute, 1e-5, rough, True))
    return [*fronts, *nets, *random, *directed]
