"""Pages, or parts of them, that follow from the code: commands, equations, figures, names, literature.

Every function returns Markdown. A page asks for it with a block

    ```{insert} commands solve
    ```

whose first word is a name in `PARTS`; the others are its arguments. `gardner.docs.site` puts the parts in when the
site is built.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gardner.docs.markdown import ROOT, relink, section, shift_headings
from gardner.reports.citations import describe, read_bibliography

PACKAGE = ROOT.parent
TOP = PACKAGE.parent  # of a clone, which holds what the wheel does not
README, CONTRIBUTING = TOP / "README.md", TOP / ".github" / "CONTRIBUTING.md"
SHOWN = {  # files outside of the documentation → pages that show them
    PACKAGE / "TUTORIAL.md": ROOT / "tutorial.md",
    PACKAGE / "EQUATIONS.md": ROOT / "equations.md",
    PACKAGE / "THEORY.md": ROOT / "theory" / "index.md",
    CONTRIBUTING: ROOT / "contributing.md",
    README: ROOT / "index.md",
}
FIGURE_LINES = 100  # columns of a docstring


# -- parts of files ----------------------------------------------------------------------------------------------------


def part_of_file(page: Path, name: str, *title: str) -> str:
    """A section of a file of the clone, with its links; the whole text below the first heading without a title."""
    file = (TOP / name).resolve()
    text = shift_headings(section(file.read_text(encoding="utf-8"), " ".join(title)))
    return relink(text, file, page, SHOWN).replace("```order\n", "```text\n")


# -- commands ----------------------------------------------------------------------------------------------------------


def commands_of(*words: str) -> dict[str, Any]:
    """The commands below `words`, as in "solve random", with what the parser knows of them."""
    import typer

    from gardner.cli.main import app_for
    from gardner.cli.tree import COMMANDS

    found: dict[str, Any] = {}
    named: Any = typer.main.get_command(app_for(COMMANDS))
    for word in words:
        named = named.commands[word]

    def walk(command, path: tuple[str, ...]) -> None:
        for word, child in getattr(command, "commands", {}).items():
            walk(child, (*path, word))
        if not hasattr(command, "commands"):
            found[" ".join(path)] = command

    walk(named, words)
    return found


def commands(page: Path, *words: str) -> str:
    """Every command below `words`: what it does, how it is called, its arguments and all of its options."""
    told = []
    for name, command in commands_of(*words).items():
        context = command.context_class(command, info_name=f"gardner {name}")
        usage = " ".join(command.get_usage(context).removeprefix("Usage:").split())
        told += [f"## gardner {name}\n", f"```text\n{usage}\n```\n", _prose(inspect.cleandoc(command.help or "")), ""]
        told += _option_table(command, context)
    return "\n".join(told)


def _option_table(command, context) -> list[str]:
    """The parameters of a command as its help tells them: name and value, meaning, default."""
    rows = ["| option | meaning | default |", "|---|---|---|"]
    for one in command.params:
        record = one.get_help_record(context)
        if record is None or one.name == "help":
            continue
        name, text = record
        text, _, default = text.removesuffix("]").partition("[default: ") if text.endswith("]") else (text, "", "")
        default = "needed" if "[required" in record[1] else f"`{default}`" if default else ""
        rows.append(f"| `{name}` | {_cell(text.removesuffix('[required'))} | {default} |")
    return [*rows, ""]


def _prose(text: str) -> str:
    """Text of a docstring or a help line as Markdown: signs that would mean something there are quoted."""
    pieces = re.split(r"(`[^`\n]*`|(?<![\w-])--[a-z][\w-]*)", text)  # code, and options, which are code too
    pieces = [f"`{piece}`" if piece.startswith("--") else piece for piece in pieces]
    signs = r"([*_<>|\[\]\\$~^])"
    return "".join(piece if piece.startswith("`") else re.sub(signs, r"\\\1", piece) for piece in pieces)


def _cell(text: str) -> str:
    return " ".join(_prose(text).split())


# -- equations ---------------------------------------------------------------------------------------------------------


def equations(page: Path) -> str:
    """Where in the code each equation lives: the label, which `gardner.docs.labels` links, functions and classes."""
    from gardner.doctor.equations import FAMILIES, index

    lines, family = [], None
    for label, files in index(PACKAGE).items():
        if label[0] != family:
            family = label[0]
            lines += [f"\n## {family}: {FAMILIES[family]}\n"]
        told = [f"`{file}`: {', '.join(f'`{name}`' if name else 'module' for name in names)}"
                for file, names in files.items()]  # fmt: skip
        lines.append(f"- **({label})** {'; '.join(told)}")
    return "\n".join(lines)


# -- figures -----------------------------------------------------------------------------------------------------------


def gallery(page: Path) -> str:
    """Every figure: what it shows, its picture where one is kept in the clone, how to draw it and what it writes."""
    from gardner.figures import FIGURES
    from gardner.figures.drawing import about

    told = []
    for name in FIGURES:
        shows, takes = about(name)
        text = (inspect.getdoc(FIGURES[name]) or "").strip()
        body = "\n\n".join(p for p in text.split("\n\n")[1:] if not p.startswith("Takes "))
        told += [f"## {name}\n", f"{_prose(shows)}.\n"]
        told += [_picture(name, shows), _prose(body), ""]
        told += [f"```sh\ngardner figures {name}\n```\n", f"Takes {_prose(takes)}.\n" if takes else ""]
    return "\n".join(told)


def _picture(name: str, shows: str) -> str:
    """The picture of the gallery and its plotted data as links, as far as the clone holds them."""
    folder, way = TOP / "figures" / "gallery", "../../figures/gallery"
    pictures = [folder / f"{name}{ending}" for ending in (".svg", ".png") if (folder / f"{name}{ending}").exists()]
    if not pictures:
        return "No picture of it is kept with the sources; the command below draws it.\n"
    data = [folder / "data" / f"{name}{ending}" for ending in (".nc", ".csv")]
    links = [f"{{download}}`{path.name} <{way}/data/{path.name}>`" for path in data if path.exists()]
    caption = f"\nPlotted data: {', '.join(links)}\n" if links else ""
    return f"![{_prose(shows)}]({way}/{pictures[0].name})\n{caption}"


# -- names of the package ----------------------------------------------------------------------------------------------


def names(page: Path, *kinds: str) -> str:
    """The functions, or the classes, that `gardner` exports, from their docstrings."""
    import gardner

    chosen = inspect.isfunction if "functions" in kinds else inspect.isclass
    told = []
    for name in sorted(set(gardner.__all__) - {"__version__"}, key=str.lower):
        value = getattr(gardner, name)
        if chosen(value):
            directive = "autofunction" if chosen is inspect.isfunction else "autoclass"
            is_alias = value.__name__ != name  # shown under the name of its module, with its docstring
            home = f"{value.__module__}.{value.__name__}" if is_alias else f"gardner.{name}"
            told += [f"`gardner.{name}` is\n"] if is_alias else []
            told.append(f"```{{eval-rst}}\n.. {directive}:: {home}\n```\n")
    return "\n".join(told)


# -- literature --------------------------------------------------------------------------------------------------------


def literature(page: Path) -> str:
    """The entries of literature.bib with their keys, in the order of the file."""
    told = []
    for key, entry in read_bibliography().items():
        authors, title, where = describe(entry)
        told += [f"({anchor_of(key)})=", f"**[{key}]** {authors}, *{title}*, {where}", ""]
    return "\n".join(told)


def anchor_of(key: str) -> str:
    """The label of an entry of the literature."""
    return f"source-{key.lower()}"


def cite(text: str, known: dict) -> str:
    """[Y20] as a link to its entry, outside of code and of mathematics."""
    pieces = re.split(r"(^```.*?^```|^\$\$.*?\$\$|`[^`\n]*`|\$[^$\n]*\$)", text, flags=re.M | re.S)
    pattern = re.compile(rf"\\?\[({'|'.join(known)})\\?\](?![(\[])")

    def link(found: re.Match) -> str:
        return f"[[{found[1]}]](#{anchor_of(found[1])})"

    return "".join(piece if piece[:1] in ("`", "$") else pattern.sub(link, piece) for piece in pieces)


PARTS: dict[str, Callable[..., str]] = {
    "section": part_of_file,
    "commands": commands,
    "equations": equations,
    "gallery": gallery,
    "names": names,
    "literature": literature,
}
INSERT = re.compile(r"^```\{insert\} (\w+)(.*)\n```$", flags=re.M)


def complete(text: str, page: Path) -> str:
    """The text of a page with all parts put in."""
    return INSERT.sub(lambda asked: PARTS[asked[1]](page, *asked[2].split()), text)
