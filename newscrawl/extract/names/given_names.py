"""Whether a line is only a person's name (by a table of given names), or only a role in place of a name."""

from __future__ import annotations

import re

from newscrawl.extract.names.name_words import NO_NAME, ROLE_ALONE, TITLES
from newscrawl.extract.page.lines import squash, word_count
from newscrawl.extract.text.phrases import AGENCIES, ORGANISATION

# Common given names of Kazakhstan, its neighbours and the English-speaking press, lower case. Names that are also places,
# months or common words (Victoria, Paris, May, Grace, Роза, Мир) are left out, so that a place does not become an author.
# fmt: off
_GIVEN_NAMES = (
    # Kazakh and Kyrgyz, in Kazakh and in Russian spelling
    "айгерім айгерим айгүл айгуль айдана айдар айдос айжан айнұр айнур айым алмас алмат әлия алия әсем асем асель әсел асқар аскар асан "
    "асхат азамат айбек айбар айгул айдын ақбота акбота ақмарал акмарал алмагүл алмагуль алуа аманжол амангелді аружан арман арсен асылбек "
    "ардақ ардак әсет асет әділ адиль әлібек алибек әлішер алишер бағдат багдат бақыт бакыт бақытжан бакытжан батырхан бауыржан бауржан "
    "бахыт бейбіт бейбит бекзат бекболат ботагөз ботагоз болат булат ғалым галым ғани гани гүлнәр гүлнар гульнар гульнара гүлнара гүлмира "
    "гульмира гүлжан гульжан дана данияр дархан дәурен даурен дидар динара диана дінара дінмұхамед дулат еділ едил елдос ерболат ербол ерғали "
    "ергали ержан ерік ерлан ермек ернар ерсін ерсин есен жанар жанат жандос жанна жәнібек жанибек жасұлан жасулан жұлдыз жулдыз зарина "
    "зәуре заура зейнеп индира қайрат кайрат қанат канат қуаныш куаныш қымбат кымбат ләззат ляззат лаура мадина мәдина мақсат максат мақпал "
    "макпал малика марат маржан мейрам мейрамбек мөлдір молдир мұрат мурат мұхтар мухтар нариман нұрғали нургали нұрлан нурлан нұрбол нурбол "
    "нұржан нуржан нұрсұлтан назерке назгүл назгуль назым олжас оразбек перизат рауан рүстем рустем рустам сабина салтанат самат санжар сәуле "
    "сауле сәкен сакен серік серик серікбол сымбат талғат талгат тимур толқын толкын төлеген толеген ұлан улан шолпан шынар шынгыс шыңғыс чингиз "
    "шерхан әйгерім айсұлу айсулу темірлан темирлан тұрсын турсын бексұлтан жансая жасмин дильназ дилназ аяжан инкар меруерт фариза "
    # Latin spelling
    "aigerim aigul aidana aidar aidos aizhan ainur aliya almas asel assel askar aset azamat aibek aidyn akbota arman aruzhan ardak alibek alisher "
    "bakhyt bauyrzhan bekzat botagoz bolat bulat galym gulnar gulnara gulmira dana daniyar dauren didar dinara dulat yerlan erlan yerbol yerzhan "
    "erzhan zhanar zhanat zhandos zhanibek zhasulan zhuldyz zarina indira kairat kanat kuanysh lazzat madina maksat malika marat marzhan meiram "
    "moldir murat mukhtar nariman nurlan nurbol nurzhan nazerke nazgul nazym olzhas perizat rustam rustem sabina saltanat samat sanzhar saule saken "
    "serik talgat timur ulan sholpan shynar chingiz temirlan "
    # Uzbek, Tajik, Turkmen, Azerbaijani
    "азиз бахром дильшод дилшод джамшид жамшид зафар карим мансур нодира озода отабек рахим рустамжон санобар сардор фаррух фарход хуршид шавкат "
    "шухрат умид ильхом бобур акмаль фируза мадина парвиз рахмон сафар далер манижа эльчин эльдар руфат "
    # Russian and Ukrainian
    "александр александра алексей алёна алена алина алиса алла анастасия анатолий ангелина андрей анжелика анна антон антонина аркадий артём артем "
    "артур богдан борис вадим валентин валентина валерий валерия варвара василий вера вероника виктор виталий владимир владислав вячеслав галина "
    "геннадий георгий глеб григорий дарья денис дмитрий евгений евгения егор екатерина елена елизавета жанна захар зинаида зоя иван игорь илья инна "
    "ирина карина кирилл кристина ксения лариса лев леонид лидия любовь людмила максим маргарита марина мария матвей михаил наталия наталья никита "
    "николай нина оксана олег олеся ольга павел петр пётр полина раиса роман руслан светлана семён семен сергей софия софья станислав степан тамара "
    "тарас татьяна тимофей ульяна фёдор федор эдуард эльвира эльмира юлия юрий яна ярослав рашид ринат камиль ильдар айрат "
    # English and others of the international press
    "aaron adam alan alex alexander alexandra alice alison amanda amy andrea andrew angela ann anna anne anthony barbara benjamin bethany brian bruce "
    "carl carol caroline catherine charles charlotte chris christina christine christopher claire colin craig daniel david deborah dennis diana donald "
    "dmitry edward elena eleanor elizabeth ellen emily emma eric erica evan eva fiona frank gareth gary george gordon graham gregory hannah harry "
    "heather helen henry howard hugh ian irina isabel jacob james jane janet jason jeffrey jennifer jeremy jessica joanna joe john jonathan joseph "
    "joshua judith julia julie karen kate katherine kathleen keith kelly kenneth kevin larry laura lauren leon leonard linda lisa louise lucy luke "
    "margaret maria mark martin martha mary matthew megan melissa michael michelle mike molly nancy natalia natalie nathan neil nicholas nicole nigel "
    "oliver olga pamela patricia patrick paul peter philip rachel ralph raymond rebecca richard robert robin roger ronald rosemary rupert russell ruth "
    "samantha samuel sandra sarah scott sean sharon simon sophie stanley stephanie stephen steve steven stuart susan suzanne svetlana tatiana teresa "
    "thomas timothy tom tony tracy vanessa vladimir walter wendy william zoe "
)
_GIVEN = frozenset(_GIVEN_NAMES.split())
_PLACES_AND_OFFICES = (
    "улица проспект площадь город село посёлок поселок район область республика центр парк музей театр школа дело год новый новая "
    "новое нижний нижняя верхний верхняя великий великая большой большая малый малая старый старая северный южный западный "
    "восточный святой святая король королева принц князь президент министр аким депутат судья сенатор көшесі қаласы ауылы ауданы "
    "облысы алаңы көпірі мұражайы театры мектебі даңғылы әкімі президенті министрі new old north south east west saint san santa "
    "los las lake mount fort port cape river street avenue square city county region district island university college school "
    "court house park bridge king queen prince pope president minister senator judge foundation case day show news report review"
)  # fmt: skip
_NO_PERSON = frozenset(_PLACES_AND_OFFICES.split())
# fmt: on
# Compound Kazakh given names ("Нұрсұлтанбек", "Айгүлжан"), and patronymics.
_COMPOSED = re.compile(
    r"^\w{3,}(?:жан|ғали|гали|мұрат|мурат|гүл|гуль|мырза|берген)$|^\w{2,}(?:zhan|gali|murat|bergen)$",
    re.IGNORECASE,
)  # fmt: skip
_PATRONYMIC = re.compile(
    r"^\w{3,}(?:ович|евич|овна|евна|инична|ұлы|қызы|улы|кызы|уулу|uly|qyzy|kyzy|uulu)$", re.IGNORECASE
)
_PATRONYMIC_WORD = frozenset({"ұлы", "қызы", "улы", "кызы", "уулу", "оглы", "uly", "qyzy", "kyzy", "uulu"})
_WORD = re.compile(r"^[^\W\d_]['’ʼ]?[^\W\d_]+(?:[-'’][^\W\d_]+){0,2}$")


