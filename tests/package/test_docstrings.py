"""`python -m pydoc gardner` tells a user what there is and how to call it."""

import ast
import dataclasses
import inspect
import pydoc
import re
from pathlib import Path

import pytest

import gardner
from gardner.doctor.equations import theory

PACKAGE = Path(gardner.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = sorted(set(gardner.__all__) - {"__version__"})
FUNCTIONS = [name for name in NAMES if inspect.isfunction(getattr(gardner, name))]
THEORY = theory()


def undocumented(source: str) -> list[str]:
    """The module, and its public functions and classes, that have no docstring."""
    tree = ast.parse(source)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    public = [node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]
    missing = [] if ast.get_docstring(tree) else ["module"]
    return missing + [node.name for node in public if not ast.get_docstring(node)]


def test_every_module_and_its_public_functions_and_classes_have_docstrings():
    assert len(FILES) > 100
    missing = {str(path.relative_to(PACKAGE)): undocumented(path.read_text(encoding="utf-8")) for path in FILES}
    assert not {name: found for name, found in missing.items() if found}


def test_missing_docstrings_are_seen():
    source = '"""A module."""\n\ndef f():\n    """Yes."""\n\ndef g(): ...\n\nclass C: ...\n\ndef _h(): ...\n'
    assert undocumented(source) == ["g", "C"]
    assert undocumented("x = 1\n") == ["module"]


@pytest.mark.parametrize("name", [name for name in NAMES if inspect.isclass(getattr(gardner, name))])
def test_public_classes_document_themselves_and_what_is_called_on_them(name):
    """A dataclass whose docstring was left out shows its own signature instead."""
    value = getattr(gardner, name)
    assert value.__doc__ and not value.__doc__.startswith(f"{value.__name__}(")
    for member, thing in vars(value).items():
        if member.startswith("_") or not isinstance(thing, property | staticmethod | classmethod | type(undocumented)):
            continue
        assert inspect.getdoc(thing), f"{name}.{member}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_public_functions_explain_their_parameters_and_errors(name):
    """Every parameter is named in the text, and so is what is raised."""
    function = getattr(gardner, name)
    text = inspect.getdoc(function)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD:
            assert re.search(rf"\b{parameter.name}\b", text), f"{name}: {parameter.name} is not explained"
    assert "Error" in text or "InterruptedRun" in text, f"{name}: what does it raise?"


def sections(text: str) -> dict[str, list[str]]:
    """Sections of a docstring in the form of numpydoc: title → names, or types, that are told of."""
    found = re.split(r"^(\w+)\n-{3,}\n", text, flags=re.M)[1:]
    heads = [re.findall(r"^(\S.*)$", body, flags=re.M) for body in found[1::2]]
    return dict(zip(found[::2], heads))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_public_functions_tell_parameters_returns_and_errors_in_sections(name):
    function = getattr(gardner, name)
    told, signature = sections(inspect.getdoc(function)), inspect.signature(function)
    named = [part.strip("* ") for head in told["Parameters"] for part in head.partition(" : ")[0].split(",")]
    assert sorted(named) == sorted(signature.parameters)
    assert told["Raises"] and (told.get("Returns") or name == "save")


CLASSES = [name for name in NAMES if dataclasses.is_dataclass(getattr(gardner, name))]


@pytest.mark.parametrize("name", CLASSES)
def test_public_classes_tell_all_of_their_fields_in_a_section(name):
    """Parameters of what functions are given, Attributes of what they return."""
    told = sections(inspect.getdoc(getattr(gardner, name)))
    heads = told.get("Parameters") or told["Attributes"]
    named = [part.strip() for head in heads for part in head.partition(" : ")[0].split(",")]
    assert sorted(named) == sorted(field.name for field in dataclasses.fields(getattr(gardner, name)))


def test_sections_of_the_theory_chapter_that_are_cited_exist():
    headings = set(re.findall(r"^#+ (\d+(?:\.\d+)?)\.? ", THEORY, flags=re.M))
    texts = [path.read_text(encoding="utf-8") for path in (*FILES, *PACKAGE.glob("*.md"), *PACKAGE.glob("*.csv"))]
    cited = set()
    for text in texts:
        for group in re.findall(r"THEORY\s+(?:sections?\s+)?(\d[\d., and]*)", text):
            cited |= set(re.findall(r"\d+(?:\.\d+)?", group))
    assert {"9", "12.8", "15"} < cited <= headings


def test_pydoc_of_the_package_names_every_entry_point():
    text = pydoc.plain(pydoc.render_doc("gardner"))
    for name in NAMES:
        assert re.search(rf"\b{name}\b", text), name
    description = gardner.__doc__
    for name in FUNCTIONS:
        assert re.search(rf"^    .*\b{name}\b", description, flags=re.M), f"{name} has no line in the package docstring"
    assert "k_B = 1" in description and "TUTORIAL.md" in description and "THEORY.md" in description


@pytest.mark.parametrize("name", NAMES)
def test_pydoc_renders_every_public_name(name):
    shown = pydoc.plain(pydoc.render_doc(f"gardner.{name}"))
    first = inspect.getdoc(getattr(gardner, name)).splitlines()[0]
    assert first in shown
