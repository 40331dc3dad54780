//! Why rings end, sorted by what helps: sixty-four reasons in thirteen classes. What nobody documents is in a class of its own.

use crate::language::{Both, Language};

/// A class of reasons with one remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ReasonClass {
    /// Everybody who was rung was talking.
    StaffBusy,
    /// Nobody picked up in time.
    StaffNoAnswer,
    /// Those who were rung were not at work.
    StaffAway,
    /// A phone was not reachable.
    Device,
    /// Lines, limits or money ran out.
    CapacityMoney,
    /// A setting forbids the call.
    Rules,
    /// The scenario led nowhere.
    Scenario,
    /// The caller hung up.
    CallerLeft,
    /// The customer who was called could not be reached.
    CustomerUnreachable,
    /// A colleague who was rung at the same time answered.
    ColleagueFaster,
    /// The call came to its end.
    Finished,
    /// A fax.
    Fax,
    /// A fault of the exchange.
    Internal,
    /// A reason that nobody documents.
    Other,
}

impl ReasonClass {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::StaffBusy,
        Self::StaffNoAnswer,
        Self::StaffAway,
        Self::Device,
        Self::CapacityMoney,
        Self::Rules,
        Self::Scenario,
        Self::CallerLeft,
        Self::CustomerUnreachable,
        Self::ColleagueFaster,
        Self::Finished,
        Self::Fax,
        Self::Internal,
        Self::Other,
    ];

    /// The class of a reason, as the API spells it, the names of `CallGear` included.
    ///
    /// ```
    /// use calllegs_stats::ReasonClass;
    ///
    /// assert_eq!(ReasonClass::of("sip_offline"), ReasonClass::Device);
    /// assert_eq!(ReasonClass::of("caller_busy"), ReasonClass::CustomerUnreachable);
    /// assert_eq!(ReasonClass::of("moon_in_the_wrong_place"), ReasonClass::Other);
    /// ```
    pub fn of(reason: &str) -> Self {
        match reason {
            "operator_busy"
            | "employee_busy"
            | "employee_busy_after_call"
            | "operator_channels_busy"
            | "call_enqueued" => Self::StaffBusy,
            "operator_not_responsible"
            | "operator_not_responsive"
            | "timeout"
            | "action_interval_exceeded" => Self::StaffNoAnswer,
            "phone_group_inactive_by_schedule"
            | "group_inactive_by_schedule"
            | "employee_inactive"
            | "employee_inactive_by_schedule"
            | "employee_status_available"
            | "employee_status_break"
            | "employee_status_do_not_disturb"
            | "employee_status_not_at_work"
            | "employee_status_not_at_workplace"
            | "employee_status_auto_out_call"
            | "employee_auto_status_do_not_disturb" => Self::StaffAway,
            "operator_number_problems"
            | "locked_phone"
            | "employee_phone_not_found"
            | "employee_phone_inactive"
            | "employee_phone_inactive_by_schedule"
            | "group_phone_inactive"
            | "fmc_is_locked"
            | "fmc_is_disabled"
            | "sip_trunk_is_locked"
            | "sip_offline" => Self::Device,
            "no_resources"
            | "app_is_inactive"
            | "component_is_inactive"
            | "call_not_allowed_on_tp"
            | "account_not_found"
            | "contract_not_found"
            | "max_in_call_reached"
            | "max_out_call_reached"
            | "limit_exceeded"
            | "no_money" => Self::CapacityMoney,
            "locked_numb"
            | "phone_protocol_not_allowed_by_status"
            | "in_call_not_allowed"
            | "out_call_not_allowed"
            | "out_call_not_allowed_by_status"
            | "internal_call_not_allowed"
            | "internal_call_not_allowed_by_status"
            | "external_call_not_allowed"
            | "external_call_not_allowed_by_status"
            | "auto_out_calls_not_allowed_by_status" => Self::Rules,
            "no_operation" | "scenario_not_found" | "incorrect_input" | "max_transition_count_exceeded" => {
                Self::Scenario
            }
            "subscriber_disconnects" | "caller_disconnects" => Self::CallerLeft,
            "subscriber_busy"
            | "caller_busy"
            | "subscriber_not_responsible"
            | "caller_not_responsive"
            | "subscriber_number_problems"
            | "caller_number_problems" => Self::CustomerUnreachable,
            "another_operator_answer" => Self::ColleagueFaster,
            "operator_disconnects" | "operator_answer" | "transfer_disconnects" | "scenario_disconnects" => {
                Self::Finished
            }
            "fax_session_done" => Self::Fax,
            "internal_error" => Self::Internal,
            _ => Self::Other,
        }
    }

    /// The name, the same for ever.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StaffBusy => "staff_busy",
            Self::StaffNoAnswer => "staff_no_answer",
            Self::StaffAway => "staff_away",
            Self::Device => "device",
            Self::CapacityMoney => "capacity_money",
            Self::Rules => "rules",
            Self::Scenario => "scenario",
            Self::CallerLeft => "caller_left",
            Self::CustomerUnreachable => "customer_unreachable",
            Self::ColleagueFaster => "colleague_faster",
            Self::Finished => "finished",
            Self::Fax => "fax",
            Self::Internal => "internal",
            Self::Other => "other",
        }
    }

    /// Whether somebody in the company can do something about it.
    pub const fn is_fixable(self) -> bool {
        match self {
            Self::StaffBusy
            | Self::StaffNoAnswer
            | Self::StaffAway
            | Self::Device
            | Self::CapacityMoney
            | Self::Rules
            | Self::Scenario => true,
            Self::CallerLeft
            | Self::CustomerUnreachable
            | Self::ColleagueFaster
            | Self::Finished
            | Self::Fax
            | Self::Internal
            | Self::Other => false,
        }
    }

    /// What it is called for people.
    pub const fn title(self, language: Language) -> &'static str {
        let (title, _) = self.texts();
        title.text(language)
    }

    /// Who can do something about it, and what.
    pub const fn remedy(self, language: Language) -> &'static str {
        let (_, remedy) = self.texts();
        remedy.text(language)
    }

    const fn texts(self) -> (Both, Both) {
        match self {
            Self::StaffBusy => (
                Both::new("Everybody was talking", "Все сотрудники заняты разговором"),
                Both::new(
                    "Whoever plans shifts: more people at these hours",
                    "Тот, кто составляет график: больше людей в эти часы",
                ),
            ),
            Self::StaffNoAnswer => (
                Both::new("Nobody picked up", "Сотрудник не снял трубку"),
                Both::new(
                    "Team lead: who does not pick up, and is the ring too short?",
                    "Руководитель группы: кто не отвечает и не слишком ли короткое время вызова?",
                ),
            ),
            Self::StaffAway => (
                Both::new("Not at work", "Сотрудник не на рабочем месте"),
                Both::new(
                    "Team lead: compare schedules and statuses with the hours when people call",
                    "Руководитель группы: сверить расписание и статусы с часами звонков",
                ),
            ),
            Self::Device => (
                Both::new("Phone not reachable", "Телефон недоступен"),
                Both::new(
                    "Administrator, today: register or unlock these phones",
                    "Администратор, сегодня: зарегистрировать или разблокировать эти телефоны",
                ),
            ),
            Self::CapacityMoney => (
                Both::new("Lines, limits or money ran out", "Кончились линии, лимиты или деньги"),
                Both::new(
                    "Owner of the account, today: callers hear nothing",
                    "Владелец аккаунта, сегодня: звонящие не слышат ничего",
                ),
            ),
            Self::Rules => (
                Both::new("Forbidden by a setting", "Запрещено настройкой"),
                Both::new(
                    "Administrator: permissions of numbers and statuses",
                    "Администратор: разрешения для номеров и статусов",
                ),
            ),
            Self::Scenario => (
                Both::new("The scenario led nowhere", "Сценарий никуда не привёл"),
                Both::new(
                    "Author of the scenario: follow the call through its steps",
                    "Автор сценария: пройти звонок по шагам",
                ),
            ),
            Self::CallerLeft => (
                Both::new("The caller hung up", "Звонящий повесил трубку"),
                Both::new(
                    "Nobody at once; a shorter wait keeps callers",
                    "Сразу никто; короче ожидание — меньше потерь",
                ),
            ),
            Self::CustomerUnreachable => (
                Both::new("The customer could not be reached", "Клиент недоступен"),
                Both::new(
                    "Whoever keeps the lists for outbound calls: numbers and times",
                    "Тот, кто ведёт списки обзвона: номера и время",
                ),
            ),
            Self::ColleagueFaster => (
                Both::new("A colleague was faster", "Ответил другой сотрудник"),
                Both::new("Nobody has to: the call was answered", "Никто не должен: на звонок ответили"),
            ),
            Self::Finished => (
                Both::new("The call came to its end", "Разговор завершён"),
                Both::new("Nobody has to", "Никто не должен"),
            ),
            Self::Fax => (Both::new("A fax", "Факс"), Both::new("Nobody has to", "Никто не должен")),
            Self::Internal => (
                Both::new("A fault of the exchange", "Сбой телефонии"),
                Both::new("Support of the provider", "Поддержка поставщика связи"),
            ),
            Self::Other => (
                Both::new("A reason that nobody documents", "Неизвестная причина"),
                Both::new("Support of the provider knows what it means", "Что она значит, знает поддержка"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use calllegs_core::FinishReason;

    use super::*;

    #[test]
    fn every_documented_reason_has_one_class_and_every_class_a_reason() {
        let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
        for reason in FinishReason::ALL {
            *classes.entry(ReasonClass::of(reason.as_str()).as_str()).or_default() += 1;
        }
        assert_eq!(classes.values().sum::<usize>(), 64);
        assert!(!classes.contains_key("other"));
        assert_eq!(classes.len() + 1, ReasonClass::ALL.len());
    }

    #[test]
    fn another_spelling_of_a_reason_is_in_its_class() {
        for (spelling, word) in FinishReason::ALIASES {
            assert_eq!(ReasonClass::of(spelling), ReasonClass::of(word), "{spelling}");
        }
    }
}
