"""The history of an article: how its versions relate, where an older capture joins it, and what happened when."""
