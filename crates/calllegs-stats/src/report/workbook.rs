//! The workbook: a sheet for what it is of, one for each result, and one for what they mean. Numbers are numbers and days
//! are dates, so they can be counted on with.

use std::io;

use chrono::{NaiveDate, NaiveDateTime, Timelike};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::{
    Report, banner,
    svg::{fraction, real},
    texts,
};
use crate::{
    language::{Both, Language},
    metric::Metric,
    parameters::Parameters,
    shape::{Column, Kind, Shape},
    table::{Cell, Table},
};

/// How a column is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Plain,
    /// Seconds as a time.
    Duration,
    /// Seconds since 1970 of the wall clock as a date with its hour.
    Hour,
}

impl Shown {
    fn of(column: Column) -> Self {
        match column.name {
            "hour_epoch" => Self::Hour,
            name if name.ends_with("_s") => Self::Duration,
            _ => Self::Plain,
        }
    }

    /// Its head: without the unit of another form.
    fn head(self, column: Column) -> &'static str {
        match self {
            Self::Plain => column.name,
            Self::Duration => column.name.strip_suffix("_s").unwrap_or(column.name),
            Self::Hour => "hour",
        }
    }

    fn format(self, kind: Kind) -> Format {
        let code = match (self, kind) {
            (Self::Duration, _) => "[h]:mm:ss",
            (Self::Hour, _) => "yyyy-mm-dd hh:mm",
            (Self::Plain, Kind::Date) => "yyyy-mm-dd",
            (Self::Plain, Kind::Integer) => "0",
            (Self::Plain, Kind::Decimal(1)) => "0.0",
            (Self::Plain, Kind::Decimal(_)) => "0.00",
            (Self::Plain, Kind::Text) => "@",
        };
        Format::new().set_num_format(code)
    }
}

pub(super) fn write(report: &Report, lang: Language) -> io::Result<Vec<u8>> {
    saved(build(report, lang))
}

/// Rows of one table as a workbook: a sheet of this name with these titles over the columns of these names, and one with
/// notes. Columns that end with `_s` are shown as times; texts that are moments are dates.
///
/// # Errors
/// When a text is longer than a cell of a workbook can be.
pub fn sheet(
    name: &str,
    (columns, titles): (&[&str], &[&str]),
    rows: &[Vec<Cell>],
    notes: &[String],
) -> io::Result<Vec<u8>> {
    saved(new().and_then(|mut workbook| {
        let sheet = workbook.add_worksheet();
        head(sheet, name, &titles.iter().map(|title| (*title, 22)).collect::<Vec<_>>())?;
        for (row, cells) in (1..).zip(rows) {
            for ((place, cell), column) in (0..).zip(cells).zip(columns) {
                write_cell(sheet, (row, place), cell, column)?;
            }
        }
        let sheet = workbook.add_worksheet();
        sheet.set_name("notes")?.set_column_width(0, 100)?;
        for (row, note) in (0..).zip(notes) {
            sheet.write_string(row, 0, note)?;
        }
        Ok(workbook)
    }))
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, place): (u32, u16),
    cell: &Cell,
    column: &str,
) -> Result<(), XlsxError> {
    let is_time = column.ends_with("_s");
    let plain = |number: f64| if is_time { number / 86_400.0 } else { number };
    let (number, format) = match cell {
        Cell::Null => return Ok(()),
        Cell::Integer(value) => (plain(real(*value)), "0"),
        Cell::Decimal(value) => (plain(fraction(*value)), if value.places() == 1 { "0.0" } else { "0.00" }),
        Cell::Date(day) => (serial(day.and_time(chrono::NaiveTime::MIN)), "yyyy-mm-dd"),
        Cell::Text(text) => {
            let Ok(moment) = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S") else {
                sheet.write_string_with_format(row, place, text, &Format::new().set_num_format("@"))?;
                return Ok(());
            };
            (serial(moment), "yyyy-mm-dd hh:mm:ss")
        }
    };
    let is_number = matches!(cell, Cell::Integer(_) | Cell::Decimal(_));
    let format = Format::new().set_num_format(if is_time && is_number { "[h]:mm:ss" } else { format });
    sheet.write_number_with_format(row, place, number, &format)?;
    Ok(())
}

fn saved(workbook: Result<Workbook, XlsxError>) -> io::Result<Vec<u8>> {
    workbook.and_then(|mut workbook| workbook.save_to_buffer()).map_err(|error| {
        // Another one may quote a cell.
        if let XlsxError::IoError(error) = error {
            error
        } else {
            io::Error::other("a name is longer than a cell of a workbook can be")
        }
    })
}

fn new() -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    // Not the time of writing.
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    Ok(workbook)
}

