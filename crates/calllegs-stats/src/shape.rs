//! Which results there are, and their columns: one table that code, SQL and reports share.
//!
//! Not here: what a metric means in words, how a result is computed.

/// What values a column has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Counts, ids, whole seconds.
    Integer,
    /// Quotients with so many digits behind the point.
    Decimal(u8),
    /// Names.
    Text,
    /// Days.
    Date,
}

/// A column of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// Its name, the same for ever.
    pub name: &'static str,
    /// Its values.
    pub kind: Kind,
}

/// A result: its name, the metric that it belongs to, its columns.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shape {
    /// Its name, the same for ever.
    pub name: &'static str,
    /// The definition that it belongs to, `D1` to `D14`.
    pub definition: &'static str,
    /// Its columns, in order.
    pub columns: &'static [Column],
}

impl Shape {
    /// All of them, in the order of a listing.
    pub const ALL: [&'static Self; 19] = [
        &SERVICE_LEVEL,
        &ABANDONMENT,
        &ASA,
        &TALK,
        &HEATMAP,
        &PARETO,
        &EMPLOYEES,
        &CONCURRENCY,
        &OCCUPANCY,
        &TRANSFERS,
        &REPEAT_CALLERS,
        &NOT_CALLED_BACK,
        &FIRST_RESPONSE,
        &QUALITY,
        &BY_DAY,
        &CALL_PROFILE,
        &SCENARIOS,
        &GROUPS,
        &STAFFING_INPUT,
    ];

    /// The one of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        Self::ALL.into_iter().find(|shape| shape.name == name)
    }
}

pub(crate) const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

/// How many inbound calls were answered in time. One row.
pub static SERVICE_LEVEL: Shape = Shape {
    name: "service_level",
    definition: "D2",
    columns: &[
        column("offered", Kind::Integer),
        column("answered", Kind::Integer),
        column("short_abandons", Kind::Integer),
        column("answered_in_time", Kind::Integer),
        column("service_level_pct", Kind::Decimal(1)),
        column("service_level_strict_pct", Kind::Decimal(1)),
    ],
};

/// Who gave up: the caller or the exchange. One row.
pub static ABANDONMENT: Shape = Shape {
    name: "abandonment",
    definition: "D3",
    columns: &[
        column("abandoned", Kind::Integer),
        column("dropped_by_system", Kind::Integer),
        column("missed", Kind::Integer),
        column("missed_pct", Kind::Decimal(1)),
    ],
};

/// Speed of answer of answered inbound calls. One row.
pub static ASA: Shape = Shape {
    name: "asa",
    definition: "D4",
    columns: &[
        column("asa_s", Kind::Decimal(1)),
        column("p50_s", Kind::Decimal(1)),
        column("p90_s", Kind::Decimal(1)),
        column("longest_s", Kind::Integer),
        column("avg_wait_with_menu_s", Kind::Decimal(1)),
    ],
};

/// Talk time of answered inbound calls. One row.
pub static TALK: Shape = Shape {
    name: "talk",
    definition: "D5",
    columns: &[
        column("att_s", Kind::Decimal(1)),
        column("talk_total_s", Kind::Integer),
        column("rings_per_call", Kind::Decimal(2)),
    ],
};

/// Offered calls by weekday (1 is Monday) and hour, by weekday and hour; hours without calls have no row.
pub static HEATMAP: Shape = Shape {
    name: "heatmap",
    definition: "D6",
    columns: &[
        column("weekday", Kind::Integer),
        column("hour", Kind::Integer),
        column("offered", Kind::Integer),
        column("per_day", Kind::Decimal(1)),
        column("missed", Kind::Integer),
        column("missed_pct", Kind::Decimal(1)),
    ],
};

/// Why rings of employees were not answered, most frequent first, then by reason.
pub static PARETO: Shape = Shape {
    name: "pareto",
    definition: "D7",
    columns: &[
        column("finish_reason", Kind::Text),
        column("legs", Kind::Integer),
        column("cumulative_pct", Kind::Decimal(1)),
    ],
};

/// People, most answered first, then by id.
pub static EMPLOYEES: Shape = Shape {
    name: "employees",
    definition: "D8",
    columns: &[
        column("employee_id", Kind::Integer),
        column("employee", Kind::Text),
        column("rung", Kind::Integer),
        column("answered", Kind::Integer),
        column("colleague_was_faster", Kind::Integer),
        column("caller_left", Kind::Integer),
        column("answer_rate_pct", Kind::Decimal(1)),
        column("avg_ring_s", Kind::Decimal(1)),
        column("talk_s", Kind::Integer),
        column("rating", Kind::Decimal(2)),
        column("rated", Kind::Integer),
    ],
};

/// Lines in use at the peak of an hour (seconds since 1970 of the wall clock), the five highest first, then by hour.
pub static CONCURRENCY: Shape = Shape {
    name: "concurrency",
    definition: "D10",
    columns: &[column("hour_epoch", Kind::Integer), column("peak_legs", Kind::Integer)],
};

/// Estimated share of their presence that people were busy, highest first, then by id.
pub static OCCUPANCY: Shape = Shape {
    name: "occupancy",
    definition: "D11",
    columns: &[
        column("employee_id", Kind::Integer),
        column("occupancy_est_pct", Kind::Decimal(1)),
        column("presence_est_h", Kind::Decimal(1)),
    ],
};

/// The twenty most frequent transfers from person to person, then by names.
pub static TRANSFERS: Shape = Shape {
    name: "transfers",
    definition: "D12",
    columns: &[
        column("from_who", Kind::Text),
        column("to_who", Kind::Text),
        column("transfers", Kind::Integer),
    ],
};

