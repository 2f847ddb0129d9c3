"""Data that a page carries for machines."""
