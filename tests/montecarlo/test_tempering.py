"""The temperature ladder: exchanges, tuning, round trips, and the binary sampler that uses it."""

import dataclasses

import numpy as np
import pytest

from gardner.montecarlo.bitpacked.lanes import LANES
from gardner.montecarlo.ladder import (
    Ladder,
    even_out,
    geometric,
    pool_rejections,
    restore_generator,
    save_generator,
)
from gardner.montecarlo.sampler import Sampler
from gardner.montecarlo.settings import MonteCarloSettings, WrongOutputs
from gardner.nets.disorder import draw_disorder, run_forward
from gardner.potentials.soft import SoftCore


def gaussian_energies(rng, beta_k, capacity):
    """Energies of a system of constant heat capacity, E ~ N(-Cβ, C): exchanges between β and β' are all it knows."""
    return rng.normal(-capacity * beta_k, np.sqrt(capacity))


def rates(beta_k, capacity, rounds=6000, seed=1):
    rng, ladder = np.random.default_rng(seed), Ladder(beta_k)
    for _ in range(rounds):
        ladder.exchange(gaussian_energies(rng, ladder.beta_k[ladder.slot_w], capacity), rng)
    return ladder, pool_rejections([ladder], 1)


def test_exchange_rate_of_gaussian_energies_is_erfc():
    """ΔE·Δβ ~ N(-C(Δβ)², 2C(Δβ)²): the mean of min(1, e^x) is erfc(½ Δβ C^½). 3000 trials, 5 σ, one in 10⁶."""
    from scipy.special import erfc

    beta_k = np.array([2.0, 1.6, 1.4])
    _, rejection_k = rates(beta_k, 30.0)
    expected = erfc(0.5 * -np.diff(beta_k) * np.sqrt(30.0))
    assert rejection_k == pytest.approx(1.0 - expected, abs=5 * 0.5 / np.sqrt(3000))
    assert np.abs(1.0 - rejection_k - expected[::-1]).max() > 5 * 0.5 / np.sqrt(3000)


def test_tuning_evens_out_the_exchange_rates():
    beta_k = np.array([2.0, 1.99, 1.9, 1.2, 1.0])
    before = rates(beta_k, 30.0)[1]
    better = beta_k
    for seed in range(4):
        better = even_out(better, rates(better, 30.0, seed=seed)[1])
    after = rates(better, 30.0, seed=9)[1]
    assert better[0] == 2.0 and better[-1] == 1.0 and (np.diff(better) < 0).all()
    assert np.ptp(before) > 0.8 and np.ptp(after) < 0.08
    assert better == pytest.approx(np.linspace(2.0, 1.0, 5), abs=0.05)  # constant heat capacity: equidistant


def test_ladder_without_rejections_is_left_even_and_untried_pairs_leave_it_alone():
    beta_k = np.array([3.0, 2.0, 1.0])
    assert even_out(beta_k, np.zeros(2)) == pytest.approx(beta_k)
    assert even_out(beta_k, np.array([0.3, np.nan])) is beta_k


def test_every_exchange_accepted_gives_a_round_trip_every_two_ladder_lengths():
    """Equal energies: deterministic even–odd exchange sends walkers straight up and down, as fast as is possible."""
    beta_k = np.linspace(2.0, 1.0, 6)
    ladder, rng = Ladder(beta_k), np.random.default_rng(1)
    for _ in range(240):
        before = ladder.walker_k.copy()
        ladder.exchange(np.zeros(6), rng)
        assert sorted(ladder.walker_k) == list(range(6)) and (ladder.walker_k != before).sum() in (4, 6)
    assert (ladder.accepted_k == ladder.attempts_k).all()
    # each walker takes 12 rounds for a trip; the first pass is needed to start counting
    assert ladder.round_trips == pytest.approx(6 * (240 / 12), abs=12)
    assert np.array_equal(ladder.walker_k[ladder.slot_w], np.arange(6))


def test_energies_that_forbid_exchange_forbid_it():
    ladder = Ladder(np.array([5.0, 1.0]))
    ladder.exchange(np.array([0.0, 1000.0]), np.random.default_rng(1))
    assert ladder.walker_k.tolist() == [0, 1] and ladder.accepted_k.tolist() == [0]
    ladder.exchange(np.array([1000.0, 0.0]), np.random.default_rng(1))  # and this one is certain
    assert ladder.walker_k.tolist() == [1, 0] and ladder.accepted_k.tolist() == [1]


def test_generator_survives_a_checkpoint():
    rng = np.random.default_rng(3)
    rng.random(5)
    rng.integers(0, 2, 3, dtype=np.int8)  # leaves half a word behind
    again = restore_generator(save_generator(rng))
    assert np.array_equal(rng.integers(0, 99, 5, dtype=np.int32), again.integers(0, 99, 5, dtype=np.int32))
    assert np.array_equal(rng.random(5), again.random(5))


@pytest.mark.parametrize("beta_k", [[1.0], [1.0, 2.0], [1.0, 1.0], []])
def test_ladders_that_do_not_heat_up_are_refused(beta_k):
    with pytest.raises(ValueError, match="decreasing"):
        Ladder(beta_k)


