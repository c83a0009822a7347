"""Options of commands that stand for the fields of settings."""

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from gardner.cli.options import Fields, with_fields
from gardner.fields import described
from gardner.model import positive


@dataclass(frozen=True)
class Oven:
    """A settings class of five kinds of fields."""

    mark: float = described("How hot.")
    loaves: tuple[int, ...] = described("Which loaves.", (1, 2), text="1,2")
    minutes: float = described("How long.", 60.0, flag="time", text="1h", read=lambda text: 60.0 * float(text[:-1]))
    tolerance: float = described("How exact.", 1e-3, flag="tol")
    hidden: int = 7

    def __post_init__(self):
        positive("tolerance", self.tolerance)


@pytest.fixture
def bake():
    """A command of ovens: what it was called with, or its exception."""
    app, calls = typer.Typer(rich_markup_mode=None), []

    @app.command()
    @with_fields
    def command(*, oven: Annotated[dict, Fields(Oven, tolerance=0.5)], fan: bool = False):
        """Bakes."""
        calls.append((oven, Oven(**oven), fan))

    def call(*words):
        result = CliRunner().invoke(app, words)
        return calls[-1] if result.exit_code == 0 and calls else result

    return call


def test_fields_become_options_with_their_defaults_and_texts(bake):
    given, oven, fan = bake("--mark", "4")
    assert given == {"mark": 4.0, "loaves": (1, 2), "minutes": 60.0, "tolerance": 0.5} and not fan
    assert oven == Oven(4.0, tolerance=0.5)
    _, oven, fan = bake("--mark", "5", "--loaves", "3,4", "--time", "2h", "--tol", "0.1", "--fan")
    assert oven == Oven(5.0, (3, 4), 120.0, 0.1) and fan


def test_help_shows_what_the_fields_say_and_nothing_else(bake):
    text = bake("--help").output
    for words in ("--mark", "How hot.", "[required]", "--loaves", "[default: 1,2]", "--time", "[default: 1h]", "--tol"):
        assert words in text
    assert "hidden" not in text and "--tolerance" not in text and "--oven" not in text


def test_errors_name_the_option_where_the_library_names_the_field(bake):
    assert str(bake("--mark", "4", "--tol", "-1").exception) == "tol = -1.0: must be greater than 0"
    assert "loaves = 'x': must be whole numbers" in str(bake("--mark", "4", "--loaves", "x").exception)
    assert bake().exit_code == 2  # the mark is needed
