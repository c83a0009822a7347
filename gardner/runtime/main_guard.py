"""Whether worker processes may be started from where the program stands.

A worker is a fresh Python that imports the main script again, under another name, before it does any work. If the
script asks for workers at its top level, each worker does so too, and Python ends in a tangle of errors. The remedy is
the guard

    if __name__ == "__main__":
        gardner.run_sweep(plan, store, Workers(2))

Here the guard is looked for before any process is started.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path


def check_main_guard() -> None:
    """ValueError if the running top-level statement of the main script is not inside `if __name__ == "__main__":`."""
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    if script is None or not Path(script).is_file():
        return  # an interactive session or `python -c`: workers import nothing of it
    line = _running_line(script)
    if line is not None and not _is_guarded(Path(script), line):
        raise ValueError(
            f"{Path(script).name}, line {line}: several workers are asked for at the top level of a script, which each "
            'of them imports again; put the call below if __name__ == "__main__":'
        )


def _running_line(script: str) -> int | None:
    """The line at which the top level of `script` stands, None if it is not on the stack."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "<module>" and frame.f_code.co_filename == script:
            return frame.f_lineno
        frame = frame.f_back
    return None


def _is_guarded(script: Path, line: int) -> bool:
    """True if the top-level statement at `line` is an `if` that asks for `__name__`, or the script cannot be read."""
    try:
        statements = ast.parse(script.read_bytes()).body
    except (SyntaxError, ValueError, OSError):
        return True
    for statement in statements:
        if statement.lineno <= line <= statement.end_lineno:
            asked = {node.id for node in ast.walk(getattr(statement, "test", statement)) if isinstance(node, ast.Name)}
            return isinstance(statement, ast.If) and "__name__" in asked
    return True