def is_role_alone(line: str) -> bool:
    """Whether the line is a role, a desk or "the editors" without a name: "Старший корреспондент отдела …", "Staff Report"."""
    if len(line) > 90 or word_count(line) > 8 or line[-1:] in ".!?…:":
        return False
    return bool(ROLE_ALONE.match(line)) or (
        word_count(line) <= 7 and " " in line and not TITLES.sub("", line).strip(" ,|–—-")
    )


def is_signature(line: str) -> bool:
    """Whether the line is one person's name as articles are signed, also with the surname in capitals ("Dana SERIK")."""
    words = (w.capitalize() if w.isupper() and len(w) > 2 else w for w in line.split()[:4])
    return is_lone_name(" ".join(words)) and len(line) <= 50


def is_lone_name(line: str) -> bool:
    """Whether the line is clearly one person's name: two or three capitalised words, one of them a given name or a patronymic.

    A surname is not enough ("Дело Иванова"), and capitals are not either ("New York", "Нижний Новгород").
    """
    words = line.split()
    if not (2 <= len(words) <= 3 and len(line) <= 50 and all(map(_WORD.match, words))):
        return False
    lower = [w.lower() for w in words]
    cased = [w for w, low in zip(words, lower, strict=True) if low not in _PATRONYMIC_WORD]
    if not all(
        w[0].isupper() and (w[1:].islower() or "-" in w or w[1] in "'’ʼ" or w[:2] == "Mc") for w in cased
    ):
        return False
    if (
        set(lower) & _NO_PERSON
        or NO_NAME.search(line)
        or ORGANISATION.search(line)
        or squash(line) in AGENCIES
    ):
        return False
    return any(
        w in _GIVEN or _COMPOSED.match(w) or _PATRONYMIC.match(w) or w in _PATRONYMIC_WORD for w in lower
    )