fn build(report: &Report, lang: Language) -> Result<Workbook, XlsxError> {
    let mut workbook = new()?;
    write_facts(workbook.add_worksheet(), report, lang)?;
    let previous = report.previous.as_ref().map(|previous| &*previous.tables);
    for (tables, behind) in [(Some(&*report.tables), Both::new("", "")), (previous, texts::SHEET_BEFORE)] {
        for shape in Shape::ALL {
            let found = tables.into_iter().flatten().find(|table| table.shape.name == shape.name);
            if let Some(table) = found {
                let behind = lang.say(behind);
                let name = format!("{}{behind}", sheet_name(shape.name, lang));
                write_table(workbook.add_worksheet(), table, &name)?;
            }
        }
    }
    for table in report.beside() {
        write_table(workbook.add_worksheet(), &table, sheet_name(table.shape.name, lang))?;
    }
    if !report.lost_callers.is_empty() {
        write_callers(workbook.add_worksheet(), report, lang)?;
    }
    write_definitions(workbook.add_worksheet(), lang, &report.parameters)?;
    Ok(workbook)
}

/// What the sheet of a result is called: in English as programs call the result.
fn sheet_name(name: &'static str, lang: Language) -> &'static str {
    let russian = SHEETS.iter().find(|(known, _)| *known == name).map_or(name, |(_, russian)| russian);
    match lang {
        Language::English => name,
        Language::Russian => russian,
    }
}

/// At most 31 letters with what tells the time before, and each once.
#[rustfmt::skip] // a table is read in rows
const SHEETS: [(&str, &str); 25] = [
    ("service_level", "Уровень обслуживания"), ("abandonment", "Потери"), ("asa", "Скорость ответа"),
    ("talk", "Разговоры"), ("heatmap", "Часы недели"), ("pareto", "Причины"), ("employees", "Сотрудники"),
    ("concurrency", "Линии"), ("occupancy", "Занятость"), ("transfers", "Переводы"),
    ("repeat_callers", "Повторные звонки"), ("not_called_back", "Перезвоны"), ("first_response", "Первый ответ"),
    ("quality", "Оценки"), ("by_day", "Дни"), ("call_profile", "Ожидание"), ("scenarios", "Сценарии"),
    ("groups", "Группы"), ("staffing_input", "Нагрузка по часам"), ("report", "Отчёт"),
    ("callers", "Кому перезвонить"), ("definitions", "Определения"), ("breakdown", "По частям"),
    ("load_by_half_hour", "Нагрузка по получасам"), ("group_transfers", "Переводы между группами"),
];

/// A sheet of this name whose heads stay in view.
fn head(sheet: &mut Worksheet, name: &str, heads: &[(&str, u16)]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    sheet.set_name(name)?.set_freeze_panes(1, 0)?;
    for (place, (head, width)) in (0..).zip(heads) {
        sheet.set_column_width(place, *width)?;
        sheet.write_string_with_format(0, place, *head, &bold)?;
    }
    Ok(())
}

fn write_facts(sheet: &mut Worksheet, report: &Report, lang: Language) -> Result<(), XlsxError> {
    let header = &report.header;
    let title = lang.fill(texts::TITLE, &[&header.when(lang)]);
    head(sheet, sheet_name("report", lang), &[(&title, 44), ("", 60)])?;
    let count = |count: i64| lang.integer(count);
    let missing = i64::try_from(header.missing.len()).unwrap_or(i64::MAX);
    let complete = lang.of(header.day_count() - missing, header.day_count());
    let gone: Vec<_> = header.missing.iter().map(ToString::to_string).collect();
    let complete = if !header.is_recorded {
        banner::facts(report, lang).into_iter().next().unwrap_or_default()
    } else if missing == 0 {
        lang.fill(texts::COMPLETE, &[&complete])
    } else {
        lang.fill(texts::INCOMPLETE, &[&complete, &gone.join(", ")])
    };
    let parameters = &report.parameters;
    let facts: [(Both, Option<String>); 12] = [
        (texts::FACT_ACCOUNT, Some(header.account.clone())),
        (texts::FACT_ZONE, Some(header.zone.clone())),
        (
            texts::FACT_DAYS,
            Some(match header.hours {
                Some((from, till)) => format!("{from} … {till}"),
                None => format!("{} … {}", header.days.0, header.days.1),
            }),
        ),
        (texts::FACT_COMPLETE, Some(complete)),
        (texts::FACT_AS_OF, header.as_of.map(|as_of| lang.moment(as_of))),
        (
            texts::FACT_FILTERS,
            header.filters.clone().or_else(|| Some(lang.say(texts::NO_FILTERS).to_owned())),
        ),
        (texts::FACT_PREVIOUS, report.previous.as_ref().map(|it| format!("{} … {}", it.days.0, it.days.1))),
        (texts::FACT_WITHIN, Some(count(parameters.answer_within))),
        (texts::FACT_GOAL, Some(count(parameters.goal_percent.into()))),
        (texts::FACT_SHORT, Some(count(parameters.short_abandon))),
        (texts::FACT_CALLBACK, Some(lang.hours(parameters.callback_window))),
        (texts::FACT_REPEAT, Some(lang.hours(parameters.repeat_window))),
    ];
    let mut row = 1;
    if report.has_phones() {
        let warning = Format::new().set_bold().set_background_color("#FFF4D6");
        sheet.write_string_with_format(row, 0, lang.say(texts::HAS_PHONES), &warning)?;
        row += 1;
    }
    for (name, fact) in facts {
        let Some(fact) = fact else { continue };
        sheet.write_string(row, 0, lang.say(name))?;
        sheet.write_string(row, 1, fact)?;
        row += 1;
    }
    Ok(())
}

fn write_table(sheet: &mut Worksheet, table: &Table, name: &str) -> Result<(), XlsxError> {
    let columns = table.shape.columns;
    let width = |column: &Column| if column.kind == Kind::Text { 34 } else { 16 };
    let heads: Vec<_> =
        columns.iter().map(|column| (Shown::of(*column).head(*column), width(column))).collect();
    head(sheet, name, &heads)?;
    let formats: Vec<_> = columns
        .iter()
        .map(|column| {
            let shown = Shown::of(*column);
            (shown, shown.format(column.kind))
        })
        .collect();
    for (row, cells) in (1..).zip(&table.rows) {
        for ((place, cell), (shown, format)) in (0..).zip(cells).zip(&formats) {
            let number = match cell {
                Cell::Null => continue,
                Cell::Integer(value) => real(*value),
                Cell::Decimal(value) => fraction(*value),
                Cell::Date(day) => serial(day.and_time(chrono::NaiveTime::MIN)),
                Cell::Text(text) => {
                    sheet.write_string_with_format(row, place, text, format)?;
                    continue;
                }
            };
            let number = match shown {
                Shown::Plain => number,
                Shown::Duration => number / 86_400.0,
                Shown::Hour => number / 86_400.0 + EPOCH,
            };
            sheet.write_number_with_format(row, place, number, format)?;
        }
    }
    Ok(())
}

fn write_callers(sheet: &mut Worksheet, report: &Report, lang: Language) -> Result<(), XlsxError> {
    let heads = [texts::CALLER, texts::LAST_CALL, texts::MISSED].map(|head| (lang.say(head), 22));
    head(sheet, sheet_name("callers", lang), &heads)?;
    let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    for (row, caller) in (1..).zip(&report.lost_callers) {
        sheet.write_string(row, 0, report.phone(caller))?;
        sheet.write_number_with_format(row, 1, serial(caller.last), &moment)?;
        sheet.write_number(row, 2, real(caller.missed))?;
    }
    Ok(())
}

fn write_definitions(
    sheet: &mut Worksheet,
    lang: Language,
    parameters: &Parameters,
) -> Result<(), XlsxError> {
    let heads = [
        (texts::SHEETS, 28),
        (texts::KEYS, 24),
        (texts::METRIC, 30),
        (texts::MEANING, 60),
        (texts::LEFT_OUT_HEAD, 50),
        (texts::PITFALL, 60),
    ];
    head(sheet, sheet_name("definitions", lang), &heads.map(|(head, width)| (lang.say(head), width)))?;
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (row, metric) in (1..).zip(Metric::ALL) {
        let shapes: Vec<_> = Shape::ALL
            .into_iter()
            .filter(|shape| shape.definition == metric.definition)
            .map(|shape| sheet_name(shape.name, lang))
            .collect();
        let cells = [
            &*shapes.join(", "),
            &*metric.keys.join(", "),
            metric.title(lang),
            &*metric.meaning(lang, parameters),
            &*metric.exclusions(lang, parameters),
            metric.pitfall(lang),
        ];
        for (place, cell) in (0..).zip(cells) {
            sheet.write_string_with_format(row, place, cell, &wrapped)?;
        }
    }
    Ok(())
}

/// 1970 as spreadsheets count days.
const EPOCH: f64 = 25_569.0;

/// A wall clock as spreadsheets count it.
fn serial(moment: NaiveDateTime) -> f64 {
    let days = (moment.date() - NaiveDate::default()).num_days();
    real(days) + EPOCH + f64::from(moment.num_seconds_from_midnight()) / 86_400.0
}
