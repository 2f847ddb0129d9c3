"""Dates as people and machines write them, read. For listings and articles alike; chooses none."""
