"""Message passing against the closures: overlaps with the teacher on nets of c of several hundred (THEORY section 18).

`settings` says what is compared, `runs` plans the nets of a budget and keeps them in a folder, `measured` reads the
overlaps of a run, `limits` takes c, N → ∞ and measures how loops and 1/c act, `analysis` confronts every closure and
says whether the messages know what they know, `report` writes it down.
"""
