"""Keeping an archive for years: backup, restore, and pruning of raw responses."""
