"""What the log of everything recorded keeps in the database: which rows wait for it, which entry says which row."""
