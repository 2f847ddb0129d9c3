"""The dates that a page shows near its headline, and whether the words beside them mean publication or an update."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
from newscrawl.extract.page.lines import one_line, word_count
from newscrawl.extract.page.tree import few_children

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from lxml.html import HtmlElement

    from newscrawl.extract.fields.nearby import Nearby
    from newscrawl.extract.page.tree import Page

_UPDATED = re.compile(
    r"updated|modified|last change|last edit|lastmod|обновлен|обновлён|изменен|изменён|оновлено|змінено|жаңартыл|өзгертіл|jañart"
    r"|aktualisiert|geändert|mis à jour|modifié|actualizad|modificad|atualizad|aggiornat|modificat|bijgewerkt|gewijzigd|aktualizac"
    r"|zaktualizow|güncelle|uppdater|oppdater|opdater|päivitet|frissít|ενημερώθηκε|diperbarui|cập nhật|更新|수정|تحديث|stand:",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"publish|posted|опубликован|размещен|опубліковано|жариялан|жарық көр|jarialan|veröffentlicht|erstellt|publié|publicad|pubblicat"
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


@dataclass(frozen=True, slots=True)
class Seen:
    """A visible date, its origin, and whether the words beside it mean an update or publication."""

    moment: Moment
    origin: str
    updated: bool
    published: bool


def visible_dates(page: Page, near: Nearby, zone: tzinfo, now: datetime) -> list[Seen]:
    """The dates near the headline: those after it, publication dates first, then those before it."""
    day_first = _day_first(page)
    after: list[Seen] = []
    before: list[Seen] = []
    for lines, found in ((near.after, after), (near.before, before)):
        for line in lines:
            if line.in_list:
                continue
            element = line.element
            stamps = split_stamps(line.text)
            texts = [(text, False) for text in stamps if 4 < len(text) <= 90]
            if machine := _machine_value(element):
                texts.insert(0, (machine, True))
            for text, is_machine in texts:
                if not is_machine and (
                    not may_be_dated(text) or only_relative(text) or _LEGAL.search(text) or not _bare(text)
                ):
                    continue  # "Today" alone is more often a menu than a date
                read = read_stated if is_machine else read_written
                moment = read(text, zone, now, day_first=day_first)
                if moment and believable(moment, now):
                    context = text if len(stamps) > 1 and not is_machine else _context(element)
                    found.append(
                        Seen(
                            moment,
                            "time" if is_machine else "dateline",
                            bool(_UPDATED.search(context)),
                            bool(_PUBLISHED.search(context)),
                        )
                    )
    return sorted(after, key=lambda s: not s.published) + before


def _bare(text: str) -> bool:
    """Whether a line is little more than a date: with a name or a place, but without a sentence."""
    return word_count(without_dates(text)) <= 6


_DATED_TWICE = re.compile(
    rf"(?<=[\d\s(|,;.–—-])(?=\b(?:last )?(?:{_UPDATED.pattern}|{_PUBLISHED.pattern}))", re.IGNORECASE
)


def split_stamps(text: str) -> list[str]:
    """The two halves of a line with the dates of publication and of an update; [line] for other lines."""
    if len(text) > LONGEST_STAMPS:
        return [text]
    for match in _DATED_TWICE.finditer(text):
        parts = [part.strip(" ()|,;–—-") for part in (text[: match.start()], text[match.start() :])]
        if all(any(c.isdigit() for c in part) for part in parts):
            return parts
    return [text]


_DATE_LINE = re.compile(
    r"^(?:(?:published|posted|updated|last updated|publié|veröffentlicht|stand|aktualisiert|опубликовано|обновлено|дата публикации"
    r"|жарияланды|жарияланған|жаңартылды|jarialandy)\b.{0,80}"
    r"|(?:\w+,?\s+)?\d{1,2}[.\s]\s?\S{2,12}[.,]?\s+(?:19|20)\d\d(?:\s*(?:г\.?|года|жыл|ж\.))?[\s,|•·–—-]*(?:\S{0,6}\s*\d{1,2}[:.]\d\d.{0,20})?"
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
        return all(_DATE_LINE.match(part) or only_date(part) for part in parts)
    return len(line) < 110 and bool(_DATE_LINE.match(line))


def _machine_value(element: HtmlElement) -> str:
    """The machine-readable date of a time element or of <abbr title="2016-12-20T08:38">, "" if there is none."""
    if element.tag == "time":
        return element.get("datetime") or ""
    title = element.get("title") or "" if element.tag in ("abbr", "span") else ""
    return title if re.match(r"\d{4}-\d\d-\d\d", title) else ""


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


def _context(element: HtmlElement) -> str:
    """The words around a date: its own text, class and itemprop, and a short text before it in the same parent."""
    parts = [one_line(element.text_content())[:100] if few_children(element, 7) else "", element.get("class") or "",
             element.get("itemprop") or ""]  # fmt: skip
    previous = element.getprevious()
    if previous is not None:
        text = one_line(
            f"{previous.text_content() if few_children(previous, 7) else ''} {previous.tail or ''}"
        )
        parts.append(text if len(text) < 40 else "")
    parent = element.getparent()
    if parent is not None:
        parts += [one_line(parent.text)[:40], parent.get("class") or "" if few_children(parent, 3) else ""]
    return " ".join(parts)
