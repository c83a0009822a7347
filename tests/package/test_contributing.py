"""The examples of CONTRIBUTING.md run as printed, and what it says of the tests is what CI does."""

import re
from pathlib import Path

import pytest

from gardner.registry import Registry

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (.*?)\n(.*?)(?=^##|\Z)", TEXT, flags=re.M | re.S))
EXAMPLES = {title: re.findall(r"```python\n(.*?)```", text, flags=re.S) for title, text in SECTIONS.items()}


@pytest.fixture
def registered(monkeypatch):
    """The parts that an example registers; they are taken out again."""
    added, register = [], Registry.register

    def noted(registry, name, part):
        register(registry, name, part)
        added.append((registry, name))

    monkeypatch.setattr(Registry, "register", noted)
    yield added
    for registry, name in added:
        registry.unregister(name)


def test_every_kind_of_part_has_an_example():
    kinds = [title.removeprefix("A ").lower() for title in EXAMPLES]
    assert set(kinds) == {"closure", "prior", "potential", "figure"}
    assert all(EXAMPLES.values())


@pytest.mark.parametrize("title", EXAMPLES)
def test_the_example_runs_and_registers_its_part(title, registered, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "example"}
    for code in EXAMPLES[title]:
        assert len(code.splitlines()) < 60
        exec(compile(code, f"CONTRIBUTING.md, {title}", "exec"), namespace)
    assert registered


def test_the_commands_are_those_of_ci():
    steps = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    (block,) = [block for block in re.findall(r"```sh\n(.*?)```", TEXT, flags=re.S) if "pytest" in block]
    assert len(block.splitlines()) == 3 and set(block.splitlines()) <= set(steps)


def test_links_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert target.startswith("http") or (ROOT / ".github" / target).exists(), target
