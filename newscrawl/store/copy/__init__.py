"""Copies of a whole archive, and what may be given up of it."""
