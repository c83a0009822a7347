"""What a perceptron pays for its gap: the potentials v(r) of exp(-βv(r)), one file each (THEORY section 1).

    hard    exp(-βv) = θ(r - κ)           every gap must reach the margin κ
    soft    v = (r - κ)² θ(κ - r)         the quadratic penalty of [Y20], at inverse temperature β
    hinge   v = (κ - r) θ(κ - r)          the perceptron (hinge) loss, at inverse temperature β

The theory reads `terminal` of a potential, Monte Carlo its `energy_kernel`. A potential of your own is a class derived
from `Potential` that is registered under a name (`base` says what it must have):

    from gardner.potentials import POTENTIALS, Potential
    POTENTIALS.register("mine", Mine)

Commands, sweeps and files know it from then on, for as long as the process that registered it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gardner.potentials.base import Potential
from gardner.registry import Registry

__all__ = ["POTENTIALS", "Potential", "choose_potential", "find_potential", "read_potential", "read_potentials"]

POTENTIALS = Registry(
    "potential",
    hard="gardner.potentials.hard:HardCore",
    soft="gardner.potentials.soft:SoftCore",
    hinge="gardner.potentials.hinge:Hinge",
)


def find_potential(name: str, betas: Sequence[float] = ()) -> type[Potential]:
    """The class of this name; ValueError for an unknown one, and where `betas` are given and it has no temperature."""
    kind = POTENTIALS[name]
    if betas and not kind.has_temperature():
        warm = " or ".join(other for other in POTENTIALS if POTENTIALS[other].has_temperature())
        raise ValueError(
            f"beta = {', '.join(map(str, betas))}: the {kind.title} has no temperature; leave beta out, or choose the "
            f"potential {warm}"
        )
    return kind


def choose_potential(name: str, margin: float = 0.0, beta: float | None = None) -> Potential:
    """The potential of this name; without `beta` at its usual temperature, if it has one.

    ValueError for an unknown name, for numbers out of range, and for a β where the potential has no temperature.
    """
    kind = find_potential(name, () if beta is None else (beta,))
    if not kind.has_temperature():
        return kind(margin=margin)
    return kind(margin=margin, beta=kind.usual_beta if beta is None else beta)


def read_potential(attributes: Mapping) -> Potential:
    """The potential that a result was computed with, from the `Potential.attributes` in its header.

    KeyError or ValueError if an attribute is missing or impossible.
    """
    kind = POTENTIALS[attributes["potential"]]
    return kind(**{name: attributes[name] for name in kind.parameter_names()})


def read_potentials(attributes: Mapping) -> list[Potential]:
    """The potentials of a sweep over lists of `margin` and `beta`, in the order of its chains."""
    name = attributes.get("potential", "hard")
    margins, betas = (_listed(attributes.get(key, default)) for key, default in (("margin", 0.0), ("beta", ())))
    betas = betas or [None]
    return [choose_potential(name, margin, beta) for margin in margins for beta in betas]


def _listed(values) -> list:
    """The values of a list, or a single value."""
    return list(values) if isinstance(values, Iterable) else [values]
