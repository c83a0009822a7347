"""Options of commands made from the fields of settings: help, default and type are written once, at the field.

A command names the fields that it takes in the annotation of a parameter, which stands for all of them:

    @app.command("random")
    @with_fields
    def sweep_random(alpha: Alphas, *, solver: Annotated[dict, Fields(SolverSettings, "tolerance", tolerance=1e-8)]):
        plan = RandomSweep(..., solver=SolverSettings(**solver))

On the command line there is `--tol FLOAT` instead, and the function gets {"tolerance": 1e-8}. Errors of the library
name fields; where the option has another name, its name is put there.
"""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from typing import Annotated

import typer

from gardner.cli.common import use_threads
from gardner.cli.grids import number_grid, whole_list

NUMBERS = {tuple[float, ...]: number_grid, tuple[int, ...]: whole_list}  # types of fields that are written as a text


@dataclass(frozen=True, init=False)
class Fields:
    """The fields of a settings class that a command takes, all those that are described by default.

    defaults: values by name where the command has others than the class.
    """

    settings: type
    names: tuple[str, ...]
    defaults: dict

    def __init__(self, settings: type, *names: str, **defaults):
        described = [field.name for field in fields(settings) if "help" in field.metadata]
        object.__setattr__(self, "settings", settings)
        object.__setattr__(self, "names", names or tuple(described))
        object.__setattr__(self, "defaults", defaults)

    def options(self) -> list[FieldOption]:
        """One option per field, in the order of `names`."""
        hints, known = typing.get_type_hints(self.settings), {field.name: field for field in fields(self.settings)}
        return [FieldOption.of(known[name], hints[name], self.defaults) for name in self.names]


@dataclass(frozen=True)
class FieldOption:
    """An option that stands for a field: the parameter of the command, and how its value becomes that of the field."""

    field: str
    parameter: inspect.Parameter
    read: Callable

    @classmethod
    def of(cls, field, hint, defaults: dict) -> FieldOption:
        meta, default = field.metadata, defaults.get(field.name, field.default)
        name, read = meta["flag"] or field.name.replace("_", "-"), meta["read"]
        if hint in NUMBERS:
            read = functools.partial(NUMBERS[hint], name)
        kind = meta["kind"] or (str if read else hint)
        if read and field.name not in defaults:
            default = inspect.Parameter.empty if meta["text"] is None else meta["text"]
        elif default is MISSING:
            default = inspect.Parameter.empty
        annotation = Annotated[kind, typer.Option(f"--{name}", help=meta["help"])]
        where = inspect.Parameter.KEYWORD_ONLY
        parameter = inspect.Parameter(name.replace("-", "_"), where, default=default, annotation=annotation)
        return cls(field.name, parameter, read or (lambda value: value))


def with_fields(command: Callable) -> Callable:
    """The command with an option for every field that its parameters of type `Annotated[dict, Fields(…)]` name."""
    parameters, groups = [], {}
    for parameter in inspect.signature(command).parameters.values():
        found = next((m for m in getattr(parameter.annotation, "__metadata__", ()) if isinstance(m, Fields)), None)
        if found is None:
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        groups[parameter.name] = found.options()
        parameters += [option.parameter for option in groups[parameter.name]]

    @functools.wraps(command)
    def call(**given):
        use_threads(given.get("threads", 1))  # before a text is read: NumPy is imported then
        for name, options in groups.items():
            given[name] = {option.field: option.read(given.pop(option.parameter.name)) for option in options}
        try:
            return command(**given)
        except ValueError as error:
            message = name_option(str(error), [option for options in groups.values() for option in options])
            if message != str(error):
                error.args = (message,)
            raise

    call.__signature__ = inspect.Signature(parameters)
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return call


def name_option(message: str, options: list[FieldOption]) -> str:
    """The message with the name of an option in place of the field at its beginning."""
    for option in options:
        name = option.parameter.name.replace("_", "-")
        for mark in (" = ", ": ", ":"):
            if option.field != name and message.startswith(option.field + mark):
                return name + message[len(option.field) :]
    return message
