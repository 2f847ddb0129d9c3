"""Whether words differ in spelling alone. Conservative where one letter changes the meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence

from newscrawl.judge.kinds.figures import of_word

# Up to this length only two exchanged letters or a doubled one are a misspelling: "не" and "на", "on" and
# "in" are different words.
_SHORT = 3
# From this length on two letters may differ.
_LONG = 6
_TOO_LONG = 40  # longer strings are not words, and would take long to compare
# Words in which one letter more or less changes the meaning.
_NEGATIONS_AND_CHOICES = frozenset({
    "no", "not", "nor", "now", "none", "never", "cannot", "can't", "don't", "without", "with", "within",
    "or", "не", "ни", "нет", "нету", "без", "нельзя", "можно", "или", "либо", "никогда", "иногда", "ввоз",
    "вывоз", "емес", "жоқ", "бар", "ешқашан", "әлде", "emes", "joq",
})  # fmt: skip
_NEGATING = re.compile(
    r"не|ни|без|бес|бей|анти|контр|экс|де|дез|про|un|in|im|il|ir|dis|non|de|mis|anti|pro|ex|beı|bei"
)
# Kazakh negates inside the word: барды, бармады; барады, бармайды; барар, бармас.
_KAZAKH_NOT = (
    (re.compile(r"[мбп][ае]|[mbp][ae]"), ("",)),
    (re.compile(r"[мбп]([ае])й|[mbp]([ae])[ıiy]"), ("а", "е", "a", "e")),
    (re.compile(r"[мбп][ае]с|[mbp][ae]s"), ("ар", "ер", "ar", "er")),
)


def slip(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether consecutive words differ in spelling alone: letter case, joined or split words, one or two letters.

    Two letters may differ in words of six letters or more with the same first letter, one letter in words
    of four or more (names included). A negation that is added or removed, or a number word, month or day
    that becomes another, is never a misspelling.
    """
    before, after = [word.casefold() for word in old], [word.casefold() for word in new]
    if "".join(before) == "".join(after):
        return True
    return len(before) == len(after) and all(
        _near(one, other) for one, other in zip(before, after, strict=True)
    )


def _near(one: str, other: str) -> bool:
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(long) > _TOO_LONG or _negates(short, long):
        return False
    exact_words = {one, other} & _NEGATIONS_AND_CHOICES
    if len(exact_words) == 2 or any(len(word) <= _SHORT + 1 for word in exact_words):
        return False
    if of_word(one) and of_word(other):
        return of_word(one) == of_word(other)
    if any(c.isdigit() for c in one + other):
        return False
    if len(short) <= _SHORT and len(long) <= _SHORT + 1:
        return sorted(one) == sorted(other) or re.sub(r"(.)\1", r"\1", long) == short
    distance = _distance(one, other)
    return distance <= 1 or (distance == 2 and len(long) >= _LONG and one[0] == other[0])


def _negates(short: str, long: str) -> bool:
    if long == f"{short}n't" or (long.endswith(short) and _NEGATING.fullmatch(long[: -len(short)])):
        return True
    return any(
        long[: found.start()] + without + long[found.end() :] == short
        for pattern, instead in _KAZAKH_NOT
        for found in pattern.finditer(long)
        for without in instead
    )


def _distance(one: str, other: str) -> int:
    """Letters to insert, drop, replace or swap with a neighbour (Damerau-Levenshtein); 3 means more than two."""
    if abs(len(one) - len(other)) > 2:
        return 3
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    # Only cells within two of the diagonal can give two or less.
    before: list[int] = []
    row = [min(j, 3) for j in range(len(other) + 1)]
    for i, letter in enumerate(one, 1):
        earlier, row = row, [3] * (len(other) + 1)
        row[0] = min(i, 3)
        for j in range(max(i - 2, 1), min(i + 2, len(other)) + 1):
            there = other[j - 1]
            cost = min(earlier[j] + 1, row[j - 1] + 1, earlier[j - 1] + (letter != there))
            if before and j > 1 and letter == other[j - 2] and one[i - 2] == there:
                cost = min(cost, before[j - 2] + 1)
            row[j] = min(cost, 3)
        before = earlier
    return row[-1]
