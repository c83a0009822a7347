"""Scalar field theory of symmetry breaking: predictions and the measurements that test them (THEORY section 10)."""

from gardner.fieldtheory.linear_net import Architecture as LinearNet
from gardner.fieldtheory.potential import SymmetryBreaking
from gardner.fieldtheory.potential import predict as predict_symmetry_breaking

__all__ = ["LinearNet", "SymmetryBreaking", "predict_symmetry_breaking"]
