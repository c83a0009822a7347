"""The pages of the documentation: complete, true to the program, their examples run. CI builds the site itself."""

import contextlib
import io
import re
import shlex
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest
from command import run_here

import gardner
from gardner.cli import parsing
from gardner.docs import gallery, links, markdown, pages
from gardner.docs.site import filled_pages
from gardner.figures import FIGURES
from gardner.figures.drawing import settings_of
from gardner.reports.citations import read_bibliography
from gardner.results.datasets import from_attribute, jsonable, read_dataset

DOCS = pages.ROOT
ROOT = DOCS.parents[1]
FILES = sorted(DOCS.rglob("*.md"))
HOWTO = {path.stem: path.read_text(encoding="utf-8") for path in sorted((DOCS / "howto").glob("*.md"))}
HOWTO.pop("cluster")  # needs one: tests/cli/test_readme.py runs it with a stand-in


def test_every_page_is_complete_and_has_one_title():
    for path in FILES:
        text = pages.complete(path.read_text(encoding="utf-8"), path)
        assert "```{insert}" not in text and len(text) > 100, path
        titles = [line for piece, code in markdown.split_code(text) if not code for line in piece.splitlines()]
        assert sum(line.startswith("# ") for line in titles) == 1, path


def test_every_page_is_named_in_a_table_of_contents():
    named = set()
    for path in FILES:
        for block in re.findall(r"```\{toctree\}\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.S):
            entries = [line for line in block.splitlines() if line and not line.startswith(":")]
            targets = [re.sub(r".*<(.*)>", r"\1", entry) for entry in entries]
            named |= {(path.parent / f"{target}.md").resolve() for target in targets}
    assert {path.resolve() for path in FILES} - named == {DOCS / "index.md"} and all(path.is_file() for path in named)


@pytest.mark.parametrize("name", [*pages.commands_of()])
def test_help_of_every_command_names_its_page_which_tells_all_of_its_options(tmp_path, name):
    help_text = run_here(tmp_path, *shlex.split(name), "--help").out
    (page,) = re.findall(r"Documentation:\s+(\S+\.md)", help_text)
    page = Path(page)
    assert page.is_file() and page.is_relative_to(DOCS / "commands")
    told = pages.complete(page.read_text(encoding="utf-8"), page)
    assert f"## gardner {name}\n" in told
    mine = told.partition(f"## gardner {name}\n")[2].partition("\n## ")[0]
    for option in set(re.findall(r"^\s+(--[a-z-]+)", help_text, flags=re.M)) - {"--help"}:
        assert f"| `{option}" in mine, option


def test_the_path_of_a_page_is_on_one_line_however_long(monkeypatch, tmp_path):
    monkeypatch.setattr(parsing, "DOCS", Path("/a-folder-of-many-words" * 8))
    assert re.search(
        r"Documentation: (/a-folder-of-many-words){8}/commands/show.md", run_here(tmp_path, "show", "--help").out
    )


def test_groups_of_commands_name_a_page_too(tmp_path):
    groups = {name.split()[0] for name in pages.commands_of()}
    for words in ([], *([name] for name in groups)):
        (page,) = re.findall(r"Documentation:\s+(\S+\.md)", run_here(tmp_path, *words, "--help").out)
        assert Path(page).is_file()


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.S)


@pytest.mark.parametrize("name", [name for name, text in HOWTO.items() if "```python" in text])
def test_python_of_a_how_to_page_prints_what_it_shows(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "example"}
    for code, shown in re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", HOWTO[name], flags=re.S):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, f"{name}.md", "exec"), namespace)
        assert not shown or printed.getvalue() == shown


COMMANDS = {name: [line for block in blocks(text, "sh") for line in block.splitlines()] for name, text in HOWTO.items()}
COMMANDS = {name: lines for name, lines in COMMANDS.items() if lines}


LONG = ("monte-carlo",)  # three minutes, the budget that its page names


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.campaign if name in LONG else pytest.mark.slow) for name in COMMANDS],
)
def test_commands_of_a_how_to_page_run(tmp_path, name):
    for line in COMMANDS[name]:
        words = shlex.split(line)
        assert words[0] == "gardner", line
        outcome = run_here(tmp_path, *words[1:])
        assert outcome.code in ((0, 3) if words[1] == "compare" else (0,)), (line, outcome.err)


def test_options_in_examples_exist():
    """Also of commands that stand inside a sentence."""
    known = pages.commands_of()
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        for line in re.findall(r"`gardner ([^`\n]+)`|^(?:\.venv/bin/)?gardner (.+)$", text, flags=re.M):
            words = shlex.split("".join(line))
            name = next((n for n in (" ".join(words[:2]), words[0]) if n in known), None)
            if name is None:
                assert words[0] in {n.split()[0] for n in known} | {"COMMAND", "--help"}, (path, line)
                continue
            options = {option for one in known[name].params for option in one.opts} | {"--help"}
            assert {word.partition("=")[0] for word in words if re.match(r"--\w", word)} <= options, (path, line)


