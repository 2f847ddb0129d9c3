"""Counts of what became of the entries of a channel: each has exactly one outcome, with the first few as examples."""

from __future__ import annotations

from collections.abc import Iterable

from newscrawl.model import EntryCount, EntryOutcome

EXAMPLES = 3
_EXAMPLE_LIMIT = 300  # characters


class EntryCounts:
    """Counts entries by outcome. Made to be filled, then read once."""

    def __init__(self, counts: Iterable[EntryCount] = ()) -> None:
        self._numbers: dict[EntryOutcome, int] = {}
        self._examples: dict[EntryOutcome, list[str]] = {}
        self.merge(counts)

    def add(self, outcome: EntryOutcome, example: str | None = None, *, number: int = 1) -> None:
        """Counts `number` entries; one of them is the example."""
        if number <= 0:
            return
        self._numbers[outcome] = self._numbers.get(outcome, 0) + number
        examples = self._examples.setdefault(outcome, [])
        if example and len(examples) < EXAMPLES and (shown := example[:_EXAMPLE_LIMIT]) not in examples:
            examples.append(shown)

    def merge(self, counts: Iterable[EntryCount]) -> None:
        """Adds counts made elsewhere."""
        for count in counts:
            self.add(count.outcome, number=count.number)
            for example in count.examples:
                self.add_example(count.outcome, example)

    def add_example(self, outcome: EntryOutcome, example: str) -> None:
        """Keeps an example of entries that are counted already."""
        examples = self._examples.setdefault(outcome, [])
        if len(examples) < EXAMPLES and example not in examples:
            examples.append(example)

    def counts(self) -> tuple[EntryCount, ...]:
        """The counts in the order of the outcomes."""
        return tuple(
            EntryCount(outcome, self._numbers[outcome], tuple(self._examples[outcome]))
            for outcome in EntryOutcome
            if outcome in self._numbers
        )
