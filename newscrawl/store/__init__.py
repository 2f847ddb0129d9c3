"""The only importer of SQLAlchemy. Frozen values go in and out; rows and connections stay inside."""
