"""Metropolis dynamics, acceptance min(1, e^{-βΔE}): the move with it that fits weights and potential."""

from __future__ import annotations

from gardner.montecarlo.moves import MOVES
from gardner.montecarlo.moves.base import Move
from gardner.montecarlo.settings import MonteCarloSettings


class Metropolis(Move):
    """A choice among three moves; the default of a run."""

    names = ("rotations", "bonds-and-spins", "bit-flips")

    @classmethod
    def serving(cls, settings: MonteCarloSettings) -> type[Move]:
        """The first of its moves that serves most; what is left unserved, that one refuses."""
        order = ("weights", "potential")
        moves = [MOVES[name] for name in cls.names]
        return min(moves, key=lambda move: [what in move.unserved(settings) for what in order])
