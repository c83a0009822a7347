"""Ground-state energy of the Sherrington–Kirkpatrick model: its k-step solution at T → 0 with optimised steps.

With y = x/T, that is m_i = T y_i, and φ(βh) = βF(h) the free energy of k steps tends to

    e_k = max_{q, y} { ¼ Σ_{i=1}^k y_i (q_i² - q_{i-1}²) - E_0[F_0] },      q_k = 1,  h_0 ~ N(0, q_0),
    F_{i-1}(h) = (1/y_i) ln ∫Dz exp( y_i F_i(h + √(q_i - q_{i-1}) z) ),     F_k(h) = |h|.                 (C33)

Here y = y_i on (q_{i-1}, q_i), and y = 0 below q_0. Every trial y(q) bounds the energy from below: e_1 ≤ e_2 ≤ … ≤
e_0 = -.76316672656… [OSS07]. The functional is concave in y(q), whose maximum is hence unique [AC15]; that of k steps
converges like (k+1)^{-4}: e_0 - e_k = 2.1e-3, 4.4e-4, 1.5e-4, …, 2.9e-6 for k = 1, 2, 3, …, 10.

First step. With w² = 1 - q_{k-1} and u = y_k w it is known in closed form,

    y_k F_{k-1} = ½u² + ln[ e^{y_k h} Φ_N(h/w + u) + e^{-y_k h} Φ_N(-h/w + u) ],

so that k steps at T = 0 are k-1 steps of the flow (T5) with this terminal function and m_i = y_i/y_k. Derivatives are
those of (C2), and for y_k, which the terminal function contains, with its two terms in the ratio g : 1-g,

    ∂(y_k F_{k-1})/∂y_k = (2g-1) h + y_k w² + 2w ϕ(h/w) e^{-y_k F_{k-1}}.

At finite k the last step leaves β(1 - q_k) → χ_k = E_{k-1}[2 ϕ(h/w) e^{-y_k F_{k-1}}/w], the susceptibility of one
state, and the optimum obeys e_k = -½ Σ y_i (q_i² - q_{i-1}²) - χ_k. For k → ∞ χ_k vanishes (1 - q_EA ∝ T²), and the
whole susceptibility Σ y_i (q_i - q_{i-1}) + χ_k tends to 1.

Extrapolation. e_k in powers 4, 5, 6 of 1/(k+1), through the upper two thirds of the k; from k = 1…5 e_0 comes out to
1e-7, from 3…10 to 2e-8, each with an error some five times larger.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_ndtr, logit

from gardner.grids import steps_of_density
from gardner.model import whole
from gardner.results.base import Result, labelled
from gardner.statistics import extrapolate
from gardner.theory.parisi.flow import Flow, GridSettings, solve_flow
from gardner.theory.parisi.functional import StepCode, flow_gradient
from gardner.theory.sherrington_kirkpatrick import ONSET_SLOPE, TAIL, density_of_steps
from gardner.values import ByValue

FEWEST, MOST, USUAL = 5, 20, 10  # steps: five are the fewest to fit three powers; of 24, some are not found
ACCURACY = 1e-9  # of the overlaps on the field grid; the energy errs by its square
ROUGH, STATIONARY = 1e-4, 1e-8  # gradient in the codes at which Newton's method takes over, and at which it ends
DIFFERENCE, FLAT, LONGEST = 1e-4, 1e-12, 0.3  # of the Hessian: step, smallest curvature; longest step of Newton's
NEWTON_STEPS = 20
CLOSEST = 1e-12  # smallest 1 - q_{k-1} that is tried
POWERS = (4.0, 5.0, 6.0)
SPACING = 0.6  # exponent of the density of the steps at the start (C32): ∫(dq)³(dy)² is then smallest


@dataclass(frozen=True, eq=False)
class SKGroundState(Result):
    """The SK model at T = 0, J = 1, no field.

    Attributes
    ----------
    levels : int
        Steps k of the deepest state.
    energy, error : float
        e_0 per spin for k → ∞, and its error.
    bound : float
        e_k at k = `levels`, below e_0.
    susceptibility : float
        1 for k → ∞.
    state_susceptibility : float
        The part χ_k within one state, 0 for k → ∞.
    y_i, q_i : ndarray
        (k,): heights of the steps, y = x/T, and the overlaps where they begin, y = y_i on
        (q_{i-1}, q_i), q_k = 1.
    steps_k, bounds_k : ndarray
        Numbers of steps, and e_k there.
    status : str
        "converged" or "stalled".
    residual : float
        Largest derivative in the codes of the steps.
    iterations : int
        Evaluations.
    seconds : float
        Wall time.
    parameters : dict
        What was asked for.
    """

    levels: int
    energy: float = labelled("ground-state energy per spin", "J")
    error: float = labelled("error of the energy", "J")
    bound: float = labelled("energy of k steps", "J")
    susceptibility: float = labelled("susceptibility", "1/J")
    state_susceptibility: float = labelled("susceptibility of one state", "1/J")
    y_i: np.ndarray = labelled("height of the step y = x/T", "1/J", axes="step", key="y")
    q_i: np.ndarray = labelled("overlap where the step begins", axes="step", key="q")
    steps_k: np.ndarray = labelled("RSB steps k", axes="point", key="steps")
    bounds_k: np.ndarray = labelled("energy of k steps", "J", axes="point", key="bounds")
    status: str
    residual: float
    iterations: int
    seconds: float = field(compare=False)
    parameters: dict = field(default_factory=dict)

    kind = "solve sk zero-temperature"
    drawing = "gardner.plotting.ground_state:figure"

    @property
    def advice(self) -> str:
        """What to do about a status other than "converged"."""
        return "" if self.status == "converged" else "give fewer --levels: the error says what they are worth"

    def tell(self) -> None:
        """Print a readable account."""
        print(f"Sherrington–Kirkpatrick model, T = 0, k = {self.levels} optimised steps: {self.status}")
        print(f"k → ∞: e = {self.energy:.9f} ± {self.error:.1e} per spin")
        print(f"k = {self.levels}: e = {self.bound:.9f}, a lower bound")
        print(f"susceptibility {self.susceptibility:.6f} (full RSB: 1)")


@dataclass(frozen=True, eq=False)
class _Steps(ByValue):
    """The optimum of k steps: its code, e_k, the numerical error of e_k, the largest slope, evaluations."""

    code: StepCode
    z: np.ndarray
    energy: float
    error: float
    slope: float
    evaluations: int


def kink(h: np.ndarray, y: float, w: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """φ = y F_{k-1}(h) of the first step from |h|, with φ' and φ'' (module docstring)."""
    up, down = y * h + log_ndtr(h / w + y * w), -y * h + log_ndtr(-h / w + y * w)
    phi = 0.5 * (y * w) ** 2 + np.logaddexp(up, down)
    tanh = 2.0 * expit(up - down) - 1.0
    return phi, y * tanh, y**2 * (1.0 - tanh**2) + 2.0 * y * _contact(h, phi, w)


