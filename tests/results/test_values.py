"""Results are equal by value, both kinds of solution go through files, and slices of a sweep are sweeps."""

import dataclasses
import importlib
import inspect
import pkgutil
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import gardner
from gardner.analysis.layer_transitions import check_sweep, from_sweep
from gardner.analysis.sweep import hysteresis, summary, with_all_axes
from gardner.errors import FileFormatError
from gardner.montecarlo.report import document
from gardner.runtime import main_guard
from gardner.values import ByValue, same

WORKING = {  # modules whose arrays are the state of a computation, and no results
    "gardner.messages.passing",
    *(f"gardner.theory.{name}"
    for name in ("chain", "jammed.base", "jammed.chain", "parisi.axis", "parisi.flow", "parisi.plane_flow",
                 "planted.chain", "priors.spherical", "search.fixed_point", "search.monotone", "sectors.base",
                 "sectors.site", "transitions.random_fronts")),
}  # fmt: skip
WITH_ARRAYS = {  # results that hold arrays, by folder: so many at least, or the search for them is broken
    "results": 1, "statistics": 1, "theory": 6, "montecarlo": 5, "fieldtheory": 7, "perceptron": 4, "analysis": 17,
    "comparison": 11, "nets": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def solutions():
    return {
        "random": gardner.solve_random(6, 2, 3),
        "soft": gardner.solve_random(2, 1, 1, potential=gardner.SoftCore(5.0)),
        "planted": gardner.solve_planted(20, 4),
        "one branch": gardner.solve_planted(20, 2, "directed", branch="crystal", field=0.1),
    }


@pytest.mark.parametrize("kind", ["random", "soft", "planted", "one branch"])
def test_solutions_survive_a_file_and_equal_themselves(solutions, tmp_path, kind):
    solution = solutions[kind]
    gardner.save(solution, tmp_path / "run.nc")
    again = gardner.load(tmp_path / "run.nc")
    assert type(again) is type(solution) and again == solution and again.header == solution.header
    assert (again == solution) is True and (again != solution) is False
    assert replace(again, seconds=7.0) == solution  # time is no result
    assert again != replace(solution, parameters={})


def test_solutions_that_differ_are_not_equal(solutions):
    one = solutions["random"]
    q_li = one.q_li.copy()
    q_li[1, 1] += 1e-15
    assert one != replace(one, q_li=q_li) and one != replace(one, q_li=q_li[:, :2]) and one != solutions["planted"]
    assert one != 1 and one not in (None, "text") and one in [one]
    assert gardner.solve_sk(2.0, 3) == gardner.solve_sk(2.0, 3) != gardner.solve_sk(2.0, 4)
    failed = gardner.solve_random(10, 1, 1)
    assert np.isnan(failed.free_entropy) and failed == replace(failed, free_entropy=float("nan"))


@pytest.mark.parametrize(
    "a, b, equal",
    [
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), True),
        (np.array([1.0]), 1.0, False),
        (np.array(["a"]), np.array(["a"]), True),
        ({"x": [np.arange(3)]}, {"x": [np.arange(3)]}, True),
        ({"x": 1}, {"y": 1}, False),
        ((1, 2), [1, 2], False),
        (float("nan"), float("nan"), True),
        (None, np.arange(2), False),
    ],
)
def test_values_of_every_kind_are_compared(a, b, equal):
    assert same(a, b) is equal


def test_every_result_with_arrays_is_compared_by_value():
    """The comparison that dataclasses generate raises for arrays of more than one entry."""
    seen, working = Counter(), set()
    for module in pkgutil.walk_packages(gardner.__path__, "gardner."):
        if module.name.endswith("__main__"):
            continue
        for name, cls in vars(importlib.import_module(module.name)).items():
            if not (inspect.isclass(cls) and cls.__module__ == module.name and dataclasses.is_dataclass(cls)):
                continue
            if not any("ndarray" in str(field.type) for field in dataclasses.fields(cls)):
                continue
            if module.name in WORKING:
                working.add(module.name)
                continue
            assert issubclass(cls, ByValue) and cls.__eq__ is ByValue.__eq__, (module.name, name)
            seen[module.name.split(".")[1]] += 1
    assert set(seen) == set(WITH_ARRAYS) and working == WORKING
    assert all(seen[folder] >= count for folder, count in WITH_ARRAYS.items()), seen


