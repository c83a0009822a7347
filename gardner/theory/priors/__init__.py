"""Priors of the weights: what the bond sector integrates over. A prior is one file and one line in `PRIORS`."""

from gardner.model import PRIORS

__all__ = ["PRIORS"]
