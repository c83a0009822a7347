"""What moves of binary weights share: the measure they sample, what they refuse, the ladder they temper with."""

from __future__ import annotations

import numpy as np

from gardner.montecarlo.ladder import geometric
from gardner.montecarlo.moves.base import SLAVED, Move

HOTTEST = 0.2  # inverse temperature of the last slot: a wrong output more is hardly refused
COLDEST = 10.0  # β beyond which a wrong output more is accepted once in 22026: slots there would idle


class BinaryMove(Move):
    """A move of weights ±1 under e^{-β × wrong outputs}, hidden spins slaved; tempered guests too."""

    weights = ("binary",)
    potentials = ("hard",)
    any_margin = False
    tempers = True
    tempers_guests = True
    has_step = False
    exchanges_before_tuning = 40
    refusals = SLAVED | {
        "potential": "weights = binary with potential = {potential}: the energy of binary nets is the number of wrong "
        "outputs; choose --potential hard",
        "step": "weights = binary with a step: they change their signs or are drawn afresh; drop --step",
    }

    def first_ladder(self) -> np.ndarray:
        """β_k with constant ratio from COLDEST to HOTTEST, and β in the coldest slot."""
        beta = self.settings.beta
        if beta <= 0.0:
            raise ValueError(f"beta = {beta:g} with tempering: nothing is hotter; choose a positive beta")
        ladder = geometric(min(beta, COLDEST), min(HOTTEST, beta / 4.0), self.settings.tempering)
        ladder[0] = beta
        return ladder
