"""Binary nets in bits: 64 patterns in a word, eight chains side by side.

    lanes      eight words as a Numba type            counters   sums of agreements, bit by bit
    packing    arrays in the layout of the kernels    kernels    the moves; `chains` drives them

Against a plain loop over one chain, with incremental integer fields, an attempt takes a ninth of the time at width 4, a
25th at 20 and a 65th at 64 (`tests/benchmarks/test_mc_binary.py`); that is why this form is the only one.
"""