def kink_by_height(h: np.ndarray, phi: np.ndarray, y: float, w: float) -> np.ndarray:
    """∂φ/∂y of `kink` at fixed w, where it is `phi`."""
    tanh = 2.0 * expit(2.0 * y * h + log_ndtr(h / w + y * w) - log_ndtr(-h / w + y * w)) - 1.0
    return tanh * h + y * w**2 + 2.0 * w**2 * _contact(h, phi, w)


def _contact(h: np.ndarray, phi: np.ndarray, w: float) -> np.ndarray:
    """ϕ(h/w) e^{-φ}/w."""
    return np.exp(-0.5 * (h / w) ** 2 - phi) / (w * np.sqrt(2.0 * np.pi))


def ground_flow(gaps_i: np.ndarray, y_i: np.ndarray, grid: GridSettings) -> Flow:
    """The flow of y_k F for steps 1 - q_i = `gaps_i`, i = 0…k-1, and heights y_1…y_k (C33)."""
    top, w = y_i[-1], float(np.sqrt(gaps_i[-1]))
    scale_i = np.minimum(np.sqrt(gaps_i), 1.0 / y_i)
    return solve_flow(
        1.0 - gaps_i, np.append(0.0, y_i / top), lambda h: kink(h, top, w), scale_i, settings=grid
    )  # fmt: skip


