//! What a competent user would write without this project: structs for serde, and Arrow's builders filled from them.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{
        BooleanBuilder, Int32Builder, Int64Builder, ListBuilder, StringBuilder, TimestampMicrosecondBuilder,
    },
};
use chrono::NaiveDateTime;
use serde::Deserialize;

/// A reply of the server.
#[derive(Debug, Deserialize)]
#[non_exhaustive]
pub struct Reply {
    /// Its result.
    pub result: Data,
}

/// The result of a report.
#[derive(Debug, Deserialize)]
#[non_exhaustive]
pub struct Data {
    /// Legs.
    pub data: Vec<Leg>,
}

/// One leg, with owned text; it fails on the first value of another type.
#[derive(Debug, Deserialize)]
#[non_exhaustive]
pub struct Leg {
    id: Option<i64>,
    call_session_id: Option<i64>,
    call_records: Option<Vec<String>>,
    wav_call_records: Option<Vec<String>>,
    start_time: Option<String>,
    connect_time: Option<String>,
    duration: Option<i32>,
    total_duration: Option<i32>,
    finish_reason: Option<String>,
    finish_reason_description: Option<String>,
    virtual_phone_number: Option<String>,
    calling_phone_number: Option<String>,
    called_phone_number: Option<String>,
    direction: Option<String>,
    is_transfered: Option<bool>,
    is_operator: Option<bool>,
    employee_id: Option<i64>,
    employee_full_name: Option<String>,
    employee_phone_number: Option<String>,
    employee_rating: Option<i64>,
    scenario_id: Option<i64>,
    scenario_name: Option<String>,
    is_coach: Option<bool>,
    release_cause_code: Option<i32>,
    release_cause_description: Option<String>,
    is_failed: Option<bool>,
    is_talked: Option<bool>,
    contact_id: Option<i64>,
    contact_full_name: Option<String>,
    contact_phone_number: Option<String>,
    action_id: Option<i64>,
    action_name: Option<String>,
    group_id: Option<i64>,
    group_name: Option<String>,
}

/// The 34 fields as columns.
pub fn batch_of(legs: &[Leg]) -> RecordBatch {
    macro_rules! column {
        ($builder:ty, $field:ident) => {{
            let mut builder = <$builder>::new();
            for leg in legs {
                builder.append_option(leg.$field.as_ref().map(|value| *value));
            }
            column!(@ builder, $field)
        }};
        (text $field:ident) => {{
            let mut builder = StringBuilder::new();
            for leg in legs {
                builder.append_option(leg.$field.as_deref());
            }
            column!(@ builder, $field)
        }};
        (time $field:ident) => {{
            let mut builder = TimestampMicrosecondBuilder::new();
            for leg in legs {
                let time = leg.$field.as_ref().map(|time| {
                    NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S").unwrap().and_utc().timestamp_micros()
                });
                builder.append_option(time);
            }
            column!(@ builder, $field)
        }};
        (list $field:ident) => {{
            let mut builder = ListBuilder::new(StringBuilder::new());
            for leg in legs {
                match &leg.$field {
                    Some(items) => builder.append_value(items.iter().map(Some)),
                    None => builder.append_null(),
                }
            }
            column!(@ builder, $field)
        }};
        (@ $builder:ident, $field:ident) => {
            (stringify!($field), Arc::new($builder.finish()) as ArrayRef)
        };
    }
    RecordBatch::try_from_iter_with_nullable(
        [
            column!(Int64Builder, id),
            column!(Int64Builder, call_session_id),
            column!(list call_records),
            column!(list wav_call_records),
            column!(time start_time),
            column!(time connect_time),
            column!(Int32Builder, duration),
            column!(Int32Builder, total_duration),
            column!(text finish_reason),
            column!(text finish_reason_description),
            column!(text virtual_phone_number),
            column!(text calling_phone_number),
            column!(text called_phone_number),
            column!(text direction),
            column!(BooleanBuilder, is_transfered),
            column!(BooleanBuilder, is_operator),
            column!(Int64Builder, employee_id),
            column!(text employee_full_name),
            column!(text employee_phone_number),
            column!(Int64Builder, employee_rating),
            column!(Int64Builder, scenario_id),
            column!(text scenario_name),
            column!(BooleanBuilder, is_coach),
            column!(Int32Builder, release_cause_code),
            column!(text release_cause_description),
            column!(BooleanBuilder, is_failed),
            column!(BooleanBuilder, is_talked),
            column!(Int64Builder, contact_id),
            column!(text contact_full_name),
            column!(text contact_phone_number),
            column!(Int64Builder, action_id),
            column!(text action_name),
            column!(Int64Builder, group_id),
            column!(text group_name),
        ]
        .map(|(name, array)| (name, array, true)),
    )
    .unwrap()
}
