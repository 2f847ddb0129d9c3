"""Alerts: chooses from the log of changes what a receiver is told, puts it into messages, and sends them."""
