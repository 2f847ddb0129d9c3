"""Phrases that news pages print around an article, by language, as tables and patterns made from them."""

from __future__ import annotations

import re
from functools import lru_cache

# Lines that only point to another article.
_READ_ALSO = (
    # English
    "read also", "also read", "read more", "see also", "read next", "read:", "more:", "related:", "recommended:",
    "don't miss", "more on this", "related article", "related post", "see more:", "for more stories like this", "further reading", "watch:", "watch also", "listen:", "also see",
    # Russian, Ukrainian, Belarusian, Bulgarian
    "читайте также", "читать также", "читайте ещё", "читайте еще", "читайте:", "смотрите также", "подробнее:", "по теме:",
    "ещё по теме", "еще по теме", "новости по теме", "материалы по теме", "читайте подробнее", "ранее мы писали:",
    "читайте на тему", "читайте далее", "читайте по теме", "читайте в тему", "читайте материал", "см. также", "фото по теме",
    "читайте також", "читати також", "чытайце таксама", "прочетете още", "вижте още", "прочитајте и",
    # Kazakh, Kyrgyz, Uzbek, Azerbaijani, Turkish
    "тағы оқыңыз", "тағы да оқыңыз", "оқи отырыңыз", "сондай-ақ оқыңыз", "оқыңыз:", "тақырып бойынша:", "осы тақырыпта:",
    "тағы қараңыз", "сонымен қатар оқыңыз", "taǵy oqyńyz", "tağy oqyñyz", "tagy oqynyz", "ағымдағы тақырып:",
    "дагы окуңуз", "ошондой эле окуңуз", "шунингдек ўқинг", "shuningdek o'qing", "həmçinin oxuyun", "ayrıca okuyun",
    "bunu da oxuyun", "ilgili haber",
    # German, Dutch, Scandinavian
    "lesen sie auch", "lesen sie mehr", "lesen sie hier", "lies auch", "auch interessant", "mehr zum thema",
    "mehr dazu", "siehe auch", "zum thema:", "lees ook", "lees meer", "bekijk ook", "les også", "les mer:", "läs också",
    "läs även", "läs mer:", "læs også", "lue myös", "saa også",
    # Romance
    "lire aussi", "à lire aussi", "a lire aussi", "à lire également", "lire également", "voir aussi", "sur le même sujet",
    "lea también", "lee también", "leer también", "le puede interesar", "te puede interesar", "ver también",
    "más información:", "leia também", "leia mais", "veja também", "saiba mais", "leggi anche", "leggi tutto",
    "ti potrebbe interessare", "citește și", "citeste si", "citiți și", "vezi și",
    # Central European
    "czytaj także", "czytaj też", "czytaj więcej", "zobacz także", "zobacz też", "przeczytaj także", "čtěte také",
    "přečtěte si také", "čítajte aj", "prečítajte si", "olvasd el", "kapcsolódó cikk", "pročitajte i", "čitajte još",
    "preberite tudi", "lasi arī", "skaitykite taip pat", "loe ka", "διαβάστε επίσης", "διαβάστε ακόμα",
    # Asian
    "baca juga", "simak juga", "lihat juga", "xem thêm", "đọc thêm", "อ่านเพิ่มเติม", "यह भी पढ़ें", "ये भी पढ़ें",
    "اقرأ أيضا", "اقرأ أيضاً", "بیشتر بخوانید", "קראו גם", "延伸閱讀", "延伸阅读", "相关阅读", "更多：", "関連記事", "あわせて読みたい",
    "관련기사",
)  # fmt: skip
READ_ALSO = re.compile(r"^[\W_]{0,6}(?:" + "|".join(re.escape(p) for p in _READ_ALSO) + ")", re.IGNORECASE)