def test_every_source_that_is_cited_stands_in_the_literature():
    known, cited = read_bibliography(), set()
    for path in [*FILES, *(ROOT / "gardner").rglob("*.py")]:
        cited |= set(re.findall(r"\[([A-Z][A-Z]*\d\d|SSB)\](?!\()", path.read_text(encoding="utf-8")))
    assert len(cited) >= 10 and cited <= set(known)
    assert all({"author", "title", "year"} <= entry.keys() for entry in known.values())


def test_the_gallery_has_a_picture_of_every_figure_and_no_other():
    folder = gallery.GALLERY
    assert sorted(path.stem for path in folder.glob("*.*")) == sorted(FIGURES.names)  # one of each
    assert {path.stem for path in (folder / "data").iterdir()} <= set(FIGURES.names)


def test_the_gallery_was_drawn_with_the_settings_of_today():
    """A merge may keep a picture of before beside the code of after."""
    for path in sorted((gallery.GALLERY / "data").glob("*.nc")):
        kept = from_attribute(read_dataset(path).attrs["settings"])
        draft = jsonable(asdict(settings_of(path.stem, "draft")))
        assert kept == draft, f"python -m gardner.docs.gallery {path.stem}"


def test_a_picture_takes_the_place_of_the_one_before(tmp_path, monkeypatch):
    drawn, kept = tmp_path / "drawn", tmp_path / "kept"
    drawn.mkdir(), kept.mkdir()
    (drawn / "penetration.svg").write_text("<svg></svg>")
    (kept / "penetration.png").write_bytes(b"of before")
    gallery.keep("penetration", drawn, kept)
    assert [path.name for path in kept.glob("*.*")] == ["penetration.svg"]


def test_pictures_are_made_smaller_without_moving_letters():
    path = '<path d="M 1.23456 -0.50001 L 2 3.5" transform="scale(0.015625)"/>'
    svg = f"<svg><metadata>m</metadata>\n   <!-- A -->\n  {path}</svg>"
    assert gallery.thin(svg) == '<svg>\n<path d="M 1.23 -0.5 L 2 3.5" transform="scale(0.015625)"/></svg>'


TEXT = "# Top\n\nbefore\n\n## First\n\none\n```sh\n# no heading\n```\n\n### Inner\n\ntwo\n\n## Second\n\nthree\n"


def test_a_section_ends_where_the_next_one_begins_and_code_has_no_headings():
    assert markdown.section(TEXT, "First") == "one\n```sh\n# no heading\n```\n\n### Inner\n\ntwo\n"
    assert markdown.section(TEXT, "Second") == "three\n" and markdown.section(TEXT).startswith("before")
    assert markdown.shift_headings("### Inner\n\n```sh\n# no\n```\n") == "## Inner\n\n```sh\n# no\n```\n"
    with pytest.raises(ValueError, match="no heading"):
        markdown.section(TEXT, "Third")


def test_links_are_put_right_for_the_page_that_shows_them():
    page, shown = DOCS / "howto" / "add-a-part.md", {ROOT / "README.md": DOCS / "index.md"}
    told = markdown.relink("[a](README.md#x), [b](LICENSE), [c](https://x.org), `[d](no)`", ROOT / "a.md", page, shown)
    assert told.startswith("[a](../index.md#x), b (`LICENSE`), [c](https://x.org)")


def test_links_of_a_site_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "a.html").write_text('<a href="b.html#here">x</a><a href="https://x.org">y</a><img src="no.png">')
    (tmp_path / "b.html").write_text(
        '<p id="there"></p><script src="https://x.org/a.js"></script><a href="a.html">z</a>'
    )
    found = links.faults(tmp_path)
    assert found == ["a.html: no place b.html#here", "a.html: no file no.png", "b.html: loads https://x.org/a.js"]
    assert "holds no page" in links.faults(tmp_path / "none")[0]


def test_names_for_type_checkers_are_those_that_the_package_exports():
    stub = (ROOT / "gardner" / "__init__.pyi").read_text(encoding="utf-8")
    found = re.findall(r"^from ([\w.]+) import (\w+) as (\w+)$", stub, flags=re.M)
    assert {name: home for home, name, _ in found} == gardner._HOMES and all(a == b for _, a, b in found)


def test_pages_that_follow_from_the_program_are_read_at_every_build():
    """A folder with a site of yesterday would keep them, since their own sources are unchanged."""
    names = ("claims", "changelog", "literature", "commands/amp", "api", "start", "theory/18-message-passing")
    env = SimpleNamespace(found_docs=names, doc2path=lambda name: DOCS / f"{name}.md")
    assert filled_pages(None, env, set(), set(), set()) == list(names[:5])
