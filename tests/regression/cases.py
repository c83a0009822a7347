"""All computations whose numbers are kept (`case` says what one is), in the order in which the file keeps them."""

from __future__ import annotations

from collections.abc import Sequence

from regression.case import Case
from regression.cases_of_measurements import field_theory_cases, monte_carlo_cases
from regression.cases_of_nets import planted_cases, random_cases, transition_cases
from regression.cases_of_replicas import other_replica_cases


def all_cases() -> Sequence[Case]:
    """Every case, in the order in which the file keeps them."""
    groups = (
        random_cases(),
        planted_cases(),
        transition_cases(),
        other_replica_cases(),
        field_theory_cases(),
        monte_carlo_cases(),
    )
    cases = sorted((case for group in groups for case in group), key=lambda case: case.name)
    assert len({case.name for case in cases}) == len(cases), "two cases have the same name"
    return cases


CASES = all_cases()
