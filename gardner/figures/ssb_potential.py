"""Potential of the scalar field theory of weights, for learning rates below and above η_c.

V(w, η) of one weight with m²(η) = -μ² + ¼λη² (THEORY section 10): two minima at ±(-m²/λ)^{1/2}, marked by dots, which
merge continuously at η_c = 2μ/√λ. The potential of arXiv:1710.06096, whose learning rate plays the part of a
temperature; that gradient descent does not follow it beyond η of order 1/μ² is shown by ssb-learning-rate.

Takes a second (draft and paper).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gardner.figures.workspace import Picture, Workspace


@dataclass(frozen=True)
class Settings:
    """mu, coupling: of the potential; ratios: η/η_c, one curve each."""

    mu: float = 1.0
    coupling: float = 1.0
    ratios: tuple[float, ...] = (0.0, 0.6, 0.8, 1.0, 1.2)


DRAFT = PAPER = Settings()


def curves(settings: Settings):
    """Dataset V(ratio, weight), with m² and |w*| of every η."""
    import xarray as xr

    from gardner.fieldtheory.potential import SymmetryBreaking, potential_value

    theory = SymmetryBreaking(settings.mu, settings.coupling, 1)
    rates = theory.critical_rate * np.array(settings.ratios)
    w = np.linspace(-1.5, 1.5, 301) * theory.order_parameter(0.0)
    masses = np.array([theory.mass2(rate) for rate in rates])
    potential = np.stack([potential_value(w[:, None], mass2, theory.coupling) for mass2 in masses])
    order = np.array([theory.order_parameter(rate) for rate in rates])
    data = xr.Dataset(
        {
            "potential": (("ratio", "weight"), potential),
            "mass2": ("ratio", masses),
            "order_parameter": ("ratio", order),
        },
        {"ratio": list(settings.ratios), "weight": w},
    )
    data["ratio"].attrs = {"long_name": "learning rate over its critical value", "units": "1"}
    data["order_parameter"].attrs = {"long_name": "|w*|", "units": "1"}
    return data


def make(settings: Settings, work: Workspace) -> Picture:
    """One panel."""
    from gardner.fieldtheory.potential import SymmetryBreaking
    from gardner.plotting.fieldtheory import potential_figure

    theory = SymmetryBreaking(settings.mu, settings.coupling, 1)
    drawing = potential_figure(theory, [ratio * theory.critical_rate for ratio in settings.ratios])
    return Picture(drawing, curves(settings))
