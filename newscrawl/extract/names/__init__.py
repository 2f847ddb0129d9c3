"""The article's authors: where they are named, and how credits are read."""
