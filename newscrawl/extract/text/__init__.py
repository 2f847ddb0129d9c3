"""The running text."""
