"""Pictures of the field theory show what they are given."""

from types import SimpleNamespace

import numpy as np
import pytest

from gardner.analysis.field_theory import PropagatorPoints, goldstone_surface, potential_curves, propagator_curves
from gardner.fieldtheory.linear_net import Architecture
from gardner.fieldtheory.potential import SymmetryBreaking
from gardner.fieldtheory.verdicts import Claim, student_false_alarm
from gardner.fieldtheory.weight_runs import WeightScan
from gardner.fieldtheory.zero_modes import zero_modes
from gardner.plotting.fieldtheory import (
    goldstone_figure,
    potential_figure,
    propagators_figure,
    save_with_table,
)
from gardner.plotting.fieldtheory_measured import cumulant_figure, hessian_figure, learning_rate_figure

THEORY = SymmetryBreaking(1.0, 1.0, 3)


def test_potential_shows_two_minima_below_and_one_above():
    (axis,) = potential_figure(potential_curves(THEORY, (1.0, 3.0))).axes
    minima = [line for line in axis.lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in minima] == [2, 1]


def test_surface_needs_a_broken_symmetry():
    assert goldstone_figure(goldstone_surface(THEORY, 1.0)).axes
    with pytest.raises(ValueError, match="η_c"):
        goldstone_surface(THEORY, 2.5)


def test_propagators_show_exact_quoted_and_measured_ones(tmp_path):
    curves = propagator_curves(THEORY, 1.0, 0.5)
    assert [curve.dash for curve in curves] == ["-", "-", "--", "--"]
    points = [PropagatorPoints("measured", np.arange(3), np.array([0.5, 0.2, -0.1]), np.full(3, 0.01))]
    drawing = propagators_figure(curves, points)
    assert len(drawing.axes[0].containers) == 1
    save_with_table(drawing, tmp_path / "p.svg", {"t": curves[0].t, "name": ["σ"]})
    table = (tmp_path / "p.csv").read_text().splitlines()
    assert table[0] == "t,name" and table[1] == "0,σ" and len(table) == 162


def test_hessian_rows_carry_the_counts():
    results = [zero_modes(Architecture((2, 3, 2))), zero_modes(Architecture((3, 2, 3)))]
    (axis,) = hessian_figure(results).axes
    assert [text.get_text() for text in axis.texts] == ["8 / 8", "4 / 4"]


def test_learning_rate_leaves_out_what_diverged_and_cumulants_mark_the_crossing():
    rates = np.array([0.5, 1.0, 3.0])
    scan = WeightScan("gd", rates, np.array([1.0, 0.9, np.nan]), np.zeros(3), rates, rates, np.array([0.0, 0.0, 1.0]))
    (axis,) = learning_rate_figure(THEORY, [scan]).axes
    assert len(axis.containers[0].lines[0].get_xdata()) == 2

    def lattice(mass2, value):
        return SimpleNamespace(
            lattice=SimpleNamespace(mass2=mass2), cumulant=SimpleNamespace(value=np.array(value), error=np.array(0.01))
        )

    rows = {4: [lattice(m, 0.4) for m in (-1.0, -0.9)], 8: [lattice(m, 0.5) for m in (-1.0, -0.9)]}
    report = SimpleNamespace(
        plan=SimpleNamespace(sizes=(4, 8)), at=rows.get, crossings=[SimpleNamespace(mass2=-0.95, error=0.01)]
    )
    (axis,) = cumulant_figure(report).axes
    assert len(axis.containers) == 2 and axis.patches


def test_verdict_counts_in_errors_or_in_plain_units():
    assert Claim("x", 1.2, 1.0, 0.1, 5, "runs").agrees
    assert not Claim("x", 1.4, 1.0, 0.1, 5, "runs").agrees
    assert not Claim("x", 3.0, 2.0, 0.0, 5, "nets", tolerance=0.5).agrees
    assert Claim("x", 3.0, 2.0, 0.5, 5, "nets").document()["deviation"] == pytest.approx(2.0)
    assert not Claim("x", float("nan"), 2.0, 0.5, 5, "nets").agrees
    assert student_false_alarm(3.0, 10**6) == pytest.approx(0.0027, rel=1e-2)
