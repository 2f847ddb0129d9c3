"""What is read, as frozen values."""
