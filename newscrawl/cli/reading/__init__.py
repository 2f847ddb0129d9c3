"""Commands that show or export what the archive holds."""
