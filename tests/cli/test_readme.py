"""Commands and Python examples of the README, of the pages that list commands and names, and of the cluster run."""

import re
import shlex
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest
from command import run_here

from gardner.runtime.cluster import local_cluster

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "gardner" / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS, NAMES, CLUSTER = (
    (DOCS / page).read_text(encoding="utf-8") for page in ("commands/index.md", "api.md", "howto/cluster.md")
)


TABLE = re.findall(r"^\| `gardner ([^`]+)`", COMMANDS, flags=re.M)
(FIRST,) = re.findall(r"bin/gardner (solve random [^\n`]+)", README)
LONG = (
    "compare",
    "sweep random",
    "phase-diagram",
    "capacity --margin -0.5 --exponents",
)  # the same runs, or smaller ones, are tests of these commands


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """The run.nc of the first command, which others of the table read."""
    folder = tmp_path_factory.mktemp("first")
    outcome = run_here(folder, *shlex.split(FIRST))
    assert outcome.code == 0, outcome.err
    return folder / "run.nc"


@pytest.mark.parametrize(
    "command", [pytest.param(c, marks=pytest.mark.slow if c.startswith(LONG) else ()) for c in TABLE]
)
def test_commands_of_the_table_run(cli, solved, tmp_path, command):
    if " run.nc" in command:
        shutil.copy(solved, tmp_path)
    outcome = cli(*shlex.split(command))
    allowed = (0, 3) if command.startswith("compare") else (0,)  # so short a comparison may stay undecided
    assert outcome.code in allowed, outcome.err
    assert outcome.out


def claims_commands() -> list[str]:
    """The commands of the table of claims."""
    section = README.partition("## Claims of the paper, tested")[2].partition("\n## ")[0]
    return re.findall(r"`gardner ([^`]+)`", section)


QUICK = ("solve planted", "transitions planted --depth 6", "penetration planted", "solve random --alpha 6")
SMALLER = {
    "--connectivities": "6,8,10",
    "--widths": "96,128",
    "--budget": "90s",
}  # of a comparison, which takes minutes as shown


def test_quick_commands_of_the_claims_run(cli):
    commands = [command for command in claims_commands() if command.startswith(QUICK)]
    assert len(commands) >= 8
    for command in commands:
        outcome = cli(*shlex.split(command))
        assert outcome.code == 0 and outcome.out, (command, outcome.err)


@pytest.mark.slow
def test_other_commands_of_the_claims_run(cli):
    for command in claims_commands():
        if command.startswith(QUICK):
            continue
        arguments = shlex.split(command)
        if command.startswith("compare"):
            for option in set(SMALLER) & set(arguments):
                arguments[arguments.index(option) + 1] = SMALLER[option]
            arguments += ["--realisations", "200"] if arguments[1] == "liquid" else []
        outcome = cli(*arguments)
        assert outcome.code in ((0, 3) if command.startswith("compare") else (0,)), (command, outcome.err)


def python_examples(text):
    return re.findall(r"```python\n(.*?)```", text, flags=re.S)


def test_python_example_runs(capsys):
    (example,) = [text for text in python_examples(NAMES) if "solve_random" in text]
    exec(compile(example, "example.py", "exec"), {})
    assert "converged" in capsys.readouterr().out


def test_script_with_workers_runs_and_without_its_guard_is_refused_before_it_starts(tmp_path):
    (example,) = [text for text in python_examples(NAMES) if "__main__" in text]
    (tmp_path / "guarded.py").write_text(example, encoding="utf-8")
    bare = example.replace('if __name__ == "__main__":', "if True:")
    (tmp_path / "bare.py").write_text(bare, encoding="utf-8")

    def script(name):
        return subprocess.run([sys.executable, name], cwd=tmp_path, capture_output=True, text=True, timeout=120)

    done = script("bare.py")
    last = done.stderr.splitlines()[-1]
    assert (
        done.returncode == 1 and last.startswith("ValueError: bare.py, line 7: several workers") and "__main__" in last
    )
    assert len(done.stderr.splitlines()) < 20 and not (tmp_path / "sweep.parts").exists()
    done = script("guarded.py")
    assert done.returncode == 0 and "converged" in done.stdout, done.stderr


def test_cluster_example_starts_workers_and_prints_an_address(capsys, monkeypatch):
    """With a stand-in for the SLURM cluster, which no test machine has."""
    (example,) = [text for text in python_examples(CLUSTER) if "SLURMCluster" in text]
    asked = {}

    class SLURMCluster:
        scheduler_address = "tcp://10.0.0.1:8786"

        def __init__(self, **options):
            asked.update(options)

        def scale(self, jobs):
            asked["jobs"] = jobs

    monkeypatch.setitem(sys.modules, "dask_jobqueue", types.SimpleNamespace(SLURMCluster=SLURMCluster))
    monkeypatch.setattr("builtins.input", lambda prompt: "")
    exec(compile(example, "example.py", "exec"), {})
    address = capsys.readouterr().out.strip()
    assert f"--scheduler {address}" in CLUSTER
    assert (asked["cores"], asked["processes"], asked["jobs"]) == (1, 1, 40)


def test_cluster_command_runs_on_a_scheduler_with_smaller_numbers(cli, tmp_path):
    (command,) = re.findall(r"^gardner (sweep .*--scheduler .*)$", CLUSTER, flags=re.M)
    smaller = {"--alpha": "1:3:2", "--depth": "2,3", "--levels": "3"}
    arguments = shlex.split(command)
    with local_cluster(1) as cluster:
        for option, value in (smaller | {"--scheduler": cluster.scheduler_address}).items():
            arguments[arguments.index(option) + 1] = value
        outcome = cli(*arguments)
    assert outcome.code == 0, outcome.err
    assert (tmp_path / arguments[arguments.index("--out") + 1]).exists()


def test_no_command_is_shown_that_no_test_runs():
    inline = set(re.findall(r"`gardner ([^`\n]* --[^`\n]*)`", README + COMMANDS + NAMES + CLUSTER))
    assert inline - {"COMMAND --help"} <= set(TABLE) | set(claims_commands())
    blocks = [re.findall(r"^(?:.*bin/)?gardner (.*)$", text, flags=re.M) for text in (CLUSTER, README)]
    assert [len(found) for found in blocks] == [1, 1]
    assert "--scheduler" in blocks[0][0] and blocks[1][0].startswith("solve random")


def test_the_readme_is_short():
    """Three sentences, two commands, pictures, where to read on, the claims; what is longer stands on a page."""
    titles = re.findall(r"^## (.*)$", README, flags=re.M)
    assert titles == ["Two commands", "Documentation", "Claims of the paper, tested", "Cite", "Changelog"]
    assert len(README.partition("## Changelog")[0].splitlines()) < 100


def test_links_of_the_readme_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (Path(__file__).parents[2] / target).exists(), target
