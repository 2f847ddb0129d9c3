"""Whether the publisher marks an article, or a part of it, as not freely readable, in JSON-LD or metas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.extract.data.jsonld import text_of

if TYPE_CHECKING:
    from newscrawl.extract.data.structured import Structured


def paywalled(data: Structured) -> bool | None:
    """Whether the publisher marks the article as not freely readable; None if nothing is stated."""
    for value, _ in data.values("isAccessibleForFree"):
        if (free := _free(value)) is not None:
            return not free
    for parts, _ in data.values("hasPart"):
        # A page may mark only its closed part.
        values = [
            p.get("isAccessibleForFree")
            for p in (parts if isinstance(parts, list) else [parts])
            if isinstance(p, dict)
        ]
        if any(_free(value) is False for value in values):
            return True
    for _, value in data.meta("article:content_tier"):
        return value.lower() in ("locked", "metered")
    return None


def _free(value: object) -> bool | None:
    text = str(value).strip().lower() if isinstance(value, bool) else text_of(value).lower()
    text = re.sub(r"^https?://(?:www\.)?schema\.org/", "", text)
    return True if text in ("true", "yes") else False if text in ("false", "no") else None
