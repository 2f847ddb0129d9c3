"""The dozen hand-written pieces with scripted edits, removals and returns."""

from __future__ import annotations

from dataclasses import dataclass

from newscrawl.demo.pieces import Manner
from newscrawl.model import ChangeKind as Kind

# (day, hour, minute) in the outlet's own time; day 1 is the Monday the history begins.
When = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of a piece. `drop` is the number of a paragraph to remove, counted from 0."""

    at: When
    kinds: tuple[Kind, ...]
    title: str | None = None
    replace: tuple[str, str] | None = None
    append: str | None = None
    drop: int | None = None
    byline: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """One piece and what happens to it. A line of `text` is a paragraph; ">" starts a quote."""

    name: str
    edition: str
    at: When
    section: str
    tags: tuple[str, ...]
    title: str
    text: str
    subtitle: str | None = None
    byline: bool = True
    edits: tuple[Edit, ...] = ()
    away: tuple[When, When | None, Manner] | None = None


SCRIPTS: tuple[Script, ...] = (
    Script(
        name="typo",
        edition="en",
        at=(2, 8, 40),
        section="culture",
        tags=("music", "children"),
        title="Children's orchestra of Samalqala looks for {n} bows before its concert",
        text="""
The children's orchestra of Samalqala needs {n} violin bows before its spring concert, and it is asking
  the whole city for help.
The old bows were made for grown-up players and have lost most of their hair. A workshop in {place} has
  agreed to repair {k} of them, but horsehair of the right length is scarse at this time of year.
> A child can forgive a bad violin, but nobody forgives a bad bow,
said {who}, who has led the orchestra since it was founded in a school corridor.
The programme has three folk melodies and one new piece, written by the players themselves. In it the
  cellos imitate a goods train that stops at every station.
Bows can be brought to the house of culture every day until seven in the evening. Entry to the concert is
  free.
""",
        edits=(Edit((2, 12, 10), (Kind.BODY, Kind.TYPO), replace=("scarse", "scarce")),),
    ),
    Script(
        name="headline",
        edition="en",
        at=(1, 19, 0),
        section="economy",
        tags=("energy", "budget"),
        title="Samalqala to close its old boiler house in {n} weeks",
        subtitle="Heat for the old town will come from the eastern plant",
        text="""
The old boiler house on {street} Street will be closed in {n} weeks, and {m} flats will get their heat
  from the eastern plant, the city housing office has announced.
The boilers were installed more than half a century ago. Last winter they were stopped {k} times for
  repairs, and each stop left the old town without heat for most of a day.
The new pipes are already in the ground. What remains is to join the houses one after another, which is
  possible only after the heating season.
> We shall not take away the old stove before the new one is warm,
said {who}, chief engineer of the housing office.
Twelve people work in the boiler house. All of them have been offered places at the plant, and nine have
  agreed so far.
The brick chimney will stay: storks have nested on it for years.
""",
        edits=(
            Edit(
                (2, 17, 30),
                (Kind.HEADLINE,),
                title="Old boiler house of Samalqala will be closed, city confirms",
            ),
            Edit((3, 10, 0), (Kind.HEADLINE,), title="Samalqala to close its old boiler house in {n} weeks"),
        ),
    ),
    Script(
        name="removed",
        edition="en",
        at=(1, 15, 0),
        section="society",
        tags=("housing", "land"),
        title="Residents of {place} ask who will run the new quarry",
        text="""
About {m} residents of {place} have signed a letter to the district, asking who will run the quarry that
  is being prepared two kilometres from their homes.
The fence appeared in February. A board on it names neither the owner nor the term of the work, although
  the rules of the region require both.
> We are not against stone, we are against finding out last,
said {who}, a retired surveyor, who carried the letter from house to house.
The letter holds {k} questions. People want to know at what hours there will be blasting, which road the
  lorries will take, and what will become of the spring below the hill.
The district promised an answer within a fortnight. A meeting is to be held in the village club.
""",
        away=((2, 20, 0), None, Manner.NOT_FOUND),
    ),
    Script(
        name="shortened",
        edition="en",
        at=(2, 9, 15),
        section="environment",
        tags=("river", "fish"),
        title="Fishermen near {place} count the cost of a dry canal",
        text="""
The canal that feeds the lakes near {place} has been dry for {n} days, and the fishermen's artel says that
  it has lost its spring catch.
