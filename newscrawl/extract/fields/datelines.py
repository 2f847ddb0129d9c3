"""The dates that a page shows near its headline, and whether the words beside them mean publication or an update."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from newscrawl.dating.moments import Moment, believable
from newscrawl.dating.written import (
    may_be_dated,
    only_date,
    only_relative,
    read_stated,
    read_written,
    without_dates,
)
from newscrawl.extract.fields.nearby import below_a_stop
from newscrawl.extract.page.elements import brief_text, fact_beside
from newscrawl.extract.page.lines import UNSPACED, one_line, word_count
from newscrawl.extract.page.tree import few_children
from newscrawl.extract.text.phrases import LABELS, labelled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from lxml.html import HtmlElement

    from newscrawl.extract.fields.nearby import Line, Nearby
    from newscrawl.extract.page.tree import Page
    from newscrawl.extract.regions.regions import Regions

_UPDATED = re.compile(
    r"updated|modified|last change|last edit|lastmod|обновлен|обновлён|изменен|изменён|оновлено|змінено|жаңартыл|жаңырт|өзгертіл|jañart|jaŋart|yangilan|oʻzgartiril|yenilən"
    r"|aktualisiert|geändert|mis à jour|modifié|actualizad|modificad|atualizad|aggiornat|modificat|bijgewerkt|gewijzigd|aktualizac"
    r"|zaktualizow|güncelle|uppdater|oppdater|opdater|päivitet|frissít|ενημερώθηκε|diperbarui|cập nhật|更新|수정|تحديث|stand:",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"publish|posted|опубликован|размещен|опубліковано|жариялан|жарыялан|жарық көр|jarialan|jariıalan|chop etil|eʼlon qilin|e.lon qilin|joylashtiril|nashr etil|yayım|dərc|veröffentlicht|erstellt|publié|publicad|pubblicat"
    r"|gepubliceerd|geplaatst|opublikow|yayınlan|yayın tarihi|publicerad|publisert|julkaistu|δημοσι|diterbitkan|发布|發布|公開|入力|입력|등록|نشر",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"©|\(c\)|№|\bno\.|copyright|registration|regist|licen[cs]e|свидетельств|лицензи|куәлі|учёт|учет",
    re.IGNORECASE,
)
LONGEST_STAMPS = 180  # characters of a line with two dates
# Countries that write the day first, by the last label of the host. Being in English does not decide it.
_COMMONWEALTH = frozenset(
    ["au", "nz", "ie", "in", "za", "ng", "ke", "pk", "bd", "lk", "gh", "ug", "tz", "zm", "my", "sg", "jm"]
)
_DAY_FIRST_HOSTS = _COMMONWEALTH | {"uk", "tt", "mt", "eu"}
_DAY_FIRST_REGIONS = _COMMONWEALTH | {"gb"}
_YEAR_FIRST = frozenset({"zh", "ja", "ko", "hu", "lt", "mn", "fa"})


# What a class or id says of a date that is not the article's: clocks, forecasts, dates of birth, events, footnotes.
_NOT_STAMP = re.compile(
    r"clock|time-?zone|weather|forecast|currenc|exchange|countdown|calendar|event|birth|caption|footnote|citation"
    r"|reading-?time|duration",
    re.IGNORECASE,
)
_NOT_PUBLICATION = re.compile(
    r"(?<!\w)(?:born|birth|died|death|founded|established|retrieved|accessed|archived|expires?|valid|deadline|current time|local time|starts?|ends?"
    r"|рожд\w*|родил\w*|умер\w*|смерт\w*|основан\w*|дата обращения|текущее время|местное время|сейчас|начало|окончание|срок|туған|туылған|қайтыс"
    r"|geboren|gestorben|geburtstag|abgerufen|nacido|naissance|né le|née le|nacimiento|nato|ur\.|född|född)(?!\w)",
    re.IGNORECASE,
)
_LABEL_WORDS = 3  # "Last updated on"; more are part of a sentence
_LABEL = re.compile(r"^\W*([^\d:：]{2,60}?)\s*[:：](?=\s|$|\d)")
_DATE_LABEL = re.compile(
    r"^(?:date|posted on|created(?: on)?|on|time|создан[оа]?|құрыл(?:ды|ған)|дата(?: и время)?(?: публикации)?|время|когда|күні|уақыты|мерзімі|datum|fecha|data|tarih|tarix|sana|date de publication)$",
    re.IGNORECASE,
)
EARLIEST = 1990  # no page of the web is older; an older date beside a headline is that of something else


@dataclass(frozen=True, slots=True)
class Seen:
    """A visible date, its origin, and whether the words beside it mean an update or publication."""

    moment: Moment
    origin: str
    updated: bool
    published: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the dates of one page. `anchor` is a day near the publication, which completes dates without a year.

    `doubted` are those met that cannot be believed, each with where it stands.
    """

    page: Page
    regions: Regions
    zone: tzinfo
    now: datetime
    anchor: datetime | None = None
    doubted: list[tuple[Moment, str]] = field(default_factory=list)

    def near(self, near: Nearby) -> list[Seen]:
        """The dates near the headline: those after it, publication dates first, then those before it."""
        day_first = _day_first(self.page)
        known: dict[tuple[str, bool], Moment | None] = {}  # elements in one another have the same text
        after = [s for line in near.after for s in self._of(line, day_first, known)]
        before = [
            s
            for line in near.before
            for s in self._of(line, day_first, known)
            if s.published or not self._may_be_clock(s, line.element)
        ]
        # Several clocks above a headline show the time of the fetch in several places, not a publication.
        ticking = {s.moment.at for s in before if s.moment.leans}
        if len(ticking) > 1:
            before = [s for s in before if not s.moment.leans]
        return sorted(after, key=lambda s: not s.published) + before

    def stamped(self) -> list[Seen]:
        """The dates in <time> elements and the like anywhere in the article's own block, those of publication first.

        A block with many is a list of entries, each with its own time: then only those said to be of publication count.
        """
        regions = self.regions
        if regions.block is None:
            return []
        found: list[Seen] = []
        for element in islice(regions.block.iter("time", "abbr", "span", "a"), MOST_EXAMINED):
            value = _machine_value(element)
            words = "" if value else _time_in_words(element)
            if (
                not (value or words)
                or not regions.is_own(element)
                or is_elsewhere(element, regions)
                or below_a_stop(element)
            ):
                continue
            if value:
                moment = read_stated(value, self.zone, self.now)
            else:
                moment = read_written(
                    words, self.zone, self.now, day_first=_day_first(self.page), anchor=self.anchor
                )
            if moment and not believable(moment, self.now):
                self.doubted.append((moment, "time" if value else "dateline"))
            elif moment:
                found.append(_seen(moment, "time" if value else "dateline", element, _context(element)))
        plain = {s.moment.at for s in found if not s.updated and not s.published}
        if len(plain) > MOST_STAMPS:
            found = [s for s in found if s.published or s.updated]
        return sorted(found, key=lambda s: not s.published)

    def labelled(self) -> list[Seen]:
        """The date of publication in a list of facts in the article's own block ("Date", its date; "Author", a name).

        A label that says no more than "Date" may be that of an event: it counts only beside a label of an author.
        """
        regions = self.regions
        if regions.block is None:
            return []
        found: list[Seen] = []
        for element in islice(regions.block.iter("strong", "b", "dt", "th"), MOST_EXAMINED):
            label = one_line(brief_text(element, LONGEST_LABEL)).rstrip(" :：")
            published = bool(_PUBLISHED.search(label))
            if not (published or _DATE_LABEL.match(label)) or not regions.is_own(element):
                continue
            value = fact_beside(element)
            if (
                len(value) > LONGEST_STAMPS
                or not only_date(value)
                or not (published or _names_author(element))
            ):
                continue
            moment = read_written(
                value, self.zone, self.now, day_first=_day_first(self.page), anchor=self.anchor
            )
            if moment and not believable(moment, self.now):
                self.doubted.append((moment, "dateline"))
            elif moment:
                found.append(Seen(moment, "dateline", updated=False, published=True))
        return found

    def _may_be_clock(self, seen: Seen, element: HtmlElement) -> bool:
        """Whether a date above the headline is that of the fetch and stands in a part of the page of its own."""
        fresh = abs((seen.moment.at.date() - self.now.astimezone(self.zone).date()).days) <= 1
        return fresh and not self.regions.is_beside_headline(element)

    def _of(
        self, line: Line, day_first: bool | None, known: dict[tuple[str, bool], Moment | None]
    ) -> Iterator[Seen]:
        title, machine = _dated_title(line.element), _machine_value(line.element)
        if not (title or machine or may_be_dated(line.text)):
            return
        element = line.element
        if line.in_list or _is_named_elsewhere(element):
            return
        stamps = split_stamps(line.text)
        texts = [(text, False) for text in stamps if 4 < len(text) <= 90]
        if title:
            texts.insert(0, (title, False))
        if machine:
            texts.insert(0, (machine, True))
        for text, is_machine in texts:
            if not is_machine and (not may_be_dated(text) or only_relative(text) or not _bare(text)):
                continue  # "Today" alone is more often a menu than a date
            if (text, is_machine) not in known:
                read = read_stated if is_machine else read_written
                known[text, is_machine] = read(
                    text, self.zone, self.now, day_first=day_first, anchor=self.anchor
                )
            moment = known[text, is_machine]
            if not moment:
                continue
            if not believable(moment, self.now):
                self.doubted.append((moment, "time" if is_machine else "dateline"))
                continue
            if _is_of_another(element, self.regions):
                return
            context = text if len(stamps) > 1 and not is_machine else _context(element)
            seen = _seen(moment, "time" if is_machine else "dateline", element, context)
            if is_machine or seen.published or moment.at.year >= EARLIEST:
                yield seen