# Whole lines about sharing, subscribing, printing, counters, comments, registration, cookies.
_FURNITURE = (
    (r"(?:share|поделиться|бөлісу|бөлісіңіз|ulashish|paylaş|поширити)\W{1,4}(?:(?:vk|вк|вконтакте|ok|одноклассники|facebook|twitter|x|telegram|whatsapp"
    r"|viber|instagram|linkedin|e-?mail)\W{0,4}){1,9}"),
    r"share(?: this)?(?: article| story| post| page)?(?: (?:on|via|with) .{1,40})?", r"share this.{0,40}", r"copy link",
    r"(?:link )?copied.{0,20}", r"print(?: this)?(?: page| article)?", r"e-?mail(?: this)?(?: article)?", r"facebook",
    r"twitter", r"x", r"telegram", r"whatsapp", r"vk", r"вконтакте", r"одноклассники", r"linkedin", r"instagram", r"youtube",
    r"tiktok", r"view all(?: news)?", r"all news", r"show more", r"load more", r"see more", r"read more", r"more",
    r"advertisement", r"advertising", r"ad", r"sponsored", r"реклама", r"жарнама", r"anzeige", r"werbung", r"publicité",
    r"publicidad", (r"\d[\d\s.,]*(?:k|тыс\.?)? ?(?:views?|просмотр\w{0,3}|қаралым|көрілім|рет қаралды|reads?|comments?"
    r"|комментари\w{0,3}|пікір|shares?|likes?)"), (r"(?:views?|просмотр(?:ов|ы)?|көрілім|қаралым|қаралды|оқылды|прочитано)"
    r"\W{0,4}\d[\d\s.,]*(?:раз|рет)?"), r"cover", r"обложка", r"мұқаба",
    r"(?:подписывайтесь|подпишитесь|следите за|жазылыңыз|оқыңыз бізді|subscribe|sign up|follow us|join us|join our)\b.{0,160}",
    r"(?:біздің |telegram[- ]|телеграм[- ])?(?:арнамызға|каналымызға|парақшамызға|парақшаларымызға) (?:жазыл|тіркел|қосыл)\w{0,8}.{0,160}",
    r"(?:наш|біздің|our) (?:telegram|телеграм).{0,80}", r"(?:\d{1,7}\s?)?поделиться(?: .{0,40})?", r"(?:\d{1,7}\s?)?бөліс(?:у|іңіз)?(?:\s?\d{1,7})?", r"(?:\d{1,7}\s?)?shares?(?:\s?\d{1,7})?", r"поделитесь.{0,60}",
    r"бөлісіңіз.{0,40}", r"(?:все|барлық) (?:новости|жаңалықтар)", r"смотреть все", r"посмотреть все", r"барлығын көру",
    r"барлығы", r"толығырақ", r"подробнее", r"показать ещё", r"показать еще", r"читать далее", r"версия для печати",
    r"распечатать", r"скопировать ссылку", r"ссылка скопирована", r"нашли ошибку.{0,160}", r"если вы нашли ошибку.{0,160}",
    r"қате тапсаңыз.{0,160}", r"found an? (?:error|mistake|typo).{0,160}", r"spotted an? (?:error|mistake|typo).{0,160}",
    r"(?:we|this (?:web)?site|our (?:web)?site|by (?:using|continuing).{0,60}) (?:uses?|to the use of|our use of) cookies.{0,300}",
    r"(?:мы|(?:наш|этот|данный)? ?(?:сайт|портал)|продолжая.{0,80}) использу\w{1,6} (?:файлы )?(?:cookie|куки).{0,300}",
    r"(?:біз|біздің сайт|сайт|портал|бұл сайт)\w{0,4} (?:\S+ ){0,12}(?:cookie|куки)\S{0,12} .{0,300}",
    r"(?:оставаясь (?:здесь|на сайте)|by staying here|by using this site|осында қал\S+|сайтта қал\S+).{0,200}",
    r"(?:ru|kz|en|kk|рус|қаз|каз|eng|qaz)(?:\s*[|/·•]\s*(?:ru|kz|en|kk|рус|қаз|каз|eng|qaz)){1,3}",
    r"(?:google news|дзен|яндекс[. ]дзен|zen)", r"add .{1,30} as (?:a )?preferred source.{0,40}",
    r"(?:©|\(c\)|copyright).{0,160}", r"все права защищены.{0,160}", r"барлық құқықтар қорғалған.{0,160}",
    r"all rights reserved.{0,160}", r"your browser (?:does not|doesn.t) support.{0,80}", r"your email address will not be.*",
    r"leave a (?:comment|reply)", r"оставить комментарий", r"пікір қалдыру", r"listen to (?:this )?(?:article|story)",
    (r"(?:фото|видео|скриншот|кадр|иллюстрация|изображение|сурет|бейне|photo|image|screenshot|video)(?: видео| из видео| бейнеден)?"
    r"(?: из| с| from|:)? ?(?:соцсетей|соцсети|социальных сетей|открытых источников|открытого источника|архива|интернета|видео"
    r"|the internet|social (?:media|networks)|open sources|(?:the )?(?:video|archive)|әлеуметтік желі\w*|ашық дереккөз\w*)?"),
    r"(?:иллюстративное|архивное|стоковое|тематическое) (?:фото|изображение)", r"фото (?:носит )?иллюстратив\S+(?: характер)?",
    r"(?:иллюстрациялық|көрнекі|мұрағаттық) (?:сурет|фото)", r"(?:illustrative|stock|file|archive|illustration) (?:photo|image|picture)",
    r"(?:әлеуметтік желіден(?: алынған)?|ашық дереккөзден(?: алынған)?|бейнеден|видеодан) (?:алынған )?(?:сурет|скриншот|кадр)",
    (r"(?:envato )?elements(?:\.envato\.com)?|freepik(?:\.com)?|unsplash(?:\.com)?|pixabay(?:\.com)?|pexels(?:\.com)?"
    r"|shutterstock(?:\.com)?|depositphotos(?:\.com)?|istock(?:photo)?(?:\.com)?|getty images|adobe stock|коллаж|collage"),
    r"\d{1,2}[- ]min(?:ute)?s? read", r"время чтения.{0,30}", r"reading time.{0,30}", r"оқу уақыты.{0,30}",
    r"lesedauer.{0,30}", r"\(?(?:source|quelle|источник|дереккөз)\s?: ?\S+(?: \S+){0,3}\)?", r"\S+@\S+\.\w{2,6}",
    r"externer inhalt", r"skip advertisement", r"story continues below.{0,40}", r"article continues (?:after|below).{0,40}",
    # Contacts, newsletters, paid links: whole lines in which the outlet speaks of itself.
    (r"(?:reach (?:the reporters?|him|her|them)|write to \S+(?: \S+){0,4} at|email (?:the (?:author|reporter|writer)|him|her) at|follow \S+(?: \S+){0,4} on"
     r"|contact (?:the (?:author|reporter|writer)|\S+ \S+ at)|send (?:us )?(?:your )?(?:tips|stories)|get in touch with (?:our|us|the) )\b.{0,160}"),
    r"listen to this (?:article|story|post).{0,40}", r"(?:there was|an) error(?: has)? occurred.{0,60}please try again.{0,20}", r"story highlights?",
    r"(?:рубрика|раздел|категория|айдар|бөлім|санат)\s?: .{1,60}", r"tags?: .{0,160}", r"теги:.{0,160}", r"тегтер:.{0,160}", r"тег:.{0,160}", r"topics?: .{0,160}", r"<!--.{0,300}",
)  # fmt: skip
FURNITURE = re.compile(r"[\W_]{0,4}(?:" + "|".join(_FURNITURE) + r")[\W_]{0,4}")
# The same with a phrase anywhere in the line, which costs a search from every character: each with words that it has.
_WITHIN = (
    (("certificate of registration", "свидетельств", "есепке қою", "куәлі"),
     (r".{0,80}(?:certificate of registration|свидетельств\w{0,3} о (?:регистрации|постановке)|есепке қою|тіркеу(?:ге)? "
     r"(?:алу )?(?:туралы )?куәлі\w{0,4}|куәлі\w{0,4}).{0,80}(?:№|\bno\b|kz\d).{0,160}")),
    (("құпиялылық ",),
     r"(?:\S+ ){0,8}құпиялылық (?:ереже|саясат|шарт)\w{0,8} (?:\S+ ){0,4}\w+(?:сыз|сіз|ңыз|ңіз)\b.{0,60}"),
    (("newsletter", "рассылк", "бюллетен", "ақпараттық хат"),
     (r"(?=.{0,200}(?:newsletters?|рассылк\w|бюллетен\w|ақпараттық хат\w*))(?=.{0,200}\b(?:sign(?:ing)? up|subscrib\w+|our|your inbox|get (?:daily|the)|abonn\w+|abonnez"
     r"|inscri\w+|suscr\w+|assin\w+|iscriv\w+|anmeld\w+|zapisz\w*|jetzt|подпи(?:ш|с)\w+|наш\w*|жазыл\w+|біздің|bültenimiz\w*|odebír\w+))\S+(?: \S+){0,21}")),
    (("may earn", "may receive", "may get"),
     r".{0,200}\b(?:we|\w+) may (?:earn|receive|get) (?:a |an )?(?:small )?(?:affiliate )?(?:commissions?|share of the sale)\b.{0,120}"),
    (("-->",), r".{0,300}-->"),
)  # fmt: skip
FURNITURE_WITHIN = re.compile(r"[\W_]{0,4}(?:" + "|".join(p for _, p in _WITHIN) + r")[\W_]{0,4}")
_WORDS_WITHIN = tuple(word for words, _ in _WITHIN for word in words)


