"""Plans for cron and systemd."""
