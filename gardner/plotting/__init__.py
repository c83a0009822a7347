"""One function per kind of picture: theory as lines, Monte Carlo as points, one colour per layer."""