@lru_cache(maxsize=1024)
def is_furniture(line: str) -> bool:
    """Whether a whole line is the site's: sharing, subscribing, counters, registration, cookies."""
    low = line.lower()  # patterns without regard to case are several times slower
    if FURNITURE.fullmatch(low):
        return True
    return any(word in low for word in _WORDS_WITHIN) and FURNITURE_WITHIN.fullmatch(low) is not None


# A picture's credit as a line or after "cover".
PHOTO_CREDIT = re.compile(
    r"^(?:cover\s*)?(?:cover\s?photo|photo(?:s|graph)?(?: credit| source| by)?|image(?: credit| source)?|picture|pic|credit"
    r"|illustration|collage|video|фото(?:графия)?(?: из открытых источников)?|коллаж|иллюстрация|скриншот|кадр"
    r"|источник фото|видео|сурет(?:ті түсірген|тер)?|фотосурет|фотоколлаж|бейнекадр|skrin|foto|bild|süret|suret|imagen"
    r"|crédit photo|fotó|bilder|abb\.|grafik|снимок|screenshot|getty images|reuters file)"
    r"\s*(?:[:：©/]|\bby\b|\bvon\b|\bcourtesy\b|—|–|-\s)\s*(?P<credit>.{0,200})$",
    re.IGNORECASE,
)
COVER_CREDIT = re.compile(r"^cover\s+(?P<credit>\S.{0,60})$")

