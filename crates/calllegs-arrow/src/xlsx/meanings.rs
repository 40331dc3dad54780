//! The sheet that says what each column means, in both languages.

use rust_xlsxwriter::{Format, FormatAlign, Worksheet, XlsxError};

use crate::schema::Column;

pub(super) fn write(sheet: &mut Worksheet, columns: &[&'static Column]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.set_name("fields")?.set_freeze_panes(1, 0)?;
    for (place, (head, width)) in (0..).zip([("column", 28), ("meaning", 70), ("значение", 70)]) {
        sheet.set_column_width(place, width)?;
        sheet.write_string_with_format(0, place, head, &bold)?;
    }
    for (row, column) in (1..).zip(columns) {
        let texts = [column.name(), column.comment(), in_russian(column)];
        for (place, text) in (0..).zip(texts) {
            sheet.write_string_with_format(row, place, text, &wrapped)?;
        }
    }
    Ok(())
}

fn in_russian(column: &Column) -> &'static str {
    RUSSIAN.iter().find(|(name, _)| *name == column.name()).map_or("", |(_, meaning)| meaning)
}

/// The comments of the table in Russian.
const RUSSIAN: [(&str, &str); 38] = [
    ("account", "Бренд и лицевой счёт, из которого плечо: `uis:1103`."),
    ("id", "Идентификатор плеча (CDR)."),
    (
        "call_session_id",
        "Идентификатор сессии звонка, в которую входит плечо; в `get.calls_report` это `id`.",
    ),
    ("start_time", "Когда плечо началось, по часам аккаунта."),
    ("start_at", "`start_time` как момент времени в UTC по часовому поясу аккаунта."),
    ("connect_time", "Когда на плече ответили, по часам аккаунта; пусто, если не ответил никто."),
    ("connect_at", "`connect_time` как момент времени в UTC по часовому поясу аккаунта."),
    ("duration", "Длительность плеча после ответа, секунды."),
    ("total_duration", "Длительность плеча вместе с вызовом до ответа, секунды."),
    ("finish_reason", "Почему плечо завершилось."),
    ("finish_reason_description", "Подпись `finish_reason` на языке аккаунта."),
    ("direction", "Куда направлено это плечо; направление всей сессии может быть другим."),
    ("is_operator", "На дальнем конце плеча – сотрудник."),
    ("is_transfered", "Плечо появилось из-за перевода звонка."),
    ("is_coach", "Плечо тренера, который слушает разговор."),
    ("is_failed", "На плече не ответили: истина значит, что трубку никто не взял."),
    ("is_talked", "На плече был разговор."),
    ("virtual_phone_number", "Номер, арендованный у платформы, через который прошёл звонок; только цифры."),
    ("calling_phone_number", "Номер, с которого звонило плечо, только цифры; пусто, если номер скрыт."),
    ("called_phone_number", "Номер, на который звонило плечо: цифры, внутренний номер или логин SIP."),
    ("contact_id", "Идентификатор контакта в адресной книге."),
    ("contact_full_name", "Имя контакта в адресной книге."),
    ("contact_phone_number", "Номер внешней стороны: кто звонил нам или кому звонили мы."),
    ("employee_id", "Идентификатор сотрудника, которого вызывали; у очередей и меню пусто."),
    ("employee_full_name", "Имя сотрудника, которого вызывали."),
    ("employee_phone_number", "Номер, внутренний номер или логин SIP, на который вызывали сотрудника."),
    ("employee_rating", "Оценка, поставленная сотруднику после звонка."),
    ("scenario_id", "Идентификатор сценария обработки звонка."),
    ("scenario_name", "Название сценария обработки звонка."),
    ("action_id", "Идентификатор операции сценария, создавшей плечо."),
    ("action_name", "Название операции сценария, создавшей плечо."),
    ("group_id", "Идентификатор группы сотрудников, которой предложили звонок."),
    ("group_name", "Название группы сотрудников, которой предложили звонок."),
    ("release_cause_code", "Код причины разъединения по Q.850."),
    ("release_cause_description", "Текст кода причины Q.850."),
    ("call_records", "Имена записей разговора плеча; каждое – часть адреса записи."),
    ("wav_call_records", "Имена записей плеча в WAV, обычно по дорожке на сторону; каждое – часть адреса."),
    (
        "extra",
        "Объект JSON с тем, чего нет в других столбцах: недокументированные поля и значения другого типа, чем столбец.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_explained_in_russian() {
        assert!(Column::all().iter().all(|column| in_russian(column).ends_with('.')));
        assert_eq!(RUSSIAN.len(), Column::all().len());
    }
}
