"""A Monte Carlo run as chains of points: reproducible, resumable, and true to its record schema."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from gardner.errors import ConvergenceError, InterruptedRun
from gardner.montecarlo.autocorrelation import relaxation_time
from gardner.montecarlo.chain import SampleChain
from gardner.montecarlo.report import document
from gardner.montecarlo.run import run_monte_carlo
from gardner.montecarlo.sampler import Sampler
from gardner.montecarlo.series import choose_rows
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.nets.disorder import gaps
from gardner.potentials.soft import SoftCore

HARD = MonteCarloSettings(
    6, 2, 2.0, sweeps=60, measurements=20, points=4, samples=2, start="teacher", fresh=40, guest=True, seed=3
)
SOFT = replace(HARD, setting="random", potential=SoftCore(66.7), start="random", depth=3)
TEMPERED = replace(SOFT, guest=False, tempering=3)


def points(chain, pickled=False):
    state, records = chain.start(), []
    for index in range(chain.length):
        if pickled:
            chain, state = pickle.loads(pickle.dumps((chain, state)))
        state, record = chain.step(state, index)
        records.append(record)
    return records


@pytest.mark.parametrize("settings", (HARD, SOFT, TEMPERED), ids=("hard", "soft", "tempered"))
def test_a_chain_that_travels_between_processes_gives_the_same_records(settings):
    chain = SampleChain(settings, 1)
    for here, there in zip(points(chain), points(chain, pickled=True)):
        assert here.keys() == there.keys()
        for name in here.keys() - {"seconds"}:
            np.testing.assert_array_equal(here[name], there[name], err_msg=name)


@pytest.mark.parametrize("settings", (HARD, SOFT, TEMPERED), ids=("hard", "soft", "tempered"))
def test_an_interrupted_run_resumes_to_the_arrays_of_an_uninterrupted_one(settings, tmp_path, monkeypatch):
    whole = run_monte_carlo(settings).data
    step = SampleChain.step

    def stopped(self, state, index):
        if (self.sample, index) == (1, 2):
            raise KeyboardInterrupt
        return step(self, state, index)

    monkeypatch.setattr(SampleChain, "step", stopped)
    with pytest.raises(InterruptedRun):
        run_monte_carlo(settings, tmp_path / "mc.parts")
    monkeypatch.setattr(SampleChain, "step", step)
    resumed = run_monte_carlo(settings, tmp_path / "mc.parts", resume=True).data
    assert resumed.identical(whole)
    other = run_monte_carlo(replace(settings, seed=4)).data
    assert not np.array_equal(other["energy"], whole["energy"]) or settings is HARD


def test_records_follow_the_schema():
    run = run_monte_carlo(SOFT)
    data = run.data
    for row in choose_rows(with_exchanges=False):
        assert data[row.name].dims == ("sample", *row.axes) and data[row.name].attrs["long_name"], row.name
    assert set(data.data_vars) == {row.name for row in choose_rows(with_exchanges=False)}
    np.testing.assert_array_equal(data["time"], SOFT.measurement_times)
    np.testing.assert_array_equal(data["matched_time"], SOFT.matching_times)
    assert np.isfinite(data["energy"].isel(clone=slice(0, 2))).all()
    late = data["time"].values >= SOFT.burn_in
    assert np.isfinite(data["Q_guest"].values[:, late]).all() and np.isnan(data["Q_guest"].values[:, ~late]).all()
    assert np.isnan(data["Q_teacher"]).all()
    sweeps, bonds = SOFT.sweeps, 36
    clones = 2 * sweeps + (sweeps - SOFT.burn_in)
    np.testing.assert_array_equal(data["attempts"].sum("point"), np.full((2, 3), bonds * clones))
    np.testing.assert_array_equal(data["spin_attempts"].sum("point")[:, 1:3], np.full((2, 2), 6 * 12 * clones))
    times = (SOFT.measurement_times > SOFT.burn_in).sum()
    np.testing.assert_array_equal(data["gap_counts"].sum("gap"), np.full((2, 3), 6 * 12 * 3 * times))
    assert data["drift"].max() < 1e-12


def test_correlations_start_at_one_and_the_final_matrices_are_the_last_overlaps():
    data = run_monte_carlo(HARD).data
    np.testing.assert_allclose(data["C_bond"].sel(lag=0).isel(clone=slice(0, 2)), 1.0, rtol=1e-12)
    final = data["Q_matrix"].isel(point=-1)
    np.testing.assert_allclose(final[:, :, 0, 1], data["Q_replica"].isel(time=-1, pair=0), rtol=1e-12)
    np.testing.assert_allclose(final[:, :, 0, 2], data["Q_guest"].isel(time=-1), rtol=1e-12)
    guest = data["Q_guest"].sel(time=HARD.burn_in) if HARD.burn_in in data["time"] else None
    assert guest is None or np.allclose(guest, 1.0)


@pytest.mark.parametrize("settings", (HARD, replace(HARD, connectivity=3), SOFT, replace(SOFT, dilution=0.3)))
def test_energy_of_the_kernels_is_that_of_the_matrices(settings):
    """E = Σ v(r) from dense matrices and the sampler's own sum, after moves, to round-off."""
    chain = SampleChain(settings, 0)
    sampler = Sampler(settings, chain.disorder, settings.seeds(0)[1])
    sampler.run(25)
    for weights, spins, energy in zip(sampler.weight_rk[:2], sampler.spin_rum[:2], sampler.energy_r[:2]):
        gap_pm = gaps(chain.disorder.topology, weights, spins)
        expected = (np.minimum(gap_pm, 0.0) ** 2).sum() if settings.moves_spins else 0.0
        assert energy == pytest.approx(expected, abs=1e-11)
    assert sampler.drift < 1e-12


