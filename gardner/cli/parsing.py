"""From words on the command line to a call, and what is said about words that do not fit."""

import re
import sys
from pathlib import Path

import typer

import gardner

DOCS = Path(gardner.__file__).parent / "docs"


def program() -> str:
    """How this program was called, for usage lines."""
    return "python -m gardner" if Path(sys.argv[0]).name == "__main__.py" else "gardner"


def execute(app: typer.Typer) -> int:
    """Run the command that `sys.argv` asks for; returns the exit code it chose.

    Unlike `app()` this lets KeyboardInterrupt and OSError through, so that one place says what became of the work.
    """
    from gardner.runtime.progress import heartbeat

    refuse_empty_words(sys.argv[1:])
    refuse_opposites(sys.argv[1:])
    command = documented(typer.main.get_command(app))
    if sys.argv[-1] == "--help" and print_help(command, sys.argv[1:-1]):
        return 0
    try:
        with command.make_context(program(), sys.argv[1:]) as context, heartbeat(_name_command(command)):
            command.invoke(context)
    except typer.Exit as leaving:
        return leaving.exit_code
    return 0


def documented(command, page: str = "index"):
    """The command, with its page of the documentation below the help of itself and of all commands in it.

    A page is a file of gardner/docs, commands/NAME.md for the first word NAME.
    """
    command.epilog = f"\b\nDocumentation: {DOCS / 'commands' / page}.md"  # \b: a path is not broken
    for name, child in getattr(command, "commands", {}).items():
        documented(child, name if page == "index" else page)
    return command


def print_help(command, words: list[str]) -> bool:
    """Print the help of the command that these words name; False if they are not all names of commands.

    The parser would do the same, and import first what it checks the values of options with.
    """
    context = command.context_class(command, info_name=program())
    for word in words:
        command = getattr(command, "commands", {}).get(word)
        if command is None:
            return False
        context = command.context_class(command, parent=context, info_name=word)
    print(command.get_help(context))
    return True


def refuse_empty_words(words: list[str]) -> None:
    """ValueError for a word without content, `--out=` or `--out ""`: no option of any command means something by it."""
    for before, word in zip(["", *words], words):
        if re.fullmatch(r"--[\w-]+=\s*", word) or not word.strip():
            option = word.partition("=")[0] if word.strip() else before
            named = f"{option}: " if option.startswith("--") else ""
            raise ValueError(f"{named}an empty value is given; give one, or leave it out")


def refuse_opposites(words: list[str]) -> None:
    """ValueError for --resume beside --force: the one keeps what the other throws away."""
    if {"--resume", "--force"} <= set(words):
        raise ValueError("--resume and --force are both given: go on with what is there, or start again; choose one")


def refuse_idle(case: str, *options: str) -> None:
    """ValueError if one of these options was typed, whatever its value: it would change nothing in this case."""
    for word in sys.argv[1:]:
        option = word.partition("=")[0]
        if option in options:
            raise ValueError(f"{option.lstrip('-')}: means nothing {case}; leave it out")


def _name_command(command) -> str:
    """The words of the command line that name the command, as in `solve random`."""
    words = []
    for word in sys.argv[1:]:
        command = getattr(command, "commands", {}).get(word)
        if command is None:
            break
        words.append(word)
    return " ".join(words)


def is_parsing_error(error: Exception) -> bool:
    """True for the errors of the parser: an unknown option, a missing one, a word that is no number."""
    return hasattr(error, "format_message")


def asks_for_help(error: Exception) -> bool:
    """True if a group of commands was named without a command."""
    return type(error).__name__ == "NoArgsIsHelpError"


def explanation(error: Exception) -> str:
    """One line: what is wrong, how the command is called, and where to read more."""
    text = " ".join(error.format_message().split()).rstrip(".")
    context = getattr(error, "ctx", None)
    if context is None:
        return text
    path = context.command_path
    needed = [_usage(parameter) for parameter in context.command.params if parameter.required]
    usage = f"; usage: {' '.join([path, *needed])} [OPTIONS]" if needed else ""
    return f"{text}{usage} (see {path} --help)"


def _usage(parameter) -> str:
    """A needed argument, or a needed option with its value."""
    return parameter.name.upper() if parameter.param_type_name == "argument" else f"{parameter.opts[0]} …"
