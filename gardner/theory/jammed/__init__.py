"""The random setting at its capacity: every cluster of solutions has shrunk to a point (C50)–(C54).

At capacity the innermost overlaps reach one and the Parisi parameters vanish in proportion. Put m_i = ε y_i with
y_k = 1, that is ε = m_k → 0, and

    1 - x_k = ε r   for every overlap x = Q(l), q(l)   (r: its room),      x̂_i = p_i/ε²,      s = S/ε.        (C50)

S is finite, and stationary in overlaps, rooms and fields. Its sectors are those of the net with k - 1 steps, y_1 …
y_{k-1}, with other functions at the end of their flows:

    gap    e^φ = ∫Dz exp(-(κ - h - σz)_+²/2ρ),  ρ = Σ rooms of the overlaps read:  a soft core of β = 1/2ρ;    (C51)
    spin   e^φ = ∫Dz e^{|h + √W z|},  W = p_k - p_{k-1}:  ln 2cosh h + W/2 where W is large;                    (C52)
    site   e^φ = ∫DzDz' exp max_S[ -(κ - S(ω + σz))_+²/2ρ + S(y + √W z') ];                                     (C53)
    bond   (1/α) A(Q, y, r) of (C3), the weights on the sphere Q_k = 1.

Logarithms of ε drop out. One step (k = 1) has no flow at all: it is replica symmetry of a soft core with free spins.
α_c of k steps is where S = 0, and its minimum over y_1 … y_{k-1}:

    S = B/α + R,    α_c = min_y [-B/R],     B = Σ_l A(l) > 0.                                                   (C54)

For L = 1 that is (C5).
"""