LONGEST_LABEL = 40  # characters of a label with the white space around it
MOST_FACTS = 12  # of one list


def _names_author(label: HtmlElement) -> bool:
    """Whether another label of the same list is that of an author."""
    row = label if label.tag == "dt" else label.getparent()
    around = row.getparent() if row is not None else None
    others = islice(around.iter(str(label.tag)), MOST_FACTS) if around is not None else ()
    words = (one_line(brief_text(other, LONGEST_LABEL)).rstrip(" :：").lower().split("/") for other in others)
    return any(word.strip() in LABELS["author"] for each in words for word in each)


MOST_EXAMINED = 3000  # elements of the article's block in which stamps are searched
MOST_STAMPS = 3  # unmarked stamps of one article; more belong to the entries of a list


def _seen(moment: Moment, origin: str, element: HtmlElement, context: str) -> Seen:
    own = element.get("class") or ""
    published = bool(_PUBLISHED.search(context))
    # "entry-date published updated" is what WordPress writes of a post that was never changed.
    both = bool(_PUBLISHED.search(own) and _UPDATED.search(own))
    return Seen(moment, origin, not both and bool(_UPDATED.search(context)), published)


def is_elsewhere(element: HtmlElement, regions: Regions) -> bool:
    """Whether a date is that of something else: a caption, a clock, a forecast, another article, or what a sentence tells."""
    return _is_named_elsewhere(element) or _is_of_another(element, regions)


