"""Raw responses on disk as WARC 1.1: writing, reading back, repairing torn tails."""

from newscrawl.warc.manifest import seal
from newscrawl.warc.reader import Stored, read, read_body
from newscrawl.warc.record import Record, payload_digest
from newscrawl.warc.repair import Repair, repair
from newscrawl.warc.scan import Damage, records
from newscrawl.warc.writer import WarcWriter

__all__ = [
    "Damage",
    "Record",
    "Repair",
    "Stored",
    "WarcWriter",
    "payload_digest",
    "read",
    "read_body",
    "records",
    "repair",
    "seal",
]
