"""Message passing on drawn nets: state evolution of one layer, the closure of two, free entropy, files of runs."""

import numpy as np
import pytest

import gardner
from gardner.analysis.state_evolution import state_evolution
from gardner.messages import POSTERIORS
from gardner.messages.free_entropy import free_entropy
from gardner.messages.passing import sweep
from gardner.messages.run import run_sample
from gardner.messages.settings import AmpSettings
from gardner.messages.start import start_layers
from gardner.montecarlo.settings import MonteCarloSettings
from gardner.nets.disorder import draw_disorder


def one_layer(**changes):
    return AmpSettings(**({"width": (600, 600, 30), "depth": 1, "alpha": 2.0, "samples": 6, "seed": 3} | changes))


@pytest.fixture(scope="module")
def spherical():
    return gardner.run_amp(one_layer())


def within(value_s, expected, errors=4.0, finite_size=0.0):
    """Mean over samples against an exact value; 4 errors of 6 samples: false alarms once in 100 numbers."""
    mean, error = value_s.mean(), value_s.std(ddof=1) / len(value_s) ** 0.5
    return abs(mean - expected) < errors * error + finite_size


def test_one_layer_learns_what_the_replica_theory_says(spherical):
    """Corrections are of order 1/N; the theory of half the load is refused."""
    theory = gardner.solve_planted(2.0, 1).equilibrium
    other = gardner.solve_planted(1.0, 1).equilibrium
    assert spherical.status == "converged"
    for name in ("Q_teacher", "Q_self"):
        assert within(spherical.final(name)[:, 0], theory.Q_l[0], finite_size=2e-3)
        assert not within(spherical.final(name)[:, 0], other.Q_l[0], finite_size=2e-3)
    assert within(spherical.final("student_error"), theory.generalization_error, finite_size=2e-3)
    assert within(spherical.final("estimator_error"), theory.bayes_error, finite_size=2e-3)
    assert within(spherical.final("free_entropy"), theory.free_entropy, finite_size=2e-3)
    assert not within(spherical.final("free_entropy"), other.free_entropy, finite_size=2e-3)


def test_one_layer_follows_state_evolution_sweep_by_sweep():
    """Undamped, from a start that knows the teacher a little: the map of (T13), step by step."""
    data = gardner.run_amp(one_layer(start="0.2", damping=1.0, iterations=10, tolerance=1e-9))
    theory = state_evolution("directed", 2.0, 1, 0.2)
    found = data.history("Q_teacher")[:, :, 0].mean(axis=0)
    np.testing.assert_allclose(found[:8], theory.Q_tl[:8, 0], atol=0.01)
    assert abs(found[1] - theory.Q_tl[2, 0]) > 0.05  # one step later is another number


@pytest.mark.parametrize(("alpha", "finds"), [(1.25, False), (2.4, True)])
def test_binary_weights_are_recovered_above_the_spinodal_only(alpha, finds):
    """1.4926 is where the uninformed branch ends; below it the teacher is stable from 1.2447 on, and not found."""
    data = gardner.run_amp(one_layer(alpha=alpha, weights="binary", samples=4, iterations=300))
    Q = data.final("Q_teacher")[:, 0]
    if finds:
        assert (Q > 0.99).all()
    else:
        assert within(
            Q, gardner.solve_planted(alpha, 1, weights="binary", branch="liquid").branches[0].Q_l[0], 4.0, 0.02
        )
        assert (Q < 0.8).all()


@pytest.fixture(scope="module")
def two_layers():
    net = {"width": 800, "depth": 2, "alpha": 5.0, "connectivity": 40, "samples": 2, "seed": 1, "iterations": 60}
    return {start: gardner.run_amp(AmpSettings(start=start, **net)) for start in ("uninformed", "teacher")}


def test_two_layers_follow_the_directed_closure_from_either_start(two_layers):
    """Q(2) - Q(1) is 0 in `symmetric`; c = 40 lowers all overlaps by one or two hundredths."""
    directed, symmetric = (
        gardner.solve_planted(5.0, 2, closure=name).equilibrium for name in ("directed", "symmetric")
    )
    for data in two_layers.values():
        own, true = (
            np.concatenate([data.final(f"{n}_{w}") for n in "Qq"], axis=1).mean(axis=0) for w in ("self", "teacher")
        )
        assert abs(own[1] - own[0] - (directed.Q_l[1] - directed.Q_l[0])) < 0.015
        np.testing.assert_allclose(own[:2], directed.Q_l, atol=0.02)
        np.testing.assert_allclose(own[3], directed.q_l[1], atol=0.02)
        assert abs(own[3] - symmetric.q_l[1]) > 0.04 and abs(own[0] - symmetric.Q_l[0]) > 0.015
        assert np.max(np.abs(own - true)) < 0.02  # Nishimori, up to loops, M/N = 1/4
        assert within(data.final("free_entropy"), directed.free_entropy, 4.0, 0.01)


