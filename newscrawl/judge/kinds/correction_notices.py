"""Wordings by which newsrooms announce a correction, in several languages."""

from __future__ import annotations

import re

# Headings of a notice. They count only before a colon, dash, full stop or bracket, so that "correction
# facility" and "поправка к закону" do not match. "Updated", "Обновлено" and "Толықтырылды" are left out: they
# announce something new, not something that was wrong.
_HEADINGS = (
    r"corrections?(?: and clarifications?)?|clarifications?|corrected|erratum|errata|editor['’]?s? (?:note|correction)"
    r"|исправлени[ея]|исправлено|поправк[аи]|уточнени[ея]|уточнено|опровержение|работа над ошибками|от редакции|примечание редакции"
    r"|түзету(?:лер)?|түзетілді|түзетілген|нақтылау|нақтыланды|теріске шығару|редакциядан|редакция ескертпесі"
    r"|túzetý|tüzetu|tuzetu|naqtylaý|naqtylau|оңдоо|түзөтүү|тактоо|tuzatish|тузатиш|ислоҳ|düzəliş|düzeltme"
    r"|korrektur|richtigstellung|berichtigung|correction|correctif|corrección|rettifica"
)
_GENERAL_HEADINGS = (
    # "Editor's note" and "От редакции" introduce notices of many kinds: the text must also name a mistake.
    r"editor['’]?s? note|от редакции|примечание редакции|редакциядан|редакция ескертпесі"
)
_MISTAKE_WORDS = (
    r"\b(?:correct(?:ed|ion|s)|incorrectly|mistaken(?:ly)?|misstated|misspelled|errors?|wrongly|inaccura\w+|earlier version"
    r"|previous version|исправ\w+|ошиб\w+|неточност\w+|неверн\w+|уточн[её]н\w*|предыдущей версии|первой версии|ранней версии"
    r"|түзет\w+|қате\w*|дұрыс емес|нақтылан\w+|бұрынғы нұсқа\w*|алдыңғы нұсқа\w*)"
)
# Openings of sentences that are a notice without any heading.
_SENTENCES = (
    r"this (?:article|story|report|post|piece|item|headline|text) (?:has been|was|is) (?:\w+ ){0,3}(?:corrected|amended|revised to correct|updated to correct)"
    r"|(?:an |a |the |in (?:an? |the )?)(?:earlier|previous|original|initial|first) (?:version|edition) of (?:this|the) (?:article|story|report|post|piece|item|text|headline)"
    r"|(?:in )?(?:an |the )(?:earlier|previous|original|initial) version (?:we |it )?(?:said|stated|gave|misstated|incorrectly|wrongly|mistakenly)"
    r"|we (?:apologi[sz]e|are sorry|regret) (?:for )?(?:the|this|an|any) (?:error|mistake|inaccurac)"
    r"|(?:the )?(?:error|mistake|inaccuracy) (?:has been|was) corrected"
    r"|в (?:предыдущей|прошлой|первой|первоначальной|ранней|более ранней|исходной|изначальной|прежней|старой) (?:версии|редакции)"
    r"|в (?:первоначальном|исходном|первом|прежнем|предыдущем) варианте|ранее в (?:тексте|материале|статье|новости|заметке|публикации)"
    r"|(?:изначально|первоначально|ранее) (?:в (?:тексте|материале|статье|новости|публикации) )?(?:было |были )?(?:ошибочно|неверно|неправильно)"
    r"|в (?:тексте|материале|статье|новости|публикации|заголовке|заметке) (?:\w+ ){0,2}(?:была|были|допущен\w*|исправлен\w*|содержал\w+)(?: \w+){0,3} (?:ошибк|неточност|опечатк|допущен)"
    r"|(?:материал|текст|статья|заголовок|новость|публикация|цифра|дата|имя|ошибка|неточность|опечатка) (?:был[аио]? )?(?:исправлен\w*|скорректирован\w*|откорректирован\w*)"
    r"|(?:редакция )?(?:приносит|приносим|просит|просим) (?:свои |читателей )?(?:извинени|прощени)"
    r"|(?:мақала|мәтін|материал|жаңалық|хабар|жазба|тақырып)\w{0,6} (?:\w+ ){0,2}(?:бұрынғы|алдыңғы|алғашқы|бастапқы|ертеректегі|бірінші) нұсқа"
    r"|(?:осы |бұл )?(?:\w+ )?(?:бұрынғы|алдыңғы|алғашқы|бастапқы|бірінші) нұсқа(?:сын|сын)?да"
    r"|(?:мақала|мәтін|материал|жаңалық|хабар|тақырып|қате|қателік|дерек|сан)\w{0,6} (?:\w+ ){0,2}(?:түзетілді|түзетілген|түзету енгізілді|нақтыланды|түзетіп)"
    r"|(?:редакция |оқырман\w* |біз )*кешірім сұрай"
)
_OPENING = r"[\s\[\](){}*_•·—–\-⚠❗‼!«\"“„>]{0,6}"
_HEADED = re.compile(
    rf"{_OPENING}(?P<heading>{_HEADINGS})(?P<date>[\s,(\[]{{1,3}}[^:.\n]{{0,40}}\d[^:.\n]{{0,30}})?\s*[\])*_]{{0,3}}\s?(?:[:.!]|\s?[—–-]\s|$)",
    re.IGNORECASE,
)
_OPENS_AS_NOTICE = re.compile(rf"{_OPENING}(?:{_SENTENCES})", re.IGNORECASE)
_NEEDS_MORE = re.compile(_GENERAL_HEADINGS, re.IGNORECASE)
_MISTAKE = re.compile(_MISTAKE_WORDS, re.IGNORECASE)
_LONGEST = 1500  # a notice is a few lines


def is_notice(text: str) -> bool:
    """Whether a text (a paragraph or its last sentences) begins like a notice of correction or clarification."""
    if len(text) > _LONGEST:
        return False
    headed = _HEADED.match(text)
    if headed and (not _NEEDS_MORE.fullmatch(headed["heading"]) or _MISTAKE.search(text)):
        return True
    return _OPENS_AS_NOTICE.match(text) is not None
