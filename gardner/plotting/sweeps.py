"""All pictures of a sweep in one go: what `gardner sweep --plot` and `gardner show sweep.nc --plot` write."""

from __future__ import annotations

from pathlib import Path

from gardner.analysis.layer_transitions import transitions_within
from gardner.analysis.phases import branch_curves, layer_profile, list_axis, phase_diagram
from gardner.analysis.sweep import with_all_axes
from gardner.plotting import phase, style


def save_sweep(dataset, path: Path) -> list[Path]:
    """Write PATH (map of phases over α and L), PATH-layers (Q_EA of every layer of the deepest net, with the
    transitions marked where they are known exactly), PATH-loops (up and down), and PATH.csv; return their names.
    """
    path, dataset = Path(path), with_all_axes(dataset)
    phase.save_with_table(phase.phase_map(phase_diagram(dataset)), dataset, path)
    written = [path, path.with_suffix(".csv")]
    direction = "up" if "up" in list_axis(dataset, "direction") else "down"
    profile = layer_profile(dataset, direction=direction, transitions=transitions_within(dataset))
    pictures = {"layers": phase.layer_map(profile), "loops": phase.hysteresis_loops(branch_curves(dataset))}
    for name, drawing in pictures.items():
        target = path.with_stem(f"{path.stem}-{name}")
        style.save_figure(drawing, target)
        written.append(target)
    return written
