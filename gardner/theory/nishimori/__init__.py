"""Quadratures of the planted setting, in which replica symmetry is exact."""
