"""Parallel tempering in β: configurations exchanged between the slots of a ladder of temperatures.

Slot k runs at β_k, slot 0 is the coldest. Neighbours k, k+1 exchange their configurations with probability
min(1, e^{(β_k - β_{k+1})(E_k - E_{k+1})}), which leaves the product of the Boltzmann measures invariant whatever a
configuration is: only energies are needed. Even and odd pairs take turns (deterministic even–odd), so that a
configuration drifts through the ladder rather than diffuses. A *round trip* takes one from the coldest slot to the
hottest and back.

With r_k the rejection rate between k and k+1, Σ r_k is nearly independent of how the ladder divides a given range of
β (Syed et al. 2022): Λ(β) = Σ_{β_k > β} r_k, interpolated, is the measure in which a ladder of even rates is
equidistant.

A ladder is a dictionary of arrays, so that it travels with a checkpoint; `exchange` updates it in place.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import PchipInterpolator

LEAST_REJECTION = 1e-3  # keeps the interpolated Λ(β) invertible where nothing was ever rejected


def geometric(coldest: float, hottest: float, count: int) -> np.ndarray:
    """β_k from `coldest` (slot 0) down to `hottest`, with constant ratio."""
    if not 0.0 < hottest < coldest < np.inf:
        raise ValueError(f"ladder from beta = {coldest:g} to {hottest:g}: needs 0 < hottest < coldest, both finite")
    if count < 2:
        raise ValueError(f"tempering = {count}: a ladder needs at least 2 temperatures")
    return np.geomspace(coldest, hottest, count)


def new_ladder(beta_k: np.ndarray) -> dict:
    """State of a ladder: counts by pair of neighbours, and where each walker (configuration) is and has been."""
    beta_k = np.asarray(beta_k, dtype=float)
    if beta_k.ndim != 1 or len(beta_k) < 2 or not (np.diff(beta_k) < 0.0).all():
        raise ValueError(f"ladder {beta_k}: at least two inverse temperatures are needed, decreasing from slot 0")
    slots = len(beta_k)
    return {
        "beta_k": beta_k,
        "attempts_k": np.zeros(slots - 1, dtype=np.int64),
        "accepted_k": np.zeros(slots - 1, dtype=np.int64),
        "walker_k": np.arange(slots),
        "heading_w": np.zeros(slots, dtype=np.int64),  # +1 since the coldest slot, -1 since the hottest, 0 neither yet
        "round_trips": 0,
        "parity": 0,
    }


def exchange(ladder: dict, energy_k: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One round of exchanges; slot k now holds the configuration that was in slot order_k[k], returned."""
    beta_k, energy_k = ladder["beta_k"], np.asarray(energy_k, dtype=float)
    order_k = np.arange(len(beta_k))
    left = np.arange(ladder["parity"], len(beta_k) - 1, 2)
    gain = (beta_k[left] - beta_k[left + 1]) * (energy_k[left] - energy_k[left + 1])
    swapped = left[rng.random(len(left)) < np.exp(np.minimum(gain, 0.0))]
    order_k[swapped], order_k[swapped + 1] = swapped + 1, swapped
    ladder["attempts_k"][left] += 1
    ladder["accepted_k"][swapped] += 1
    ladder["parity"] = 1 - ladder["parity"] if len(beta_k) > 2 else 0
    ladder["walker_k"] = ladder["walker_k"][order_k]
    _follow(ladder)
    return order_k


def _follow(ladder: dict) -> None:
    """Count a round trip for a walker that reaches the coldest slot after the hottest, both after the coldest."""
    heading_w, coldest, hottest = ladder["heading_w"], ladder["walker_k"][0], ladder["walker_k"][-1]
    if heading_w[coldest] == -1:
        ladder["round_trips"] += 1
    heading_w[coldest] = 1
    if heading_w[hottest] == 1:
        heading_w[hottest] = -1


def reset_counts(ladder: dict) -> None:
    """Forget exchanges and round trips so far, after the ladder or the burn-in changed; walkers stay where they are."""
    for name in ("attempts_k", "accepted_k", "heading_w"):
        ladder[name] = np.zeros_like(ladder[name])
    ladder["round_trips"] = 0


def rejection_rates(ladder: dict) -> np.ndarray:
    """Fraction of exchanges refused between neighbours; nan where none was tried."""
    attempts_k = ladder["attempts_k"]
    return np.where(attempts_k > 0, 1.0 - ladder["accepted_k"] / np.maximum(attempts_k, 1), np.nan)


def tuned(beta_k: np.ndarray, rejection_k: np.ndarray) -> np.ndarray:
    """The ladder of as many slots and the same ends on which rejection rates should come out even."""
    beta_k, rejection_k = np.asarray(beta_k, dtype=float), np.asarray(rejection_k, dtype=float)
    if not np.isfinite(rejection_k).all():
        return beta_k
    barrier = np.concatenate([[0.0], np.cumsum(np.maximum(rejection_k, LEAST_REJECTION))])
    result = PchipInterpolator(barrier, beta_k)(np.linspace(0.0, barrier[-1], len(beta_k)))
    result[[0, -1]] = beta_k[[0, -1]]
    return result


def generator_state(rng: np.random.Generator) -> dict:
    """State of a PCG64 generator as strings and numbers, fit for a checkpoint."""
    state = rng.bit_generator.state
    whole = {name: str(value) for name, value in state["state"].items()}
    return whole | {"has_uint32": int(state["has_uint32"]), "uinteger": int(state["uinteger"])}


def generator(state: dict) -> np.random.Generator:
    """The generator that was in that state."""
    bits = np.random.PCG64()
    bits.state = {
        "bit_generator": "PCG64",
        "state": {name: int(state[name]) for name in ("state", "inc")},
        "has_uint32": state["has_uint32"],
        "uinteger": state["uinteger"],
    }
    return np.random.Generator(bits)
