"""Every picture that a figure makes in these tests is looked at with other eyes (`legibility`)."""

import sys

import pytest
from legibility import confusable

from gardner.figures.workspace import Picture

PENDING = {"gardner.figures.mc_relaxation": "ten layers in one look, their colours named by a legend and no colour bar"}


def maker() -> str:
    """The module of the figure that makes a picture."""
    frame = sys._getframe(1)
    while frame is not None and not frame.f_globals["__name__"].startswith("gardner.figures."):
        frame = frame.f_back
    return "" if frame is None else frame.f_globals["__name__"]


@pytest.fixture(scope="session", autouse=True)
def legible_pictures():
    """A figure whose lines cannot be told apart in grey or by colour-blind eyes fails where it is drawn."""
    original = Picture.__init__

    def looked_at(self, drawing, data=None):
        original(self, drawing, data)
        problems = confusable(drawing) if maker() not in PENDING else []
        assert not problems, "not legible in grey or for every eye: " + "; ".join(problems)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Picture, "__init__", looked_at)
        yield
