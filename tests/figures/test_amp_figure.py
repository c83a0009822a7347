"""The figure of message passing beside state evolution, drawn from nets of a hundred units."""

import dataclasses

import numpy as np
import pytest

from gardner.figures import amp_state_evolution
from gardner.figures.workspace import Workspace

CASES = ((1, 3.0, "spherical", (100, 100, 20), None, 8), (2, 5.0, "spherical", (64,), 8, 6))


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    settings = dataclasses.replace(amp_state_evolution.DRAFT, cases=CASES, samples=3)
    return amp_state_evolution.make(settings, Workspace(tmp_path_factory.mktemp("parts")))


def test_one_layer_follows_state_evolution_step_by_step_from_both_starts(picture, tmp_path):
    """Within .05 at N = 100, where the curve of one step later is off by .1 and more."""
    data = picture.data.isel(panel=0)
    directed = data["directed"].values
    np.testing.assert_allclose(directed, data["symmetric"].values, atol=1e-9)
    np.testing.assert_allclose(data["overlap"].values, directed, atol=0.05)
    assert np.abs(directed[:, 1:] - directed[:, :-1]).max() > 0.1
    picture.data.to_netcdf(tmp_path / "data.nc")


def test_every_overlap_has_its_panel_and_nets_that_end_sooner_are_filled_up(picture):
    data = picture.data
    assert [name[:6] for name in data["panel"].values] == ["$Q(1)$", "$Q(1)$", "$Q(2)$", "$q(1)$"]
    assert list(data["start"].values) == ["uninformed", "teacher"]
    assert np.isfinite(data["overlap"].values[0]).all() and np.isnan(data["overlap"].values[1:, :, 7:]).all()
    assert len([axis for axis in picture.drawing.axes if axis.lines]) == 4
