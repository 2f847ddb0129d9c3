"""What others say of the log, and this archive of theirs: cosignatures of witnesses, tokens of time-stamping authorities."""
