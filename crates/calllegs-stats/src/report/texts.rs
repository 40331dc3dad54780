//! Every text of a report in both languages, side by side. Forms of a word are separated by a bar: one, (few,) many; `{0}`, `{1}` … are filled in.
//!
//! Not here: reasons (`reason_words`).

use crate::language::Both;

macro_rules! texts {
    ($($name:ident: $en:literal, $ru:literal;)*) => {
        $(pub(super) const $name: Both = Both::new($en, $ru);)*
        #[cfg(test)]
        const ALL: &[(&str, Both)] = &[$((stringify!($name), $name)),*];
    };
}

texts! {
    // Of numbers and dates.
    OF: "{0} of {1}", "{0} из {1}";
    SECONDS: "s", "с";
    MINUTES: "min", "мин";
    HOURS: "h", "ч";
    POINTS: "pp", "п. п.";
    NO_UNIT: "", "";
    MONTHS: "January|February|March|April|May|June|July|August|September|October|November|December",
        "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря";
    SHORT_MONTHS: "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec",
        "янв|фев|мар|апр|май|июн|июл|авг|сен|окт|ноя|дек";
    WEEKDAYS: "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
        "понедельник|вторник|среда|четверг|пятница|суббота|воскресенье";
    SHORT_WEEKDAYS: "Mon|Tue|Wed|Thu|Fri|Sat|Sun", "Пн|Вт|Ср|Чт|Пт|Сб|Вс";
    PEOPLE: "person|people", "человек|человека|человек";
    PEOPLE_DATIVE: "person|people", "человеку|людям|людям";
    OF_CALLS: "call|calls", "звонка|звонков|звонков";

    // Head and foot.
    TITLE: "Calls, {0}", "Звонки, {0}";
    HAS_PHONES: "This file shows telephone numbers of people. Pass it on only to those who may see them.",
        "В этом файле телефонные номера людей. Передавайте его только тем, кому можно их видеть.";
    NO_CALLS: "No inbound call reached an employee in this period.", "За этот период ни один входящий звонок не дошёл до сотрудников.";
    NONE_MISSED: "None of {0} was missed.", "Ни один из {0} не пропущен.";
    YOU_MISSED: "You missed {0} of {1}{2}.", "Пропущено {0} из {1}{2}.";
    NOT_REACHED: "{0} were not reached afterwards.", "{0} так и не дождались разговора.";
    WHAT_TO_DO: "What to do first", "Что сделать в первую очередь";
    DO_CALL_BACK: "Call {0} back: nobody has talked with them since the missed call.",
        "Перезвонить {0}: после пропущенного звонка с ними никто не поговорил.";
    DO_ADMIN: "Settings, for an administrator: “{0}” ended {1} unanswered rings.",
        "Настройки, дело администратора: «{0}» – {1} неотвеченных вызовов.";
    DO_OWNER: "Account, for its owner: “{0}” ended {1} unanswered rings.",
        "Лицевой счёт, дело владельца: «{0}» – {1} неотвеченных вызовов.";
    DO_PEOPLE: "Staffing, for a team lead: “{0}” ended {1} unanswered rings.",
        "Люди, дело руководителя: «{0}» – {1} неотвеченных вызовов.";
    DO_STAFF: "More people on {0}: {1} calls were missed in that hour.",
        "Больше людей на час: {0} – пропущено {1} звонков.";
    COMPLETE: "complete: {0} days", "данные полны: {0} дней";
    INCOMPLETE: "incomplete: {0} days; no data of {1}", "данные неполны: {0} дней; нет данных за {1}";
    NOT_RECORDED: "calls on {0} days; whether all are there is not on record", "звонки есть в {0} дней; все ли они на месте, не записано";
    AS_OF: "data as of {0}", "данные на {0}";
    NOT_FINAL: "not final since {0}", "ещё могут измениться с {0}";
    NO_FILTERS: "all calls, no filter", "все звонки, без отбора";
    FILTERS: "filter: {0}", "отбор: {0}";
    COMPARED: "compared with {0}", "сравнение: {0}";
    AGREEMENT: "{0} of {1} calls agree with the session report", "{0} из {1} звонков сходятся с отчётом по сессиям";
    FOOT: "Counted from call legs: rings become calls before anything is counted. The keys under the figures name their definitions.",
        "Посчитано по плечам звонков: вызовы сначала собираются в звонки. Ключи под показателями называют их определения.";
    HOW_COUNTED: "How this is counted", "Как это посчитано";
    LEFT_OUT: "Left out:", "Не считаются:";
    DATA: "Numbers of this page for programs", "Числа этой страницы для программ";
    MORE_ROWS: "and {0} more: they are in the workbook", "и ещё {0}: они есть в книге Excel";
    NO_NAME: "(no name)", "(без названия)";

    // Tiles.
    SERVICE_LEVEL: "Service level", "Уровень обслуживания (SL)";
    MISSED: "Missed", "Пропущено";
    SPEED: "Speed of answer", "Скорость ответа (ASA)";
    AVERAGE_TALK: "Average talk time", "Средний разговор";
    NEVER_REACHED: "Never reached", "Остались без разговора";
    LEVEL_SAID: "{0} answered within {1}", "{0} отвечены за {1}";
    MISSED_SAID: "{0} calls: {1} gave up, {2} met nobody", "звонков: {0}; не дождались {1}, никого не застали {2}";
    SPEED_SAID: "half within {0}, nine of ten within {1}", "половина за {0}, девять из десяти за {1}";
    TALK_SAID: "{0} in all, {1} {2}", "всего {0}, {1} {2}";
    OF_ANSWERED: "answered call|answered calls", "отвеченный звонок|отвеченных звонка|отвеченных звонков";
    NEVER_REACHED_SAID: "{0}, within {1} of a missed call", "{0} за {1} после пропущенного";
    WAS: "was {0}", "было {0}";
    AS_BEFORE: "as before", "как раньше";
    NO_PREVIOUS: "no earlier figure", "сравнить не с чем";
    BETTER: "better", "лучше";
    WORSE: "worse", "хуже";

    // Calls by day.
    BY_DAY: "Calls by day", "Звонки по дням";
    BY_WEEK: "Calls by week", "Звонки по неделям";
    BY_MONTH: "Calls by month", "Звонки по месяцам";
    PERIOD: "Period", "Период";
    OFFERED: "Offered", "Поступило";
    ANSWERED: "Answered", "Отвечено";
    MISSED_SHARE: "Missed, share", "Доля пропущенных";
    WEEKEND: "weekend", "выходные";
    NO_DATA: "no data", "нет данных";
    WORST_DAY: "Worst: {0}, {1} calls missed ({2}).", "Хуже всего: {0}, пропущено {1} ({2}).";
    LEVEL_LEGEND: "service level: answered within {0}", "уровень обслуживания: ответ за {0}";
    GOAL_LEGEND: "goal {0}", "цель {0}";
    DAYS_DESCRIPTION: "Above, a line for the service level from 0 to 100 percent with its goal; below, columns of answered and missed calls.",
        "Сверху линия уровня обслуживания от 0 до 100 процентов и цель, снизу столбцы отвеченных и пропущенных звонков.";
    DAYS_COUNTED: "Offered are inbound calls that rang an employee; those that were given up within {0} of the first ring are left out. Answered and missed together are offered. A call belongs to the day on which it began.",
        "Поступившие – входящие звонки, дошедшие до сотрудника; не считаются сброшенные в первые {0} после первого вызова. Отвеченные и пропущенные вместе дают поступившие. Звонок относится к дню, когда начался.";
    LEVEL_COUNTED: "Service level: calls answered within {0} of the first ring of an employee, divided by offered calls. Days without calls have no point; a hollow point is of fewer than 20 calls.",
        "Уровень обслуживания: звонки, отвеченные за {0} от первого вызова сотрудника, делённые на поступившие. У дней без звонков точки нет; пустая точка – меньше 20 звонков.";
    STEPS_COUNTED: "The parts of several days are summed and divided once; percentages are not averaged.",
        "Слагаемые за несколько дней складываются и делятся один раз; проценты не усредняются.";

    // When people call.
    WHEN: "When people call", "Когда звонят";
    WEEKDAY: "Weekday", "День недели";
    HOUR: "Hour", "Час";
    PER_DAY: "Per such hour", "В среднем за час";
    CALLS_HEAD: "Calls", "Звонки";
    WORST_HOUR: "Most are missed on {0}: {1} calls ({2}).", "Больше всего пропущено: {0} – {1} ({2}).";
    HEAT_LEGEND: "0 … {0} calls in such an hour, on average", "0 … {0} звонков за такой час в среднем";
    MARK_LEGEND: "more than {0} missed, of at least {1} calls", "пропущено больше {0} (от {1} звонков)";
    HEAT_DESCRIPTION: "Seven rows of weekdays and 24 columns of hours; the darker, the more calls. A dot marks hours in which many are missed.",
        "Семь строк – дни недели, 24 столбца – часы; чем темнее, тем больше звонков. Точкой отмечены часы, где много пропущенных.";
    HEAT_COUNTED: "Offered calls by the hour in which they began ({0}), divided by how many such days the period has, also days without a call.",
        "Поступившие звонки по часу начала ({0}), делённые на число таких дней в периоде, включая дни без звонков.";
    HEAT_SAID: "{0}: {1} calls on average; missed {2}", "{0}: в среднем {1} звонков; пропущено {2}";

    // How long people wait.
    WAITS: "How long people wait", "Сколько ждут ответа";
    WAIT: "Wait", "Ожидание";
    CALLER_LEFT: "Caller gave up", "Не дождались";
    DROPPED: "Nobody answered", "Никто не ответил";
    LONGER: "{0} s and more", "{0} с и дольше";
    WAITS_SAY: "Half are answered within {0}, nine of ten within {1}; the longest wait was {2}.",
        "Половине отвечают за {0}, девяти из десяти за {1}; дольше всех ждали {2}.";
    WAITS_DESCRIPTION: "Columns of five seconds of waiting: answered calls upwards, lost ones downwards, and a line at the goal.",
        "Столбцы по пять секунд ожидания: отвеченные вверх, потерянные вниз; линия – цель.";
    WAITS_COUNTED: "From the first ring of an employee to a human voice, or to the end of a call that nobody answered. Calls that were given up at once are drawn too. Up and down have one scale.",
        "От первого вызова сотрудника до живого голоса или до конца звонка без ответа. Сброшенные сразу тоже показаны. Масштаб вверх и вниз один.";
    WAITS_AXIS: "seconds of waiting", "секунды ожидания";
    GOAL_AT: "goal {0}", "цель {0}";

    // Load and staffing.
    LOAD: "Load and staffing", "Нагрузка и люди";
    HALF_HOUR: "Half hour", "Полчаса";
    PEOPLE_THERE: "People there", "Людей было";
    PEOPLE_NEEDED: "People needed", "Нужно людей";
    TALK_SECONDS: "Talk, s", "Разговор, с";
    ERLANGS: "Erlang", "Эрланг";
    LINES: "Lines in use", "Занято линий";
    MOST_LINES: "Most lines", "Наибольшее число линий";
    LOAD_LACKS: "Widest gap: {0}, {1} needed, {2} there on average.", "Наибольшая нехватка: {0} – нужно {1}, в среднем было {2}.";
    LOAD_SUFFICES: "There are enough people in every busy half hour; most are needed at {0}: {1}, with {2} there on average.",
        "Людей хватает в любые загруженные полчаса; больше всего нужно в {0}: {1}, в среднем было {2}.";
    THERE_LEGEND: "people there, on average", "людей было, в среднем";
    NEEDED_LEGEND: "people needed for {0} within {1}", "нужно людей для {0} за {1}";
    THERE: "there", "было";
    LACKING: "lacking", "не хватает";
    LINES_LEGEND: "lines in use, on average", "занято линий, в среднем";
    MOST_LINES_LEGEND: "most at once", "больше всего сразу";
    LOAD_DESCRIPTION: "Above, by half hour of the day, columns of people who were there, a stepped line of people needed, and striped columns where these are more. Below, columns of lines in use on average and a stepped line of the most at once.",
        "Сверху по получасам дня: столбцы – сколько людей было, ступенчатая линия – сколько нужно, полосатые столбцы – сколько не хватает. Снизу: столбцы – занято линий в среднем, ступенчатая линия – больше всего сразу.";
    LOAD_COUNTED: "Offered calls of a half hour times talk time is the load (Erlang). People needed follow from it by Erlang C, which assumes that nobody gives up and so is rather too high. Nobody is to talk more than 85 percent of the time. Breaks come on top: with 30 percent of the time off, ten on the telephones are fifteen on the schedule. Ringing and work after a call are not in it. All are means over the days that had a call: a busy weekday needs more than that.",
        "Поступившие за полчаса звонки, умноженные на длительность разговора, – это нагрузка (эрланги). Нужное число людей – по формуле Эрланга C: она считает, что никто не сбрасывает, и потому скорее завышает. Никто не должен говорить больше 85 процентов времени. Перерывы сверх того: если на них уходит 30 процентов, десять человек на телефонах – это пятнадцать в графике. Вызов и работа после звонка не входят. Всё – в среднем по дням со звонками: загруженному будню нужно больше.";
    THERE_COUNTED: "Who was there is an estimate: a person counts from one picked up ring to the next where no more than two hours lie between. Calls know nothing of log-in.",
        "Сколько людей было – оценка: человек считается на месте от одного принятого вызова до следующего, если между ними не больше двух часов. О входе в систему звонки не знают.";
    LINES_COUNTED: "Lines in use at once are those of callers and employees, coaches left out.",
        "Занятые одновременно линии – и звонящих, и сотрудников, без наставников.";
    HOUR_AXIS: "hour of the day", "час дня";

    // Why rings were not answered.
    REASONS: "Why a ring was not answered", "Почему на вызов не ответили";
    REASON: "Reason", "Причина";
    API_WORD: "Word of the API", "Слово API";
    WHO_CAN_FIX: "Who can fix it", "Кто может исправить";
    RINGS: "Rings", "Вызовы";
    SHARE: "Share", "Доля";
    SO_FAR: "so far", "накоплено";
    OTHER_REASONS: "other reasons", "другие причины";
    REASONS_SAY: "You can do something about {0} of {1} unanswered rings.", "На {0} из {1} неотвеченных вызовов можно повлиять.";
    REASONS_DESCRIPTION: "Bars of the share of each reason, most frequent first, and a dotted line of the sum so far, both from 0 to 100 percent.",
        "Полосы – доля каждой причины, от частых к редким; точками – накопленная сумма. Обе шкалы от 0 до 100 процентов.";
    REASONS_COUNTED: "Rings of employees that were not picked up, by why they ended. Rings that a colleague answered first are left out: nobody is to blame for them.",
        "Вызовы сотрудников без ответа по причине завершения. Вызовы, на которые раньше ответил коллега, не считаются: в них никто не виноват.";
    FIX_PEOPLE: "team lead: staffing, schedule", "руководитель: люди, график";
    FIX_ADMIN: "administrator: devices, settings", "администратор: телефоны, настройки";
    FIX_OWNER: "owner: money, limits", "владелец: деньги, лимиты";
    PEOPLE_SHORT: "team lead", "руководитель";
    ADMIN_SHORT: "administrator", "администратор";
    OWNER_SHORT: "owner", "владелец";
    FIX_NOBODY: "nobody here", "от вас не зависит";

    // Missed and not called back.
    CALLBACKS: "Missed and not called back", "Пропущенные без перезвона";
    MISSED_CALLS: "Missed calls", "Пропущенные звонки";
    CALLED_BACK: "Called back", "Перезвонили";
    TRIED_AGAIN: "Caller tried again", "Дозвонились сами";
    LOST: "Lost", "Потеряны";
    WHAT_BECAME: "What became of them", "Что с ними стало";
    CALLBACKS_SAY: "{0} to call. Within 15 minutes you called {1} back.", "Ждут звонка: {0}. За 15 минут перезвонили по {1}.";
    MINUTES_TO_FIX: "Where somebody talked with them, it took {0} on average.", "Где разговор состоялся, до него в среднем прошло {0}.";
    NOTHING_MISSED: "No call was missed.", "Пропущенных нет.";
    CALLBACKS_DESCRIPTION: "Bands from missed calls to those that were called back, that tried again, and that were lost; the wider, the more calls.",
        "Полосы от пропущенных звонков к тем, кому перезвонили, кто дозвонился сам и кто потерян; чем шире, тем больше.";
    CALLBACKS_COUNTED: "A missed call is lost if nobody talked with the caller in either direction within {0} after it. People are counted once. A call back from a private telephone is not seen here.",
        "Пропущенный потерян, если за {0} после него с человеком никто не поговорил ни в одну сторону. Люди считаются один раз. Перезвон с личного телефона здесь не виден.";
    HIDDEN_COUNTED: "{0} more missed calls had a hidden number and cannot be called back.", "Ещё у {0} пропущенных номер скрыт, перезвонить по ним нельзя.";
    WHO_IS_LOST: "Whom to call", "Кому перезвонить";
    CALLER: "Caller", "Кто звонил";
    LAST_CALL: "Last missed call", "Последний пропущенный";

    // People.
    PEOPLE_TITLE: "People", "Сотрудники";
    PEOPLE_SAY: "For outliers, not for a league table: groups, shifts and roles differ.", "Чтобы увидеть отклонения, а не ради рейтинга: группы, смены и роли разные.";
    PERSON: "Employee", "Сотрудник";
    NOBODY: "no employee", "без сотрудника";
    ANSWER_RATE: "Answer rate", "Доля ответов";
    RING_TIME: "Time to pick up", "Снимает трубку за";
    TALK_TIME: "Talk", "Разговоры";
    RATING: "Rating", "Оценка";
    OCCUPANCY: "Busy, estimate", "Занятость, оценка";
    FASTER: "a colleague was faster", "ответил коллега";
    LEFT_RINGING: "caller left while it rang", "звонивший не дождался";
    NOT_PICKED_UP: "not picked up", "не взяли трубку";
    FEW_RINGS: "Fewer than {0} rings: not ranked", "Меньше {0} вызовов: вне сравнения";
    PEOPLE_COUNTED: "Answer rate: answered, divided by answered and not picked up. Rings that a colleague answered, and those whose caller left, are nobody's fault and left out. Talk holds transfers too.",
        "Доля ответов: отвеченные, делённые на отвеченные и неснятые. Вызовы, на которые ответил коллега или которых звонивший не дождался, не считаются. Разговоры включают переводы.";
    PEOPLE_LIMITS: "People with fewer than {0} rings stand apart. A rating is a mean with its count, from {1} ratings on.",
        "Сотрудники, у которых меньше {0} вызовов, показаны отдельно. Оценка – среднее и число оценок, начиная с {1}.";
    OCCUPANCY_COUNTED: "Busy is an estimate: time ringing and talking, divided by the time from the first to the last activity of the day. Breaks and work after calls are not known.",
        "Занятость – оценка: время вызовов и разговоров, делённое на время от первого до последнего действия за день. Перерывы и работа после звонков неизвестны.";

    // Transfers.
    TRANSFERS: "Transfers", "Переводы звонков";
    FROM: "From", "От кого";
    TO: "To", "Кому";
    TRANSFERS_SAY: "Most often: {0} to {1}, {2} calls.", "Чаще всего: {0} → {1}, звонков: {2}.";
    PING_PONG: "{0} and {1} pass calls to each other: {2} there, {3} back.", "{0} и {1} переводят звонки друг другу: {2} туда, {3} обратно.";
    TRANSFERS_DESCRIPTION: "Bands from who passed a call on, on the left, to who got it, on the right; the wider, the more calls.",
        "Полосы от того, кто перевёл, слева, к тому, кто принял, справа; чем шире, тем больше звонков.";
    TRANSFERS_COUNTED: "From and to follow from the order in which people joined a call; the twenty most frequent pairs.",
        "Кто кому перевёл, следует из порядка, в котором люди входили в звонок; двадцать самых частых пар.";

    NOT_ANSWERED: "Not answered", "Не отвечено";
    OTHERS: "(others)", "(другие)";
    GROUP_TRANSFERS_COUNTED: "A call leaves the group for which the one who had it was rung, and comes to the group for which the next one was.",
        "Звонок уходит из группы, по которой вызывали прежнего собеседника, в группу, по которой вызвали следующего.";

    // Tables and single figures.
    BY_ACCOUNT: "By account", "По лицевым счетам";
    BY_NUMBER: "By number", "По номерам";
    NUMBER: "Number of the company", "Номер компании";
    SLICES_COUNTED: "The figures of the tiles, for each alone. Percentages do not add up or average: their parts do.",
        "Показатели сверху для каждой строки отдельно. Проценты не складываются и не усредняются, складываются их части.";
    BY_SCENARIO: "By scenario", "По сценариям";
    SCENARIO: "Scenario", "Сценарий";
    INBOUND: "Inbound", "Входящие";
    LEFT_IN_MENU: "Left in the menu", "Остались в меню";
    SHORT_ABANDONS: "Given up at once", "Сброшены сразу";
    SCENARIOS_COUNTED: "Calls that no employee was rung for were served in the menu or left there; they are in no service level.",
        "Звонки, по которым никого не вызывали, обслужены в меню или остались там; в уровень обслуживания они не входят.";
    BY_GROUP: "By group", "По группам";
    GROUP: "Group", "Группа";
    ANSWERED_RINGS: "Answered rings", "Отвечено вызовов";
    CALLS_RUNG: "Calls", "Звонков";
    CALLS_ANSWERED: "Calls answered", "Отвечено звонков";
    GROUPS_COUNTED: "A call may ring two groups: groups do not add up to the whole.", "Звонок может вызвать две группы: сумма групп больше целого.";
    FIGURES: "More figures", "Ещё показатели";
    REPEATS: "Repeat calls", "Повторные звонки";
    REPEATS_SAID: "{0}, within {1} of the call before", "{0}, в течение {1} после предыдущего";
    FIRST_RESPONSE: "First response, median", "Первый ответ, медиана";
    FIRST_RESPONSE_SAID: "from the first attempt to a conversation; {0} people reached", "от первой попытки до разговора; поговорили с {0} людьми";
    RECORDED: "Recorded", "Записано";
    OF_TALKS: "of {0} conversations", "разговоров: {0}";
    RATED_SAID: "mean; {0} of conversations are rated", "среднее; оценено {0} разговоров";
    RINGS_PER_CALL: "Rings per call", "Вызовов на звонок";
    RINGS_PER_CALL_SAID: "employees rung for one answered call", "вызовов сотрудников на один отвеченный";
    FIGURES_COUNTED: "Repeat calls and first response are of callers whose number is known. Ratings come late: a fresh week looks unrated.",
        "Повторные звонки и первый ответ – по звонившим с известным номером. Оценки приходят позже: свежая неделя выглядит неоценённой.";

    // The workbook.
    FACT_ACCOUNT: "Account", "Лицевой счёт";
    FACT_ZONE: "Time zone", "Часовой пояс";
    FACT_DAYS: "Days", "Дни";
    FACT_COMPLETE: "Completeness", "Полнота";
    FACT_AS_OF: "Data as of", "Данные на";
    FACT_FILTERS: "Filter", "Отбор";
    FACT_PREVIOUS: "Compared with", "Сравнение";
    FACT_WITHIN: "Answered in time: seconds", "Ответ вовремя: секунд";
    FACT_GOAL: "Goal: percent", "Цель: процентов";
    FACT_SHORT: "Short abandon: below so many seconds", "Короткая потеря: меньше секунд";
    FACT_CALLBACK: "Call back within", "Перезвонить за";
    FACT_REPEAT: "Repeat call within", "Повторный звонок за";
    SHEETS: "Sheets", "Листы";
    SHEET_BEFORE: " previous", " раньше";
    KEYS: "Keys", "Ключи";
    METRIC: "Metric", "Показатель";
    VALUE: "Value", "Значение";
    MEANING: "What is counted", "Что считается";
    LEFT_OUT_HEAD: "What is left out", "Что не считается";
    PITFALL: "Where it misleads", "Где обманывает";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_both_languages() {
        let holes =
            |text: &str| (0..9).filter(|hole| text.contains(&format!("{{{hole}}}"))).collect::<Vec<_>>();
        for (name, Both { english: en, russian: ru }) in ALL {
            assert_eq!(holes(en), holes(ru), "{name}");
            assert_eq!(en.is_empty(), ru.is_empty(), "{name}");
            let is_russian =
                ru.chars().any(|letter| ('а'..='я').contains(&letter.to_lowercase().next().unwrap()));
            assert!(is_russian || en.is_empty(), "{name}");
            assert!(!en.chars().any(|letter| ('а'..='я').contains(&letter)), "{name}");
            // They stand between tags as they are.
            assert!(!format!("{en}{ru}").contains(['<', '>', '&', '"']), "{name}");
        }
    }

    #[test]
    fn lists_of_words_have_as_many_in_both_languages() {
        for (text, count) in [(MONTHS, 12), (SHORT_MONTHS, 12), (WEEKDAYS, 7), (SHORT_WEEKDAYS, 7)] {
            assert_eq!([text.english, text.russian].map(|list| list.split('|').count()), [count; 2]);
        }
        for forms in [PEOPLE, PEOPLE_DATIVE, OF_CALLS] {
            assert_eq!([forms.english, forms.russian].map(|list| list.split('|').count()), [2, 3]);
        }
    }
}
