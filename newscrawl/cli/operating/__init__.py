"""Commands that keep an archive running."""
