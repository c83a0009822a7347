"""β given to a potential without a temperature: refused in the same words by the library and by every command."""

import pytest
from typer.testing import CliRunner

import gardner
from gardner.cli import main
from gardner.potentials import POTENTIALS, choose_potential

WORDS = "beta = 3.0: the hard core has no temperature; leave beta out, or choose the potential soft or hinge"
COMMANDS = (
    "solve random --alpha 1 --depth 1 --potential hard --beta 3",
    "sweep random --alpha 1 --depth 1 --potential hard --beta 3 --out s.nc",
    "mc random --alpha 1 --depth 1 --width 4 --potential hard --beta 3",
    "mc planted --alpha 1 --depth 1 --width 4 --beta 3",
    "compare liquid --alpha 1 --depth 2 --beta 3 --out r",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_refuse_a_superfluous_beta_in_the_same_words(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    outcome = CliRunner().invoke(main.app, command.split())
    assert str(outcome.exception) == WORDS and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "refuse",
    (
        lambda: choose_potential("hard", 0.0, 3.0),
        lambda: gardner.RandomSweep((1.0,), (1,), potential="hard", betas=(3.0,)),
    ),
)
def test_the_library_does_too(refuse):
    with pytest.raises(ValueError) as refused:
        refuse()
    assert str(refused.value) == WORDS


@pytest.mark.parametrize("command", ("solve random", "sweep random", "mc random", "mc planted"))
def test_help_names_every_registered_potential(command):
    told = " ".join(CliRunner().invoke(main.app, [*command.split(), "--help"]).output.split())
    assert f"{', '.join(POTENTIALS.names[:-1])} or {POTENTIALS.names[-1]}." in told
