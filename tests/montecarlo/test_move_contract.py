"""Every registered move samples the measure of its settings: detailed balance, on nets small enough to be exact.

A target is a tiny run whose measure is known by enumeration or quadrature, cell by cell, with another measure that is
near it. A move runs on every target that it says it serves; a chi-square refuses a right one with probability 1e-3 and
must refuse the other measure (power above 99 %). A toy move from outside the package takes part, and a wrong one.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import toy_move
from oracles_enumeration import enumerate_states, state_of
from oracles_mc import (
    FALSE_ALARM,
    chi_square,
    connected_component,
    gaussian_row_distribution,
    power,
    quadrant,
    spin_and_angle_distribution,
    state_number,
    wrong_outputs_by_class,
)
from potentials.counting import Counting
from toy_move import Colder, Redraw
from typer.testing import CliRunner

from gardner.cli import main
from gardner.montecarlo.moves import MOVES, choose_move
from gardner.montecarlo.report import document
from gardner.montecarlo.run import run_monte_carlo
from gardner.montecarlo.sampler import Sampler
from gardner.montecarlo.settings import MonteCarloSettings, WrongOutputs
from gardner.nets.disorder import draw_disorder
from gardner.potentials.hard import HardCore
from gardner.potentials.hinge import Hinge
from gardner.potentials.soft import SoftCore
from gardner.results.files import read

BINS, COLDER = 12, 1.8
TOYS = {"redraw": Redraw, "colder": Colder}


@pytest.fixture(autouse=True)
def toys():
    """Both toy moves, registered for the time of a test."""
    for name, toy in TOYS.items():
        MOVES.register(name, toy)
    yield
    for name in TOYS:
        MOVES.unregister(name)


def angles(weight_k, bins=BINS):
    """Bin of the angle of the first row."""
    return int(np.arctan2(weight_k[1], weight_k[0]) % (2 * np.pi) / (2 * np.pi) * bins) % bins


class Soft:
    """N = 2, L = 2, M = 2 on the sphere: hidden spins × angle of the first row; the other measure is colder."""

    def __init__(self, potential):
        self.settings = MonteCarloSettings(2, 2, 1.0, setting="random", potential=potential, step=1.0, seed=3)
        self.samples = 6_000

    def measures(self, disorder):
        potential, ends = self.settings.potential, (disorder.input_jm.astype(float), disorder.output_im.astype(float))
        for beta in (potential.beta, COLDER * potential.beta):
            yield spin_and_angle_distribution(*ends, beta, BINS, energy=potential.energy).ravel()

    def cell(self, weight_k, spin_um):
        return state_number(spin_um[2:4].ravel()) * BINS + angles(weight_k)


class Gaussian:
    """N = 2, L = 1, M = 3, Gaussian weights: radius × angle of the first row."""

    radii = np.array([0.6, 1.1, 1.7])

    def __init__(self):
        common = {"weights": "gaussian", "potential": SoftCore(2.0), "step": 0.8, "seed": 5}
        self.settings = MonteCarloSettings((2, 2, 2), 1, 1.5, setting="random", **common)
        self.samples = 6_000

    def measures(self, disorder):
        for beta in (2.0, COLDER * 2.0):
            yield gaussian_row_distribution(
                disorder.input_jm.astype(float), disorder.output_im[0].astype(float), beta, self.radii, BINS
            ).ravel()

    def cell(self, weight_k, spin_um):
        return np.searchsorted(self.radii, np.hypot(*weight_k[:2])) * BINS + angles(weight_k)


class Hard:
    """N = 2, L = 2, M = 2 from the teacher: uniform on the sign classes that single rows reach; the other measure
    visits them in proportion to their neighbours."""

    def __init__(self):
        self.settings = MonteCarloSettings(2, 2, 1.0, potential=HardCore(), start="teacher", step=None, seed=1)
        self.samples = 8_000

    def measures(self, disorder):
        inputs, outputs = disorder.input_jm.astype(float), disorder.output_im.astype(float)
        allowed = wrong_outputs_by_class(inputs, outputs, 2) == 0
        states, neighbours = connected_component(allowed, self.cell(disorder.teacher_k, None), 4)
        assert len(states) > 20 and np.ptp(neighbours) > 0
        for weights in (np.ones(len(states)), neighbours):
            measure = np.zeros(len(allowed))
            measure[states] = weights / weights.sum()
            yield measure

    def cell(self, weight_k, spin_um):
        return int(quadrant(weight_k.reshape(-1, 2)) @ 4 ** np.arange(4)[::-1])


class Binary:
    """N = 2, L = 2, M = 6: all 256 states; the other measure is colder."""

    def __init__(self):
        potential = WrongOutputs(0.7)
        self.settings = MonteCarloSettings(2, 2, 3.0, setting="random", weights="binary", potential=potential, seed=2)
        self.samples = 8_000

    def measures(self, disorder):
        exact = enumerate_states(disorder.topology, disorder.input_jm, disorder.output_im)
        yield exact.probabilities(0.7)
        yield exact.probabilities(COLDER * 0.7)

    def cell(self, weight_k, spin_um):
        return int(state_of(weight_k[None])[0])


TARGETS = {
    "soft": Soft(SoftCore(3.0)),
    "hinge": Soft(Hinge(2.0)),
    "counting": Soft(Counting(1.5)),  # a potential from outside the package
    "gaussian": Gaussian(),
    "hard": Hard(),
    "binary": Binary(),
}


def serves(name, target):
    """Whether the move says that it serves the target, its step apart."""
    move = MOVES[name].serving(target.settings)
    return not set(move.unserved(target.settings)) - {"step"}


def visit(name, target):
    """Visits of the cells, the measure of the target, and the other one."""
    slow = name in TOYS  # plain Python, but proposals that forget at once
    step = 1.0 if MOVES[name].serving(target.settings).has_step else None
    settings = replace(target.settings, dynamics=name, replicas=1, step=step)
    disorder = draw_disorder(settings, 0)
    right, other = target.measures(disorder)
    sampler, counts = Sampler(settings, disorder, settings.seeds(0)[1]), np.zeros(len(right))
    thinning, samples = (3, 4_000) if slow else (25, target.samples)
    sampler.run(10 * thinning)
    for _ in range(samples):
        sampler.run(thinning)
        counts[target.cell(sampler.weight_rk[0], sampler.spin_rum[0])] += 1
    assert power(right, other, samples) > 0.99
    return counts, right, other


CHOICES = {("heat-bath", "binary")}  # of another registered move: that one is asked, as for "metropolis"
MOVING = [name for name in (*MOVES.names, *TOYS) if name not in ("metropolis", "colder")]
SLOW = {("bonds-and-spins", "hinge"), ("bonds-and-spins", "counting")}  # each compiles a sampler of its own
CASES = [
    pytest.param(*case, marks=pytest.mark.slow if case in SLOW else ())
    for case in ((name, target) for name in MOVING for target in TARGETS)
    if case not in CHOICES
]


@pytest.mark.parametrize("name, target", CASES, ids=str)
def test_a_move_samples_the_measure_of_its_settings(name, target):
    if not serves(name, TARGETS[target]):
        with pytest.raises(ValueError, match="="):
            replace(TARGETS[target].settings, dynamics=name)
        return
    counts, right, other = visit(name, TARGETS[target])
    assert chi_square(counts, right) > FALSE_ALARM
    assert chi_square(counts, other) < FALSE_ALARM


@pytest.mark.parametrize("name", MOVES.names)
def test_every_move_serves_a_target(name):
    assert any(serves(name, target) for target in TARGETS.values())


@pytest.mark.parametrize("target", ("soft", "hinge", "gaussian"))
def test_a_wrong_move_is_found_out(target):
    counts, right, _ = visit("colder", TARGETS[target])
    assert chi_square(counts, right) < FALSE_ALARM


def test_a_refusal_without_words_of_its_own_says_what_to_do():
    binary = TARGETS["binary"].settings
    with pytest.raises(ValueError) as refused:
        replace(binary, dynamics="redraw")
    others = "metropolis or heat-bath or bit-flips or binary-rows"
    told = f"dynamics = redraw: does not serve weights = binary; choose --dynamics {others}"
    assert str(refused.value) == told
    with pytest.raises(ValueError, match="does not serve tempering = 3; choose --dynamics metropolis or bonds-and-sp"):
        replace(TARGETS["soft"].settings, dynamics="redraw", tempering=3)
    with pytest.raises(ValueError, match="does not serve weights = binary; no other move does either, change the wei"):
        replace(binary, dynamics="redraw", potential=SoftCore(1.0))


def test_metropolis_is_the_move_that_fits():
    found = {name: choose_move(target.settings).__name__ for name, target in TARGETS.items()}
    assert set(found.values()) == {"BondsAndSpins", "Rotations", "BitFlips"}
    assert found["hinge"] == found["gaussian"] == "BondsAndSpins"


def test_the_command_line_takes_a_toy_move(tmp_path):
    words = "mc random --width 3 --depth 2 --alpha 1 --beta 3 --dynamics redraw --sweeps 24 --samples 1 --points 3"
    outcome = CliRunner().invoke(main.app, [*words.split(), "--out", str(tmp_path / "run.nc"), "--json"])
    assert outcome.exit_code == 0, outcome.output
    told = json.loads(outcome.stdout)
    assert told["dynamics"] == "redraw" and 0.0 < told["acceptance"]["bond"][0] < 1.0
    assert read(tmp_path / "run.nc").document()["layers"] == told["layers"]


def test_the_toy_move_is_short():
    assert len(Path(toy_move.__file__).read_text(encoding="utf-8").splitlines()) < 60


def test_a_toy_move_runs_like_any_other(tmp_path):
    settings = MonteCarloSettings(
        3, 2, 1.0, setting="random", potential=SoftCore(3.0), dynamics="redraw", sweeps=24, samples=1, points=3
    )
    run = run_monte_carlo(settings, tmp_path / "store")
    body = document(run)
    assert body["dynamics"] == "redraw" and 0.0 < body["acceptance"]["bond"][0] < 1.0
    assert run_monte_carlo(settings).data.identical(run.data)
    assert MonteCarloSettings.read(settings.parameters()) == settings
    MOVES.unregister("redraw")
    with pytest.raises(ValueError, match="must be one of metropolis"):
        MonteCarloSettings.read(settings.parameters())
    MOVES.register("redraw", Redraw)
