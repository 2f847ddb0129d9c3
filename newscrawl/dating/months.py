"""Tables of month names in some forty languages and of the digits of other scripts."""

from __future__ import annotations

# One line a month; the names with their genitives and usual abbreviations, lower case. Groups, in order: English; Russian,
# Ukrainian, Bulgarian, Macedonian and Serbian; Kazakh in Cyrillic and the Latin alphabets in use; Uzbek and Tajik, Azerbaijani,
# Turkish; German, Dutch, Nordic and Baltic; Romance; Polish, Czech, Slovak, Hungarian; Greek; Caucasian; Arabic, Persian,
# Hebrew; Hindi, Thai, Indonesian. Croatian names are left out except for one (see written.py): in Polish they mean other months.
_NAMES = (
    (
        "january jan янв январь января январ январи січня січень јануар јануари януари студзеня"
        " қаңтар қаң қañtar qañtar qantar qaŋtar қантар yanvar ocak oca januar jän jänner januari jaanuar janvāris janvārī sausio"
        " janvier janv enero ene janeiro gennaio gen ianuarie gener styczeń stycznia leden ledna januára január jan tammikuu tammikuuta"
        " ιανουαρίου ιανουάριος ιαν იანვარი იანვარს հունվար հունվարի يناير جانفي ژانویه ינואר जनवरी มกราคม janvar"
    ),
    (
        "february feb фев февр февраль февраля феврал лютого лютий фебруар февруари феврали лютага"
        " ақпан ақп aqpan акпан fevral şubat şub februar febr februari veebruar februāris februārī vasario"
        " février févr fév febrero fevereiro fev febbraio februarie febrer luty lutego únor února februára február helmikuu helmikuuta"
        " شباط φεβρουαρίου φεβρουάριος φεβ თებერვალი თებერვალს փետրվար փետրվարի فبراير فيفري فوریه פברואר फरवरी फ़रवरी กุมภาพันธ์ feber"
    ),
    (
        "march mar мар март марта марти березня березень сакавіка"
        " наурыз нау nauryz naurız nawrız mart märz mär maart mrt mars marts märts marts martā kovo"
        " marzo março martie març marzec marca březen března march márciusa március márc maaliskuu maaliskuuta"
        " آذار اذار μαρτίου μάρτιος μαρ მარტი მარტს մարտ մարտի مارس מרץ मार्च มีนาคม maret"
    ),
    (
        "april apr апр апрель апреля април апрел апрели квітня квітень красавіка"
        " сәуір сәу säuir sáýir sauir säwir saýır saýir aprel nisan nis aprill aprīlis aprīlī balandžio"
        " avril avr abril abr aprile aprilie d'abril kwiecień kwietnia duben dubna apríla április ápr huhtikuu huhtikuuta"
        " απριλίου απρίλιος απρ აპრილი აპრილს ապրիլ ապրիլի أبريل ابريل أفريل نيسان آوریل אפריל अप्रैल เมษายน"
    ),
    (
        "may май мая мај майи травня травень мая"
        " мамыр мам mamyr mamır mamyır mayıs mai mei maj maijs maijā gegužės"
        " mayo maio maggio mag maig květen května mája május máj toukokuu toukokuuta maja"
        " μαΐου μαίου μάιος μαϊ მაისი მაისს մայիս մայիսի مايو ماي أيار مه מאי मई พฤษภาคม"
    ),
    (
        "june jun июн июнь июня јун јуни юни июни червня червень чэрвеня iyun"
        " маусым мау mausym maýsym mausım mawsım haziran haz juni juuni jūnijs jūnijā birželio"
        " juin junio junho giugno giu iunie juny czerwiec czerwca červen června júna június jún kesäkuu kesäkuuta"
        " ιουνίου ιούνιος ιουν ივნისი ივნისს հունիս հունիսի يونيو جوان حزيران ژوئن יוני जून มิถุนายน"
    ),
    (
        "july jul июл июль июля јул јули юли июли липня липень ліпеня iyul"
        " шілде шіл şilde shilde şılde шилде temmuz tem juli juuli jūlijs jūlijā liepos"
        " juillet juil julio julho luglio lug iulie juliol lipiec lipca červenec července júla július júl heinäkuu heinäkuuta"
        " ιουλίου ιούλιος ιουλ ივლისი ივლისს հուլիս հուլիսի يوليو جويلية تموز ژوئیه יולי जुलाई กรกฎาคม"
    ),
    (
        "august aug авг август августа августи серпня серпень жніўня avgust avqust"
        " тамыз там tamyz tamız tamız ağustos ağu augusti augustus augusts augustā rugpjūčio"
        " août aout agosto ago agost sierpień sierpnia sie srpen srpna augusta augusztus elokuu elokuuta"
        " αυγούστου αύγουστος αυγ აგვისტო აგვისტოს օգոստոս օգոստոսի أغسطس اغسطس أوت آب اوت אוגוסט अगस्त สิงหาคม agustus agt"
    ),
    (
        "september sept sep сен сент сентябрь сентября септембар септември сентябр сентябри вересня вересень верасня sentabr sentyabr"
        " қыркүйек қыр qyrküiek qyrkúıek qyrkuiek qırküyek qyrküyek eylül eyl septembris septembrī rugsėjo"
        " septembre septiembre setiembre setembro set settembre septembrie setembre wrzesień wrzesnia września września září zářij szeptember szept"
        " syyskuu syyskuuta septembra σεπτεμβρίου σεπτέμβριος σεπ სექტემბერი სექტემბერს սեպտեմբեր սեպտեմբերի سبتمبر أيلول سپتامبر ספטמבר सितंबर"
        " सितम्बर กันยายน"
    ),
    (
        "october oct окт октябрь октября октобар октомври октябр октябри жовтня жовтень кастрычніка oktabr oktyabr"
        " қазан қаз qazan жазан ekim eki oktober okt oktoober oktobris oktobrī spalio"
        " octobre octubre outubro out ottobre ott octombrie d'octubre październik października paź říjen října októbra október lokakuu lokakuuta"
        " οκτωβρίου οκτώβριος οκτ ოქტომბერი ოქტომბერს հոկտեմբեր հոկտեմբերի أكتوبر اكتوبر أوكتوبر اکتبر אוקטובר अक्टूबर अक्तूबर ตุลาคม oktobra"
    ),
    (
        "november nov ноя нояб ноябрь ноября новембар ноември ноябр ноябри листопада листопад лістапада noyabr"
        " қараша қар qaraşa qarasha kasım kas novembris novembrī lapkričio"
        " novembre noviembre novembro noiembrie novembrie listopada listopad marraskuu marraskuuta novembra"
        " νοεμβρίου νοέμβριος νοε ნოემბერი ნოემბერს նոյեմբեր նոյեմբերի نوفمبر نوامبر נובמבר नवंबर नवम्बर พฤศจิกายน"
    ),
    (
        "december dec дек декабрь декабря декембар декември декабр декабри грудня грудень снежня dekabr"
        " желтоқсан жел jeltoqsan желтоксан zheltoqsan aralık ara dezember dez desember detsember decembris decembrī gruodžio"
        " décembre déc diciembre dic dezembro dicembre decembrie desembre grudzień grudnia prosinec prosince decembra joulukuu joulukuuta"
        " δεκεμβρίου δεκέμβριος δεκ დეკემბერი დეკემბერს դեկտեմբեր դեկտեմբերի ديسمبر دسامبر דצמבר दिसंबर दिसम्बर ธันวาคม desember des"
    ),
)
# Months of two words.
_TWO_WORDS = {"كانون الثاني": 1, "كانون الأول": 12, "تشرين الأول": 10, "تشرين الثاني": 11}

MONTHS: dict[str, int] = {
    **{name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()},
    **_TWO_WORDS,
}
"""Month numbers, 1 to 12, by lower-case name."""

_ZEROS = (0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10)  # Arabic, Persian, Devanagari, Bengali, Thai, full width
DIGITS = {zero + n: str(n) for zero in _ZEROS for n in range(10)} | {0xFF1A: ":", 0xFF0F: "/"}
"""For str.translate: digits of other scripts to 0-9."""
