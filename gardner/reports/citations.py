"""What to cite for a result: the package, the paper, and the sources that its kind names.

The sources are those of docs/literature.bib. The module of a kind of result names them by key, as in [G88].
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

import gardner

BIBLIOGRAPHY = Path(gardner.__file__).parent / "docs" / "literature.bib"
PAPER = "Y20"  # what the package implements


def read_bibliography(path: Path = BIBLIOGRAPHY) -> dict[str, dict[str, str]]:
    """key → fields of each entry of a BibTeX file; every value stands on one line, in braces."""
    found, text = {}, path.read_text(encoding="utf-8")
    for key, body in re.findall(r"^@\w+\{(\w+),\n(.*?)^\}", text, flags=re.M | re.S):
        found[key] = dict(re.findall(r"^\s*(\w+) = \{(.*)\},?$", body, flags=re.M))
    return found


def describe(entry: dict[str, str]) -> tuple[str, str, str]:
    """Authors, title, and where it appeared with the year and what is to be said about it."""
    place = (entry.get(name) for name in ("journal", "volume", "pages", "eprint", "year"))
    where = ", ".join(part for part in place if part)
    return entry["author"].replace(" and ", ", "), entry["title"], f"{where}. {entry.get('note', '')}".strip()


def citations(result) -> list[str]:
    """The package, then the sources of this result, the paper first: each as one line."""
    entries, told = read_bibliography(), inspect.getsource(sys.modules[type(result).__module__])
    named = [key for key in entries if f"[{key}]" in told and key != PAPER]
    version = result.header.version or gardner.__version__
    lines = [f"The gardner developers, gardner {version}: Gardner volumes of deep perceptrons."]
    for key in (PAPER, *named):
        authors, title, where = describe(entries[key])
        lines.append(f"{authors}, {title}, {where}")
    return lines
