"""Potential of the scalar field theory of weights, for learning rates below and above η_c.

V(w, η) of one weight with m²(η) = -μ² + ¼λη² (THEORY section 10): two minima at ±(-m²/λ)^{1/2}, marked by dots, which
merge continuously at η_c = 2μ/√λ. The potential of arXiv:1710.06096, whose learning rate plays the part of a
temperature; that gradient descent does not follow it beyond η of order 1/μ² is shown by ssb-learning-rate.

Takes a second (draft and paper).
"""

from __future__ import annotations

from dataclasses import dataclass

from gardner.figures.workspace import Picture, Workspace


@dataclass(frozen=True)
class Settings:
    """mu, coupling: of the potential; ratios: η/η_c, one curve each."""

    mu: float = 1.0
    coupling: float = 1.0
    ratios: tuple[float, ...] = (0.0, 0.6, 0.8, 1.0, 1.2)


DRAFT = PAPER = Settings()


def make(settings: Settings, work: Workspace) -> Picture:
    """One panel."""
    from gardner.analysis.field_theory import potential_curves
    from gardner.fieldtheory.potential import SymmetryBreaking
    from gardner.plotting.fieldtheory import potential_figure

    theory = SymmetryBreaking(settings.mu, settings.coupling, 1)
    curves = potential_curves(theory, [ratio * theory.critical_rate for ratio in settings.ratios])
    return Picture(potential_figure(curves), curves)
