"""Parses responses in a worker process."""
