"""Zero modes: Hessian of the potential against the learning rate, and of trained deep linear nets.

Left: eigenvalues of the exact Hessian at a minimum of the O(3) potential, one σ of -2m² and two exact zeros π below
η_c, three of m² above (THEORY section 10.1), beside the values quoted by arXiv:1710.06096. Right: spectra of deep
linear nets at a global minimum, with and without residual connections: the zero modes counted are the
Σ d_l d_{l-1} - r(d_0 + d_L - r) predicted from the widths, 10 orders of magnitude below the others.

Takes 5 s (draft and paper).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace


@dataclass(frozen=True)
class Settings:
    """components: of the potential; largest: η/η_c shown; seed: of targets and training."""

    components: int = 3
    largest: float = 1.4
    seed: int = 1


DRAFT = PAPER = Settings()


def potential_masses(settings: Settings):
    """Dataset of exact and quoted eigenvalues against η/η_c, in units of μ²."""
    import xarray as xr

    from gardner.fieldtheory.potential import SymmetryBreaking, predict

    theory = SymmetryBreaking(components=settings.components)
    ratio = np.linspace(0.0, settings.largest, 141)
    found = [predict(theory, x * theory.critical_rate) for x in ratio]
    names = ("sigma_mass2", "pi_mass2", "quoted_sigma_mass2", "quoted_pi_mass2")
    values = {name: ("ratio", np.array([getattr(one, name) for one in found]) / theory.mu**2) for name in names}
    return xr.Dataset(values, {"ratio": ratio})


def net_spectra(results):
    """Dataset of the spectra (run, eigenvalue), nan where a net has fewer, with counts."""
    import xarray as xr

    longest = max(len(one.spectrum) for one in results)
    spectra = [np.pad(one.spectrum, (longest - len(one.spectrum), 0), constant_values=np.nan) for one in results]
    counts = {name: ("net", np.array([getattr(one, name) for one in results])) for name in ("counted", "predicted")}
    gaps = {"gap": ("net", np.array([one.gap for one in results]))}
    names = [one.architecture.name for one in results]
    return xr.Dataset({"spectrum": (("net", "eigenvalue"), np.array(spectra))} | counts | gaps, {"net": names})


def make(settings: Settings, work: Workspace) -> Picture:
    """Potential, nets."""
    from gardner.fieldtheory.zero_modes import DEFAULT_ARCHITECTURES, zero_modes
    from gardner.plotting import style
    from gardner.plotting.fieldtheory import masses
    from gardner.plotting.fieldtheory_measured import hessians

    results = [zero_modes(net, settings.seed) for net in DEFAULT_ARCHITECTURES]
    potential = potential_masses(settings)
    with style.journal():
        drawing, axes = style.figure(1, 2, height=3.4, width=style.PAGE, width_ratios=(0.8, 1.0))
        masses(axes[0], potential, settings.components)
        hessians(axes[1], results)
        axes[0].set_title(rf"potential, $D={settings.components}$")
        axes[1].set_title("deep linear nets at a global minimum")
    return Picture(drawing, potential.merge(net_spectra(results)))
