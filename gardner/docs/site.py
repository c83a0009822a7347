"""What Sphinx calls when it builds the site: parts are put in, sources linked, docstrings read as they are written."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from gardner.docs.markdown import relink
from gardner.docs.pages import SHOWN, anchor_of, cite, complete
from gardner.reports.citations import read_bibliography

MATHJAX = "tex-svg-full.js"  # one file, which needs no fonts and loads nothing


def mathjax_file() -> Path:
    """The script that sets the mathematics, of the package django-static-mathjax, which holds nothing but MathJax."""
    found = find_spec("mathjax")
    folders = list(found.submodule_search_locations or ()) if found else []
    paths = [Path(folder) / "static" / "mathjax" / "es5" / MATHJAX for folder in folders]
    for path in paths:
        if path.is_file():
            return path
    raise FileNotFoundError(f"{MATHJAX}: not found; install the extra `docs`, as in pip install -e '.[docs]'")


def fill_page(app, docname: str, source: list[str]) -> None:
    """Parts of a page put in, [Y20] linked to the literature."""
    page = Path(app.srcdir) / f"{docname}.md"
    text = complete(relink(source[0], page, page, SHOWN), page)
    source[0] = text if docname == "literature" else cite(text, read_bibliography())


def filled_pages(app, env, *changes) -> list[str]:
    """Pages into which parts are put: read every time, for what changes is the program, or the README."""
    return [name for name in env.found_docs if "{insert}" in Path(env.doc2path(name)).read_text(encoding="utf-8")]


def quote_docstring(app, what, name, thing, options, lines: list[str]) -> None:
    """Docstrings quote code with one backtick, use | * _ as physicists do, and cite sources as [Y20]."""
    source = re.compile(rf"\[({'|'.join(read_bibliography())})\]")

    def quoted(piece: str) -> str:
        if piece.startswith("`"):
            return f"`{piece}`"
        plain = re.sub(r"([*|\\])|(_)(?!\w)", r"\\\1\2", piece)
        return source.sub(lambda found: f":ref:`[{found[1]}] <{anchor_of(found[1])}>`", plain)

    lines[:] = ["".join(map(quoted, re.split(r"(`[^`]*`)", line))) for line in lines]


def setup(app) -> dict:
    """The hooks of this extension."""
    app.connect("env-get-outdated", filled_pages)
    app.connect("source-read", fill_page)
    app.connect("autodoc-process-docstring", quote_docstring, priority=100)  # before numpydoc's sections are read
    return {"parallel_read_safe": True, "parallel_write_safe": True}
