"""The sectors of the replicated free entropy: each maps conjugate fields to overlaps and knows its response."""
