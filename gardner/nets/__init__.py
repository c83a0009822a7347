"""Drawn nets: who reads whom, patterns and teacher of one sample, shared by Monte Carlo and message passing."""
