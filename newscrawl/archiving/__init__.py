"""The one place where an observation is decided and applied."""
