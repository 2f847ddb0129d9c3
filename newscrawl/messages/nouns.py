"""What is counted, in the forms that each language has for it: two in English, three in Russian, one in Kazakh."""

from __future__ import annotations

from collections.abc import Mapping

Forms = Mapping[str, tuple[str, ...]]


def _noun(one: str, many: str, ru: tuple[str, str, str], kk: str) -> Forms:
    return {"en": (one, many), "ru": ru, "kk": (kk,)}


NOUNS: Mapping[str, Forms] = {
    "article": _noun("article", "articles", ("статья", "статьи", "статей"), "мақала"),
    "author": _noun("author", "authors", ("автор", "автора", "авторов"), "автор"),
    "tag": _noun("tag", "tags", ("тег", "тега", "тегов"), "тег"),
    "version": _noun("version", "versions", ("версия", "версии", "версий"), "нұсқа"),
    "word": _noun("word", "words", ("слово", "слова", "слов"), "сөз"),
    "paragraph": _noun("paragraph", "paragraphs", ("абзац", "абзаца", "абзацев"), "абзац"),
    "check": _noun("check", "checks", ("проверка", "проверки", "проверок"), "тексеру"),
    "read": _noun("read", "reads", ("чтение", "чтения", "чтений"), "оқу"),
    "day": _noun("day", "days", ("день", "дня", "дней"), "күн"),
    "run": _noun("run", "runs", ("обход", "обхода", "обходов"), "аралау"),
    "second": _noun("second", "seconds", ("секунда", "секунды", "секунд"), "секунд"),
    "gap": _noun("gap", "gaps", ("пробел", "пробела", "пробелов"), "олқылық"),
    "raw response": _noun(
        "raw response", "raw responses", ("исходный ответ", "исходных ответа", "исходных ответов"), "бастапқы жауап"
    ),
}  # fmt: skip

# Sentences whose other words depend on the number too.
NUMBERS: Mapping[str, Forms] = {
    "unchanged paragraphs": {
        "en": ("{n} paragraph unchanged", "{n} paragraphs unchanged"),
        "ru": ("{n} абзац без изменений", "{n} абзаца без изменений", "{n} абзацев без изменений"),
        "kk": ("{n} абзац өзгеріссіз",),
    },
    "words removed, added": {
        "en": ("{n} word removed, {added} added", "{n} words removed, {added} added"),
        "ru": (
            "удалено {n} слово, добавлено {added}",
            "удалено {n} слова, добавлено {added}",
            "удалено {n} слов, добавлено {added}",
        ),
        "kk": ("{n} сөз алынған, {added} қосылған",),
    },
    "not in the index": {
        "en": (
            "{n} version not in the index yet: {command} puts them in.",
            "{n} versions not in the index yet: {command} puts them in.",
        ),
        "ru": (
            "{n} версия ещё не в указателе: её внесёт {command}.",
            "{n} версии ещё не в указателе: их внесёт {command}.",
            "{n} версий ещё не в указателе: их внесёт {command}.",
        ),
        "kk": ("{n} нұсқа әлі көрсеткішке енгізілмеген: енгізетін команда: {command}.",),
    },
    "others answered": {
        "en": (
            "{n} other article of the edition answered in the same run:",
            "{n} other articles of the edition answered in the same run:",
        ),
        "ru": (
            "В том же обходе ответила {n} другая статья редакции:",
            "В том же обходе ответили {n} другие статьи редакции:",
            "В том же обходе ответили {n} других статей редакции:",
        ),
        "kk": ("Сол аралауда редакцияның басқа {n} мақаласы жауап берді:",),
    },
    "earlier events": {
        "en": ("{n} earlier event is left out.", "{n} earlier events are left out."),
        "ru": (
            "{n} более раннее событие не показано.",
            "{n} более ранних события не показаны.",
            "{n} более ранних событий не показано.",
        ),
        "kk": ("Бұрынғы {n} оқиға көрсетілмеген.",),
    },
    "more gaps": {
        "en": ("{n} more gap: {command}", "{n} more gaps: {command}"),
        "ru": (
            "Ещё {n} пробел: {command}",
            "Ещё {n} пробела: {command}",
            "Ещё {n} пробелов: {command}",
        ),
        "kk": ("Тағы {n} олқылық: {command}",),
    },
    "articles on": {
        "en": ("{n} article", "{n} articles"),
        "ru": ("{n} статья", "{n} статьи", "{n} статей"),
        "kk": ("{n} мақала",),
    },
    "checks failed": {
        "en": ("{n} check failed", "{n} checks failed"),
        "ru": ("{n} проверка не удалась", "{n} проверки не удались", "{n} проверок не удалось"),
        "kk": ("{n} тексеру сәтсіз болды",),
    },
    "checks, unchanged": {
        "en": ("{n} check, unchanged", "{n} checks, unchanged"),
        "ru": ("{n} проверка, без изменений", "{n} проверки, без изменений", "{n} проверок, без изменений"),
        "kk": ("{n} тексеру, өзгеріс жоқ",),
    },
}
