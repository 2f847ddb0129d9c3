"""The verdict on one observation, from what was known and what was fetched, with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from newscrawl.judge import identity, recheck, removal
from newscrawl.judge.history import monthly_limit
from newscrawl.judge.kinds import classify
from newscrawl.judge.raw_pages import Confirmed
from newscrawl.judge.soft_404 import is_soft_404
from newscrawl.judge.walls import wall_of
from newscrawl.model import (
    ChangeKind,
    Content,
    Dates,
    FetchOutcome,
    Known,
    Observation,
    PageType,
    Precision,
    Signal,
    State,
    Verdict,
    VerdictKind,
)
from newscrawl.urls import is_front_page

# An observation so long before the article's own publication was made by a wrong clock: zones and scheduled pieces differ by less.
_TOO_EARLY = timedelta(days=2)

_ABSENCE = {
    Signal.NOT_FOUND: "absent (404)",
    Signal.GONE: "absent (410)",
    Signal.LEGAL: "unavailable for legal reasons (451)",
    Signal.REDIRECTED_HOME: "redirected to the front page",
    Signal.REDIRECTED_ELSEWHERE: "redirected to another page",
    Signal.SOFT_404: "a not-found page with status 200",
    Signal.EMPTIED: "the page is there without its text",
}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else bears on a verdict: the instant, the dates asked for, earlier tries, and what the address is like.

    `duplicate`: the article is known under another address; `elsewhere`: it redirected to another page;
    `unrelated`: the page has nothing to do with the article known there; `comparable`: both sides were read by the
    same extractor; `attested`: more than a link says that it is an article (a feed, a sitemap, the source's own
    number in the address); `moved_to`: the address of a live article that holds the same text, `renamed`: that one was
    met only after this address was last seen alive; `stands_at`: the address that the article's own one leads to, where
    it stands now; `leads_to`: that of another piece, which may be it rewritten; `ladder`: how often the source's articles
    are checked; `past`: `now` is when others made a capture (an import), not this machine's clock; `confirmed`: what of
    a difference between the texts the raw pages show; `without_pages`: these cannot be read; `stood`: False where it goes back to an
    earlier text once more, and the check before did not show that; `beside`: the digest of what
    stands beside the text, `beside_kinds` what of it changed, `beside_steady` that the check before showed the same; `others_seen`: other
    articles of the edition were seen alive within the day before.
    """

    now: datetime
    dates: Dates = field(default_factory=Dates)
    attempts: int = 0
    duplicate: bool = False
    elsewhere: bool = False
    unrelated: bool = False
    comparable: bool = True
    attested: bool = True
    moved_to: str | None = None
    renamed: bool = False
    stands_at: str | None = None
    leads_to: str | None = None
    ladder: recheck.Ladder = recheck.LADDER
    past: bool = False
    confirmed: Confirmed | None = None
    beside: str | None = None
    beside_kinds: tuple[ChangeKind, ...] = ()
    beside_steady: bool = False
    without_pages: bool = False
    stood: bool = True
    others_seen: bool = False


def judge(observation: Observation, known: Known | None, around: Circumstances) -> Verdict:
    """The verdict on a check of an address; `known` is the article it is about, None if the archive has none."""
    if observation.probe:
        status = f" ({observation.fetch.status})" if observation.fetch.status else ""
        return Verdict(
            VerdictKind.PROBE,
            f"what the host answers for an address that cannot exist: {observation.fetch.outcome.value}{status}",
        )
    verdict = _of_lead(observation, around) if known is None else _of_article(observation, known, around)
    part = observation.article.incomplete if observation.article is not None else None
    if part is not None and verdict.kind.saw_article:
        verdict = replace(verdict, reason=f"{verdict.reason}; {part}: what the others say is not checked")
    if around.stands_at is not None and verdict.kind.saw_article:
        return replace(verdict, reason=f"{verdict.reason}; its address leads to {around.stands_at} now")
    return verdict


