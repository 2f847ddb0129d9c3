"""Crontabs and systemd units for `newscrawl schedule`."""
