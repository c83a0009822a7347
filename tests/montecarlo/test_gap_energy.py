"""The energy that compiled kernels know is that of the potential they are given, whatever it is made of."""

from dataclasses import dataclass

import numpy as np
import pytest

from gardner.montecarlo.moves.gap_energy import _spell_out, _type_of_class, shortfall_energy
from gardner.potentials import POTENTIALS, Potential
from gardner.potentials.base import beta_parameter, margin_parameter

WEIGHT = 1.0


def weighted_linear(weight: float, extra=None) -> type[Potential]:
    """v(r) = weight (κ - r): classes of one name and one bytecode, told apart by the number they enclose."""

    @dataclass(frozen=True)
    class Weighted(Potential):
        beta: float = beta_parameter()
        margin: float = margin_parameter()
        name = "weighted"
        title = "weighted hinge"

        def terminal(self, h, sigma):
            raise NotImplementedError

        def energy(self, r):
            return weight * np.maximum(self.margin - np.asarray(r), 0.0)

        @staticmethod
        def energy_of_gap(r, margin):
            if extra is not None:
                return extra
            return weight * (margin - r) if r < margin else 0.0

    return Weighted


def test_classes_that_differ_in_an_enclosed_number_have_kernels_of_their_own():
    for weight in (1.0, 5.0):
        potential = weighted_linear(weight)(1.0, 0.0)
        assert shortfall_energy(potential, 0.5, 0.0) == pytest.approx(0.5 * weight)


def of_module(r, margin):
    """An energy with a number of its module."""
    return WEIGHT * r


def calls(r, margin):
    """An energy that leaves the work to another function."""
    return of_module(r, margin)


@pytest.mark.parametrize("energy", [of_module, calls])
def test_what_is_compiled_is_named_after_the_numbers_of_the_module(energy, monkeypatch):
    before = _spell_out(energy)
    assert _spell_out(energy) == before
    monkeypatch.setitem(globals(), "WEIGHT", 5.0)
    assert _spell_out(energy) != before


def test_an_energy_that_cannot_be_spelled_out_is_refused():
    with pytest.raises(ValueError, match="use numbers"):
        _type_of_class(weighted_linear(1.0, extra=object()))


def test_every_registered_potential_has_a_name_that_stays():
    names = [_type_of_class(POTENTIALS[name]).name for name in POTENTIALS]
    assert len(set(names)) == len(names)
