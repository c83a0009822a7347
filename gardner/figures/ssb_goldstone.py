"""Ring of minima of the scalar field theory: one stiff direction σ, and flat ones π along the ring.

V over a section of the space of weights, D = 3, through the direction the minimum took and one across it, at half of
η_c (THEORY section 10.1): curvature -2m² along σ, none along the D - 1 directions π. The claim of arXiv:1710.06096
with the curvatures of the exact Hessian.

Takes seconds (draft and paper).
"""

from __future__ import annotations

from dataclasses import dataclass

from gardner.figures.workspace import Picture, Workspace


@dataclass(frozen=True)
class Settings:
    """mu, coupling, components: of the potential; ratio: η/η_c."""

    mu: float = 1.0
    coupling: float = 1.0
    components: int = 3
    ratio: float = 0.5


DRAFT = PAPER = Settings()


def make(settings: Settings, work: Workspace) -> Picture:
    """The surface, the ring, σ and π at one minimum."""
    from gardner.analysis.field_theory import goldstone_surface
    from gardner.fieldtheory.potential import SymmetryBreaking, predict
    from gardner.plotting.fieldtheory import goldstone_figure

    theory = SymmetryBreaking(settings.mu, settings.coupling, settings.components)
    rate = settings.ratio * theory.critical_rate
    surface, found = goldstone_surface(theory, rate), predict(theory, rate)
    meaning = {"long_name": "eigenvalues of the Hessian at a minimum", "units": "1"}
    data = surface.assign(hessian=("eigenvalue", found.spectrum, meaning))
    numbers = {"learning_rate": rate, "order_parameter": found.order_parameter, "mass2": found.mass2}
    return Picture(goldstone_figure(surface), data.assign_attrs(numbers))