def negative_energy(gaps_i: np.ndarray, y_i: np.ndarray, grid: GridSettings) -> tuple[float, np.ndarray, np.ndarray]:
    """-e of (C33) for the given steps, with its derivatives by q_0…q_{k-1} and y_1…y_k."""
    q_i, top = 1.0 - gaps_i, y_i[-1]
    flow = ground_flow(gaps_i, y_i, grid)
    squares = np.diff(np.append(q_i, 1.0) ** 2)
    value = flow.free_entropy / top

    # the flow depends on q through its variances, on y through m_i = y_i/y_k and through the terminal function
    by_v, by_m = flow_gradient(flow)
    n = flow.n_i[-1]
    by_top = kink_by_height(flow.h_ia[-1, :n], flow.phi_ia[-1, :n], top, float(np.sqrt(gaps_i[-1])))
    by_y = np.append(by_m, 0.0) / top**2
    by_y[-1] = (float(flow.p_ia[-1, :n] @ by_top) - value - by_m @ y_i[:-1] / top**2) / top
    by_q = by_v / top + 0.5 * q_i * np.diff(y_i, prepend=0.0)
    return value - 0.25 * float(y_i @ squares), by_q, by_y - 0.25 * squares


def _state_susceptibility(gaps_i: np.ndarray, y_i: np.ndarray) -> float:
    """χ_k (module docstring)."""
    flow, w = ground_flow(gaps_i, y_i, GridSettings.for_accuracy(ACCURACY)), float(np.sqrt(gaps_i[-1]))
    n = flow.n_i[-1]
    return float(flow.p_ia[-1, :n] @ (2.0 * _contact(flow.h_ia[-1, :n], flow.phi_ia[-1, :n], w)))


def _coded(z: np.ndarray, code: StepCode, grid: GridSettings) -> tuple[float, np.ndarray]:
    """-e and its gradient in the unconstrained code of the steps."""
    gaps_i, y_i = code.decode(z)
    if gaps_i[-1] < CLOSEST:
        return 1.0, np.zeros_like(z)  # far above every -e
    value, by_q, by_y = negative_energy(gaps_i, y_i, grid)
    return value, code.pull_back(z, by_q, by_y)


