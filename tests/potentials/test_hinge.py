"""The hinge against integrals done here: the replica-symmetric perceptron, its ground state, the tails of φ."""

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import ndtr

import gardner
from gardner.potentials.hinge import Hinge


def exact_terminal(h, sigma, beta, margin):
    """The closed form of φ, φ', φ'' in 60 digits, cancellations and all."""
    with mp.workdps(60):
        d, s, b = mp.mpf(float(h)) - mp.mpf(margin), mp.mpf(sigma), mp.mpf(beta)
        x, c = d / s, b * s
        above = mp.erfc(-x / mp.sqrt(2)) / 2
        below = mp.exp(b * d + c * c / 2) * mp.erfc((x + c) / mp.sqrt(2)) / 2
        total = above + below
        share = below / total
        second = b * (b * share * above / total - mp.npdf(x) / s / total)
        return float(mp.log(total)), float(b * share), float(second)


@pytest.mark.parametrize("beta", [1e-3, 0.3, 10.0, 66.7, 1e5, 1e9])
@pytest.mark.parametrize("sigma", [1e-6, 1e-2, 0.8])
def test_both_tails_keep_their_digits(beta, sigma):
    """From far above the margin to far below the point d = -βσ² from which on the penalty is linear in h."""
    margin, corner = 0.25, -beta * sigma**2
    h = margin + np.concatenate([sigma * np.linspace(-15.0, 15.0, 41), corner + sigma * np.linspace(-12.0, 12.0, 25)])
    exact = np.array([exact_terminal(value, sigma, beta, margin) for value in h]).T
    found = Hinge(beta, margin).terminal(h, sigma)
    # h - κ itself is known to a few units of the last digit of h only
    blurred = np.finfo(float).eps * np.abs(h) / sigma * (1.0 + np.abs(h - margin) / sigma)
    for value, wanted, size in zip(found, exact, (np.maximum(np.abs(exact[0]), 1.0), *np.abs(exact[1:]))):
        assert (np.abs(value - wanted) <= (2e-13 + 4.0 * blurred) * size + 1e-290).all()


def replica_symmetric(alpha, beta, Q):
    """s(Q) of the L = 1 perceptron at κ = 0, the inner integral of e^{-βv} and the outer one both by quadrature."""
    sigma = np.sqrt(1.0 - Q)

    def inner(h):
        def weight(r):
            return np.exp(-beta * max(-r, 0.0) - 0.5 * ((r - h) / sigma) ** 2) / (sigma * np.sqrt(2.0 * np.pi))

        low, high = min(h - beta * sigma**2, 0.0) - 12.0 * sigma, max(h, 0.0) + 12.0 * sigma
        inside = sorted({min(max(point, low), high) for point in (0.0, h, h - beta * sigma**2)})
        return quad(weight, low, high, points=inside, epsabs=0.0, epsrel=1e-11, limit=200)[0]

    z, weight = np.polynomial.hermite_e.hermegauss(80)
    field = weight @ np.log([inner(np.sqrt(Q) * value) for value in z]) / weight.sum()
    return 0.5 * (np.log(1.0 - Q) + Q / (1.0 - Q)) / alpha + field


@pytest.mark.parametrize("alpha, beta", [(1.0, 1.0), (3.0, 5.0)])
def test_free_entropy_and_overlap_are_those_of_direct_integration(alpha, beta):
    solution = gardner.solve_random(alpha, 1, 0, potential=Hinge(beta))
    Q = float(solution.Q_ea[0])
    assert solution.status == "converged"
    assert solution.free_entropy == pytest.approx(replica_symmetric(alpha, beta, Q), abs=1e-8)
    step = 1e-3  # stationary, and a minimum, as befits n → 0
    left, right = (replica_symmetric(alpha, beta, Q + side * step) for side in (-1.0, 1.0))
    curvature = (left + right - 2.0 * solution.free_entropy) / step**2
    assert curvature > 0.0
    assert abs(right - left) / (2.0 * step) < 1e-3 * curvature


def energy(alpha, beta):
    """<v> per pattern of the replica-symmetric solution."""
    solution = gardner.solve_random(alpha, 1, 0, potential=Hinge(beta))
    assert solution.status == "converged"
    return gardner.solution_gaps(solution)[0].energy


def test_ground_state_is_free_below_capacity():
    """α = 1.5 < 2: all patterns can be learnt, and the energy vanishes like T²: <v> = P(κ) ∫x e^{-βx} dx = P(κ) T²."""
    cold, colder = energy(1.5, 1e3), energy(1.5, 1e4)
    assert 0.0 < colder < cold < 1e-3
    assert cold / colder == pytest.approx(100.0, rel=0.02)


def ground_state_energy(alpha):
    """e_0 of the replica-symmetric perceptron at κ = 0, T → 0 with β(1-Q) → χ.

    φ → -β ψ(h) with ψ = min_r [v(r) + (r-h)²/2χ], that is h²/2χ for -χ < h < 0 and -h - χ/2 for h < -χ, so that
    e_0 = <ψ> - 1/(2αχ) at 1/α = <h²; -χ < h < 0> + χ² P(h < -χ).
    """

    def density(h):
        return np.exp(-0.5 * h * h) / np.sqrt(2.0 * np.pi)

    def inside(chi):
        return quad(lambda h: h * h * density(h), -min(chi, 40.0), 0.0, epsabs=1e-14)[0]

    chi = brentq(lambda c: inside(c) + c * c * ndtr(-c) - 1.0 / alpha, 1e-3, 40.0, xtol=1e-14)
    outside = quad(lambda h: (-h - 0.5 * chi) * density(h), -40.0, -chi, points=[-chi - 1.0], epsabs=1e-14)[0]
    return inside(chi) / (2.0 * chi) + outside - 0.5 / (alpha * chi)


def test_ground_state_costs_energy_beyond_capacity():
    """α = 3 > 2: e(T) approaches the replica-symmetric ground state energy of the integrals above."""
    ground = ground_state_energy(3.0)
    assert ground == pytest.approx(0.049703, abs=1e-6)
    warm, cold = energy(3.0, 200.0), energy(3.0, 400.0)
    assert 0.0 < ground < cold < warm
    assert 2.0 * cold - warm == pytest.approx(ground, rel=2e-3)  # linear in T
    assert ground_state_energy(2.001) < 1e-3 * ground
