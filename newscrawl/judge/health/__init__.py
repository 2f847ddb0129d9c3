"""Whether a source is all right, by its own history."""
