"""Commands that bring articles in."""
