"""Verdicts: a claim, what was measured, what is expected, the error and the number of samples behind it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Claim:
    """One claim and the measurement that decides it.

    effect: measured, expected: what the claim says; error: standard error of the effect (0: a count or an identity
    up to round-off); samples: independent measurements behind it (`unit` names them); tolerance: largest deviation,
    in errors (or in plain units where error = 0), at which the claim still counts as agreeing; false_alarm:
    probability that a true claim fails by chance, nan where no chance is involved; note: how to read it.
    """

    claim: str
    effect: float
    expected: float
    error: float
    samples: int
    unit: str
    tolerance: float = 3.0
    false_alarm: float = math.nan
    note: str = ""

    @property
    def deviation(self) -> float:
        """(effect - expected) in errors, or plain where error = 0."""
        difference = self.effect - self.expected
        return difference / self.error if self.error > 0.0 else difference

    @property
    def agrees(self) -> bool:
        return bool(abs(self.deviation) <= self.tolerance)

    def document(self) -> dict:
        return asdict(self) | {"deviation": self.deviation, "agrees": self.agrees}


def student_false_alarm(z: float, degrees: int) -> float:
    """P(|t| > z) of Student's t: the chance that an error taken from `degrees` + 1 blocks makes z too large."""
    from scipy.special import stdtr

    return float(2.0 * stdtr(degrees, -abs(z)))


def print_verdicts(verdicts) -> None:
    """One line per claim: effect, expectation, error, deviation, samples."""
    for verdict in verdicts:
        sign = "agrees" if verdict.agrees else "DISAGREES"
        deviation = f"{verdict.deviation:+.1f} errors" if verdict.error > 0.0 else f"off by {verdict.deviation:+.3g}"
        error = f" ± {verdict.error:.2g}" if verdict.error > 0.0 else ""
        chance = f"; false alarm {verdict.false_alarm:.2g}" if verdict.false_alarm == verdict.false_alarm else ""
        note = f"; {verdict.note}" if verdict.note else ""
        print(
            f"{sign}: {verdict.claim}: {verdict.effect:.6g}{error}, expected {verdict.expected:.6g} ({deviation}; "
            f"{verdict.samples} {verdict.unit}{chance}{note})"
        )
