"""Solving the saddle point of the random setting: starting points, refinement in k, and the checks on a solution.

The physical branch starts from q_0, Q_0 > 0 (q_0 = Q_0 = 0 and half-liquid states are fixed points too, of larger s).
The search therefore follows the dynamics of the map from small ordered overlaps, where unstable liquid layers grow
and stable ones die out; it does so with few RSB levels and then refines: the coarse q(x) is interpolated to the
finer grid of m and its levels spread apart, so that Newton's method meets merging levels from above.

What it ends with is assessed in `theory.assessment`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gardner.boundaries import StepFunction, boundary_overlaps
from gardner.grids import choose_grid, cooling_of
from gardner.model import CLOSURES, Network, RandomSetting, SolverSettings
from gardner.potentials import Potential
from gardner.potentials.hard import HardCore
from gardner.results.solution import UNSTABLE, Solution
from gardner.results.warnings import warned
from gardner.theory.assessment import branch_ended, describe
from gardner.theory.chain import ChainState, is_mirrored
from gardner.theory.parisi.flow import GridSettings
from gardner.theory.search import fixed_point, mirror, overload
from gardner.theory.search.fixed_point import Iterate
from gardner.theory.search.frozen import freezing_levels
from gardner.theory.search.maps import chain_map, mirrored_map, unfold_state
from gardner.theory.search.random_starts import (
    coarse_settings,
    embedded_rows,
    fixed_boundaries,
    interpolated_rows,
    starting_rows,
)

FROZEN_ROOM = 1e-5  # 1 - q_k of a level that jumps at some m of its grid: nothing to refine from
COARSE_TOLERANCE = 1e-6
MIRROR = 1e-9  # difference of mirror images that counts as none
OPENING = 0.02  # fraction by which continuation opens merged levels
Watch = Callable[[str, int, float, float], None]


class Search:
    """One search for a fixed point; `last` is the newest state with its stage, and survives an interruption."""

    def __init__(self, setting: RandomSetting, solver: SolverSettings, watch: Watch | None = None):
        self.setting, self.solver, self.watch = setting, solver, watch
        self.grid = GridSettings.for_accuracy(solver.accuracy)
        self.stage = setting
        self.last: tuple[RandomSetting, Iterate] | None = None
        self.iterations = 0
        self.watchful, self.brief, self.asked = False, False, True  # whether there is a volume, by `run` alone
        self.rounded = 0  # states in a row whose 1 - Q is round-off
        self.spare_work: float | None = None  # what a search among frozen overlaps may still spend

    def run(self, start: ChainState | None, start_m: np.ndarray | None) -> Iterate:
        """From a given state (continuation) or from the start of the physical branch."""
        if self.solver.method == "damped":
            rows = starting_rows(self.setting)
            if start is not None:
                rows = self._adapted(start.unknowns(), start_m, 0.0)
            return self._damped(rows)
        if start is not None:
            same = len(start_m) == len(self.setting.m) and np.allclose(start_m, self.setting.m)
            return self._newton(self.setting, self._adapted(start.unknowns(), start_m, 0.0 if same else 0.1), not same)
        if not fixed_boundaries(self.setting):
            return self._from_coarse_to_fine()
        self.watchful, self.asked = CLOSURES[self.setting.closure].has_sites, False
        try:
            state = self._from_coarse_to_fine()
        except overload.OverloadError as problem:
            return problem.state or self._frozen(*self.last)
        self.asked = True
        if state.status == "converged" or self.solver.max_iterations:
            return state
        return overload.refusal(self) or overload.from_first_level(self) or state

    def _frozen(self, stage: RandomSetting, state: Iterate) -> Iterate:
        """What a search does that has met freezing overlaps (`overload`)."""
        self.watchful = False
        self.spare_work = None if self.solver.max_iterations else overload.WORK
        self.iterations += state.evaluations
        found = overload.from_first_level(self)
        if found is not None:
            return found
        if self.spare_work is not None and self.spare_work < 0.0:
            return overload.on_grid(self.last[1], self.setting.levels)
        return self.begin(self.setting) if stage is not self.setting else self._newton(stage, state.x_ri, True)

    def begin(self, stage: RandomSetting) -> Iterate:
        """The search on one grid from the start of the physical branch, frozen or not."""
        self.watchful = False
        return self._newton(stage, starting_rows(stage), True)

    def ask(self, stage: RandomSetting) -> Iterate:
        """The result of a search beside this one, from the start of the physical branch of another grid."""
        other = Search(stage, self.solver, self.watch)
        other.brief = True
        state = other.begin(stage)
        self.iterations += other.iterations
        return state

    def go_on(self, rows: np.ndarray) -> Iterate:
        """Newton's search on the grid asked for, from rows close to a fixed point."""
        return self._newton(self.setting, rows, False)

    def has_ended(self, state: Iterate, stage: RandomSetting) -> bool:
        """True if the branch of a stage runs out of the domain of the equations."""
        if state.status == "no_solution":
            return True
        return branch_ended(state, stage, None if state.blocks is None else fixed_point.assess_error(state))

    def _from_coarse_to_fine(self) -> Iterate:
        """From the start of the physical branch, few levels first."""
        rows, m_old, state = None, None, None
        for stage in coarse_settings(self.setting):
            rough = rows is None
            frozen = not rough and bool(freezing_levels(rows))
            if rough:
                state = self._newton(stage, starting_rows(stage), True)
            else:
                start = interpolated_rows(rows, m_old, stage.m)
                if state.status != "converged":
                    start = fixed_point.spread(start)
                state = self._newton(stage, start, frozen)
                if frozen and state.status != "converged":
                    # the state of the coarser grid is one of this grid, its levels merged: open what is unstable
                    again = self._newton(stage, embedded_rows(rows, m_old, stage.m), False)
                    state = min(again, state, key=lambda s: (s.status != "converged", s.residual))
            rows, m_old = state.x_ri, stage.m
            if state.status != "converged":
                break
        if stage is self.setting and (state.status == "converged" or rough or frozen):
            return state
        direct = self._newton(self.setting, starting_rows(self.setting), True)
        candidates = [direct] if stage is not self.setting else [state, direct]
        return min(candidates, key=lambda s: (s.status != "converged", s.residual))

    def follow(self, rows: np.ndarray, opening: float) -> Iterate:
        """The dynamics on the grid asked for, from the rows of a solution nearby with its merged levels opened."""
        return self._newton(self.setting, fixed_point.spread(rows, opening), True)

    def _adapted(self, rows, m_old, amount):
        if len(m_old) != len(self.setting.m) or not np.allclose(m_old, self.setting.m):
            rows = interpolated_rows(rows, m_old, self.setting.m)
        return fixed_point.spread(rows, amount) if amount else rows

    def _newton(self, stage: RandomSetting, rows: np.ndarray, track: bool) -> Iterate:
        self.stage = stage
        final = stage is self.setting
        budget = self.solver.max_iterations or 600
        tolerance = self.solver.tolerance if final else max(COARSE_TOLERANCE, self.solver.tolerance)
        try:
            state = self._mirrored(stage, rows, tolerance, budget, track)
            if state is not None:
                sought = final and state.status == "converged"
                if not (sought and fixed_point.leading_eigenvalue(state) > 1.0 + UNSTABLE):
                    return state
                rows, track = state.x_ri, False  # a mode that breaks the mirror grows: go on with all rows
            guarded = overload.guarded(self, stage)
            state = fixed_point.newton(guarded, rows, tolerance, budget, track, self._remember)
        except overload.SearchEndedError as end:
            state = replace(self.last[1], status=end.status)
        self.iterations += state.evaluations
        return state

    def _mirrored(self, stage, rows, tolerance, budget, track) -> Iterate | None:
        """The search among mirrored states, or None where the setting or the rows are not mirrored."""
        if not is_mirrored(stage) or not np.allclose(rows, rows[::-1], rtol=0.0, atol=MIRROR):
            return None
        state = fixed_point.newton(
            mirrored_map(stage, self.grid), mirror.fold(rows), tolerance, budget, track,
            lambda state: self._remember(unfold_state(state)),
        )  # fmt: skip
        self.iterations += state.evaluations
        return unfold_state(state)

    def _damped(self, rows: np.ndarray) -> Iterate:
        self.stage = self.setting
        state = fixed_point.damped(
            chain_map(self.setting, self.grid),
            rows,
            self.solver.tolerance,
            self.solver.max_iterations or 20000,
            self.solver.damping,
            self._remember,
        )
        self.iterations += state.evaluations
        return state

    def _remember(self, state: Iterate) -> None:
        self.last = self.stage, state
        overload.look_out(self, state)
        if self.watch is not None:
            label = f"k = {self.stage.levels}"
            self.watch(label, state.evaluations, state.residual, state.value.payload.free_entropy)


