"""Exceptions of the package.

Wrong input raises `ValueError` (what was given, what is allowed, what to do); a solver that cannot deliver
returns a status, and raises `ConvergenceError` only where the caller asked for a converged result.
"""


class ConvergenceError(RuntimeError):
    """A fixed point (or a minimum) was required and not reached; `state` is the last iterate, or None.

    Solvers report non-convergence as a `status`. This is raised where there is no state worth returning: by
    `optimise_parisi`, `zero_modes`, `capacity` at L ≥ 2, a hard-core Monte Carlo run that finds no allowed state, and
    a solver whose map has no value at its start.
    """

    def __init__(self, message: str, state=None):
        super().__init__(message)
        self.state = state


class FrozenError(ArithmeticError):
    """1 - Λ_k has reached round-off: a state has left the domain of the equations (Q, q → 1)."""


class FileFormatError(ValueError):
    """A file was read that does not hold what was expected of it; `load` raises it and says what to give."""


class OutputError(OSError, ValueError):
    """A file could not be written (the disk is full, the folder gone, ...); its message names path and remedy.

    What stood there before is left as it was, and nothing half-written remains.
    """


class StoppedRun(Exception):
    """The machine ended a run of many points (no memory, no room for a checkpoint); its message says what is kept."""


class InterruptedRun(Exception):
    """Ctrl-C or SIGTERM during a run of many points; all finished ones are kept in `store`, if there is one."""

    def __init__(self, store, done: int, total: int, of: str = "points", then: str = "go on with --resume"):
        if done == 0 and of == "points":
            text = f"interrupted before the first of {total} points was finished; nothing was saved"
        elif store is None:
            text = f"interrupted; {done} of {total} {of} were done, and none is kept: --out keeps them"
        else:
            text = f"interrupted; {done} of {total} {of} are kept in {store}: {then}"
        super().__init__(text)
        self.store, self.done, self.total = store, done, total
