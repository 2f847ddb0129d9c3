"""The archive checked against itself."""
