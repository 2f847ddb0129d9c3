"""The kinds of edit between two versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from newscrawl.judge.diff.differences import Block, BlockKind, same_byline, same_date, texts
from newscrawl.judge.diff.tokens import same_to_reader, tokens, too_long
from newscrawl.judge.kinds.changed_words import Edit, count, edits
from newscrawl.judge.kinds.correction_notices import is_notice
from newscrawl.judge.kinds.figures import figures, named
from newscrawl.judge.kinds.speech import is_quotation_mark
from newscrawl.model import ChangeKind, Content

# A body counts as extended or shortened by a paragraph of the usual size (words net), by a tenth (share of
# the words before), or by a whole sentence; never by fewer than FEWEST words.
PARAGRAPH_WORDS = 15
SHARE = 0.1
FEWEST = 4


def kinds(old: Content, new: Content) -> tuple[ChangeKind, ...]:
    """The fields in which two contents differ, in reading order; empty if a reader sees no difference.

    `body` is followed by the finer kinds that apply:
    `typo`: only spelling, punctuation or letter case changed;
    `numbers`: a figure, number word, month or day of the week was replaced, added or removed in a sentence
    that stayed;
    `quotes`: words of a quotation changed, were added or removed, or quotation marks were put around words
    that stayed or taken away from them;
    `correction`: a notice of correction or clarification was added;
    `shortened`, `extended`: a whole sentence or more was removed or added, net.
    Of bodies beyond the bound of `too_long` only `shortened` and `extended` are told, by their length.
    Adding or removing a whole sentence or paragraph does not count as `numbers`. A notice counts for
    `correction` alone.
    """
    return tuple(_kinds(old, new))


def _kinds(old: Content, new: Content) -> Iterator[ChangeKind]:
    if not same_to_reader(old.title, new.title):
        yield ChangeKind.HEADLINE
    if not same_to_reader(old.subtitle, new.subtitle):
        yield ChangeKind.SUBTITLE
    if not same_to_reader(old.body, new.body):
        yield ChangeKind.BODY
        yield from (
            _coarser(old.body, new.body)
            if too_long(old.body, new.body)
            else _finer(texts(old.body, new.body))
        )
    if not same_byline(old, new):
        yield ChangeKind.BYLINE
    if not same_date(old, new):
        yield ChangeKind.DATE


def _coarser(old: str, new: str) -> Iterator[ChangeKind]:
    """Of bodies that are too long to be compared word by word: whether one is longer by a tenth."""
    if abs(len(new) - len(old)) >= SHARE * len(old):
        yield ChangeKind.EXTENDED if len(new) > len(old) else ChangeKind.SHORTENED


def _finer(blocks: Sequence[Block]) -> Iterator[ChangeKind]:
    has_notice, found = _without_notices(blocks)
    moved = any(block.kind is BlockKind.MOVED for block in blocks)
    if found and not moved and all(edit.small for edit in found) and not _quotation_marks_moved(found):
        yield ChangeKind.TYPO
    if _other_figures(found):
        yield ChangeKind.NUMBERS
    if _quotation_marks_moved(found) or any(_speech_changed(edit) for edit in found):
        yield ChangeKind.QUOTES
    if has_notice:
        yield ChangeKind.CORRECTION
    words = sum(edit.words for edit in found)
    before = sum(count(tokens(block.old)) for block in blocks)
    if abs(words) >= FEWEST and (
        abs(words) >= PARAGRAPH_WORDS
        or abs(words) >= SHARE * before
        or any(edit.whole and (edit.words > 0) == (words > 0) for edit in found)
    ):
        yield ChangeKind.EXTENDED if words > 0 else ChangeKind.SHORTENED


def _without_notices(blocks: Sequence[Block]) -> tuple[bool, list[Edit]]:
    """Whether a notice of correction was added, and the edits that do not belong to a notice."""
    has_notice, found = False, []
    for block in blocks:
        old_notice, new_notice = is_notice(block.old), is_notice(block.new)
        for edit in edits(block):
            if new_notice or is_notice("".join(t.lead + t.core for t in edit.added_tokens).lstrip(" .!?…")):
                has_notice |= not old_notice or edit.words >= FEWEST
            elif not old_notice:
                found.append(edit)
    return has_notice, found


def _other_figures(found: Sequence[Edit]) -> bool:
    """Whether sentences that stayed name other figures than before; their order does not count."""
    inside = [edit for edit in found if not edit.whole]
    whole = [edit for edit in found if edit.whole]
    removed, added = (
        [t for edit in inside for t in edit.removed_tokens],
        [t for edit in inside for t in edit.added_tokens],
    )
    # A figure that left one sentence and is in a new one has only moved.
    removed_whole, added_whole = (
        [t for e in whole for t in e.removed_tokens],
        [t for e in whole for t in e.added_tokens],
    )
    lost = figures(removed) - figures([*added, *added_whole])
    gained = figures(added) - figures([*removed, *removed_whole])
    lost_words = named(removed) - named([*added, *added_whole])
    gained_words = named(added) - named([*removed, *removed_whole])
    if lost - gained_words or gained - lost_words:  # "five" for "5" is the same figure
        return True
    # A single word may not be a number ("may", "семью"); it is one where it replaces another number word.
    return bool(lost_words - gained and gained_words - lost)


def _quotation_marks_moved(found: Sequence[Edit]) -> bool:
    """Whether quotation marks were put around words that stayed, or taken away; one mark alone is a typo."""
    marks: Counter[int] = Counter()
    for edit in found:
        if not edit.whole:
            marks[id(edit.old)] += sum(map(is_quotation_mark, (*edit.removed_tokens, *edit.added_tokens)))
    return any(number and number % 2 == 0 for number in marks.values())


def _speech_changed(edit: Edit) -> bool:
    if edit.small:
        return False  # a corrected spelling leaves the quotation as it was
    spoken_before, spoken_now = edit.old.spoken, edit.new.spoken
    removed = [spoken_before[i] for i in edit.removed if edit.old.tokens[i].is_word]
    added = [spoken_now[i] for i in edit.added if edit.new.tokens[i].is_word]
    if not edit.whole:
        return any(removed) or any(added)
    if edit.words < 0:
        # A removed sentence with a title in quotation marks is not a removed quotation: most of it must be speech.
        return 2 * sum(removed) >= len(removed)
    # A new sentence with its own quotation changes no earlier one; inside an earlier quotation it does.
    return edit.added.start > 0 and all(spoken_now[edit.added.start - 1 : edit.added.stop])
