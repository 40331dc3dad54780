//! Reports that the API lists beside legs: what they are, and how they are read, forecast and kept.

#[rustfmt::skip] // a text is a line
pub(super) const TEXTS: &[(&str, &str)] = &[
    // cli.rs
    ("List the fields of legs or of another report, and their uses", "Показать поля плеч или другого отчёта и что с ними можно делать"),
    ("Of this report in place of legs; `calllegs get --report list` shows them all",
        "Этого отчёта, а не плеч; все отчёты показывает `calllegs get --report list`"),
    ("Rows of another report than legs, as in `get`", "Строки другого отчёта вместо плеч, как в `get`"),
    ("A parameter that the report takes, as in `get`", "Параметр отчёта, как в `get`"),

    // cli/get.rs
    ("Rows of another report than legs, for example calls_report or employees; `list` shows them all",
        "Строки другого отчёта вместо плеч, например calls_report или employees; все показывает `list`"),
    ("A parameter that the report takes beside period and conditions; several times for several",
        "Параметр отчёта помимо периода и условий; можно указать несколько раз"),
    ("Other reports: --report NAME reads any listing of the API in place of legs, whole or not at all; `--report list` names them with what each needs: a period, or a parameter (--param NAME=VALUE). One without a period or a sortable start is read page by page and begins anew when it was stopped. JSON Lines hold structures as they are, other forms as JSON text. Rows without dates cost no point for the zone in a text.",
        "Другие отчёты: --report NAME читает вместо плеч любой список из API, целиком или никак; `--report list` называет их и то, что нужно каждому: период или параметр (--param NAME=VALUE). Отчёт без периода или без сортировки по началу читается постранично и после остановки начинается заново. В JSON Lines вложенные значения остаются как есть, в других видах это текст JSON. Строки без дат в тексте не стоят балла за часовой пояс."),

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

    // commands/plan/listing.rs
    ("not asked: one answer holds all", "не спрошено: всё приходит одним ответом"),
    (" of {left} left today", " из {left} на сегодня"),
    ("report     {report}, {shape}\nrows       {rows}\ncalls      ~{calls}\npoints     ~{points}{left}\n",
        "отчёт      {report}, {shape}\nстроки     {rows}\nзапросы    ~{calls}\nбаллы      ~{points}{left}\n"),
    ("the server did not say how many rows there are", "сервер не сказал, сколько строк"),
    ("calllegs get --count counts them one by one", "calllegs get --count сосчитает их по одной"),

    // commands/sync.rs
    ("rows", "строки"),
    ("no rows were read", "не прочитано ни одной строки"),

    // commands/sync/listings.rs
    ("the place has no rows of {name}", "в хранилище нет строк {name}"),
    ("one answer holds all", "всё приходит одним ответом"),
    ("some text has characters that PostgreSQL cannot hold (U+0000): U+FFFD stands there",
        "в некоторых текстах есть знаки, которых PostgreSQL не хранит (U+0000): вместо них U+FFFD"),
    ("{name}  {rows}, about {points}\n", "{name}  {rows}, около {points}\n"),
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
    ("it has no tables for them", "таблиц для них в нём нет"),
    ("add a place that has, with a sync of its own: a SQLite file, PostgreSQL, or a folder of Parquet",
        "добавьте хранилище с таблицами и своим запуском sync: файл SQLite, PostgreSQL или папку Parquet"),
    ("legs are kept in it", "в ней хранятся плечи"),
    ("choose another schema, or give that table another name", "выберите другую схему или переименуйте ту таблицу"),
    ("it lacks the columns by which a sync knows its rows", "в ней нет столбцов, по которым sync узнаёт свои строки"),
    ("choose another file, or give that table another name", "выберите другой файл или переименуйте ту таблицу"),
];
