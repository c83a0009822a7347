"""Parallel tempering against the enumeration of all 2¹⁸ states, at the coldest temperature."""

import numpy as np
import pytest
from oracles_binary import FALSE_ALARM, chi_square, problem
from oracles_enumeration import enumerate_states, state_of
from scipy.stats import chi2

from gardner.montecarlo.bitpacked.chains import BinaryLanes
from gardner.montecarlo.bitpacked.lanes import LANES
from gardner.montecarlo.bitpacked.packing import thresholds
from gardner.montecarlo.ladder import Ladder
from gardner.statistics import integrated_time


def always(ladder, energy_w, rng):
    """A wrong exchange: configurations change places whatever their energies."""
    ladder.exchange(np.zeros(len(energy_w)), rng)


def cold_states(topology, inputs, outputs, beta_k, draws, rule, rounds=24):
    """States in slot 0, `rounds` exchanges and sweeps apart."""
    lanes = BinaryLanes.start(topology, inputs, outputs, np.random.SeedSequence(5))
    ladder, rng = Ladder(beta_k), np.random.default_rng(6)
    table_ek, states = thresholds(beta_k, lanes.outputs), np.empty(draws, dtype=np.int64)
    for t in range(-100, draws * rounds):
        lanes.run(np.ascontiguousarray(table_ek[:, ladder.slot_w]), 1)
        rule(ladder, lanes.energy_c, rng)
        if t >= 0 and t % rounds == 0:
            states[t // rounds] = state_of(lanes.weight_ck)[ladder.walker_k[0]]
    return states, ladder


@pytest.mark.parametrize("rule", [Ladder.exchange, always])
def test_coldest_slot_samples_its_boltzmann_measure(rule):
    """Joint distribution of energy and overlaps with the teacher at β = 2.0, false alarms 10⁻⁴; the wrong exchange
    must fail."""
    topology, inputs, outputs, teacher = problem((3, 3, 3), 6, 4)
    exact, beta_k = enumerate_states(topology, inputs, outputs), np.geomspace(2.0, 0.2, LANES)
    agree_xl = exact.overlaps_with(teacher)
    bin_x = (exact.energy_x * 10 + agree_xl[:, 0]) * 10 + agree_xl[:, 1]
    probability = np.bincount(bin_x, weights=exact.probabilities(2.0))
    states, ladder = cold_states(topology, inputs, outputs, beta_k, 2000, rule)
    counts = np.bincount(bin_x[states], minlength=len(probability))
    value, degrees = chi_square(counts, probability)
    assert degrees > 20
    if rule is always:
        assert value > 2 * chi2.isf(FALSE_ALARM, degrees)
        return
    assert integrated_time(agree_xl[states].T[:1]) < 1.3
    assert value < chi2.isf(FALSE_ALARM, degrees)
    assert ladder.round_trips > 50
