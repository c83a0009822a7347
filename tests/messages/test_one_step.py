"""One sweep of messages against sums that are written out: kernels, one perceptron, the posterior of its weights."""

import numpy as np
import pytest
from oracles_messages import answer, enumerated, sums, told

from gardner.messages import POSTERIORS, factors, kernels
from gardner.messages.edges import Edges, edges_of, from_blocks, into_blocks
from gardner.messages.passing import Layer
from gardner.nets.graphs import from_masks

RNG = np.random.default_rng(5)


def uneven_edges():
    """Nine perceptrons that read seven of twelve units, which have unequal numbers of readers."""
    mask = np.zeros((9, 12), dtype=bool)
    for row in mask:
        row[RNG.choice(12, 7, replace=False)] = True
    return edges_of(from_masks([mask], [7**-0.5]))[0]


def test_kernels_equal_their_numpy_twins():
    edges, patterns = uneven_edges(), 150
    spin, before = RNG.uniform(-1, 1, (2, 12, patterns))
    gain, slope, product = RNG.standard_normal((3, 9, patterns))
    mean, variance = RNG.standard_normal((9, 7)), RNG.random((9, 7))
    expected = sums(edges, mean, variance, spin, before, gain, slope, product)
    spin, before, gain, slope, product = map(into_blocks, (spin, before, gain, slope, product))
    wide = [np.full(gain.shape, np.nan) for _ in range(3)]
    edge = [np.full(mean.shape, np.nan) for _ in range(3)]
    high = [np.full(spin.shape, np.nan) for _ in range(2)]

    def agree(found, name, blocks=True):
        found = from_blocks(found, patterns) if blocks else found
        np.testing.assert_allclose(found, expected[name], rtol=0, atol=1e-12 * np.abs(expected[name]).max())

    kernels.sum_fields(edges.source_is, mean, spin, wide[0])
    agree(wide[0], "field")
    kernels.sum_fields_and_squares(edges.source_is, mean, variance, spin, before, *wide)
    for found, name in zip(wide, ("field", "square", "spread")):
        agree(found, name)
    kernels.sum_patterns(edges.source_is, spin, gain, edge[0])
    agree(edge[0], "sum", blocks=False)
    kernels.sum_patterns_and_squares(edges.source_is, spin, gain, slope, product, *edge)
    for found, name in zip(edge, ("sum", "slope", "product")):
        agree(found, name, blocks=False)
    mean_e, variance_e = mean.reshape(-1)[edges.edge_e], variance.reshape(-1)[edges.edge_e]
    kernels.sum_from_above(edges.first_k, edges.reader_e, mean_e, mean_e**2, variance_e, gain, slope, *high)
    for found, name in zip(high, ("from_above", "reaction")):
        agree(found, name)


def test_a_perceptron_answers_as_special_functions_do_near_and_far():
    field = np.concatenate([RNG.normal(0, 3, 400), [0.0, 25.0, -25.0, 45.0, -45.0, 150.0, -150.0]])
    variance = np.concatenate([RNG.uniform(0.01, 1, 400), np.full(7, 0.7)])
    above = np.concatenate(
        [RNG.normal(0, 4, 300), np.full(50, np.inf), np.full(50, -np.inf), [0.3, -5, 5, 9, 9, -np.inf, np.inf]]
    )
    gain, slope, log, own = answer(field, variance, above)
    found, product = np.zeros((4, len(field))), np.empty(len(field))
    factors.say(field, variance, above, 1.0, *found[:2], product)
    factors.log_norms(field, variance, above, found[2])
    scale = np.stack([1.0 + np.abs(gain), 1.0 + gain**2, 1.0 + np.abs(log)])  # of what cancels in ġ far out
    np.testing.assert_array_less(np.abs(found[:3] - [gain, slope, log]), 1e-11 * scale)
    near = np.abs(field) < 10.0 * np.sqrt(variance)
    assert np.max(np.abs(found[:3] - [gain, slope, log])[:, near] / scale[:, near]) < 1e-12
    finite = np.where(np.isfinite(above), above, 0.0)
    factors.know(field, variance, finite, found[3])
    np.testing.assert_allclose(found[3], np.tanh(finite + own), rtol=1e-12, atol=1e-9)  # u + d may cancel
    np.testing.assert_allclose(found[3, :300], np.tanh(finite + own)[:300], rtol=1e-12, atol=1e-12)
    before = found[:2].copy()
    factors.say(field, variance, np.zeros(len(field)), 0.25, *found[:2], product)  # g and ġ of no field are 0
    np.testing.assert_allclose([*found[:2], product], [*0.75 * before, 0.75 * before[0] ** 2])


