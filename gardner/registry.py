"""Named parts of the package: closures, priors, potentials, moves, kinds of result, figures.

A part is one file and one registration. The registration names its home, `"module:attribute"` or a whole `"module"`,
so that nothing is imported before the part is used; a part of a user's own is registered as an object, from outside
the package:

    from gardner.theory.closures import CLOSURES
    CLOSURES.register("my-closure", MyClosure())
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator


class Registry:
    """The parts of one kind by name, in the order in which they were registered.

    kind: the word that messages use ("closure"); homes: of the parts of the package, whose names are written here as
    Python words: my_part is registered as "my-part". An unknown name is a ValueError that lists the known ones.
    """

    def __init__(self, kind: str, **homes: str):
        self.kind = kind
        self._parts: dict[str, object] = {name.replace("_", "-"): home for name, home in homes.items()}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._parts)

    @property
    def listed(self) -> str:
        """The names in words, as in "hard, soft or hinge"."""
        *first, last = self._parts
        return f"{', '.join(first)} or {last}" if first else last

    def check(self, name: str) -> str:
        """`name`, or ValueError if nothing is registered under it."""
        if not isinstance(name, str) or name not in self._parts:
            raise ValueError(f"{self.kind} = {name!r}: must be one of {', '.join(self._parts)}")
        return name

    def register(self, name: str, part: object) -> None:
        """Add a part under a new name, exactly as it is given; ValueError if it is taken or the part has another one.

        A part writes its own `name`, where it has one, into files and messages, from which it must be found again.
        """
        if name in self._parts:
            raise ValueError(f"{self.kind} = {name!r}: is registered already, choose another name")
        own = getattr(part, "name", name)
        if isinstance(own, str) and own != name:
            raise ValueError(f"{self.kind} = {name!r}: the part calls itself {own!r}, register it under that name")
        self._parts[name] = part

    def unregister(self, name: str) -> None:
        """Take a part out again.

        Nothing in the package does: it is for tests, and for notebooks, where a cell with a changed part is run anew.
        """
        del self._parts[self.check(name)]

    def __getitem__(self, name: str):
        part = self._parts[self.check(name)]
        if isinstance(part, str):  # a home: import it now, and only once
            module, _, attribute = part.partition(":")
            found = importlib.import_module(module)
            part = self._parts[name] = getattr(found, attribute) if attribute else found
        return part

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)