def test_steps_are_tuned_in_the_burn_in_and_frozen_after_it():
    settings = replace(SOFT, sweeps=400, burn_in=200, guest=False)
    chain = SampleChain(settings, 0)
    state, steps = chain.start(), []
    for index in range(chain.length):
        state, _ = chain.step(state, index)
        steps.append(state["sampler"]["step_kl"][0])
    assert (steps[0] != 0.1).any()
    np.testing.assert_array_equal(steps[1], steps[2])
    np.testing.assert_array_equal(steps[2], steps[3])
    fixed = SampleChain(replace(settings, step=0.2), 0)
    state, _ = fixed.step(fixed.start(), 0)
    np.testing.assert_array_equal(state["sampler"]["step_kl"][0], 0.2)


def test_a_random_start_of_the_hard_core_is_annealed_to_no_wrong_output_or_says_so():
    easy = replace(HARD, start="random", sweeps=600, alpha=1.0)
    record = points(SampleChain(easy, 0))[0]
    np.testing.assert_array_equal(record["training_error"][:2], 0.0)
    impossible = replace(HARD, setting="random", start="random", depth=1, alpha=8.0, sweeps=60)
    with pytest.raises(ConvergenceError, match="lower --alpha or allow more --sweeps"):  # there is no teacher
        SampleChain(impossible, 0).start()


def test_the_document_names_every_layer_and_judges_equilibration():
    run = run_monte_carlo(HARD)
    body = document(run)
    assert [entry["layer"] for entry in body["layers"]] == [0, 1, 2]
    assert set(body["layers"][1]["Q"]["teacher"]["raw"]) == {"mean", "error", "tau", "rhat", "ess"}
    assert body["layers"][1]["Q"]["norm"] == pytest.approx(1.0, rel=1e-12)
    assert body["energy"]["mean"] == 0.0 and body["training_error"]["mean"] == 0.0
    assert body["equilibrated"] is False  # sixty sweeps are not enough, and the result says so
    assert body["layers"][0]["q"]["replica"]["raw"]["mean"] == 1.0
    raw = run.data["Q_teacher"].isel(clone=slice(0, 2))
    equal = (raw["time"] > HARD.burn_in) & (raw["time"] % HARD.interval == 0)
    expected = raw.isel(time=np.flatnonzero(equal)).sel(bond_layer=1).mean()
    assert body["layers"][1]["Q"]["teacher"]["raw"]["mean"] == pytest.approx(float(expected))


def test_relaxation_time_of_an_exponential_is_its_time():
    lags = np.unique(np.r_[0, np.round(np.geomspace(1, 2000, 60))])
    assert relaxation_time(lags, np.exp(-lags / 80.0)) == pytest.approx(80.0, rel=0.01)
    plateau = 0.4 + 0.6 * np.exp(-lags / 80.0)
    assert relaxation_time(lags, plateau, 0.4) == pytest.approx(80.0, rel=0.01)
    assert np.isnan(relaxation_time(lags, plateau))  # never falls to 1/e of its start


def test_one_replica_of_one_sample_has_no_pairs_and_still_a_document():
    run = run_monte_carlo(replace(SOFT, samples=1, replicas=1, guest=False))
    body = document(run)
    assert run.data.sizes["pair"] == 0 and body["layers"][1]["Q"]["replica"]["raw"] is None
    assert np.isfinite(body["energy"]["mean"])


def test_a_long_run_of_a_small_net_is_called_equilibrated_and_its_first_part_is_not():
    settings = MonteCarloSettings(5, 1, 1.0, sweeps=40_000, samples=2, start="teacher", fresh=5, points=2, seed=1)
    run = run_monte_carlo(settings)
    assert document(run)["equilibrated"]
    assert not document(run_monte_carlo(replace(settings, sweeps=400, burn_in=80)))["equilibrated"]
