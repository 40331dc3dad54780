//! The longer texts of the help.

#[rustfmt::skip] // a text is a line
pub(super) const TEXTS: &[(&str, &str)] = &[
    ("Attempts after a failed one, where another can help (default 4). Waits that the server asks for (Retry-After, the reset of a limit) do not count, up to 5 minutes in all; with 0 there are none",
        "Сколько раз повторять неудачный запрос, когда это может помочь (по умолчанию 4). Паузы, о которых просит сервер (Retry-After, обновление лимита), не считаются, всего до 5 минут; при 0 повторов нет"),
    ("\
The key is the first of these that is set:
  --token-stdin
  CALLLEGS_TOKEN
  CALLLEGS_TOKEN_FILE
  CALLLEGS_LOGIN with CALLLEGS_PASSWORD or CALLLEGS_PASSWORD_FILE
  the key of the profile (calllegs auth login)
  COMAGIC_, UIS_, NOVOFON_ or CALLGEAR_ with ACCESS_TOKEN, or LOGIN and PASSWORD",
    "\
Ключ – первое, что задано:
  --token-stdin
  CALLLEGS_TOKEN
  CALLLEGS_TOKEN_FILE
  CALLLEGS_LOGIN вместе с CALLLEGS_PASSWORD или CALLLEGS_PASSWORD_FILE
  ключ профиля (calllegs auth login)
  COMAGIC_, UIS_, NOVOFON_ или CALLGEAR_ с ACCESS_TOKEN или с LOGIN и PASSWORD"),
    ("A profile of config.toml (in CALLLEGS_CONFIG, or in calllegs below XDG_CONFIG_HOME or ~/.config) says what flags and variables do not: brand, key (where it is), timezone, reserve, max_points, concurrency, user_id, endpoint, redact, and for sync: to, since, lookback, settle, refresh, redact. calllegs.toml in the folder of work says the same, except for key and endpoint, and before config.toml. The default profile holds where no profile is named, and neither another brand nor an endpoint. Above the profiles stand default_profile and lang.",
        "Профиль в config.toml (в CALLLEGS_CONFIG или в calllegs внутри XDG_CONFIG_HOME или ~/.config) говорит то, чего не сказали флаги и переменные: brand, key (где он), timezone, reserve, max_points, concurrency, user_id, endpoint, redact, а для sync: to, since, lookback, settle, refresh, redact. calllegs.toml в рабочей папке говорит то же, кроме key и endpoint, и раньше config.toml. Профиль по умолчанию действует, когда не назван ни профиль, ни другой бренд, ни endpoint. Выше профилей стоят default_profile и lang."),
    ("Also read: CALLLEGS_BRAND, CALLLEGS_ENDPOINT, CALLLEGS_USER_ID, CALLLEGS_TZ, CALLLEGS_PROFILE, CALLLEGS_MAX_POINTS, CALLLEGS_RESERVE, CALLLEGS_PROGRESS, CALLLEGS_LANG, CALLLEGS_LOG (error, info, debug), CALLLEGS_LOG_FORMAT, CALLLEGS_REDACT_KEY_FILE, HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, TZDIR, NO_COLOR, FORCE_COLOR.",
        "Читаются также: CALLLEGS_BRAND, CALLLEGS_ENDPOINT, CALLLEGS_USER_ID, CALLLEGS_TZ, CALLLEGS_PROFILE, CALLLEGS_MAX_POINTS, CALLLEGS_RESERVE, CALLLEGS_PROGRESS, CALLLEGS_LANG, CALLLEGS_LOG (error, info, debug), CALLLEGS_LOG_FORMAT, CALLLEGS_REDACT_KEY_FILE, HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, TZDIR, NO_COLOR, FORCE_COLOR."),
    ("The log (--log-format json, --log-file FILE) has one object a line: ts, level, event, run_id, and where they are known account, window, rows, changed, holes, points, day_remaining, ms, exit, and of an error code, what, cause and next. The events: run.start window.plan page.ok page.retry limit.wait window.commit account.fail dest.error warning run.end, with -vv call.sent and call.reply. Without a file the objects are on standard error, and nothing else is.",
        "В журнале событий (--log-format json, --log-file FILE) по объекту на строку: ts, level, event, run_id, а где известны – account, window, rows, changed, holes, points, day_remaining, ms, exit, и об ошибке code, what, cause и next. События: run.start window.plan page.ok page.retry limit.wait window.commit account.fail dest.error warning run.end, с -vv call.sent и call.reply. Без файла объекты идут в стандартный поток ошибок, и больше там ничего нет."),
    ("With --json the result is on standard output, also of a run that ends with an error (sync, and verify, doctor and redact --check that found something). The error is one object on standard error (exit, code, what, cause, next, kept, continue; `calllegs explain CODE` tells more), and nothing else is there, unless -v or --progress asks for it; warnings are in the log.",
        "С --json результат идёт в стандартный вывод, и у запуска с ошибкой тоже (sync, а также verify, doctor и redact --check, если что-то нашли). Ошибка – один объект в стандартном потоке ошибок (exit, code, what, cause, next, kept, continue; подробнее: `calllegs explain CODE`), и больше там ничего нет, если не просить -v или --progress; предупреждения – в журнале событий."),
    ("Waiting: a busy server may say when to come back (Retry-After, or the reset of a limit). A call waits until then, for 5 minutes in all; if the server asks for more, the run ends and says how long. These waits do not count as --retries; with --retries 0 nothing is tried again. The next minute of points is always waited for. --timeout bounds each request with its reply, not the waits between them.",
        "Ожидание: занятый сервер может сказать, когда вернуться (Retry-After или обновление лимита). Запрос ждёт до этого времени, всего до 5 минут; если сервер просит больше, запуск кончается и говорит, сколько ждать. Такие ожидания не считаются в --retries; с --retries 0 ничего не повторяется. Следующей минуты баллов запуск дожидается всегда. --timeout ограничивает запрос с ответом, а не паузы между ними."),
    ("The time zone of an account is asked for once in ten minutes, and kept in CALLLEGS_CACHE_DIR, or in calllegs below XDG_CACHE_HOME or ~/.cache, so that a change is noticed. The rules of time zones are those of this machine (TZDIR, /usr/share/zoneinfo) where they are newer than those built in; `calllegs version` says which.",
        "Часовой пояс аккаунта запрашивается раз в десять минут и хранится в CALLLEGS_CACHE_DIR или в calllegs внутри XDG_CACHE_HOME или ~/.cache, чтобы заметить его смену. Правила поясов берутся с этой машины (TZDIR, /usr/share/zoneinfo), если они новее встроенных; какие действуют, говорит `calllegs version`."),
    ("\
Exit codes:
   0 done           2 usage             3 local configuration    4 key
   5 not allowed    6 points used up    7 network or server      8 refused by the API
   9 incomplete    10 destination      11 a difference         12 no rows
  13 another run  129 terminal closed 130 interrupted        141 reader gone
 143 terminated",
    "\
Коды завершения:
   0 готово         2 командная строка  3 локальные настройки    4 ключ
   5 нет доступа    6 баллы кончились   7 сеть или сервер        8 отказ API
   9 неполно       10 место назначения 11 различие             12 нет строк
  13 другой запуск 129 терминал закрыт 130 прервано           141 читатель ушёл
 143 остановлено системой"),
    ("Costs a point for each three months of the period, and one more when the account's zone is neither known nor given by --tz. The server counts the legs; how they lie in the period is not asked, and they are taken to lie evenly.",
        "Стоит по баллу за каждые три месяца периода и ещё один, если пояс аккаунта неизвестен и не указан в --tz. Плечи считает сервер; как они лежат внутри периода, не спрашивается: считается, что равномерно."),
    ("Replies state the limits, so it takes a call to learn them: get.account for one point, already taken off what is shown. A partner's key may not make it, and gets get.customer_users in its place.",
        "Лимиты приходят в ответах, поэтому нужен запрос: get.account за один балл, он уже вычтен из показанного. Ключу партнёра он не разрешён, вместо него get.customer_users."),
    ("\
A sample of config.toml; `calllegs config path` says where it is:
  default_profile = \"acme\"",
    "\
Образец config.toml; где он лежит, говорит `calllegs config path`:
  default_profile = \"acme\""),
    ("  [profile.acme]
  brand = \"uis\"
  key = \"file\"                # kept by: calllegs auth login -p acme",
    "  [profile.acme]
  brand = \"uis\"
  key = \"file\"                # сохраняет: calllegs auth login -p acme"),
    ("  [profile.acme.sync]
  to = [\"calls.db\"]
  since = \"2026-01-01\"
  lookback = \"3d\"",
    "  [profile.acme.sync]
  to = [\"calls.db\"]
  since = \"2026-01-01\"
  lookback = \"3d\""),
    ("\
Each line is a check: ✓ it is well, ! look at it, ✗ it is in the way, with what to do. The exit code is that of the first ✗.
Without other flags it costs at most 4 points: one for the account, one for each of call legs, sessions and costs; calls
that are refused cost nothing. --all-customers costs 2 for each customer.",
    "\
Строка – проверка: ✓ хорошо, ! стоит посмотреть, ✗ мешает, и что делать. Код завершения – от первого ✗.
Без других флагов стоит не больше 4 баллов: один за аккаунт и по одному за плечи, сессии и расходы; отказы
ничего не стоят. --all-customers стоит 2 за каждого клиента."),
    ("Asks for the brand and the key, which is typed unseen; writes the profile (default, unless -p names another) and runs `calllegs doctor` on it. Without a terminal --brand and --token-stdin answer both.",
        "Спрашивает бренд и ключ, который набирают вслепую; записывает профиль (default, если другой не назван в -p) и запускает для него `calllegs doctor`. Без терминала на оба вопроса отвечают --brand и --token-stdin."),
    ("\
Dates, in English or Russian:
  2026-10-05  2026-10-05T14:00  2026-10-05T14:00+03:00
  2026-10  2026-W41  2026-Q3
  25.11.2026  2026/11/25  november 2026
  today yesterday day-before-yesterday this-week last-week this-month last-month
  monday    the latest one, today included
  сегодня вчера позавчера эта-неделя прошлая-неделя этот-месяц прошлый-месяц понедельник
  -2h -7d   so long ago; as a period: from then until now
  last-7d   seven whole days, the last one yesterday",
    "\
Даты, по-русски или по-английски:
  2026-10-05  2026-10-05T14:00  2026-10-05T14:00+03:00
  2026-10  2026-W41  2026-Q3
  25.11.2026  2026/11/25  november 2026
  today yesterday day-before-yesterday this-week last-week this-month last-month
  monday    последний, считая сегодня
  сегодня вчера позавчера эта-неделя прошлая-неделя этот-месяц прошлый-месяц понедельник
  -2h -7d   столько времени назад; как период: с тех пор до сих пор
  last-7d   семь целых дней по вчерашний"),
    ("--from begins at the start of what it names, --till goes to its end; a time of day is an end that is not included. --last 7d is the same as --on -7d. Days go by the calendar, hours by the clock. Times are the account's wall clock, or that of --tz: then they are turned into the account's, by which requests are made and legs are timed. Asking the account for its zone costs one point, unless another run has done so in the last ten minutes: so a change of the zone is noticed by the next run. The TZ of this machine has no effect. A period that reaches beyond now is read up to now, which is said here, in the summary (until), and in the metadata of the file.",
        "--from – с начала того, что названо, --till – до его конца; время суток – конец, который не входит. --last 7d – то же, что --on -7d. Дни считаются по календарю, часы по часам. Время – по часам аккаунта или по --tz: тогда оно переводится в часы аккаунта, по которым идут запросы и записаны плечи. Узнать пояс аккаунта стоит один балл, если другой запуск не сделал этого за последние десять минут; так смену пояса замечает следующий запуск. TZ этой машины ни на что не влияет. Период, уходящий за текущий момент, читается до него, о чём говорится здесь, в итоге (until) и в метаданных файла."),
    ("Completeness: the period is read in windows of at most 31 days, page by page, and compared with what the server counts. Where the two differ, the window is asked again; what is still missing then is named, and the exit code is 9. For a table on a terminal one page is enough, so only the beginning of the period is read.",
        "Полнота: период читается окнами не длиннее 31 дня, страница за страницей, и сравнивается с тем, что насчитал сервер. Если не сошлось, окно запрашивается снова; то, чего и тогда нет, названо, и код завершения 9. Для таблицы в терминале хватает одной страницы, поэтому читается только начало периода."),
    ("Stop and continue: -o FILE appears when it is whole. Until then the rows are in FILE.part, and FILE.resume says how far they go. The same command goes on from there and buys no window twice, also after --max-points, Ctrl-C or kill -9; a period that ends now keeps the end that it began with, for a day. The first Ctrl-C finishes the pages on their way, the second stops at once. Another request for the same FILE is refused and names the command that goes on; --force throws those rows away. What is kept is checked before it is gone on with: rows that were damaged are told, and read again. Where the same words mean another period by now (--on yesterday, a day later), the run starts from the beginning and says so. While a run writes a file, every other one is refused. Until the file is whole, only its owner may read it; then it gets the permissions and the group of the file that it replaces, or those of --mode or of the umask where it is new.",
        "Остановка и продолжение: -o FILE появляется целиком. До этого строки лежат в FILE.part, а FILE.resume говорит, докуда они дошли. Та же команда продолжает оттуда и не покупает окно дважды, в том числе после --max-points, Ctrl-C и kill -9; период, который кончается сейчас, целый день сохраняет свой первый конец. Первый Ctrl-C дочитывает начатые страницы, второй останавливает сразу. Другой запрос в тот же FILE получает отказ с командой для продолжения; --force выбрасывает те строки. Сохранённое проверяется перед продолжением: повреждённые строки называются и читаются заново. Если те же слова значат уже другой период (--on yesterday днём позже), запуск начинает сначала и говорит об этом. Пока один запуск пишет файл, остальным отказано. Пока файл не целый, читать его может только владелец; потом он получает права и группу заменяемого файла, а новый – из --mode или umask."),
    ("\
Formats:
  .jsonl    one object a leg, null where there is no value
  .csv      names as the header, lists joined with a space,
            an empty cell where there is no value, \"\" for an empty text
  .parquet  columns with types, for pandas, DuckDB, Spark: the fields, account,
            start_at and connect_at in UTC, extra
  .arrow    the same columns as an Arrow IPC stream
  .xlsx     the same columns as a workbook: dates by the clock of the account,
            numbers of telephones as texts, no formulas; a new sheet each
            1,048,575 legs, and one that explains the columns; until it is
            whole the rows are in FILE.part as an Arrow stream
  DIR/      Parquet by account and date of its clock:
            DIR/account=uis%3A1103/date=2026-09-01/w-000000-235959.parquet,
            a day that is not over as w-000000-until-143000.parquet",
    "\
Форматы:
  .jsonl    объект на плечо, null – где значения нет
  .csv      имена в заголовке, списки через пробел,
            пустая ячейка – нет значения, \"\" – пустой текст
  .parquet  столбцы с типами, для pandas, DuckDB, Spark: поля, account,
            start_at и connect_at в UTC, extra
  .arrow    те же столбцы потоком Arrow IPC
  .xlsx     те же столбцы книгой: даты по часам аккаунта, номера телефонов
            текстом, без формул; новый лист каждые 1 048 575 плеч и лист
            с описанием столбцов; пока книга не целая, строки лежат
            в FILE.part потоком Arrow
  DIR/      Parquet по аккаунтам и датам их часов:
            DIR/account=uis%3A1103/date=2026-09-01/w-000000-235959.parquet,
            незаконченный день – w-000000-until-143000.parquet"),
    ("A value that does not fit its column is null there and stays whole in `extra`; texts show it in its place. Parquet, Arrow and workbooks name the account, which costs one point where it is not remembered. After a kill -9 the next run goes on behind the last row group (131,072 legs), batch or date; Ctrl-C, SIGTERM, a closed terminal (SIGHUP, on Linux, and not under nohup) and errors keep all that was paid for.",
        "Значение, которое не подходит своему столбцу, там null и целиком лежит в `extra`; в текстах оно на своём месте. В Parquet, Arrow и книгах назван аккаунт, что стоит одного балла, если он ещё не запомнен. После kill -9 следующий запуск продолжает за последней группой строк (131 072 плеча), порцией или датой; Ctrl-C, SIGTERM, закрытый терминал (SIGHUP, в Linux и без nohup) и ошибки сохраняют всё оплаченное."),
    ("What is there already: a request replaces what the same request wrote, and in a folder only what the same account, columns and conditions wrote of its dates. A narrower one (--where, --session, --leg, --limit, fewer --fields, a part of the time) takes the place of no wider one, and none takes that of a file that this tool did not write: name another file, or add --force. Parquet, Arrow and workbooks say in their metadata which request wrote them (calllegs.account, .columns, .conditions as a fingerprint, .from, .till, .until). A text is known by its first line, and its time by its rows; neither says the account or the conditions: with --where, --session, --leg, --where-local or --limit it is replaced by --force only.",
        "Что уже лежит на месте: запрос заменяет то, что писал такой же запрос, а в папке – только то, что писали для её дат тот же аккаунт, поля и условия. Более узкий (--where, --session, --leg, --limit, меньше --fields, часть времени) не занимает места более широкого, и никакой не заменяет файла, который писала не эта программа: назовите другой файл или добавьте --force. Parquet, Arrow и книги хранят в метаданных, какой запрос их писал (calllegs.account, .columns, .conditions – отпечаток, .from, .till, .until). Текст узнаётся по первой строке, а его время – по строкам; об аккаунте и условиях он не говорит: с --where, --session, --leg, --where-local или --limit его заменяет только --force."),
    ("\
CSV presets:
  plain     UTF-8, `,`, LF, 2026-03-02 10:15:04, 4.5, true; exact, for programs
  excel-en  UTF-8 with a mark, `,`, CRLF, TRUE
  excel-ru  UTF-8 with a mark, `;`, CRLF, 02.03.2026 10:15:04, 4,5, ИСТИНА
  1c        the same in CP1251; what it lacks becomes `?` and is counted",
    "\
Виды CSV:
  plain     UTF-8, `,`, LF, 2026-03-02 10:15:04, 4.5, true; точно, для программ
  excel-en  UTF-8 с меткой, `,`, CRLF, TRUE
  excel-ru  UTF-8 с меткой, `;`, CRLF, 02.03.2026 10:15:04, 4,5, ИСТИНА
  1c        то же в CP1251; чего в ней нет, становится `?` и считается"),
    ("Text that a spreadsheet would take for a formula gets an apostrophe in the presets for Excel. With --excel-text it is written as =\"…\", and so are texts that Excel would turn into a number or a date.",
        "Текст, который таблица приняла бы за формулу, получает апостроф в видах для Excel. С --excel-text он пишется как =\"…\", и так же тексты, которые Excel превратил бы в число или дату."),
    ("\
Conditions, for --where (fields with F, by the server) and --where-local (any
field, after download; of a list only `is null`):
  FIELD = VALUE            also != < > <= >=
  FIELD like 'Анн%'        also not like, ilike; % any text, _ a letter
  FIELD regexp '^7495'
  FIELD in (VALUE, VALUE)  also not in
  FIELD is null            also is not null
  FIELD                    a boolean that is true; not FIELD for false
  and, or, not and parentheses join them
Numbers and words of enums (in, out, timeout) stand bare, texts in quotes, and
the whole condition in quotes for the shell. By their names on the wire also:
not_like not_ilike not_in is_null is_not_null jsquery overlap not_overlap.
  --where 'is_operator and duration > 30'
  --where 'finish_reason in (timeout, operator_busy) and direction = in'
  --where 'not is_coach and employee_full_name like \"Иван%\"'",
    "\
Условия для --where (поля с F, отбирает сервер) и --where-local (любое поле,
после загрузки; для списков только `is null`):
  FIELD = VALUE            ещё != < > <= >=
  FIELD like 'Анн%'        ещё not like, ilike; % любой текст, _ буква
  FIELD regexp '^7495'
  FIELD in (VALUE, VALUE)  ещё not in
  FIELD is null            ещё is not null
  FIELD                    логическое и истинно; not FIELD – ложно
  их соединяют and, or, not и скобки
Числа и слова перечислений (in, out, timeout) пишут без кавычек, тексты в
кавычках, а всё условие – в кавычках для оболочки. Годятся и имена из API:
not_like not_ilike not_in is_null is_not_null jsquery overlap not_overlap.
  --where 'is_operator and duration > 30'
  --where 'finish_reason in (timeout, operator_busy) and direction = in'
  --where 'not is_coach and employee_full_name like \"Иван%\"'"),
    ("Nothing is asked of the API and nothing is spent. Without a period all legs are counted that are there. Days are those of the account's own clock; words such as `yesterday` are meant by --tz, or else by the clock that the newest leg has; a CSV does not say it.",
        "У API ничего не спрашивается, ничего не тратится. Без периода считаются все плечи, какие есть. Дни – по часам аккаунта; слова вроде `yesterday` понимаются по --tz, а без него по часам новейшего плеча; в CSV их нет."),
    ("What the made-up legs are like: shop; callcentre, fifty people and a queue; clinic; dense, with 150,000 legs in an hour; dst, with a change of the clock; every-reason, with all 64; halves, whose averages end in a half; outage, two hours a day without phones; ties, with 1,000 legs in a second; tiny, with twenty calls",
        "Какие плечи выдумывать: shop; callcentre – пятьдесят человек и очередь; clinic; dense – 150 000 плеч за час; dst – с переводом часов; every-reason – все 64 причины; halves – средние кончаются на половину; outage – два часа в день без телефонов; ties – 1 000 плеч в одну секунду; tiny – двадцать звонков"),
    ("How time passes: real; x60, sixty times as fast; fixed:2026-03-02T10:00:00, standing, by the sandbox's zone or with Z or +03:00. POST /__sandbox/clock {\"advance\":\"26h\"} moves any of them on. With --brand sandbox, `get` and `plan` take it for now. Unless it is real, there are legs for the two weeks to come, or up to --until. Points come back by it or by the machine's clock, whichever is first",
        "Как идёт время: real; x60 – в шестьдесят раз быстрее; fixed:2026-03-02T10:00:00 – стоит, по поясу эмулятора или с Z либо +03:00. POST /__sandbox/clock {\"advance\":\"26h\"} переводит любое из них вперёд. С --brand sandbox его считают текущим `get` и `plan`. Если время не real, плечи есть и на две недели вперёд или до --until. Баллы возвращаются по нему или по часам машины, что раньше"),
    ("A partner with so many clients of uneven size more, --legs-per-day all together, key sandbox-hundred; of five or more, one has not allowed the caller's address, one is disabled, and one dies half-way",
        "Ещё партнёр со стольким числом разных клиентов, вместе --legs-per-day, ключ sandbox-hundred; из пяти и больше один не разрешил адрес, один отключён, один обрывается на полпути"),
    ("One result: service_level, abandonment, asa, talk, heatmap, pareto, employees, concurrency, occupancy, transfers, repeat_callers, not_called_back, first_response, quality, by_day, call_profile, scenarios, groups, staffing_input",
        "Один результат: service_level, abandonment, asa, talk, heatmap, pareto, employees, concurrency, occupancy, transfers, repeat_callers, not_called_back, first_response, quality, by_day, call_profile, scenarios, groups, staffing_input"),
    ("v_leg is a view. v_session is kept as a table, because every statement reads it: print and run both again after each load. In PostgreSQL it is a materialized view, which REFRESH MATERIALIZED VIEW v_session brings up to date.",
        "v_leg – представление. v_session хранится таблицей, потому что её читает каждый запрос: печатайте и выполняйте оба заново после каждой загрузки. В PostgreSQL это материализованное представление, его обновляет REFRESH MATERIALIZED VIEW v_session."),
    ("Each statement reads v_leg and v_session, which `calllegs sql views` makes. Quotients are rounded from whole sums, a half up, so that every engine prints the same. Give --from and --till to both commands, or to none: the heatmap divides by the weekdays of these days, or of those from the first to the last call.",
        "Каждый запрос читает v_leg и v_session, которые создаёт `calllegs sql views`. Частные округляются из целых сумм, половина вверх, чтобы все СУБД печатали одно и то же. Указывайте --from и --till обеим командам или ни одной: heatmap делит на дни недели этих дней или дней от первого до последнего звонка."),
    ("What to count: offered, service-level, missed, waits, talk, heatmap, reasons, people, groups, scenarios, load, occupancy, transfers, repeat, callbacks, first-response, ratings",
        "Что считать: offered, service-level, missed, waits, talk, heatmap, reasons, people, groups, scenarios, load, occupancy, transfers, repeat, callbacks, first-response, ratings"),
    ("PostgreSQL and SQLite compute results themselves; lists, and variants of the service level other than standard and strict, are counted from the legs, which gives the same.",
        "PostgreSQL и SQLite считают результаты сами; списки и варианты уровня обслуживания, кроме standard и strict, считаются по плечам, что даёт то же самое."),
    ("The list says what came of a call also after the period, within --callback-window: who was rung back this morning is not listed as missed yesterday. The figures are of the period alone.",
        "Список говорит, что стало со звонком и после периода, в пределах --callback-window: кому перезвонили утром, тот не показан пропущенным вчера. Числа – только за период."),
    ("With --data the load of each hour of the day is that of offered calls, over the days of the period that had a call. Talk is not all of the work: rings and what is written after a call are not in it. Give --handle where that is known.",
        "С --data нагрузка каждого часа дня – поступившие звонки, делённые на дни периода, в которые был звонок. Разговор – не вся работа: вызовы и записи после звонка в него не входят. Если это известно, укажите --handle."),
    ("A place holds the table call_legs and a ledger of windows, _calllegs_windows. Both change in one transaction: the table has what the ledger says, whatever was stopped or killed. A window is final when its legs are those that the server counts and it is older than --settle; anything else is read again by the next run, and so are windows younger than --lookback and those that reach an age of --refresh. A leg is written when it is new or any of its fields differs; nothing else is touched.",
        "В хранилище лежат таблица call_legs и журнал окон _calllegs_windows. Они меняются в одной транзакции: в таблице то, что говорит журнал, что бы ни остановили или убили. Окно окончательно, когда плеч в нём столько, сколько считает сервер, и оно старше --settle; остальное перечитает следующий запуск, как и окна моложе --lookback и те, что доросли до возраста из --refresh. Плечо пишется, если оно новое или изменилось хоть одно поле; остальное не трогается."),
    ("\
The address of PostgreSQL says which table: postgres://user@host/db?schema=calls&table=legs. `state` and `verify` take the same address; without table= it is call_legs. --create-table never is for shops where an administrator makes tables.
For partners: --all-customers, --customer and several --user-id sync many accounts with one key. As many are read at once as --concurrency allows pages, each with one page on its way; when fewer are left, these share the pages. After 50 pages an account gives way to those that wait, so a large one does not keep small ones back. --max-points bounds them all together. A closed door stops none of the others: it is named at the end, with what to do, and the exit code is 9. Several machines may run the same command on one PostgreSQL: they share the accounts, each of which is read once by runs that begin within two minutes; what a killed run had goes to another, on its machine at once and elsewhere after 15 minutes. A run that finds every account in the hands of others ends with exit code 13.",
    "\
Адрес PostgreSQL говорит, какая таблица: postgres://user@host/db?schema=calls&table=legs. `state` и `verify` принимают тот же адрес; без table= это call_legs. --create-table never – для тех, у кого таблицы создаёт администратор.
Для партнёров: --all-customers, --customer и несколько --user-id обновляют много аккаунтов одним ключом. Одновременно читается столько, сколько страниц разрешает --concurrency, у каждого одна страница в пути; когда остаётся меньше, они делят страницы. После 50 страниц аккаунт уступает ждущим, чтобы большой не задерживал малые. --max-points ограничивает их вместе. Закрытый аккаунт не останавливает других: он назван в конце вместе с тем, что делать, и код завершения 9. Несколько машин могут запускать одну команду на одном PostgreSQL: они делят аккаунты, и запуски, начатые в пределах двух минут, читают каждый аккаунт один раз; что было у убитого запуска, переходит другому – на той же машине сразу, на других через 15 минут. Запуск, у которого все аккаунты заняты другими, завершается с кодом 13."),
    ("--summary-file and --metrics-file are written however the run ends; they name files, and `-` is none. Figures are those of the account, {account=\"uis:1103\"}, and without a label for the customers of a partner. A run that ends before its account is known has figures without a label, and its exit code and time also have the label of the file before: an alert such as calllegs_sync_exit_code{account=\"uis:1103\"} != 0 finds it.",
        "--summary-file и --metrics-file пишутся, чем бы запуск ни кончился; они называют файлы, и `-` не годится. Показатели – аккаунта, {account=\"uis:1103\"}, а у клиентов партнёра без метки. У запуска, который кончился раньше, чем аккаунт стал известен, показатели без метки, а код завершения и время – ещё и с меткой из прежнего файла: условие calllegs_sync_exit_code{account=\"uis:1103\"} != 0 его найдёт."),
    ("A date whose windows were read one by one has a file for each; readers like few. It asks nothing of the API, and can be stopped at any moment. Of a date that is read again later, a change in one window rewrites the whole file.",
        "У даты, окна которой читались по одному, по файлу на каждое; читатели любят, когда файлов мало. У API ничего не спрашивается, остановить можно в любой момент. Если дату потом перечитают, изменение в одном окне перепишет весь файл."),
    ("Each window of the ledger is read from the API and compared: the number of legs, and the hash of their fields. Exit code 11 where something differs, with the ids of legs that are missing, too many or otherwise. It costs what reading costs, and writes nothing, but with --rebuild the ledger.",
        "Каждое окно журнала читается из API и сравнивается: число плеч и хэш их полей. Код завершения 11, если что-то различается, с id плеч, которых нет, лишних или других. Стоит столько же, сколько чтение, и ничего не пишет, кроме журнала с --rebuild."),
    // commands/manual.rs
    ("manual pages lie in a folder", "страницы руководства лежат в папке"),
    ("name another folder with --dir", "назовите другую папку в --dir"),
];
