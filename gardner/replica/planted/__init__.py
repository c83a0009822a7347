"""The teacher–student (planted) setting: crystalline order, branches, transitions, generalization."""

from .dangling import free_output
from .folds import crystal_folds, crystal_transition, spinodal
from .fronts import front_transitions, net_transitions
from .generalization import generalization, linear_bound
from .solve import PlantedBranch, PlantedSolution, follow_branch, scan_planted, solve_planted
from .transitions import PlantedTransitions, planted_transitions

__all__ = [
    "PlantedBranch",
    "PlantedSolution",
    "PlantedTransitions",
    "crystal_folds",
    "crystal_transition",
    "follow_branch",
    "free_output",
    "front_transitions",
    "generalization",
    "linear_bound",
    "net_transitions",
    "planted_transitions",
    "scan_planted",
    "solve_planted",
    "spinodal",
]
