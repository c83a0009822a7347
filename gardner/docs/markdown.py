"""Markdown that stands elsewhere, put into a page: one section of a file, its headings and links made to fit."""

from __future__ import annotations

import re
from pathlib import Path

HEADING = re.compile(r"^(#+) (.*)$")


def split_code(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is a fenced block of code."""
    pieces = re.split(r"(^```.*?^```[^\S\n]*$\n?)", text, flags=re.M | re.S)
    return [(piece, piece.startswith("```")) for piece in pieces if piece]


def section(text: str, title: str = "") -> str:
    """What stands below the heading `title`, as far as the next one of its level; everything below the first without.

    ValueError if there is no such heading.
    """
    inside, level, lines = False, 0, []
    for piece, is_code in split_code(text):
        if is_code:
            lines += [piece.rstrip("\n")] if inside else []
            continue
        for line in piece.splitlines():
            found = HEADING.match(line)
            if found and inside and len(found[1]) <= level:
                return "\n".join(lines).strip() + "\n"
            if found and not inside and title in ("", found[2]):
                inside, level = True, len(found[1])
            elif inside:
                lines.append(line)
    if not inside:
        raise ValueError(f"title = {title!r}: no heading of this text; see the headings there")
    return "\n".join(lines).strip() + "\n"


def shift_headings(text: str, top: int = 2) -> str:
    """The headings moved up or down alike, so that the highest has level `top`."""
    pieces = split_code(text)
    levels = [len(marks) for piece, is_code in pieces if not is_code for marks in re.findall(r"^(#+) ", piece, re.M)]
    more = top - min(levels, default=top)

    def moved(found: re.Match) -> str:
        return f"{'#' * (len(found[1]) + more)} {found[2]}"

    return "".join(piece if is_code else re.sub(r"^(#+) (.*)$", moved, piece, flags=re.M) for piece, is_code in pieces)


def relink(text: str, file: Path, page: Path, pages: dict[Path, Path]) -> str:
    """Links of `file` as they read on `page`: to a page of the site, or as plain code where there is none.

    pages: files outside of the documentation → the page that shows them. Links that leave the machine stay.
    """

    def told(found: re.Match) -> str:
        image, words, target = found[1], found[2], found[3]
        name, _, anchor = target.partition("#")
        if re.match(r"\w+:", target) or not name:
            return found[0]
        whole = (file.parent / name).resolve()
        whole = pages.get(whole, whole)
        if image or whole.is_relative_to(ROOT):
            way = relative(whole, page.parent)
            return f"{image}[{words}]({way}{'#' + anchor if anchor else ''})"
        return words if words.startswith("`") else f"`{name}`" if words == name else f"{words} (`{name}`)"

    return "".join(
        piece if is_code else re.sub(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", told, piece)
        for piece, is_code in split_code(text)
    )


def relative(target: Path, folder: Path) -> str:
    """The way from a folder to a file, with forward slashes."""
    up = 0
    while not target.is_relative_to(folder):
        folder, up = folder.parent, up + 1
    return "../" * up + target.relative_to(folder).as_posix()


ROOT = Path(__file__).parent.resolve()  # of the documentation
