"""The Parisi flow: in one field for gaps and spins, in two fields for a hidden spin with its own pre-activation."""
