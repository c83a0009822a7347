"""Results of the package as labelled data: what they hold, how they are written, checked and read."""
