"""The page: tree, elements, lines, marks."""