@pytest.mark.parametrize(("cold", "hot", "count"), [(1.0, 1.0, 3), (1.0, 0.0, 3), (np.inf, 1.0, 3), (2.0, 1.0, 1)])
def test_geometric_ladder_checks_its_ends(cold, hot, count):
    with pytest.raises(ValueError, match="ladder"):
        geometric(cold, hot, count)


COMMON = {"sweeps": 200, "samples": 1, "replicas": 3, "tempering": 5, "seed": 3}
BINARY = MonteCarloSettings((5, 4, 3), 3, 4.0, weights="binary", potential=WrongOutputs(2.0), guest=True, **COMMON)
SOFT = MonteCarloSettings((5, 4, 3), 3, 4.0, potential=SoftCore(5.0), **COMMON)


def sampler_of(base=BINARY, **changes):
    settings = dataclasses.replace(base, **changes)
    return Sampler(settings, draw_disorder(settings, 0), settings.seeds(0)[1])


def same_state(a, b):
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same_state(a[name], b[name]) for name in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(same_state(x, y) for x, y in zip(a, b))
    return a is b or np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f")


@pytest.mark.parametrize("base", [BINARY, SOFT], ids=("binary", "soft"))
@pytest.mark.parametrize("slots", [None, 5])
def test_interrupted_run_equals_an_uninterrupted_one(base, slots):
    """A state that was saved and read back goes on as if nothing had happened."""
    first, second = sampler_of(base, tempering=slots), sampler_of(base, tempering=slots)
    for sampler in (first, second):
        sampler.run(57)
        sampler.tune()
    third = Sampler(second.settings, second.disorder, saved=second.state.to_dict())
    for sampler in (first, third):
        sampler.run(1)
        sampler.run(42)
    assert same_state(first.state.to_dict(), third.state.to_dict())
    assert not same_state(first.state.to_dict(), second.state.to_dict())
    assert first.drift < 1e-12 and np.array_equal(first.energy_r[:3], third.energy_r[:3])


@pytest.mark.parametrize("slots", [None, 5])
def test_binary_runs_may_be_cut_anywhere(slots):
    """Temperatures are exchanged at multiples of five sweeps, wherever a measurement stops the run."""
    first, second = sampler_of(tempering=slots), sampler_of(tempering=slots)
    first.run(57)
    for part in (50, 7):
        second.run(part)
    assert same_state(first.state.to_dict(), second.state.to_dict())


@pytest.mark.parametrize("slots", [None, 5])
def test_clone_copies_the_configuration_and_then_goes_its_own_way(slots):
    sampler = sampler_of(tempering=slots)
    sampler.run(20)
    others = sampler.weight_rk[1:3].copy()
    sampler.clone(0, 3)
    assert sampler.active == 4
    assert np.array_equal(sampler.weight_rk[3], sampler.weight_rk[0])
    assert sampler.energy_r[3] == sampler.energy_r[0]
    assert np.array_equal(sampler.weight_rk[1:3], others)
    sampler.run(40)
    assert not np.array_equal(sampler.weight_rk[3], sampler.weight_rk[0])


@pytest.mark.parametrize("slots", [None, 5])
def test_sampler_reports_the_nets_it_holds(slots):
    sampler = sampler_of(tempering=slots)
    sampler.run(30)
    disorder = sampler.disorder
    for weights, spins, energy in list(zip(sampler.weight_rk, sampler.spin_rum, sampler.energy_r))[:3]:
        assert np.array_equal(spins, run_forward(disorder.topology, weights, disorder.input_jm))
        assert energy == (spins[-3:] != disorder.output_im).sum()
    visits = 30 * (4 + 4 + 3) * 3 * (slots or 1)  # three of four clones move; each visit makes 4.5 or 5.5 attempts
    assert 4.2 * visits < sampler.counts["attempts"].sum() < 5.8 * visits
    assert (sampler.counts["accepted"] <= sampler.counts["attempts"]).all()
    assert (sampler.counts["accepted"] > 0).all()


def test_teacher_start_has_no_errors_and_stays_there_when_cold():
    sampler = sampler_of(start="teacher", potential=WrongOutputs(100.0), guest=False)
    assert (sampler.energy_r == 0).all()
    sampler.run(10)
    assert (sampler.energy_r == 0).all()


@pytest.mark.parametrize("base", [BINARY, SOFT], ids=("binary", "soft"))
def test_exchanges_are_counted_from_the_start_whatever_the_tuning(base):
    """Twenty rounds in which every pair is tried in every second, three clones."""
    sampler = sampler_of(base)
    for _ in range(10):
        sampler.run(10)
        sampler.tune()
    assert sampler.counts["exchange_attempts"].tolist() == [30] * 4
    assert (sampler.counts["exchange_accepted"] <= 30).all() and sampler.counts["exchange_accepted"].sum() > 0
    assert "exchange_attempts" not in sampler_of(base, tempering=None).counts


def test_tempering_at_infinite_temperature_is_refused():
    with pytest.raises(ValueError, match="positive beta"):
        sampler_of(potential=WrongOutputs(0.0))


def test_more_configurations_than_lanes_use_several_groups():
    sampler = sampler_of(replicas=LANES + 1, guest=False, tempering=None)
    assert sampler.weight_rk.shape[0] == LANES + 1
    sampler.run(5)
    assert len({tuple(row) for row in sampler.weight_rk}) > 1
