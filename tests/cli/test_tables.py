"""Tables in terminals of any width: no line is broken, and every part says which rows it holds."""

import re

import command
import pytest

from gardner.results.tables import parts_of_table, print_table

TABLES = [  # of every kind that a second or two computes
    "solve random --alpha 6 --depth 4 --levels 2",
    "solve planted --alpha 20 --depth 3 --closure directed",
    "capacity --depth 1:3",
    "complexity --alpha 150 --margin -2.2",
    "fieldtheory predict",
    "fieldtheory linear-net --widths 4-2-4",
    "mc training --alpha 1,2 --depth 2 --sweeps 20 --samples 2",
    "mc planted --width 8 --depth 2 --alpha 1 --sweeps 20 --samples 2",
]
RULE = re.compile(r" ─+ *")


def tables(text: str) -> list[list[str]]:
    """Every table of an output: its head, then its rows."""
    found, lines = [], text.splitlines()
    for at, line in enumerate(lines):
        if RULE.fullmatch(line):
            end = next(i for i in range(at, len(lines) + 1) if i == len(lines) or not lines[i].strip())
            found.append([lines[at - 1], *lines[at + 1 : end]])
    return found


@pytest.mark.parametrize("width", [40, 60])
@pytest.mark.parametrize("words", TABLES)
def test_no_table_is_wider_than_the_terminal_or_broken(cli, monkeypatch, words, width):
    monkeypatch.setitem(command.SURROUNDINGS, "COLUMNS", str(width))
    parts = tables(cli(*words.split()).out)
    assert parts
    for head, *rows in parts:
        assert max(map(len, (head, *rows))) <= width
        first = re.search(r"\S+", head)
        if first is not None:  # a broken cell would leave a line without its first entry
            assert [row for row in rows if not row[: first.end()].strip()] == [], head


def test_every_part_begins_with_the_columns_that_tell_its_rows_apart():
    columns = ["closure", "L", "a", "b", "c"]
    rows = [[closure, str(depth), "0.12345678", "1", "2"] for closure in ("symmetric", "directed") for depth in (1, 2)]
    parts = parts_of_table(columns, rows, 32)
    assert all(part[:2] == [0, 1] for part in parts) and len(parts) > 1
    assert {part[0] for part in parts_of_table(columns, rows, 20)} == {0}  # no room for two
    assert parts_of_table(["l", "q"], [], 40) == [[0, 1]]  # a table without rows


def test_a_title_is_as_wide_as_the_terminal_and_not_as_its_table(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    print_table("a title that is wider than what is below", ["l", "q"], [["1", "0.5"]])
    assert capsys.readouterr().out.splitlines()[0] == "a title that is wider than what is below"