def _is_named_elsewhere(element: HtmlElement) -> bool:
    if _is_fact_of_event(element):
        return True
    for e in (element, *islice(element.iterancestors(), 4)):
        if e.tag in ("figure", "figcaption", "blockquote", "sup"):
            return True
        if e.tag in ("body", "html", "main", "article"):
            return False
        marks = f"{e.get('class') or ''} {e.get('id') or ''}"
        if len(marks) > 1 and _NOT_STAMP.search(marks[:200]):
            return True
    return False


def _is_fact_of_event(element: HtmlElement) -> bool:
    """Whether a date stands in a list of facts behind no more than "Date", and the list names no author."""
    fact = next((e for e in (element, *islice(element.iterancestors(), 2)) if e.tag == "dd"), None)
    label = fact.getprevious() if fact is not None else None
    if label is None or label.tag != "dt":
        return False
    words = one_line(brief_text(label, LONGEST_LABEL)).rstrip(" :：")
    return bool(_DATE_LABEL.match(words)) and not _PUBLISHED.search(words) and not _names_author(label)


def _is_of_another(element: HtmlElement, regions: Regions) -> bool:
    return regions.is_in_card(element) or (regions.is_in_sentence(element) and not _is_marked(element))


def _is_marked(element: HtmlElement) -> bool:
    """Whether a date is marked as that of publication or of an update: by its name, or by a label of few words before it."""
    previous, parent = element.getprevious(), element.getparent()
    before = previous.tail if previous is not None else parent.text if parent is not None else ""
    if previous is not None and not one_line(before):
        before = brief_text(previous, 40)
    preceding = one_line(before)[-60:]
    label = preceding if word_count(preceding) <= _LABEL_WORDS else ""
    marks = f"{element.get('itemprop') or ''} {(element.get('class') or '')[:200]} {label}"
    return bool(_PUBLISHED.search(marks) or _UPDATED.search(marks))