def _of_lead(observation: Observation, around: Circumstances) -> Verdict:
    fetch, article, now = observation.fetch, observation.article, around.now
    if fetch.outcome.is_absent:
        return Verdict(
            VerdictKind.DEAD,
            f"nothing there ({fetch.status})",
            next_check=recheck.reconsider(around.attempts, now),
        )
    if fetch.outcome is not FetchOutcome.OK or article is None:
        return Verdict(
            VerdictKind.FAILED, _failure(observation), next_check=recheck.next_try(around.attempts, now)
        )
    if article.page_type is PageType.CHALLENGE or wall_of(fetch, article) is not None:
        return Verdict(
            VerdictKind.FAILED, _failure(observation), next_check=recheck.next_try(around.attempts, now)
        )
    if fetch.redirects and is_front_page(fetch.final_url):
        # Whatever the front page looks like today, it is not this article.
        return Verdict(
            VerdictKind.DEAD,
            _ABSENCE[Signal.REDIRECTED_HOME],
            next_check=recheck.reconsider(around.attempts, now),
        )
    if not article.is_article:
        reason = f"{article.page_type.value}: {article.reason}" if article.reason else article.page_type.value
        missing = is_soft_404(article.page_type, observation.as_missing)
        kind = VerdictKind.DEAD if missing else VerdictKind.NOT_ARTICLE
        return Verdict(kind, reason, next_check=recheck.reconsider(around.attempts, now))
    if article.published is None and not around.attested:
        # Terms of use and contact pages have prose and a headline, too.
        return Verdict(
            VerdictKind.NOT_ARTICLE,
            "undated, and nothing but a link says that it is an article",
            next_check=recheck.reconsider(around.attempts, now),
        )
    if not around.dates.hold(article.published):
        return Verdict(
            VerdictKind.OUTSIDE_DATES, f"published {article.published:%Y-%m-%d}, outside the dates asked for"
        )
    published = _published(article.published, article.published_precision, now)
    return Verdict(
        VerdictKind.NEW,
        "first seen",
        next_check=recheck.next_check(published, now, around.ladder),
        beside=around.beside,
    )


def _of_article(observation: Observation, known: Known, around: Circumstances) -> Verdict:
    # An import is another matter: an article that was given a new date was there before it.
    if not around.past and known.published is not None and known.published - around.now > _TOO_EARLY:
        # By that clock every date on the page lies in the future and is not believed: an edit of ours, not of theirs.
        reason = f"the machine's clock says {around.now:%Y-%m-%d %H:%M} UTC, before the article was published: is it right?"
        return _nothing_learned(known, reason, around, unreadable=False)
    page_type = observation.article.page_type if observation.article is not None else None
    signal = removal.signal_of(
        observation.fetch,
        page_type,
        elsewhere=around.elsewhere,
        as_missing=observation.as_missing,
        emptied=identity.is_emptied(observation, known),
        wall=wall_of(observation.fetch, observation.article),
    )
    if signal is not None:
        return _absent(observation, known, signal, around)
    if observation.fetch.outcome is FetchOutcome.NOT_MODIFIED:
        return _alive(known, VerdictKind.NOT_MODIFIED, "not modified (304)", around)
    if not removal.shows_article(observation):
        return _nothing_learned(known, _failure(observation), around)
    if around.leads_to is not None:
        reason = (
            f"its address leads to {around.leads_to} now, a text of its own that may be this one rewritten"
        )
        if observation.controls_fine is False:
            return _nothing_learned(known, f"{reason}, and other articles did not answer properly", around)
        return _alive(known, VerdictKind.DUPLICATE, reason, around)
    if around.duplicate:
        # Edits are seen at the article's own address: a mobile or AMP template may read slightly differently.
        return _alive(known, VerdictKind.DUPLICATE, "another address of a known article", around)
    if observation.content_hash == known.content_hash:
        return _same_text(known, around)
    if not around.comparable:
        # What differs may be the extractor's doing. The capture is kept for the day the earlier one is back.
        reason = "cannot be compared: the earlier capture cannot be read again by this extractor"
        return _alive(known, VerdictKind.UNCHANGED, reason, around)
    if around.unrelated and observation.controls_fine is False:
        reason = "another page was served, and so it was for other articles of the edition"
        return _nothing_learned(known, reason, around)
    return _changed_article(observation, known, around)


