"""Tables on standard output, plain where it is no terminal."""

from __future__ import annotations

import shutil

PLAIN_WIDTH = 100  # of tables where there is no terminal


def print_table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """A Rich table on standard output, plain where it is no terminal; in parts, one below the other, if too wide.

    The width is that of the terminal, or COLUMNS where it is set; 100 for a file or a pipe.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    width = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
    console = Console(width=width, highlight=False)
    for number, part in enumerate(parts_of_table(columns, rows, width)):
        if title and number == 0:
            print(title)  # not the table's own, which would be broken where the table is narrower
        table = Table(box=box.SIMPLE)
        for c in part:
            table.add_column(columns[c], justify="right", overflow="fold")
        for row in rows:
            table.add_row(*(row[c] for c in part))
        console.print(table)


def parts_of_table(columns: list[str], rows: list[list[str]], width: int) -> list[list[int]]:
    """The columns of each part of a table that fits `width`; every part begins with those that name the rows.

    A column takes three blanks beside its longest cell, the table one more.
    """
    needs = [3 + max(map(len, (name, *(row[c] for row in rows)))) for c, name in enumerate(columns)]
    names = _naming(rows)
    while names > 1 and sum(needs[:names]) + max(needs[names:], default=0) > width - 1:
        names -= 1
    first = list(range(names))
    parts, room = [first[:]], width - 1 - sum(needs[:names])
    for c in range(names, len(columns)):
        if needs[c] > room and len(parts[-1]) > names:
            parts.append(first[:])
            room = width - 1 - sum(needs[:names])
        parts[-1].append(c)
        room -= needs[c]
    return parts


def _naming(rows: list[list[str]]) -> int:
    """How many of the first columns it takes to tell all rows apart; 1 if even all of them do not."""
    counts = range(1, len(rows[0]) if rows else 1)
    return next((n for n in counts if len({tuple(row[:n]) for row in rows}) == len(rows)), 1)


def short(value) -> str:
    """A number to five digits, a dash where there is none, text as it is."""
    if isinstance(value, str):
        return value
    return "-" if value != value else f"{value:.5g}"
