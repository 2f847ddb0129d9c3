"""Machine-readable data of a page: JSON-LD, microdata, metas, and data in scripts."""
