"""The English sentence bank and furniture words."""

from newscrawl.demo.lexicon.bank import Lexicon, read_topics

_TOPICS = """
# roads | society | roads, repairs | head of the district roads office
h Road to {place} reopens after {n} days of repairs
h {place} waits for asphalt: {m} metres of road still to be laid
h Drivers return to the {place} road as spring repairs end
l The road between Samalqala and the village of {place} is open again after {n} days of repairs, the
  district roads office said on {day}.
l Road workers have finished the first stretch of new surface near the village of {place}: {m} metres of
  asphalt and {k} new culverts.
l Buses and lorries are using the road to {place} again, although the speed limit will stay at {n}
  kilometres an hour until the markings are dry.
d The crew replaced {k} culverts and raised the roadbed where meltwater washed it out in March.
d A temporary bridge near {street} Street will stay in place for another {k} weeks, and drivers are asked
  to pass it one at a time.
d Residents counted {n} potholes on the old stretch in a single week and sent the list, with photographs,
  to the roads office.
d The work cost {sum} million tenge, slightly less than the sum set aside in the regional budget.
d The contractor must keep the new surface in order for {k} years and repair cracks within {n} days.
d Before the repair the trip from {place} to the city took up to {n} minutes on a wet day.
q In autumn we carried the milk to the main road on foot, so for us this is not a small matter
q We opened one lane first, because people need to reach the market, and the markings can wait
c The next stretch, beyond {place}, is planned for the summer.
c The roads office will publish a list of further repairs before the end of the month.
# water | society | water, utilities | engineer of the water company
h Clean water returns to {place} after pump failure
h {m} homes in {place} to be joined to a new water main
h New pump station near {place} passes its first test
l Running water is back in {m} homes in {place}, where a pump stopped working on the night before {day}.
l The water company has begun to lay a new main from the reservoir to the village of {place}, a distance
  of {n} kilometres.
l Engineers have tested the pump station near {place}; it is meant to serve {m} homes by the end of the
  year.
d While the repair lasted, {k} tankers brought drinking water to {street} Street and to the local school.
d The old steel pipe was laid more than {n} years ago, and {k} leaks were found in it last winter alone.
d Laboratory staff took {n} samples from taps and wells; all of them met the standard.
d The new main costs {sum} million tenge, and the work is divided into {k} stages.
d Homes on the higher side of the village will keep a weak pressure until a second tank of {m} cubic
  metres is ready.
d Meters will be fitted free of charge in the first {m} homes that sign a contract.
q We looked at every well by hand, and only then did we start the pump again
q People should not have to fill buckets at five in the morning, and soon they will not
c The company asks residents of {place} to report a weak flow by telephone.
c A further check of the pump is planned in {k} weeks.
# school | education | schools, children | deputy head teacher of the school
h School in {place} gets a laboratory and {n} new desks
h Pupils from {place} build a weather station of their own
h {m} pupils in {place} move to a single shift
l The school in {place} has opened a science laboratory, and its first lesson was attended by {n} pupils.
l Pupils of the school in {place} have put up a weather station that sends its readings every {k} minutes.
l From {day}, all {m} pupils of the school in {place} study in one shift, for the first time in {n} years.
d The new wing has {k} classrooms, a library corner and a canteen for {m} children.
d Parents and graduates gathered {n} boxes of books in a fortnight; {k} of them are in Kazakh.
d A physics teacher spent {k} evenings with the older class soldering sensors and arguing over the height
  of the mast.
d The heating was rebuilt as well: the classrooms on the north side used to be {k} degrees colder than the
  rest.
d The equipment cost {sum} million tenge and was bought from the district budget.
d Another {n} pupils come every day by bus from the farms along the {street} canal.
q The children now ask for homework in physics, and I never thought I would say that
q We wanted a place where they can make mistakes with their own hands, not only on paper
c The school invites the families of {place} to an open day at the end of April.
c The school year in {place} ends on the twenty-fifth of May.
# clinic | health | health, medicine | chief doctor of the district hospital
h Mobile clinic sees {m} patients in {place}
h New day ward opens in the clinic of {place}
h Doctors make the rounds of {place} after the long winter
l A mobile clinic has spent {k} days in {place} and seen {m} patients, the district hospital reports.
l A day ward with {n} beds has opened in the clinic of {place}, so that patients need not travel to
  Samalqala.
l Doctors from the city have visited {n} homes in {place} where elderly people live alone.
d The van carries an X-ray unit, a small laboratory and {k} members of staff.
d {n} people were sent for further tests, most of them for blood pressure and eyesight.
d The nearest hospital lies {n} minutes away by car, and in winter the road is often closed.
d Repairs to the building on {street} Street took {n} weeks and cost {sum} million tenge.
d A pharmacy point will work there {k} days a week, with the same prices as in the city.
d Two young nurses have moved to the village and were given flats for {k} years.
q Many people here put off a visit for months, because a whole day goes on the road
q We found nothing frightening, but we found a great deal that is better treated early
c The van will return to {place} in {k} weeks.
c The schedule of visits hangs at the post office and at the clinic.
# buses | society | transport, buses | dispatcher of the city bus depot
h A new bus route links Samalqala with {place}
h Bus fare to {place} stays at {m} tenge until autumn
h {n} electric buses arrive, and one of them is for {place}
l Bus number {n} began to run between the railway station of Samalqala and the village of {place} on
  {day}.
l The bus depot has promised not to raise the fare to {place}, now {m} tenge, before the autumn.
l The first {n} electric buses have arrived at the city depot; one of them will serve the road to {place}.
d The first bus leaves at six in the morning and the last one returns {k} minutes before eleven at night.
d On the first day the drivers counted {m} passengers, a third of them schoolchildren.
d A stop on {street} Street was moved {m} metres so that buses no longer block the crossing.
d The buses were bought for {sum} million tenge under a regional programme.
d On weekdays the interval is {n} minutes, on Sundays twice as long.
d Passengers over seventy travel free, and {m} such cards have already been issued this year.
q I used to walk {k} kilometres to the main road, and now the bus stops at the baker's
q The timetable is a draft, so tell us where it pinches and we shall move it
c The depot will count passengers again in {k} weeks and adjust the timetable.
c Questions about the route are answered by the dispatcher on duty.
# trees | environment | environment, trees | forester of the Aidynsai reserve
h Volunteers plant {m} saplings around {place}
h Saxaul belt near {place} survives its first winter
h {place} gets a park of {n} hectares on the old airfield
l Volunteers have planted {m} saplings of elm and oleaster around the village of {place} in {k} days.
l Most of the saxaul sown near {place} last year has come through the winter, the foresters found on
  {day}.
l A park of {n} hectares is being laid out in {place}, where small aeroplanes used to land.
d Each row is {m} metres long and will be watered by hand until June.
d Foresters dug {n} trial pits to see how deep the ground has thawed.
d The seed was gathered in the reserve and kept all winter in {k} wooden chests.
d Fencing against livestock cost {sum} million tenge, more than the seedlings themselves.
d A belt of this width lowers the wind by {n} per cent, according to the reserve.
d Pupils from {street} Street took {k} trees each and tied their names to the stakes.
q A tree in the steppe is not planted once, it is planted every day with a bucket
q Last year we lost half of them to goats, so this time we began with the fence
c In autumn the foresters will count the trees again.
c Anyone who can lend a water tank is asked to call the reserve.
# market | economy | prices, market | manager of the covered market
h Flour and onions get cheaper, traders from {place} say
h Farmers from {place} open {n} stalls in the city
h What a food basket costs in {place} this week
l Flour fell by {k} per cent and onions by {n} per cent at the covered market of Samalqala in a week.
l Farmers from {place} have opened {n} stalls of their own at the covered market, without middlemen.
l A basket of {n} everyday foods cost {m} tenge less in {place} than in the regional centre, our
  correspondent found on {day}.
d A kilogram of apples from {place} costs {m} tenge, the same as a month ago.
d Traders explain the fall by the first deliveries from the greenhouses along {street} Street.
d Rent for a stall is {m} tenge a day, and the first {k} days are free.
d Weights at {n} stalls were checked, and {k} of the scales were sent for adjustment.
d In a year the greenhouses of the region grew by {n} hectares, with {sum} million tenge in loans.
d Meat has not become cheaper: sellers speak of dear fodder and of {m} kilometres of road.
q I sell what I dug up yesterday, and the buyer can see the soil on it
q Prices will be calm until May, and after that everything depends on the rain
c We shall repeat the comparison in {k} weeks, in the same shops.
c The market is open every day except Monday.
# museum | culture | culture, museum | keeper of the regional museum
h Felt carpet from {place} goes on show after restoration
h A night in {n} museum storerooms, with guests from {place}
h {place} remembers its songs: a collection of {m} pages
l A felt carpet found in an attic in {place} is on show in the regional museum after {n} months of
  restoration.
l The regional museum will open {n} of its storerooms to visitors for a single night, its keeper said on
  {day}.
l A book of songs written down in {place} has been printed in Samalqala: {m} pages with notes and a map.
d The oldest carpet of the museum is {k} metres long; its red dye comes from madder root.
d Over the winter the restorers examined {n} samples of wool and found that it came from {k} flocks.
d On the last open day {m} visitors came, and the cloakroom ran out of numbers.
d The museum also records songs known to a single family, which has lived on {street} Street for {n}
  years.
d A guide to the collection has been printed in {m} copies, half of them for village libraries.
d The museum's friends gave {sum} million tenge for the work.
q Under the dust we saw a line of stitches that nobody makes any more
q A song that is only in one head is a candle in the wind, and so we hurried
c The museum is open until seven in the evening, except on Mondays.
c The museum accepts further finds from {place} and promises to return what it does not keep.
# sport | sport | sport, tournament | coach of the children's sports school
h Wrestlers from {place} bring home {k} medals
h {n} teams come to {place} for the spring football cup
h Young archer from {place} sets a regional record
l Wrestlers from {place} won {k} medals at the regional tournament, which ended in Samalqala on {day}.
l {n} teams have entered the spring football cup in {place}, more than in any earlier year.
l An archer of fifteen from {place} has hit the target {n} times in a row, a record for the region.
d The final lasted {n} minutes and was decided in the very last of them.
d The hall on {street} Street seats {m}, and people were standing along the walls.
d Training takes place {k} times a week, before the first lesson.
d A bus with {n} young athletes came through the pass in spite of the snow.
d The winner received a saddle and a grant of {m} thousand tenge.
d The sports school has {m} pupils, and {n} more are on its waiting list.
q I told her not to look at the scoreboard, and she did not look even at the end
q We have one mat and a cold hall, but we have stubborn children
c The team now prepares for the national stage in {k} weeks.
c Entries for the autumn cup are taken until the end of August.
# flood | incidents | flood, weather | duty officer of the emergency service
h Meltwater reaches {n} yards in {place}, nobody is hurt
h Dam near {place} holds as the river rises by {k} centimetres an hour
h {m} sandbags laid in {place} overnight
l Meltwater entered {n} yards in {place} in the early hours of {day}; nobody was hurt, the emergency
  service said.
l The earth dam near {place} is holding, although the river rose by {k} centimetres an hour during the
  night.
l Residents and rescuers laid {m} sandbags along {street} Street in {place} in a single night.
d {k} pumps are working around the clock, and another {n} are on their way from the city.
d {n} people spent the night in the school gymnasium; most have already gone home.
d The level of the river is measured every {n} minutes and sent to village elders by telephone.
d Livestock, about {m} head, was driven to the upper pasture the day before.
d The road to the farms is closed for {k} days, and bread is carried by tractor.
d The region keeps {sum} million tenge in reserve for such cases.
q The water came quietly, and the dogs noticed it before we did
q We sleep in turns, and while the dam is dry on this side we are calm
c Forecasters expect colder nights and a slower thaw.
c The next report from {place} is due in the evening.
"""

