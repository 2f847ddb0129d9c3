"""Listing reads, sightings, gaps and coverage counts."""
