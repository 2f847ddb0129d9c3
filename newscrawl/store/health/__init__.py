"""The figures from which source health is computed."""
