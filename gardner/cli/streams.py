"""Standard output and error that take every text and survive their reader.

What a command found out must not be lost to the terminal it is shown on. Hence

* a letter that the terminal cannot show is written in another way (α as alpha, ≤ as <=), or as ?;
* a stream that was closed from the start counts as /dev/null, and its number is occupied: else the next file that
  is opened, say a result, would get it, and with it whatever is printed;
* a reader that leaves early (`| head`) has seen enough: the rest is dropped, the command goes on to its end;
* any other failure to write (a full disk behind `> file`) is reported once, on the other stream, with exit code 2.
"""

import codecs
import errno
import os
import sys
import unicodedata

READABLE = {
    "∞": "inf", "∫": "int ", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "±": "+-", "×": "x", "·": "*", "→": "->",
    "∂": "d", "√": "sqrt", "½": "1/2", "…": "...", "–": "-", "—": "-", "−": "-", "²": "^2", "³": "^3", "⁴": "^4",
    "∈": "in", "†": "+", "’": "'", "‘": "'", "“": '"', "”": '"',
}  # fmt: skip
ERRORS = "gardner.readable"


def readable(problem: UnicodeError) -> tuple[str, int]:
    """An error handler of codecs: what stands for the letters that cannot be encoded, in ASCII."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    text = problem.object[problem.start : problem.end]
    return "".join(map(_in_ascii, text)), problem.end


def _in_ascii(letter: str) -> str:
    if letter in READABLE:
        return READABLE[letter]
    words = unicodedata.name(letter, "").split()
    if words[:1] == ["GREEK"] and "LETTER" in words:
        name = words[words.index("LETTER") + 1].lower().replace("lamda", "lambda")
        return name.capitalize() if "CAPITAL" in words else name
    if words[:2] == ["BOX", "DRAWINGS"]:
        return "|" if "VERTICAL" in words else "-"
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode("ascii")
    return plain or "?"


class Steady:
    """A text stream that never fails: `failure` is the first error of writing, other than that its reader left."""

    def __init__(self, stream):
        self._stream = stream
        self.failure: OSError | None = None

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError as problem:
            self._give_up(problem)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as problem:
            self._give_up(problem)

    def _give_up(self, problem: OSError) -> None:
        """Send the rest, and what waits in the buffer, nowhere."""
        if problem.errno != errno.EPIPE:
            self.failure = self.failure or problem
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)

    def __getattr__(self, name):
        if name == "buffer":  # the parser would write UTF-8 into it where the encoding is ASCII
            raise AttributeError(name)
        return getattr(self._stream, name)


def make_steady() -> None:
    """Put `Steady` streams in the place of standard output and error, before anything else is opened."""
    codecs.register_error(ERRORS, readable)
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)  # occupies the number of a closed stream
    os.close(number)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            stream = open(os.devnull, "w", encoding="utf-8")
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=ERRORS)
        setattr(sys, name, Steady(stream))


def close_steady() -> bool:
    """Write out what waits, and say what could not be written; True if all of standard output was."""
    sys.stdout.flush()
    failure = getattr(sys.stdout, "failure", None)
    if failure is not None:
        print(
            f"gardner: standard output: cannot be written ({failure.strerror}); not all results were printed",
            file=sys.stderr,
        )
    sys.stderr.flush()
    return failure is None
