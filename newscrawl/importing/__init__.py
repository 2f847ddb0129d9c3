"""Imports pages that others have captured: WARC files and folders of saved pages, stored as if they had been checked then.

files.py -> first_pass.py or folder.py -> index.py (the list of records, in the order of time)
-> record_pages.py (extraction, in processes of its own) -> recording.py (into the archive); run.py holds it together
"""
