"""The moves of Monte Carlo: one file each, chosen by name (`MonteCarloSettings.dynamics`).

    rotations         hard core: two weights of a row turn, hidden spins follow, outputs must stay right
    heat-bath         hard core: each weight drawn afresh from what all the others allow it; binary: binary-rows
    bonds-and-spins   soft potentials: weights and hidden spins move at e^{-βE}
    bit-flips         binary weights: e^{-β × wrong outputs}, 64 patterns in a word
    binary-rows       the same measure, whole rows drawn afresh
    metropolis        of rotations, bonds-and-spins and bit-flips the one that fits weights and potential

A move declares what it serves, as class attributes, and refuses the rest in its own words. It leaves the measure of
the settings (THEORY section 8) invariant; the contract test of `tests/montecarlo` asks that of every registered one.
A move of your own is a class derived from `base.Move` with a method `sweep`:

    from gardner.montecarlo.moves import MOVES
    MOVES.register("mine", Mine)

A kernel that calls others has them inlined (`forceinline`). A function compiled for itself and its copy inside a caller
may order the terms of a sum differently; with copies only, a kernel just compiled and the same kernel read back from
disk by another process or worker give the same numbers to the last bit.
"""

from __future__ import annotations

from gardner.registry import Registry

MOVES = Registry(
    "dynamics",
    metropolis="gardner.montecarlo.moves.metropolis:Metropolis",
    rotations="gardner.montecarlo.moves.hard_rotations:Rotations",
    heat_bath="gardner.montecarlo.moves.heat_bath:HeatBath",
    bonds_and_spins="gardner.montecarlo.moves.soft_core:BondsAndSpins",
    bit_flips="gardner.montecarlo.moves.bit_flips:BitFlips",
    binary_rows="gardner.montecarlo.moves.binary_rows:BinaryRows",
)


def choose_move(settings):
    """The class (of `base.Move`) that makes the move of these MonteCarloSettings; ValueError for an unknown name."""
    return MOVES[settings.dynamics].serving(settings)
