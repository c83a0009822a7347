"""What long computations share: chains of points and workers, checkpoints, files, progress, compiled kernels."""
