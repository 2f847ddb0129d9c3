"""Printing: tables, differences, progress and lengths of time, shared by all commands."""