def solve(
    setting: RandomSetting,
    solver: SolverSettings | None = None,
    start: Solution | None = None,
    watch: Watch | None = None,
) -> Solution:
    """Solve a prepared setting; `start` continues from another solution, `watch` sees the progress.

    Ctrl-C ends the search: the last state comes back with status "interrupted".
    """
    solver = solver or SolverSettings()
    if start is not None and start.setting.network.depth != setting.network.depth:
        raise ValueError(
            f"start: depth {start.setting.network.depth} given, {setting.network.depth} needed; "
            "continue from a solution of equal depth"
        )
    search = Search(setting, solver, watch)
    began = time.perf_counter()
    chain = None if start is None else ChainState(start.q_li, start.Q_li)
    try:
        state = search.run(chain, None if start is None else start.setting.m)
        return warned(describe(state, setting, solver, search.iterations, time.perf_counter() - began))
    except KeyboardInterrupt:
        if search.last is None:
            raise
        stage, state = search.last
        state = replace(state, status="interrupted")
        count = search.iterations + state.evaluations
        return warned(describe(state, stage, solver, count, time.perf_counter() - began))


def continued(
    setting: RandomSetting, solver: SolverSettings, q_li: np.ndarray, Q_li: np.ndarray, opening: float = OPENING
) -> Solution:
    """Follow a branch: solve `setting` from the overlaps of a solution nearby, on the same grid of m.

    Merged and vanishing levels are opened by the fraction `opening` and the dynamics is followed from there: a
    Newton step could jump to another saddle point, and merged levels cannot open by themselves.
    """
    search = Search(setting, solver)
    began = time.perf_counter()
    state = search.follow(ChainState(q_li, Q_li).unknowns(), opening)
    return warned(describe(state, setting, solver, search.iterations, time.perf_counter() - began))


