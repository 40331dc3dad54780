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

    // calllegs-store
    ("numbers of a part of the legs would be wrong ones", "числа по части плеч были бы неверны"),
];
