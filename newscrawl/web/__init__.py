"""Read-only web pages about an archive: a small router, a bounded server, and a module for each subject. Never crawls."""
