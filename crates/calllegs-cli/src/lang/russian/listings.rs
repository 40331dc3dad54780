//! Reports that the API lists beside legs: what they are, and how they are read, forecast and kept.

#[rustfmt::skip] // a text is a line
pub(super) const TEXTS: &[(&str, &str)] = &[
    // cli.rs
    ("List the fields of legs or of another report, and their uses", "Показать поля плеч или другого отчёта и что с ними можно делать"),
    ("Of this report in place of legs; `calllegs get --report list` shows them all",
        "Этого отчёта, а не плеч; все отчёты показывает `calllegs get --report list`"),
    ("Rows of another report than legs, as in `get`", "Строки другого отчёта вместо плеч, как в `get`"),
    ("A parameter that the report takes, as in `get`", "Параметр отчёта, как в `get`"),

    ("Columns of other listings beside each leg, as in `get`", "Столбцы других списков рядом с плечом, как в `get`"),

    // cli/get.rs
    ("Rows of another report than legs, for example calls_report or employees; `list` shows them all",
        "Строки другого отчёта вместо плеч, например calls_report или employees; все показывает `list`"),
    ("A parameter that the report takes beside period and conditions; several times for several",
        "Параметр отчёта помимо периода и условий; можно указать несколько раз"),
    ("Other reports: --report NAME reads any listing of the API in place of legs, whole or not at all; `--report list` names them with what each needs: a period, or a parameter (--param NAME=VALUE). One without a period or a sortable start is read page by page and begins anew when it was stopped. JSON Lines hold structures as they are, other forms as JSON text. Rows without dates cost no point for the zone in a text.",
        "Другие отчёты: --report NAME читает вместо плеч любой список из API, целиком или никак; `--report list` называет их и то, что нужно каждому: период или параметр (--param NAME=VALUE). Отчёт без периода или без сортировки по началу читается постранично и после остановки начинается заново. В JSON Lines вложенные значения остаются как есть, в других видах это текст JSON. Строки без дат в тексте не стоят балла за часовой пояс."),

    ("Columns of other listings beside each leg: sessions (direction, lost, wait), costs; each costs points of its own",
        "Столбцы других списков рядом с плечом: sessions (направление, потерян, ожидание), costs; за каждый – свои баллы"),
    ("Columns beside legs: --with sessions adds what get.calls_report says of the session of a leg (session_direction, session_is_lost, session_wait_duration, session_postprocess_duration, session_source), --with costs what get.financial_call_legs_report says of the leg (cost_total_charge, cost_bonuses_charge, cost_per_minute, cost_chargeable_duration, cost_direction_type). They are read before the legs, for the whole period, all of it or the run fails, and --max-points holds over all; sessions from six hours earlier on, because a session is listed by its own start. A leg without such a row, as one that cost nothing, has nulls, and the run says how many there are. They are held in memory, about 150 bytes a row, and a run that goes on reads them again. Two rows for one leg end the run: nobody knows which is meant.",
        "Столбцы рядом с плечами: --with sessions добавляет то, что get.calls_report говорит о сессии плеча (session_direction, session_is_lost, session_wait_duration, session_postprocess_duration, session_source), --with costs – то, что get.financial_call_legs_report говорит о плече (cost_total_charge, cost_bonuses_charge, cost_per_minute, cost_chargeable_duration, cost_direction_type). Они читаются до плеч, за весь период, целиком, иначе запуск завершается ошибкой, и --max-points действует на всё вместе; сессии – с шести часов до начала, потому что сессия стоит в списке по своему началу. У плеча без такой строки, например бесплатного, там null, и запуск говорит, сколько таких плеч. Строки хранятся в памяти, около 150 байт каждая, и после остановки читаются снова. Две строки на одно плечо завершают запуск: неизвестно, какая верна."),

    // cli/sync.rs
    ("Reports, a table for each, in SQLite files: calls_report,employees,call_legs_report; legs alone unless given",
        "Отчёты, каждый в свою таблицу, в файлах SQLite: calls_report,employees,call_legs_report; иначе только плечи"),

    // commands/explain.rs
    ("report", "отчёт"),
    ("metric", "показатель"),
    ("metrics", "показателей"),
    ("means", "что это"),
    ("left out", "кроме"),
    ("mind", "учтите"),
    ("reports", "отчётов"),
    ("nothing: rows are counted only", "нет: строки можно только считать"),
    ("a period", "период"),
    ("no period", "без периода"),
    ("over", "охват"),
    ("read", "читается"),
    ("told by", "ключ"),
    ("columns", "полей"),
    ("{points} a page of up to 10,000 rows", "{points} за страницу до 10 000 строк"),
    ("rows that the API lists: calllegs get --report {object}", "строки, которые отдаёт API: calllegs get --report {object}"),

    // commands/export.rs
    ("page {pages}: {rows} so far, {points}", "страница {pages}: пока {rows}, {points}"),
    ("{name} is not complete:\n  {holes}", "{name}: прочитано не всё:\n  {holes}"),

    // commands/get.rs
    ("not asked", "не спрошен"),
    ("nothing is sent; a listing of more than one page is asked again with a larger offset",
        "ничего не отправлено; список больше одной страницы запрашивается снова с большим offset"),

    // commands/companions.rs
    ("{name}: {columns} missing in the replies, and null", "{name}: в ответах нет {columns}, там null"),
    ("{name} lists {rows} more than once", "в {name} не один раз: {rows}"),
    ("one row a leg is documented, and two may be two charges as well as copies of one",
        "по документации на плечо одна строка, а две могут быть и двумя списаниями, и копиями одной"),
    ("leave `costs` out of --with, and look at the report by itself",
        "уберите `costs` из --with и посмотрите этот отчёт отдельно"),
    ("{name}: {rows} read", "{name}: прочитано {rows}"),
    ("{names}: about {points} more", "{names}: ещё около {points}"),
    ("nothing of {name}: it is read whole or not at all", "от {name} ничего: отчёт читается целиком или никак"),

    // commands/plan.rs
    ("joined", "рядом"),
    ("rows of {name}", "строки {name}"),

    // commands/plan/listing.rs
    ("not asked: one answer holds all", "не спрошено: всё приходит одним ответом"),
    (" of {left} left today", " из {left} на сегодня"),
    ("report     {report}, {shape}\nrows       {rows}\ncalls      ~{calls}\npoints     ~{points}{left}\n",
        "отчёт      {report}, {shape}\nстроки     {rows}\nзапросы    ~{calls}\nбаллы      ~{points}{left}\n"),
    ("the server did not say how many rows there are", "сервер не сказал, сколько строк"),
    ("calllegs get --count counts them one by one", "calllegs get --count сосчитает их по одной"),

    // commands/sync.rs
    ("calllegs plan --report NAME forecasts one", "отчёт оценивает calllegs plan --report NAME"),
    ("name one account with --user-id", "назовите один аккаунт в --user-id"),
    ("{flag} is for legs, or for one account", "{flag} – для плеч или для одного аккаунта"),
    ("other reports are read one after the other, into tables of one account",
        "другие отчёты читаются один за другим, в таблицы одного аккаунта"),

    // commands/sync/listings.rs
    ("{name} is not kept in a database", "{name} в базе не хранится"),
    ("it needs `{param}`, and a table would hold the rows of one value of it",
        "ему нужен `{param}`, и в таблице были бы строки только одного его значения"),
    ("calllegs get --report writes them to a file, with --param", "в файл их пишет calllegs get --report с --param"),
    ("{name}: {rows} read, {new} new, {changed} changed", "{name}: прочитано {rows}, новых {new}, изменённых {changed}"),
    ("removed", "удалено"),
    ("kept: --exact removes them", "оставлено, удаляет --exact"),
    ("{name}: the server does not have {gone} any more, {what}", "{name}: на сервере больше нет: {gone}; {what}"),
    ("run the command again: what is missing is still due",
        "запустите команду ещё раз: то, чего не хватает, будет прочитано"),
    ("{name}: {rows} so far", "{name}: пока {rows}"),

    // commands/tables.rs
    ("shape", "чтение"),
    ("needs", "нужно"),
    ("identity", "ключ"),
    ("\nShapes: hops by time, windows by time, offset page by page, single in one answer. Points are those of a page of up to 10,000 rows.\ncalllegs fields --report NAME lists the columns of one.\n",
        "\nЧтение: hops и windows – по времени, offset – постранично, single – одним ответом. Баллы – за страницу до 10 000 строк.\nПоля отчёта показывает calllegs fields --report NAME.\n"),

    // input/listing.rs
    ("--report reads, and `{verb}` methods write", "--report читает, а методы `{verb}` пишут"),
    ("this tool changes nothing in an account", "эта программа ничего в аккаунте не меняет"),
    ("calllegs get --report list shows what can be read", "что можно читать, показывает calllegs get --report list"),
    ("--report holds a word that is no report", "в --report есть слово, которое не отчёт"),
    ("there is no report `{name}`", "отчёта `{name}` нет"),
    ("did you mean `{near}`? calllegs get --report list shows them all",
        "может быть, `{near}`? Все отчёты показывает calllegs get --report list"),
    ("calllegs get --report list shows them all", "все отчёты показывает calllegs get --report list"),
    ("no table of the API has a reading method of this name", "метода чтения с таким именем нет ни в одной таблице API"),
    ("{name} has no period", "у {name} нет периода"),
    ("the API lists all of its rows, whenever they are from", "API отдаёт все его строки, за какое бы время они ни были"),
    ("leave the dates out; --where-local chooses by a column that holds one",
        "уберите даты; по полю с датой отбирает --where-local"),
    ("--report is for one account at a time", "--report – для одного аккаунта за раз"),
    ("rows of several accounts would stand in one file, and their ids are each account's own",
        "строки нескольких аккаунтов оказались бы в одном файле, а id у каждого аккаунта свои"),
    ("name one account with --user-id, and a file for each", "назовите один аккаунт в --user-id и для каждого свой файл"),
    ("a folder takes legs, and not {name}", "в папку пишутся плечи, а не {name}"),
    ("its files have the names of the dates on which legs begin", "её файлы названы датами, в которые начинаются плечи"),
    ("name a file, for example -o rows.parquet", "назовите файл, например -o rows.parquet"),
    ("{name} takes no conditions", "{name} не принимает условий"),
    ("the API has no filter for it", "фильтра для него в API нет"),
    ("--where-local chooses after download", "после загрузки отбирает --where-local"),
    ("add --param {missing}=VALUE", "добавьте --param {missing}=VALUE"),
    ("{brand} has no {name}", "у {brand} нет {name}"),
    ("its pages do not list this method", "в его документации этого метода нет"),
    ("calllegs get --report list shows which brands have which reports",
        "какие отчёты есть у каких брендов, показывает calllegs get --report list"),
    ("--param has no `=`", "в --param нет `=`"),
    ("it names a parameter of the method and its value", "он называет параметр метода и его значение"),
    ("write --param NAME=VALUE", "напишите --param NAME=VALUE"),
    ("--param {name} takes a value of the type {kind}", "--param {name} принимает значение типа {kind}"),
    ("{name} documents it so", "так сказано в документации {name}"),
    ("numbers and true or false stand bare, lists with commas between, objects as JSON",
        "числа, true и false пишут как есть, списки – через запятую, объекты – в JSON"),

    // input/redaction.rs
    ("people are taken off legs, not off other reports", "данные о людях убираются из плеч, но не из других отчётов"),
    ("which columns of a report say who people are is not known",
        "неизвестно, в каких полях отчёта есть данные о людях"),
    ("choose columns without people: --fields A,B with --no-redact --yes",
        "выберите поля без данных о людях: --fields A,B с --no-redact --yes"),

    // Causes and steps of the store
    ("its rows are of the whole period that was asked for, and nothing places them in it",
        "его строки – за весь запрошенный период, и ничто не говорит, к какому времени в нём они относятся"),
    ("tables of other reports are made in SQLite files alone", "таблицы других отчётов бывают только в файлах SQLite"),
    ("add a place for them, for example --to reports.db, with a sync of its own",
        "добавьте для них хранилище, например --to reports.db, со своим запуском sync"),
    ("it lacks the columns by which a sync knows its rows", "в ней нет столбцов, по которым sync узнаёт свои строки"),
    ("choose another file, or give that table another name", "выберите другой файл или переименуйте ту таблицу"),

    // input/with.rs
    ("--with is not for --limit", "--with не сочетается с --limit"),
    ("--with is not for --count", "--with не сочетается с --count"),
    ("--with is not for a table on the screen", "--with не для таблицы на экране"),
    ("sessions and costs are read for the whole period, and that would be paid for nothing",
        "сессии и стоимость читаются за весь период, и это было бы оплачено зря"),
    ("ask for a shorter period, whole, into a file (-o FILE) or with --format jsonl",
        "запросите более короткий период целиком, в файл (-o FILE) или с --format jsonl"),

    // ui/outcome.rs
    ("{legs} without a row of {name}: its columns are null there", "{legs} без строки {name}: её столбцы там пусты (null)"),

    // cli/sync.rs, commands/verify/sessions.rs
    ("Hold calls, put together from legs, against the API's own report: sessions",
        "Сверить звонки, собранные из плеч, с отчётом самого API: sessions"),
    ("With --against sessions the calls that begin in the period are put together from the legs of the place, any file of `get` too, and held against get.calls_report, call by call: direction; lost, of inbound calls; wait_duration, of answered inbound ones; talk_duration, of all but those within the house; what differs by one second is told apart. The share that agrees is an answer, and the exit code is 0 whatever it is; 11 says that one side has calls which the other lacks. Calls that are not over at the end of the period are left out, and so are those that began before it, and those of the last two hours, which may go on. Only the report costs points, at least one.",
        "С --against sessions звонки, которые начинаются в периоде, собираются из плеч этого места (годится и любой файл `get`) и сверяются с get.calls_report по одному: direction; is_lost – у входящих; wait_duration – у принятых входящих; talk_duration – у всех, кроме внутренних; разница в одну секунду считается отдельно. Доля совпадений – это ответ, и код завершения 0, какой бы она ни была; 11 значит, что у одной стороны есть звонки, которых нет у другой. Звонки, не законченные к концу периода, не сверяются, как и начавшиеся до него и за последние два часа: они могут продолжаться. Баллы стоит только отчёт, не меньше одного."),
    ("compared up to {till}: younger calls may go on", "сверено до {till}: более поздние звонки могут продолжаться"),
    ("the period is too young to be compared", "период слишком свежий для сверки"),
    ("calls of the last two hours may go on, and the report does not have them yet",
        "звонки последних двух часов могут продолжаться, и в отчёте их ещё нет"),
    ("ask for an earlier period, or later", "запросите более ранний период или повторите позже"),
    ("session", "сессия|сессии|сессий"),
    ("calls are put together from legs", "звонки собираются из плеч"),
    ("name another place with --data, or another period", "назовите другое место в --data или другой период"),
    ("{calls} on one side only", "{calls} только на одной стороне"),
    ("legs are missing in the place, or calls in the report; figures are of calls that both have",
        "не хватает плеч в этом месте или звонков в отчёте; показатели – по звонкам, которые есть у обоих"),
    ("read the legs of the period again: calllegs get, or calllegs sync --full-refresh",
        "прочитайте плечи периода заново: calllegs get или calllegs sync --full-refresh"),
    ("the place has no legs of {account} in this time", "в этом месте нет плеч {account} за это время"),
    ("{calls} on both sides\n", "{calls} на обеих сторонах\n"),
    ("{agree} of {of} agree", "совпадают {agree} из {of}"),
    ("; {near} more within a second", "; ещё {near} с разницей в секунду"),
    ("only in the report", "только в отчёте"),
    ("only in the place", "только в этом месте"),
    ("left out, not over at the end of the period: {calls}\n", "не сверялись, не закончены к концу периода: {calls}\n"),
];
