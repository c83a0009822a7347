"""Figures for readers in grey and for the colour-blind: the check that every drawn figure passes finds what it is for.

`conftest` applies it to each picture that a figure makes in these tests; here it is given pictures it must refuse.
"""

from pathlib import Path

import numpy as np
import pytest
from legibility import EYES, apart, confusable, crowded, lab

from gardner.figures import FIGURES
from gardner.figures.workspace import Picture
from gardner.plotting import style

FOLDER = Path(__file__).parent


def two_lines(first: dict, second: dict):
    """A figure with two curves of these looks."""
    drawing, axis = style.figure()
    for look in (first, second):
        axis.plot([0.0, 1.0, 2.0], [0.0, 1.0, 3.0], **look)
    return drawing


def test_every_registered_figure_is_drawn_by_a_test():
    """Only what is drawn here is looked at."""
    text = "".join(path.read_text() for path in FOLDER.glob("test_*figure*.py"))
    missing = [name for name in FIGURES if f'"{name}"' not in text and name.replace("-", "_") not in text]
    assert not missing, f"no test draws {', '.join(missing)}"


@pytest.mark.parametrize(
    "first, second",
    [
        ({"color": "tab:red"}, {"color": "tab:green"}),  # alike for deuteranopes
        ({"color": "#0000ff"}, {"color": "#8000ff"}),  # blue and violet: alike for protanopes
        ({"color": "0.50"}, {"color": "0.52"}),
        ({"color": "tab:red", "ls": "--"}, {"color": "tab:green", "ls": "--"}),
        ({"color": "tab:red", "ls": "none", "marker": "o"}, {"color": "tab:green", "ls": "none", "marker": "o"}),
        ({"color": "k", "label": "theory"}, {"color": "k", "label": "experiment"}),
    ],
)
def test_lines_that_somebody_takes_for_one_another_are_found(first, second):
    drawing = two_lines(first, second)
    assert confusable(drawing)
    with pytest.raises(AssertionError, match="not legible"):
        Picture(drawing)


@pytest.mark.parametrize(
    "first, second",
    [
        ({"color": "tab:red"}, {"color": "tab:green", "ls": "--"}),
        ({"color": "tab:red", "marker": "o"}, {"color": "tab:green", "marker": "s"}),
        ({"color": "k", "marker": "o"}, {"color": "k", "marker": "o", "mfc": "w"}),
        ({"color": "0.3"}, {"color": "0.6"}),
    ],
)
def test_dash_marker_filling_or_lightness_tells_lines_apart(first, second):
    assert not confusable(two_lines(first, second))


def test_keys_of_a_legend_that_only_their_hue_tells_apart_are_found():
    drawing, axis = style.figure()
    for number, colour in enumerate(("tab:red", "tab:green")):
        axis.bar(number, 1.0, color=colour, label=colour)
    axis.legend()
    assert confusable(drawing)


def test_numbers_along_an_axis_that_touch_are_found():
    drawing, axis = style.figure(width=1.0)
    axis.set_xticks([0.25, 0.5, 0.75], ["-1.25", "-1.00", "-0.75"])
    assert crowded(drawing) and crowded(drawing)[0].startswith("panel 0: -1.25 and -1.00")
    with pytest.raises(AssertionError, match="numbers touch"):
        Picture(drawing)
    axis.set_xticks([0.25, 0.75], ["-1", "0"])
    assert not crowded(drawing)


@pytest.mark.parametrize("count", range(2, 10))
def test_the_colours_of_layers_are_told_apart_as_far_as_nine(count):
    colours = style.layer_colours(count)
    assert all(apart(one, other) for i, one in enumerate(colours) for other in colours[:i])
    assert (np.diff([lab(colour)[0] for colour in colours]) > 0.0).all()  # an order also in grey


def test_colours_of_reference():
    """Grey is grey for everybody; CIELAB of pure red and of white."""
    for eye in (None, *EYES):
        assert np.abs(lab("0.5", eye)[1:]).max() < 0.5
    np.testing.assert_allclose(lab("#ff0000"), [53.24, 80.09, 67.20], atol=0.1)
    np.testing.assert_allclose(lab("white"), [100.0, 0.0, 0.0], atol=0.1)
    assert np.linalg.norm(lab("#ff0000", "deuteranope") - lab("#ff0000")) > 50.0
