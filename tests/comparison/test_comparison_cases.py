"""Every case of data/comparison, rerun with three samples and another seed, against its stored reference.

A rerun has the distribution of the reference whether or not it is long enough to be in equilibrium: same net, same
length. Each mean is compared in units of the standard deviation σ over the 12 reference samples: |difference| ≤
5 σ (1/3+1/12)^½.
With Student's t at 11 degrees of freedom a right program fails one of the about 110 comparisons with probability 0.04;
seeds are fixed. A theory or a dynamics off by 5 σ/√3 fails.
"""

import numpy as np
import pytest
from comparison_cases import cases, reference

from gardner.theory.liquid import overlaps_of

SAMPLES, ERRORS = 3, 5.0
CASES = cases()


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_a_rerun_reproduces_the_reference(case):
    found, stored = case.measured(SAMPLES, case.seed + 1000), reference()
    values = {key: found.mean_k[k] for k, key in enumerate(overlaps_of(case.depth))}
    if found.generalization is not None:
        values["fresh_error", case.depth] = found.generalization[0]
    for (name, layer), value in values.items():
        mean, deviation, samples = stored[case.label, name, layer]
        allowed = ERRORS * deviation * np.sqrt(1.0 / SAMPLES + 1.0 / samples)
        assert abs(value - mean) <= allowed, (name, layer)


@pytest.mark.slow
def test_another_alpha_is_told_from_the_reference():
    # α = 10 beside the reference of α = 5: the comparison can fail
    case = next(case for case in CASES if case.label == "planted-L1-dense")
    wrong = type(case)(**{**vars(case), "alpha": 10.0})
    mean, deviation, samples = reference()[case.label, "Q", 1]
    found = wrong.measured(SAMPLES, case.seed + 1000).mean_k[0]
    assert abs(found - mean) > ERRORS * deviation * np.sqrt(1.0 / SAMPLES + 1.0 / samples)


def test_every_case_is_there_in_both_limits():
    limits = {}
    for case in CASES:
        limits.setdefault(case.name, set()).add(case.limit)
    assert all(found == {"dense", "full"} for found in limits.values())
    planted = {(case.depth, case.alpha) for case in CASES if case.setting == "planted"}
    assert planted == {(1, 5.0), (2, 1.0), (2, 5.0), (2, 10.0), (3, 10.0)}
    random = {(case.depth, case.beta) for case in CASES if case.setting == "random"}
    assert random == {(depth, beta) for depth in (2, 3, 4) for beta in (66.7, 1.0)}


def test_fully_connected_nets_generalize_below_one_half_where_closures_say_one_half():
    mean, deviation, samples = reference()["planted-L2-a1-full", "fresh_error", 2]
    assert mean + 5.0 * deviation / np.sqrt(samples) < 0.5
