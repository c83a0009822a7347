"""Gardner volumes of deep perceptrons: replica theory with replica symmetry breaking, and Monte Carlo to check it.

How much of the space of weights of a layered net of signs realises given input–output patterns?

    import gardner
    solution = gardner.solve_random(alpha=6, depth=4, levels=10)
    print(solution.status, solution.free_entropy, solution.q_ea)

One net:

    solve_random               random inputs and outputs: q(x,l), Q(x,l) with k steps of RSB, free entropy s
    solve_planted              teacher and student: liquid and crystal branch, generalization error
    solve_sk                   Sherrington–Kirkpatrick model, a check of the same flow
    sk_ground_state            its energy at T = 0, k → ∞
    optimise_parisi            the m_i varied until s is smallest
    capacity                   storage capacity α_c at any depth and margin
    complexity_curve           how many one-step states there are of which entropy
    perceptron_phases          one layer: the lines of its phase diagram in margin and load
    jamming_scaling            exponents and contacts at the capacity of one layer, κ < 0

Along the load α:

    run_sweep                  a RandomSweep or PlantedSweep: branches followed in α, resumable, on several workers
    random_transitions         where layer after layer turns solid, random setting, k → ∞
    planted_transitions        continuous transitions, spinodal and crystal transition, planted setting
    Workers                    where a sweep or a Monte Carlo run computes: processes here, or a Dask scheduler

What a solution says:

    solution_gaps              distribution P(r, l) of the gaps of a solution
    hierarchy                  P(q, l) and the tree of states of a solution
    save, read                 every result as a file, and back: the right kind for each file, also of comparisons
    load                       the same for solutions only

Measured, and beside the net:

    run_monte_carlo            sample the same measure, as MonteCarloSettings say
    run_amp                    message passing on drawn nets of hundreds of weights a unit, as AmpSettings say
    predict_symmetry_breaking  field theory of SymmetryBreaking: order parameter and exact Hessian
    zero_modes                 flat directions of a LinearNet at a global minimum, counted and predicted

What the functions are given: potential=HardCore(margin), SoftCore(beta, margin) or Hinge(beta, margin), what a gap
pays; closure="symmetric", "directed" or one of your own; StepFunction, inputs or outputs with a hierarchy of their own;
Network, RandomSetting and SolverSettings, the same as objects.

Conventions: α = M/N patterns per width (M/c at connectivity c); layers l = 1…L of bonds, 0…L of spins; s is per N·M;
k_B = 1. Wrong input raises ValueError (what was given, what is allowed); a search that does not converge returns a
`status` other than "converged", and its numbers are not to be used; where nothing can be returned it raises
ConvergenceError. Every result has `document()`, `to_dataset()`, `show()` and `plot()`, and is a table in a
notebook.

TUTORIAL.md beside this file is a tour of ten minutes; THEORY.md holds the equations and the sources [Y20], … that the
docstrings cite, EQUATIONS.md says where in the code each equation lives. `gardner --help` lists the commands, `gardner
doctor` checks an installation. Closures, priors, potentials, moves, kinds of result and figures of your own are
registered from outside (`gardner.registry`).

Names are loaded on first use, so that `import gardner` compiles and imports nothing heavy (PEP 562).
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

_HOMES = {
    "HardCore": "gardner.potentials.hard",
    "Hinge": "gardner.potentials.hinge",
    "Network": "gardner.model",
    "RandomSetting": "gardner.model",
    "StepFunction": "gardner.boundaries",
    "SoftCore": "gardner.potentials.soft",
    "SolverSettings": "gardner.model",
    "ConvergenceError": "gardner.errors",
    "FileFormatError": "gardner.errors",
    "Solution": "gardner.results.solution",
    "load": "gardner.results.files",
    "read": "gardner.results.files",
    "save": "gardner.results.files",
    "zero_modes": "gardner.fieldtheory.zero_modes",
    "solve_random": "gardner.theory.random_setting",
    "RandomSweep": "gardner.analysis.plans",
    "PlantedSweep": "gardner.analysis.plans",
    "Workers": "gardner.runtime.chains",
    "run_sweep": "gardner.analysis.sweep",
    "optimise_parisi": "gardner.theory.optimal_parisi",
    "MonteCarloSettings": "gardner.montecarlo.settings",
    "WrongOutputs": "gardner.montecarlo.settings",
    "run_monte_carlo": "gardner.montecarlo.run",
    "AmpSettings": "gardner.messages.settings",
    "run_amp": "gardner.messages.run",
    "SKSolution": "gardner.theory.sherrington_kirkpatrick",
    "SKGroundState": "gardner.theory.sk_ground_state",
    "sk_ground_state": "gardner.theory.sk_ground_state",
    "Capacity": "gardner.analysis.capacity",
    "capacity": "gardner.analysis.capacity",
    "Complexity": "gardner.analysis.complexity",
    "complexity_curve": "gardner.analysis.complexity",
    "PerceptronPhases": "gardner.analysis.phase_diagram",
    "perceptron_phases": "gardner.analysis.phase_diagram",
    "Jamming": "gardner.analysis.jamming",
    "jamming_scaling": "gardner.analysis.jamming",
    "GapDistribution": "gardner.analysis.gaps",
    "Hierarchy": "gardner.analysis.ultrametric",
    "LinearNet": "gardner.fieldtheory",
    "SymmetryBreaking": "gardner.fieldtheory",
    "hierarchy": "gardner.analysis.ultrametric",
    "solution_gaps": "gardner.analysis.gaps",
    "PlantedSolution": "gardner.theory.planted.solve",
    "PlantedTransitions": "gardner.theory.transitions.planted_transitions",
    "RandomTransitions": "gardner.theory.transitions.random_transitions",
    "planted_transitions": "gardner.theory.transitions.planted_transitions",
    "random_transitions": "gardner.theory.transitions.random_transitions",
    "solve_planted": "gardner.theory.planted.solve",
    "predict_symmetry_breaking": "gardner.fieldtheory",
    "solve_sk": "gardner.theory.sherrington_kirkpatrick",
}

__all__ = [*sorted(_HOMES), "__version__"]


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'gardner' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
