"""Searches for fixed points of the saddle-point maps."""
