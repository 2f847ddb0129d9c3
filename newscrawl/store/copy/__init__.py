"""Copies of a whole archive, and which captures may be pruned."""