def denies(element: HtmlElement, regions: Regions) -> bool:
    """Whether an element with a date says itself that it is no publication: a caption, a date of birth, a label of something else."""
    text = brief_text(element, LONGEST_STAMPS)
    label = _LABEL.match(without_dates(one_line(text))) if text else None
    return is_elsewhere(element, regions) or bool(
        text and (_NOT_PUBLICATION.search(text) or (label and not _bare(one_line(text))))
    )


@lru_cache(maxsize=1024)
def _bare(text: str) -> bool:
    """Whether a line is little more than a date of publication: with a name or a place, but without a sentence.

    A label ("Date of birth:") must be one of publication, of an update, or of a date as such.
    """
    if _LEGAL.search(text) or _NOT_PUBLICATION.search(text):
        return False
    rest = without_dates(text)
    if (len(rest.split()) if UNSPACED.search(rest) and len(rest) < LONGEST_FACTS else word_count(rest)) > 6:
        return False
    label = _LABEL.match(rest)
    return (
        label is None
        or bool(_FACTS.match(label[1].strip()))
        or bool(_DATE_LABEL.match(label[1]) or _UPDATED.search(label[1]) or _PUBLISHED.search(label[1]))
        or labelled(rest) is not None
        or only_date(label[1]) != ""
    )


LONGEST_FACTS = 50  # characters beside a date of a line of facts in a script without spaces
_FACTS = re.compile(r"^(?:来源|來源|作者|记者|記者|编辑|編輯|责任编辑|文|撰文|出典|筆者)$")


def _dated_title(element: HtmlElement) -> str:
    """The title attribute of a short element if it is a whole date ("20 июня 2023, 19:46" over "20 июня"), else ""."""
    title = one_line(element.get("title"))
    whole = 4 < len(title) <= 60 and only_date(title) == "full"
    return title if whole and few_children(element, 3) else ""


_DATED_TWICE = re.compile(
    rf"(?<=[\d\s(|,;.–—-])(?=\b(?:last )?(?:{_UPDATED.pattern}|{_PUBLISHED.pattern}))", re.IGNORECASE
)


def split_stamps(text: str) -> list[str]:
    """The two halves of a line with the dates of publication and of an update; [line] for other lines."""
    if len(text) > LONGEST_STAMPS or not any(map(str.isdigit, text)):
        return [text]
    for match in _DATED_TWICE.finditer(text):
        parts = [part.strip(" ()|,;–—-") for part in (text[: match.start()], text[match.start() :])]
        if all(any(c.isdigit() for c in part) for part in parts):
            return parts
    return [text]


_STAMP_LABEL = re.compile(
    r"^(?:published|posted|updated|last updated|publié|veröffentlicht|stand|aktualisiert|опубликовано|обновлено|дата публикации"
    r"|жарияланды|жарияланған|жаңартылды|jarialandy)\b(?P<rest>.{0,80})$",
    re.IGNORECASE,
)
# What stands around a date without being one: small words, and how long ago.
_AROUND_DATE = re.compile(
    r"ago|hours?|minutes?|mins?|seconds?|days?|weeks?|months?|years?|today|yesterday|time|local|uhr|heures?|jours?|назад|час\w*|минут\w*|секунд\w*"
    r"|дн\w*|день|недел\w*|месяц\w*|года?|лет|сегодня|вчера|времени|сағат\w*|минут|бұрын|бүгін|кеше|жыл\w*|күн|buryn",
    re.IGNORECASE,
)
_WORD_OF_LETTERS = re.compile(r"[^\W\d_]+")

