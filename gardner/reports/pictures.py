"""The pictures of a result as SVG that stands in a page, several of them side by side without a clash of names."""

from __future__ import annotations

import itertools
import re
import tempfile
from pathlib import Path
from typing import Any

from gardner.analysis.sweep_data import SweepData

SYMBOLS = {"margin": "κ", "beta": "β"}


def inline_pictures(result, prefix: str) -> list[str]:
    """Everything that `save_plot` draws of a result, as SVG elements; `prefix` tells results of one page apart."""
    made = []
    for number, (name, one) in enumerate(slices(result).items()):
        made += [f"<h4>{name}</h4>"] if name else []
        with tempfile.TemporaryDirectory(prefix="gardner-report-") as folder:
            one.save_plot(Path(folder) / "picture.svg")
            paths = sorted(Path(folder).glob("*.svg"), key=lambda path: (len(path.stem), path.stem))
            texts = [path.read_text(encoding="utf-8") for path in paths]
        made += [inline(text, f"{prefix}-{number}-{place}-") for place, text in enumerate(texts)]
    return made


def slices(result) -> dict[str, Any]:
    """What is drawn by itself: of a sweep every margin and β, the result as it is without a name otherwise."""
    data: Any = result.data if isinstance(result, SweepData) else None
    axes = [axis for axis in SYMBOLS if data is not None and axis in data.dims]
    found = {}
    for values in itertools.product(*(data[axis].values for axis in axes)):
        name = ", ".join(f"{SYMBOLS[axis]} = {value:g}" for axis, value in zip(axes, values))
        found[name] = SweepData(data.sel(dict(zip(axes, values)))) if axes else result
    return found


def inline(svg: str, prefix: str) -> str:
    """One SVG document as an element of a page: its header and metadata taken off, its names made its own.

    The size becomes the largest one, so that a narrow page shrinks it; its style is kept from the rest of the page.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r'\bid="', f'id="{prefix}', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}", svg)
    svg = svg.replace(' xmlns="http://www.w3.org/2000/svg"', "").replace("*{stroke", "svg.figure *{stroke")
    return re.sub(
        r'<svg([^>]*?) width="([\d.]+)pt" height="[\d.]+pt"([^>]*)>',
        lambda found: f'<svg class="figure" style="width:{1.6 * float(found[2]):.0f}px"{found[1]}{found[3]}>',
        svg,
        count=1,
    )
