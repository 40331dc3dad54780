//! Legs without the people in them.

#[rustfmt::skip] // a text is a line
pub(super) const TEXTS: &[(&str, &str)] = &[
    // cli/redact.rs
    ("People", "Данные о людях"),
    ("Take people out of the legs: phones=mask,names=drop,records=drop; see `calllegs redact --help`",
        "Убрать из плеч данные о людях: phones=mask,names=drop,records=drop; см. `calllegs redact --help`"),
    ("Take people out of the legs first: staff=hmac; see `calllegs redact --help`",
        "Сначала убрать из плеч данные о людях: staff=hmac; см. `calllegs redact --help`"),
    ("Write what the profile redacts; only with --yes", "Записать и то, что профиль обезличивает; только с --yes"),
    ("Write legs again without the people in them, or look for what is left",
        "Переписать плечи без данных о людях или поискать, что осталось"),
    ("Legs that were extracted: a file or folder of `get`, or a place of `sync`",
        "Выгруженные плечи: файл или папка `get` либо хранилище `sync`"),
    ("The new file: .parquet, .csv, .jsonl, .arrow, .xlsx, texts also with .gz or .zst",
        "Новый файл: .parquet, .csv, .jsonl, .arrow, .xlsx, тексты ещё с .gz или .zst"),
    ("Write nothing: exit with code 11 if there are numbers, names or recordings in it",
        "Не писать; код 11, если есть номера, имена или записи"),
    ("What becomes of what, unless the profile says so: phones=hmac,names=drop; columns=keep are not checked",
        "Что с чем сделать, если не сказано в профиле: phones=hmac,names=drop; то, что keep, не проверяется"),
    ("Replace what another request wrote", "Заменить то, что писал другой запрос"),
    ("What was written or found, as JSON", "Записанное или найденное в виде JSON"),
    ("The key of pseudonyms, in the file that CALLLEGS_REDACT_KEY_FILE names",
        "Ключ псевдонимов, файл из CALLLEGS_REDACT_KEY_FILE"),
    ("Make a key; one that is there stays", "Создать ключ; если он уже есть, он остаётся"),
    ("Make another key, and keep the old one beside it", "Создать другой ключ и сохранить старый рядом"),
    ("\
--redact takes NAME=WHAT, with commas between, also for `get`, `sync`, `verify`, `report` and `stats`. The names:
  phones    calling_, called_ and contact_phone_number; the account's own
            number (virtual_phone_number) is kept where the leg has it
  names     contact_full_name
  staff     employee_full_name, employee_phone_number
  records   call_records, wav_call_records: whoever has the id can hear the call
  ids       contact_id, employee_id
  times     start_time, connect_time and their instants
  extra     what no column holds, which may be anything
or any column of `calllegs fields`, which comes before its group. And what becomes of it:
  keep      as it is
  mask      +7 9•• •••-45-67, too little to call
  prefix:N  N digits, at least six taken off: for statistics by region
  hmac      a pseudonym of 22 letters (HMAC-SHA-256): the same for the same
            number and key, so that joins and repeat callers stay
  bucket:1h of times in `calllegs redact` alone: rounded down, also 15m or 1d,
            for samples that are published; nothing is computed from them
  drop      nothing
What is not named is kept, but for extra, which is dropped. Without --redact and a profile that says it, the command takes phones=mask,names=drop,staff=keep,records=drop,extra=drop.",
    "\
--redact принимает NAME=WHAT через запятую, также в `get`, `sync`, `verify`, `report` и `stats`. Имена:
  phones    calling_, called_ и contact_phone_number; номер самого аккаунта
            (virtual_phone_number) остаётся, если он есть в плече
  names     contact_full_name
  staff     employee_full_name, employee_phone_number
  records   call_records, wav_call_records: у кого есть id, тот может прослушать
            звонок
  ids       contact_id, employee_id
  times     start_time, connect_time и их моменты
  extra     то, чему нет столбца: там может быть что угодно
или любое поле из `calllegs fields`, оно важнее своей группы. Что с ними сделать:
  keep      оставить как есть
  mask      +7 9•• •••-45-67, позвонить по такому нельзя
  prefix:N  N цифр, убрано не меньше шести: для статистики по регионам
  hmac      псевдоним из 22 знаков (HMAC-SHA-256): у одного номера с одним
            ключом он один, поэтому работают соединения и повторные звонки
  bucket:1h время, только в `calllegs redact`: округлить вниз, также 15m или 1d,
            для образцов, которые публикуют; считать по нему нельзя
  drop      убрать
Не названное остаётся, кроме extra: оно убирается. Если нет ни --redact, ни слова об этом в профиле, команда берёт phones=mask,names=drop,staff=keep,records=drop,extra=drop."),
    ("In a profile: redact = [\"phones=hmac\", \"names=drop\"], also below [profile.NAME.sync]. It holds from then on; a flag adds to it, and to keep what it takes off (or --no-redact) needs --yes. A place of `sync` that was begun without it has the older legs as they were: read them anew with --full-refresh. `verify` takes the same --redact as the `sync` before.",
        "В профиле: redact = [\"phones=hmac\", \"names=drop\"], можно и под [profile.NAME.sync]. С тех пор это действует всегда; флаг добавляет к нему своё, а оставить то, что профиль убирает (или --no-redact), можно только с --yes. В хранилище `sync`, начатом без этого, старые плечи остались как были: перечитайте их с --full-refresh. `verify` принимает тот же --redact, что был у `sync`."),
    ("The key of hmac is in the file that CALLLEGS_REDACT_KEY_FILE names, which nobody else may read; `redact key new` makes one. Pseudonyms of different keys do not join. A plain hash is not offered, because all numbers of a country are hashed in minutes. Pseudonyms remain personal data in the sense of the law: whoever has the key can make them again.",
        "Ключ для hmac лежит в файле, который назван в CALLLEGS_REDACT_KEY_FILE и который больше никому нельзя читать; создаёт его `redact key new`. Псевдонимы разных ключей не соединяются. Простого хэша нет, потому что все номера страны хэшируются за минуты. По закону псевдонимы остаются персональными данными: у кого есть ключ, тот получит их снова."),
    ("--check looks at all values of all columns, also of files that another program wrote: 10 to 15 digits, addresses of mail, 32 hexadecimal digits, and anything in columns of names and recordings. What --redact keeps (staff=keep), or without it the usual redaction, is listed and not looked at: --redact staff=drop looks there too. It cannot know what people wrote into the names of scenarios, groups and actions: it lists them.",
        "--check смотрит все значения всех столбцов, в том числе в файлах других программ: от 10 до 15 цифр, адреса почты, 32 шестнадцатеричные цифры и всё, что стоит в столбцах имён и записей. То, что оставляет --redact (staff=keep) или без него обычное обезличивание, названо, но не проверено: --redact staff=drop проверит и это. Что люди написали в названиях сценариев, групп и операций, он знать не может – и перечисляет их."),
    ("An empty text of a CSV is an empty cell in the new file; all else of a leg stays as it is.",
        "Пустой текст из CSV в новом файле – пустая ячейка; всё остальное в плече не меняется."),

    // commands/get.rs
    ("redacted: {redaction}", "обезличено: {redaction}"),

    // commands/redact.rs
    ("no file is named", "файл не назван"),
    ("add -o FILE", "добавьте -o FILE"),
    ("there are columns that legs do not have: {columns}", "есть столбцы, которых у плеч нет: {columns}"),
    ("whether there are people in them is not known, and they would be missing in the copy",
        "неизвестно, есть ли в них данные о людях, а в копии их не было бы"),
    ("to leave them out, add --redact extra=drop to what is redacted",
        "чтобы обойтись без них, добавьте к тому, что убирается, --redact extra=drop"),
    ("the legs and the new file are the same file", "плечи и новый файл – один и тот же файл"),
    ("what is taken off would be gone", "то, что убирается, пропало бы совсем"),
    ("name another file with -o", "назовите другой файл в -o"),
    ("{legs} → {path}; nothing was spent", "{legs} → {path}; ничего не потрачено"),
    ("the legs have changed while they were read", "плечи изменились, пока их читали"),
    ("they were counted before, and are others now", "сначала их сосчитали, а теперь они другие"),
    ("run the command again when nothing writes them", "запустите команду ещё раз, когда их никто не пишет"),
    ("the legs have no such columns: {error}", "таких полей у плеч нет: {error}"),
    ("all parts of a place have the same columns", "во всех частях хранилища поля одни и те же"),
    ("there are no legs with a start", "нет ни одного плеча с началом"),
    ("a file of legs says of which time they are", "в файле с плечами сказано, за какое они время"),
    ("name a place with legs that have start_time, or extract them again: calllegs get --redact SPEC",
        "назовите плечи, в которых есть start_time, или выгрузите их ещё раз: calllegs get --redact SPEC"),
    ("{column}: {kind} in {rows}\n", "{column}: {kind} – {rows}\n"),
    ("addresses of mail", "адреса почты"),
    ("names", "имена"),
    ("phone numbers", "номера телефонов"),
    ("ids of recordings", "id записей"),
    ("nobody was found in {rows}\n", "никого не найдено, просмотрено: {rows}\n"),
    ("not known: what people wrote into {names}\n", "неизвестно, что люди написали в {names}\n"),
    ("{data} is empty", "{data} пуст"),
    ("not even the names of columns are in it, so nothing was checked", "в нём нет даже имён столбцов, проверять нечего"),
    ("name the file that is to be checked", "назовите файл, который надо проверить"),
    ("there are people in it: {columns}", "данные о людях есть: {columns}"),
    ("numbers, addresses, names or recordings were found by columns and values",
        "по столбцам и значениям найдены номера, адреса, имена или записи"),
    ("calllegs redact {data} -o FILE; or name what is kept on purpose, as in --redact staff=keep",
        "calllegs redact {data} -o FILE; или назовите то, что оставлено намеренно, например --redact staff=keep"),
    ("it is not said where the key belongs", "не сказано, где быть ключу"),
    ("the key of pseudonyms belongs there", "там место ключа псевдонимов"),
    ("correct the rights of the folder, or name another file in CALLLEGS_REDACT_KEY_FILE",
        "исправьте права на папку или назовите другой файл в CALLLEGS_REDACT_KEY_FILE"),
    ("the old key is {path}", "старый ключ: {path}"),
    ("pseudonyms of the old key do not join with those of the new one: redact again what is to be joined",
        "псевдонимы старого ключа не соединяются с псевдонимами нового: что нужно соединять, обезличьте заново"),
    ("kept on purpose, not looked at: {names}; to look there: --redact NAME=drop\n",
        "оставлено нарочно, не проверено: {names}; проверить и это: --redact NAME=drop\n"),
    ("{path} is there already", "{path} уже есть"),
    ("a text does not say whether it is an earlier copy, or legs with the people in them",
        "по тексту не видно, прежняя ли это копия или плечи с людьми"),
    ("replace it: calllegs redact {data} -o {output} --force; or choose another name",
        "замените его: calllegs redact {data} -o {output} --force; или возьмите другое имя"),
    ("{KEY_FILE}: {path} is a folder", "{KEY_FILE}: {path} – папка"),
    ("the key of pseudonyms is a file", "ключ псевдонимов – файл"),
    ("name a file in it: export {name}={path}/redact.key", "назовите файл в ней: export {name}={path}/redact.key"),
    ("there is a key in {path}", "в {path} уже есть ключ"),
    ("without it nothing new joins with what was redacted before",
        "без него новое не соединится с тем, что обезличено раньше"),
    ("to have another one: calllegs redact key rotate", "чтобы сменить его: calllegs redact key rotate"),
    ("a key for pseudonyms is in {path}; whoever has it can make them again",
        "ключ псевдонимов: {path}; у кого он есть, тот получит их снова"),

    // input/redaction.rs
    ("--no-redact writes what the profile takes off", "--no-redact записал бы то, что профиль убирает"),
    ("--redact keeps {column}, which the profile takes off", "--redact оставляет {column}, а профиль это убирает"),
    ("`redact` of the profile: {what}", "`redact` в профиле: {what}"),
    ("a profile that takes people off does so for good", "профиль, который убирает данные о людях, делает это всегда"),
    ("add --yes to do it once", "чтобы сделать так один раз, добавьте --yes"),
    ("pseudonyms (hmac) need a key", "для псевдонимов (hmac) нужен ключ"),
    ("the key of pseudonyms is in it", "в нём ключ псевдонимов"),
    ("make one: calllegs redact key new", "создайте его: calllegs redact key new"),
    ("chmod 600 {path}; and if somebody may have read it: calllegs redact key rotate",
        "chmod 600 {path}; а если его могли прочитать: calllegs redact key rotate"),
    ("{name} names its file, and is not set", "его файл называет переменная {name}, а она не задана"),
    ("export {name}=redact.key, and once: calllegs redact key new",
        "export {name}=redact.key и один раз: calllegs redact key new"),

    // calllegs-store
    ("whether there are people in them is not known", "неизвестно, есть ли в них данные о людях"),
    ("leave the column out, or write it as text", "уберите этот столбец или запишите его текстом"),
    ("legs of a time are told by their start", "плечи за период отличают по их началу"),
    ("extract them with start_time", "выгрузите их с полем start_time"),
    ("it says what is done to which columns", "в нём сказано, что сделать с какими полями"),
    ("none is passed on with what was to be taken off", "плечи с тем, что надо было убрать, дальше не идут"),
    ("write keep, mask, prefix:1 to prefix:6, hmac or drop; of times keep or bucket:1h",
        "напишите keep, mask, от prefix:1 до prefix:6, hmac или drop; о времени – keep или bucket:1h"),
    ("times are rounded all together: write times=bucket:1h", "время округляют всё вместе: напишите times=bucket:1h"),
    ("times are rounded in a copy alone", "время округляют только в копии"),
    ("legs are placed by their times, and waits are computed from them", "по времени плечи раскладывают и считают ожидание"),
    ("round those of a copy: calllegs redact DATA -o FILE --redact times=bucket:1h",
        "округлите в копии: calllegs redact DATA -o FILE --redact times=bucket:1h"),
    ("write, for example, phones=mask,names=drop", "напишите, например, phones=mask,names=drop"),
];
