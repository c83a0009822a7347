"""Every registered potential on the command line: one word of --potential, from the solution to its gaps and sweeps."""

import pytest

import gardner
from gardner.potentials import POTENTIALS, choose_potential
from gardner.results.solution import from_attribute, read_dataset


@pytest.mark.parametrize("name", POTENTIALS.names)
def test_solve_and_gaps_take_every_potential(cli, tmp_path, name):
    warm = POTENTIALS[name].has_temperature()
    words = ("--potential", name, *(("--beta", "10") if warm else ()))
    outcome = cli(
        "solve", "random", "--alpha", "3", "--depth", "2", "--levels", "1", *words, "--out", "run.nc", "--json"
    )
    potential = choose_potential(name, 0.0, 10.0 if warm else None)
    assert outcome.code == 0
    assert {key: outcome.document[key] for key in ("potential", "margin", "beta")} == potential.attributes
    direct = gardner.solve_random(3.0, 2, 1, potential=potential)
    assert outcome.document["free_entropy"] == pytest.approx(direct.free_entropy, abs=1e-12)
    assert gardner.load(tmp_path / "run.nc").setting.potential == potential

    gaps = cli("show", "run.nc", "--gaps")
    assert gaps.code == 0 and potential.label in gaps.out
    document = cli("show", "run.nc", "--gaps", "--json").document
    assert {key: document[key] for key in ("potential", "margin", "beta")} == potential.attributes


def test_a_sweep_of_the_hinge_and_its_penetration(cli, tmp_path):
    plan = ("--alpha", "2:60:6:log", "--depth", "4", "--levels", "1", "--potential", "hinge", "--beta", "30")
    assert cli("sweep", "random", *plan, "--direction", "up", "--out", "sweep.nc", "--json").code == 0
    dataset = read_dataset(tmp_path / "sweep.nc")
    assert (dataset["status"] == "converged").all()
    assert dataset.attrs["potential"] == "hinge" and from_attribute(dataset.attrs["beta"]) == [30.0]
    assert from_attribute(dataset.attrs["parameters"])["potential"] == "hinge"
    assert cli("penetration", "sweep.nc", "--transitions", "sweep").code == 0
    refused = cli("penetration", "sweep.nc", "--transitions", "exact")
    assert refused.code == 2 and "known for the hard core at margin 0 only" in refused.err


def test_what_is_given_without_the_potential_means_what_it_meant(cli, tmp_path):
    """--beta without --potential is the soft core in a sweep; nothing is added to the parameters of its file."""
    assert (
        cli("sweep", "random", "--alpha", "1", "--depth", "1", "--levels", "0", "--beta", "5", "--out", "a.nc").code
        == 0
    )
    dataset = read_dataset(tmp_path / "a.nc")
    assert dataset.attrs["potential"] == "soft"
    assert "potential" not in from_attribute(dataset.attrs["parameters"])


@pytest.mark.parametrize("command", [("solve", "random"), ("sweep", "random", "--out", "x.nc")])
def test_impossible_potentials_are_named(cli, command):
    where = (*command, "--alpha", "1", "--depth", "1")
    unknown = cli(*where, "--potential", "square")
    assert unknown.code == 2
    assert "potential = 'square': must be one of hard, soft, hinge" in unknown.err
    cold = cli(*where, "--potential", "hard", "--beta", "3")
    assert cold.code == 2 and "the hard core has no temperature" in cold.err
