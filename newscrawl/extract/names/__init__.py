"""Who is credited."""