def test_free_entropy_is_stationary_in_what_weights_are_told():
    """A change of all fields on the weights changes Φ in second order only; without its last term, in first order."""
    settings = one_layer(width=(300, 300, 10), samples=1)
    disorder = draw_disorder(settings, 0)
    layers = start_layers(settings, disorder, np.random.default_rng(0))
    for _ in range(60):
        sweep(layers, "spherical", 0.8)
    layer, rest = layers[0], {}
    for name in ("pull_is", "curvature_is", "mean_is", "variance_is", "gain_bix"):
        rest[name] = getattr(layer, name).copy()
    noise = np.random.default_rng(1).standard_normal(layer.pull_is.shape)

    def moved(size):
        layer.pull_is = rest["pull_is"] * (1.0 + size) + size * noise
        layer.curvature_is = rest["curvature_is"] * (1.0 - size)
        layer.mean_is, layer.variance_is = POSTERIORS["spherical"].posterior(layer.curvature_is, layer.pull_is)
        layer.gain_bix = rest["gain_bix"].copy()
        layer.rise()
        layer.answer(1.0)
        layer.gain_bix = rest["gain_bix"]  # of the term of cavities: its own change is that of the next order in 1/c
        return free_entropy(layers, "spherical", disorder.patterns)

    middle = moved(0.0)
    first = abs(moved(0.02) - moved(-0.02)) / 0.04
    second = abs(moved(0.02) + moved(-0.02) - 2.0 * middle) / 0.02**2
    assert first < 2e-3 < 0.05 < second, (first, second)


def test_the_sample_of_a_seed_is_that_of_monte_carlo():
    net = {"depth": 2, "alpha": 3.0, "connectivity": 6, "samples": 1, "seed": 4}
    amp, mc = AmpSettings(width=24, **net), MonteCarloSettings(24, graph="regular", start="teacher", **net)
    ours, theirs = draw_disorder(amp, 2), draw_disorder(mc, 2)
    np.testing.assert_array_equal(ours.teacher_k, theirs.teacher_k)
    np.testing.assert_array_equal(ours.output_im, theirs.output_im)


def test_a_sample_is_the_same_whatever_runs_beside_it_and_its_file_is_read_back(tmp_path):
    settings = AmpSettings(width=40, depth=2, alpha=3.0, connectivity=8, samples=2, iterations=12, seed=2)
    data = gardner.run_amp(settings)
    alone = run_sample(settings, 1)
    np.testing.assert_array_equal(data.data["Q_teacher"].values[1, : len(alone["Q_teacher"])], alone["Q_teacher"])
    gardner.save(data, tmp_path / "amp.nc")
    again = gardner.read(tmp_path / "amp.nc")
    assert again.data.identical(data.data) and again.settings == settings and again.plot().axes
    assert again.status in ("converged", "max_iterations")


def test_a_run_that_diverges_says_so(monkeypatch):
    monkeypatch.setattr("gardner.messages.run.sweep", lambda *_: float("nan"))
    data = gardner.run_amp(AmpSettings(width=20, depth=1, alpha=1.0, samples=2, iterations=5))
    assert data.status == "diverged" and "--damping" in data.advice
    assert data.body()["free_entropy"]["mean"] is None and data.body()["iterations"] == 1


def test_two_layers_of_binary_weights_keep_their_teacher(monkeypatch):
    """V is no less than half a step of the pre-activation squared: without that rows freeze on wrong signs."""
    net = AmpSettings(width=400, depth=2, alpha=3.0, connectivity=50, weights="binary", start="teacher", samples=2)
    kept = gardner.run_amp(net)
    assert kept.status == "converged" and kept.final("Q_teacher").min() > 0.99
    monkeypatch.setattr(type(POSTERIORS["binary"]), "spacing", 0.0)
    lost = gardner.run_amp(net)
    assert lost.status == "contradictory" and lost.final("Q_teacher").min() < 0.5


def test_messages_that_are_certain_of_what_patterns_rule_out_are_not_called_converged(monkeypatch):
    """Without a least V, Ĵ² settles at .995 here, and an eighth of the signs are wrong; spherical weights do well."""
    monkeypatch.setattr(type(POSTERIORS["binary"]), "spacing", 0.0)
    net = {"width": 300, "depth": 1, "alpha": 2.0, "connectivity": 50, "samples": 2}
    sure, sound = (gardner.run_amp(AmpSettings(weights=weights, **net)) for weights in ("binary", "spherical"))
    assert sure.body()["statuses"] == ["contradictory"] * 2 and "--width" in sure.advice
    assert sure.body()["free_entropy"]["mean"] is None
    assert 0.0 < sure.body()["generalization_error"]["estimator"]["mean"] < 0.5
    assert sound.status == "converged" and -1.0 < sound.body()["free_entropy"]["mean"] < 0.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"width": (10, 20)}, "one number, or input,hidden,output"),
        ({"depth": 0}, "at least 1"),
        ({"alpha": 0.0}, "greater than 0"),
        ({"connectivity": 700}, "at most 600"),
        ({"start": "warm"}, "an overlap between 0 and 1"),
        ({"start": 1.5}, "an overlap between 0 and 1"),
        ({"damping": 1e-300}, "between 0.01 and 1"),
        ({"weights": "gaussian"}, "spherical, binary"),
        ({"width": 10**5, "connectivity": 500, "depth": 3}, "GiB of memory"),
        ({"width": (600, 300, 3), "depth": 2}, "need --connectivity"),
        ({"alpha": 1e-9}, "no pattern"),
        ({"tolerance": 0.0}, "greater than 0"),
        ({"iterations": 0}, "at least 1"),
    ],
)
def test_settings_refuse_in_one_line(changes, words):
    with pytest.raises(ValueError, match=words):
        one_layer(**changes)


def test_nets_for_which_messages_are_not_trusted_are_named():
    assert "c ≥" in AmpSettings(width=20, depth=1, alpha=1.0).caution()
    assert "M/N" in AmpSettings(width=300, depth=2, alpha=5.0, connectivity=60).caution()
    assert AmpSettings(width=2000, depth=2, alpha=4.0, connectivity=60).caution() is None
