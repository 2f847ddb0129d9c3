"""Runs the deep check over an archive: version by version in parallel, with a file from which a stopped check goes on."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from newscrawl.archiving.deep_check import Compared, Job, Result
from newscrawl.extract import extractor_version
from newscrawl.model import ExtractRules, Problem, ProblemKind
from newscrawl.store.audit.inspector import Inspector
from newscrawl.store.audit.words import StoredWords

# Compares versions, in parallel or not, in any order; a text says why a comparison had to be ended.
Work = Callable[[Iterable[Job]], Iterator[tuple[Job, Compared | str]]]
# The rules of a version's source; None where they are not known.
Rules = Callable[[StoredWords], ExtractRules | None]

_EVERY = 5.0  # seconds between two notes of how far the check is
_KEPT = 1000  # problems in the note; a check with more begins anew when it is stopped


class DeepCheck:
    """The comparison of all versions of an archive, or of one source, with their raw responses.

    `results` counts versions by what their comparison came to, `aborted` those whose page took too long or took its
    process down. `resumed` says that an earlier check, which was stopped, goes on: its articles are not read again.
    Versions of the sources `elsewhere`, whose files other machines have, are left to them: `not_here` counts them.
    """

    def __init__(
        self,
        inspector: Inspector,
        root: Path,
        source: str | None,
        note: Path,
        elsewhere: Collection[str] = (),
    ) -> None:
        self.results: Counter[str] = Counter()
        self.aborted = self.not_here = 0
        self._elsewhere = elsewhere
        self._inspector, self._root, self._source, self._note = inspector, root, source, note
        self._problems: list[tuple[int, str]] = []
        self._after = 0
        self.resumed = self._resume()
        self.total = inspector.words_count(source, self._after)

    def problems(
        self, work: Work, rules: Rules, step: Callable[[], None] = lambda: None
    ) -> Iterator[Problem]:
        """Every version that differs from its raw response, also those that an earlier, stopped check found."""
        yield from (_problem(article, message) for article, message in self._problems)
        left: dict[int, int] = {}  # versions not compared yet, by article, in the order of articles

        def jobs() -> Iterator[Job]:
            after = self._after
            while page := self._inspector.words_after(self._source, after):
                here = [one for one in page if one.source not in self._elsewhere]
                self.not_here += len(page) - len(here)
                left.update(Counter(one.article for one in here))
                for one in here:
                    found = rules(one)
                    yield Job(self._root, one, found or ExtractRules(), known_rules=found is not None)
                after = page[-1].article

        noted = time.monotonic()
        try:
            for job, compared in work(jobs()):
                version = job.version
                step()
                if isinstance(compared, str):
                    self.aborted += 1
                else:
                    self.results[compared.result] += 1
                    if compared.result is Result.DIFFERS:
                        message = f"version {version.number} {compared.why}"
                        self._problems.append((version.article, message))
                        yield _problem(version.article, message)
                left[version.article] -= 1
                while left and not next(iter(left.values())):
                    self._after = next(iter(left))
                    del left[self._after]
                if time.monotonic() - noted > _EVERY:
                    self._keep()
                    noted = time.monotonic()
        except BaseException:
            self._keep()
            raise
        self._note.unlink(missing_ok=True)

    def _resume(self) -> bool:
        try:
            note = json.loads(self._note.read_text("utf-8"))
            if [note["extractor"], note["source"]] != [extractor_version(), self._source]:
                return False
            self._problems = [(int(article), str(message)) for article, message in note["problems"]]
            self.results = Counter({str(kind): int(number) for kind, number in note["results"].items()})
            self._after, self.aborted = int(note["after"]), int(note["aborted"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False
        return True

    def _keep(self) -> None:
        """Notes how far the check is; one that cannot be noted begins anew."""
        if not self._after or len(self._problems) > _KEPT:
            return
        note = {
            "extractor": extractor_version(),
            "source": self._source,
            "after": self._after,
            "results": self.results,
            "aborted": self.aborted,
            "problems": [one for one in self._problems if one[0] <= self._after],
        }
        temporary = self._note.with_name(f"{self._note.name}.{os.getpid()}")
        try:
            self._note.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(note), "utf-8")
            temporary.replace(self._note)
        except OSError:
            temporary.unlink(missing_ok=True)


def _problem(article: int, message: str) -> Problem:
    return Problem(ProblemKind.WORDS_DIFFER, f"article {article}", message, article=article)
