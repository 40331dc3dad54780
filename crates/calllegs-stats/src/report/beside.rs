//! What a report has beside the results that every engine computes, as tables of the same form.

use super::Report;
use crate::{
    shape::{Column, Kind, Shape},
    table::Table,
};

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

static HALF_HOURS: Shape = Shape {
    name: "load_by_half_hour",
    definition: "D11",
    columns: &[
        column("start_s", Kind::Integer),
        column("calls", Kind::Decimal(2)),
        column("talk_s", Kind::Decimal(1)),
        column("people", Kind::Decimal(1)),
        column("lines", Kind::Decimal(1)),
        column("most_lines", Kind::Integer),
    ],
};

static GROUP_TRANSFERS: Shape = Shape {
    name: "group_transfers",
    definition: "D12",
    columns: &[
        column("from_group", Kind::Text),
        column("to_group", Kind::Text),
        column("transfers", Kind::Integer),
    ],
};

static BREAKDOWN: Shape = Shape {
    name: "breakdown",
    definition: "D1",
    columns: &[
        column("by", Kind::Text),
        column("name", Kind::Text),
        column("offered", Kind::Integer),
        column("answered", Kind::Integer),
        column("missed", Kind::Integer),
        column("answered_in_time", Kind::Integer),
        column("asa_s", Kind::Decimal(1)),
        column("att_s", Kind::Decimal(1)),
    ],
};

/// Those that have rows.
pub(super) fn tables(report: &Report) -> Vec<Table> {
    let half_hours = report.half_hours.iter().map(|it| {
        vec![
            it.start.into(),
            it.calls.into(),
            it.talk.into(),
            it.people.into(),
            it.lines.into(),
            it.peak.into(),
        ]
    });
    let transfers = report
        .group_transfers
        .iter()
        .map(|it| vec![it.from.clone().into(), it.to.clone().into(), it.count.into()]);
    let slices = report.slices.iter().flat_map(|(by, slices)| slices.iter().map(move |slice| (by, slice)));
    let slices = slices.map(|(by, it)| {
        vec![
            by.as_str().to_owned().into(),
            it.name.clone().into(),
            it.offered.into(),
            it.answered.into(),
            it.missed.into(),
            it.in_time.into(),
            it.wait.into(),
            it.talk.into(),
        ]
    });
    let tables = [
        Table::new(&HALF_HOURS, half_hours.collect()),
        Table::new(&GROUP_TRANSFERS, transfers.collect()),
        Table::new(&BREAKDOWN, slices.collect()),
    ];
    tables.into_iter().filter(|table| !table.rows.is_empty()).collect()
}
