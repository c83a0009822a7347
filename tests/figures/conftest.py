"""Every picture that a figure makes in these tests is looked at with other eyes (`legibility`)."""

import pytest
from legibility import confusable, crowded

from gardner.figures.workspace import Picture


@pytest.fixture(scope="session", autouse=True)
def legible_pictures():
    """A figure whose lines cannot be told apart in grey or by colour-blind eyes, or whose numbers touch, fails."""
    original = Picture.__init__

    def looked_at(self, drawing, data=None):
        original(self, drawing, data)
        problems = confusable(drawing)
        assert not problems, "not legible in grey or for every eye: " + "; ".join(problems)
        problems = crowded(drawing)
        assert not problems, "numbers touch: " + "; ".join(problems)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Picture, "__init__", looked_at)
        yield
