"""Every command and every Python example of the README runs as printed."""

import re
import shlex
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_commands_of_the_table_run(cli):
    commands = re.findall(r"^\| `gardner ([^`]+)`", README, flags=re.M)
    assert len(commands) >= 3
    first = next(c for c in re.findall(r"bin/gardner (solve random [^\n`]+)", README))
    assert cli(*shlex.split(first)).code == 0, first
    for command in commands:
        outcome = cli(*shlex.split(command))
        assert outcome.code == 0, (command, outcome.err)
        assert outcome.out


def test_python_example_runs(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.S)
    exec(compile(example, "README.md", "exec"), {})
    assert "converged" in capsys.readouterr().out


def test_links_of_the_readme_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (Path(__file__).parents[2] / target).exists(), target
