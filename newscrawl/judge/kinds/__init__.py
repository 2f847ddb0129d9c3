"""What kind of edit a difference is."""
