//! Words of results in both languages: columns, units, states. Not here: what metrics are called (`calllegs_stats`).

use calllegs_stats::{After, Language, ServiceLevelVariant, reason_in_words};

/// One of two texts.
pub(super) const fn say(language: Language, english: &'static str, russian: &'static str) -> &'static str {
    match language {
        Language::English => english,
        Language::Russian => russian,
    }
}

/// What a column is called.
pub(super) fn title(column: &'static str, language: Language) -> &'static str {
    let (english, russian) = match column {
        "offered" => ("offered", "поступило"),
        "answered" => ("answered", "отвечено"),
        "short_abandons" => ("given up at once", "сброшены сразу"),
        "answered_in_time" => ("answered in time", "отвечены вовремя"),
        "service_level_pct" => ("service level", "уровень обслуживания"),
        "service_level_strict_pct" => ("service level, of all calls", "уровень от всех звонков"),
        "abandoned" | "caller_left" => ("caller gave up", "не дождались"),
        "dropped_by_system" => ("nobody answered", "никто не ответил"),
        "missed" => ("missed", "пропущено"),
        "missed_pct" => ("missed, share", "доля пропущенных"),
        "asa_s" => ("speed of answer", "скорость ответа (ASA)"),
        "p50_s" => ("half within", "половина за"),
        "p90_s" => ("nine in ten within", "девять из десяти за"),
        "longest_s" => ("longest", "дольше всех"),
        "avg_wait_with_menu_s" => ("mean with the menu", "среднее вместе с меню"),
        "att_s" => ("average talk", "средний разговор"),
        "talk_total_s" | "talk_s" => ("talk", "разговоры"),
        "rings_per_call" => ("rings per call", "вызовов на звонок"),
        "weekday" => ("weekday", "день недели"),
        "hour" | "hour_epoch" => ("hour", "час"),
        "per_day" => ("per such hour", "в среднем за час"),
        "finish_reason" => ("reason", "причина"),
        "legs" | "rings" | "rung" => ("rings", "вызовы"),
        "cumulative_pct" => ("so far", "накоплено"),
        "employee_id" => ("id", "id"),
        "employee" => ("employee", "сотрудник"),
        "colleague_was_faster" => ("colleague faster", "ответил коллега"),
        "answer_rate_pct" => ("answer rate", "доля ответов"),
        "avg_ring_s" => ("picks up in", "снимает за"),
        "rating" => ("rating", "оценка"),
        "rated" | "rated_pct" => ("rated", "оценено"),
        "peak_legs" => ("peak of lines", "пик линий"),
        "occupancy_est_pct" => ("busy, estimate", "занятость, оценка"),
        "presence_est_h" => ("present, estimate", "присутствие, оценка"),
        "from_who" => ("from", "от кого"),
        "to_who" => ("to", "кому"),
        "transfers" => ("transfers", "переводы"),
        "inbound" => ("inbound", "входящие"),
        "repeats" => ("repeat calls", "повторные"),
        "repeats_pct" => ("repeat calls, share", "доля повторных"),
        "called_back" => ("called back", "перезвонили"),
        "caller_tried_again" => ("caller tried again", "дозвонились сами"),
        "lost" => ("lost", "потеряны"),
        "still_open" => ("lost, still time to ring", "из потерянных ещё можно успеть"),
        "lost_people" => ("people lost", "потеряно людей"),
        "avg_minutes_to_fix" => ("until somebody talked", "до разговора прошло"),
        "called_back_in_15_min" => ("called back in 15 min", "перезвонили за 15 мин"),
        "people" => ("people", "люди"),
        "reached" => ("reached", "поговорили"),
        "median_first_response_s" => ("first response, median", "первый ответ, медиана"),
        "talked_legs" => ("conversations", "разговоры"),
        "recorded_pct" => ("recorded", "записано"),
        "virtual_phone_number" => ("virtual number", "виртуальный номер"),
        "variant" => ("variant", "вариант"),
        "day" => ("day", "день"),
        "wait_from_s" => ("waited from", "ждали от"),
        "scenario" => ("scenario", "сценарий"),
        "left_in_menu" => ("left in the menu", "остались в меню"),
        "group_name" => ("group", "группа"),
        "answered_legs" => ("rings answered", "отвечено вызовов"),
        "calls" | "calls_rung" => ("calls", "звонки"),
        "calls_answered" => ("calls answered", "отвечено звонков"),
        "calls_per_hour" => ("calls/h", "звонков/ч"),
        "avg_talk_s" => ("talk", "разговор"),
        "erlangs" => ("erlangs", "эрланги"),
        "account" => ("account", "лицевой счёт"),
        "start_time" => ("time", "время"),
        "contact" => ("contact", "номер"),
        "waited_s" => ("waited", "ждал"),
        "state" => ("state", "состояние"),
        "on_phones" => ("on phones", "на телефонах"),
        "half_hour" => ("from", "с"),
        "on_phones_c" => ("on phones (C)", "на телефонах (C)"),
        "on_schedule_c" => ("on schedule (C)", "в графике (C)"),
        "active" => ("active", "активны"),
        "on_schedule" => ("on schedule", "в графике"),
        "mean_wait_s" => ("ASA", "ASA"),
        "abandoned_pct" => ("give up", "не дождутся"),
        "occupancy_pct" => ("occupancy", "занятость"),
        _ => (column, column),
    };
    say(language, english, russian)
}

/// Why a ring ended: in words in Russian, as the API spells it in English, where that is a word.
pub(super) fn reason(reason: &str, language: Language) -> &str {
    match language {
        Language::English => reason,
        Language::Russian => reason_in_words(reason, language),
    }
}

/// What became of a missed call.
pub(super) fn state(state: &str, language: Language) -> &str {
    let is = |after: After| state == after.as_str();
    if is(After::CalledBack) {
        say(language, "called back", "перезвонили")
    } else if is(After::TriedAgain) {
        say(language, "caller got through", "дозвонился сам")
    } else if is(After::Lost) {
        say(language, "lost", "потерян")
    } else if is(After::StillOpen) {
        say(language, "to ring back", "ждёт звонка")
    } else {
        say(language, "hidden number", "номер скрыт")
    }
}

/// What a variant of the service level divides.
pub(super) const fn variant(variant: ServiceLevelVariant, language: Language) -> &'static str {
    match variant {
        ServiceLevelVariant::Strict => say(
            language,
            "of all calls, those given up at once too",
            "от всех звонков, сброшенных сразу тоже",
        ),
        ServiceLevelVariant::Answered => say(language, "of answered calls", "от отвеченных"),
        ServiceLevelVariant::Lenient => say(
            language,
            "of offered calls; given up in time is served",
            "от поступивших; сброс вовремя засчитан",
        ),
        ServiceLevelVariant::FromEntry => {
            say(language, "of offered calls, from entering the menu", "от поступивших, от входа в меню")
        }
        ServiceLevelVariant::Standard | _ => {
            say(language, "of answered and missed calls", "от отвеченных и пропущенных")
        }
    }
}

#[cfg(test)]
mod tests {
    use calllegs_stats::Shape;

    use super::*;

    #[test]
    fn every_column_has_a_title_in_both_languages() {
        for column in Shape::ALL.iter().flat_map(|shape| shape.columns) {
            let (english, russian) =
                (title(column.name, Language::English), title(column.name, Language::Russian));
            assert!(!english.contains('_'), "{}", column.name);
            assert!(english != russian || column.name == "employee_id", "{}", column.name);
        }
    }
}
