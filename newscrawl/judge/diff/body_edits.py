"""The edits of an article's body that both raw pages show: paragraphs that came, went, moved or changed.

Where both pages have the same layout, a paragraph outside the article's own element (a ticker, a card, a quote of the
day) counts once two checks in a row have shown it; where the layout changed, never. Paragraphs of links never count.
Where texts rotate within the article's own element, one in the place of another counts once it stood for three checks: one of few comes twice by chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newscrawl.judge.diff.differences import Block, BlockKind
from newscrawl.judge.diff.shown_words import ShownWords
from newscrawl.judge.diff.sides import PARAGRAPH, Pages, Side, lines_of
from newscrawl.judge.diff.tokens import Keys, keys as _keys, same_to_reader, share_kept, words_of
from newscrawl.judge.diff.turns import Turns, Whose, each
from newscrawl.judge.template_text import TemplateText, same_form

# A paragraph that keeps at most this share of its words was replaced as a whole.
_REPLACED = 0.6


class BodyEdits:
    """Two bodies, in blocks of paragraphs, with the pages that they were read from."""

    def __init__(
        self, pages: Pages, template: TemplateText, blocks: Sequence[Block], words: ShownWords, turns: Turns
    ) -> None:
        self._pages = pages
        self._template = template
        self._blocks = blocks
        self._words = words
        self._turns = turns
        self._doubts = turns.doubts

    def edited(self, old: str, new: str) -> str:
        """The old body with the edits that the pages show."""
        if same_to_reader(old, new):
            return old
        return "\n\n".join(part for part in self._parts() if part)

    def _parts(self) -> Iterator[str]:
        apart: list[
            Block
        ] = []  # paragraphs that came and went, with those between that only seem to have moved
        for block in self._blocks:
            if block.kind in (BlockKind.ADDED, BlockKind.REMOVED) or self._turns.only_seems_moved(block):
                apart.append(block)
                continue
            yield from self._came_and_went(apart)
            apart.clear()
            if block.kind is BlockKind.CHANGED:
                yield self._edited(block.old, block.new)
            else:
                yield block.new
        yield from self._came_and_went(apart)

    def _came_and_went(self, apart: Sequence[Block]) -> Iterator[str]:
        """Of paragraphs that only one reading has: those that stay after the edits."""
        parts = [(block, old, new) for block in apart for old, new in each(block)]
        lone = [(old, new) for block, old, new in parts if block.kind is not BlockKind.MOVED]
        swap_new, swap_old = any(old for old, _ in lone), any(new for _, new in lone)
        came = [
            new
            for old, new in lone
            if new and self._turns.whose(old, new).is_articles and not self._turns.is_held(old, new)
        ]
        for block, old, new in parts:
            whose = None if block.kind is BlockKind.MOVED else self._turns.whose(old, new)
            if whose is None or whose is Whose.SITE:
                yield old
            elif whose is Whose.CLAIMED:
                held = self._turns.is_held(old, new)
                self._doubts.pending |= held
                yield old if held else new
            elif new:
                if self._is_new_paragraph(new, swap=swap_new, held=self._turns.is_held(old, new)):
                    yield new
            elif not self._is_gone_paragraph(old, came, swap=swap_old, held=self._turns.is_held(old, new)):
                yield old

    def _is_new_paragraph(self, text: str, *, swap: bool, held: bool) -> bool:
        """Whether a paragraph that only the newer reading has is an edit; `swap`: it stands in the place of another.

        `held`: not as far as this check can tell.
        """
        keys = _keys(text)
        own = self._may_be_edit(keys, self._pages.after, self._pages.before)
        if own is None:
            return False
        if held:
            sure = False
        elif own and (self._template.came_or_went(text) or (swap and self._turns.one_may_stand_for_another)):
            sure = self._pages.stands(keys)
        else:
            unsure = self._pages.layout and not self._template.is_learned(self._pages.after.page)
            unsure = unsure or self._turns.rotates or (swap and self._turns.rotates is None)
            sure = (own and not unsure) or self._pages.stood(keys)
        self._doubts.pending |= not sure
        return sure

    def _is_gone_paragraph(self, text: str, instead: Sequence[str], *, swap: bool, held: bool) -> bool:
        """Whether a paragraph that only the older reading has was taken away; `instead`: what stands in its place.

        `held`: not as far as this check can tell.
        """
        keys = _keys(text)
        own = self._may_be_edit(keys, self._pages.before, self._pages.after)
        if own is None:
            return False
        known = self._template.came_or_went(text)
        rotates = self._turns.rotates or known
        if held:
            sure = False
        elif (
            own and swap and (rotates or self._turns.rotates is None)
        ):  # an edit if what stands in its place is one
            for_long = known or self._turns.one_may_stand_for_another
            sure = any(
                self._pages.stands(part) if for_long else self._pages.stood(part)
                for part in map(_keys, instead)
            )
        elif own:
            sure = not rotates or self._pages.is_gone_for_long(keys)
        else:
            # Gone for good is a box that the check before found in the same way; another one in its place is a rotation.
            sure = self._pages.previous.shows_alike(self._pages.after, self._pages.before.slots_of(keys))
        self._doubts.pending |= not sure
        return sure

    def _may_be_edit(self, keys: Keys, here: Side, there: Side) -> bool | None:
        """Whether a paragraph that only one reading has stands among the article's text; None where it is no edit at all."""
        if here.is_linked(keys):
            return None
        slots = here.slots_of(keys)
        own = here.is_articles(slots)
        if not own and slots <= self._turns.rotating_boxes:
            self._doubts.template = True
            return None
        if (self._pages.layout and not own) or not self._words.is_changed([keys], here, there):
            return None
        if self._pages.layout and words_of(keys) < PARAGRAPH and there.has_parts(keys):
            return None  # a line of name and date: the other layout shows them in lines of their own
        return own

    def _edited(self, old: str, new: str) -> str:
        """A paragraph, or several that were split or joined, with the edits that the pages show."""
        template = self._turns.is_template(old, shown=False), self._turns.is_template(new, shown=True)
        # In a form of words that many articles have, the numbers are the article's own, if they stand.
        framed = self._template.is_framed(old) and self._template.is_framed(new)
        framed = framed or self._template.is_varied(old, new)
        if all(template) and not all(map(self._template.has_own_numbers, (old, new))):
            is_own = not framed and not same_form(old, new) and self._turns.is_own(old, new)
            return self._words.edited(old, new) if is_own else old
        if framed and template[1]:
            return old
        keys = _keys(new)
        slots = self._pages.after.slots_of(keys)
        own = self._pages.after.is_articles(slots)
        if not own and slots <= self._turns.rotating_boxes:
            self._doubts.template = True
            return old
        if self._pages.layout and self._words.is_same_line(_keys(old), keys):
            return old
        if self._is_turned(old, new):
            return old
        lines = lines_of(new)
        mine = (_keys(self._template.own_sentences(text)) for text in (old, new))
        replaced = share_kept(*mine) <= _REPLACED
        if (
            replaced
            and self._turns.one_may_stand_for_another
            and any(map(self._template.is_elsewhere, (old, new)))
        ):
            sure = False
        elif (replaced and (self._turns.one_may_stand_for_another or any(template))) or framed or template[1]:
            sure = all(map(self._pages.stands, lines))
        elif (replaced and self._turns.rotates is None) or template == (True, False):
            sure = all(map(self._pages.stood, lines))
        else:
            sure = own or self._pages.layout or all(map(self._pages.stood, lines))
        if not sure:
            self._doubts.pending |= any(self._words.differ(old, new))
            return old
        if replaced and self._pages.after.is_linked(keys):
            return old
        return self._words.edited(old, new)

    def _is_turned(self, old: str, new: str) -> bool:
        """Whether sentences that a paragraph lost or gained may be others of those that the outlet shows by turns within paragraphs."""
        found = self._template.other_sentences(old, new)
        if found is None:
            return False
        gone, came, more = found
        if not gone and not came:
            self._doubts.template = True
            return True
        pages = self._pages
        stands = all(pages.stands(_keys(part)) for part in came)
        stands = stands and all(pages.is_gone_for_long(_keys(part)) for part in gone)
        # One takes the place of another, as lines do.
        sure = stands and not (more < 0 and came) and not (more > 0 and gone)
        self._doubts.pending |= not sure
        return not sure