Usually the gates are opened in the middle of March. This year they stayed shut while a new lock was being
  fitted, and the young carp were stranded in {k} pools.
Minutes of a meeting in January, which our newsroom has seen, show that the water office was warned of the
  delay by its own engineer.
> We carried fish in milk cans, as many as we could, but a lake cannot be carried in a can,
said {who}, head of the artel.
The water office says that the lock has now been tested and that the gates will be opened by degrees, so
  that the banks are not washed away.
The artel employs {n} people. It has asked for a delay of its rent.
""",
        edits=(Edit((3, 21, 0), (Kind.BODY, Kind.SHORTENED), drop=2),),
    ),
    Script(
        name="digit",
        edition="ru",
        at=(2, 7, 50),
        section="economy",
        tags=("бюджет", "транспорт"),
        title="Самалкала купит троллейбусы: сколько это будет стоить",
        text="""
Самалкала купит {k} троллейбусов для маршрута вдоль набережной, на это в бюджете города предусмотрели 418
  миллионов тенге.
Старую линию сняли двадцать лет назад, но столбы остались, и инженеры считают, что большинство из них ещё
  прослужит.
> Столб можно покрасить, а вот проложить под домами новый кабель куда труднее,
— говорит {who}, руководитель городской электросети.
Первые машины обещают поставить к октябрю. До этого нужно выучить {n} водителей и перенести две остановки
  на улице {street}.
Цена билета будет такой же, как в автобусе.
""",
        edits=(Edit((2, 12, 30), (Kind.BODY, Kind.NUMBERS), replace=("418 миллионов", "428 миллионов")),),
    ),
    Script(
        name="correction",
        edition="ru",
        at=(2, 9, 30),
        section="education",
        tags=("библиотеки", "книги"),
        title="Сельские библиотеки области получат новые каталоги",
        subtitle="Карточки сохранят как память, искать книги можно будет с телефона",
        text="""
Карточные каталоги в {n} сельских библиотеках Айдынсайской области до осени заменят электронными, сообщили
  в областном управлении культуры.
Первой станет библиотека села {place}: там уже внесли в базу {m} книг, и читатели ищут их по фамилии
  автора или по одному слову из названия.
> Карточки мы не выбросим, на обороте некоторых есть заметки учителей, которых уже нет с нами,
— рассказывает {who}, методист областной библиотеки.
Программу написали сотрудники местного колледжа. Она работает и без интернета, а раз в сутки сверяется с
  общей базой.
На обучение библиотекарей отвели {k} дней.
""",
        edits=(
            Edit(
                (3, 20, 0),
                (Kind.BODY, Kind.CORRECTION),
                append="Исправление: в первой версии текста мы написали, что программу написали сотрудники колледжа. "
                "Её написали студенты. Приносим извинения.",
                replace=("написали сотрудники местного колледжа", "написали студенты местного колледжа"),
            ),
        ),
    ),
    Script(
        name="gone",
        edition="ru",
        at=(1, 18, 20),
        section="society",
        tags=("жильё", "город"),
        title="Жильцы дома на улице {street} третий год ждут лифт",
        text="""
В девятиэтажном доме на улице {street} третий год не работает лифт, жильцы верхних этажей спускаются во
  двор раз в неделю.
Детали для лифта заказали прошлой весной. С тех пор, как говорят жильцы, им {k} раз называли новый срок, и
  ни один не выдержали.
> Внук приносит мне хлеб и яблоки, а зимний двор я видела только из окна,
— говорит {she}, жительница восьмого этажа.
В управляющей компании ответили, что завод сменил поставщика и что новая дата появится через {n} дней.
Жильцы собрали {m} подписей и просят город взять ремонт на себя.
""",
        away=((3, 16, 30), None, Manner.GONE),
    ),
    Script(
        name="home",
        edition="ru",
        at=(1, 12, 45),
        section="environment",
        tags=("воздух", "здоровье"),
        title="Датчики воздуха в Самалкале молчат {n} дней",
        text="""
Табло с данными о качестве воздуха в центре Самалкалы уже {n} дней показывает прочерки, хотя отопительный
  сезон ещё не закончился.
Всего в городе {k} датчиков. По словам специалистов, они исправны, но договор о передаче данных истёк в
  марте, а новый не подписан.
> Прибор дышит вместе с нами, просто нам перестали об этом рассказывать,
— объясняет {who}, метеоролог на пенсии.
Школьный кружок из села {place} предложил временно ставить данные своих приборов: их собрали сами дети, и
  точность у них почти та же.
