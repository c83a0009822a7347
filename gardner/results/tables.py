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
        table = Table(title=title if number == 0 else None, box=box.SIMPLE, title_justify="left")
        for c in part:
            table.add_column(columns[c], justify="right", overflow="fold")
        for row in rows:
            table.add_row(*(row[c] for c in part))
        console.print(table)


def parts_of_table(columns: list[str], rows: list[list[str]], width: int) -> list[list[int]]:
    """The columns of each part of a table that fits `width`; every part begins with the first column."""
    needs = [2 + max(map(len, (name, *(row[c] for row in rows)))) for c, name in enumerate(columns)]
    parts, room = [[0]], width - 2 - needs[0]
    for c in range(1, len(columns)):
        if needs[c] > room and len(parts[-1]) > 1:
            parts.append([0])
            room = width - 2 - needs[0]
        parts[-1].append(c)
        room -= needs[c]
    return parts


def short(value) -> str:
    """A number to five digits, text as it is."""
    return value if isinstance(value, str) else f"{value:.5g}"
