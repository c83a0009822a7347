"""One page of HTML of any results: status and warnings in words, tables, pictures, for sweeps a slider over α.

The page holds its pictures as SVG, its style and the script of the slider; it asks for nothing else.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import gardner
from gardner.analysis.sweep_data import SweepData
from gardner.comparison.results import Report
from gardner.reports.citations import citations
from gardner.reports.pictures import inline_pictures
from gardner.reports.slider import MOST_NUMBERS, slider_data
from gardner.reports.text import body_of, escape, from_markdown, pairs
from gardner.results.datasets import jsonable
from gardner.results.solution import ADVICE

MEANING = {  # of a status, in words; what else a search may end with is in `ADVICE`
    "converged": "The computation ended where it should; what is in doubt all the same stands below, if anything.",
    "equilibrated": "No autocorrelation time exceeds a fiftieth of the run, and R-hat is below 1.05.",
    "not equilibrated": "An autocorrelation time exceeds a fiftieth of the run, or R-hat 1.05: these means are no "
    "equilibrium values.",
    "incomplete": "Some parts could not be found; the rows below say which. All others hold.",
    "done": "All runs are done; what they say about the theory is the verdict below.",
    "accepted": "A closure agrees with the runs, as the verdict below says.",
    "undecided": "The errors are too large to tell the closures apart.",
}
SOUND = ("converged", "equilibrated", "done", "accepted")


def page(results: Sequence, names: Sequence[str]) -> str:
    """The page of some results, each below its name."""
    parts = [part(result, name, number) for number, (result, name) in enumerate(zip(results, names))]
    links = "".join(f'<a href="#result-{number}">{escape(name)}</a>' for number, name in enumerate(names))
    script = _read("slider.js") if any(isinstance(result, SweepData) for result in results) else ""
    return "\n".join([
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(', '.join(names))}: gardner</title>\n<style>{_read('page.css')}</style>\n</head>\n<body>",
        f"<h1>Results of gardner</h1>\n<nav>{links if len(parts) > 1 else ''}</nav>",
        *parts,
        f"<p>Written by gardner {gardner.__version__}.</p>",
        f"<script>{script}</script>" if script else "",
        "</body>\n</html>\n",
    ])  # fmt: skip


def _read(name: str) -> str:
    return resources.files("gardner.reports").joinpath(name).read_text(encoding="utf-8")


def part(result, name: str, number: int) -> str:
    """What the page says of one result."""
    header, sweep = result.header, isinstance(result, SweepData)
    asked = pairs(jsonable(header.parameters)) or "<p>None are stored.</p>"
    origin = {"version": header.version, "seconds": header.seconds, "seed": header.seed}
    cited = "".join(f"<li>{escape(line)}</li>" for line in citations(result))
    return "\n".join([
        f'<section>\n<h2 id="result-{number}">{escape(name)}</h2>\n<p>gardner {escape(header.command)}</p>',
        judged(result),
        slider(result) if sweep else "",
        "<h3>What it says</h3>",
        told(result),
        "<h3>Pictures</h3>",
        *inline_pictures(result, f"r{number}"),
        "<h3>Parameters</h3>",
        asked,
        f"<h3>Numbers</h3>\n{body_of(jsonable(result.body()))}" if not isinstance(result, Report) else "",
        "<h3>Origin</h3>",
        pairs(jsonable(origin)),
        f"<h3>Please cite</h3>\n<ul>{cited}</ul>\n</section>",
    ])  # fmt: skip


def judged(result) -> str:
    """Status, warnings and what is held against the closure, in words."""
    status = str(result.header.status)
    advice = getattr(result, "advice", "") or ADVICE.get(status, "")
    said = [f"<b>Status: {escape(status)}.</b> {escape(MEANING.get(status) or advice)}"]
    said += [f"Warning: {escape(warning.text)}." for warning in result.warnings]
    verdict = result.judgement().get("closure_verdict")
    said += [escape(verdict)] if verdict else []
    look = "status" if len(said) == 1 and status in SOUND else "status doubt"
    return f'<div class="{look}">{"".join(f"<p>{line}</p>" for line in said)}</div>'


def told(result) -> str:
    """What `gardner show` prints of it; the report of a comparison, which is Markdown, as it is meant."""
    if isinstance(result, Report):
        return from_markdown(result.text())
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        result.tell()
    return f"<pre>{escape(printed.getvalue().rstrip())}</pre>"


def slider(sweep: SweepData) -> str:
    """A slider over α for the branches of a sweep, with the numbers that its script draws."""
    data = slider_data(sweep.data)
    choices = "".join(
        f'<option value="{number}">{escape(branch["name"])}</option>' for number, branch in enumerate(data["branches"])
    )
    left = f"<p>The steps q(x, l) are more than {MOST_NUMBERS} numbers: they are in the file only.</p>"
    left = "" if "q" in data["branches"][0] else left
    last = len(data["alpha"]) - 1
    numbers = json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<h3>Along α</h3>\n<div class="slider"><label>Branch <select>{choices}</select></label>'
        f'<label> α <input type="range" min="0" max="{last}" value="{last // 2}" step="1"></label><output></output>'
        f'<div class="panels"></div>{left}<script type="application/json">{numbers}</script></div>'
    )


def write(files: Sequence[Path], out: Path) -> None:
    """Read results and write their page to `out`, complete; FileFormatError for a file that holds none."""
    from gardner.results.files import read
    from gardner.runtime.files import write_bytes

    results = [read(file) for file in files]
    write_bytes(out, page(results, [str(file) for file in files]).encode())
