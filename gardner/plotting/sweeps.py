"""All pictures of a sweep in one go: what `gardner sweep --plot` and `gardner show sweep.nc --plot` write."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gardner.analysis.sweep import with_all_axes
from gardner.plotting import phase, style


def save_sweep(dataset, path: Path) -> list[Path]:
    """Write PATH (map of phases over α and L), PATH-layers (Q_EA of every layer of the deepest net, with the
    transitions marked where they are known exactly), PATH-loops (up and down), and PATH.csv; return their names.
    """
    path, dataset = Path(path), with_all_axes(dataset)
    phase.save_with_table(phase.phase_map(dataset), dataset, path)
    written = [path, path.with_suffix(".csv")]
    upward = "up" in np.atleast_1d(dataset["direction"].values)
    pictures = {
        "layers": phase.layer_map(
            dataset, direction="up" if upward else "down", transitions=known_transitions(dataset)
        ),
        "loops": phase.hysteresis_loops(dataset),
    }
    for name, drawing in pictures.items():
        target = path.with_stem(f"{path.stem}-{name}")
        style.save_figure(drawing, target)
        written.append(target)
    return written


def known_transitions(dataset) -> tuple[float, ...]:
    """α_1, α_2, … of the half-infinite planted front; none in the random setting, where they take a computation."""
    if dataset.attrs["setting"] != "planted":
        return ()
    from gardner.theory.transitions.planted_transitions import planted_transitions

    count = max(2, int(np.max(dataset["depth"].values)) // 2)
    alphas = planted_transitions(str(dataset.attrs["closure"]), None, count).continuous
    low, high = float(dataset["alpha"].min()), float(dataset["alpha"].max())
    return tuple(alpha for alpha in alphas if low <= alpha <= high)