ENGLISH = Lexicon(
    code="en",
    topics=read_topics(_TOPICS),
    background=(
        "{place} has {houses} households and lies {far} kilometres from Samalqala, on the edge of the Aidynsai hills.",
        "In the last ten years the population of {place} has grown by a fifth, mostly through young families.",
        "Boztorgai wrote about {place} last autumn, when {n} of its residents sent a letter to the newsroom.",
        "The region was formed out of six districts; {place} belongs to the northern one.",
        "Spring in the Aidynsai region came nine days later than usual, according to the weather office.",
        "The village council of {place} meets on the first Thursday of the month and keeps its minutes open.",
    ),
    subheads=("What comes next", "How it began", "What residents say", "The cost"),
    quote_form="“{},”",
    attributions=("said {who}, {role}.", "{who}, {role}, told Boztorgai."),
    places=(
        "Moiyltogai",
        "Aqshilik",
        "Kemerbulaq",
        "Tortshoqy",
        "Zhalpaqtas",
        "Qoskesik",
        "Sarymoiyn",
        "Uzynarna",
        "Kokbeles",
        "Terisaidyn",
        "Bozaryq",
        "Qumozek",
    ),
    streets=("Tobylgy", "Qarlygash", "Zhusan", "Samal", "Betege", "Aqqu", "Izen", "Shyrsha"),
    people=(
        "Aidana Zhusanova",
        "Serik Tobylgin",
        "Marat Izenov",
        "Gulnar Shyrganova",
        "Timur Moiylov",
        "Raushan Qamysova",
        "Oleg Stepnyakov",
        "Zarina Betegeeva",
        "Bolat Kokpekov",
        "Vera Polynkina",
        "Azamat Zhidebaev",
        "Saule Qaragashova",
        "Nurlan Aqbidaiev",
        "Kulyash Balausova",
        "Viktor Lozinkin",
        "Asel Torangyna",
        "Ermek Shilikov",
        "Dina Zhalbyzova",
    ),
    reporters=("Dana Ermenova", "Ruslan Tikenov", "Aliya Saxaulova", "Pavel Kovylin", "Mira Zhantaqova"),
    credits=("Photo: Boztorgai", "Boztorgai collage", "Photo: freephotos.example, ill. purposes.", ""),
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    day_in_text="{weekday}",
    date_line="{d} {month} {y}",
    date_time_line="{d} {month} {y}, {time}",
    card_date="{d} {month}, {time}",
    sections={
        "society": "Society",
        "education": "Education",
        "health": "Health",
        "environment": "Environment",
        "economy": "Economy",
        "culture": "Culture",
        "sport": "Sport",
        "incidents": "Incidents",
    },
    labels={
        "today": "Today",
        "yesterday": "Yesterday",
        "latest": "Latest news",
        "view_all": "view all",
        "byline": "Original Author: ",
        "bylines": "Original Authors: ",
        "news": "News",
        "tagline": "News of Samalqala and the Aidynsai region",
        "about": "About us",
        "about_text": "Boztorgai is a small newsroom in Samalqala. It has been reporting since the year of the long winter.",
        "search": "Search",
        "views": "Views",
        "share": "Share",
        "tags": "Tags",
        "next": "Older news",
        "previous": "Newer news",
        "subscribe": "Subscribe to our channel",
        "certificate": "Certificate of registration of a periodical No. 000-BZ. All rights reserved.",
        "cookies": "We use cookies so that the site works well. By staying you agree to our privacy notice.",
        "weather": "Samalqala",
        "not_found": "Page not found",
        "not_found_text": "There is no such page: it was moved, or it never existed. Error 404.",
        "gone": "This page has been deleted",
        "outage": "The site is being serviced. Please come back later.",
        "challenge": "Just a moment...",
        "challenge_text": "Checking your browser before you enter. Enable JavaScript and cookies to continue.",
    },
)
