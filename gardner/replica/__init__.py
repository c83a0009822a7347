"""Replica theory of the layered Gardner volume: flows, sectors, saddle points."""
