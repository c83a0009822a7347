"""The `gardner` command: groups, version, and one line for every wrong input."""

import sys
from collections.abc import Container
from typing import Annotated

import typer

import gardner
from gardner.cli.common import (
    EXIT_FAULT,
    EXIT_INTERRUPTED,
    EXIT_NOT_CONVERGED,
    EXIT_TERMINATED,
    forget_written,
    interruption,
)
from gardner.cli.parsing import asks_for_help, execute, explanation, is_parsing_error
from gardner.cli.streams import close_steady, make_steady
from gardner.cli.tree import COMMANDS, grow
from gardner.errors import ConvergenceError, InterruptedRun, OutputError, StoppedRun
from gardner.runtime import signals
from gardner.runtime.files import is_fault


def _print_version(value: bool) -> None:
    if value:
        print(f"gardner {gardner.__version__}")
        raise typer.Exit()


def _gardner(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave."),
    ] = False,
) -> None:
    """Gardner volumes of deep perceptrons: replica theory and the Monte Carlo that checks it."""


def app_for(words: Container[str]) -> typer.Typer:
    """The command `gardner`; only what these words name is imported."""
    app = typer.Typer(
        name="gardner",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # help as plain text, which fits any terminal and is there in half the time
    )
    app.callback()(_gardner)
    return grow(app, words)


def __getattr__(name: str):
    if name == "app":  # whole, for those who call it within Python
        return app_for(COMMANDS)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


LONGEST_LINE = 600  # characters of a message; what is longer repeats a list that was given


def _one_line(error: BaseException) -> str:
    line = " ".join(str(error).split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE // 2]} … {line[-LONGEST_LINE // 3 :]}"


def _fault_line(error: BaseException) -> str:
    """One line about a machine that cannot go on."""
    if isinstance(error, MemoryError):
        return f"out of memory ({_one_line(error) or 'no details'}); ask for less, or use a machine that has more"
    if isinstance(error, OutputError) or not isinstance(error, OSError):
        return _one_line(error)
    return f"{error.filename or 'a file'}: {error.strerror}; make room, or use another disk"


def run() -> None:
    """Entry point: exit 0 done, 2 wrong input (one line), 3 not converged, 4 no room or memory, 130 interrupted."""
    signals.treat_termination_as_interrupt()
    signals.repeat_lost_interrupts()
    make_steady()
    forget_written()
    try:
        code = execute(app_for(sys.argv[1:]))
    except (OutputError, StoppedRun, MemoryError) as error:
        print(f"gardner: {_fault_line(error)}", file=sys.stderr)
        code = EXIT_FAULT
    except (ValueError, OSError) as error:
        fault = is_fault(error)
        print(f"gardner: {_fault_line(error) if fault else _one_line(error)}", file=sys.stderr)
        code = EXIT_FAULT if fault else 2
    except ConvergenceError as error:
        print(f"gardner: not solved: {_one_line(error)}", file=sys.stderr)
        code = EXIT_NOT_CONVERGED
    except InterruptedRun as stop:
        print(f"gardner: {stop}", file=sys.stderr)
        code = EXIT_INTERRUPTED
    except KeyboardInterrupt:
        print(f"gardner: {interruption()}", file=sys.stderr)
        code = EXIT_INTERRUPTED
    except Exception as error:
        if not is_parsing_error(error):
            raise
        if asks_for_help(error):
            print(error.format_message())
        else:
            print(f"gardner: {explanation(error)}", file=sys.stderr)
        code = 2
    if not close_steady():
        code = code or 2
    if code == EXIT_INTERRUPTED and signals.terminated():
        code = EXIT_TERMINATED
    sys.exit(code or 0)
