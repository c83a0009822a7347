"""Where each equation of the theory lives in the code: an index made from docstrings and comments.

    python -m gardner.doctor.equations > gardner/EQUATIONS.md

A label is one of the letters of FAMILIES and a number, in round brackets that several labels may share. It belongs to
the function or class whose docstring or comment cites it, and to the module if it stands outside of both.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from pathlib import Path

import gardner

PACKAGE = Path(gardner.__file__).parent
CHAPTERS = PACKAGE / "docs" / "theory"  # one page for each section
FAMILIES = {
    "T": "theory: model, saddle points, transitions, liquid (sections 1–7, 14)",
    "C": "capacity, optimised m, counting (sections 12, 15)",
    "F": "one unit at finite connectivity (section 14.2)",
    "G": "gap distributions (section 11.10)",
    "M": "message passing (section 18)",
    "P": "penetration (section 15)",
    "U": "ultrametric tree (section 7)",
}
LABEL = rf"[{''.join(FAMILIES)}]\d+"
TAG = re.compile(rf"\\tag\{{({LABEL})\}}")  # of an equation of the theory
_GROUP = re.compile(rf"\(({LABEL}(?:(?:, | and |–){LABEL})*)[),;:]")
_HEADER = """# Where the equations live

Made by `python -m gardner.doctor.equations` from the docstrings and comments of the package; a test keeps it current.
The equations themselves stand in [docs/theory](docs/theory/index.md).
"""


def theory() -> str:
    """The text of all sections."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(CHAPTERS.glob("*.md")))


def labels(text: str) -> list[str]:
    """The labels cited in a text, in order, each as often as it occurs."""
    return [label for first, last in cited_groups(text) for label in re.findall(LABEL, text[first:last])]


def cited_groups(text: str) -> list[tuple[int, int]]:
    """Where labels stand together in round brackets: the first and the last place of each group, without brackets."""
    return [found.span(1) for found in _GROUP.finditer(text)]


def pages() -> dict[str, str]:
    """label → the page of the theory, relative to the package, on which the equation is set."""
    return {
        label: path.relative_to(PACKAGE).as_posix()
        for path in sorted(CHAPTERS.glob("*.md"))
        for label in TAG.findall(path.read_text(encoding="utf-8"))
    }


def places(source: str) -> dict[str, list[str]]:
    """label → names of the functions and classes of a source text that cite it, "" for its module."""
    spans = [(1, source.count("\n") + 1, "")]  # first line, last line, name; inner ones come later
    texts = []  # line, text of a docstring or comment

    def walk(node: ast.AST, name: str) -> None:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if not isinstance(node, ast.Module):
                name = f"{name}.{node.name}".lstrip(".")
                spans.append((node.lineno, node.end_lineno, name))
            if ast.get_docstring(node, clean=False) is not None:
                texts.append((node.body[0].lineno, ast.get_docstring(node, clean=False)))
        for child in ast.iter_child_nodes(node):
            walk(child, name)

    walk(ast.parse(source), "")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            texts.append((token.start[0], token.string))

    found: dict[str, list[str]] = defaultdict(list)
    for line, text in sorted(texts):
        owner = [name for first, last, name in spans if first <= line <= last][-1]
        for label in labels(text):
            if owner not in found[label]:
                found[label].append(owner)
    return found


def index(package: Path = PACKAGE) -> dict[str, dict[str, list[str]]]:
    """label → file, relative to the package → names in it; labels by family and number, files by name."""
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for path in sorted(package.rglob("*.py")):
        for label, names in places(path.read_text(encoding="utf-8")).items():
            found[label][path.relative_to(package).as_posix()] = names
    order = list(FAMILIES)
    ranked = sorted(found, key=lambda label: (order.index(label[0]), int(label[1:])))
    return {label: found[label] for label in ranked}


def document(package: Path = PACKAGE) -> str:
    """The index as Markdown."""
    lines, family, page = [_HEADER], None, pages()
    for label, files in index(package).items():
        if label[0] != family:
            family = label[0]
            lines += [f"\n## {family}: {FAMILIES[family]}\n"]
        entries = [f"{file}: {', '.join(f'`{name}`' if name else 'module' for name in names)}"
                   for file, names in files.items()]  # fmt: skip
        shown = f"[({label})]({page[label]})" if label in page else f"({label})"
        lines.append(f"- **{shown}** {'; '.join(entries)}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(document())