# The path from the front page as a line: "Home | Society |".
BREADCRUMB = re.compile(
    r"^(?:home|main|homepage|главная|главная страница|на главную|басты бет|башкы бет|bosh sahifa)"
    r"\s*[|/>»›→·•—–-]\s*(?P<section>[^|/>»›→·•]{2,60}?)\s*(?:[|/>»›→·•].{0,200})?$",
    re.IGNORECASE,
)

BREADCRUMB_STEP = re.compile(r"[|/>»›→·•]|\s[—–-]\s")

# Titles of pages about the site itself (contacts, terms).
SERVICE_PAGE = re.compile(
    r"^(?:(?:privacy|cookie|cookies|editorial|data protection) (?:policy|notice|statement)|terms (?:of (?:use|service)|and conditions)"
    r"|user agreement|contacts?|contact us|about(?: us| the (?:project|site|outlet|newsroom|editors)(?: and \w+ \w+)?)?|our team|imprint"
    r"|advertis(?:e|ing)(?: with us| rates.{0,30}| on the site)?|how to send a tip.{0,20}|контакты|наши контакты|о нас|о проекте"
    r"|о сайте|о редакции|об издании|редакция|реклама(?: на сайте)?|рекламодателям|политика конфиденциальности.{0,60}"
    r"|пользовательское соглашение|правила (?:использования|сайта|комментирования).{0,40}|условия использования.{0,40}"
    r"|біз туралы|біз жайлы|жоба туралы|сайт туралы|редакция туралы|редакция|байланыс(?:тар)?|байланыс мәліметтері"
    r"|құпиялылық (?:саясаты|ережесі|ережелері)|құпиялық саясаты|пайдалану (?:шарттары|ережелері|ережесі)"
    r"|(?:(?:http )?(?:error )?50\d[\s:–—-]*)?(?:internal server error|service (?:temporarily )?unavailable|bad gateway|gateway time-?out)"
    r"|we (?:value|care about|respect) your privacy|your privacy (?:choices|matters)|database error"
    r"|error establishing a database connection|внутренняя ошибка сервера|ошибка (?:сервера|базы данных)|сервис временно недоступен"
    r"|пайдаланушы келісімі|жарнама(?: беру)?|impressum|datenschutz(?:erklärung)?|mentions légales)$",
    re.IGNORECASE,
)

