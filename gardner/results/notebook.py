"""What a notebook shows of a result: a small table, its values in a few words."""

from __future__ import annotations

import html
from dataclasses import asdict

import numpy as np

LONGEST = 6  # entries of a list that are shown one by one


def draw_table(result) -> str:
    """A table in HTML: status first, then parameters and numbers, all text escaped."""
    header = asdict(result.header)
    rows = [("status", header.pop("status")), ("command", header.pop("command"))]
    rows += list(header.pop("parameters").items()) + list(result.judgement().items()) + list(result.body().items())
    rows += [("warning", warning.text) for warning in result.warnings]
    rows += [(name, value) for name, value in header.items() if value is not None]
    cells = "".join(
        f"<tr><th style='text-align:left'>{html.escape(str(name))}</th>"
        f"<td style='text-align:left'>{html.escape(say_in_words(value))}</td></tr>"
        for name, value in rows
    )
    return f"<table><caption>{html.escape(type(result).__name__)}</caption><tbody>{cells}</tbody></table>"


def say_in_words(value) -> str:
    """A value in a few words: numbers in full, long lists by their size."""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, dict):
        inner = [f"{key} = {say_in_words(item)}" for key, item in value.items() if not isinstance(item, (list, dict))]
        return ", ".join(inner) or ", ".join(map(str, value))
    if isinstance(value, (list, tuple, np.ndarray)):
        value = list(value)
        flat = all(item is None or isinstance(item, (str, bool, int, float, np.generic)) for item in value)
        if flat and len(value) <= LONGEST:
            return ", ".join(map(say_in_words, value))
        sizes = {len(item) for item in value if isinstance(item, (list, tuple, np.ndarray))}
        return f"{len(value)} × {sizes.pop()} numbers" if len(sizes) == 1 else f"{len(value)} entries"
    return "none" if value is None else str(value)
