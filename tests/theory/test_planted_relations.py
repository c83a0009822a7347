"""One layer of the planted saddle point with its spins given, and measured overlaps confronted with it."""

from dataclasses import replace

import numpy as np
import pytest

from gardner.comparison.analysis import compare
from gardner.comparison.measured import DECAY
from gardner.comparison.relations import difference, relations
from gardner.comparison.report import document, markdown
from gardner.comparison.stored import stored_comparison
from gardner.comparison.theory import predict
from gardner.errors import ConvergenceError
from gardner.model import PRIORS
from gardner.results.solution import jsonable
from gardner.theory.liquid import overlaps_of
from gardner.theory.nishimori.quadrature import gap_averages
from gardner.theory.planted.conditional import bond_overlap_given_spins


@pytest.mark.parametrize("closure", ("symmetric", "directed"))
@pytest.mark.parametrize("alpha, depth", ((5.0, 2), (10.0, 2), (40.0, 2), (15.0, 3)))
def test_given_the_spins_of_the_saddle_point_every_layer_has_its_bonds(closure, alpha, depth):
    values = dict(zip(overlaps_of(depth), predict("planted", closure, alpha, depth, None).value_k))
    q_l = [1.0, *(values["q", l] for l in range(1, depth)), 1.0]
    for l in range(1, depth + 1):
        found = bond_overlap_given_spins(closure, alpha, q_l[l - 1], q_l[l])
        assert found == pytest.approx(values["Q", l], abs=1e-10)


def test_one_layer_is_the_single_perceptron_and_spins_that_know_less_leave_bonds_less_known():
    for closure in ("symmetric", "directed"):
        assert bond_overlap_given_spins(closure, 2.0, 1.0, 1.0) == pytest.approx(0.728298, abs=1e-6)
        known = [bond_overlap_given_spins(closure, 10.0, 1.0, q) for q in (0.965, 0.975, 0.99)]
        assert known == sorted(known) and known[0] < known[-1] - 0.005


def test_impossible_layers_are_refused():
    with pytest.raises(ValueError, match="closure = 'round'"):
        bond_overlap_given_spins("round", 10.0, 1.0, 0.9)
    with pytest.raises(ValueError, match=r"after = 1\.2"):
        bond_overlap_given_spins("directed", 10.0, 1.0, 1.2)
    with pytest.raises(ConvergenceError, match="no field of the layer after"):
        bond_overlap_given_spins("directed", 10.0, 1.0, 1e-9)


class Halved:
    """A made-up prior whose overlaps are half of those on the sphere."""

    name = "halved"

    def planted_rigidity(self, field_l):
        return -np.log1p(-0.5 * field_l / (1.0 + field_l)), 0.5 / (1.0 + field_l) / (1.0 + 0.5 * field_l)


@pytest.mark.parametrize("closure", ("symmetric", "directed"))
def test_the_prior_of_the_weights_is_asked(closure):
    """Q = h(αG(Q)), h the prior's answer: at the Q found, the sphere would answer with twice as much."""
    PRIORS.register("halved", Halved())
    try:
        Q = bond_overlap_given_spins(closure, 2.0, 1.0, 1.0, weights="halved")
        pull = 2.0 * gap_averages(np.array([Q]), np.array([1.0 - Q])).strength[0]
        assert Q == pytest.approx(0.5 * pull / (1.0 + pull), abs=1e-12)
    finally:
        PRIORS.unregister("halved")
    with pytest.raises(ValueError, match="weights = 'halved'"):
        bond_overlap_given_spins(closure, 2.0, 1.0, 1.0, weights="halved")


def first_samples(runs, count=3):
    """The runs with their first samples only: every sample asks for the bonds of every layer again."""
    return [replace(run, value_sk=run.value_sk[:count], students_sk=run.students_sk[:count]) for run in runs]


def test_runs_that_are_the_theory_have_no_difference_and_others_have():
    settings, runs = stored_comparison("planted_L2_alpha10")
    theory = predict("planted", "directed", settings.alpha, settings.depth, None).value_k
    noise = 1e-4 * np.random.default_rng(0).standard_normal((4, 4, len(theory)))
    made = [
        replace(runs[0], size=c, value_sk=theory + part, excluded="", bias_k=0.0)
        for c, part in zip((8, 16, 32, 64), noise)
    ]
    found, notes = relations(settings, made)
    by_name = {relation.closure: relation for relation in found}
    assert "directed is not rejected" in notes[0] and "symmetric is rejected" in notes[0]
    assert len(notes) == 1 and set(by_name) == {"directed", "symmetric"}
    assert np.abs(by_name["directed"].limit.value_k).max() < 4e-4
    assert by_name["symmetric"].limit.value_k[0] > 0.005
    assert by_name["symmetric"].confrontation.rejected and not by_name["directed"].confrontation.rejected
    # with R = 2 students: value = (2 teacher + students)/3, so that students 3e-3 lower have the teacher 4.5e-3 above
    moving = replace(made[0], bias_k=np.full(3, 1e-3), students_sk=made[0].value_sk - [3e-3, 0.0, 0.0])
    wide, narrow = (difference(settings, "directed", run) for run in (moving, made[0]))
    np.testing.assert_allclose(wide.mean_k, narrow.mean_k)
    assert np.sqrt(wide.covariance_kk[0, 0]) == pytest.approx(DECAY * 4.5e-3, rel=0.01)
    short = [replace(run, excluded="too short", students_sk=run.value_sk) for run in made]
    assert len(relations(settings, short)[0]) == 2  # relaxed counting: short runs enter here
    assert relations(replace(settings, counting="equilibrated"), short)[0] == ()


def test_the_report_says_what_each_layer_gives():
    settings, runs = stored_comparison("planted_L2_alpha10")
    found = compare(settings, first_samples(runs))
    body = jsonable(document(found))
    assert [entry["closure"] for entry in body["layer_by_layer"]] == list(settings.closures)
    symmetric, directed = (np.array([p["difference"] for p in entry["points"]]) for entry in body["layer_by_layer"])
    np.testing.assert_allclose(symmetric[:, 1], directed[:, 1], rtol=1e-9)  # the output layer is common
    assert "## Layer by layer" in markdown(body)


def test_a_run_without_a_relation_is_left_out_of_every_closure():
    settings, runs = stored_comparison("planted_L2_alpha10")
    runs = first_samples(runs)
    impossible = replace(runs[0], value_sk=np.full_like(runs[0].value_sk, -0.5), excluded="")
    found, notes = relations(settings, [impossible, *runs[1:]])
    assert "size 8, N = 800 is left out" in notes[0] and "must lie in (0, 1]" in notes[0]
    assert [[point.size for point in relation.points] for relation in found] == [[run.size for run in runs[1:]]] * 2
