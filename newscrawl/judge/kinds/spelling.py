"""Whether words differ by spelling alone: a slip of the pen, not another word. Conservative where a letter turns the meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence

from newscrawl.judge.kinds.figures import of_word

# Up to this length a slip is two letters exchanged or one doubled; "не" and "на", "on" and "in" are other words.
_SHORT = 3
# From this length on two letters may be wrong.
_LONG = 6
_TOO_LONG = 40  # a "word" beyond it is no word, and would take long to compare
# Words in which one letter more or less says something else.
_GUARDED = frozenset(
    [
        "no",
        "not",
        "nor",
        "now",
        "none",
        "never",
        "cannot",
        "can't",
        "don't",
        "without",
        "with",
        "within",
        "or",
        "не",
        "ни",
        "нет",
        "нету",
        "без",
        "нельзя",
        "можно",
        "или",
        "либо",
        "никогда",
        "иногда",
        "ввоз",
        "вывоз",
        "емес",
        "жоқ",
        "бар",
        "ешқашан",
        "әлде",
        "emes",
        "joq",
    ]
)
_NEGATING = re.compile(
    r"не|ни|без|бес|бей|анти|контр|экс|де|дез|про|un|in|im|il|ir|dis|non|de|mis|anti|pro|ex|beı|bei"
)
# Kazakh says "not" inside the word: барды, бармады; барады, бармайды; барар, бармас.
_KAZAKH_NOT = (
    (re.compile(r"[мбп][ае]|[mbp][ae]"), ("",)),
    (re.compile(r"[мбп]([ае])й|[mbp]([ae])[ıiy]"), ("а", "е", "a", "e")),
    (re.compile(r"[мбп][ае]с|[mbp][ae]s"), ("ар", "ер", "ar", "er")),
)


def slip(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether words in a row were only spelled otherwise: letter case, joined or split words, one or two letters.

    Two letters only in words of six and more that begin alike, one in words of four and more (a name
    among them: one letter of a name counts as spelling). Never where a negation comes or goes, or a
    number word, month or day becomes another.
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
    guarded = {one, other} & _GUARDED
    if len(guarded) == 2 or any(len(word) <= _SHORT + 1 for word in guarded):
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
    """Letters to insert, drop, replace or exchange with their neighbour; 3 stands for more than two."""
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
