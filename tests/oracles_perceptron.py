"""The replica-symmetric perceptron of one layer, hard core, κ = 0, close to its capacity α = 2, to 25 digits.

With ε = 1 - Q, u = t sqrt(Q/ε) and r(u) = ϕ(u)/Φ_N(u) the saddle point (T9), (T11) reads Q/ε = α ∫Dt r(u)², and

    s = ½ [ln ε + Q/ε]/α + ∫Dt ln Φ_N(u).

Both integrals contain a part of order 1/ε, ∫_{t<0} Dt u² = Q/2ε, which cancels at α → 2. It is taken out by hand.
"""

import mpmath as mp


def _averaged(function, width):
    """∫Dt f(t/width) with f bounded by a polynomial; f varies within |u| < 30 and slowly beyond."""
    density = mp.mpf(1) * width / mp.sqrt(2 * mp.pi)
    edges = sorted([-12 / width, *(x for x in (-2 / width, -30, -6) if x > -12 / width), 0, 6, 16])
    return mp.quad(lambda u: density * mp.exp(-((u * width) ** 2) / 2) * function(u), edges)


def _mills(u):
    """r(u) = ϕ(u)/Φ_N(u), by its continued asymptotic series far below zero."""
    if u > -30:
        return mp.npdf(u) / mp.ncdf(u)
    total, term = mp.mpf(1), mp.mpf(1)
    for n in range(1, 25):
        term *= -(2 * n - 1) / (u * u)
        total += term
        if abs(term) < mp.mpf(10) ** (-mp.mp.dps):
            break
    return -u / total


def replica_symmetric(missing: str) -> tuple[float, float]:
    """1 - Q and s per N·M at α = 2 - `missing`, a decimal string."""
    with mp.workdps(25):
        alpha = 2 - mp.mpf(missing)

        def rest(log_epsilon):
            epsilon = mp.exp(log_epsilon)
            ratio = (1 - epsilon) / epsilon
            square = _averaged(lambda u: _mills(u) ** 2 - (u * u if u < 0 else 0), 1 / mp.sqrt(ratio))
            return ratio * (1 - alpha / 2) / alpha - square

        guess = mp.log(mp.mpf(missing) / 4)
        epsilon = mp.exp(mp.findroot(rest, (guess, guess + mp.mpf("0.001")), tol=mp.mpf(10) ** -13, verify=False))
        ratio = (1 - epsilon) / epsilon

        def logarithm(u):
            return mp.log(mp.ncdf(u)) if u > 0 else -mp.log(mp.sqrt(2 * mp.pi) * _mills(u))

        # ln Φ_N(u) = -u²/2 - ln(sqrt(2π) r(u)); its square is the part taken out
        gap = _averaged(logarithm, 1 / mp.sqrt(ratio))
        s = (mp.log(epsilon) / 2 + ratio * (1 - alpha / 2) / 2) / alpha + gap
        return float(epsilon), float(s)
