"""Gaps in coverage: times in which articles may have been missed."""
