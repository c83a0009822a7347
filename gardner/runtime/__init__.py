"""What long computations share: progress and the announcement of first compilations."""
