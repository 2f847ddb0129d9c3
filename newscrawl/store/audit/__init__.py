"""Checks of an archive against itself, for `newscrawl verify`."""
