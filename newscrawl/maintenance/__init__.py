"""Keeping an archive for years: backups, putting one back, and giving up raw responses by policy. Prints nothing."""
