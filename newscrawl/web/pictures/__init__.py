"""Pictures made on the server: plots, and the card of a difference."""
