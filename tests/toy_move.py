"""A move from outside the package: a whole row proposed afresh from its prior, hidden spins by Glauber dynamics."""

import numpy as np

from gardner.montecarlo import generator
from gardner.montecarlo.moves.base import Move
from gardner.nets.disorder import gaps


class Redraw(Move):
    """Independent proposals: a row is drawn anew and accepted with min(1, e^{-βΔE}); no step is to be tuned."""

    weights = ("spherical", "gaussian")
    has_step = False
    moves_spins = True

    def energy(self, walker):
        """E = Σ v(r), from scratch."""
        gap_pm = gaps(self.disorder.topology, walker.weight_k, walker.spin_um)
        return float(self.settings.potential.energy(gap_pm).sum())

    def drawn_row(self, size, rng):
        """A row of the prior."""
        row = np.array([generator.normal(rng) for _ in range(size)])
        return row if self.settings.weights == "gaussian" else row * np.sqrt(size / (row @ row))

    def sweep(self, walker, sweeps):
        """Every row once, then every hidden spin once."""
        net, rng, energy = self.disorder.topology, walker.rng, self.energy(walker)
        for _ in range(sweeps):
            for p, (start, stop) in enumerate(zip(net.row_p, net.row_p[1:])):
                before = walker.weight_k[start:stop].copy()
                walker.weight_k[start:stop] = self.drawn_row(stop - start, rng)
                trial = self.energy(walker)
                if trial - energy > generator.exponential(rng) / walker.beta:
                    walker.weight_k[start:stop] = before
                    continue
                energy = trial
                layer = np.searchsorted(net.first_l, net.width_l[0] + p, side="right") - 1
                walker.accepted_l[layer - 1] += stop - start

            for u, m in np.ndindex(walker.spin_um[net.width_l[0] : net.first_l[-2]].shape):
                site = net.width_l[0] + u, m
                walker.spin_um[site] *= -1
                trial = self.energy(walker)
                if generator.uniform(rng) < 1.0 / (1.0 + np.exp(walker.beta * (trial - energy))):
                    energy = trial
                else:
                    walker.spin_um[site] *= -1
        return energy, 0.0


class Colder(Redraw):
    """A wrong move, which takes β for 1.8 β."""

    def sweep(self, walker, sweeps):
        """What a slip in the acceptance would do."""
        return super().sweep(walker._replace(beta=1.8 * walker.beta), sweeps)
