"""A kind of result of one's own is one class and one registration; optional fields and empty rows come back too."""

import json
from dataclasses import dataclass, field

import numpy as np
import pytest
from typer.testing import CliRunner

import gardner
from gardner.analysis.capacity import Capacity
from gardner.cli import main
from gardner.errors import FileFormatError
from gardner.results.base import Entry, Result, labelled
from gardner.results.datasets import jsonable
from gardner.results.files import read, save
from gardner.results.kinds import KINDS
from gardner.values import same


@dataclass(frozen=True, eq=False)
class ToyLayer(Entry):
    layer: int
    height_x: np.ndarray = labelled("height", "m", axes="x", key="height")


@dataclass(frozen=True, eq=False)
class Toy(Result):
    """One class and one registration."""

    size: int
    ratio: float
    curve_x: np.ndarray = labelled("a curve", "s", axes="x", key="curve")
    layers: tuple[ToyLayer, ...] = labelled(axes="layer", entry=ToyLayer, index="layer")
    parameters: dict = field(default_factory=dict)
    seconds: float = field(default=0.0, compare=False)

    kind = "toy"


def test_a_kind_of_ones_own_is_one_class_and_one_registration(tmp_path, capsys):
    rows = tuple(ToyLayer(l, np.arange(3.0) * l) for l in (1, 2))
    toy = Toy(3, float("nan"), np.array([1.0, np.nan, 2.0]), rows, {"size": 3}, 0.5)
    KINDS.register("toy", Toy)
    try:
        for name in ("toy.nc", "toy.json"):
            save(toy, tmp_path / name)
            again = read(tmp_path / name)
            assert again == toy and again.header == toy.header
        variable = toy.to_dataset()["height"]
        assert variable.dims == ("layer", "x") and variable.attrs == {"long_name": "height", "units": "m"}
        toy.show()
        assert "size: 3" in capsys.readouterr().out and toy.plot().axes
        assert CliRunner().invoke(main.app, ["show", str(tmp_path / "toy.nc")]).exit_code == 0
        broken = toy.to_dataset().drop_vars("curve")
        gardner.results.datasets.write_dataset(broken, tmp_path / "broken.nc")
        with pytest.raises(FileFormatError, match="is no whole file of kind 'toy': the variable curve is missing"):
            read(tmp_path / "broken.nc")
    finally:
        KINDS.unregister("toy")


@dataclass(frozen=True, eq=False)
class OptionalLayer(Entry):
    layer: int
    note: str | None
    height: float | None
    count: int | None
    solid: bool | None
    profile_x: np.ndarray = labelled("profile", axes="x", key="profile")


@dataclass(frozen=True, eq=False)
class OptionalToy(Result):
    """Every field may be None, and there may be no row."""

    sizes: tuple[int, ...] | None
    window: tuple[float, ...] | None
    name: str | None
    ratio: float | None
    number: int | None
    sure: bool | None
    curve_x: np.ndarray | None = labelled("a curve", "s", axes="x", key="curve")
    roots: tuple[float, ...] | None = labelled("roots", axes="root")
    layers: tuple[OptionalLayer, ...] = labelled(axes="layer", entry=OptionalLayer, index="layer")
    parameters: dict = field(default_factory=dict)

    kind = "optional toy"


NO_LAYERS, PROFILE = (), np.arange(3.0)
NONE_LAYERS = tuple(OptionalLayer(l, None, None, None, None, PROFILE) for l in (1, 2))
SOME_LAYERS = (OptionalLayer(1, "a", 0.5, 3, True, PROFILE), OptionalLayer(2, None, None, None, None, 2 * PROFILE))
ALL_LAYERS = (OptionalLayer(1, "", 0.0, 0, False, PROFILE),)


@pytest.mark.parametrize("layers", [NO_LAYERS, NONE_LAYERS, SOME_LAYERS, ALL_LAYERS])
@pytest.mark.parametrize(
    "values",
    [(None,) * 8, ((1, 2), (0.5,), "b", 0.0, 0, False, np.arange(3.0), (1.0, 2.5))],
    ids=["none", "given"],
)
@pytest.mark.parametrize("ending", ["nc", "json"])
def test_optional_fields_and_no_rows_come_back(tmp_path, values, layers, ending):
    toy = OptionalToy(*values, layers, {"size": 3})
    KINDS.register("optional toy", OptionalToy)
    try:
        save(toy, tmp_path / f"toy.{ending}")
        again = read(tmp_path / f"toy.{ending}")
        assert again == toy and same(again.document(), toy.document())
        assert again.ratio is values[3] or again.ratio == values[3]
        assert [layer.note for layer in again.layers] == [layer.note for layer in layers]
        assert [layer.solid for layer in again.layers] == [layer.solid for layer in layers]
    finally:
        KINDS.unregister("optional toy")


def test_the_version_that_wrote_a_file_is_kept(tmp_path):
    document = Capacity(1, 0.0, 2.0, "RS", 0.0, None, float("inf"), 0, (), 1.0, "").document()
    (tmp_path / "c.json").write_text(json.dumps(jsonable(document | {"version": "0.0.9"})))
    assert read(tmp_path / "c.json").header.version == "0.0.9" and read(tmp_path / "c.json").alpha_rs == float("inf")
