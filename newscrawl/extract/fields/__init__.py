"""The fields beside text and names."""
