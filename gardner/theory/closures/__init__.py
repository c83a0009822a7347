"""Closures: which sectors sit where in the net, and which product of overlaps each of them reads."""
