"""Turns a plan or a script into a piece of one edition: text, byline, address, peculiarities of its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from newscrawl.demo.lexicon.bank import Lexicon
from newscrawl.demo.lexicon.en import ENGLISH
from newscrawl.demo.lexicon.kk import KAZAKH
from newscrawl.demo.lexicon.ru import RUSSIAN
from newscrawl.demo.newsroom import Plan, slot_numbers, tell
from newscrawl.demo.pieces import Absence, Dating, Paragraph, Piece, Version
from newscrawl.demo.scripted import Edit, Script, When
from newscrawl.demo.slugs import latin_slug, native_slug

# The first people of the lexicons are quoted in composed topics; the others, who are women, in sentences whose grammar
# requires it.
_OTHERS = range(10, 18)
_WOMEN = (11, 13, 15, 17)
LEXICONS: dict[str, Lexicon] = {"en": ENGLISH, "ru": RUSSIAN, "kk": KAZAKH}


@dataclass(frozen=True, slots=True)
class Draft:
    """A piece before it has an address. If `byline` is None, it is chosen at random."""

    published: datetime
    versions: tuple[Version, ...]
    section: str
    tags: tuple[str, ...]
    byline: bool | None = None
    edits: tuple[Edit, ...] = ()
    absences: tuple[Absence, ...] = ()
    name: str | None = None
    plan: Plan | None = None
    bare: bool = False  # an address without id, from before the site moved


def from_plan(story: Plan, edition: str, published: datetime, day: datetime, *, bare: bool) -> Draft:
    """Tells a composed story in the language of an edition."""
    lexicon = LEXICONS[edition]
    topic = lexicon.topics[story.topic]
    title, subtitle, paragraphs = tell(story, lexicon, day)
    version = Version(published, title, subtitle, paragraphs)
    return Draft(published, (version,), topic.section, topic.tags, plan=story, bare=bare)


def from_script(script: Script, random: Random, instant: Callable[[When], datetime]) -> Draft:
    """Fills the slots of a hand-written piece and applies its edits."""
    lexicon = LEXICONS[script.edition]
    slots: dict[str, object] = {
        "who": lexicon.people[random.choice(_OTHERS)],
        "she": lexicon.people[random.choice(_WOMEN)],
        "place": random.choice(lexicon.places),
        "street": random.choice(lexicon.streets),
        **dict(slot_numbers(random)),
    }
    published = instant(script.at).replace(second=random.randint(1, 59))
    subtitle = script.subtitle.format(**slots) if script.subtitle else None
    paragraphs = _paragraphs(script.text.format(**slots), lexicon)
    versions = [Version(published, script.title.format(**slots), subtitle, paragraphs)]
    for edit in script.edits:
        versions.append(_edited(versions[-1], edit, instant(edit.at), slots))
    absences: tuple[Absence, ...] = ()
    if script.away is not None:
        begins, ends, manner = script.away
        absences = (Absence(instant(begins), None if ends is None else instant(ends), manner),)
    return Draft(
        published,
        tuple(versions),
        script.section,
        script.tags,
        byline=script.byline,
        edits=script.edits,
        absences=absences,
        name=script.name,
    )


def finish(
    draft: Draft,
    edition: str,
    outlet: str,
    random: Random,
    *,
    number: int,
    position: int,
    dating: Dating,
) -> Piece:
    """Gives a draft its address, byline, picture and peculiarities. `number` is its id, `position` its index in time."""
    lexicon = LEXICONS[edition]
    names = _names(lexicon, position, random)
    signed = random.random() < 0.75 if draft.byline is None else draft.byline
    versions = []
    for turn, version in enumerate(draft.versions):
        signed = signed or (turn > 0 and draft.edits[turn - 1].byline)
        versions.append(
            Version(version.at, version.title, version.subtitle, version.paragraphs, names if signed else ())
        )
    title = versions[0].title
    native = edition == "kk" and draft.plan is not None and position % 6 == 1
    picture = f"/uploads/posts/{draft.published:%Y-%m}/sizes/1440x810/{random.getrandbits(64):016x}.png"
    pictured = random.random() < 0.85
    return Piece(
        edition=edition,
        outlet=outlet,
        id=None if draft.bare else number,
        slug=native_slug(title) if native else latin_slug(title),
        published=draft.published,
        dating=dating,
        versions=tuple(versions),
        section=draft.section,
        section_name=lexicon.sections[draft.section],
        tags=draft.tags,
        image=picture if pictured else None,
        credit=(random.choice(lexicon.credits) or None) if pictured else None,
        absences=draft.absences,
        traits=_traits(edition, position, random),
        event=draft.name,
    )


def _names(lexicon: Lexicon, position: int, random: Random) -> tuple[str, ...]:
    return tuple(random.sample(lexicon.reporters, k=2 if position % 9 == 4 else 1))


def _traits(edition: str, position: int, random: Random) -> frozenset[str]:
    """The peculiarities of a page, see article_pages.py."""
    chances = {"no_canonical": 0.1, "og_url_elsewhere": 0.3, "nbsp": 0.2}
    traits = {name for name, chance in chances.items() if random.random() < chance}
    if position % 2:
        traits.add("validators")
    if edition == "kk" and position % 5 == 2:
        traits.add("wrong_language_tag")
    return frozenset(traits)


def _paragraphs(text: str, lexicon: Lexicon) -> tuple[Paragraph, ...]:
    found = []
    for line in text.replace("\n  ", " ").strip().split("\n"):
        if line.startswith("> "):
            found.append(Paragraph("quote", lexicon.quote_form.format(line[2:].rstrip(","))))
        else:
            found.append(Paragraph("p", line))
    return tuple(found)


def _edited(before: Version, edit: Edit, at: datetime, slots: dict[str, object]) -> Version:
    paragraphs = list(before.paragraphs)
    if edit.replace is not None:
        old, new = edit.replace
        paragraphs = [Paragraph(kind, text.replace(old, new)) for kind, text in paragraphs]
    if edit.drop is not None:
        del paragraphs[edit.drop]
    if edit.append is not None:
        paragraphs.append(Paragraph("p", edit.append))
    title = before.title if edit.title is None else edit.title.format(**slots)
    return Version(at, title, before.subtitle, tuple(paragraphs))
