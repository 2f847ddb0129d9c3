"""The database of an archive, the only importer of SQLAlchemy: frozen values go in and out, connections stay inside."""
