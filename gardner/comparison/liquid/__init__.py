"""Liquid fluctuations: closures against Monte Carlo where hidden units are free and relax fast (THEORY section 14).

`settings` says what is compared, `planning` makes runs that fit a budget, `runs` keeps them in a folder, `estimates`
reads covariances with errors from a run and says which runs count, `limits` takes c → ∞, `analysis` confronts every
closure and finds the transitions that the susceptibilities point to, `report` writes it down.
"""
