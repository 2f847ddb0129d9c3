"""The cover page of an evidence file in English, Russian and Kazakh: printable HTML that loads nothing from anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from newscrawl.judge.diff.differences import FieldDiff, Op
from newscrawl.model import VersionRecord
from newscrawl.store.proof.book import Signed

Difference = tuple[int, int, Sequence[FieldDiff]]

_STYLE = (
    "body{font:11pt/1.45 serif;max-width:46em;margin:2em auto;padding:0 1em;color:#000}"
    "h1{font-size:17pt}h2{font-size:13pt;margin-top:1.6em}section+section{page-break-before:always}"
    "table{border-collapse:collapse;width:100%;font-size:9.5pt}td,th{border:1px solid #999;padding:.2em .4em;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}code{font-size:9pt;overflow-wrap:anywhere}"
    "ins{background:#dfd}del{background:#fdd}.text{white-space:pre-wrap}"
)


@dataclass(frozen=True, slots=True)
class _Words:
    """What stands on the page in one language."""

    language: str
    heading: str
    what: str
    address: str
    state: Mapping[str, str]
    made: str
    log: str
    key: str
    events: str
    columns: tuple[str, str, str, str]
    kinds: Mapping[str, str]
    controls: str
    versions: str
    version: str
    difference: str
    check: str
    outside: str
    how: Mapping[str, str]
    limits: str
    limit: tuple[str, ...]


_EN = _Words(
    "en",
    "Evidence of an article",
    "This file proves what an archive recorded of one article: what the page said, when it was looked at, what was"
    " changed and whether it was taken away. The records stand in a log that only grows; its state was signed after each run.",
    "Address",
    {"live": "was still there when last looked at", "suspected": "was absent when last looked at, not yet confirmed", "removed": "was removed"},
    "Made",
    "Log: {size} entries, root {root}, signed {at}",
    "Public key of the archive",
    "What was observed",
    ("Instant (UTC)", "What", "Reason, as it was recorded", "Entry"),
    {"created": "found", "edited": "edited", "suspected": "absent for the first time", "removed": "removal confirmed", "returned": "there again"},
    "Other articles of the same outlet that answered in the runs that found this one absent (controls): {number}. They show that it"
    " was this article that was gone, and not the outlet.",
    "What the article said",
    "Version {number}, first seen {at}",
    "Differences between versions {old} and {new}",
    "To check it: unpack this file (it is a ZIP), and run “python3 proof/verify.py FILE --key KEY” with the public key that the archive has"
    " published. No network and no other program is needed. Pages can be opened with any program for WACZ files.",
    "Who else saw the log",
    {"cosigned": "{who} (another archive) saw its first {size} entries and co-signed them: {at}", "stamped": "{who} (an authority) stamped its first {size} entries: {at}"},
    "What this does not prove",
    (
        "That the outlet showed the same page to everybody: one machine asked, from one place, and a server may answer each reader otherwise.",
        "That the clock of that machine was right; only the order of the entries and the times at which others saw a checkpoint are certain.",
        "That the page was true, or who wrote it.",
        "Anything, if the key was in other hands from the beginning: compare it with one that was published earlier.",
    ),
)  # fmt: skip
_RU = _Words(
    "ru",
    "Доказательства по одной статье",
    "Этот файл доказывает, что архив записал об одной статье: что было на странице, когда её проверяли, что изменили и удалили ли её."
    " Записи стоят в журнале, который только растёт; его состояние подписано после каждого обхода.",
    "Адрес",
    {"live": "при последней проверке была на месте", "suspected": "при последней проверке отсутствовала, удаление ещё не подтверждено", "removed": "удалена"},
    "Составлено",
    "Журнал: записей — {size}, корень {root}, подписан {at}",
    "Открытый ключ архива",
    "Что наблюдалось",
    ("Время (UTC)", "Что", "Причина, как она записана", "Запись"),
    {"created": "найдена", "edited": "изменена", "suspected": "впервые отсутствует", "removed": "удаление подтверждено", "returned": "снова на месте"},
    "Другие статьи того же издания, ответившие в тех же обходах, в которых эта отсутствовала (контрольные): {number}. Они показывают,"
    " что не было именно этой статьи, а издание работало.",
    "Что говорилось в статье",
    "Версия {number}, впервые увидена {at}",
    "Различия между версиями {old} и {new}",
    "Как проверить: распакуйте этот файл (это ZIP) и выполните «python3 proof/verify.py ФАЙЛ --key КЛЮЧ» с открытым ключом, который"
    " архив опубликовал. Ни сеть, ни другие программы не нужны. Страницы открываются любой программой для файлов WACZ.",
    "Кто ещё видел журнал",
    {"cosigned": "{who} (другой архив) видел первые записи журнала, числом {size}, и подписал их: {at}", "stamped": "{who} (служба меток времени) заверила первые записи журнала, числом {size}: {at}"},
    "Чего это не доказывает",
    (
        "Что издание показывало всем одну и ту же страницу: спрашивала одна машина из одного места, а сервер может отвечать каждому по-своему.",
        "Что часы этой машины шли верно; несомненны только порядок записей и время, когда подписанное состояние увидели другие.",
        "Что написанное на странице — правда, и кто это написал.",
        "Ничего, если ключ с самого начала был в чужих руках: сравните его с опубликованным раньше.",
    ),
)  # fmt: skip
_KK = _Words(
    "kk",
    "Бір мақала бойынша дәлелдер",
    "Бұл файл мұрағаттың бір мақала туралы не жазып алғанын дәлелдейді: бетте не тұрғанын, оның қашан тексерілгенін, не өзгертілгенін"
    " және өшірілген-өшірілмегенін. Жазбалар тек өсетін журналда тұр; оның күйіне әр шолудан кейін қол қойылған.",
    "Мекенжайы",
    {"live": "соңғы тексеруде орнында болды", "suspected": "соңғы тексеруде болмады, өшірілгені әлі расталған жоқ", "removed": "өшірілген"},
    "Жасалған уақыты",
    "Журнал: {size} жазба, түбірі {root}, қол қойылған уақыты {at}",
    "Мұрағаттың ашық кілті",
    "Не байқалды",
    ("Уақыты (UTC)", "Не болды", "Жазылған себебі", "Жазба"),
    {"created": "табылды", "edited": "өзгертілді", "suspected": "алғаш рет болмады", "removed": "өшірілгені расталды", "returned": "қайта пайда болды"},
    "Осы мақала болмаған шолуларда жауап берген сол басылымның басқа мақалалары (бақылау): {number}. Олар басылымның емес, дәл осы"
    " мақаланың жоғалғанын көрсетеді.",
    "Мақалада не айтылды",
    "{number}-нұсқа, алғаш көрілген уақыты {at}",
    "{old}-нұсқа мен {new}-нұсқаның айырмашылығы",
    "Тексеру үшін: осы файлды ашыңыз (ол — ZIP) және мұрағат жариялаған ашық кілтпен «python3 proof/verify.py ФАЙЛ --key КІЛТ» орындаңыз."
    " Желі де, басқа бағдарлама да қажет емес. Беттер WACZ файлдарына арналған кез келген бағдарламамен ашылады.",
    "Журналды тағы кім көрді",
    {"cosigned": "{who} (басқа мұрағат) журналдың алғашқы {size} жазбасын көріп, қол қойды: {at}", "stamped": "{who} (уақыт белгісі қызметі) журналдың алғашқы {size} жазбасын растады: {at}"},
    "Бұл нені дәлелдемейді",
    (
        "Басылым барлығына бірдей бет көрсеткенін: бір машина бір жерден сұрады, ал сервер әр оқырманға әртүрлі жауап бере алады.",
        "Сол машинаның сағаты дұрыс болғанын; жазбалардың реті мен қол қойылған күйді басқалар көрген уақыт қана анық.",
        "Беттегі сөздің шындығын және оны кім жазғанын.",
        "Кілт басынан бөтен қолда болса — ештеңені: оны бұрын жарияланғанымен салыстырыңыз.",
    ),
)  # fmt: skip


def render(
    told: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    last: Signed,
    differences: Sequence[Difference],
    versions: Sequence[VersionRecord],
) -> str:
    """The page: three times the same, each in its language, and what the article said once, as it stood there."""
    numbered = [one for one in entries if one.get("article") == told["article"] and one["entry"] == "change"]
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
        f"<title>{escape(str(told['title'] or told['url']))}</title><style>{_STYLE}</style></head><body>",
    ]
    for words in (_EN, _RU, _KK):
        parts += _section(words, told, numbered, last)
    parts += _texts(differences, versions)
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _section(
    words: _Words, told: Mapping[str, Any], changes: Sequence[Mapping[str, Any]], last: Signed
) -> Iterator[str]:
    signed = f"{last.at:%Y-%m-%d %H:%M} UTC"
    yield f'<section lang="{words.language}"><h1>{words.heading}</h1><p>{words.what}</p>'
    yield f"<p><b>{escape(str(told['title'] or ''))}</b><br>{words.address}: <code>{escape(told['url'])}</code><br>"
    yield f"{words.state[told['state']]}.</p>"
    yield f"<p>{words.made}: {escape(told['made'])} ({escape(told['software'])})<br>"
    yield f"{words.log.format(size=f'{last.size:,}', root=f'<code>{last.root}</code>', at=signed)}<br>"
    yield f"{words.key}: <code>{escape(told['key'])}</code></p><h2>{words.events}</h2><table><tr>"
    yield "".join(f"<th>{name}</th>" for name in words.columns) + "</tr>"
    for one in sorted(changes, key=lambda one: (str(one["at"]), one["id"])):
        kind = words.kinds.get(str(one["kind"]), str(one["kind"]))
        cells = (str(one["at"]), kind, str(one.get("reason", "")), f"change {one['id']}")
        yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
    yield "</table>"
    if told["controls"]:
        yield f"<p>{words.controls.format(number=len(told['controls']))}</p>"
    if told["outside"]:
        lines = [
            words.how[one["how"]].format(**one | {"size": f"{one['size']:,}"}) for one in told["outside"]
        ]
        yield f"<h2>{words.outside}</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
    yield f"<p>{words.check}</p><h2>{words.limits}</h2><ul>"
    yield "".join(f"<li>{one}</li>" for one in words.limit) + "</ul></section>"


def _texts(differences: Sequence[Difference], versions: Sequence[VersionRecord]) -> Iterator[str]:
    all_words = (_EN, _RU, _KK)
    yield f"<section><h1>{' · '.join(one.versions for one in all_words)}</h1>"
    for version in versions:
        at = f"{version.at:%Y-%m-%d %H:%M} UTC"
        yield f"<h2>{' · '.join(one.version.format(number=version.number, at=at) for one in all_words)}</h2>"
        language = f' lang="{escape(version.article.language)}"' if version.article.language else ""
        yield f"<p{language}><b>{escape(version.article.title or '')}</b></p>"
        yield f'<p class="text"{language}>{escape(version.article.body)}</p>'
    for old, new, found in differences:
        yield f"<h2>{' · '.join(one.difference.format(old=old, new=new) for one in all_words)}</h2>"
        for field in found:
            yield f'<p class="text"><i>{field.field}</i>: {"".join(_block(block) for block in field.blocks)}</p>'
    yield "</section>"


def _block(block: Any) -> str:
    marks = {Op.SAME: ("", ""), Op.ADDED: ("<ins>", "</ins>"), Op.REMOVED: ("<del>", "</del>")}
    return "".join(f"{marks[one.op][0]}{escape(one.text)}{marks[one.op][1]}" for one in block.spans)
