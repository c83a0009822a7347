"""Replica theory: a closure is a chain of sectors, solved at n → 0 (random setting) or n → 1 (planted setting)."""
