"""Pieces of HTML: tables, values in words, and the Markdown in which comparisons tell their verdict."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

import numpy as np

from gardner.results.notebook import say_in_words

MOST_ROWS, MOST_COLUMNS = 40, 14  # of a table of numbers; what is larger is told by its size


def escape(text: object) -> str:
    """Text as it may stand in HTML, also inside an attribute."""
    return html.escape(str(text))


def table(rows: Iterable[Sequence[str]], head: Sequence[str] = ()) -> str:
    """A table of cells that are HTML already, which scrolls where the page is too narrow; "" without rows."""
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    top = "".join(f"<th>{cell}</th>" for cell in head)
    return f'<div class="wide"><table>{f"<tr>{top}</tr>" if top else ""}{body}</table></div>' if body else ""


def pairs(values: dict) -> str:
    """A table of names and values in words."""
    return table((escape(name), escape(say_in_words(value))) for name, value in values.items())


def numbers(name: str, values: object) -> str:
    """A list of numbers, or of lists of them, as a table under its name; "" if it is none, or too large for a page."""
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        return ""
    if array.ndim not in (1, 2) or not array.size:
        return ""
    array = array[None] if array.ndim == 1 else array
    if array.shape[0] > MOST_ROWS or array.shape[1] > MOST_COLUMNS:
        return ""
    return f"<h4>{escape(name)}</h4>{table([f'{x:.6g}' for x in row] for row in array)}"


def records(name: str, rows: object) -> str:
    """A list of objects with the same entries as a table, one row each; "" if it is none."""
    if not isinstance(rows, (list, tuple)) or not rows or not all(isinstance(row, dict) for row in rows):
        return ""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    cells = ([escape(say_in_words(row.get(key))) for key in keys] for row in rows[:MOST_ROWS])
    left = f"<p>{len(rows) - MOST_ROWS} more rows are in the file.</p>" if len(rows) > MOST_ROWS else ""
    return f"<h4>{escape(name)}</h4>{table(cells, [escape(key) for key in keys])}{left}"


def body_of(values: dict) -> str:
    """The entries of a document: single values in one table, lists and objects in tables of their own."""
    single, more = {}, ""
    for name, value in values.items():
        if isinstance(value, dict) and value and all(isinstance(entry, dict) for entry in value.values()):
            value = [{"": key} | entry for key, entry in value.items()]
        block = records(name, value) or (numbers(name, value) if not isinstance(value, (str, dict)) else "")
        more += block
        if not block:
            single[name] = value
    return pairs(single) + more


def from_markdown(text: str) -> str:
    """Headings, tables, lists, code and paragraphs of Markdown as the reports of comparisons use them."""
    made, lines = [], text.splitlines()
    while lines:
        line = lines.pop(0)
        heading = re.match(r"(#+) (.*)", line)
        if heading:
            level = min(len(heading[1]) + 2, 6)
            made.append(f"<h{level}>{_inline(heading[2])}</h{level}>")
        elif line.startswith("|"):
            block = [line, *_taken(lines, r"\|")]
            rows = [[_inline(cell.strip()) for cell in row.strip().strip("|").split("|")] for row in block]
            made.append(table(rows[2:], rows[0]))  # the second line is a rule
        elif re.match(r"[*-] ", line):
            entries = "".join(f"<li>{_inline(entry[2:])}</li>" for entry in [line, *_taken(lines, r"[*-] ")])
            made.append(f"<ul>{entries}</ul>")
        elif line.strip():
            whole = " ".join([line, *_taken(lines, r"(?![#|]|[*-] )\S")])
            made.append(f"<p>{_inline(whole)}</p>")
    return "\n".join(made)


def _taken(lines: list[str], pattern: str) -> list[str]:
    """The first lines that begin like this, which are taken away."""
    taken = []
    while lines and re.match(pattern, lines[0]):
        taken.append(lines.pop(0))
    return taken


def _inline(text: str) -> str:
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
