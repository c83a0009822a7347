"""Theory against Monte Carlo: one verdict, with errors, on each closure.

A package, because five independent ideas meet here, one module each, of which only `runs` costs time:

    settings   what is compared, in which limit, within which budget
    planning   sizes, widths, sweeps and samples that fit the budget, from measured speeds
    runs       the Monte Carlo runs of a plan: reused, resumed or made
    measured   overlaps of one run with their covariance between samples, and the checks that may exclude it
    fits       c → ∞ (or N → ∞) of vectors of overlaps, the choice of the model included in the error
    theory     what each closure predicts for the same overlaps
    verdict    z, χ², p and the words they allow
    report     report.json and report.md

Data flow in this order; nothing but `theory` knows of closures and nothing but `runs` of files.
"""