def test_rows_of_the_sphere_keep_their_length_also_where_curvatures_are_negative():
    curvature, field = RNG.normal(2, 3, (50, 40)), RNG.normal(0, 1, (50, 40)) * 10.0 ** RNG.uniform(-3, 3, (50, 1))
    mean, variance = POSTERIORS["spherical"].posterior(curvature, field)
    np.testing.assert_allclose((mean**2 + variance).sum(axis=1), 40.0, rtol=1e-10)
    assert (variance > 0).all()
    multiplier = 1.0 / variance - curvature
    np.testing.assert_allclose(multiplier, np.broadcast_to(multiplier[:, :1], (50, 40)), rtol=1e-6, atol=1e-6)
    unknown = POSTERIORS["spherical"].posterior(np.zeros((1, 9)), np.zeros((1, 9)))
    np.testing.assert_allclose(unknown, [np.zeros((1, 9)), np.ones((1, 9))], atol=1e-12)


@pytest.mark.parametrize("prior", POSTERIORS)
def test_the_norm_of_a_row_has_its_mean_for_a_derivative(prior):
    curvature, field, step = RNG.uniform(0, 2, (3, 30)), RNG.normal(0, 1, (3, 30)), 1e-5
    mean, _ = POSTERIORS[prior].posterior(curvature, field)
    for place in (0, 7):
        ends = []
        for sign in (1, -1):
            moved = field.copy()
            moved[:, place] += sign * step
            ends.append(POSTERIORS[prior].log_norm(curvature, moved).sum(axis=1))
        np.testing.assert_allclose((ends[0] - ends[1]) / (2 * step), mean[:, place], atol=1e-8)


def one_sweep(mean_k, spin_k, above):
    """B on every weight and u on every spin of one perceptron of ±1 weights, by the code of a sweep."""
    fan = len(mean_k)
    places = np.arange(fan)
    edges = Edges(places[None], np.arange(fan + 1), np.zeros(fan, int), places, fan**-0.5)
    layer = Layer(
        edges,
        False,
        mean_k[None],
        1 - mean_k[None] ** 2,
        into_blocks(spin_k[:, None]),
        into_blocks(np.array([[above]])),
    )
    layer.rise()
    layer.answer(1.0)
    layer.pull()
    cavity = layer.mean_is
    layer.mean_is, layer.variance_is = POSTERIORS["binary"].posterior(
        layer.curvature_is, np.arctanh(cavity) + layer.pull_is
    )
    return layer.pull_is[0], layer.send_down(cavity)[0, :, 0]


def test_the_written_out_sum_is_that_over_all_weights_and_spins():
    mean, spin = RNG.uniform(-0.8, 0.8, (2, 5))
    np.testing.assert_allclose(told(mean, spin, 0.7, 2), enumerated(mean, spin, 0.7, 2), rtol=1e-12)


def test_one_sweep_differs_from_the_sum_over_all_states_in_the_next_order_of_one_over_c():
    """Messages are of order c^-1/2, and wrong by c^-3/2; without the Onsager terms they are wrong by c^-1."""
    fans, wrong, naive = np.array([17, 65, 257, 1025]), [], []
    for fan in fans:
        errors, without = [], []
        for above in (0.4, -1.5, np.inf):
            mean, spin = RNG.uniform(-0.8, 0.8, (2, fan))
            weights, spins = one_sweep(mean, spin, above)
            places = np.linspace(0, fan - 1, 12).astype(int)
            exact = np.array([told(mean, spin, above, place) for place in places]).T
            errors += [weights[places] - exact[0], spins[places] - exact[1]]
            gain = np.median(weights[places] / spin[places])  # a message without its second term: m g, scaled
            without.append(gain * spin[places] - exact[0])
        wrong.append(np.sqrt(np.mean(np.square(errors))))
        naive.append(np.sqrt(np.mean(np.square(without))))
    slope = np.polyfit(np.log(fans), np.log(wrong), 1)[0]
    assert -1.8 < slope < -1.3, (slope, wrong)
    assert np.polyfit(np.log(fans), np.log(naive), 1)[0] > -1.2 and naive[-1] > 10 * wrong[-1]
