"""One table of fields and what is made of it: JSON, CSV, Parquet."""
