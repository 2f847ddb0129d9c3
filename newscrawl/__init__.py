"""newscrawl keeps the whole life of every news article; this file only names the version."""

__version__ = "0.1.0"
