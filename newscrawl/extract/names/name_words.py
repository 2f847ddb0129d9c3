"""Words around names in bylines, by language: joining words, labels, roles, residue. Tables and patterns made from them."""

from __future__ import annotations

import re

# Between two names. Words of one letter or that also occur inside names ("Ortega y Gasset") are in WEAK_AND.
AND = re.compile(
    r"\s*(?:;|\||\s/\s|/(?=[^\W\d_])|&|\n|•|\s·\s|、|，|\s\+\s)\s*"
    r"|,?\s+(?:and|und|et|og|och|та|және|мен|бен|пен|jäne|jane|ve|va|və|oraz|és|și|si|και|và|dan|और|with|mit|avec|met|και|sowie|samt)\s+"
    r"|,?\s+(?:And|AND|Und|UND|Et|ET|With|Mit|Avec|OG|VE|И|ЖӘНЕ)\s+|\s+و\s?(?=[\u0621-\u064a]{3})",
)
WEAK_AND = re.compile(r",?\s+(?:y|e|i|и|й|і|a|en|ja|с|con|Y|E|EN)\s+")
ROLE_INSIDE = re.compile(
    r"[,;.]?\s*\b(?P<words>photos?(?:graphs?|graphy)? by|photographs? (?:by|von)|photos?:|with photographs by|foto(?:s)?(?: von| di| de)?:"
    r"|fotos? von|fotografie[ën]?:|zdjęcia:|fotografía de|photos? de|photographies de|bilder:"
    r"|фото:|фото —|фотограф:?|сурет:|суретті түсірген:?|translated by|перевод:|переклад:|аударған:?|traducción de|übersetzung:|edited by"
    r"|illustrations? by|редактор:?|video by|videography by|відео:|видео:)\s*",
    re.IGNORECASE,
)
PREFIX = re.compile(
    r"^[\W_]{0,3}(?:original authors?|story by|written by|words by|words|text by|reporting by|reported by|report by|posted by|published by|by|автор(?:ы)?"
    r"(?: текста| материала| статьи)?|текст|тексту?|авторы|автори|автордың аты(?:-жөні)?|мәтін|autor(?:in|en|es|a)?|auteurs?|autore|autori|authors?"
    r"|avtor|tekst|analysis by|opinion by|interview by|interview|ein gastbeitrag von|gastbeitrag von|ein kommentar von|kommentar von"
    r"|eine analyse von|(?:aus \S+ )?berichtet|una cronaca di|a cura di|texto de|texte de|texte|texto|geschrieben von|escrito por|écrit par|publié par"
    r"|publicado por|scritto da|pubblicato da|geschreven door|napisał[ao]?|skrevet av|skrevet af|skriven av|γράφει (?:ο|η)|από (?:τον|την|τη)|του|της|yazan|oleh|penulis"
    r"|yazar|nga|muallif|müəllif|tác giả|बाय|द्वारा|کاتب|كتب[ت]?|بقلم|нависа[лв]|запис(?:ал|ала|ав)|беседовал[аи]?|подготовил[аи]?|підготува(?:в|ла|ли)"
    r"|an analysis by|exclusive by|review by|reviewed by|(?:view )?(?:all |more )?(?:posts|articles|stories|entries|from|work) (?:by|from)"
    r"|more from|more by|más artículos de|ver más artículos de|plus d['’]articles de|(?:weitere|alle|mehr) (?:artikel|beiträge)? ?von"
    r"|все (?:материалы|статьи|публикации) (?:автора)?|отзывы|文/图|撰文|作者|文|記者|记者|本报记者|本報記者|责编|责任编辑|編輯|编辑|采写|撰稿)"
    r"(?:\s*[:：|｜]\s*|(?<=[\u3400-\u9fff])\s*|\s+)",
    re.IGNORECASE,
)
# Also parts of surnames ("De Niro", "von der Leyen"): only before two capitalised words.
SHORT_PREFIX = re.compile(
    r"^(?:von|par|por|door|di|de|av|af|af|od|przez|przygotował|da)\s*:?\s+(?-i:(?=[^\W\d_a-zа-я]\S*\s+\S))",
    re.IGNORECASE,
)
_KIND = (
    r"(?:(?:senior|staff|chief|lead|special|guest|contributing|political|politics|foreign|national|business|economics?|finance|financial|sports?|science|health|tech"
    r"|technology|culture|arts|world|local|city|crime|education|environment|climate|energy|food|travel|music|film|tv|royal|consumer|features?|digital"
    r"|deputy|managing|executive|associate|assistant|international|diplomatic|security|defen[cs]e|legal|investigative|investigations|freelance|former|our"
    r"|media|data|news|video|breaking|content|show|audience|community|general|registered|hub|european|africa|asia|europe|us|uk|white house|middle east"
    r"|главный|старший|специальный|собственный|наш|внештатный|політичний|бас|арнайы|меншікті)\s+){0,4}"
)
_ROLE = (
    r"(?:correspondent|reporter|journalist(?:in)?|editor(?:-in-chief| in chief| at large)?|writer|columnist|contributor|producer|author"
    r"|director|analyst|photographer|critic|blogger|presenter|anchor|host|bureau chief|strategist|dietitian|nutritionist|trainee|intern"
    r"|(?:chef)?redakteur(?:in)?|volontär(?:in)?|korrespondent(?:in|ka)?|reporterin|journaliste|rédacteur|rédactrice|periodista|redactora?"
    r"|corresponsal|giornalista|inviato|redattore|jornalista|repórter|redacteur|verslaggever|dziennikar(?:z|ka)|redaktor(?:ka)?|muhabir[i]?"
    r"|корреспондент|кореспондент(?:ка)?|журналист(?:ка)?|журналіст(?:ка)?|обозреватель|оглядач|редактор(?:ка)?|спецкор|собкор|тілші(?:сі)?|журналисі|автор|колумнист(?:ка)?"
    r"|шеф-редактор|главред|кабарчы|muxbir(?:i)?|müxbir(?:i)?)"
)
TITLES = re.compile(
    rf"(?:,\s*|^)staff$|(?:^|[\s,(|–—-]+){_KIND}{_ROLE}(?:\s+(?:and|&|at|for|of|in|on|bei|der|des|von|chez|de|del|отдела|редакции|по|в)\s+.{{0,60}})?$",
    re.IGNORECASE,
)
LEADING_ROLE = re.compile(
    r"^(?:(?:от|наш|our|staff|senior|chief|special|freelance|freier?|unser)\s+)?(?:rechtsanw(?:alt|ältin)|reporter(?:in)?|journalist(?:in|e|ka)?|redakteur(?:in)?"
    r"|correspondent|korrespondent(?:in)?|columnist|staff writer|writer|корреспондент|кореспондент|журналист(?:ка)?|журналіст(?:ка)?|редактор|обозреватель"
    r"|спецкор|собкор|тілші|журналисі|автор|dziennikarz|redaktor|periodista|giornalista|jornalista|muhabir|wartawan|reporter)\s+(?-i:(?=[^\W\d_a-zа-я]\S*\s+\S))",
    re.IGNORECASE,
)
NOISE = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+\.\w+|@\w{2,}|\((?:[^()]{0,60})\)|\[[^\[\]]{0,60}\]|<[^<>]{0,100}>",
    re.IGNORECASE,
)
# What may follow a name in the same line: a date, an update, links of its box, the outlet.
TAIL = re.compile(
    r"(?:\s*[,|•·–—-]\s*|\s*)(?:\b(?:on|am|le|last updated|updated|published|publié|publicado|veröffentlicht|aktualisiert|actualizado|mis à jour|pubblicato|aggiornato"
    r"|posted|gepubliceerd|opublikowano|aktualizacja|опубликовано|обновлено|оновлено|опубліковано|жарияланды|жаңартылды|follow(?: us)?|reading time"
    r"|more from|mehr von|view (?:all|profile|bio)|see (?:all|more)|read more|all posts|share|contact|e-?mail|bio|subscribe|register|sign up|log ?in|min read"
    r"|все (?:статьи|материалы)|подписаться|last modified|page|cet|stand)\b.{0,80}"
    r"|\d{1,2}[./:\s-]\S.{0,40}|\d{1,2}\s?(?:min|mins|minutes|hours?|h|ago)\b.{0,40}|(?:19|20)\d\d[-./年].{0,40}"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w{0,6}\.? \d{1,2},? .{0,20})$",
    re.IGNORECASE,
)
FOR_OUTLET = re.compile(
    r"\s+(?:for (?:the |The )?[A-Z]\S.{1,40}|For (?:The )?[A-Z]\S.{1,40}|FOR THE .{2,40}|special to .{2,40}|Special to .{2,40}|reports? (?:from|for) .{2,40}|in [A-Z]\S{2,20}"
    r"|(?:для|специально для) .{2,40}|aus [A-ZÄÖÜ]\S{2,20}|à [A-Z]\S{2,20}|, [A-ZÄÖÜ]\S{2,20})$"
)
# What stands behind a name after a comma and is no name: a post, a degree, a department, a firm. So is all that follows it.
POST = re.compile(
    r"(?<!\w)(?:(?:vice|deputy|assistant|associate|co)?[ -]?(?:president|director|chair(?:man|woman|person)?|manager|secretary|minister|founder|dean|head|principal)"
    r"|c[eft]o|professor|lecturer|fellow|scholar|researcher|scientist|economist|attorney|lawyer|officer|senator|governor|mayor|partner|owner|expert"
    r"|consultant|specialist|coordinator|division|department|office|ministry|holdings?|college|school|center|centre|council|commission|bank|corp(?:oration)?"
    r"|президент|директор|руководитель|глава|начальник|министр|депутат|эксперт|юрист|адвокат|профессор|доцент|экономист|политолог|учредитель|основатель"
    r"|управляющий|заместитель|кандидат|доктор|отдел|департамент|министерство|директоры|төрағасы|басшысы|сарапшы(?:сы)?|заңгер|профессоры|депутаты"
    r"|geschäftsführer(?:in)?|direktor(?:in)?|professeur|directeur|directrice|directora?|profesora?|presidente|direttore)(?!\w)",
    re.IGNORECASE,
)
# Whole bylines of a newsroom without a person.
NEWSROOM = re.compile(
    r"^(?:от |наша |the |our |die |la |le |eine? )?(?:редакци[яи]|редакция алқасы|редколлегия|служба новостей|отдел новостей|newsroom|news ?desk|editors|editorial (?:staff|team|board)|staff"
    r"|redaktion|rédaction|redacción|redação|redazione|redakcja|redakce|redaksiya\w*|redakciya|redaktsiya|toimitus|redactie)(?: [^\d\s][^\d]{0,40})?$"
    r"|^\S.{0,40}[ -](?:staff|newsroom|news ?desk|news team|editorial team|редакциясы|redaktion)$",
    re.IGNORECASE,
)
# A role in brackets behind a name.
BRACKETED_TEXT = re.compile(
    r"\s*[(\[]\s*(?:текст|тексты?|автор|слова|мәтін|text|words|story|writing|report(?:ing)?|texte|texto|testo)\s*[)\]]",
    re.IGNORECASE,
)
BRACKETED_PICTURES = re.compile(
    r"\s*[(\[]\s*(?:фото(?:графии|граф)?|снимки|сурет(?:тер)?|photos?|photograph(?:y|er|s)|pictures?|images?|fotos?|fotografie|bilder|photographies?"
    r"|fotografía|fotografia)\s*[)\]]",
    re.IGNORECASE,
)
BRACKETED_OTHERS = re.compile(
    r"\s*[(\[]\s*(?:together )?(?:with|mit|avec|con|com|met|med|при участии|при содействии|совместно с|вместе с)\s+(?P<names>[^()\[\]]{3,120})[)\]]",
    re.IGNORECASE,
)
# What parts a date from the name behind it: "Monday 2 March 2026 10:05 by A B".
BEHIND_DATE = re.compile(r"[\s,|·•–—-]+(?:by|von|par|por|di|door|av|af|автор:?|от)\s+(?=\w)", re.IGNORECASE)
# A name and the agency behind it, run together: "Ada PenroseECHONEWS".
GLUED = re.compile(r"(?<=[a-zа-яё]{3})[A-ZА-ЯЁ]{3,}$")
# Japanese, Chinese and Korean: what follows the name.
CJK_TAIL = re.compile(
    r"\s*(?:／|/|｜|\|)\s*\S{1,12}(?:報導|报道|報道)$|\s*(?:记者|記者|編集委員|編集部|ライター|さん|氏|기자|특파원|인턴기자|선임기자|논설위원|报道|報導|摄|攝)+\s*[=＝]?$"
)
CJK_LABEL = re.compile(
    r"^(?:记者|記者|本报记者|本報記者|新华社记者|通讯员|责编|责任编辑|编辑|編輯|作者|采写)\s*[:：|｜]?\s*"
)
# Words that no name contains: residue of menus and boxes.
NO_NAME = re.compile(
    r"(?<!\w)(?:weitere|beiträge|quellen|geschrieben|read(?:ing)?|register|login|follow|more|share|comments?|subscribe|newsletter|articles?|stories|updated"
    r"|published|posted|minutes|min|all|the|our|your|this|that|with|from|about|click|here|view|photo|photos|image|source|sources|copyright|advertisement"
    r"|подробнее|читать|подписаться|поделиться|комментарии|источник|фото|новости|сегодня|вчера|бүгін|кеше|толығырақ|today|yesterday|ago|breaking"
    r"|latest|text|size|font|print|listen|save|skip|toggle|close|open|home|menu|search|contact|exclusive|opinion|analysis|explainer|podcast|live|gallery|tags?|category|categories|section|topic|related"
    r"|artículos|artikel|articoli|noticias|notizie|actualités|aktualności|leer|lire|leggi|lesen|lees|czytaj|ver|mehr|plus|más|was|is|are|were|has|have)(?!\w)",
    re.IGNORECASE,
)
PARTICLES = {"von", "van", "de", "der", "den", "di", "da", "do", "das", "del", "della", "la", "le", "el", "al", "bin", "ibn", "ben", "bint", "dos",
              "du", "ter", "ten", "zu", "zur", "zum", "y", "e", "st", "mac", "af", "av", "ул", "қызы", "ұлы", "оглы", "кызы", "углы", "uulu", "уулу",
              "uly", "qyzy", "kyzy", "oglu", "oğlu", "qizi", "o‘g‘li", "i", "dr", "jr", "sr", "ii", "iii", "het", "'t", "in", "op", "und", "zi", "ap"}  # fmt: skip
SUFFIXES = {
    "jr",
    "jr.",
    "sr",
    "sr.",
    "ii",
    "iii",
    "iv",
    "phd",
    "ph.d.",
    "ph.d",
    "md",
    "m.d.",
    "rd",
    "mba",
    "esq",
    "esq.",
}
# A role, a desk or "the editors" in place of a name.
ROLE_ALONE = re.compile(
    r"^(?:от )?(?:редакци[яи]|наша редакция|staff(?: (?:report(?:er|s)?|writers?))?|(?:our )?(?:newsroom|news ?desk)"
    r"|(?:the )?editors|редакция алқасы|редакциядан|тілші(?:міз)?|меншікті тілші(?:міз)?|біздің тілші|наш корр?\.?|соб\.? ?корр?\.?"
    r"|корреспондент|журналист|собственный корреспондент|наш корреспондент|reporter|correspondent|staff correspondent"
    r"|redaksiya|redakciya|редколлегия|пресс-служба|служба новостей|отдел новостей|лента новостей редакции)$",
    re.IGNORECASE,
)
