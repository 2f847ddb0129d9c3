"""Atom feeds (RFC 4287): their entries, and how they are written."""
