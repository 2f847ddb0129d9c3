"""Reads dates as people and machines write them, for listings and articles."""
