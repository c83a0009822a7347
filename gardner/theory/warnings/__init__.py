"""Warnings that the equations justify, one file each; `results.warnings.CHECKS` lists them."""
