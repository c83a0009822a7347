"""One layer in full: capacity, replicon, optimised steps, jamming."""