# Labels that name the author, and at an outlet that translates its own articles the author of the original.
BARE_AUTHOR = (
    "авторы", "автор", "автордың аты-жөні", "автордың аты", "автордың есімі", "авторлары", "авторлар",
    "avtordyñ aty", "avtordyń aty", "avtorlar", "avtory", "avtor",
)  # fmt: skip
# Byline labels: role -> wordings. Order matters inside a role: longer first.
LABELS: dict[str, tuple[str, ...]] = {
    "original author": (
        "original authors", "original author", "original by", "author of the original", "автор оригинала",
        "авторы оригинала", "оригинальный автор", "автор оригинального текста", "түпнұсқа авторы", "түпнұсқа авторлары",
        "түпнұсқаның авторы", "бастапқы авторы", "бастапқы автор", "túpnusqa avtory", "tüpnusqa avtory",
    ),
    "translator": (
        "translated by", "translation by", "translation", "translator", "перевод с английского", "перевод", "перевёл",
        "перевел", "перевела", "переводчик", "переводчица", "аударған", "аударма", "аудармашы", "тәржімалаған", "audarğan",
        "audarǵan", "audargan", "übersetzung", "übersetzt von", "aus dem englischen von",
    ),
    "photographer": (
        "photography by", "photographs by", "photographer", "photos by", "photo by", "photos", "photo", "фотограф",
        "фотографии", "фото", "фототүсірілім", "суретті түсірген", "фототілші", "сурет", "суреттер", "süret", "foto", "fotos",
    ),
    "editor": ("edited by", "editor", "editors", "editing by", "редакторы", "редактор", "өңдеген", "редакциялаған",
               "redaktor"),
    "author": (
        *BARE_AUTHOR,
        "authors", "author", "written by", "submitted by", "story by", "words by", "text by", "text", "reporting by", "reported by",
        "report by", "by", "авторы текста", "автор текста", "авторы материала", "автор материала", "автор статьи",
        "текст", "материал подготовил", "материал подготовила", "материал подготовили", "подготовил",
        "подготовила", "подготовили", "журналист", "корреспондент",
        "мәтін авторы", "мақала авторы", "мәтін", "дайындаған", "жазған", "материалды дайындаған",
        "yazan", "haber", "haberi hazırlayan", "muhabir", "yazar", "yazı", "мүәллиф", "автору", "авторлору", "muallif", "муаллиф", "жазган",
        "autorin", "autoren", "autor", "autore", "auteur", "auteurs", "tekst", "von", "par", "por", "door", "di", "av", "af",
    ),
}  # fmt: skip
# Labels so short that they only count with a colon.
_NEED_COLON = frozenset({"text", "photo", "photos", "foto", "fotos", "текст", "фото", "сурет", "суреттер", "мәтін", "editor",
                         "editors", "translation", "translator", "перевод", "author", "authors", "автор", "авторы",
                         "редактор", "tekst", "autor", "autore", "auteur", "auteurs", "autoren", "autorin", "avtor",
                         "аударма", "журналист", "корреспондент", "süret", "photographer", "фотограф", "авторлар",
                         "фотографии", "авторлары", "avtory", "avtorlar", "редакторы", "redaktor", "переводчик",
                         "переводчица", "аудармашы", "yazan", "haber", "muhabir", "yazar", "yazı"})  # fmt: skip
