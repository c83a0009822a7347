"""k-RSB of the L = 1 perceptron at a given α with the Parisi parameters optimised.

The free entropy s[Q, m] of (C1) is minimised over the overlaps and the m together; at the minimum

    ∂s/∂Q_i = 0  (the saddle point (T9), (T11)),      ∂s/∂m_i = 0.                                        (C9)

For n → 0 the minimum is the physical extremum: every trial step function bounds the full-RSB free entropy from above,
so s decreases with k and each further step can only improve it. Where RS is stable (R_0 > 0 of (C7)) and no states have
taken over (`discontinuous`) the minimum is RS with all levels merged, and m is undetermined: `merged` says so, and m is
set to i/(k+1).

Convergence: the fitted s approaches k → ∞ like (k+1)^{-4}, overlaps like (k+1)^{-2}. Close to α_c the optimal m_i
vanish like 1 - Q_k (the jamming limit, `jamming`); at α ≥ α_c the functional has no minimum and s → -∞.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from gardner.errors import FrozenError
from gardner.model import MAX_LEVELS, positive, uniform_parisi, whole
from gardner.perceptron.jamming import jamming_bound
from gardner.perceptron.replicon import replicons, rs_solution
from gardner.potentials import Potential
from gardner.potentials.hard import HardCore
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.parisi.functional import StepCode, bond_functional, flow_gradient, resample
from gardner.theory.priors.spherical import bond_sector
from gardner.theory.sectors.gap import gap_sector
from gardner.values import ByValue

ACCURACY = 1e-12
GRADIENT = 1e-9
STATIONARY = 1e-6  # largest gradient of s accepted as a minimum (BFGS may stop at round-off above GRADIENT)
MERGED = 1e-4  # Q_k - Q_0 below which all levels are one
GAIN = 1e-11  # what a step must lower s by where RS is stable: the accuracy of s
POLISHING, STEP = 30, 0.3  # Newton steps on the gradient and their largest length
DIFFERENCE, FLAT = 1e-4, 1e-10  # finite difference of the Hessian, and its smallest resolved eigenvalue
SHRINKING = 1e-7  # 1 - Q_k below which the minimiser is on its way to s → -∞


@dataclass(frozen=True, eq=False)
class OptimalSolution(ByValue):
    """The minimum of s[Q, m] with k steps.

    Q_i (k+1,), m (k+2,) with m_0 = 0 and m_{k+1} = 1; free_entropy: s per N·M; residual: max |F(Q) - Q| of the
    saddle-point map; stationarity: max |∂s/∂m_i|; replicon_i: (C7); status: converged | stalled | no_solution.
    """

    alpha: float
    potential: Potential
    Q_i: np.ndarray
    m: np.ndarray
    free_entropy: float
    residual: float
    stationarity: float
    replicon_i: np.ndarray
    status: str
    evaluations: int

    @property
    def levels(self) -> int:
        return len(self.Q_i) - 1

    @property
    def merged(self) -> bool:
        """All levels coincide: the solution is replica symmetric and m without meaning."""
        return bool(self.Q_i[-1] - self.Q_i[0] < MERGED)


def free_entropy(alpha: float, Q_i: np.ndarray, m: np.ndarray, potential: Potential, grid: GridSettings):
    """s[Q, m] of (C1), ∂s/∂Q_i, ∂s/∂m_i (i = 1…k) and the gap sector's value."""
    bond, bond_q, bond_m = bond_functional(Q_i, m)
    gap = gap_sector(Q_i, m, potential, grid)
    gap_q, gap_m = flow_gradient(gap.flow)
    return bond / alpha + gap.free_entropy, bond_q / alpha + gap_q, bond_m / alpha + gap_m, gap


def _coded(z, code, alpha, potential, grid):
    gaps_i, m_i = code.decode(z)
    if gaps_i[-1] < SHRINKING:
        raise FrozenError(f"1 - Q = {gaps_i[-1]:.1e}")
    s, by_q, by_m, _ = free_entropy(alpha, 1.0 - gaps_i, np.concatenate([[0.0], m_i, [1.0]]), potential, grid)
    return s, code.pull_back(z, by_q, by_m)


def _starts(alpha: float, potential: Potential, levels: int, previous: OptimalSolution | None):
    """Step functions (1 - Q_i, m_i) to start from."""
    if previous is None or previous.levels == 0:
        try:
            rest = 1.0 - rs_solution(alpha, potential).overlap
        except ValueError:  # beyond the RS capacity: the minimum, if any, is far from RS
            rest = 1e-3
        low = min(1.4 * rest, 0.5 * (1.0 + rest))
        near = [(np.array([low, 0.5 * rest]), np.array([m])) for m in (0.3, 0.8, 0.03)]
        # states that have just taken over in a discontinuous transition: Q_0 of RS, m close to 1
        return near + [(np.array([rest, share * rest]), np.array([0.95])) for share in (0.6, 0.2)]
    gaps_i, m_i = 1.0 - previous.Q_i, previous.m[1:-1]
    if previous.merged:  # a code is for levels that differ
        gaps_i = gaps_i * np.geomspace(1.0, 0.9, len(gaps_i))
    finer = resample(gaps_i, levels + 1), resample(m_i, levels)
    return [(np.minimum(finer[0], np.sqrt(gaps_i[0])), np.minimum(finer[1], np.sqrt(m_i[-1])))]


