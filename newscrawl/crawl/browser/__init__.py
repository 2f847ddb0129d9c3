"""Listings made by scripts, rendered in Chromium."""
