"""The difference of two versions, and the events of an article's history, as JSON objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from newscrawl.judge.diff.differences import FieldDiff, Span
from newscrawl.judge.diff.excerpt import most_telling, word_counts
from newscrawl.judge.history.timeline import Event, EventKind
from newscrawl.judge.kinds.beside import BesideDiff
from newscrawl.model import ChangeKind, VerdictKind, VersionRecord
from newscrawl.serialization.records import capture, instant


def difference(
    old: VersionRecord,
    new: VersionRecord,
    kinds: Iterable[ChangeKind],
    diffs: Iterable[FieldDiff],
    aside: Iterable[BesideDiff] = (),
    unknown: str | None = None,
) -> dict[str, Any]:
    """The difference of two versions of one article, field by field and paragraph by paragraph, and beside the text.

    `unknown` says why what stands beside the text could not be compared in full.
    """
    return {
        "article": new.article_id,
        "url": new.url,
        "from": old.number,
        "to": new.number,
        "from_at": instant(old.at),
        "to_at": instant(new.at),
        "kinds": [kind.value for kind in kinds],
        "fields": [
            {
                "field": diff.field,
                "blocks": [{"kind": b.kind.value, "spans": _spans(b.spans)} for b in diff.blocks],
            }
            for diff in diffs
        ],
        "beside": [
            {"kind": one.kind.value, "removed": list(one.removed), "added": list(one.added)} for one in aside
        ],
        "beside_unknown": unknown,
    }


def event(article_id: int, happened: Event) -> dict[str, Any]:
    """One event of an article's history. Its further keys depend on the kind of event."""
    return {
        "article": article_id,
        "at": instant(happened.at),
        "event": happened.kind.value,
        **_OF_EVENT[happened.kind](happened),
    }


def _spans(spans: Iterable[Span]) -> list[dict[str, str]]:
    return [{"op": span.op.value, "text": span.text} for span in spans]


def _found(happened: Event) -> dict[str, Any]:
    found = happened.found
    assert found is not None
    return {
        "url": found.url,
        "channel": found.channel.value,
        "listing": found.listing,
        "headline": found.headline,
        "position": found.position,
    }


def _listed(happened: Event) -> dict[str, Any]:
    first = happened.sightings[0]
    positions = [sighting.position for sighting in happened.sightings]
    return {
        "until": instant(happened.until),
        "channel": first.channel.value,
        "listing": first.listing,
        "headline": first.headline,
        "position": first.position,
        "highest": min(positions),
        "lowest": max(positions),
        "reads": sum(sighting.reads for sighting in happened.sightings),
    }


def _alias(happened: Event) -> dict[str, Any]:
    alias = happened.alias
    assert alias is not None
    return {"url": alias.url, "kind": alias.kind.value, "confirmed": alias.confirmed}


def _first(happened: Event) -> dict[str, Any]:
    version = happened.version
    assert version is not None
    return {"version": version.number, "title": version.article.title, "capture": capture(version.capture)}


def _edited(happened: Event) -> dict[str, Any]:
    version, before = happened.version, happened.before
    assert version is not None
    assert before is not None
    removed, added = word_counts(happened.diffs)
    telling = most_telling(happened.diffs)
    return {
        "from": before.number,
        "to": version.number,
        "kinds": [kind.value for kind in version.kinds],
        "title": version.article.title,
        "returns_to": version.returns_to,
        "seen_before": instant(happened.seen_before),
        "words_removed": removed,
        "words_added": added,
        "excerpt": {"field": telling.field, "spans": _spans(telling.spans)} if telling else None,
        "capture": capture(version.capture),
    }


def _observations(happened: Event) -> dict[str, Any]:
    last = happened.observations[-1]
    return {
        "until": instant(happened.until or happened.at),
        "looks": len(happened.observations),
        "not_modified": sum(
            observation.verdict is VerdictKind.NOT_MODIFIED for observation in happened.observations
        ),
        "version": last.version,
    }


def _failed(happened: Event) -> dict[str, Any]:
    return {
        "until": instant(happened.until or happened.at),
        "looks": len(happened.observations),
        "outcomes": dict(Counter(observation.outcome.value for observation in happened.observations)),
        "reasons": list(dict.fromkeys(observation.reason for observation in happened.observations)),
    }


def _absent(happened: Event) -> dict[str, Any]:
    last = happened.observations[-1]
    return {
        "until": instant(happened.until or happened.at),
        "looks": len(happened.observations),
        "state": happened.state_change.value if happened.state_change else None,
        "kind": last.signal,
        "status": last.status,
        "reason": last.reason,
        "controls_fine": last.controls_fine,
        "capture": capture(last.capture),
    }


def _returned(happened: Event) -> dict[str, Any]:
    observation = happened.observations[0]
    return {
        "version": observation.version,
        "status": observation.status,
        "reason": observation.reason,
        "capture": capture(observation.capture),
    }


def _visibility(happened: Event) -> dict[str, Any]:
    found = happened.visibility
    assert found is not None
    return {"version": found.version, "reason": found.reason}


_OF_EVENT: Mapping[EventKind, Callable[[Event], dict[str, Any]]] = {
    EventKind.FOUND: _found,
    EventKind.LISTED: _listed,
    EventKind.ALIAS: _alias,
    EventKind.PUBLISHED: _first,
    EventKind.EDITED: _edited,
    EventKind.UNCHANGED: _observations,
    EventKind.FAILED: _failed,
    EventKind.ABSENT: _absent,
    EventKind.RETURNED: _returned,
    EventKind.NOINDEX: _visibility,
    EventKind.INDEXED: _visibility,
    EventKind.UNLISTED: _visibility,
    EventKind.RELISTED: _visibility,
}
