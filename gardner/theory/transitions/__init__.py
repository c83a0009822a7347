"""Where layer after layer turns solid."""
