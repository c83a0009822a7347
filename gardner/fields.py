"""Fields of settings that say what they are: the text that the command line shows, where it offers them as options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, field


def described(
    help: str,
    default=MISSING,
    *,
    flag: str = "",
    kind: object = None,
    text: str | None = None,
    read: Callable | None = None,
):
    """A dataclass field with metadata for the command line (`gardner.cli.options`).

    help: one line; flag: name of the option, the field's name by default; kind: type of the option where it is another
    one than the field's; read: what turns the text of an option into the value of the field, text: its default then.
    """
    return field(default=default, metadata={"help": help, "flag": flag, "kind": kind, "text": text, "read": read})
