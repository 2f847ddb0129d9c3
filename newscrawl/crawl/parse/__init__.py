"""Reading pages in worker processes."""
