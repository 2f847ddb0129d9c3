"""The way in for pages that others have captured: WARC files and folders of saved pages, judged and stored as if looked at then."""
