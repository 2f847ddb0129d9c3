"""Headings of readers' comments and the words of their controls, in many languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newscrawl.extract.page.lines import squash

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LONGEST_CONTROL = 60  # characters, with the white space around the words

# A heading of readers' comments: the word alone or with their number.
_COMMENT_WORDS = (
    r"(?:comments?|responses?|replies|thoughts? on .{1,200}|комментари\w{0,3}|обсуждени\w|ответ(?:а|ов)?|мнени[йея]|отзыв\w{0,3}|коментар\w{0,3}|пікір\w{0,4}|пікірлер|пикирлер|жауап\w{0,3}|discussions?|(?:ta )?(?:javob|fikr|izoh)(?:lar)?|cevap(?:lar)?|yanıt(?:lar)?|kommentare?|kommentarer"
    r"|commentaires?|comentarios?|comentários?|commenti|reacties|reactions?|komentarz\w{0,3}|komentář\w{0,2}|yorum(?:lar)?|izoh(?:lar)?|şərhlər|评论|評論|コメント|댓글)"
)
_COMMENTS = re.compile(
    rf"(?:(?P<before>\d[\d\s.,]{{0,6}})\s*{_COMMENT_WORDS}|{_COMMENT_WORDS}\s*[(:\[–—-]?\s*(?P<after>\d[\d\s.,]{{0,6}})\s*[)\]]?)\s*:?",
    re.IGNORECASE,
)
_COMMENTS_ALONE = frozenset(
    map(squash, ("comments", "leave a comment", "leave a reply", "комментарии", "пікірлер", "пікір қалдыру", "пікір жазу", "пікір қосу", "izoh qoldirish", "fikr bildirish", "yorum yap", "yorum yaz", "комментировать", "kommentare", "commentaires", "comentarios",
                 "оставить комментарий", "добавить комментарий", "reader comments", "yorumlar", "коментарі", "komentarze"))
)  # fmt: skip
# Headings that are as often those of a part of the text: the form or the dates of the comments must follow.
_COMMENTS_PERHAPS = frozenset(
    map(squash, ("discussion", "join the discussion", "replies", "responses", "reactions", "reader reactions", "what do you think", "обсуждение", "отзывы",
                 "мнения читателей", "ответы", "обсудить", "что думаете", "талқылау", "пікір", "жауаптар", "оқырман пікірі", "izohlar", "fikrlar", "javoblar",
                 "yorum", "tartışma", "cevaplar", "diskussion", "reaktionen", "réactions", "reacciones"))
)  # fmt: skip
# What the control says by which a reader answers another one.
ANSWERS = frozenset(
    ("reply", "ответить", "жауап беру", "жауап жазу", "жауап қайтару", "javob berish", "javob yozish", "yanıtla", "yanitla", "cevapla", "cavabla", "жооп берүү",
     "antworten", "répondre", "responder", "rispondi", "odpowiedz", "відповісти", "beantwoorden", "svara", "svar", "vastaa", "回复", "返信", "답글")
)  # fmt: skip


_CONTROL_TAGS = frozenset({"a", "button", "span", "div"})


def answers(element: HtmlElement) -> bool:
    """Whether an element is the control by which a reader answers another one."""
    text = element.text if element.tag in _CONTROL_TAGS else None
    if not text or len(text) > LONGEST_CONTROL:
        return False
    return text.strip().casefold() in ANSWERS


def heads(text: str) -> bool | None:
    """Whether a line is a heading of comments; None if it may be one or that of a part of the text."""
    key = squash(text)
    if key in _COMMENTS_PERHAPS:
        return None
    return bool(_COMMENTS.fullmatch(text)) or key in _COMMENTS_ALONE
