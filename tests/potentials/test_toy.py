"""A potential is one file and one registration: that of `counting`, outside the package, goes through everything."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from potentials.counting import Counting
from typer.testing import CliRunner

import gardner
from gardner.cli import main
from gardner.potentials import POTENTIALS
from gardner.results.solution import read_dataset, write_dataset


@pytest.fixture
def registered():
    POTENTIALS.register("counting", Counting)
    yield
    POTENTIALS.unregister("counting")


def gaussian_average(function, count=200):
    """∫Dz f(z)."""
    z, weight = np.polynomial.hermite_e.hermegauss(count)
    return float(weight @ function(z) / weight.sum())


def test_the_toy_is_short():
    file = Path(sys.modules[Counting.__module__].__file__)
    assert len(file.read_text(encoding="utf-8").splitlines()) < 60


def test_a_solution_is_the_saddle_point_of_its_own_free_entropy(registered, tmp_path):
    alpha, potential = 3.0, Counting(1.5)
    solution = gardner.solve_random(alpha, 1, 0, potential=potential)
    assert solution.status == "converged"

    def free_entropy(q):
        field = gaussian_average(lambda z: potential.terminal(np.sqrt(q) * z, np.sqrt(1.0 - q))[0])
        return 0.5 * (np.log(1.0 - q) + q / (1.0 - q)) / alpha + field

    q = float(solution.Q_ea[0])
    assert free_entropy(q) == pytest.approx(solution.free_entropy, abs=1e-8)
    assert abs(free_entropy(q + 1e-4) - free_entropy(q - 1e-4)) < 1e-7 * abs(free_entropy(q))
    gardner.save(solution, tmp_path / "run.nc")
    assert gardner.load(tmp_path / "run.nc").setting.potential == potential


def test_gaps_below_the_margin_are_the_errors(registered):
    """P(r<κ) = <v>, and both are the average error rate of the fields."""
    potential = Counting(1.5, 0.3)
    solution = gardner.solve_random(3.0, 1, 0, potential=potential)
    (gaps,) = gardner.solution_gaps(solution)
    q = float(solution.Q_ea[0])
    rate = gaussian_average(
        lambda z: np.array([potential.error_rate(h, np.sqrt(1.0 - q)) for h in np.sqrt(q) * z])
    )  # fmt: skip
    assert gaps.negative_weight == pytest.approx(rate, rel=1e-6)
    assert gaps.energy == pytest.approx(rate, rel=1e-6)
    assert gaps.normalisation_error < 1e-6


def test_a_sweep_takes_it_by_name_and_its_file_comes_back(registered, tmp_path):
    plan = gardner.RandomSweep((1.0, 4.0), (1, 2), (0.5,), betas=(0.5, 2.0), potential="counting", directions=("up",))
    dataset = gardner.run_sweep(plan, tmp_path / "store")
    assert (dataset["status"] == "converged").all()
    assert dataset.attrs["potential"] == "counting"
    direct = gardner.solve_random(4.0, 2, parisi=(0.5,), potential=Counting(2.0))
    found = dataset["free_entropy"].sel(depth=2, beta=2.0, alpha=4.0, direction="up").item()
    assert found == pytest.approx(direct.free_entropy, abs=1e-9)
    write_dataset(dataset, tmp_path / "sweep.nc")
    assert read_dataset(tmp_path / "sweep.nc").attrs["potential"] == "counting"


def test_the_commands_take_it(registered, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    word = "--potential counting --beta 1.5 --json"
    run = "--width 4 --depth 2 --alpha 1 --sweeps 40 --samples 2 --points 2 --measurements 20 --out mc.nc"
    for command in (
        f"solve random --alpha 3 --depth 1 --levels 0 {word}",
        f"sweep random --alpha 1,3 --depth 1 --levels 0 --direction up --out s.nc {word}",
        f"mc random {run} {word}",
    ):
        outcome = CliRunner().invoke(main.app, command.split())
        assert outcome.exit_code == 0, outcome.output
        document = json.loads(outcome.stdout)
        assert document.get("potential", document["parameters"].get("potential")) == "counting"
    record = gardner.read(tmp_path / "mc.nc")
    assert record.document()["beta"] == 1.5 and 0.0 < record.data["energy"].mean() < 4 * 4 * 2


def test_its_temperature_is_the_usual_one_where_none_is_given(registered):
    assert gardner.RandomSweep((1.0,), (1,), potential="counting").betas == (2.0,)


def test_without_registration_its_name_means_nothing():
    with pytest.raises(ValueError, match="potential = 'counting'"):
        gardner.RandomSweep((1.0,), (1,), potential="counting")
