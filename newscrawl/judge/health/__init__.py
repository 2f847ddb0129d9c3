"""Source health, compared with the source's own history."""
