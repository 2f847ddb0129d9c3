"""Writes records as JSON objects, CSV and Parquet, by the one table of fields (model/fields.py)."""
