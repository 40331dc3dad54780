//! Reasons of unanswered rings in words, and who can do something about each.

use self::Fixer::{Admin, Nobody, Owner, People};
use super::{
    locale::Lang,
    texts::{self, Text},
};

/// Who can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fixer {
    /// Staffing, a team lead, a schedule.
    People,
    /// An administrator: devices, rules, scenarios.
    Admin,
    /// The owner of the account: money, limits, tariff.
    Owner,
    /// Nobody here.
    Nobody,
}

impl Fixer {
    pub(super) const ALL: [Self; 4] = [Self::People, Self::Admin, Self::Owner, Self::Nobody];

    pub(super) const fn name(self) -> Text {
        match self {
            Self::People => texts::FIX_PEOPLE,
            Self::Admin => texts::FIX_ADMIN,
            Self::Owner => texts::FIX_OWNER,
            Self::Nobody => texts::FIX_NOBODY,
        }
    }

    /// In a word, beside a bar: colour is not the only sign.
    pub(super) const fn short(self) -> Text {
        match self {
            Self::People => texts::PEOPLE_SHORT,
            Self::Admin => texts::ADMIN_SHORT,
            Self::Owner => texts::OWNER_SHORT,
            Self::Nobody => texts::FIX_NOBODY,
        }
    }

    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::People => "fix-people",
            Self::Admin => "fix-admin",
            Self::Owner => "fix-owner",
            Self::Nobody => "fix-nobody",
        }
    }
}

/// A word of the API in the reader's words; one that is not known stays as it is.
pub(super) fn of(word: &str, lang: Lang) -> (&str, Fixer) {
    let found = WORDS.iter().find(|(known, ..)| *known == word);
    found.map_or((word, Nobody), |(_, fixer, en, ru)| (if lang == Lang::En { en } else { ru }, *fixer))
}

