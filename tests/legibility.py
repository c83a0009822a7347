"""Whether the lines of a picture can be told apart in grey, and by eyes that lack one kind of cone; whether its
numbers stand apart.

Two lines of one axis that mean different things (they differ in colour, or in the name in a legend)
must differ in dash, marker or its filling, or else their colours must be apart: in lightness by
`GREY`, and as protanopes, deuteranopes and tritanopes see them by `SEEN` in CIELAB. Where a colour
bar stands for many colours neighbours may be closer, for what they say is an order: of them only
the lightness has to go one way. The same holds for the filled keys of a legend.

The matrices act on linear RGB [G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, IEEE TVCG 15,
1291 (2009)].
"""

from itertools import combinations, pairwise

import numpy as np
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Patch, StepPatch

GREY = 6.0  # L* of CIELAB: 0 black, 100 white; two neighbouring bars of this difference are told apart on paper
SEEN = 8.0  # ΔE of 1976; about 2 can just be noticed side by side
EYES = {
    "protanope": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranope": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanope": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(colour, eye: str | None = None) -> np.ndarray:
    """L*, a*, b* of a colour, white (1, 1, 1), for an eye of EYES or a usual one."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(EYES[eye]) @ linear, 0.0, 1.0) if eye else linear
    t = (TO_XYZ @ linear) / TO_XYZ.sum(axis=1)
    f = np.where(t > (6.0 / 29.0) ** 3, np.cbrt(t), t / (3.0 * (6.0 / 29.0) ** 2) + 4.0 / 29.0)
    return np.array([116.0 * f[1] - 16.0, 500.0 * (f[0] - f[1]), 200.0 * (f[1] - f[2])])


def apart(one, other) -> bool:
    """Whether two colours are told apart in grey and by every eye."""
    if abs(lab(one)[0] - lab(other)[0]) < GREY:
        return False
    return all(np.linalg.norm(lab(one, eye) - lab(other, eye)) >= SEEN for eye in EYES)


def looks_of(axis) -> list[tuple]:
    """(look without colour, colour, label) of every line and staircase with something to see on an axis.

    A look is dash, marker, whether the marker is filled, and whether the line is a straight mark across the axis.
    """
    found = []
    for line in axis.get_lines():
        y = np.asarray(line.get_ydata(), dtype=float)
        if not line.get_visible() or np.isfinite(y).sum() == 0:
            continue
        drawn = line.get_linestyle() not in ("None", "none", " ", "") and np.isfinite(y).sum() > 1
        marker = line.get_marker() if line.get_marker() not in ("None", None, "none", "", " ") else None
        if not drawn and marker is None:
            continue
        dash = (line.get_linestyle(), str(line._unscaled_dash_pattern[1])) if drawn else None
        filled = None if marker is None else to_hex(line.get_markerfacecolor()) == to_hex(line.get_markeredgecolor())
        across = drawn and len(y) == 2 and 0.0 in (np.ptp(np.asarray(line.get_xdata(), dtype=float)), np.ptp(y))
        colour = line.get_color() if drawn else line.get_markeredgecolor()
        found.append(((dash, marker, filled, across), to_hex(colour), line.get_label()))
    for patch in axis.patches:
        if isinstance(patch, StepPatch) and not patch.get_fill():
            dash = str(patch._unscaled_dash_pattern)
            found.append(((dash, None, None, False), to_hex(patch.get_edgecolor()), patch.get_label()))
    return found


def has_scale(drawing) -> bool:
    """Whether a colour bar says what the colours mean."""
    return any(getattr(axis, "_colorbar", None) is not None for axis in drawing.axes)


def confusable(drawing) -> list[str]:
    """Pairs of lines and keys of a figure that not everybody can tell apart, in words."""
    problems = []
    for number, axis in enumerate(drawing.axes):
        if getattr(axis, "_colorbar", None) is not None:
            continue
        for look, colours in grouped(looks_of(axis)).items():
            if has_scale(drawing) and len(colours) > 2:
                light = sorted(lab(colour)[0] for colour in colours)
                pairs = [] if min(np.diff(light)) > 0.5 else [colours[:2]]
            else:
                pairs = [pair for pair in combinations(colours, 2) if not apart(*pair)]
            problems += [f"panel {number}: {one} and {other}, both {look}" for one, other in pairs]
        problems += [f"panel {number}: {text}" for text in namesakes(looks_of(axis))]
    for legend in [*drawing.legends, *(axis.get_legend() for axis in drawing.axes)]:
        problems += keys_alike(legend) if legend is not None else []
    return problems


def grouped(looks: list[tuple]) -> dict[tuple, list[str]]:
    """The different colours of every look; a grey mark across an axis without a name belongs to the axes."""
    groups: dict[tuple, list[str]] = {}
    for look, colour, label in looks:
        if look[-1] and str(label).startswith("_") and np.ptp(to_rgb(colour)) < 0.01:
            continue
        colours = groups.setdefault(look, [])
        if colour not in colours:
            colours.append(colour)
    return groups


def namesakes(looks: list[tuple]) -> list[str]:
    """Lines of one look and colour that a legend gives two names."""
    names: dict[tuple, set] = {}
    for look, colour, label in looks:
        if not str(label).startswith("_"):
            names.setdefault((look, colour), set()).add(label)
    return [f"one look for {', '.join(sorted(found))}" for found in names.values() if len(found) > 1]


def keys_alike(legend) -> list[str]:
    """Filled keys of a legend that only their colour tells apart, too little of it."""
    keys = [key for key in legend.get_patches() if isinstance(key, Patch) and key.get_fill()]
    pairs = combinations(keys, 2)
    return [
        f"legend: {to_hex(one.get_facecolor())} and {to_hex(other.get_facecolor())}"
        for one, other in pairs
        if one.get_hatch() == other.get_hatch() and not apart(one.get_facecolor(), other.get_facecolor())
    ]


def crowded(drawing) -> list[str]:
    """Neighbouring numbers along an axis with less than half a letter between them."""
    drawing.canvas.draw()  # places of the numbers are known then
    problems = []
    for number, panel in enumerate(drawing.axes):
        for side, axis in enumerate((panel.xaxis, panel.yaxis)):
            low, high = sorted(axis.get_view_interval())
            labels = [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
            labels = [label for label in labels if label.get_visible() and label.get_text()]
            boxes = sorted((*label.get_window_extent().get_points()[:, side], label.get_text()) for label in labels)
            gap = (0.5 if side == 0 else 0.0) * (labels[0].get_fontsize() if labels else 0.0) * drawing.dpi / 72.0
            problems += [
                f"panel {number}: {one} and {other}"
                for (_, end, one), (begin, _, other) in pairwise(boxes)
                if begin - end < gap
            ]
    return problems
