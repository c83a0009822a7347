"""What `gardner` exports, for type checkers; `gardner/__init__.py` imports each name on first use."""

from gardner.analysis.capacity import Capacity as Capacity
from gardner.analysis.capacity import capacity as capacity
from gardner.analysis.complexity import Complexity as Complexity
from gardner.analysis.complexity import complexity_curve as complexity_curve
from gardner.analysis.gaps import GapDistribution as GapDistribution
from gardner.analysis.gaps import solution_gaps as solution_gaps
from gardner.analysis.jamming import Jamming as Jamming
from gardner.analysis.jamming import jamming_scaling as jamming_scaling
from gardner.analysis.phase_diagram import PerceptronPhases as PerceptronPhases
from gardner.analysis.phase_diagram import perceptron_phases as perceptron_phases
from gardner.analysis.plans import PlantedSweep as PlantedSweep
from gardner.analysis.plans import RandomSweep as RandomSweep
from gardner.analysis.sweep import run_sweep as run_sweep
from gardner.analysis.ultrametric import Hierarchy as Hierarchy
from gardner.analysis.ultrametric import hierarchy as hierarchy
from gardner.boundaries import StepFunction as StepFunction
from gardner.errors import ConvergenceError as ConvergenceError
from gardner.errors import FileFormatError as FileFormatError
from gardner.fieldtheory import LinearNet as LinearNet
from gardner.fieldtheory import SymmetryBreaking as SymmetryBreaking
from gardner.fieldtheory import predict_symmetry_breaking as predict_symmetry_breaking
from gardner.fieldtheory.zero_modes import zero_modes as zero_modes
from gardner.messages.run import run_amp as run_amp
from gardner.messages.settings import AmpSettings as AmpSettings
from gardner.model import Network as Network
from gardner.model import RandomSetting as RandomSetting
from gardner.model import SolverSettings as SolverSettings
from gardner.montecarlo.run import run_monte_carlo as run_monte_carlo
from gardner.montecarlo.settings import MonteCarloSettings as MonteCarloSettings
from gardner.montecarlo.settings import WrongOutputs as WrongOutputs
from gardner.potentials.hard import HardCore as HardCore
from gardner.potentials.hinge import Hinge as Hinge
from gardner.potentials.soft import SoftCore as SoftCore
from gardner.results.files import load as load
from gardner.results.files import read as read
from gardner.results.files import save as save
from gardner.results.solution import Solution as Solution
from gardner.runtime.chains import Workers as Workers
from gardner.theory.optimal_parisi import optimise_parisi as optimise_parisi
from gardner.theory.planted.solve import PlantedSolution as PlantedSolution
from gardner.theory.planted.solve import solve_planted as solve_planted
from gardner.theory.random_setting import solve_random as solve_random
from gardner.theory.sherrington_kirkpatrick import SKSolution as SKSolution
from gardner.theory.sherrington_kirkpatrick import solve_sk as solve_sk
from gardner.theory.sk_ground_state import SKGroundState as SKGroundState
from gardner.theory.sk_ground_state import sk_ground_state as sk_ground_state
from gardner.theory.transitions.planted_transitions import PlantedTransitions as PlantedTransitions
from gardner.theory.transitions.planted_transitions import planted_transitions as planted_transitions
from gardner.theory.transitions.random_transitions import RandomTransitions as RandomTransitions
from gardner.theory.transitions.random_transitions import random_transitions as random_transitions

__version__: str
__all__: list[str]
