"""Full-text search over every version of every article, also those overwritten or removed."""
