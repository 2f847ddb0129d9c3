"""Reprocesses stored versions: their captures are read by today's extractor and their fields replaced in place.

No version is made or taken away. What lies between the versions of an article (kinds of change,
returns to an earlier text) is found anew where both sides were read by the same extractor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from newscrawl.archiving.captures import Job, Kept, Outcome
from newscrawl.judge.history.steps import Step, compared
from newscrawl.model import Article, Content, ExtractRules, Refresh
from newscrawl.store.write.reprocessing import History, Reading, ReprocessArchive
from newscrawl.text import content_hash
from newscrawl.urls import host_of

BATCH = 20  # articles in one transaction: commits are cheap then, and a crawl beside it waits for none of them long

# Reads the versions of jobs, in parallel or not, in any order (`captures.read_again` does one).
Work = Callable[[Iterable[Job]], Iterator[tuple[Job, Outcome]]]
Rules = Callable[[Reading], ExtractRules]
_Good = tuple[int, list[tuple[Reading, Article]]]  # an article, and what its versions say now


@dataclass(slots=True)
class Counters:
    """What a run came to. `versions` were read; of these `replaced` by another reading, `changed` of them with other content.

    `refused`: not an article to today's extractor; `unreadable`: the capture cannot be read; `failed`: the page
    took too long or took its process down. These three keep their fields. `no_longer_differ`: versions that say
    the same as the one before, now that both were read by the same extractor; they stay.
    """

    articles: int = 0
    versions: int = 0
    replaced: int = 0
    changed: int = 0
    no_longer_differ: int = 0
    refused: int = 0
    unreadable: int = 0
    failed: int = 0


def rules_of(by_edition: dict[tuple[str, str], ExtractRules], by_host: dict[str, ExtractRules]) -> Rules:
    """What a version's source says of its pages; of a source without a spider, what the host's says."""

    def of(reading: Reading) -> ExtractRules:
        if (rules := by_edition.get((reading.source, reading.edition))) is not None:
            return rules
        host = host_of(reading.capture.url) if reading.capture is not None else ""
        return by_host.get(host, ExtractRules())

    return of


def reprocess(
    archive: ReprocessArchive,
    waiting: Iterable[Sequence[Reading]],
    root: Path,
    extractor: str,
    *,
    rules: Rules,
    work: Work,
    keep: bool = True,
    step: Callable[[], None] = lambda: None,
    report: Callable[[Reading, Kept], None] = lambda _reading, _kept: None,
) -> Counters:
    """Reprocesses versions article by article, all versions of one in the same transaction; nothing is written unless `keep`.

    `root` is the WARC directory, `extractor` today's. `step` is called after each version, `report` for each that
    keeps its fields. Raises StoreError; what was done stays.
    """
    counters = Counters()
    batch: list[_Good] = []
    for article, outcomes in _by_article(waiting, root, rules, work, step):
        for reading, outcome in outcomes:
            if isinstance(outcome, Kept):
                setattr(counters, outcome.kind, getattr(counters, outcome.kind) + 1)
                report(reading, outcome)
        counters.articles += 1
        counters.versions += len(outcomes)
        if good := [(reading, one) for reading, one in outcomes if isinstance(one, Article)]:
            batch.append((article, good))
        if len(batch) >= BATCH:
            _write(archive, batch, extractor, counters, keep)
            batch = []
    _write(archive, batch, extractor, counters, keep)
    return counters


def _by_article(
    waiting: Iterable[Sequence[Reading]], root: Path, rules: Rules, work: Work, step: Callable[[], None]
) -> Iterator[tuple[int, list[tuple[Reading, Outcome]]]]:
    """The outcomes of all versions of an article together, as articles are done."""
    left: dict[int, int] = {}
    done: dict[int, list[tuple[Reading, Outcome]]] = {}

    def jobs() -> Iterator[Job]:
        for readings in waiting:
            left[readings[0].article] = len(readings)
            for reading in readings:
                yield Job(root, reading, rules(reading))

    for job, outcome in work(jobs()):
        article = job.reading.article
        done.setdefault(article, []).append((job.reading, outcome))
        step()
        left[article] -= 1
        if not left[article]:
            del left[article]
            yield article, sorted(done.pop(article), key=lambda pair: pair[0].number)


def _write(
    archive: ReprocessArchive, batch: Sequence[_Good], extractor: str, counters: Counters, keep: bool
) -> None:
    """One transaction for the batch; articles that a crawl holds at the moment get one each, after it."""
    if not batch:
        return
    if keep:
        archive.meet([author for _, good in batch for _, one in good for author in one.authors])
    with archive.histories([article for article, _ in batch], keep=keep) as histories:
        for article, good in batch:
            if article in histories:
                _replace(histories[article], good, extractor, counters)
    for one in batch:
        if len(batch) > 1 and one[0] not in histories:
            _write(archive, [one], extractor, counters, keep)


def _replace(
    history: History, good: Sequence[tuple[Reading, Article]], extractor: str, counters: Counters
) -> None:
    before = {version.number: version for version in history.versions()}
    for reading, article in good:
        fields = Refresh(article, extractor, content_hash(Content.of(article)))
        history.replace(reading.number, fields)
        counters.replaced += 1
        counters.changed += fields.content_hash != before[reading.number].content_hash
    steps = [
        Step(v.number, v.content, v.content_hash, v.extractor, v.kinds, v.returns_to)
        for v in history.versions()
    ]
    for old, new in zip(steps, compared(steps), strict=True):
        if (new.kinds, new.returns_to) != (old.kinds, old.returns_to):
            history.relate(new.number, new.kinds, new.returns_to)
            counters.no_longer_differ += bool(old.kinds) and not new.kinds
