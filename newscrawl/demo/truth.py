"""What an archive must contain of a piece, given the instants at which it was checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newscrawl.demo.pieces import Dating, Piece, Version
from newscrawl.model import Author, Content, Precision, State

# An absence counts as removal after this many checks in a row over at least this time.
_SIGNALS = 3
_OVER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Expected:
    """The exact fields that an archive must contain of one piece.

    They are those at the last check that found it; if none found it, `first_seen` is None, `versions` is 0 and the fields
    are the current ones. `contents` are the distinct contents in the order first seen; `changes` also has returns to an
    earlier one, each with the instant of the check that found it. `state` assumes that the piece was re-checked every
    time; a crawler that saves requests may reach it later. `image` is a path.
    `aliases` are other addresses of the same piece.
    """

    edition: str
    path: str
    id: int | None
    title: str
    subtitle: str | None
    body: str
    authors: tuple[Author, ...]
    published: datetime
    published_precision: Precision
    modified: datetime | None
    language: str
    section: str
    tags: tuple[str, ...]
    image: str | None
    credit: str | None
    state: State
    present: bool
    first_seen: datetime | None
    contents: tuple[Content, ...]
    changes: tuple[tuple[datetime, Content], ...]
    aliases: tuple[str, ...]
    event: str | None

    @property
    def versions(self) -> int:
        """The number of distinct contents that the checks could find."""
        return len(self.contents)


def expected(piece: Piece, at: datetime, observations: Sequence[datetime]) -> Expected:
    """The expected fields of one published piece at an instant; `observations` in order, without those in an outage."""
    shown = [
        (observation, version)
        for observation in observations
        if (version := _visible(piece, observation)) is not None
    ]
    version = shown[-1][1] if shown else piece.version_at(at)
    if version is None:
        raise ValueError(f"{piece.path} is not published at {at}")
    changes: list[tuple[datetime, Content]] = []
    for observation, seen in shown:
        content = piece.content(seen)
        if not changes or changes[-1][1] != content:
            changes.append((observation, content))
    return Expected(
        edition=piece.edition,
        path=piece.path,
        id=piece.id,
        title=version.title,
        subtitle=version.subtitle,
        body=version.body,
        authors=piece.authors(version),
        published=piece.stated_published,
        published_precision=piece.precision,
        modified=version.at if piece.dating in (Dating.JSON_LD, Dating.BROKEN_JSON_LD) else None,
        language=piece.edition,
        section=piece.section_name,
        tags=piece.tags,
        image=piece.image,
        credit=piece.credit,
        state=_state(piece, observations, shown[0][0] if shown else None),
        present=piece.absence_at(at) is None,
        first_seen=shown[0][0] if shown else None,
        contents=tuple(dict.fromkeys(content for _, content in changes)),
        changes=tuple(changes),
        aliases=_aliases(piece),
        event=piece.event,
    )


def _visible(piece: Piece, observation: datetime) -> Version | None:
    return None if piece.absence_at(observation) is not None else piece.version_at(observation)


def _state(piece: Piece, observations: Sequence[datetime], first: datetime | None) -> State:
    signals: list[datetime] = []
    for observation in observations:
        if first is not None and observation > first:
            signals = [*signals, observation] if piece.absence_at(observation) is not None else []
    if not signals:
        return State.LIVE
    confirmed = len(signals) >= _SIGNALS and signals[-1] - signals[0] >= _OVER
    return State.REMOVED if confirmed else State.SUSPECTED


def _aliases(piece: Piece) -> tuple[str, ...]:
    aliases = (f"{piece.path}/", f"/amp{piece.path}")
    return aliases if piece.id is None else (*aliases, f"/go/{piece.id}")
