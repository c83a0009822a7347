"""The sectors of the replicated free entropy: each maps conjugate fields to overlaps and knows its response.

A kind of sector is one file with a function

    evaluate(inputs, setting, grid, with_response) -> Contribution

and one line in `SECTORS`; `chain` assembles them. See `closures.base` for what they stand for.
"""

from gardner.registry import Registry

SECTORS = Registry(
    "sector",
    bond="gardner.theory.sectors.bond:evaluate",
    spin="gardner.theory.sectors.spin:evaluate",
    gap="gardner.theory.sectors.gap:evaluate",
    site="gardner.theory.sectors.site:evaluate",
)
