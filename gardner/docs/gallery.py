"""The pictures that the clone keeps of every figure: drafts, small enough to be kept.

    python -m gardner.docs.gallery [NAME…]

draws them into build/gallery, which keeps finished parts (nine minutes for all of them, at once where they are kept),
and writes into figures/gallery NAME.svg, or NAME.png where the drawing is large, and data/NAME.nc where that is small.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from gardner.docs.markdown import ROOT
from gardner.figures import FIGURES
from gardner.figures.drawing import CACHE, draw, settings_of
from gardner.figures.workspace import Workspace
from gardner.plotting import style
from gardner.runtime.files import write_bytes

GALLERY = ROOT.parents[1] / "figures" / "gallery"
LARGEST_PICTURE = 200_000  # bytes
LARGEST_DATA = 100_000


def thin(svg: str) -> str:
    """A drawing without its metadata and comments, paths to a hundredth of a point, which no eye tells apart."""

    def rounded(path: re.Match) -> str:
        return re.sub(r"(-?\d+\.\d{2})\d+", lambda number: number[1].rstrip("0").rstrip("."), path[0])

    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->\n?", "", svg, flags=re.S)
    svg = re.sub(r' d="[^"]*"', rounded, svg)  # not the scales of letters
    return re.sub(r"\n\s+", "\n", svg)


def keep(name: str, drawn: Path, gallery: Path = GALLERY) -> list[Path]:
    """Keep the picture of a figure drawn in the folder `drawn`, and its data; returns what was written."""
    picture, written = (drawn / f"{name}.svg").read_text(encoding="utf-8"), []
    thinned = thin(picture).encode()
    small = len(thinned) <= LARGEST_PICTURE
    written.append(gallery / f"{name}{'.svg' if small else '.png'}")
    (gallery / f"{name}{'.png' if small else '.svg'}").unlink(missing_ok=True)  # of an earlier version, once as large
    (gallery / "data").mkdir(parents=True, exist_ok=True)
    if small:
        write_bytes(written[0], thinned)
    else:
        again = FIGURES[name].make(settings_of(name, "draft"), Workspace(drawn / CACHE))
        style.save_figure(again.drawing, written[0])
    for data in (drawn / f"{name}{ending}" for ending in (".nc", ".csv")):
        if data.exists() and data.stat().st_size <= LARGEST_DATA:
            written.append(gallery / "data" / data.name)
            write_bytes(written[-1], data.read_bytes())
    return written


def main(names: list[str]) -> None:
    """Draw and keep the figures named, all of them without names."""
    folder = ROOT.parents[1] / "build" / "gallery"
    for one in draw(names or FIGURES.names, out=folder):
        print(one.problem or ", ".join(str(path.name) for path in keep(one.name, folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
