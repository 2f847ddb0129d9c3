"""Everything that is written to the archive, each part in one transaction."""
