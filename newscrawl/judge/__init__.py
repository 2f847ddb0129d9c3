"""Pure decisions of the archive: values in, verdicts with reasons out; instants come in as arguments."""