_DATE_LINE = re.compile(
    r"^(?:(?:\w+,?\s+)?\d{1,2}[.\s]\s?\S{2,12}[.,]?\s+(?:19|20)\d\d(?:\s*(?:г\.?|года|жыл|ж\.))?[\s,|•·–—-]*(?:\S{0,6}\s*\d{1,2}[:.]\d\d.{0,20})?"
    r"|(?:\w+,?\s+)?[A-Z]\w{2,8}\.? \d{1,2}, (?:19|20)\d\d.{0,30}"
    r"|\d{1,2}[:.]\d\d[\s,|]+\d{1,2}[.\s]\S{2,10}[.\s](?:19|20)\d\d.{0,20}|\d{1,2}[./]\d{1,2}[./](?:19|20)?\d\d\b.{0,30}"
    r"|(?:19|20)\d\d-\d\d-\d\d.{0,20}"
    r"|(?:\d{1,3}|an?|one)\s+(?:seconds?|days?|weeks?|months?|years?)\s+ago"
    r"|(?:\d{1,3}\s+)?(?:секунд\w?|день|дня|дней|недел[юиь]|месяц(?:а|ев)?|год(?:а)?|лет)\s+назад"
    r"|(?:\d{1,3}\s+)?(?:секунд|күн|апта|ай|жыл|kún|kün|apta|jyl)\s+(?:бұрын|buryn)|(?:сегодня|вчера|бүгін|кеше|today|yesterday),?\s+\d{1,2}:\d\d.{0,20})$",
    re.IGNORECASE,
)


def is_date_line(line: str) -> bool:
    """Whether a line consists only of the date of publication, of an update, or both."""
    parts = split_stamps(line)
    if len(parts) > 1:
        return all(_is_stamp(part) or _DATE_LINE.match(part) or only_date(part) for part in parts)
    return len(line) < 110 and (_is_stamp(line) or bool(_DATE_LINE.match(line)))


def _is_stamp(line: str) -> bool:
    """Whether a line is a label and a date: "Updated: the mayor has resigned" is news.

    Beside the date only small words stand there, how long ago it was, and names (of a place, a zone).
    """
    label = _STAMP_LABEL.match(line)
    if label is None:
        return False
    left = _WORD_OF_LETTERS.findall(without_dates(label["rest"]))
    return all(len(word) < 4 or word[0].isupper() or _AROUND_DATE.fullmatch(word) for word in left)


def _machine_value(element: HtmlElement) -> str:
    """The machine-readable date of a time element or of <abbr title="2016-12-20T08:38">, "" if there is none."""
    if element.tag == "time":
        return element.get("datetime") or ""
    title = element.get("title") or "" if element.tag in ("abbr", "span", "a") else ""
    return title if re.match(r"\d{4}-\d\d-\d\d", title) else ""


def _time_in_words(element: HtmlElement) -> str:
    """The text of a <time> without a machine-readable date that is little more than one date, else ""."""
    if element.tag != "time":
        return ""
    text = brief_text(element, LONGEST_STAMPS)
    dated = 4 < len(text) <= 90 and may_be_dated(text) and not only_relative(text) and _bare(text)
    return text if dated else ""


def _day_first(page: Page) -> bool | None:
    """Whether 12/11/2026 is 12 November in the page's language or country; None: unknown."""
    tag = (page.tree.get("lang") or "").lower().replace("_", "-").strip()
    language, _, region = tag.partition("-")
    host = page.url.split("//", 1)[-1].split("/", 1)[0].split(":")[0]
    if language in _YEAR_FIRST:
        return None
    if language and language != "en":
        return True
    if region in _DAY_FIRST_REGIONS or host.rsplit(".", 1)[-1] in _DAY_FIRST_HOSTS:
        return True
    return False if region == "us" else None


_DIGITS = re.compile(r"\d\d")


def _context(element: HtmlElement) -> str:
    """The words around a date: its own text, class and itemprop, and a short text before it in the same parent."""
    parts = [one_line(element.text_content())[:100] if few_children(element, 7) else "", element.get("class") or "",
             element.get("itemprop") or ""]  # fmt: skip
    previous = element.getprevious()
    if previous is not None:
        text = one_line(
            f"{previous.text_content() if few_children(previous, 7) else ''} {previous.tail or ''}"
        )
        # "Updated: 4 March" before a date belongs to a date of its own.
        parts.append(text if len(text) < 40 and not _DIGITS.search(text) else "")
    parent = element.getparent()
    if parent is not None:
        parts += [one_line(parent.text)[:40], parent.get("class") or "" if few_children(parent, 3) else ""]
    return " ".join(parts)
