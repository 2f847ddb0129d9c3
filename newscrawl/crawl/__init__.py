"""The only importer of Scrapy, with spiders/ and commands/: requests out, looks and listing reads in, the archive behind."""
