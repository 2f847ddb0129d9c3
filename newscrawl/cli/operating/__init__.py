"""Commands that keep an archive running: verify, backup, prune, health, notify, schedule, serve, db."""
