"""Reasons in Russian and Kazakh: what the archive wrote down in English when it happened, said again in a reader's language.

A reason is a sentence of a closed set (`judge/verdict.py`, `judge/coverage/gaps.py`) with facts in it: a status, an instant, an
address. Each sentence stands here once with names for its facts; what is called `what` is a sentence itself. A reason of
which a part is unknown (an older program's, a detail of a library) is left in English as a whole: no half translation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

# fmt: off
REASONS: Mapping[str, tuple[str, str]] = {
    # A first reading, and checks that found the article.
    "first seen": ("замечено впервые", "алғаш көрілді"),
    "same content": ("тот же текст", "мәтіні сол қалпында"),
    "same content to a reader": ("для читателя тот же текст", "оқырманға мәтіні сол қалпында"),
    "same content; beside it: {kinds}, which counts once two checks in a row have shown it": ("тот же текст; рядом с ним: {kinds}, считается после двух проверок подряд", "мәтіні сол қалпында; оның жанында: {kinds}, қатарынан екі тексеру көрсеткенде есептеледі"),
    "not modified (304)": ("не изменено (304)", "өзгермеген (304)"),
    "another address of a known article": ("другой адрес известной статьи", "белгілі мақаланың басқа мекенжайы"),
    "changed: {kinds}": ("изменено: {kinds}", "өзгертілді: {kinds}"),
    "changed: {kinds} (as in version {n})": ("изменено: {kinds} (как в версии {n})", "өзгертілді: {kinds} ({n}-нұсқадағыдай)"),
    "changed beside the text: {kinds}": ("изменено рядом с текстом: {kinds}", "мәтіннің жанында өзгертілді: {kinds}"),
    "no edit: the page has another layout, with the same text": ("не правка: у страницы другая вёрстка, текст тот же", "түзету емес: беттің безендірілуі басқа, мәтіні сол"),
    "no edit: only text differs that is the site's, as other pages of the edition show": ("не правка: различается только текст сайта, как видно по другим страницам редакции", "түзету емес: тек сайттың өз мәтіні өзгеше, мұны редакцияның басқа беттері көрсетеді"),
    "no edit: the page shows the same text": ("не правка: страница показывает тот же текст", "түзету емес: бет сол мәтінді көрсетеді"),
    "pending: a box that was replaced as a whole counts once two checks in a row have shown it": ("ожидает: целиком заменённый блок считается после двух проверок подряд", "күтуде: тұтас ауыстырылған блок қатарынан екі тексеру көрсеткенде есептеледі"),
    "volatile: changes at every check, captures go on": ("непостоянно: меняется при каждой проверке, ответы сохраняются", "тұрақсыз: әр тексеруде өзгереді, жауаптар сақтала береді"),
    "cannot be compared: the earlier capture cannot be read again by this extractor": ("сравнить нельзя: прежний ответ не читается этой версией программы", "салыстыру мүмкін емес: бұрынғы жауапты бағдарламаның бұл нұсқасы оқи алмайды"),
    "only the texts were compared: a raw page cannot be read": ("сравнивались только тексты: исходная страница не читается", "тек мәтіндер салыстырылды: бастапқы бет оқылмайды"),
    "by its validators (ETag, Last-Modified) it was not modified": ("по её меткам (ETag, Last-Modified) она не менялась", "белгілері бойынша (ETag, Last-Modified) ол өзгермеген"),
    "at some time of that day: its capture names no hour": ("в течение того дня: час в сохранённом ответе не указан", "сол күні: сақталған жауапта сағаты көрсетілмеген"),
    "its address leads to {url} now": ("её адрес теперь ведёт на {url}", "оның мекенжайы енді мынаған апарады: {url}"),
    "its address leads to {url} now, a text of its own that may be this one rewritten": ("её адрес теперь ведёт на {url} — самостоятельный текст, возможно, переписанный этот", "оның мекенжайы енді мынаған апарады: {url} — бөлек мәтін, осы мәтіннің қайта жазылғаны болуы мүмкін"),
    "there again after being {state}: {what}": ("снова на месте, было: {state}; {what}", "қайтадан орнында, бұрынғы күйі: {state}; {what}"),
    # Absences.
    "absent (404)": ("отсутствует (404)", "жоқ (404)"),
    "absent (410)": ("отсутствует (410)", "жоқ (410)"),
    "nothing there ({status})": ("там ничего нет ({status})", "онда ештеңе жоқ ({status})"),
    "unavailable for legal reasons (451)": ("недоступно по юридическим причинам (451)", "заңды себептермен қолжетімсіз (451)"),
    "redirected to the front page": ("перенаправляет на главную страницу", "басты бетке бағыттайды"),
    "redirected to another page": ("перенаправляет на другую страницу", "басқа бетке бағыттайды"),
    "a not-found page with status 200": ("страница «не найдено» со статусом 200", "200 күйімен берілген «табылмады» беті"),
    "the page is there without its text": ("страница на месте, но без текста", "бет орнында, бірақ мәтінсіз"),
    "{what}, as this host answers for an address that cannot exist": ("{what}: так этот сервер отвечает на адрес, которого быть не может", "{what}: бұл сервер болуы мүмкін емес мекенжайға осылай жауап береді"),
    "{what}, last seen {at} UTC": ("{what}, в последний раз на месте: {at} UTC", "{what}, соңғы рет көрінген уақыты: {at} UTC"),
    "{what}, and no other article of the edition answered properly": ("{what}, и ни одна другая статья редакции не ответила как следует", "{what}, редакцияның басқа бірде-бір мақаласы дұрыс жауап бермеді"),
    "{what}, and other articles did not answer properly": ("{what}, и другие статьи не ответили как следует", "{what}, басқа мақалалар да дұрыс жауап бермеді"),
    "{what}, and no control answered after it, though other articles did within the day": ("{what}, и контрольные статьи после этого не ответили, хотя другие в течение суток отвечали", "{what}, одан кейін бақылау мақалалары жауап бермеді, бірақ тәулік ішінде басқалары жауап берген"),
    "so in {n} checks since {at} UTC": ("так в проверках ({n}) начиная с {at} UTC", "тексерулер саны: {n}, басталған уақыты: {at} UTC"),
    "others of its age or section are absent as well": ("другие статьи того же времени или раздела тоже отсутствуют", "сол уақыттағы не сол айдардағы басқа мақалалар да жоқ"),
    "the same text is at {url}": ("тот же текст есть по адресу {url}", "дәл сол мәтін мына мекенжайда бар: {url}"),
    "the same text is at {url}, its address from now on": ("тот же текст по адресу {url}, отныне это её адрес", "дәл сол мәтін мына мекенжайда: {url}, бұдан былай бұл оның мекенжайы"),
    # What could not be read.
    "another page was served, and so it was for other articles of the edition": ("выдана другая страница, как и для других статей редакции", "басқа бет берілді, редакцияның басқа мақалаларына да солай"),
    "redirected to a log-in page": ("перенаправляет на страницу входа", "кіру бетіне бағыттайды"),
    "redirected to a subscription page": ("перенаправляет на страницу подписки", "жазылу бетіне бағыттайды"),
    "redirected to a consent page": ("перенаправляет на страницу согласия", "келісім бетіне бағыттайды"),
    "redirected to an age check": ("перенаправляет на проверку возраста", "жасты тексеру бетіне бағыттайды"),
    "redirected to a region page": ("перенаправляет на страницу выбора региона", "аймақ бетіне бағыттайды"),
    "redirected to a page that stands before the article": ("перенаправляет на страницу, стоящую перед статьёй", "мақаланың алдында тұрған бетке бағыттайды"),
    "forbidden ({status})": ("доступ запрещён ({status})", "қол жеткізуге тыйым салынған ({status})"),
    "throttled ({status})": ("слишком частые запросы ({status})", "сұраулар тым жиі ({status})"),
    "server_error ({status})": ("ошибка сервера ({status})", "сервер қатесі ({status})"),
    "other_status ({status})": ("неожиданный ответ ({status})", "күтпеген жауап ({status})"),
    "timeout": ("нет ответа вовремя", "уақытында жауап болмады"),
    "dns": ("имя сервера не найдено", "сервер аты табылмады"),
    "refused": ("соединение отклонено или прервано", "қосылым қабылданбады не үзілді"),
    "tls": ("сбой защищённого соединения", "қорғалған қосылымның ақауы"),
    "broken_body ({status})": ("ответ оборван ({status})", "жауап үзіліп қалған ({status})"),
    "too_large ({status})": ("ответ слишком велик ({status})", "жауап тым үлкен ({status})"),
    "robots": ("запрещено robots.txt", "robots.txt тыйым салған"),
    "redirect_loop": ("перенаправления по кругу", "бағыттаулар тұйықталған"),
    "challenge": ("проверка «вы не робот»", "«робот емессіз бе» тексеруі"),
    "paywall_stub": ("только начало: остальное платно", "тек басы: қалғаны ақылы"),
    "empty": ("пустая страница", "бос бет"),
    "{what}: {detail}": ("{what}: {detail}", "{what}: {detail}"),
    # Coverage.
    "unjoined: {lists} showed none of what was newest before": ("не сошлось: {lists} — не видно ничего из того, что прежде было новейшим", "түйіспеді: {lists} — бұрын ең жаңа болғандардың бірде-бірі көрінбейді"),
    "its older pages could not be read yet": ("более старые страницы прочесть пока не удалось", "ескі беттерін әзірге оқу мүмкін болмады"),
    '{n} reads between were answered "not modified" (304), which proves nothing': ("чтений между ними с ответом «не изменено» (304): {n}, это ничего не доказывает", "аралықта «өзгермеген» (304) деп жауап берілген оқулар: {n}, бұл ештеңені дәлелдемейді"),
    "outage: no answer in 1 run ({signs})": ("сбой: нет ответа в одном обходе ({signs})", "іркіліс: бір аралауда жауап болмады ({signs})"),
    "outage: no answer in {n} runs ({signs})": ("сбой: нет ответа, обходов: {n} ({signs})", "іркіліс: жауап болмаған аралаулар: {n} ({signs})"),
}
# fmt: on
# What stands for a fact; a kind or a state is a word of the catalogue, `what` a sentence of the table above.
_FACTS = {
    "n": r"\d{1,9}",
    "status": r"\d{3}",
    "at": r"\d{4}-\d\d-\d\d \d\d:\d\d",
    "url": r"\S+",
    "kinds": r"[a-z, ]+",
    "state": "[a-z]+",
    "lists": ".+?",
    "signs": "[a-z_, ]+",
    "what": ".+?",
    "detail": r"[^;]+",
}  # fmt: skip
_MOST = 2000  # characters of a reason that are looked at


def translated(reason: str, column: int, known: Callable[[str], str]) -> str | None:
    """A reason in the language of `column`, None where a part of it is unknown. `known` says words of the catalogue."""
    if len(reason) > _MOST:
        return None
    if (whole := _sentence(reason, column, known)) is not None:
        return whole
    head, mark, rest = reason.rpartition("; ")
    if not mark or (last := _sentence(rest, column, known)) is None:
        return None
    first = translated(head, column, known)
    return None if first is None else f"{first}; {last}"


def _sentence(text: str, column: int, known: Callable[[str], str]) -> str | None:
    for form, pattern in _patterns():
        if (found := pattern.fullmatch(text)) is None:
            continue
        facts = found.groupdict()
        for name in ("kinds", "state"):
            if name in facts:
                facts[name] = ", ".join(map(known, facts[name].split(", ")))
        if "what" in facts:
            inner = translated(facts["what"], column, known)
            if inner is None:
                continue
            facts["what"] = inner
        return REASONS[form][column].format(**facts)
    return None


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Each sentence as a pattern; sentences without facts first."""
    made = []
    for form in sorted(REASONS, key=lambda one: (one.count("{"), one)):
        parts = re.split(r"\{(\w+)\}", form)
        pattern = "".join(
            f"(?P<{part}>{_FACTS[part]})" if at % 2 else re.escape(part) for at, part in enumerate(parts)
        )
        made.append((form, re.compile(pattern)))
    return made
