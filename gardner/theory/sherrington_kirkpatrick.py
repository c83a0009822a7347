"""The Sherrington–Kirkpatrick model through the spin sector: a check of the flow that users know.

With q̂_i = β² q_i the spin sector (T8) is the k-RSB solution of the SK model (J = 1, no field, k_B = 1):

    -βf = (β²/4)(1 + Σ_i (m_{i+1} - m_i) q_i² - 2 q_k) + Φ,      e = -(β/2)(1 - Σ_i (m_{i+1} - m_i) q_i²),

stationary at q_i = E_i[(φ_i')²]. Exact for full RSB: ∫q(x)dx = 1 - T. Converges like 1/k² in f.

Grid of m. In y = x/T the T → 0 limit of q(x) rises like .743 y and tends to 1 like 1 - .411/y² [CR02], [P06]. Below
T = 1/3 the default grid follows it (C30), with the density of steps

    ρ(y) = (dq/dy)^{1/2},      1 - q = 1/(1 + ay + by²),  a = .743,  b = 1/.411.                          (C32)

The exponent is measured: .4 and .6 do worse. It puts steps at the plateau y ~ .5/T, too, on which q_EA and the entropy
depend. Error of f at k = 60, T = .02 and .005: 6e-9 and 4e-9; S/T² = .7209 and .7185 (exact .721). On m ∝ sinh (the
former default) f errs by 1.3e-8 and 2.5e-8, on the power law by 3e-7 and 5e-6, on the uniform grid by 1.5e-4, 8e-3.

A grid that does not resolve T solves its own equations well and gives a wrong f all the same. The sign is a negative
entropy. k steps at their best m have one too, -1/2π for RS and -.0103 for one step at T = 0, above -(k+1)^{-2}/2π; what
falls below that is due to the grid, and the status is then "stalled".
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from gardner.checks import MAX_BETA
from gardner.grids import Cooling, choose_grid
from gardner.model import SMALLEST_PARISI, SolverSettings, checked_parisi, positive
from gardner.results.base import labelled
from gardner.results.schema import Schema
from gardner.results.steps import ResultInSteps, coordinates_of_steps
from gardner.results.warnings import SolutionWarning, warned
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.search import fixed_point
from gardner.theory.search.fixed_point import MapValue
from gardner.theory.sectors.spin import spin_sector

WARM = 3.0  # β up to which the uniform grid of m is the default
ONSET_SLOPE, TAIL = 0.743, 1.0 / 0.411  # a and b of (C32)


@dataclass(frozen=True, eq=False)
class SKSolution(ResultInSteps):
    """k-RSB solution of the SK model, J = 1, no field, k_B = 1.

    Attributes
    ----------
    beta : float
        Inverse temperature.
    m, q_i : ndarray
        (k+2,), (k+1,): Parisi parameters and overlaps.
    free_energy, energy : float
        f and e per spin, in units of J.
    status : str
        As of a Solution.
    residual : float
        max |F(q) - q|.
    leading_eigenvalue : float
        Of the map.
    iterations : int
        Evaluations of the map.
    seconds : float
        Wall time.
    parameters : dict
        What was asked for.
    warnings : tuple of SolutionWarning
        Of an entropy below zero.
    """

    beta: float
    m: np.ndarray
    q_i: np.ndarray = labelled("overlap q_i", axes="x", key="q")
    free_energy: float = labelled("free energy per spin", "J")
    energy: float = labelled("energy per spin", "J")
    status: str
    residual: float
    leading_eigenvalue: float
    iterations: int
    seconds: float = field(compare=False)
    parameters: dict = field(default_factory=dict)
    warnings: tuple[SolutionWarning, ...] = ()

    kind = "solve sk"
    derived = ("m",)

    @property
    def levels(self) -> int:
        """k, the number of RSB steps."""
        return len(self.q_i) - 1

    @property
    def q_ea(self) -> float:
        """q_k, the Edwards–Anderson overlap."""
        return float(self.q_i[-1])

    @property
    def entropy(self) -> float:
        """β(e - f) per spin."""
        return self.beta * (self.energy - self.free_energy)

    @property
    def mean_overlap(self) -> float:
        """∫q(x)dx, equal to 1 - T in the full-RSB limit below T = 1."""
        return float(np.diff(self.m) @ self.q_i)

    @property
    def advice(self) -> str:
        """What to do about a status other than "converged", in terms of the options of `gardner solve sk`."""
        if self.status == "converged":
            return ""
        if 1.0 / self.beta < 3.0 * SMALLEST_PARISI:
            return (
                f"T = {1.0 / self.beta:g} lies below what m ≥ {SMALLEST_PARISI:g} can resolve; lower --beta, or take "
                "--zero-temperature"
            )
        if not resolved(self.entropy, self.levels):
            return (
                f"an entropy of {self.entropy:.2g} is the grid's, not the model's: {self.levels} steps do not resolve "
                f"T = {1.0 / self.beta:g}; use --grid auto, raise --levels, give --parisi with more m around T, or "
                "lower --beta"
            )
        return "loosen --tol or lower --beta" + (", or try --method newton" if self.method == "damped" else "")

    @property
    def method(self) -> str:
        """newton or damped."""
        return self.parameters.get("method", "newton")

    def body(self) -> dict:
        """The entries of the JSON document of `gardner solve sk`."""
        known = ("levels", "q_ea", "entropy", "mean_overlap")
        return super().body() | {name: getattr(self, name) for name in known} | {"m": self.m[1:-1].tolist()}

    @classmethod
    def from_body(cls, body: dict, **header) -> SKSolution:
        """The inverse of `body`, which holds the inner m_i."""
        return super().from_body(body | {"m": [0.0, *body["m"], 1.0]}, **header)

    def coordinates(self) -> dict:
        """The steps of x: m_lower = m_i opens the step (m_i, m_{i+1})."""
        return coordinates_of_steps(self.m)

    @classmethod
    def schema(cls) -> Schema:
        """What its fields say, and the steps of x."""
        whole = super().schema()
        attributes = {name: sort for name, sort in whole.attributes.items() if name != "m"}
        return replace(whole, attributes=attributes, variables=whole.variables | {"m_lower": (("x",), "number")})

    def tell(self) -> None:
        """Print a readable account."""
        temperature = 1.0 / self.beta
        print(f"Sherrington–Kirkpatrick model, T = {temperature:g}, k = {self.levels}: {self.status}")
        print(f"free energy f = {self.free_energy:.9f}, energy e = {self.energy:.9f} per spin")
        print(f"entropy {self.entropy:.9f}, q_EA = {self.q_ea:.8f}")
        print(f"∫q dx = {self.mean_overlap:.8f} (full RSB below T = 1: 1 - T = {max(0.0, 1 - temperature):g})")


def density_of_steps(y: np.ndarray, exponent: float = 0.5) -> np.ndarray:
    """(dq/dy)^`exponent` of the q(y) of (C32), y ≥ 0."""
    return ((ONSET_SLOPE + 2.0 * TAIL * y) / (1.0 + ONSET_SLOPE * y + TAIL * y**2) ** 2) ** exponent


def cooling_of_sk(beta: float) -> Cooling:
    """What grids of m need to know of the SK model at 1/T = `beta`."""
    return Cooling(beta, WARM, density_of_steps)


def resolved(entropy: float, levels: int) -> bool:
    """False if the entropy is negative beyond what `levels` steps explain (module docstring)."""
    return entropy >= -1.0 / (2.0 * np.pi * (levels + 1) ** 2)


def checked_sk(beta: float, levels: int | None, parisi, grid: str | None) -> tuple[float, np.ndarray]:
    """β and m_0 … m_{k+1}, or ValueError for what is impossible."""
    beta = positive("beta", beta, MAX_BETA)
    return beta, np.array((0.0, *checked_parisi(choose_grid(levels, parisi, grid, cooling_of_sk(beta))), 1.0))


def _spin_map(beta: float, m: np.ndarray, nodes: GridSettings) -> fixed_point.FixedPointMap:
    """q → the overlaps of a spin in the field q̂ = β²q of all others."""

    def function(rows, with_jacobian):
        value = spin_sector(beta**2 * rows[0], m, nodes, with_jacobian)
        blocks = {(0, 0): beta**2 * value.response_ji} if with_jacobian else None
        return MapValue(value.overlaps_i[None, :], blocks, value)

    return function


def solve_sk(
    beta: float,
    levels: int | None = None,
    *,
    parisi: tuple[float, ...] | None = None,
    grid: str | None = None,
    watch=None,
    **solver,
) -> SKSolution:
    """The Sherrington–Kirkpatrick model, J = 1, no field, k_B = 1.

    -βf = (β²/4)(1 + Σ_i (m_{i+1}-m_i) q_i² - 2q_k) + Φ, stationary in q_i; f errs by O(1/k²).

    Parameters
    ----------
    beta : float
        Inverse temperature 1/T.
    levels : int, optional
        RSB steps, 10 by default.
    parisi : tuple of float, optional
        The m_i themselves.
    grid : str, optional
        Of the m_i, a name in `grids.GRIDS`; "auto", the default, is i/(k+1) for T ≥ 1/3 and
        follows the temperature below (C32).
    watch : callable, optional
        Sees the progress.
    **solver
        Fields of SolverSettings.

    Returns
    -------
    SKSolution
        Non-convergence is a status, and so is a grid that does not resolve T.

    Raises
    ------
    ValueError
        For impossible input.

    Notes
    -----
    Source: [D94], THEORY section 9.
    """
    beta, m = checked_sk(beta, levels, parisi, grid)
    settings = SolverSettings(**solver)
    function = _spin_map(beta, m, GridSettings.for_accuracy(settings.accuracy))
    began = time.perf_counter()
    start = np.linspace(0.02, 0.3, len(m) - 1)[None, :]
    if settings.method == "damped":
        budget = settings.max_iterations or 20000
        state = fixed_point.damped(function, start, settings.tolerance, budget, settings.damping, watch)
    else:
        state = fixed_point.newton(function, start, settings.tolerance, settings.max_iterations or 300, True, watch)
    q = state.x_ri[0]
    squares = float(np.diff(m) @ q**2)
    free_energy = -(beta / 4.0) * (1.0 + squares - 2.0 * q[-1]) - state.value.payload.free_entropy / beta
    energy = -0.5 * beta * (1.0 - squares)
    status = state.status
    if status == "converged" and not resolved(beta * (energy - free_energy), len(m) - 2):
        status = "stalled"
    full = fixed_point.with_jacobian(function, state)
    solution = SKSolution(
        beta=beta,
        m=m,
        q_i=q,
        free_energy=float(free_energy),
        energy=energy,
        status=status,
        residual=state.residual,
        leading_eigenvalue=fixed_point.leading_eigenvalue(full),
        iterations=state.evaluations,
        seconds=time.perf_counter() - began,
        parameters={
            "beta": beta,
            "levels": len(m) - 2,
            "grid": grid,
            "method": settings.method,
            "tol": settings.tolerance,
        },
    )
    return warned(solution)
