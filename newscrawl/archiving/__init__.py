"""The one place where an observation is decided and applied: used alike by crawl, import and reprocess.

observing.py   fetch + page -> Observation
decide.py      observation + what is known -> Decision, from values alone
apply.py       a batch of observations in one transaction: read what is known, decide, store
recorder.py    the queue in which a crawl's items wait for their batch
captures.py    a stored response read by today's extractor
reprocess.py   all versions of an older extractor read again
"""
