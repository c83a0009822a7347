"""What follows from solutions: capacity, stability, phase diagrams."""
