//! Reports and numbers.

#[rustfmt::skip] // a text is a line
pub(super) const TEXTS: &[(&str, &str)] = &[
    // cli/numbers.rs
    ("What it is: html, one page to open, to send and to print; term, the same here; xlsx, a workbook",
        "Что это: html – страница, чтобы открыть, переслать, напечатать; term – то же здесь; xlsx – книга"),
    ("Calls in parts, a line each: account, group, number (of the company), scenario",
        "Звонки по частям, строка на каждую: account, group, number (номер компании), scenario"),
    ("These parts alone: days, breakdown, hours, waits, load, reasons, callbacks, people, transfers, scenarios, groups, figures",
        "Только эти разделы: days, breakdown, hours, waits, load, reasons, callbacks, people, transfers, scenarios, groups, figures"),
    ("For html: put the numbers into the page as JSON too, which a reader saves under this name",
        "Для html: положить числа в страницу ещё и в виде JSON, который читатель сохранит под этим именем"),
    ("For term: draw with ` .:#` in place of blocks", "Для term: рисовать знаками ` .:#` вместо блоков"),
    ("For term: as on a terminal of this width, in a pipe too",
        "Для term: как в терминале такой ширины, и в канал тоже"),
    ("A call belongs to the day that it began. The page fetches nothing, is complete without scripts, and the same legs make the same bytes. What a number means stands beside it. A terminal gets the same as wide as it is, a pipe 80 columns.",
        "Звонок относится к дню, в который начался. Страница ничего не подгружает, полна без скриптов, и одни и те же плечи дают одни и те же байты. Что значит число, написано рядом с ним. Терминал получает то же по своей ширине, канал – в 80 столбцов."),
    ("Legs of several accounts are counted together, a call in its own account; --by account adds a line for each.",
        "Плечи нескольких аккаунтов считаются вместе, звонок – в своём аккаунте; --by account добавляет строку на каждый."),

    // cli/stats.rs
    ("In parts: account, group, scenario, number, employee, day, hour",
        "По частям: account, group, scenario, number, employee, day, hour"),
    ("a page is a file of its own that ends with .html", "страница – отдельный файл, и имя его кончается на .html"),
    ("a workbook is a file of its own that ends with .xlsx",
        "книга Excel – отдельный файл, и имя его кончается на .xlsx"),
    ("people cannot be told by a part of their number", "по части номера людей не различить"),
    ("several would be counted as one: repeats and call backs would be wrong",
        "несколько человек считались бы одним: повторы и перезвоны были бы неверны"),
    ("take --redact phones=hmac, or phones=drop; lists mask numbers by themselves",
        "возьмите --redact phones=hmac или phones=drop; в списках номера закрыты и так"),
    ("For reasons: rings that ended for this one, as in sip_offline",
        "Для reasons: вызовы, кончившиеся по этой причине, например sip_offline"),
    ("Titles of CSV and workbooks for people, in this language: en, ru; without it names for programs",
        "Заголовки CSV и книги Excel для людей, на этом языке: en, ru; без него имена для программ"),
    ("With --data, of each: hour of the day, half-hour of the day, half hour of each weekday",
        "С --data, для каждого: hour – часа дня, half-hour – получаса дня, weekday – получаса каждого дня недели"),
    ("--by counts the legs in parts, in a database too but for accounts. A call that rang several groups counts in each of them with what became of it, so groups do not add up; all other parts do. What a call came to is nobody's alone: by employee there are reasons and ratings, and `stats people`.",
        "--by считает по частям сами плечи, и в базе тоже, кроме account. Звонок, который вызывал несколько групп, считается в каждой вместе с тем, чем кончился, поэтому группы в сумму не складываются; все остальные части складываются. Исход звонка – не чей-то один: по сотрудникам есть причины и оценки, а ещё `stats people`."),
    ("--by half-hour and --by weekday plan each half hour by Erlang A, with the patience that the callers of --data showed: all their waits together, divided by how many gave up. Columns marked (C) are of Erlang C; `active` are people who rang or talked in it.",
        "--by half-hour и --by weekday считают каждые полчаса по Эрлангу A, с тем терпением, которое показали звонящие в --data: все их ожидания вместе, делённые на число сдавшихся. Столбцы с пометкой (C) – по Эрлангу C; `active` – люди, которым в это время звонили или которые говорили."),

    // commands/report.rs
    ("{from} … {till}: {path}, {size} KiB; nothing was spent", "{from} … {till}: {path}, {size} КиБ; ничего не потрачено"),
    ("{flag} does not go with report {form}", "{flag} не годится для report {form}"),
    ("term is printed", "term печатается"),
    ("it is drawn with on a terminal", "такими знаками рисуют в терминале"),
    ("a page fits itself to its window", "страница сама подстраивается под окно"),
    ("JSON goes into a page", "JSON кладут в страницу"),
    ("a workbook has a sheet for each result", "в книге лист на каждый результат"),
    ("no workbook can be made: {error}", "книгу не собрать: {error}"),
    ("a cell takes 32,767 letters", "в ячейку входит 32 767 знаков"),
    ("make the page: calllegs report html", "сделайте страницу: calllegs report html"),
    ("there are no results", "результатов нет"),

    // commands/report/data.rs
    ("numbers cannot be written as JSON: {error}", "числа не переводятся в JSON: {error}"),

    // failure.rs
    ("there is no column {name}; without it calls cannot be told, extract it too",
        "нет столбца {name}; без него звонков не различить, выгрузите и его"),
    ("there is no column {name} to split by; extract it too", "нет столбца {name}, по которому делить; выгрузите и его"),
    ("the column {name} has not the type that calllegs writes", "тип столбца {name} не тот, который пишет calllegs"),
    ("a leg has no {name}; without it calls cannot be told", "у плеча нет {name}; без него звонков не различить"),
    ("the leg {id} is there twice; name only one of the places that hold it",
        "плечо {id} встретилось дважды; назовите только одно из мест, где оно есть"),
    ("a {name} is before 1970 or after 2105", "{name} раньше 1970 или позже 2105 года"),
    ("there are too many {what}", "слишком много: {what}"),
    ("what is read changed while it was read; run it again", "то, что читалось, за это время изменилось; запустите снова"),

    // cli/stats.rs
    ("write calls in an hour as 200/h", "звонки в час пишут так: 200/h"),
    ("write a number from 0 to 100000, such as 12.5", "напишите число от 0 до 100000, например 12.5"),
    ("write a share as 30%", "долю пишут так: 30%"),
    ("write a share above nothing as 1%", "доля больше нуля, пишут так: 1%"),
    ("write it as 3m or 200s", "пишут так: 3m или 200s"),
    ("write percent and seconds as 80/20; the percent from 1 to 99", "процент и секунды пишут так: 80/20; процент от 1 до 99"),

    // commands/numbers.rs
    ("it is not said which legs are to be counted", "не сказано, какие плечи считать"),
    ("numbers are computed from legs that were extracted before", "числа считаются по плечам, выгруженным раньше"),
    ("add --data FILE, a file or folder of `calllegs get`, or a place of `calllegs sync`",
        "добавьте --data FILE: файл или папку от `calllegs get` либо место от `calllegs sync`"),
    ("there are no legs in {place}", "в {place} нет плеч"),
    ("numbers are of calls", "числа – о звонках"),
    ("name another place with --data", "назовите другое место в --data"),
    ("the legs cannot be redacted: {error}", "из плеч не убрать людей: {error}"),
    ("a column has not the type that legs have", "тип столбца не тот, что у плеч"),

    // commands/sql.rs
    ("the period ends before it starts: from {from} till {till}", "период кончается раньше, чем начинается: с {from} по {till}"),
    ("--till is its last day", "--till – его последний день"),

    // commands/stats.rs
    ("{key} has several results: {names}", "у {key} несколько результатов: {names}"),
    ("a CSV and a workbook hold one table", "в CSV и в книге Excel одна таблица"),
    ("add --only {one}, or --only {other}; --json has all", "добавьте --only {one} или --only {other}; в --json есть все"),
    ("no statement computes this: it is counted from the legs, which gives the same",
        "запроса для этого нет: считается по плечам, выходит то же самое"),
    ("{key} has no list of calls", "у {key} нет списка звонков"),
    ("calls are listed that nobody answered", "в списке – звонки, на которые никто не ответил"),
    ("calllegs stats missed --list, or calllegs stats callbacks --list",
        "calllegs stats missed --list или calllegs stats callbacks --list"),
    ("{key} has no variants", "у {key} нет вариантов"),
    ("--sl-variant says which calls the service level is a share of", "--sl-variant говорит, от каких звонков доля – уровень обслуживания"),
    ("{key} is not of reasons", "{key} – не о причинах"),
    ("--reason says which rings are counted that nobody answered", "--reason говорит, какие неотвеченные вызовы считать"),
    ("there is no reason {reason}", "нет причины {reason}"),
    ("it is none of the 64 that the API documents", "её нет среди 64, описанных в API"),
    ("calllegs reasons lists them", "их перечисляет calllegs reasons"),
    ("a list of calls is not split by {by}", "список звонков не делится по {by}"),
    ("each call has its time and scenario beside it", "рядом с каждым звонком и так стоят его время и сценарий"),
    ("leave --list out for figures, or --by {account} for the list", "для чисел уберите --list, для списка – --by {account}"),
    ("--headers is of CSV and workbooks", "--headers – для CSV и книг Excel"),
    ("JSON has names for programs, a table on the screen the titles of --lang",
        "в JSON имена для программ, у таблицы на экране заголовки на языке --lang"),
    ("add --format csv", "добавьте --format csv"),
    ("no terminal shows one", "терминал её не покажет"),
    ("add -o {key}.xlsx", "добавьте -o {key}.xlsx"),
    ("-o is of workbooks", "-o – для книг Excel"),
    ("other forms go to standard output", "остальные формы идут в стандартный вывод"),
    ("add --format xlsx, or redirect: > FILE", "добавьте --format xlsx или перенаправьте: > FILE"),
    ("{only} cannot be split by what it is told by", "{only} не разделить по тому, по чему он и так разложен"),
    ("the column would be there twice", "столбец стоял бы дважды"),
    ("leave --by out", "уберите --by"),
    ("{key} has no result {only}", "у {key} нет результата {only}"),
    ("it has {names}", "есть {names}"),
    (" and ", " и "),

    // commands/stats/answer.rs
    ("the database has a start_time of another form", "start_time в базе в другом виде"),
    ("another program may have made the table", "таблицу могла сделать другая программа"),
    ("let calllegs make it: calllegs sync --to PLACE", "пусть её сделает calllegs: calllegs sync --to PLACE"),

    // commands/stats/split.rs
    ("it is told by that as it is", "по этому он и так разложен"),
    ("it follows callers, who go through more than one {split}", "он следует за звонящими, а у них {split} не один"),
    ("a call rings several employees and is none's alone; `calllegs stats people` says what each did",
        "звонок вызывает нескольких сотрудников и не принадлежит одному; что сделал каждый, говорит `calllegs stats people`"),
    ("what it counts does not fall into one {split}", "то, что он считает, не лежит в одном {split}"),
    ("{told} cannot be split by {split}", "{told} не делится по {split}"),
    (", or ", ", или "),

    // commands/stats/staff.rs
    ("no number of lines is enough", "не хватит никакого числа линий"),
    ("no number of people is enough", "не хватит никакого числа людей"),
    ("the load is too high for the goal, or the goal allows nothing", "для такой цели нагрузка слишком велика, или цель не допускает ничего"),
    ("lower the goal, or give more room: --goal 80/20, --max-occupancy 85%, --shrinkage 30%, --loss 1%",
        "снизьте цель или дайте больше места: --goal 80/20, --max-occupancy 85%, --shrinkage 30%, --loss 1%"),

    // commands/stats/workbook.rs
    ("take --format csv", "возьмите --format csv"),

    // calllegs-store
    ("numbers of a part of the legs would be wrong ones", "числа по части плеч были бы неверны"),
];
