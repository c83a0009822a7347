"""The thresholds that decide what a result is called, each of them once, with its reason.

They are asked of finished overlaps: which layers are liquid, solid or frozen, whether two branches are one, whether a
closure violates an inequality. A threshold by which a solver chooses its next step is none of these and stays there.
"""

# Overlaps are solved to 1e-9; levels that merge, or vanish, are left apart by some 1e-8. A smaller overlap counts as
# zero (the layer is liquid), a smaller step of q(x) as no step, and two curves that are closer as one curve.
RESOLVED = 1e-6

# Q_EA of a solid layer in a phase diagram or a staircase ξ(α). An overlap grows from zero linearly in α, and a search
# of residual ε leaves up to ε^(1/2) of it just below its transition: 1e-4 for sweeps, which are solved to 1e-8.
SOLID = 1e-3

# q_EA of a hidden layer in a frozen state, where the innermost cluster is a single assignment of the spins. States of
# continuous breaking stay well below: 1 - q_EA falls like a power of α.
FROZEN = 0.999

# Change of an overlap between neighbouring α at which a frozen state has jumped, and its curve is broken. Overlaps that
# merely grow change by less on every grid that is drawn.
JUMP = 0.2

# Distance in some q_EA or Q_EA at which two converged branches are two states. Both may be off by the tolerance of a
# sweep, 1e-6 at most (figures).
DIFFERENT = 1e-5

# Distance in some q or Q, beyond the errors of both, up to which two planted fixed points are one. Smaller than
# DIFFERENT, which leaves room for the tolerance of sweeps: here the errors, residual/(1 - eigenvalue), are known and
# added to it.
ONE_POINT = 1e-7

# Amount by which q(l) ≥ r(l), the Bayes inequality (T25), must fail: rounding reaches 1e-11 near the perfect crystal.
VIOLATED = 1e-10