/// The word of the API, who can fix it, English, Russian.
const WORDS: [(&str, Fixer, &str, &str); 69] = [
    ("subscriber_disconnects", Nobody, "the caller hung up", "звонивший положил трубку"),
    ("no_operation", Admin, "no step for this in the scenario", "в сценарии нет нужной операции"),
    ("operator_busy", People, "the employee was talking", "сотрудник разговаривал"),
    ("operator_not_responsible", People, "the employee did not pick up", "сотрудник не взял трубку"),
    ("operator_disconnects", Nobody, "the employee ended it", "сотрудник завершил звонок"),
    ("operator_number_problems", Admin, "the employee's number does not work", "номер сотрудника не работает"),
    ("scenario_not_found", Admin, "there is no scenario", "сценарий не найден"),
    ("timeout", People, "rang too long", "истекло время дозвона"),
    ("internal_error", Nobody, "an error of the exchange", "ошибка АТС"),
    ("transfer_disconnects", Nobody, "ended by a transfer", "завершён переводом"),
    ("scenario_disconnects", Nobody, "the scenario ended it", "завершён сценарием"),
    ("fax_session_done", Nobody, "a fax", "факс"),
    ("no_resources", Owner, "no free lines", "нет свободных линий"),
    ("another_operator_answer", Nobody, "a colleague was faster", "ответил другой сотрудник"),
    ("subscriber_busy", Nobody, "the customer was talking", "клиент был занят"),
    ("subscriber_not_responsible", Nobody, "the customer did not pick up", "клиент не взял трубку"),
    ("subscriber_number_problems", Nobody, "the customer's number does not work", "номер клиента не работает"),
    ("operator_answer", Nobody, "an employee answered", "сотрудник ответил"),
    ("operator_channels_busy", People, "all lines of the employee were in use", "все линии сотрудника заняты"),
    ("app_is_inactive", Owner, "the virtual exchange is switched off", "виртуальная АТС отключена"),
    ("component_is_inactive", Owner, "a component is switched off", "компонент отключён"),
    ("locked_numb", Admin, "the number is blocked", "номер заблокирован"),
    ("incorrect_input", Admin, "a wrong key in the menu", "неверный ввод в меню"),
    ("call_not_allowed_on_tp", Owner, "the tariff does not allow the call", "тариф не допускает звонок"),
    ("account_not_found", Owner, "the account was not found", "лицевой счёт не найден"),
    ("contract_not_found", Owner, "the contract was not found", "договор не найден"),
    ("locked_phone", Admin, "the telephone is blocked", "телефон заблокирован"),
    ("max_in_call_reached", Owner, "too many inbound calls at once", "достигнут предел входящих звонков"),
    ("max_out_call_reached", Owner, "too many outbound calls at once", "достигнут предел исходящих звонков"),
    ("employee_busy", People, "the employee was busy", "сотрудник был занят"),
    ("employee_busy_after_call", People, "work after a call", "обработка после звонка"),
    ("phone_group_inactive_by_schedule", People, "the group's hours were over", "группа не работает по графику"),
    ("employee_inactive", People, "the employee was switched off", "сотрудник неактивен"),
    ("max_transition_count_exceeded", Admin, "the scenario goes in a circle", "сценарий зациклен"),
    ("phone_protocol_not_allowed_by_status", Admin, "the status forbids this telephone", "статус запрещает этот телефон"),
    ("employee_phone_not_found", Admin, "the employee has no telephone", "у сотрудника нет телефона"),
    ("action_interval_exceeded", People, "the step took too long", "истекло время операции"),
    ("group_inactive_by_schedule", People, "the group's hours were over", "группа не работает по графику"),
    ("in_call_not_allowed", Admin, "inbound calls are forbidden", "входящие запрещены"),
    ("call_enqueued", People, "waited in a queue", "ждал в очереди"),
    ("employee_status_available", People, "status: available", "статус «Доступен»"),
    ("employee_auto_status_do_not_disturb", People, "status: do not disturb (automatic)", "автостатус «Не беспокоить»"),
    ("employee_status_break", People, "status: break", "статус «Перерыв»"),
    ("employee_status_do_not_disturb", People, "status: do not disturb", "статус «Не беспокоить»"),
    ("employee_status_not_at_workplace", People, "status: away from the desk", "статус «Нет на месте»"),
    ("employee_status_not_at_work", People, "status: not at work", "статус «Нет на работе»"),
    ("employee_inactive_by_schedule", People, "the employee's hours were over", "сотрудник не работает по графику"),
    ("group_phone_inactive", Admin, "the group's telephone is off", "телефон группы выключен"),
    ("employee_phone_inactive", Admin, "the employee's telephone is off", "телефон сотрудника выключен"),
    ("employee_phone_inactive_by_schedule", Admin, "the telephone is off by schedule", "телефон выключен по графику"),
    ("fmc_is_locked", Admin, "the mobile line is blocked", "FMC заблокирован"),
    ("sip_trunk_is_locked", Admin, "the SIP trunk is blocked", "SIP-транк заблокирован"),
    ("sip_offline", Admin, "the telephone was not registered", "телефон не зарегистрирован"),
    ("fmc_is_disabled", Admin, "the mobile line is off", "FMC отключён"),
    ("employee_status_auto_out_call", People, "status: outbound calls", "статус «Исходящий обзвон»"),
    ("limit_exceeded", Owner, "the spending limit is reached", "достигнут лимит расходов"),
    ("no_money", Owner, "no money on the account", "нет денег на счёте"),
    ("out_call_not_allowed_by_status", Admin, "the status forbids outbound calls", "статус запрещает исходящие"),
    ("out_call_not_allowed", Admin, "outbound calls are forbidden", "исходящие запрещены"),
    ("internal_call_not_allowed", Admin, "internal calls are forbidden", "внутренние запрещены"),
    ("external_call_not_allowed", Admin, "outside calls are forbidden", "внешние запрещены"),
    ("internal_call_not_allowed_by_status", Admin, "the status forbids internal calls", "статус запрещает внутренние"),
    ("external_call_not_allowed_by_status", Admin, "the status forbids outside calls", "статус запрещает внешние"),
    ("auto_out_calls_not_allowed_by_status", Admin, "the status forbids automatic calls", "статус запрещает автообзвон"),
    // The words of CallGear.
    ("caller_disconnects", Nobody, "the caller hung up", "звонивший положил трубку"),
    ("operator_not_responsive", People, "the employee did not pick up", "сотрудник не взял трубку"),
    ("caller_busy", Nobody, "the customer was talking", "клиент был занят"),
    ("caller_not_responsive", Nobody, "the customer did not pick up", "клиент не взял трубку"),
    ("caller_number_problems", Nobody, "the customer's number does not work", "номер клиента не работает"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_in_both_languages() {
        for (word, _, en, ru) in WORDS {
            assert!(en.is_ascii() && !en.is_empty(), "{word}");
            assert!(ru.chars().any(|letter| ('а'..='я').contains(&letter)), "{word}");
            assert_eq!(WORDS.iter().filter(|(other, ..)| *other == word).count(), 1, "{word}");
        }
        assert_eq!(of("made_up", Lang::Ru), ("made_up", Fixer::Nobody));
    }
}
