"""Structured inputs and outputs: nested quadrature, the limit of fixed patterns, what propagates."""

import numpy as np
import pytest
from oracles_structured import one_step_chain

import gardner
from gardner.boundaries import StepFunction, boundary_overlaps, merged_grid, parse
from gardner.model import uniform_parisi


@pytest.mark.parametrize(
    "depth, inputs, outputs",
    [(2, (0.3, 0.8), (1.0, 1.0)), (3, (0.3, 0.8), (0.5, 0.9)), (2, (0.0, 0.9), (1.0, 1.0))],
)
def test_one_step_structured_boundaries_equal_nested_quadrature(depth, inputs, outputs):
    m, alpha = 0.4, 12.0
    q, big_q = one_step_chain(alpha, depth, m, np.array(inputs), np.array(outputs))
    solution = gardner.solve_random(
        alpha, depth, 0, input_overlap=StepFunction(inputs, (m,)), output_overlap=StepFunction(outputs, (m,))
    )
    assert solution.status == "converged" and solution.setting.parisi == (m,)
    assert np.abs(solution.q_li - q).max() < 1e-8 and np.abs(solution.Q_li - big_q).max() < 1e-8
    assert q[1].max() > 0.05
    fixed = gardner.solve_random(alpha, depth, parisi=(m,))
    assert np.abs(fixed.q_li[1] - q[1]).max() > 1e-3  # ignoring the structure would be seen


def test_fixed_patterns_are_the_limit_of_structured_ones():
    """q(0) = 1 - ε: the distance to the solution of fixed inputs is linear in ε."""
    fixed = gardner.solve_random(8, 3, 4)
    distances = []
    for eps in (1e-2, 1e-3, 1e-4):
        near = gardner.solve_random(8, 3, 4, input_overlap=StepFunction((1.0 - 2.0 * eps, 1.0 - eps), (0.4,)))
        assert near.status == "converged"
        distances.append(np.abs(near.q_li[1:] - fixed.q_li[1:]).max() / eps)
    assert distances[2] == pytest.approx(distances[1], rel=0.02)
    assert 0.05 < distances[2] < 20.0
    same = gardner.solve_random(8, 3, 4, input_overlap=StepFunction((1.0,)))
    assert np.array_equal(same.q_li, fixed.q_li)


def test_uncorrelated_inputs_teach_the_first_layer_nothing():
    """q(0) = 0: patterns that are fresh in every replica; bond layer 1 stays liquid, the output side does not."""
    solution = gardner.solve_random(20, 4, 6, input_overlap=StepFunction((0.0,)))
    assert solution.status == "converged"
    assert solution.Q_li[0].max() < 1e-9
    assert solution.q_ea[3] > 0.1


def test_the_hierarchy_of_the_input_is_lost_from_its_coarse_end():
    """α = 30, input 0.3, 0.6, 0.9: layer 1 no longer sees the coarsest level, layer 2 only the finest: renormalization.

    Both jump where the input does, and by less the deeper they lie.
    """
    solution = gardner.solve_random(30, 5, 8, input_overlap=StepFunction((0.3, 0.6, 0.9), (0.3, 0.6)))
    assert solution.status == "converged" and {0.3, 0.6} <= set(solution.setting.parisi)
    start = solution.setting.m[:-1]
    fine, middle = start >= 0.6, (start >= 0.3) & (start < 0.6)
    q = solution.q_li
    assert q[1, start < 0.3].max() < 1e-9 and q[2, start < 0.6].max() < 1e-9
    assert q[1, middle].min() > 0.09 and np.ptp(q[1, middle]) < 1e-6
    assert q[1, fine][0] - q[1, middle][-1] > 0.25 and q[2, fine][0] > 0.03
    assert q[0, -1] > q[1, -1] > q[2, -1]


def test_input_and_output_structure_are_mirror_images_in_the_symmetric_closure():
    f = StepFunction((0.4, 0.9), (0.3,))
    forward, backward = (
        gardner.solve_random(15, 3, 3, input_overlap=f),
        gardner.solve_random(15, 3, 3, output_overlap=f),
    )
    assert np.abs(forward.q_li - backward.q_li[::-1]).max() < 1e-8
    assert np.abs(forward.Q_li - backward.Q_li[::-1]).max() < 1e-8


def test_breakpoints_are_merged_into_the_grid():
    f, g = StepFunction((0.2, 0.5, 0.9), (0.3, 0.7)), StepFunction((0.1, 1.0), (0.5 + 1e-12,))
    grid, inputs, outputs = boundary_overlaps(uniform_parisi(3), f, g)
    assert grid == pytest.approx((0.25, 0.3, 0.5, 0.7, 0.75)) and len(grid) == 5
    assert inputs == (0.2, 0.2, 0.5, 0.5, 0.9, 0.9)
    assert outputs == (0.1, 0.1, 0.1, 1.0, 1.0, 1.0)
    assert merged_grid((0.5,), None) == (0.5,)
    with pytest.raises(ValueError, match="increase"):
        merged_grid((0.5, 0.4), f)  # sorting would hide a mistake
    assert boundary_overlaps((0.5,), None, None) == ((0.5,), None, None)


def test_step_functions_are_written_in_one_line_or_in_a_file(tmp_path):
    expected = StepFunction((0.2, 0.5, 0.9), (0.3, 0.7))
    assert parse("input-overlap", "0.2,0.5,0.9@0.3,0.7") == expected
    (tmp_path / "steps.txt").write_text("# x  q\n0 0.2\n0.3, 0.5\n\n0.7 0.9  # last\n")
    assert parse("input-overlap", str(tmp_path / "steps.txt")) == expected
    assert parse("input-overlap", "0.8") == StepFunction((0.8,))


@pytest.mark.parametrize(
    "text",
    ["", "0.2,0.5", "0.5,0.2@0.3", "0.2,1.1@0.3", "0.2,0.5@1.2", "0.2,0.5,0.6@0.7,0.3", "a@b", "nan", "missing.txt"],
)
def test_impossible_step_functions_are_refused(text):
    with pytest.raises(ValueError, match="input-overlap"):
        parse("input-overlap", text)


@pytest.mark.parametrize("content", ["", "0.1 0.2\n", "0 0.2 0.3\n", "0 x\n"])
def test_impossible_files_are_refused(tmp_path, content):
    (tmp_path / "steps.txt").write_text(content)
    with pytest.raises(ValueError, match=r"steps\.txt"):
        parse("input-overlap", str(tmp_path / "steps.txt"))
