"""Parts by name: what may be registered, and under which name."""

import pytest

from gardner.registry import Registry


class Part:
    """A part that knows its name."""

    def __init__(self, name):
        self.name = name


def test_a_part_is_registered_under_the_name_it_writes_into_files():
    parts = Registry("part")
    with pytest.raises(ValueError, match="part = 'one': the part calls itself 'two', register it under that name"):
        parts.register("one", Part("two"))
    assert "one" not in parts and not len(parts)
    parts.register("two", Part("two"))
    parts.register("no_name", object())  # kept as it is written
    assert parts.names == ("two", "no_name") and parts["two"].name == "two"


def test_parts_of_the_package_have_names_with_hyphens():
    parts = Registry("part", square_root="math:sqrt")
    assert parts.names == ("square-root",) and parts["square-root"](4.0) == 2.0
    with pytest.raises(ValueError, match="part = 'square_root': must be one of square-root"):
        parts["square_root"]


def test_a_name_is_taken_until_its_part_is_taken_out():
    parts = Registry("part")
    parts.register("one", Part("one"))
    with pytest.raises(ValueError, match="is registered already"):
        parts.register("one", Part("one"))
    parts.unregister("one")
    parts.register("one", Part("one"))
    with pytest.raises(ValueError, match="must be one of one"):
        parts.unregister("two")
