//! Reasons of rings in words, in both languages. Not here: who can do something about them (`report`), what helps
//! ([`ReasonClass`](crate::ReasonClass)).

use crate::language::{Both, Language};

/// A reason, as the API spells it, in words; one that nobody documents stays as it is.
///
/// ```
/// use calllegs_stats::{Language, reason_in_words};
///
/// assert_eq!(reason_in_words("sip_offline", Language::English), "the telephone was not registered");
/// assert_eq!(reason_in_words("made_up", Language::Russian), "made_up");
/// ```
pub fn reason_in_words(reason: &str, language: Language) -> &str {
    let found = WORDS.iter().find(|(known, ..)| *known == reason);
    found.map_or(reason, |(_, english, russian)| Both::new(english, russian).text(language))
}

/// The word of the API, English, Russian.
const WORDS: [(&str, &str, &str); 69] = [
    ("subscriber_disconnects", "the caller hung up", "звонивший положил трубку"),
    ("no_operation", "no step for this in the scenario", "в сценарии нет нужной операции"),
    ("operator_busy", "the employee was talking", "сотрудник разговаривал"),
    ("operator_not_responsible", "the employee did not pick up", "сотрудник не взял трубку"),
    ("operator_disconnects", "the employee ended it", "сотрудник завершил звонок"),
    ("operator_number_problems", "the employee's number does not work", "номер сотрудника не работает"),
    ("scenario_not_found", "there is no scenario", "сценарий не найден"),
    ("timeout", "rang too long", "истекло время дозвона"),
    ("internal_error", "an error of the exchange", "ошибка АТС"),
    ("transfer_disconnects", "ended by a transfer", "завершён переводом"),
    ("scenario_disconnects", "the scenario ended it", "завершён сценарием"),
    ("fax_session_done", "a fax", "факс"),
    ("no_resources", "no free lines", "нет свободных линий"),
    ("another_operator_answer", "a colleague was faster", "ответил другой сотрудник"),
    ("subscriber_busy", "the customer was talking", "клиент был занят"),
    ("subscriber_not_responsible", "the customer did not pick up", "клиент не взял трубку"),
    ("subscriber_number_problems", "the customer's number does not work", "номер клиента не работает"),
    ("operator_answer", "an employee answered", "сотрудник ответил"),
    ("operator_channels_busy", "all lines of the employee were in use", "все линии сотрудника заняты"),
    ("app_is_inactive", "the virtual exchange is switched off", "виртуальная АТС отключена"),
    ("component_is_inactive", "a component is switched off", "компонент отключён"),
    ("locked_numb", "the number is blocked", "номер заблокирован"),
    ("incorrect_input", "a wrong key in the menu", "неверный ввод в меню"),
    ("call_not_allowed_on_tp", "the tariff does not allow the call", "тариф не допускает звонок"),
    ("account_not_found", "the account was not found", "лицевой счёт не найден"),
    ("contract_not_found", "the contract was not found", "договор не найден"),
    ("locked_phone", "the telephone is blocked", "телефон заблокирован"),
    ("max_in_call_reached", "too many inbound calls at once", "достигнут предел входящих звонков"),
    ("max_out_call_reached", "too many outbound calls at once", "достигнут предел исходящих звонков"),
    ("employee_busy", "the employee was busy", "сотрудник был занят"),
    ("employee_busy_after_call", "work after a call", "обработка после звонка"),
    ("phone_group_inactive_by_schedule", "the group's hours were over", "группа не работает по графику"),
    ("employee_inactive", "the employee was switched off", "сотрудник неактивен"),
    ("max_transition_count_exceeded", "the scenario goes in a circle", "сценарий зациклен"),
    (
        "phone_protocol_not_allowed_by_status",
        "the status forbids this telephone",
        "статус запрещает этот телефон",
    ),
    ("employee_phone_not_found", "the employee has no telephone", "у сотрудника нет телефона"),
    ("action_interval_exceeded", "the step took too long", "истекло время операции"),
    ("group_inactive_by_schedule", "the group's hours were over", "группа не работает по графику"),
    ("in_call_not_allowed", "inbound calls are forbidden", "входящие запрещены"),
    ("call_enqueued", "waited in a queue", "ждал в очереди"),
    ("employee_status_available", "status: available", "статус «Доступен»"),
    (
        "employee_auto_status_do_not_disturb",
        "status: do not disturb (automatic)",
        "автостатус «Не беспокоить»",
    ),
    ("employee_status_break", "status: break", "статус «Перерыв»"),
    ("employee_status_do_not_disturb", "status: do not disturb", "статус «Не беспокоить»"),
    ("employee_status_not_at_workplace", "status: away from the desk", "статус «Нет на месте»"),
    ("employee_status_not_at_work", "status: not at work", "статус «Нет на работе»"),
    ("employee_inactive_by_schedule", "the employee's hours were over", "сотрудник не работает по графику"),
    ("group_phone_inactive", "the group's telephone is off", "телефон группы выключен"),
    ("employee_phone_inactive", "the employee's telephone is off", "телефон сотрудника выключен"),
    (
        "employee_phone_inactive_by_schedule",
        "the telephone is off by schedule",
        "телефон выключен по графику",
    ),
    ("fmc_is_locked", "the mobile line is blocked", "FMC заблокирован"),
    ("sip_trunk_is_locked", "the SIP trunk is blocked", "SIP-транк заблокирован"),
    ("sip_offline", "the telephone was not registered", "телефон не зарегистрирован"),
    ("fmc_is_disabled", "the mobile line is off", "FMC отключён"),
    ("employee_status_auto_out_call", "status: outbound calls", "статус «Исходящий обзвон»"),
    ("limit_exceeded", "the spending limit is reached", "достигнут лимит расходов"),
    ("no_money", "no money on the account", "нет денег на счёте"),
    ("out_call_not_allowed_by_status", "the status forbids outbound calls", "статус запрещает исходящие"),
    ("out_call_not_allowed", "outbound calls are forbidden", "исходящие запрещены"),
    ("internal_call_not_allowed", "internal calls are forbidden", "внутренние запрещены"),
    ("external_call_not_allowed", "outside calls are forbidden", "внешние запрещены"),
    (
        "internal_call_not_allowed_by_status",
        "the status forbids internal calls",
        "статус запрещает внутренние",
    ),
    ("external_call_not_allowed_by_status", "the status forbids outside calls", "статус запрещает внешние"),
    (
        "auto_out_calls_not_allowed_by_status",
        "the status forbids automatic calls",
        "статус запрещает автообзвон",
    ),
    // The words of CallGear.
    ("caller_disconnects", "the caller hung up", "звонивший положил трубку"),
    ("operator_not_responsive", "the employee did not pick up", "сотрудник не взял трубку"),
    ("caller_busy", "the customer was talking", "клиент был занят"),
    ("caller_not_responsive", "the customer did not pick up", "клиент не взял трубку"),
    ("caller_number_problems", "the customer's number does not work", "номер клиента не работает"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason_class::ReasonClass;

    #[test]
    fn every_reason_has_words_in_both_languages() {
        for (word, en, ru) in WORDS {
            assert!(en.is_ascii() && !en.is_empty(), "{word}");
            assert!(ru.chars().any(|letter| ('а'..='я').contains(&letter)), "{word}");
            assert_ne!(ReasonClass::of(word), ReasonClass::Other, "{word}");
            assert_eq!(WORDS.iter().filter(|(other, ..)| *other == word).count(), 1, "{word}");
        }
    }
}
