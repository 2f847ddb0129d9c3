"""What `newscrawl schedule` prints: plans for cron and systemd."""
