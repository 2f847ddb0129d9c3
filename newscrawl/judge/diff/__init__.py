"""The difference of two texts."""
