"""Printing, shared by all commands: tables, differences and progress."""
