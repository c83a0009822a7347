"""Propagators of the scalar field theory: exact lattice forms against Monte Carlo, and the source's masses.

Left: the free field on a two-dimensional lattice, layers t along one axis, at the two smallest momenta: exact with its
periodic images (THEORY section 10.2). Middle: O(3) in three dimensions deep in the ordered phase: σ of mass² -2m²
(full; dashed with the measured order) and massless π without its zero mode. Right: the Euclidean P(t, k) below η_c with
the exact Hessian (full) and with the values quoted by arXiv:1710.06096, |m²| for σ and ¼λη² for π (dashed).
Monte Carlo errors are jackknife errors over blocks; points of one lattice are correlated.

Takes 12 s (draft; paper: not measured).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace


@dataclass(frozen=True)
class Settings:
    """free_mass2, free_size: of the free field; mass2, coupling, size: of O(3); momentum, ratio: of the right panel;
    blocks of sweeps of each of two chains."""

    free_mass2: float = 0.25
    free_size: int = 16
    mass2: float = -2.0
    coupling: float = 0.5
    size: int = 10
    momentum: float = 0.5
    ratio: float = 0.6
    blocks: int = 64
    sweeps: int = 40
    seed: int = 1


DRAFT, PAPER = Settings(), Settings(blocks=400, sweeps=100)


def plans(settings: Settings):
    """The free field and the ordered one."""
    from gardner.fieldtheory.lattice_runs import LatticePlan

    length = {"blocks": settings.blocks, "sweeps": settings.sweeps, "seed": settings.seed}
    return (
        LatticePlan((settings.free_size,), (settings.free_mass2,), **length),
        LatticePlan((settings.size,), (settings.mass2,), settings.coupling, 3, 3, **length),
    )


def make(settings: Settings, work: Workspace) -> Picture:
    """Free field, ordered field, source."""
    from gardner.analysis.field_theory import lattice_correlations, propagator_curves
    from gardner.fieldtheory.lattice_runs import run_lattice
    from gardner.fieldtheory.lattice_verdicts import report
    from gardner.fieldtheory.potential import SymmetryBreaking
    from gardner.plotting import style
    from gardner.plotting.fieldtheory import propagators

    found = [report(work.field_theory("lattice", plan, run_lattice)) for plan in plans(settings)]
    names = (
        rf"free field, ${settings.free_size}^2$ sites, $m^2={settings.free_mass2:g}$",
        rf"$O(3)$, ${settings.size}^3$ sites, $m^2={settings.mass2:g}$, $\lambda={settings.coupling:g}$",
    )
    panels = [(*lattice_correlations(one)[:2], name) for one, name in zip(found, names)]
    theory = SymmetryBreaking(components=3)
    curves = propagator_curves(theory, settings.ratio * theory.critical_rate, settings.momentum)
    title = rf"potential, $D=3$, $\eta={settings.ratio:g}\,\eta_c$, $k={settings.momentum:g}$"
    panels.append((curves, [], title))
    with style.journal():
        drawing, axes = style.figure(1, 3, height=2.6, width=style.PAGE)
        for axis, panel in zip(axes, panels):
            propagators(axis, *panel)
            axis.legend(fontsize=5.5)
    return Picture(drawing, dataset(panels))


def dataset(panels):
    """Curves and points of every panel: `theory_P_c` at `t_P`, `measured_P_c` with errors at `lattice_t_P`."""
    import xarray as xr

    data = xr.Dataset()
    for name, (curves, points, title) in zip(("free", "ordered", "source"), panels):
        for place, curve in enumerate(curves):
            key = f"theory_{name}_{place}"
            t = f"t_{name}_{place}"
            data[key] = ((t,), np.asarray(curve.value), {"long_name": curve.label, "panel": title})
            data[t] = ((t,), np.asarray(curve.t, dtype=float), {"long_name": "distance of layers", "units": "layers"})
        for place, point in enumerate(points):
            lag = f"lattice_t_{name}"
            data[f"measured_{name}_{place}"] = ((lag,), point.value, {"long_name": point.label, "panel": title})
            data[f"error_{name}_{place}"] = ((lag,), point.error, {"long_name": "standard error", "curve": point.curve})
            data[lag] = ((lag,), np.asarray(point.t, dtype=float), {"units": "layers"})
    return data
