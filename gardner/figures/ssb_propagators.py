"""Propagators of the scalar field theory: exact lattice forms against Monte Carlo, and the source's masses.

Left: the free field on a two-dimensional lattice, layers t along one axis, at the two smallest momenta: exact with its
periodic images (THEORY section 10.2). Middle: O(3) in three dimensions in the ordered phase at k = 0, σ and π, the
latter massless and without its zero mode. The potential alone (dotted; σ of mass² -2m² = 4) is off by twenty errors for
σ at t = 0: fluctuations lower the mass² to 2.5…2.8 at this coupling. The self-energies to one loop on the same lattice
(full) account for it; what is left, two per cent, is the order λ² (the legend says how many errors it is). Right: the
same data as 1/G(p) against p̂², where the masses² are what the lines begin at: π at zero and σ where the loop puts it,
and not at the values quoted by arXiv:1710.06096 (dashed), |m²| for σ and ¼λη² for π, here at η = 0.6 η_c.
Monte Carlo errors are jackknife errors over blocks; points of one lattice are correlated.

Takes 12 s (draft; paper: not measured).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace


@dataclass(frozen=True)
class Settings:
    """free_mass2, free_size: of the free field; mass2, coupling, size: of O(3); ratio: η/η_c of the quoted masses;
    blocks of sweeps of each of two chains."""

    free_mass2: float = 0.25
    free_size: int = 16
    mass2: float = -2.0
    coupling: float = 0.5
    size: int = 10
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
    """Free field, ordered field, inverse propagators of the latter."""
    from gardner.analysis.field_theory import inverse_propagators, lattice_correlations
    from gardner.fieldtheory.lattice_runs import run_lattice
    from gardner.fieldtheory.lattice_verdicts import report
    from gardner.plotting import fieldtheory, style

    found = [report(work.field_theory("lattice", plan, run_lattice)) for plan in plans(settings)]
    ordered = rf"$O(3)$, ${settings.size}^3$ sites, $m^2={settings.mass2:g}$, $\lambda={settings.coupling:g}$"
    names = (rf"free field, ${settings.free_size}^2$ sites, $m^2={settings.free_mass2:g}$", ordered)
    panels = [(*lattice_correlations(one)[:2], name) for one, name in zip(found, names)]
    panels.append((*inverse_propagators(found[1], settings.ratio), "the same; $p$: momentum of $t$"))
    with style.journal():
        drawing, axes = style.figure(1, 3, height=3.5, width=style.PAGE)
        for axis, panel in zip(axes[:2], panels):
            fieldtheory.propagators(axis, *panel)
        fieldtheory.inverse_propagators(axes[2], *panels[2][:2])
        axes[2].set_title(panels[2][2])
        for axis in axes:
            axis.legend(fontsize=6, loc="upper center", bbox_to_anchor=(0.5, -0.16))
    return Picture(drawing, dataset(panels))


def dataset(panels):
    """Curves and points of every panel: `theory_P_c` at `t_P`, `measured_P_c` at `lattice_t_P`; inverse: t is p̂²."""
    import xarray as xr

    data = xr.Dataset()
    for name, (curves, points, title) in zip(("free", "ordered", "inverse"), panels):
        along = {"long_name": "momentum squared", "units": "1"}
        if name != "inverse":
            along = {"long_name": "distance of layers", "units": "layers"}
        for place, curve in enumerate(curves):
            key = f"theory_{name}_{place}"
            t = f"t_{name}_{place}"
            data[key] = ((t,), np.asarray(curve.value), {"long_name": curve.label, "panel": title})
            data[t] = ((t,), np.asarray(curve.t, dtype=float), along)
        for place, point in enumerate(points):
            lag = f"lattice_t_{name}" if name != "inverse" else f"lattice_t_{name}_{place}"
            data[f"measured_{name}_{place}"] = ((lag,), point.value, {"long_name": point.label, "panel": title})
            data[f"error_{name}_{place}"] = ((lag,), point.error, {"long_name": "standard error", "curve": point.curve})
            data[lag] = ((lag,), np.asarray(point.t, dtype=float), along)
    return data
