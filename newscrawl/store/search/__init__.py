"""The index of full-text search: derived data beside the archive, made again at any time."""
