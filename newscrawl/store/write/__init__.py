"""What is written, each in one transaction."""
