"""The figure that answers whether runs reach zero error shows what was measured, and the table beside it as well."""

import csv
import dataclasses

import numpy as np
import pytest

from gardner.montecarlo.binary_training import train
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.plotting.style import save_figure
from gardner.plotting.training import COLUMNS, write_table, zero_error


def test_curves_and_table_hold_the_measured_fractions(tmp_path):
    base = MonteCarloSettings((3,), 2, 1.0, weights="binary", sweeps=30, samples=3, seed=1)
    trainings = [
        train(dataclasses.replace(base, depth=depth, alpha=alpha), schedule)
        for depth in (2, 3)
        for alpha in (4.0, 1.0)
        for schedule in ("greedy", "annealed")
    ]
    figure = zero_error(trainings)
    assert len(figure.axes) == 2
    for axis, depth in zip(figure.axes, (2, 3)):
        curves = {bar.lines[0].get_linestyle(): bar.lines[0].get_xydata() for bar in axis.containers}
        for dash, schedule in (("-", "annealed"), ("--", "greedy")):
            chosen = [t for t in trainings if t.settings.depth == depth and t.schedule == schedule]
            expected = sorted((t.settings.alpha, t.success[0]) for t in chosen)
            assert curves[dash] == pytest.approx(np.array(expected))
    save_figure(figure, tmp_path / "zero.svg")
    assert (tmp_path / "zero.svg").stat().st_size > 1000
    write_table(trainings, tmp_path / "zero.csv")
    with open(tmp_path / "zero.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS and len(rows) == len(trainings)
    assert [float(row["success"]) for row in rows] == [t.success[0] for t in trainings]
