"""Listing reads, sightings, gaps and counters."""
