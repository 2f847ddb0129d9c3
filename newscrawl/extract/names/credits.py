"""Lines that credit without a label: "Name, photo by Name" and "Name, correspondent of an outlet". Decides by form alone."""

from __future__ import annotations

import re

_WORD = r"[A-ZА-ЯЁӘҒҚҢӨҰҮҺІÁÄÖÜŞÇĞİÑŞĠÓÚÝ][\w'’ʼ-]*\.?"
_NAME = rf"{_WORD}(?: {_WORD}){{1,3}}"
_NAMES = rf"{_NAME}(?:(?:, | and | и | және | & ){_NAME}){{0,3}}"
_PAIR = re.compile(
    rf"^(?P<writers>{_NAMES})\s*[,;|–—-]\s*(?i:photos?(?: by)?|photographs by|pictures by|фото|фотографии|сурет(?:тер)?"
    rf"|суретті түсірген|суретке түсірген|süret|foto)\s*:?\s+(?P<pictures>{_NAMES})\s*\.?$"
)
_TITLED = re.compile(
    rf"^(?P<writers>{_NAME})\s*[,–—-]\s*(?:(?i:собственный|собкор|специальный|special|staff|own|senior|меншікті|арнайы|наш|our)\s+)?"
    r"(?:(?i:correspondent|reporter|journalist|корреспондент|журналист|обозреватель|спецкор|собкор|тілші)"
    r"(?:,?\s+(?:of |at |for )?\S{1,30}(?: \S{1,20})?)?|(?:\S{2,30} )?(?i:тілшісі|журналисі|меншікті тілшісі))\s*\.?$"
)


def unlabelled(line: str) -> tuple[tuple[str, str], ...]:
    """(role, names) of each part of a credit line that has no label in front; empty if the line is none.

    "A B, photo by C D" -> (author, "A B"), (photographer, "C D"); "A B, correspondent of Orda.kz" -> (author, "A B").
    """
    if not 8 < len(line) < 160:
        return ()
    if match := _PAIR.match(line):
        return ("author", match["writers"]), ("photographer", match["pictures"])
    if match := _TITLED.match(line):
        return (("author", match["writers"]),)
    return ()
