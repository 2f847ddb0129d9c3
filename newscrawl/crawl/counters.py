"""Counts what happened in a run, and derives its exit code with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from newscrawl.discover.entries import EntryCounts
from newscrawl.errors import Exit, NewscrawlError
from newscrawl.judge.health.redesign import redesign_in
from newscrawl.model import Channel, EntryCount, EntryOutcome, FetchOutcome, ListingRead, VerdictKind
from newscrawl.model.runs import LAYOUTS
from newscrawl.urls import is_front_page

# So many pages at least before "most pages were no articles" means anything.
BROKEN_AT_LEAST = 5

# Scrapy's reasons for closing a run that reached a limit somebody had set: an ordinary end.
_LIMITS = {
    "closespider_timeout": "its time was over",
    "closespider_timeout_no_item": "nothing new came for long",
    "closespider_pagecount": "it had enough pages",
    "closespider_pagecount_no_item": "nothing new came for many pages",
    "closespider_itemcount": "it had enough items",
}


@dataclass(slots=True)
class Counters:
    """Counts of one run. Filled by the crawl, read at its end."""

    verdicts: Counter[str] = field(default_factory=Counter)
    listings_ok: int = 0
    listings_failed: int = 0
    editions_ok: set[str] = field(default_factory=set)
    editions_failed: set[str] = field(default_factory=set)
    pages_read: int = 0
    layouts: int = 0  # known articles whose page has another layout than before
    listings_empty: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    beyond_bound: int = 0  # leads that no run has room for yet
    errors: int = 0
    unexpected: int = 0  # pages that were no articles at addresses that do not look like any
    failure: NewscrawlError | None = None
    interrupted: bool = False
    limit: str | None = None  # the limit that ended the run, in words
    without_rules: set[str] = field(default_factory=set)  # hosts left alone: their robots.txt cannot be read
    entries: dict[Channel, EntryCounts] = field(default_factory=dict)
    named: Counter[Channel] = field(default_factory=Counter)
    blocks: dict[str, EntryCounts] = field(default_factory=dict)  # by edition
    tentative: set[str] = field(
        default_factory=set
    )  # listing addresses that may be missing: the next of a series

    def listing(self, read: ListingRead, *, offered_before: bool) -> None:
        """Counts a read of a listing channel.

        An address that never existed is a channel the outlet does not offer, and no failure: it
        answers 404, redirects a feed's readers to the front page, or is the number after the last of
        a series and not a sitemap. A listing page without a single lead means a broken source.
        """
        fetch = read.fetch
        if read.named is not None and fetch.outcome is FetchOutcome.OK:
            self.named[read.channel] += read.named
            self.entries.setdefault(read.channel, EntryCounts()).merge(read.entries)
        if not offered_before and self._not_offered(read):
            return
        nothing = fetch.outcome is FetchOutcome.OK or fetch.outcome.is_missing
        if read.root is not None and not read.leads and nothing:
            return  # no older page: the list ends here, or there was nothing that day
        if read.problem is None and fetch.outcome.is_good:
            self.listings_ok += 1
        else:
            # A feed or an index with one broken entry is a problem, and no failure: it would be one at every run.
            if read.leads or read.further or _is_cut(read):
                self.listings_ok += 1
            else:
                self.listings_failed += 1
            detail = read.problem or (f"status {fetch.status}" if fetch.status else fetch.detail or "")
            self.problem(
                f"{read.channel.value} {read.url}: {fetch.outcome.value}{': ' + detail if detail else ''}"
            )
        (self.editions_ok if fetch.outcome.is_good else self.editions_failed).add(read.edition)
        if read.channel is Channel.LISTING and fetch.outcome is FetchOutcome.OK and not read.leads:
            self.listings_empty.append(read.url)

    def links(self, found: Sequence[EntryCount], edition: str) -> None:
        """Counts the links of an article page of the edition, which are entries of its blocks."""
        for one in found:
            self.named[Channel.BLOCK] += one.number
        self.entries.setdefault(Channel.BLOCK, EntryCounts()).merge(found)
        self.blocks.setdefault(edition, EntryCounts()).merge(found)

    def _not_offered(self, read: ListingRead) -> bool:
        fetch = read.fetch
        if fetch.outcome is not FetchOutcome.OK or read.problem is None or read.leads or _is_cut(read):
            return fetch.outcome.is_missing
        sent_home = bool(fetch.redirects) and is_front_page(fetch.final_url)
        return read.url in self.tentative or (sent_home and read.channel is not Channel.LISTING)

    def verdict(self, kind: VerdictKind, *, expected: bool = True) -> None:
        """Counts the outcome of one lead or article; `expected` says that its address has the form of an article's."""
        self.verdicts[kind.value] += 1
        self.unexpected += kind is VerdictKind.NOT_ARTICLE and not expected
        if kind not in (VerdictKind.FAILED, VerdictKind.DEFERRED):
            self.pages_read += 1

    def redesign(self, at: datetime) -> str | None:
        """That most articles checked in this run came in another layout, for people; None where they did not."""
        found = redesign_in(at, {**self.verdicts, LAYOUTS: self.layouts})
        if found is None:
            return None
        return f"redesign: {found.evidence}; only what both pages show is an edit"

    def entries_by_channel(self) -> dict[str, dict[str, int]]:
        """How many entries the documents of each channel named, and what became of them."""
        return {
            channel.value: {
                "named": self.named[channel],
                **{count.outcome.value: count.number for count in counts.counts()},
            }
            for channel, counts in self.entries.items()
        }

    def examples_left(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Examples of entries that are not followed, by channel and outcome."""
        return {
            channel.value: {
                count.outcome.value: count.examples for count in counts.counts() if not count.outcome.is_taken
            }
            for channel, counts in self.entries.items()
        }

    def closed(self, reason: str) -> None:
        """Takes Scrapy's reason for closing the run."""
        self.limit = _LIMITS.get(reason)
        self.interrupted = self.limit is None and reason not in ("finished", "archive_failed")

    def problem(self, text: str) -> None:
        """Keeps a line for people; at most fifty, then one that says there are more."""
        if len(self.problems) < 50:
            self.problems.append(text)
        elif len(self.problems) == 50:
            self.problems.append("… and more")

    def exit(self) -> tuple[Exit, str]:
        """The exit code of the run and the reason in a few words."""
        if self.failure is not None:
            return self.failure.exit_code, str(self.failure)
        if self.errors:
            return Exit.UNEXPECTED, f"{self.errors} unexpected errors, see the log"
        if self._nothing():
            when = f" before {self.limit}" if self.limit else ""
            return Exit.NOTHING_FETCHED, self._because(f"nothing could be fetched{when}")
        if self.listings_empty:
            return Exit.SOURCE_BROKEN, f"a listing gave no leads: {self.listings_empty[0]}"
        # Sitemaps name every page of a site: those that do not look like articles say nothing of the source.
        refused = self.verdicts[VerdictKind.NOT_ARTICLE] - self.unexpected
        new = self.verdicts[VerdictKind.NEW]
        if refused >= BROKEN_AT_LEAST and refused > new:
            return Exit.SOURCE_BROKEN, f"{refused} of {refused + new} new pages were no articles"
        dead = sorted(self.editions_failed - self.editions_ok)
        if dead:
            return Exit.PARTLY_FAILED, self._because(f"no answer from {', '.join(dead)}")
        if self.without_rules:
            hosts = ", ".join(sorted(self.without_rules))
            return Exit.PARTLY_FAILED, f"left alone, robots.txt cannot be read: {hosts}"
        if self.listings_failed:
            return (
                Exit.PARTLY_FAILED,
                self._because(
                    f"{self.listings_failed} of {self.listings_failed + self.listings_ok} listings failed"
                ),
            )
        failed = self.verdicts[VerdictKind.FAILED]
        if failed >= BROKEN_AT_LEAST and failed > self.pages_read:
            return Exit.PARTLY_FAILED, f"{failed} of {failed + self.pages_read} pages could not be read"
        if self.interrupted:
            return Exit.PARTLY_FAILED, "stopped before the end"
        return Exit.OK, f"ended when {self.limit}" if self.limit else "finished"

    def _because(self, reason: str) -> str:
        return f"{reason}: {self.problems[0][:200]}" if self.problems else reason

    def _nothing(self) -> bool:
        asked = self.editions_ok or self.editions_failed or self.verdicts[VerdictKind.FAILED] or self.limit
        return bool(asked) and not self.editions_ok and not self.pages_read


def _is_cut(read: ListingRead) -> bool:
    """Whether a document was left behind a bound of ours: it is there, and later runs read it."""
    return any(count.outcome is EntryOutcome.BOUND for count in read.entries)