def solve_random(
    alpha: float,
    depth: int,
    levels: int | None = None,
    *,
    parisi: tuple[float, ...] | None = None,
    grid: str | None = None,
    potential: Potential | None = None,
    input_overlap: StepFunction | None = None,
    output_overlap: StepFunction | None = None,
    closure: str = "symmetric",
    weights: str = "spherical",
    start: Solution | None = None,
    watch: Watch | None = None,
    **solver,
) -> Solution:
    """Saddle point of the random setting in any closure, such as symmetric (T11), (T2) or directed (T12), (T4).

    Parameters
    ----------
    alpha : float
        Patterns per width M/N, above 0.
    depth : int
        Bond layers L ≥ 1.
    levels : int, optional
        RSB steps k ≥ 0 on a grid of m (default 10).
    parisi : tuple of float, optional
        The m_i themselves.
    grid : str, optional
        A name in `grids.GRIDS`, by default "auto", which is m_i = i/(k+1) unless the potential
        is cold (C31).
    potential : Potential, optional
        HardCore() by default, or SoftCore(beta), Hinge(beta).
    input_overlap, output_overlap : StepFunction, optional
        q(x) of the boundary layers (fixed patterns by default); their breakpoints join the grid
        of m.
    closure, weights : str
        Names in CLOSURES and PRIORS.
    start : Solution, optional
        Of equal depth, to continue from.
    watch : callable, optional
        Sees the progress.
    **solver
        Fields of SolverSettings.

    Returns
    -------
    Solution
        Its status says whether the search converged.

    Raises
    ------
    ValueError
        For impossible input.

    Notes
    -----
    Source: [Y20] with the conventions of THEORY sections 3 and 4; hard core at margin 0 obeys s ≤
    -ln 2.
    """
    potential = potential or HardCore()
    parisi = choose_grid(levels, parisi, grid, cooling_of(potential))
    parisi, *overlaps = boundary_overlaps(parisi, input_overlap, output_overlap)
    setting = RandomSetting(alpha, Network(depth), potential, parisi, *overlaps, closure, weights)
    return solve(setting, SolverSettings(**solver), start, watch)
