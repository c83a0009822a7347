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

import numpy as np

from gardner.montecarlo.hebb import hebb_error

LAYERS = {"Q": "bond_layer", "q": "layer"}  # of bond and spin overlaps
REFERENCES = ("replica", "teacher", "guest")  # what a replica is compared with
CHAINS = {"replica": ("pair",), "teacher": ("clone",), "guest": ()}
MATCHED_CHAINS = {"replica": ("pair",), "teacher": ("replica",)}


@dataclass(frozen=True)
class Quantity:
    """One row of the table.

    axes: of a sample, in the order of the dataset; measure(look) gives its value now, without the axis of time, and
    measure(look, snapshot) that of a pair of times. counted: the value grows from 0, and a block records its growth.
    join: how the blocks of a chain become one value, where that is not along an axis. required: whether a file must
    hold it. judged: whether equilibration is judged by it.
    """

    name: str
    axes: tuple[str, ...]
    long_name: str
    measure: Callable
    units: str = "1"
    counted: bool = False
    join: Callable | None = None
    required: bool = False
    judged: bool = False

    @property
    def when(self) -> str:
        """The axis that says when it is measured: time, matched_time, waiting, or point (the end of a block)."""
        return next((axis for axis in ("time", "matched_time", "waiting") if axis in self.axes), "point")

    def attributes(self) -> dict:
        """Attributes of the variable in a file."""
        return {"long_name": self.long_name, "units": self.units}


def _overlaps() -> list[Quantity]:
    """Raw overlaps, between replicas, with the teacher and with the guest."""
    rows = []
    for place, (letter, layer) in enumerate(LAYERS.items()):
        what = "bond" if letter == "Q" else "spin"
        for other in ("teacher", "replica", "guest"):
            rows.append(
                Quantity(
                    f"{letter}_{other}",
                    (*CHAINS[other], "time", layer),
                    f"{what} overlap with the {other}" if other != "replica" else f"{what} overlap between replicas",
                    lambda look, other=other, place=place: look.overlaps(other)[place],
                    judged=other != "guest",
                )
            )
    return rows


def _matched_overlaps() -> list[Quantity]:
    """Overlaps after signed matching of hidden units, and what matching makes of shuffled nets."""
    rows = []
    for letter, layer in LAYERS.items():
        for other, chains in MATCHED_CHAINS.items():
            name = f"{letter}_{other}_matched"
            axes = (*chains, "matched_time", layer)
            rows.append(Quantity(name, axes, f"{letter} after matching of hidden units", _matched(name)))
        name = f"{letter}_null"
        rows.append(Quantity(name, ("matched_time", layer), f"{letter} of matched shuffled nets", _matched(name)))
    return rows


def _matched(name: str) -> Callable:
    return lambda look: look.matched[name]


def _counter(name: str, axes: tuple[str, ...], long_name: str) -> Quantity:
    return Quantity(name, axes, long_name, lambda look: look.sampler.counts[name], counted=True)


COUNTERS = (
    _counter("attempts", ("point", "bond_layer"), "attempted weight moves, clones and temperatures together"),
    _counter("accepted", ("point", "bond_layer"), "accepted weight moves"),
    _counter("spin_attempts", ("point", "layer"), "attempted spin flips; 0 where spins are slaved"),
    _counter("spin_accepted", ("point", "layer"), "accepted spin flips"),
)
EXCHANGES = (
    _counter("exchange_attempts", ("point", "exchange"), "attempted exchanges of neighbouring temperatures"),
    _counter("exchange_accepted", ("point", "exchange"), "accepted exchanges of neighbouring temperatures"),
    _counter("round_trips", ("point",), "round trips through the ladder of temperatures"),
)

TABLE = (
    Quantity(
        "energy",
        ("clone", "time"),
        "energy Σ v(r); of slaved spins the number of wrong outputs",
        lambda look: look.energy_r,
        required=True,
        judged=True,
    ),
    Quantity(
        "training_error",
        ("clone", "time"),
        "fraction of wrong outputs of the net run forward from its inputs",
        lambda look: look.training_error_r,
        required=True,
    ),
    Quantity(
        "negative_gaps",
        ("clone", "time"),
        "fraction of gaps below 0 over perceptrons and patterns",
        lambda look: look.negative_gaps_r,
    ),
    Quantity(
        "fresh_error",
        ("clone", "time"),
        "fraction of outputs that differ from the teacher's on fresh inputs",
        lambda look: look.fresh_error_r,
        required=True,
    ),
    *_overlaps(),
    *_matched_overlaps(),
    *COUNTERS,
    *(
        Quantity(
            f"{letter}_matrix",
            ("point", layer, "clone", "clone_b"),
            f"raw overlaps {letter} of all clones at the end of the block",
            lambda look, place=place: look.matrices[place],
            required=True,
        )
        for place, (letter, layer) in enumerate(LAYERS.items())
    ),
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
    *(
        Quantity(
            name,
            ("clone", "waiting", "lag", layer),
            f"overlap of the {what} at t_w + lag with those at t_w",
            lambda look, then, place=place: look.overlaps_with(then)[place],
            required=True,
        )
        for place, (name, what, layer) in enumerate((("C_bond", "weights", "bond_layer"), ("C_spin", "spins", "layer")))
    ),
)

COORDINATES = {"layer": "spin layer", "bond_layer": "bond layer", "time": "time", "matched_time": "time"}
COORDINATES |= {"waiting": "waiting time t_w", "lag": "lag t", "gap": "gap r"}
TIMES = ("time", "matched_time", "waiting", "lag")  # in sweeps


def recorded(with_exchanges: bool) -> tuple[Quantity, ...]:
    """The rows of the table that a run records."""
    return TABLE if with_exchanges else tuple(row for row in TABLE if row not in EXCHANGES)


def required_variables() -> dict[str, tuple[str, ...]]:
    """What a file must hold, coordinates included, with the dimensions that each cannot do without."""
    coordinates = {name: (name,) for name in ("layer", "bond_layer", "time", "waiting", "lag")}
    return coordinates | {row.name: ("sample", *row.axes) for row in TABLE if row.required}
