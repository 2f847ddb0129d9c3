"""What kind of edit lies between two versions. Knows texts only, not why or when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from newscrawl.judge.diff.differences import Block, BlockKind, same_byline, same_date, texts
from newscrawl.judge.diff.tokens import same_to_reader, tokens
from newscrawl.judge.kinds.edits import Edit, count, edits
from newscrawl.judge.kinds.figures import figures, named
from newscrawl.judge.kinds.notices import is_notice
from newscrawl.judge.kinds.speech import is_quotation_mark
from newscrawl.model import ChangeKind, Content

# A body is extended or shortened by a paragraph of the usual size, by a tenth, or by a whole sentence:
# so many words net, so large a share, and never fewer than FEWEST words.
PARAGRAPH_WORDS = 15
SHARE = 0.1
FEWEST = 4


def kinds(old: Content, new: Content) -> tuple[ChangeKind, ...]:
    """The fields in which two contents differ, in reading order; empty if they are the same to a reader.

    After `body` follow finer kinds where they hold for it:
    `typo`: nothing but spelling, punctuation and letter case changed;
    `numbers`: a figure, number word, month or day of the week became another, came into or went from a sentence that stayed;
    `quotes`: words of a quotation changed, came or went, or words that stayed were put into or out of quotation marks;
    `correction`: a notice of correction or clarification is there that was not;
    `shortened`, `extended`: by so many words net that a whole sentence or more is gone or new.
    A sentence or paragraph that comes or goes whole is no change of its figures. A notice counts for `correction` alone.
    """
    return tuple(_kinds(old, new))


def _kinds(old: Content, new: Content) -> Iterator[ChangeKind]:
    if not same_to_reader(old.title, new.title):
        yield ChangeKind.HEADLINE
    if not same_to_reader(old.subtitle, new.subtitle):
        yield ChangeKind.SUBTITLE
    if not same_to_reader(old.body, new.body):
        yield ChangeKind.BODY
        yield from _finer(texts(old.body, new.body))
    if not same_byline(old, new):
        yield ChangeKind.BYLINE
    if not same_date(old, new):
        yield ChangeKind.DATE


def _finer(blocks: Sequence[Block]) -> Iterator[ChangeKind]:
    noticed, found = _without_notices(blocks)
    moved = any(block.kind is BlockKind.MOVED for block in blocks)
    if found and not moved and all(edit.small for edit in found) and not _requoted(found):
        yield ChangeKind.TYPO
    if _other_figures(found):
        yield ChangeKind.NUMBERS
    if _requoted(found) or any(_speech_changed(edit) for edit in found):
        yield ChangeKind.QUOTES
    if noticed:
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
    """Whether a notice of correction is new, and the edits that are none of a notice."""
    noticed, found = False, []
    for block in blocks:
        old_notice, new_notice = is_notice(block.old), is_notice(block.new)
        for edit in edits(block):
            if new_notice or is_notice("".join(t.lead + t.core for t in edit.come).lstrip(" .!?…")):
                noticed |= not old_notice or edit.words >= FEWEST
            elif not old_notice:
                found.append(edit)
    return noticed, found


def _other_figures(found: Sequence[Edit]) -> bool:
    """Whether sentences that stayed name other figures than before, wherever in them they stand."""
    inside = [edit for edit in found if not edit.whole]
    whole = [edit for edit in found if edit.whole]
    gone, come = ([t for edit in inside for t in edit.gone], [t for edit in inside for t in edit.come])
    # What went from one sentence and stands in a new one has only moved.
    gone_whole, come_whole = ([t for e in whole for t in e.gone], [t for e in whole for t in e.come])
    lost = figures(gone) - figures([*come, *come_whole])
    gained = figures(come) - figures([*gone, *gone_whole])
    lost_words = named(gone) - named([*come, *come_whole])
    gained_words = named(come) - named([*gone, *gone_whole])
    if lost - gained_words or gained - lost_words:  # "five" for "5" is the same figure
        return True
    # A word alone may be none ("may", "семью"); against another it is one.
    return bool(lost_words - gained and gained_words - lost)


def _requoted(found: Sequence[Edit]) -> bool:
    """Whether words that stayed were put into or out of quotation marks. One mark alone is a slip of punctuation."""
    marks: Counter[int] = Counter()
    for edit in found:
        if not edit.whole:
            marks[id(edit.old)] += sum(map(is_quotation_mark, (*edit.gone, *edit.come)))
    return any(number and number % 2 == 0 for number in marks.values())


def _speech_changed(edit: Edit) -> bool:
    if edit.small:
        return False  # spelling leaves what was said
    said_before, said_now = edit.old.spoken, edit.new.spoken
    gone = [said_before[i] for i in edit.removed if edit.old.tokens[i].is_word]
    come = [said_now[i] for i in edit.added if edit.new.tokens[i].is_word]
    if not edit.whole:
        return any(gone) or any(come)
    if edit.words < 0:
        # A sentence that went and had a title in quotation marks is no quotation that went.
        return 2 * sum(gone) >= len(gone)
    # A new sentence with a quotation of its own changes none; inside one that was there it does.
    return edit.added.start > 0 and all(said_now[edit.added.start - 1 : edit.added.stop])