def _described(alpha, potential, Q_i, m, status, evaluations) -> OptimalSolution:
    s, _, by_m, gap = free_entropy(alpha, Q_i, m, potential, GridSettings.for_accuracy(ACCURACY))
    image = bond_sector(alpha * gap.overlaps_i, m).overlaps_i
    stationarity = float(np.abs(by_m).max(initial=0.0))
    residual = float(np.abs(image - Q_i).max())
    replicon_i = replicons(alpha, Q_i, gap.flow)
    return OptimalSolution(alpha, potential, Q_i, m, float(s), residual, stationarity, replicon_i, status, evaluations)


def _hessian(z: np.ndarray, arguments: tuple) -> np.ndarray:
    """∂²s/∂z² by central differences of the exact gradient."""
    columns = [_coded(z + d, *arguments)[1] - _coded(z - d, *arguments)[1] for d in DIFFERENCE * np.eye(len(z))]
    hessian = np.array(columns) / (2.0 * DIFFERENCE)
    return 0.5 * (hessian + hessian.T)


def _polished(z: np.ndarray, arguments: tuple) -> np.ndarray:
    """Newton's method on ∂s/∂z = 0 from the end of BFGS, downhill in every eigendirection of the Hessian.

    Close to the instability of RS s varies by 1e-10 between step functions that differ by 1e-2: comparing values of s
    (BFGS) stops there, the gradient does not. Steps use |eigenvalue| and are limited to STEP in each direction.
    """
    gaps_i, _ = arguments[0].decode(z)
    if gaps_i[0] - gaps_i[-1] < MERGED:
        return z
    for _ in range(POLISHING):
        gradient = _coded(z, *arguments)[1]
        values, vectors = np.linalg.eigh(_hessian(z, arguments))
        step = -(vectors.T @ gradient) / np.maximum(np.abs(values), FLAT)
        z = z + vectors @ np.clip(step, -STEP, STEP)
        if np.abs(step).max() < 1e-7 or np.abs(gradient).max() < 1e-14:
            break
    return z


def _is_rs(gaps_i: np.ndarray, s: float, alpha: float, potential: Potential) -> bool:
    """True if the levels are merged, or open on the flat floor about a stable RS solution without lowering its s.

    Merged levels are a double root of the map: only their position is accurate, not their width.
    """
    if gaps_i[0] - gaps_i[-1] < MERGED:
        return True
    try:
        point = rs_solution(alpha, potential)
    except ValueError:
        return False
    return point.replicon > 0.0 and s > point.free_entropy - GAIN


def _jammed(alpha: float, levels: int, potential: Potential) -> bool:
    """α is at or beyond the capacity of `levels` steps (only a constraint has one)."""
    if not potential.is_constraint:
        return False
    return alpha >= jamming_bound(potential.margin, levels).alpha


def _no_solution(alpha: float, levels: int, potential: Potential, evaluations: int) -> OptimalSolution:
    nothing = np.full(levels + 1, np.nan)
    m = np.full(levels + 2, np.nan)
    return OptimalSolution(
        alpha, potential, nothing, m, -np.inf, np.nan, np.nan, nothing, "no_solution", evaluations
    )  # fmt: skip


def _replica_symmetric(alpha: float, potential: Potential) -> OptimalSolution:
    point = rs_solution(alpha, potential)
    return _described(alpha, potential, np.array([point.overlap]), np.array([0.0, 1.0]), "converged", 0)


def optimal_solution(
    alpha: float, levels: int, potential: Potential | None = None, previous: OptimalSolution | None = None
) -> OptimalSolution:
    """The minimum of s over Q_0…Q_k and m_1…m_k; `previous` (fewer steps, same α) supplies the start."""
    alpha, levels = positive("alpha", alpha), whole("levels", levels, 0, MAX_LEVELS)
    potential = HardCore() if potential is None else potential
    if levels == 0:
        return _replica_symmetric(alpha, potential)
    if previous is None and levels > 1:
        previous = optimal_solution(alpha, levels - 1, potential)
        if previous.status == "no_solution":
            return previous
    grid, code = GridSettings.for_accuracy(ACCURACY), StepCode(levels + 1, levels, bounded=True)
    arguments = (code, alpha, potential, grid)
    best, evaluations = None, 0
    for gaps_i, m_i in _starts(alpha, potential, levels, previous):
        try:
            result = minimize(
                _coded, code.encode(gaps_i, m_i), args=arguments, jac=True, method="BFGS",
                options={"gtol": GRADIENT, "maxiter": 60 * levels + 200},
            )  # fmt: skip
        except FrozenError:
            continue
        evaluations += result.nfev
        best = result if best is None or result.fun < best.fun else best
    if best is None or np.abs(best.jac).max() > STATIONARY:
        if best is None or _jammed(alpha, levels, potential):
            return _no_solution(alpha, levels, potential, evaluations)
    z = _polished(best.x, arguments)
    status = "converged" if np.abs(_coded(z, *arguments)[1]).max() < STATIONARY else "stalled"
    gaps_i, m_i = code.decode(z)
    if _is_rs(gaps_i, best.fun, alpha, potential):
        gaps_i, m_i = np.full(levels + 1, 1.0 - rs_solution(alpha, potential).overlap), np.array(uniform_parisi(levels))
    return _described(alpha, potential, 1.0 - gaps_i, np.concatenate([[0.0], m_i, [1.0]]), status, evaluations)
