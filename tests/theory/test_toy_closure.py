"""A closure of one's own is one file and one registration: `toy_closure.Reversed`, the mirror image of `directed`.

q(l) ↔ q(L-l), Q(l) ↔ Q(L+1-l): every number of the planted setting that does not ask which end is the input must be
that of `directed`.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import toy_closure
from toy_closure import Reversed, registered

from gardner.analysis.plans import RandomSweep
from gardner.analysis.sweep import run_sweep
from gardner.cli.main import app
from gardner.errors import ConvergenceError
from gardner.model import CLOSURES
from gardner.theory.chain import plan_chain
from gardner.theory.closures.base import Layers, Sector
from gardner.theory.liquid import liquid_covariances, quadratic_form
from gardner.theory.planted.chain import PlantedChain
from gardner.theory.planted.conditional import bond_overlap_given_spins
from gardner.theory.planted.solve import scan_planted, solve_planted
from gardner.theory.transitions.planted_transitions import planted_transitions
from gardner.theory.transitions.random_transitions import random_transitions
from gardner.theory.validity import closure_verdict, first_transition


@pytest.fixture
def mirrored():
    with registered(Reversed()) as closure:
        yield closure.name


@pytest.mark.parametrize("depth, alpha", ((1, 2.0), (2, 10.0), (3, 5.0), (4, 30.0), (6, 60.0)))
def test_branches_are_those_of_the_directed_closure_mirrored(mirrored, depth, alpha):
    found, known = (solve_planted(alpha, depth, name, field=0.01) for name in (mirrored, "directed"))
    assert (found.closure, found.stable, found.status) == (mirrored, known.stable, "converged")
    for one, other in zip(found.branches, known.branches):
        np.testing.assert_allclose(one.q_l, other.q_l[::-1], atol=1e-10)
        np.testing.assert_allclose(one.Q_l, other.Q_l[::-1], atol=1e-10)
        assert one.free_entropy == pytest.approx(other.free_entropy, abs=1e-12)
        assert one.leading_eigenvalue == pytest.approx(other.leading_eigenvalue, abs=1e-8)
        assert one.nishimori < 1e-10


@pytest.mark.parametrize("depth", (None, 1, 2, 3, 5))
def test_transitions_are_those_of_the_directed_closure(mirrored, depth):
    found, known = (planted_transitions(name, depth, 4) for name in (mirrored, "directed"))
    np.testing.assert_allclose(found.continuous, known.continuous, rtol=1e-10)
    assert (found.spinodal is None) == (known.spinodal is None)
    if known.spinodal:
        assert found.spinodal == pytest.approx(known.spinodal, rel=1e-9)
        assert found.crystal == pytest.approx(known.crystal, rel=1e-9)


def test_a_scan_a_layer_alone_and_the_liquid_are_mirrored_too(mirrored):
    scans = [scan_planted([2.0, 40.0], 4, name)[1].branches[1] for name in (mirrored, "directed")]
    np.testing.assert_allclose(scans[0].q_l, scans[1].q_l[::-1], atol=1e-10)
    known = bond_overlap_given_spins("directed", 10.0, 0.8, 0.9)
    assert bond_overlap_given_spins(mirrored, 10.0, 0.9, 0.8) == pytest.approx(known, abs=1e-12)
    order = np.ix_((1, 0, 2), (1, 0, 2))  # R and C, a unit's own weights and those that read it, change places
    covariance = liquid_covariances("directed", 4, 1.5, 3)
    np.testing.assert_allclose(liquid_covariances(mirrored, 4, 1.5, 1)[order], covariance, rtol=1e-12)
    assert first_transition(mirrored, 5) == pytest.approx(first_transition("directed", 5), rel=1e-12)
    assert closure_verdict(mirrored, 5, 100.0) is None


def test_the_command_line_knows_the_name(mirrored, capsys):
    app(["transitions", "planted", "--closure", mirrored, "--depth", "3", "--json"], standalone_mode=False)
    found = json.loads(capsys.readouterr().out)
    assert found["closure"] == mirrored
    np.testing.assert_allclose(found["continuous"], planted_transitions("directed", 3).continuous, rtol=1e-10)


def test_a_sweep_of_the_random_setting_takes_it(mirrored, tmp_path):
    plans = [RandomSweep((1.0, 4.0), (2,), (0.5,), directions=("up",), closure=name) for name in (mirrored, "directed")]
    found, known = (run_sweep(plan, tmp_path / plan.closure) for plan in plans)
    assert (found["status"] == "converged").all() and found.attrs["closure"] == mirrored
    np.testing.assert_allclose(found["free_entropy"], known["free_entropy"], atol=1e-9)
    np.testing.assert_allclose(found["Q"], known["Q"].isel(bond_layer=[1, 0]), atol=1e-8)


def test_transitions_of_the_random_setting_take_it(mirrored):
    """The second transition of a net of three layers is a root at five k; its value is that of `directed`."""
    found = random_transitions(8, depth=3, closure=mirrored)
    assert found.closure == mirrored and found.ended is None
    known = [2.467401100272339, 8.28424166020116]
    np.testing.assert_allclose([transition.alpha for transition in found.transitions], known, rtol=1e-8)


def test_solve_and_sweep_on_the_command_line_take_it(mirrored, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ["--alpha", "2", "--depth", "2", "--closure", mirrored, "--json"]
    for command in (["solve", "random", "--levels", "1"], ["solve", "planted"], ["sweep", "planted", "--out", "s.nc"]):
        app([*command, *small], standalone_mode=False)
        document = json.loads(capsys.readouterr().out)
        assert document.get("closure", document["parameters"].get("closure")) == mirrored


def test_the_toy_is_short():
    assert len(Path(toy_closure.__file__).read_text(encoding="utf-8").splitlines()) < 60


def test_the_name_is_gone_once_it_is_taken_out():
    with pytest.raises(ValueError, match="closure = 'reversed': must be one of symmetric, directed"):
        solve_planted(2.0, 2, "reversed")


@pytest.mark.parametrize(
    "change, message",
    (
        (lambda sectors: sectors[1:], r"Q\(1\) is owned by no sector .* it needs one bond"),
        (lambda sectors: [*sectors, Sector("spin", own=("q", 1))], r"q\(1\) is owned by site, spin"),
        (lambda sectors: [*sectors, Sector("spin", own=("q", 0))], r"q\(0\) is owned by spin .* no owner"),
        (lambda sectors: [*sectors, Sector("gap", (("Q", 9),))], "reads an overlap that is not of this net"),
        (lambda sectors: [*sectors, Sector("gap", (("Q", 1), ("q", 1), ("Q", 1)))], "reads an overlap twice"),
        (lambda sectors: [*sectors, Sector("knot", (("Q", 1),))], "sector = 'knot': must be one of bond, spin, gap"),
        (lambda sectors: [swap(s, "bond", reads=(("q", 1),)) for s in sectors], "a bond cannot read an overlap"),
        (lambda sectors: [swap(s, "site", kind="spin") for s in sectors], "a spin cannot read an overlap"),
        (lambda sectors: [swap(s, "gap", own=("q", 0)) for s in sectors], "a gap cannot own an overlap"),
        (lambda sectors: [swap(s, "gap", reads=()) for s in sectors], "a gap must read an overlap"),
        (lambda sectors: [swap(s, "site", own=None) for s in sectors], "a site must own an overlap"),
        (lambda sectors: [swap(s, "site", reads=()) for s in sectors], "a site must read an overlap"),
    ),
)
def test_a_declaration_that_makes_no_net_is_refused(change, message):
    """Wherever sectors are taken from a closure, in both settings and in the liquid."""
    broken = Reversed()
    sectors = broken.sectors
    broken.sectors = lambda layers: change(sectors(layers))
    with registered(broken):
        for take in (
            lambda: PlantedChain(broken, Layers(3)),
            lambda: plan_chain(broken, 3),
            lambda: quadratic_form(broken.name, 3, 1.0),
            lambda: bond_overlap_given_spins(broken.name, 10.0, 0.9, 0.8),
        ):
            with pytest.raises(ValueError, match=message):
                take()


def swap(sector, kind_now, **changes):
    """A sector with changes if it is of this kind."""
    return replace(sector, **changes) if sector.kind == kind_now else sector


def test_fronts_declared_at_the_wrong_end_are_noticed(mirrored):
    CLOSURES[mirrored].fronts_from = ("output",)
    with pytest.raises(ConvergenceError, match=r"at α = 2\.4674 no declared front advances"):
        planted_transitions(mirrored, 4)