_ROLE_OF = {wording: role for role, wordings in LABELS.items() for wording in wordings}
_LABEL = re.compile(
    r"^[\s•·*—–\-|]{0,4}(?P<label>"
    + "|".join(re.escape(w) for w in sorted(_ROLE_OF, key=len, reverse=True))
    + r")"
    r"(?P<colon>\s*[:：]\s*|\s+[—–-]\s+|\s+)(?P<names>\S.{0,300})$",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def labelled(line: str, *, colon_only: bool = False) -> tuple[str, str] | None:
    """(role, names) of a byline such as "Original Author: Name"; None if the line has no such label."""
    match = _LABEL.match(line) if len(line) < 320 else None
    if not match:
        return None
    label, colon = match["label"].lower(), match["colon"].strip()
    if not colon and (colon_only or label in _NEED_COLON):
        return None
    return _ROLE_OF[label], match["names"].strip()


# Titles and headings of pages that say "not found" with status 200, and of challenge pages.
NOT_FOUND = re.compile(
    r"(?:^|\b)(?:404|page not found|not found|page (?:does not|doesn.t) exist|page (?:cannot|can.t|could not) be found"
    r"|(?:couldn.t|could not|can.t|cannot|didn.t|did not) find (?:that|the|this|your|a|such a) page|page you (?:requested|are looking for|were looking for)"
    r"|no longer available|article (?:was |has been )?(?:removed|deleted|not found)|(?:page|content) (?:is )?unavailable|oops"
    r"|страниц\w (?:не найден|не существует|удален)\w*|не найден[аоы]?|материал (?:удал[её]н|не найден|недоступен)"
    r"|не нашли (?:такую|эту|нужную|запрошенную) страницу|(?:материал|статья|новость|публикация|запись) снята? с (?:публикации|сайта)"
    r"|(?:публикация|статья|новость|страница) (?:больше )?недоступна"
    r"|такой страницы нет|запрашиваемая страница|(?:запись|статья|публикация) удалена|новость (?:удалена|не найдена)|ошибка 404"
    r"|бет табылмады|парақ табылмады|парақша табылмады|табылмады|мұндай бет жоқ"
    r"|(?:материал|мақала|жаңалық|жазба|парақша|бет) (?:жойылған|жойылды|табылмады|өшірілген|өшірілді)"
    r"|(?:бет|парақша|материал|мақала|жаңалық) (?:енді |қазір )?қолжетімсіз|бет жоқ|қате 404"
    r"|(?:bet|paraq|paraqsha|paraqşa|material|maqala|ja[nńñ]alyq) (?:tabylmady|tabılmadı|jo[iy]yl\w{2,3}|joıyl\w{2,3})|mu?ndai bet jo[qk]|qate 404"
    r"|seite (?:wurde )?nicht gefunden|página no encontrada|page introuvable)(?:\b|$)",
    re.IGNORECASE,
)
CHALLENGE = re.compile(
    r"just a moment|attention required|checking (?:if the site connection is secure|your browser)|verify(?:ing)? (?:that )?"
    r"you are (?:a )?human|are you (?:a )?(?:robot|human)|access denied|access to this page has been denied|ddos protection"
    r"|security check|enable javascript and cookies to continue|please enable (?:js|javascript)|unusual traffic"
    r"|please verify you are|pardon our interruption|request unsuccessful|bot verification|one more step"
    r"|проверка (?:браузера|безопасности|вашего браузера)|подтвердите,? что вы (?:не робот|человек)|вы не робот"
    r"|доступ (?:ограничен|запрещ[её]н|заблокирован)|защита от ddos|включите javascript|я не робот|один момент"
    r"|подозрительн\w+ (?:трафик|активность)|браузер(?:ді|іңізді) тексеру|робот емес(?:сіз|тігіңізді)|қол жеткізу шектел"
    r"|запросы отправляли вы,? а не робот|похоже,? вы робот|robot emes(?:siz|tig\w{2,6}) |brau[zs]eri\w{1,3} teks\w+|qauipsizdikti? tekser\w+"
    r"|қауіпсіздікті тексеру|кіруге тыйым салынған|сұрауыңыз тексерілуде|bir dakika|einen moment|un instant",
    re.IGNORECASE,
)
# Headings of pages that stand before an article: log-in, age, consent, region. Most of the heading must be the phrase.
WALL = re.compile(
    r"(?:please )?(?:sign|log) ?in(?: (?:or register|to (?:continue|read)(?: on| reading)?|required|to your account))?"
    r"|(?:create (?:a free |an )?account|register)(?: to (?:continue|read)(?: on| reading)?)?"
    r"|(?:are you (?:over|at least|older than|under) (?:16|18|21)|age (?:check|verification|confirmation|restricted)|(?:please )?(?:confirm|verify) your age"
    r"|adults only)"
    r"|before you continue(?: to [\w .]{1,40})?|(?:we (?:value|care about|respect) )?your privacy(?: (?:matters|choices|settings))?"
    r"|(?:privacy|cookie|consent) (?:settings|preferences|choices|consent)|cookies?|we use cookies|manage (?:your )?(?:cookies|consent)"
    r"|(?:this )?(?:content |page |site |article )?(?:is )?(?:not available|unavailable) in your (?:region|country|location|area)"
    r"|вход(?: (?:на сайт|в личный кабинет|в аккаунт))?|авторизация|войдите(?: в (?:аккаунт|систему)|,? чтобы (?:продолжить|читать)(?: дальше| чтение)?)?|авторизуйтесь"
    r"|вам (?:уже )?(?:есть|исполнилось) (?:18|21)(?: лет)?|(?:подтвердите (?:ваш |свой )?|проверка |подтверждение )возраст\w{0,2}|только для взрослых"
    r"|(?:мы используем )?(?:файлы )?cookies?|настройки (?:cookies?|конфиденциальности)|ваша конфиденциальность|прежде чем продолжить"
    r"|(?:материал |сайт |контент |страница )?недоступ\w{1,3} в ваше[мй] (?:регионе|стране)"
    r"|(?:сайтқа |жүйеге )?кіру|авторизациялау|сізге 18 жас (?:толды|толған) [бм]а|жасыңызды растаңыз|құпиялылық баптаулары"
    r"|(?:сіздің )?(?:аймағыңызда|еліңізде|өңіріңізде) қол ?жетім(?:сіз|ді емес)"
    r"|anmelden|einloggen|se connecter|connexion|iniciar sesión|giriş yap",
    re.IGNORECASE,
)
CHALLENGE_MARKUP = (
    "cf-challenge", "cf_chl_", "challenge-platform", "cf-browser-verification", "cf-turnstile", "__cf_chl", "cf-error-details",
    "captcha-delivery.com", "px-captcha", "perimeterx", "_incapsula_resource", "incapsula incident", "ddos-guard",
    "distil_r_captcha", "akamai-bot", "sucuri_cloudproxy", "sucuri website firewall", "datadome", "hcaptcha.com",
    "g-recaptcha", "recaptcha/api.js", "smartcaptcha", "showcaptcha", "awswaf", "aws-waf-token", "qrator", "variti",
    "servicepipe", "kill-bot",
)  # fmt: skip
PAYWALL = re.compile(
    r"subscribe to (?:continue|read|keep)|to continue reading|already a subscriber|subscribers? only|for subscribers"
    r"|this (?:article|content) is (?:only )?(?:available )?(?:for|to) (?:paying |paid )?(?:subscribers|members)"
    r"|sign in to (?:continue|read)|create a free account|unlock this article|только для подписчиков|по подписке"
    r"|чтобы (?:читать|прочитать|продолжить)|оформите подписку|доступ(?:ен|на) (?:только )?подписчикам"
    r"|толық оқу үшін|жазылушыларға (?:ғана|арналған)|жазылу (?:қажет|рәсімде)|weiterlesen mit|nur für abonnenten"
    r"|réservé aux abonnés|solo para suscriptores|abo abschließen|jetzt (?:abonnieren|weiterlesen)",
    re.IGNORECASE,
)
ORGANISATION = re.compile(
    r"\b(?:agencies|agenturen|nachrichten|ajansı|news(?:room|desk| desk| service| agency| team)?|staff|editors?|editorial|team|desk|agency|press|media|redaktion\w*"
    r"|rédaction|redacción|redação|redazione|redaktsiya\w*|redaksiya\w*|bureau|service|tv|radio|online|admin(?:istrator)?"
    r"|webmaster|correspondents?|reporters?|редакц\w+|агентств\w+|агенттіг\w*|пресс\w*|служб\w+|новост\w*|жаңалықтар|корр"
    r"|корреспондент\w*|журналист\w*|тілші\w*|реда[кc]тор\w*|портал|порталы|отдел\w*|бөлім\w*|телеканал\w*|министерств\w+"
    r"|foundation|institute|university|inc|ltd|llc|gmbh|magazine|times|guest|contributors?|company|group|network"
    r"|администратор\w*|wire|wires|reports?|journal|daily|herald|tribune|gazette|zeitung|verlag"
    r"|nachrichtenagentur|agence|agencia|agenzia|association|committee|комитет|ассоциация|студия|channel|studio)\b|\w\.(?:com|org|net|kz|ru|de|info|at|ch|fr|it|es|co|uk|tv)\b"
    r"|編集部|新聞社|通信社|記者団|编辑部|新闻社|通讯社|社$|日报$|网$",
    re.IGNORECASE,
)
# fmt: off
AGENCIES = frozenset({
    "reuters", "afp", "ap", "dpa", "bbc", "cnn", "rferl", "ria", "tass", "тасс", "риановости", "interfax",
    "интерфакс", "kazinform", "казинформ", "каzinform", "tengrinews", "azattyq", "азаттық", "азаттык",
    "kaztag", "казтаг", "sputnik", "спутник", "xinhua", "新华社", "epa", "ansa", "efe", "apa", "afpcom",
    "bloomberg", "upi", "pti", "ians", "ani", "agencefrancepresse", "associatedpress",
    "deutschepresseagentur", "thecanadianpress", "pressassociation", "pa", "sid", "belga", "anp", "ntb",
    "tt", "stt", "ритzau", "ritzau", "kyodo", "yonhap", "unian", "укринформ", "ukrinform", "turkicworld",
    "anadolu", "dw", "deutschewelle", "voiceofamerica", "radiofreeeurope", "rfi", "aap", "akipress", "24kg", "kloop", "qazinform", "nurkz", "zakonkz",
    "informkz", "ordakz",
})
# fmt: on
