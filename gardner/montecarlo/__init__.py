"""Monte Carlo of small nets: an independent measurement of the Gardner volume (THEORY section 8)."""