Управление экологии обещает ответить на предложение до конца недели.
""",
        away=((3, 19, 30), None, Manner.REDIRECTED_HOME),
    ),
    Script(
        name="byline",
        edition="kk",
        at=(2, 8, 10),
        section="culture",
        tags=("кітап", "тіл"),
        title="Самалқалада ескі сөздердің сөздігі жарық көрді",
        byline=False,
        text="""
Самалқалада ауыл қариялары әлі күнге дейін қолданатын {m} ескі сөздің сөздігі жарық көрді.
Сөздерді мұғалімдер мен оқушылар он бір ауылдан екі жыл бойы жинады. Әр сөздің қасында оны айтқан адамның
  аты мен сөйлем үлгісі берілген.
> Әжем айтқан сөзді кітаптан көргенде, оның даусын қайта естігендей болдым,
— дейді сөздікті құрастырушы {who}.
Ең көп сөз {place} ауылында жазып алынды: мұнда желдің {k} түрлі атауы бар екен.
Кітап мектептерге тегін таратылады, ал электронды нұсқасы кітапхананың сайтында тұр.
""",
        edits=(Edit((2, 11, 45), (Kind.BYLINE,), byline=True),),
    ),
    Script(
        name="returns",
        edition="kk",
        at=(1, 16, 30),
        section="society",
        tags=("жер", "ауыл"),
        title="{place} ауылының тұрғындары жайылым шекарасын нақтылауды сұрайды",
        text="""
{place} ауылының тұрғындары жайылымның шекарасын қайта өлшеуді сұрап, ауданға {m} адамның қолы қойылған
  хат жіберді.
Олардың айтуынша, былтыр қойылған қазықтар ескі картаға сәйкес келмейді, сондықтан мал суатқа жете алмай
  қалған.
> Бізге артық жер керек емес, бұрынғы соқпағымыз ашық болса болғаны,
— дейді ауыл тұрғыны {who}.
Аудандық жер қатынастары бөлімі маман жіберуге уәде берді. Өлшеу жұмысына {k} күн кетеді.
Нәтижесі ауыл жиынында жарияланады.
""",
        away=((2, 18, 0), (4, 15, 0), Manner.NOT_FOUND),
    ),
    Script(
        name="soft",
        edition="kk",
        at=(1, 11, 20),
        section="economy",
        tags=("баға", "отын"),
        title="Көмір қоймасындағы таразы неге екі түрлі көрсетеді",
        text="""
Самалқаладағы көмір қоймасының екі таразысы бір қапты екі түрлі өлшейді: айырмасы {k} келіге дейін жетеді.
Мұны алғаш байқаған {place} ауылының тұрғындары. Олар бір арба көмірді екі таразыға кезек қойып,
  көрсеткішін дәптерге жазып жүрген.
> Біз ешкімді кінәламаймыз, тек таразының дұрыс болғанын қалаймыз,
— дейді зейнеткер {who}.
Қойма басшылығы екі таразыны да тексеруге жіберетінін айтты. Тексеру {n} күнге созылуы мүмкін.
Оған дейін көмір базардағы таразымен өлшенеді.
""",
        away=((3, 20, 30), None, Manner.SOFT_404),
    ),
    Script(
        name="extended",
        edition="kk",
        at=(3, 7, 30),
        section="incidents",
        tags=("ауа райы", "жол"),
        title="Асудағы боранда қалған автобус қауіпсіз жерге жеткізілді",
        text="""
Түнде {place} асуында боранға тап болған автобус таңертең қауіпсіз жерге жеткізілді, ондағы {n} жолаушының
  ешқайсысы зардап шеккен жоқ.
Автобус кешкі тоғызда жолдан тайып, қарға батып қалған. Жүргізуші моторды өшірмей, құтқарушыларды күткен.
> Балаларға ертегі айтып отырдық, таң атқанын байқамай да қалыппыз,
— дейді жолаушы {who}.
Асу арқылы өтетін жол әзірге жабық.
""",
        edits=(
            Edit(
                (3, 10, 30),
                (Kind.BODY, Kind.EXTENDED),
                append="Жаңартылды: сағат онда жол бір бағытта ашылды. Құтқару қызметі асудан өту үшін шынжыр "
                "керек екенін және келесі түні жолдың қайта жабылуы мүмкін екенін ескертті.",
            ),
        ),
    ),
)
