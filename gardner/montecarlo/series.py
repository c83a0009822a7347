"""What a run records, in one table: name, axes, unit, meaning, and how it is measured.

The recorder of a block (`chain`), the dataset of a run (`run`), the check of a file (`results.schema`) and the report
all follow from `TABLE`. Every move records every quantity; what it cannot measure is nan (zeros for counts), never
absent, but for the exchanges of a run without tempering.

A *chain* is one disorder sample, a *point* one block of sweeps. The axes say when a quantity is measured: with `time`
at every measurement, with `matched_time` at the fewer ones where hidden units are matched, with `waiting` and `lag` at
pairs of times, with `point` at the end of a block. The other axes: clone (the replicas 0…R-1, then the guest if there
is one), replica, pair of replicas (a < b in the order of numpy.triu_indices(R, 1)), bond_layer 1…L, layer 0…L of
spins, exchange between neighbouring temperatures, gap bin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gardner.montecarlo.hebb import hebb_error

if TYPE_CHECKING:
    from gardner.montecarlo.observables import Look

LAYERS = {"Q": "bond_layer", "q": "layer"}  # of bond and spin overlaps
CHAINS = {"replica": ("pair",), "teacher": ("clone",), "guest": ()}  # what a net is compared with, how many series
MATCHED_CHAINS = {"replica": ("pair",), "teacher": ("replica",), "null": ()}


@dataclass(frozen=True)
class Quantity:
    """One row of the table.

    axes: of a sample, in the order of the dataset; measure(look) gives its value now, without the axis of time, and
    measure(look, snapshot) that of a pair of times. counted: the value grows from 0, and a block records its growth.
    join: how the blocks of a chain become one value, where that is not along an axis. required: whether a file must
    hold it. judged: whether equilibration is judged by it. All are numbers without a unit.
    """

    name: str
    axes: tuple[str, ...]
    long_name: str
    measure: Callable
    counted: bool = False
    join: Callable | None = None
    required: bool = False
    judged: bool = False

    @property
    def when(self) -> str:
        """The axis that says when it is measured: time, matched_time, waiting, or point (the end of a block)."""
        return next((axis for axis in ("time", "matched_time", "waiting") if axis in self.axes), "point")

    def value(self, look: Look, *snapshot) -> np.ndarray:
        """The value now; nan for clones that are not there yet, in series."""
        value = self.measure(look, *snapshot)
        if self.axes[:1] == ("clone",):
            value = np.array(value, dtype=float)
            value[look.absent_r] = np.nan
        return value


def _series(name: str, long_name: str, measure: Callable, **flags) -> Quantity:
    return Quantity(name, ("clone", "time"), long_name, measure, **flags)


def _overlap(letter: str, other: str) -> Quantity:
    """Raw overlaps between replicas, with the teacher or with the guest."""
    place, what = "Qq".index(letter), "bond" if letter == "Q" else "spin"
    named = f"{what} overlap " + ("between replicas" if other == "replica" else f"with the {other}")
    axes = (*CHAINS[other], "time", LAYERS[letter])
    return Quantity(f"{letter}_{other}", axes, named, lambda look: look.overlaps(other)[place], judged=other != "guest")


def _matched(letter: str, other: str) -> Quantity:
    """Overlaps after signed matching of hidden units, and what matching makes of a null."""
    name = f"{letter}_null" if other == "null" else f"{letter}_{other}_matched"
    named = f"{letter} after matching of hidden units" + (", null" if other == "null" else "")
    axes = (*MATCHED_CHAINS[other], "matched_time", LAYERS[letter])
    return Quantity(name, axes, named, lambda look: look.matched[name])


def _matrix(letter: str) -> Quantity:
    place, axes = "Qq".index(letter), ("point", LAYERS[letter], "clone", "clone_b")
    named = f"raw overlaps {letter} of all clones at the end of the block"
    return Quantity(f"{letter}_matrix", axes, named, lambda look: look.matrices[place], required=True)


def _correlation(what: str, place: int, layer: str) -> Quantity:
    named, axes = f"overlap of the {what}s at t_w + lag with those at t_w", ("clone", "waiting", "lag", layer)
    return Quantity(f"C_{what}", axes, named, lambda look, then: look.overlaps_with(then)[place], required=True)


def _counter(name: str, axis: tuple[str, ...], long_name: str) -> Quantity:
    return Quantity(name, ("point", *axis), long_name, lambda look: look.sampler.counts[name], counted=True)


EXCHANGES = (
    _counter("exchange_attempts", ("exchange",), "attempted exchanges of neighbouring temperatures"),
    _counter("exchange_accepted", ("exchange",), "accepted exchanges of neighbouring temperatures"),
    _counter("round_trips", (), "round trips through the ladder of temperatures"),
)
TABLE = (
    _series(
        "energy",
        "energy Σ v(r); where spins are slaved the number of wrong outputs",
        lambda look: look.sampler.energy_r,
        required=True,
        judged=True,
    ),
    _series("training_error", "fraction of wrong outputs", lambda look: look.training_error_r, required=True),
    _series("negative_gaps", "fraction of gaps below 0", lambda look: (look.gap_rpm < 0.0).mean(axis=(1, 2))),
    _series(
        "fresh_error",
        "fraction of outputs that differ from the teacher's on fresh inputs",
        lambda look: look.fresh_error_r,
        required=True,
    ),
    *(_overlap(letter, other) for letter in LAYERS for other in CHAINS),
    *(_matched(letter, other) for letter in LAYERS for other in MATCHED_CHAINS),
    _counter("attempts", ("bond_layer",), "attempted weight moves, clones and temperatures together"),
    _counter("accepted", ("bond_layer",), "accepted weight moves"),
    _counter("spin_attempts", ("layer",), "attempted spin flips; 0 where spins are slaved"),
    _counter("spin_accepted", ("layer",), "accepted spin flips"),
    *map(_matrix, LAYERS),
    Quantity(
        "gap_counts",
        ("bond_layer", "gap"),
        "gaps in bins, at the measurements after the burn-in",
        lambda look: look.gap_counts_lb,
        join=sum,
    ),
    Quantity("drift", (), "largest error of what is updated incrementally", lambda look: look.sampler.drift, join=max),
    Quantity(
        "hebb_error",
        (),
        "error of the Hebb rule on fresh inputs",
        lambda look: hebb_error(look.observer.disorder) if look.is_first else np.nan,
        join=lambda values: values[0],
    ),
    *EXCHANGES,
    _correlation("bond", 0, "bond_layer"),
    _correlation("spin", 1, "layer"),
)
ROWS = {row.name: row for row in TABLE}

COORDINATES = {"layer": "spin layer", "bond_layer": "bond layer", "time": "time", "matched_time": "time"}
COORDINATES |= {"waiting": "waiting time t_w", "lag": "lag t", "gap": "gap r"}
TIMES = ("time", "matched_time", "waiting", "lag")  # in sweeps


def choose_rows(with_exchanges: bool) -> tuple[Quantity, ...]:
    """The rows of the table that a run records."""
    return TABLE if with_exchanges else tuple(row for row in TABLE if row not in EXCHANGES)


# what a file must hold: coordinates and quantities with the dimensions that they cannot do without
FILE_VARIABLES = {name: ((name,), "number") for name in ("layer", "bond_layer", "time", "waiting", "lag")}
FILE_VARIABLES |= {row.name: (("sample", *row.axes), "number") for row in TABLE if row.required}
