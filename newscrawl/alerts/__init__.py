"""Alerts: selects news from the change log for each receiver, composes messages and delivers them."""
