"""A research release: the archive or a part of it as typed tables, with a data card, a schema and checksums."""
