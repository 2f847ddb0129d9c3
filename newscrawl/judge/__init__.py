"""Pure decisions of the archive: values in, verdicts with reasons out. No clock, no files, no network."""
