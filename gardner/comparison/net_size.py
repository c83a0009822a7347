"""The two ratios in which a drawn net of the dense limit, N ≫ c ≫ 1, differs from it besides 1/c."""

from __future__ import annotations

from gardner.values import ByValue


class OfDrawnNet(ByValue):
    """Mixin of what was measured at connectivity c, with M patterns, on N units a layer."""

    connectivity: int
    patterns: int
    width: int

    @property
    def loops(self) -> float:
        """c²/N, inputs that two perceptrons share."""
        return self.connectivity**2 / self.width

    @property
    def ratio(self) -> float:
        """M/N."""
        return self.patterns / self.width
