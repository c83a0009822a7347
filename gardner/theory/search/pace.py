"""The pseudo-time of a search (`fixed_point.newton`): short while it tracks the dynamics, then growing to Newton's."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST = 1e14  # pseudo-time of a step of Newton's method
FARTHEST = 0.25  # longest step of Newton's phase: a longer one means that the dynamics is to be followed instead


@dataclass
class Pace:
    """Pseudo-time of the search: tracking limits the step, the Newton phase lets τ grow with the residual.

    is_near: the search started near its end, and never tracked.
    """

    tau: float
    tracking: bool
    is_near: bool = False
    max_step: float = 0.08

    def shorten(self, length: float) -> bool:
        """While tracking, reduce τ if the step is too long; True if it was reduced."""
        if self.tracking and length > self.max_step and self.tau > 0.3:
            self.tau = max(0.3, 0.7 * self.tau * self.max_step / length)
            return True
        return False

    def turn(self, backwards: bool) -> bool:
        """While tracking, reduce τ if the step leads backwards; True if it was reduced."""
        if self.tracking and backwards and self.tau > 0.02:
            self.tau /= 2.0
            return True
        return False

    def loses_track(self, length: float) -> bool:
        """In the Newton phase, True if the step leads so far that the state is not close to a fixed point after all."""
        return not self.tracking and length > FARTHEST

    def advance(self, old: float, new: float, missed: float) -> None:
        """τ after an accepted step, from the residuals before and after it and what it missed (`fixed_point`)."""
        if self.tracking:
            self.tau = min(1.6 * self.tau, 1e3)
            self.tracking = not (new < 5e-3 and self.tau > 30.0)
        else:
            fall = max(old / max(new, 1e-300), 1.0 / max(missed, 1e-300))
            self.tau = min(self.tau * min(10.0 if self.is_near else 6.0, max(1.2, 2.0 * fall)), LONGEST)
