"""Lists and ranges of numbers as typed: `1,2,5`, `1:10:19` (evenly spaced), `1:4000:60:log` (even in ln)."""

from gardner.cli.common import number_list

MAX_COUNT = 100_000
FORMS = "give numbers as in 1,2,5 or a range START:STOP:COUNT or START:STOP:COUNT:log"


def number_grid(name: str, text: str) -> tuple[float, ...]:
    """The numbers that `text` stands for, or ValueError."""
    if ":" not in text:
        return number_list(name, text)
    import numpy as np

    from gardner.model import finite, whole

    parts = text.split(":")
    logarithmic = len(parts) == 4 and parts[3] == "log"
    if not (len(parts) == 3 or logarithmic):
        raise ValueError(f"{name} = {text!r}: is no range; {FORMS}")
    start, stop = finite(name, parts[0]), finite(name, parts[1])
    try:
        count = whole(name, int(parts[2]), 2, MAX_COUNT)
    except ValueError:
        raise ValueError(f"{name} = {text!r}: COUNT must be a whole number from 2 to {MAX_COUNT}; {FORMS}") from None
    if not start < stop:
        raise ValueError(f"{name} = {text!r}: START must be below STOP; {FORMS}")
    if logarithmic and start <= 0:
        raise ValueError(f"{name} = {text!r}: a logarithmic range must start above 0")
    return tuple(float(value) for value in (np.geomspace if logarithmic else np.linspace)(start, stop, count))


def _split_whole(text: str) -> tuple[int, ...]:
    """The whole numbers between commas, none if anything else stands there."""
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        return ()


def whole_list(name: str, text: str) -> tuple[int, ...]:
    """Comma-separated whole numbers, or ValueError."""
    values = _split_whole(text)
    if not values:
        raise ValueError(f"{name} = {text!r}: must be whole numbers separated by commas, as in 4,10,20")
    return values


def whole_grid(name: str, text: str, smallest: int, largest: int) -> tuple[int, ...]:
    """Whole numbers within bounds, from one, a list `1,2,5`, or a range `1:20`; ValueError for anything else."""
    from gardner.model import whole

    parts = text.split(":")
    if len(parts) == 2:
        try:
            first, last = (int(part) for part in parts)
        except ValueError:
            raise ValueError(f"{name} = {text!r}: a range is two whole numbers, as in 1:20") from None
        for end in (first, last):
            whole(name, end, smallest, largest)
        if not first <= last:
            raise ValueError(f"{name} = {text!r}: the first number must not be above the last")
        return tuple(range(first, last + 1))
    values = _split_whole(text)
    if not values:
        raise ValueError(f"{name} = {text!r}: must be a whole number, a list as in 1,2,5, or a range as in 1:20")
    return tuple(sorted({whole(name, value, smallest, largest) for value in values}))
