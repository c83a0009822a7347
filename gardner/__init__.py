"""Gardner volumes of deep perceptrons: replica theory with replica symmetry breaking.

    import gardner
    solution = gardner.solve_random(alpha=6, depth=4, levels=10)
    print(solution.free_entropy, solution.q_ea)

Names are loaded on first use, so that `import gardner` compiles and imports nothing heavy (PEP 562).
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

_HOMES = {
    "HardCore": "gardner.model",
    "Network": "gardner.model",
    "RandomSetting": "gardner.model",
    "StepFunction": "gardner.boundaries",
    "SoftCore": "gardner.model",
    "SolverSettings": "gardner.model",
    "ConvergenceError": "gardner.errors",
    "FileFormatError": "gardner.errors",
    "Solution": "gardner.results",
    "load": "gardner.results",
    "save": "gardner.results",
    "zero_modes": "gardner.fieldtheory.zero_modes",
    "solve_random": "gardner.replica.random_setting",
    "RandomSweep": "gardner.analysis.sweep",
    "PlantedSweep": "gardner.analysis.sweep",
    "run_sweep": "gardner.analysis.sweep",
    "optimise_parisi": "gardner.analysis.optimal_chain",
    "MonteCarloSettings": "gardner.montecarlo.settings",
    "run_monte_carlo": "gardner.montecarlo.run",
    "SKSolution": "gardner.replica.sherrington_kirkpatrick",
    "Capacity": "gardner.analysis.capacity",
    "capacity": "gardner.analysis.capacity",
    "GapDistribution": "gardner.analysis.gaps",
    "Hierarchy": "gardner.analysis.ultrametric",
    "LinearNet": "gardner.fieldtheory",
    "SymmetryBreaking": "gardner.fieldtheory",
    "hierarchy": "gardner.analysis.ultrametric",
    "solution_gaps": "gardner.analysis.gaps",
    "PlantedSolution": "gardner.replica.planted",
    "PlantedTransitions": "gardner.replica.planted",
    "RandomTransitions": "gardner.replica.random_transitions",
    "planted_transitions": "gardner.replica.planted",
    "random_transitions": "gardner.replica.random_transitions",
    "solve_planted": "gardner.replica.planted",
    "predict_symmetry_breaking": "gardner.fieldtheory",
    "solve_sk": "gardner.replica.sherrington_kirkpatrick",
}

__all__ = [*sorted(_HOMES), "__version__"]


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'gardner' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