def test_a_file_of_another_kind_is_no_solution(tmp_path):
    sweep = gardner.run_sweep(gardner.PlantedSweep((1.0,), (2,)), tmp_path / "parts")
    sweep.to_netcdf(tmp_path / "s.nc", engine="h5netcdf")
    with pytest.raises(FileFormatError, match=r"s\.nc: holds no solution; give a file of solve random or solve plan"):
        gardner.load(tmp_path / "s.nc")


# slices


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep")
    return gardner.run_sweep(gardner.PlantedSweep((1.0, 3.0, 8.0, 20.0, 40.0), (2, 4)), folder / "parts")


@pytest.mark.parametrize(
    "slices", [{"direction": "up"}, {"depth": 4}, {"depth": 4, "direction": "down"}, {"depth": 2, "alpha": 3.0}]
)
def test_a_slice_of_a_sweep_is_shown_as_the_sweep_is(sweep, tmp_path, slices):
    from gardner.analysis.sweep_data import SweepData

    part = sweep.sel(**slices)
    part.to_netcdf(tmp_path / "part.nc", engine="h5netcdf")
    import xarray as xr

    with xr.open_dataset(tmp_path / "part.nc", engine="h5netcdf") as read:
        dataset = read.load()
    SweepData(dataset).show()
    assert summary(dataset)["points"] == part["status"].size == summary(dataset)["converged"]
    whole = with_all_axes(dataset)
    assert whole["Q"].dims == sweep["Q"].dims and whole["m" if "m" in whole else "q"].dims == sweep["q"].dims
    kept = {name: [value] for name, value in slices.items()}
    assert whole["q"].identical(sweep.sel(**kept)["q"])
    assert bool(hysteresis(dataset)) == ("direction" not in slices and 4 in whole["depth"])
    if "up" in whole["direction"].values and "alpha" not in slices:
        assert from_sweep(check_sweep(dataset)) == from_sweep(check_sweep(sweep))


def test_a_slice_that_lost_its_place_is_refused(sweep):
    with pytest.raises(ValueError, match="a sweep without direction: keep the coordinate"):
        summary(sweep.sel(direction="up", drop=True))


# few sweeps


@pytest.mark.parametrize("weights", ["spherical", "binary"])
@pytest.mark.parametrize("sweeps", [1, 5, 21])
def test_runs_of_fewer_sweeps_than_points_have_one_block_a_sweep(sweeps, weights):
    settings = gardner.MonteCarloSettings(8, 1, 1.0, weights=weights, sweeps=sweeps, samples=2, fresh=10)
    assert settings.points == min(20, sweeps)
    body = document(gardner.run_monte_carlo(settings))
    assert not body["equilibrated"] and 0.0 <= body["layers"][1]["Q"]["replica"]["raw"]["mean"] <= 1.0


# the guard of scripts


@pytest.mark.parametrize(
    "script, refused",
    [
        ("check()\n", True),
        ("def main():\n    check()\n\nmain()\n", True),
        ('if __name__ == "__main__":\n    check()\n', False),
        ('def main():\n    check()\n\nif __name__ == "__main__":\n    main()\n', False),
        ("for x in range(2):\n    check()\n", True),
    ],
)
def test_scripts_without_a_guard_are_recognised(tmp_path, monkeypatch, script, refused):
    path = tmp_path / "script.py"
    path.write_text(script, encoding="utf-8")
    monkeypatch.setattr(sys.modules["__main__"], "__file__", str(path), raising=False)
    space = {"__name__": "__main__", "check": main_guard.check_main_guard}
    code = compile(Path(path).read_text(), str(path), "exec")
    if refused:
        with pytest.raises(ValueError, match=r"script\.py, line \d: several workers"):
            exec(code, space)
    else:
        exec(code, space)
