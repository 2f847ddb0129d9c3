"""The figures a text names: numbers, number words, months and days of the week."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from newscrawl.judge.diff.tokens import Token

# "One" is left out: in all three languages it is seldom a number ("one of", "один из", "бір").
_CARDINALS = (
    (2, "two|дв[ае]|двух|двумя?|екі"),
    (3, "three|три|тр[её]х|тремя?|үш"),
    (4, "four|четыре|четыр[её]х|четырьмя|четыр[её]м|төрт"),
    (5, "five|пят(?:ь|и|ью)|бес"),
    (6, "six|шест(?:ь|и|ью)|алты"),
    (7, "seven|сем(?:ь|и|ью)|жеті"),
    (8, "eight|восемь|восьми|восемью|сегіз"),
    (9, "nine|девят(?:ь|и|ью)|тоғыз"),
    (10, "ten|десят(?:ь|и|ью)"),
    (11, "eleven|одиннадцат(?:ь|и|ью)"),
    (12, "twelve|двенадцат(?:ь|и|ью)"),
    (13, "thirteen|тринадцат(?:ь|и|ью)"),
    (14, "fourteen|четырнадцат(?:ь|и|ью)"),
    (15, "fifteen|пятнадцат(?:ь|и|ью)"),
    (16, "sixteen|шестнадцат(?:ь|и|ью)"),
    (17, "seventeen|семнадцат(?:ь|и|ью)"),
    (18, "eighteen|восемнадцат(?:ь|и|ью)"),
    (19, "nineteen|девятнадцат(?:ь|и|ью)"),
    (20, "twenty|двадцат(?:ь|и|ью)|жиырма"),
    (30, "thirty|тридцат(?:ь|и|ью)|отыз"),
    (40, "forty|сорока?|қырық"),
    (50, "fifty|пятьдесят|пятидесяти|елу"),
    (60, "sixty|шестьдесят|шестидесяти|алпыс"),
    (70, "seventy|семьдесят|семидесяти|жетпіс"),
    (80, "eighty|восемьдесят|восьмидесяти|сексен"),
    (90, "ninety|девяносто|девяноста|тоқсан"),
    (100, "hundreds?|сто|ста|сотн(?:я|и|ю|ей)|жүз"),
    (200, "двести|двухсот"),
    (300, "триста|тр[её]хсот"),
    (400, "четыреста|четыр[её]хсот"),
    (500, "пятьсот|пятисот"),
)
_SCALES = (
    ("thousand", r"thousands?|тыс|тысяч\w{0,2}|мың"),
    ("million", r"millions?|mln|млн|миллион\w{0,3}"),
    ("billion", r"billions?|bln|bn|млрд|миллиард\w{0,3}"),
    ("trillion", r"trillions?|трлн|триллион\w{0,3}"),
)
_MONTHS = (
    r"january|январ[ьяею]|қаңтар\w{0,4}",
    r"february|феврал[ьяею]|ақпан\w{0,4}",
    r"march|март[аеу]?|наурыз\w{0,4}",
    r"april|апрел[ьяею]|сәуір\w{0,4}",
    r"may|ма[йяею]|мамыр\w{0,4}",
    r"june|июн[ьяею]|маусым\w{0,4}",
    r"july|июл[ьяею]|шілде\w{0,4}",
    r"august|август[аеу]?|тамыз\w{0,4}",
    r"september|сентябр[ьяею]|қыркүйек\w{0,4}",
    r"october|октябр[ьяею]|қазан\w{0,4}",
    r"november|ноябр[ьяею]|қараша\w{0,4}",
    r"december|декабр[ьяею]|желтоқсан\w{0,4}",
)
_WEEKDAYS = (
    r"mondays?|понедельник\w{0,2}|дүйсенбі\w{0,4}",
    r"tuesdays?|вторник\w{0,2}|сейсенбі\w{0,4}",
    r"wednesdays?|сред[аыуе]|сәрсенбі\w{0,4}",
    r"thursdays?|четверг\w{0,2}|бейсенбі\w{0,4}",
    r"fridays?|пятниц\w{1,2}|жұма(?:да|ға|дан)?",
    r"saturdays?|суббот\w{1,2}|сенбі(?:де|ге|ден)?",
    r"sundays?|воскресень[еяю]|жексенбі\w{0,4}",
)
_SUFFIX = r"(?:[еа]?у|[іы]?нш[іы]|[дт][еа]н?|[гғқк][еа])?"  # Kazakh endings of number words
_NAMES = [
    *((str(value), f"(?:{words}){_SUFFIX}") for value, words in _CARDINALS),
    *_SCALES,
    *((f"month {number}", words) for number, words in enumerate(_MONTHS, 1)),
    *((f"weekday {number}", words) for number, words in enumerate(_WEEKDAYS, 1)),
]
_NAMED = [(value, re.compile(words)) for value, words in _NAMES]
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")


def figures(tokens: Iterable[Token]) -> Counter[str]:
    """How often each figure written in digits is named, by its value: "1 500", "1,500" and "1500" are one."""
    return Counter(value(token.key) for token in tokens if token.is_number)


def named(tokens: Iterable[Token]) -> Counter[str]:
    """How often each number word, month and weekday is named, by its value: "five", "пяти", "бес" are "5"."""
    return Counter(name for token in tokens if token.is_word and (name := of_word(token.key)))


@lru_cache(maxsize=4096)
def of_word(word: str) -> str | None:
    """The value a word names: "5", "million", "month 3", "weekday 1"; None for other words."""
    folded = word.casefold()
    if not 2 <= len(folded) <= 16:
        return None
    return next((name for name, pattern in _NAMED if pattern.fullmatch(folded)), None)


def value(number: str) -> str:
    """The value of a number in digits, without grouping marks and leading zeros, with a point for decimals."""
    if _GROUPED.fullmatch(number):
        number = number.replace(".", "").replace(",", "")
    whole, *rest = number.replace(",", ".").split(".")
    return ".".join((whole.lstrip("0") or "0", *rest))