def _rough_steps(levels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Steps that follow the q(y) of (C32): the shares i-½ of k+½ of their density, 1 - q_i between them, and y_i."""
    shares = (np.arange(1, levels + 1) - 0.5) / (levels + 0.5)
    y_i = steps_of_density(lambda y: density_of_steps(y, SPACING), shares, 1e6)
    begin_i = np.sqrt(y_i * np.append(0.25 * y_i[0], y_i[:-1]))
    return shares, 1.0 / (1.0 + ONSET_SLOPE * begin_i + TAIL * begin_i**2), y_i


def _start(levels: int, previous: _Steps | None) -> tuple[np.ndarray, np.ndarray]:
    """Steps 1 - q_i, y_i to start from: the rough ones, corrected as those of the optimum of fewer steps had to be."""
    shares, gaps_i, y_i = _rough_steps(levels)
    if previous is None:
        return gaps_i, y_i
    old_gaps, old_y = previous.code.decode(previous.z)
    places, rough_gaps, rough_y = _rough_steps(len(old_y))
    by_y = np.interp(shares, places, np.log(old_y / rough_y))
    by_gap = np.interp(shares, places, logit(old_gaps) - logit(rough_gaps))
    return expit(logit(gaps_i) + by_gap), y_i * np.exp(by_y)


def _polish(z: np.ndarray, arguments: tuple) -> tuple[np.ndarray, float, int]:
    """Newton's method on the gradient, downhill in every eigendirection: z, what is left to gain, evaluations.

    Close to the optimum the energy is flat: its values no longer tell steps apart, its derivatives do.
    """
    evaluations, left = 0, np.inf
    for _ in range(NEWTON_STEPS):
        gradient = _coded(z, *arguments)[1]
        columns = [_coded(z + d, *arguments)[1] - _coded(z - d, *arguments)[1] for d in DIFFERENCE * np.eye(len(z))]
        evaluations += 2 * len(z) + 1
        hessian = np.array(columns) / (2.0 * DIFFERENCE)
        curvature, axes = np.linalg.eigh(0.5 * (hessian + hessian.T))
        along = axes.T @ gradient
        step = -along / np.maximum(np.abs(curvature), FLAT)
        left = 0.5 * float(np.abs(along @ step))
        if np.abs(gradient).max() < STATIONARY:
            break
        z = z + axes @ np.clip(step, -LONGEST, LONGEST)
    return z, left, evaluations


def _optimum(levels: int, previous: _Steps | None) -> _Steps:
    """e_k at k = `levels`, from the optimum of fewer steps."""
    grid, code = GridSettings.for_accuracy(ACCURACY), StepCode(levels, levels, bounded=False)
    options = {"gtol": ROUGH, "maxiter": 60 * levels + 200}
    rough = minimize(_coded, code.encode(*_start(levels, previous)), (code, grid), "BFGS", jac=True, options=options)
    z, left, evaluations = _polish(rough.x, (code, grid))

    # the error: what is left to gain, and the change on a finer grid of fields
    value, gradient = _coded(z, code, grid)
    error = left + abs(_coded(z, code, grid.refined())[0] - value)
    return _Steps(code, z, -value, error, float(np.abs(gradient).max()), rough.nfev + evaluations + 2)


def checked_steps(levels: int) -> int:
    """`levels`, or ValueError unless so many steps can be extrapolated."""
    return whole("levels", levels, FEWEST, MOST)


def sk_ground_state(levels: int = USUAL, watch: Callable[[str], None] | None = None) -> SKGroundState:
    """e_0 of the SK model from optimised steps at T = 0 (C33), J = 1, no field.

    Parameters
    ----------
    levels : int
        The largest number of steps, from 5 to 20; all from 1 on are computed.
    watch : callable, optional
        Told in words of every k.

    Returns
    -------
    SKGroundState
        Its status is "stalled" where some k ended with a slope above 1e-8.

    Raises
    ------
    ValueError
        For levels out of range.

    Notes
    -----
    Source: [OSS07]; THEORY section 16.
    """
    began = time.perf_counter()
    levels = checked_steps(levels)
    found = []
    for k in range(1, levels + 1):
        found.append(_optimum(k, found[-1] if found else None))
        if watch is not None:
            watch(f"k = {k} of {levels} steps, e = {found[-1].energy:.9f}")

    # k → ∞ from the upper two thirds
    fitted = range(max(1, levels // 3), levels + 1)
    chosen = [found[k - 1] for k in fitted]
    limit = extrapolate(fitted, [s.energy for s in chosen], POWERS, [s.error for s in chosen])

    best = found[-1]
    gaps_i, y_i = best.code.decode(best.z)
    slope = max(steps.slope for steps in found)
    state = _state_susceptibility(gaps_i, y_i)
    return SKGroundState(
        levels=levels,
        energy=limit.value,
        error=limit.error,
        bound=best.energy,
        susceptibility=float(y_i @ -np.diff(gaps_i, append=0.0)) + state,
        state_susceptibility=state,
        y_i=y_i,
        q_i=1.0 - gaps_i,
        steps_k=np.arange(1.0, levels + 1.0),
        bounds_k=np.array([steps.energy for steps in found]),
        status="converged" if slope <= STATIONARY else "stalled",
        residual=slope,
        iterations=sum(steps.evaluations for steps in found),
        seconds=time.perf_counter() - began,
        parameters={"beta": None, "levels": levels},
    )