def _changed_article(observation: Observation, known: Known, around: Circumstances) -> Verdict:
    assert observation.article is not None
    shown = around.confirmed
    content = Content.of(observation.article) if shown is None else shown.content
    kinds = classify.kinds(known.content, content)
    if not kinds:
        return _read_otherwise(known, shown, around)
    earlier = known.hashes.get(observation.content_hash or "")
    if monthly_limit.reached(known.versions_this_month, kinds, again=earlier is not None):
        return _alive(known, VerdictKind.UNCHANGED, monthly_limit.REASON, around)
    if earlier is not None and not around.stood:
        reason = f"pending: it says again what version {earlier} said, as it did before; that counts once two checks in a row have shown it"
        verdict = _alive(known, VerdictKind.UNCHANGED, reason, around)
        return replace(verdict, next_check=recheck.next_when_pending(verdict.next_check, around.now))
    reason = "changed: " + ", ".join(kind.value for kind in kinds)
    if earlier is not None:
        reason += f" (as in version {earlier})"
    if around.without_pages:
        reason += "; only the texts were compared: a raw page cannot be read"
    return Verdict(
        VerdictKind.CHANGED,
        reason,
        kinds=kinds,
        returns_to=earlier,
        next_check=recheck.next_check(around.now, around.now, around.ladder),
        layout=shown is not None and shown.layout,
        beside=around.beside,
    )


def _same_text(known: Known, around: Circumstances) -> Verdict:
    """The verdict where not a word changed: a picture, a caption, a link or a mark may have, and counts once seen twice."""
    kinds = around.beside_kinds
    if not kinds:
        verdict = _alive(known, VerdictKind.UNCHANGED, "same content", around)
        return replace(verdict, beside=around.beside)
    if monthly_limit.reached(known.versions_this_month, kinds):
        return _alive(known, VerdictKind.UNCHANGED, monthly_limit.REASON, around)
    what = ", ".join(kind.value for kind in kinds)
    if not around.beside_steady:
        reason = f"same content; beside it: {what}, which counts once two checks in a row have shown it"
        verdict = _alive(known, VerdictKind.UNCHANGED, reason, around)
        return replace(verdict, next_check=recheck.next_when_pending(verdict.next_check, around.now))
    verdict = _alive(known, VerdictKind.CHANGED, f"changed beside the text: {what}", around)
    return replace(verdict, kind=VerdictKind.CHANGED, kinds=kinds, beside=around.beside)


def _read_otherwise(known: Known, shown: Confirmed | None, around: Circumstances) -> Verdict:
    """The verdict where two readings differ and no edit is to be seen: the fields are refreshed, and the article keeps its age."""
    if shown is None:
        return _alive(known, VerdictKind.UNCHANGED, "same content to a reader", around)
    if shown.pending:
        reason = "pending: a box that was replaced as a whole counts once two checks in a row have shown it"
        verdict = _alive(known, VerdictKind.UNCHANGED, reason, around)
        if shown.steady:
            soon = recheck.next_when_pending(verdict.next_check, around.now)
            return replace(verdict, next_check=soon)
        return verdict
    if shown.layout:
        reason = "no edit: the page has another layout, with the same text"
    elif shown.template:
        reason = "no edit: only text differs that is the site's, as other pages of the edition show"
    else:
        reason = "no edit: the page shows the same text"
    verdict = _alive(known, VerdictKind.UNCHANGED, reason, around)
    refreshes = shown.whole and (shown.layout or not shown.template)
    return replace(verdict, layout=shown.layout, refreshes=refreshes, beside=around.beside)


def _alive(known: Known, kind: VerdictKind, reason: str, around: Circumstances) -> Verdict:
    verdict = Verdict(
        kind, reason, next_check=recheck.next_check(last_change(known), around.now, around.ladder)
    )
    if known.state is State.LIVE:
        return verdict
    return replace(
        verdict, kind=VerdictKind.RETURNED, reason=f"there again after being {known.state.value}: {reason}"
    )