/// Inbound calls of a known contact, and those soon after the one before. One row.
pub static REPEAT_CALLERS: Shape = Shape {
    name: "repeat_callers",
    definition: "D13",
    columns: &[
        column("inbound", Kind::Integer),
        column("repeats", Kind::Integer),
        column("repeats_pct", Kind::Decimal(1)),
    ],
};

/// What became of missed calls of a known contact. One row. Those that are still open are among the lost: nobody talked with the
/// caller yet, and the window reaches beyond the period, or beyond the start of the last call.
pub static NOT_CALLED_BACK: Shape = Shape {
    name: "not_called_back",
    definition: "D13",
    columns: &[
        column("missed", Kind::Integer),
        column("called_back", Kind::Integer),
        column("caller_tried_again", Kind::Integer),
        column("lost", Kind::Integer),
        column("lost_people", Kind::Integer),
        column("avg_minutes_to_fix", Kind::Decimal(1)),
        column("called_back_in_15_min", Kind::Integer),
        column("still_open", Kind::Integer),
    ],
};

/// From the first attempt to the first conversation of a contact. One row.
pub static FIRST_RESPONSE: Shape = Shape {
    name: "first_response",
    definition: "D14",
    columns: &[
        column("people", Kind::Integer),
        column("reached", Kind::Integer),
        column("median_first_response_s", Kind::Integer),
    ],
};

/// Talked legs of employees with a recording and with a rating. One row.
pub static QUALITY: Shape = Shape {
    name: "quality",
    definition: "D14",
    columns: &[
        column("talked_legs", Kind::Integer),
        column("recorded_pct", Kind::Decimal(1)),
        column("rated_pct", Kind::Decimal(1)),
        column("rating", Kind::Decimal(2)),
    ],
};

/// Offered calls by the day that the session began; days without one have no row.
pub static BY_DAY: Shape = Shape {
    name: "by_day",
    definition: "D1",
    columns: &[
        column("day", Kind::Date),
        column("offered", Kind::Integer),
        column("answered", Kind::Integer),
        column("missed", Kind::Integer),
        column("answered_in_time", Kind::Integer),
        column("service_level_pct", Kind::Decimal(1)),
    ],
};

/// As [`BY_DAY`], of all days together: what a part of a [split](crate::By) was offered. One row, beside [`Shape::ALL`].
pub static OFFERED: Shape = Shape {
    name: "offered",
    definition: "D1",
    columns: &[
        column("offered", Kind::Integer),
        column("answered", Kind::Integer),
        column("missed", Kind::Integer),
        column("answered_in_time", Kind::Integer),
        column("service_level_pct", Kind::Decimal(1)),
    ],
};

/// Offered calls, their talk, and people who were rung, by weekday (1 is Monday) and half hour of the day, over such days
/// that had a call. Beside [`Shape::ALL`].
pub static HALF_HOURS: Shape = Shape {
    name: "half_hours",
    definition: "D11",
    columns: &[
        column("weekday", Kind::Integer),
        column("half_hour", Kind::Text),
        column("days", Kind::Integer),
        column("offered", Kind::Integer),
        column("talked", Kind::Integer),
        column("talk_s", Kind::Integer),
        column("people", Kind::Integer),
    ],
};

/// How long callers waited altogether, answered or not, and how many of them gave up: their patience is the quotient. Short
/// abandons are among them. One row, beside [`Shape::ALL`].
pub static PATIENCE: Shape = Shape {
    name: "patience",
    definition: "D11",
    columns: &[
        column("waited_s", Kind::Integer),
        column("gave_up", Kind::Integer),
        column("patience_s", Kind::Decimal(1)),
    ],
};

/// Waits from the first ring in steps of five seconds, by what became of the call.
pub static CALL_PROFILE: Shape = Shape {
    name: "call_profile",
    definition: "D4",
    columns: &[
        column("wait_from_s", Kind::Integer),
        column("answered", Kind::Integer),
        column("caller_left", Kind::Integer),
        column("dropped_by_system", Kind::Integer),
    ],
};

/// Inbound calls by scenario, most first, then by name; `(none)` where it has no name.
pub static SCENARIOS: Shape = Shape {
    name: "scenarios",
    definition: "D9",
    columns: &[
        column("scenario", Kind::Text),
        column("inbound", Kind::Integer),
        column("answered", Kind::Integer),
        column("left_in_menu", Kind::Integer),
        column("short_abandons", Kind::Integer),
        column("missed", Kind::Integer),
        column("asa_s", Kind::Decimal(1)),
    ],
};

/// Rings of employees by group, most first, then by name; a call may ring two groups.
pub static GROUPS: Shape = Shape {
    name: "groups",
    definition: "D9",
    columns: &[
        column("group_name", Kind::Text),
        column("rings", Kind::Integer),
        column("answered_legs", Kind::Integer),
        column("calls_rung", Kind::Integer),
        column("calls_answered", Kind::Integer),
        column("avg_ring_s", Kind::Decimal(1)),
    ],
};

/// Offered calls and talk by hour of the day, over the days of the period that had a session.
pub static STAFFING_INPUT: Shape = Shape {
    name: "staffing_input",
    definition: "D11",
    columns: &[
        column("hour", Kind::Integer),
        column("calls_per_hour", Kind::Decimal(2)),
        column("avg_talk_s", Kind::Decimal(1)),
        column("erlangs", Kind::Decimal(2)),
    ],
};
