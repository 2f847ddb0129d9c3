"""The figures that health is judged from."""