def _absent(observation: Observation, known: Known, signal: Signal, around: Circumstances) -> Verdict:
    now, what = around.now, _ABSENCE[signal]
    if observation.as_missing:
        what += ", as this host answers for an address that cannot exist"
    began = known.state_since if known.state is State.REMOVED else now
    first = min((*known.signals, *known.unconfirmed), default=began)
    if observation.controls_fine is False:
        if observation.controls_silent and around.others_seen:
            return _unconfirmed(known, signal, first, what, now)
        return _nothing_learned(
            known, f"{what}, and no other article of the edition answered properly", around
        )
    if around.moved_to is not None and around.renamed and known.state is not State.REMOVED:
        # Nothing was taken from the public: the piece has another address, and is asked there from now on.
        reason = f"{what}; the same text is at {around.moved_to}, its address from now on"
        return replace(_alive(known, VerdictKind.DUPLICATE, reason, around), signal=signal, next_check=now)
    alone = observation.peers_fine is not False
    state = removal.state_after(known.state, known.signals, now, alone=alone, unconfirmed=known.unconfirmed)
    reason = f"{what}, last seen {known.last_seen:%Y-%m-%d %H:%M} UTC"
    if observation.peers_fine is False:
        reason += "; others of its age or section are absent as well"
    if around.moved_to is not None:
        # Nothing was taken from the public: the piece stands there as well, and did before. It stays an article of its own.
        reason += f"; the same text is at {around.moved_to}"
        state = State.SUSPECTED if known.state is not State.REMOVED else state
    if state is State.SUSPECTED and around.moved_to is None:
        next_check = recheck.next_suspected(first, now)
    else:
        next_check = recheck.next_check(first, now, around.ladder)
    return Verdict(VerdictKind.ABSENT, reason, state=state, signal=signal, next_check=next_check)


def _unconfirmed(known: Known, signal: Signal, first: datetime, what: str, now: datetime) -> Verdict:
    """An absence after which no control answered, in an edition that was seen alive within the day: such absences add up to evidence."""
    state = removal.state_unconfirmed(known.state, known.signals, known.unconfirmed, now)
    times = len(known.unconfirmed) + 1
    reason = f"{what}, and no control answered after it, though other articles did within the day"
    if times > 1:
        reason += f"; so in {times} checks since {min(known.unconfirmed):%Y-%m-%d %H:%M} UTC"
    kind = VerdictKind.FAILED if state is State.LIVE else VerdictKind.ABSENT
    next_check = recheck.next_suspected(first, now)
    return Verdict(kind, reason, state=state, signal=signal, next_check=next_check, unreadable=True)


def _nothing_learned(known: Known, reason: str, around: Circumstances, *, unreadable: bool = True) -> Verdict:
    """Nothing follows for the article but that it could not be read; that too is a fact, with its own date."""
    next_check = recheck.next_after_failure(known.unreadable_since or around.now, around.now)
    return Verdict(
        VerdictKind.FAILED,
        reason,
        state=known.state,
        next_check=next_check,
        unreadable=unreadable and not around.past,
    )


def _failure(observation: Observation) -> str:
    fetch, article = observation.fetch, observation.article
    if (wall := wall_of(fetch, article)) is not None:
        return f"redirected to {wall}"
    if article is not None and fetch.outcome is FetchOutcome.OK:
        return f"{article.page_type.value}: {article.reason}" if article.reason else article.page_type.value
    status = f" ({fetch.status})" if fetch.status else ""
    detail = f": {fetch.detail}" if fetch.detail else ""
    return f"{fetch.outcome.value}{status}{detail}"


def last_change(known: Known) -> datetime:
    """When the article changed last, as far as the archive knows; its publication counts as a change."""
    if known.version > 1:
        return known.last_changed
    return _published(known.published, known.content.published_precision, known.first_seen)


def _published(published: datetime | None, precision: Precision | None, first_seen: datetime) -> datetime:
    """The instant the ladder counts from: the publication, however late it was found, and never after it was first seen.

    An article found years after its publication is not expected to be edited this afternoon. Of a bare day its end
    counts: taken for midnight, it would skip the steps of its first hours.
    """
    if published is None:
        return first_seen
    latest = published + timedelta(days=1) if precision is Precision.DAY else published
    return min(latest, first_seen)
