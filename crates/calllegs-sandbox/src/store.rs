//! Rows of one listing, column by column, driven by the listing's table: nothing here knows a field by name, but what
//! stands for the time, the id and the length of a row (`roles`).
//!
//! About 180 bytes a leg beside its recording names. Texts are kept once each. Not here: which rows a request asks
//! for (`listing`), which of them are there at its time (`view`), where rows come from (`world`, `read`).

mod objects;
mod roles;
mod texts;

use std::{collections::HashMap, ops::Range, sync::OnceLock};

use calllegs_core::{
    schema::{Cell, FieldInfo, Kind},
    value::wall_time,
};
use chrono::NaiveDateTime;

use self::texts::{Interner, Texts};
pub(crate) use self::{
    roles::{Ripe, Roles},
    texts::TextId,
};
use crate::{disorder::FIRST_COPY, view::Early};

/// Stands for null among numbers; no other value may be it.
pub(crate) const NULL_NUMBER: i64 = i64::MIN;

/// Rows that a store holds at most: they are numbered with 31 bits.
pub(crate) const MAX_ROWS: usize = FIRST_COPY as usize;

/// Bytes of a name with its value, on average.
const BYTES_PER_MEMBER: usize = 27;

/// Finished rows, in the order of start, session and id where the listing has them: that of the usual request.
#[derive(Debug)]
pub(crate) struct Store {
    columns: Vec<Column>,
    texts: Texts,
    rows: usize,
    places: Places,
    /// Of each column.
    ripe: Vec<Ripe>,
    /// Ids ascend with the rows.
    by_id: bool,
    /// Seconds of the longest row.
    longest: i64,
    /// How long each row lasts, where no field says it.
    lengths: Vec<i64>,
    sessions: OnceLock<Sessions>,
}

/// Positions of the fields that rows are found and ordered by; a listing may lack them.
#[derive(Clone, Copy, Debug)]
struct Places {
    start: Option<usize>,
    session: Option<usize>,
    id: Option<usize>,
    total: Option<usize>,
}

/// When the session of each row began, and the rows in the order of that time.
#[derive(Debug)]
struct Sessions {
    starts: Vec<NaiveDateTime>,
    rows: Vec<u32>,
}

impl Store {
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// The rows that start between the two times; whether each of the two counts is said beside it.
    pub(crate) fn window(&self, from: (NaiveDateTime, bool), till: (NaiveDateTime, bool)) -> Range<usize> {
        let Some(Column::Time(starts)) = self.column(self.places.start) else { return 0..self.rows };
        let first = starts.partition_point(|time| time.is_none_or(|time| precedes(time, from.0, !from.1)));
        let end = starts.partition_point(|time| time.is_none_or(|time| precedes(time, till.0, till.1)));
        first..end.max(first)
    }

    /// The rows whose session starts between the two times, in the order of the store.
    pub(crate) fn window_of_sessions(
        &self,
        from: (NaiveDateTime, bool),
        till: (NaiveDateTime, bool),
    ) -> Vec<u32> {
        let sessions = self.sessions.get_or_init(|| self.sessions());
        let bound = |time: NaiveDateTime, equal_too: bool| {
            sessions.rows.partition_point(|row| {
                sessions.starts.get(*row as usize).is_none_or(|start| precedes(*start, time, equal_too))
            })
        };
        let (first, end) = (bound(from.0, !from.1), bound(till.0, till.1));
        let mut rows = sessions.rows.get(first..end).unwrap_or_default().to_vec();
        rows.sort_unstable();
        rows
    }

    fn sessions(&self) -> Sessions {
        let mut began = HashMap::new();
        let mut starts = Vec::with_capacity(self.rows);
        // In the order of their starts: the first leg of a session is its earliest.
        for row in 0..self.rows {
            let start = self.start(row).unwrap_or(NaiveDateTime::MIN);
            starts.push(match self.number(self.places.session, row) {
                Some(session) => *began.entry(session).or_insert(start),
                None => start,
            });
        }
        let mut rows: Vec<u32> = (0..).take(self.rows).collect();
        rows.sort_by_key(|row| starts.get(*row as usize));
        Sessions { starts, rows }
    }

    pub(crate) fn id(&self, row: usize) -> Option<i64> {
        self.number(self.places.id, row)
    }

    pub(crate) fn session(&self, row: usize) -> Option<i64> {
        self.number(self.places.session, row)
    }

    pub(crate) fn start(&self, row: usize) -> Option<NaiveDateTime> {
        match self.column(self.places.start) {
            Some(Column::Time(values)) => values.get(row).copied().flatten(),
            Some(_) | None => None,
        }
    }

    /// How long the row lasts.
    pub(crate) fn seconds(&self, row: usize) -> i64 {
        let said = || self.number(self.places.total, row).unwrap_or_default();
        self.lengths.get(row).copied().unwrap_or_else(said)
    }

    /// How long the longest row lasts.
    pub(crate) fn longest(&self) -> i64 {
        self.longest
    }

    /// Whether these keys, and ids after them, are the order in which the rows lie. Keys are positions, with whether
    /// they descend.
    pub(crate) fn lies_in_order(&self, mut keys: impl Iterator<Item = (usize, bool)>) -> bool {
        let Places { start: Some(start), session, .. } = self.places else { return false };
        match (keys.next(), keys.next(), keys.next()) {
            (None, ..) => self.by_id,
            (Some(key), None, _) => self.by_id && key == (start, false),
            (Some(first), Some(second), None) => {
                first == (start, false) && session.is_some_and(|session| second == (session, false))
            }
            (Some(_), Some(_), Some(_)) => false,
        }
    }

    /// Whether rows of stores that lie behind one another in time lie so by this field as well.
    pub(crate) fn leads(&self, position: usize) -> bool {
        self.places.start == Some(position)
    }

    fn column(&self, position: Option<usize>) -> Option<&Column> {
        self.columns.get(position?)
    }

    fn number(&self, position: Option<usize>, row: usize) -> Option<i64> {
        match self.column(position) {
            Some(Column::Number(values)) => values.get(row).copied().filter(|value| *value != NULL_NUMBER),
            Some(_) | None => None,
        }
    }

    pub(crate) fn is_id(&self, position: usize) -> bool {
        self.places.id == Some(position)
    }

    /// What the field waits for.
    pub(crate) fn ripe(&self, position: usize) -> Ripe {
        self.ripe.get(position).copied().unwrap_or_default()
    }

    /// The reason of the row and its description.
    pub(crate) fn reason(&self, row: usize) -> (&str, &str) {
        let text = |wanted| {
            let position = self.ripe.iter().position(|ripe| *ripe == wanted);
            match position.map(|position| self.cell(position, row)) {
                Some(Cell::Text(text)) => text,
                Some(_) | None => "",
            }
        };
        (text(Ripe::Reason), text(Ripe::ReasonDescription))
    }

    /// The position of the field that tells rows apart, if the listing has one.
    pub(crate) fn id_position(&self) -> Option<usize> {
        self.places.id
    }

    /// Writes the rows as JSON objects with these members, in the server's key order, a comma between each two.
    /// `tail` ends every object. What `early` says of a row replaces values that are not known yet; a first copy is a row that is going on.
    pub(crate) fn write(
        &self,
        members: &[Member],
        rows: &[u32],
        early: impl Fn(usize) -> Early,
        tail: &str,
        out: &mut Vec<u8>,
    ) {
        let mut members: Vec<&Member> = members.iter().collect();
        members.sort_by_key(|member| (member.field.name().len(), member.field.name()));
        let mut plan = Vec::with_capacity(members.len());
        for (index, member) in members.into_iter().enumerate() {
            let comma = if index == 0 { '{' } else { ',' };
            let column = self.columns.get(member.field.position());
            plan.extend(
                column.map(|column| (format!("{comma}\"{}\":", member.field.name()), column, member)),
            );
        }
        // Names and values of the usual fields; growing a page of megabytes would copy it.
        out.reserve(rows.len() * plan.len() * BYTES_PER_MEMBER);
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            let first_copy = *row & FIRST_COPY != 0;
            let row = (*row & !FIRST_COPY) as usize;
            let mut early = early(row);
            early.open |= first_copy;
            let is_early = early.is_any();
            if plan.is_empty() {
                out.push(b'{');
            }
            for (key, column, member) in &plan {
                out.extend_from_slice(key.as_bytes());
                if is_early && write_early(early, member, matches!(column.slot(row), Slot::Null), out) {
                    continue;
                }
                match &member.instead {
                    Some(json) => out.extend_from_slice(json.as_bytes()),
                    None => self.write_cell(column, row, member, out),
                }
            }
            out.extend_from_slice(tail.as_bytes());
            out.push(b'}');
        }
    }

    fn write_cell(&self, column: &Column, row: usize, member: &Member, out: &mut Vec<u8>) {
        match column.slot(row) {
            Slot::Null => out.extend_from_slice(b"null"),
            Slot::Boolean(true) => out.extend_from_slice(b"true"),
            Slot::Boolean(false) => out.extend_from_slice(b"false"),
            Slot::Cents(cents) => write_cents(cents, out),
            Slot::List(json) => out.extend_from_slice(self.texts.get(json).as_bytes()),
            Slot::Number(number) => {
                let number = number.saturating_add(member.shift);
                // One below zero at least: a duration of nothing has a sign too.
                let number = if member.negated { -1 - number } else { number };
                if member.quoted {
                    out.push(b'"');
                    decimal(number, out);
                    out.push(b'"');
                } else {
                    decimal(number, out);
                }
            }
            Slot::Text(text) => {
                if self.texts.is_plain(text) {
                    out.push(b'"');
                    out.extend_from_slice(self.texts.get(text).as_bytes());
                    out.push(b'"');
                } else {
                    json(out, self.texts.get(text));
                }
            }
            Slot::Time(time) => match wall_time::format(time).bytes() {
                Some(bytes) => {
                    out.push(b'"');
                    out.extend_from_slice(&bytes);
                    out.push(b'"');
                }
                None => json(out, &wall_time::format(time)),
            },
        }
    }

    pub(crate) fn cell(&self, position: usize, row: usize) -> Cell<'_> {
        match self.columns.get(position).map_or(Slot::Null, |column| column.slot(row)) {
            Slot::Null => Cell::Null,
            Slot::Boolean(value) => Cell::Boolean(value),
            Slot::Cents(cents) => Cell::Decimal(in_whole(cents)),
            // No listing sorts by structures, and of filters only `jsquery` takes them, which nobody evaluates here.
            Slot::List(json) => Cell::Text(self.texts.get(json)),
            Slot::Number(value) => Cell::Number(value),
            Slot::Text(text) => Cell::Text(self.texts.get(text)),
            Slot::Time(value) => Cell::Time(value),
        }
    }
}

/// Writes what stands there before the value is known; false where it is known.
fn write_early(early: Early, member: &Member, is_null: bool, out: &mut Vec<u8>) -> bool {
    match early.value(member.ripe) {
        Some(Cell::Text(text)) => json(out, text),
        Some(_) if member.ripe == Ripe::Records && !is_null => out.extend_from_slice(b"[]"),
        Some(_) => out.extend_from_slice(b"null"),
        None => return false,
    }
    true
}

/// Numbers, times and texts always serialise, and a vector takes every byte.
fn json<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok(), "a scalar did not serialise");
}

/// Whether a time lies before the bound, or also at it.
fn precedes(time: NaiveDateTime, bound: NaiveDateTime, equal_too: bool) -> bool {
    time < bound || equal_too && time == bound
}

/// Writes a number as JSON does, without the way through a formatter: most of a page is numbers.
fn decimal(number: i64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut rest = number.unsigned_abs();
    let mut length = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        length += 1;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(digits.get(digits.len() - length..).unwrap_or_default());
}

/// Two digits of the fraction, always.
fn write_cents(cents: i64, out: &mut Vec<u8>) {
    if cents < 0 {
        out.push(b'-');
    }
    let cents = cents.saturating_abs();
    decimal(cents / 100, out);
    out.push(b'.');
    if cents % 100 < 10 {
        out.push(b'0');
    }
    decimal(cents % 100, out);
}

/// What reading the written digits gives.
#[expect(clippy::cast_precision_loss, reason = "sums of money stay far below 2^53")]
fn in_whole(cents: i64) -> f64 {
    cents as f64 / 100.0
}

/// How one field of a page is written.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) field: &'static FieldInfo,
    /// JSON in place of every value.
    pub(crate) instead: Option<String>,
    /// Added to numbers.
    pub(crate) shift: i64,
    /// Numbers become negative.
    pub(crate) negated: bool,
    /// Numbers are JSON strings.
    pub(crate) quoted: bool,
    /// What the value waits for.
    pub(crate) ripe: Ripe,
}

impl Member {
    /// The field as it is.
    pub(crate) fn new(field: &'static FieldInfo) -> Self {
        Self { field, instead: None, shift: 0, negated: false, quoted: false, ripe: Ripe::AtOnce }
    }
}

/// One value on its way into a store.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Slot {
    Null,
    Boolean(bool),
    /// A number with a fraction, in hundredths.
    Cents(i64),
    /// The JSON of an array or an object.
    List(TextId),
    Number(i64),
    Text(TextId),
    Time(NaiveDateTime),
}

/// Collects rows in any order.
#[derive(Debug)]
pub(crate) struct StoreBuilder {
    fields: &'static [FieldInfo],
    roles: Roles,
    columns: Vec<Column>,
    interner: Interner,
    rows: usize,
    lengths: Vec<i64>,
}

impl StoreBuilder {
    pub(crate) fn new(fields: &'static [FieldInfo], roles: Roles) -> Self {
        let columns = fields.iter().map(|field| Column::of(field, roles)).collect();
        Self { fields, roles, columns, interner: Interner::default(), rows: 0, lengths: Vec::new() }
    }

    /// A row of nulls, to be filled with [`Row::put`].
    pub(crate) fn row(&self) -> Row {
        Row(vec![Slot::Null; self.fields.len()])
    }

    pub(crate) fn text(&mut self, text: &str) -> TextId {
        self.interner.intern(text)
    }

    /// What a text is.
    pub(crate) fn text_of(&self, text: TextId) -> &str {
        self.interner.get(text)
    }

    /// The JSON of an array, not looked for among the others: recording names do not repeat.
    pub(crate) fn list(&mut self, json: &str) -> TextId {
        self.interner.append(json)
    }

    pub(crate) fn push(&mut self, row: &Row) {
        for (column, slot) in self.columns.iter_mut().zip(&row.0) {
            column.push(*slot);
        }
        self.rows += 1;
    }

    /// A row that lasts so many seconds; all rows of a store are pushed like this, or none.
    pub(crate) fn push_lasting(&mut self, row: &Row, seconds: i64) {
        self.push(row);
        self.lengths.push(seconds);
    }

    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// Orders the rows by start, session and id, where the listing has them.
    pub(crate) fn finish(self) -> Store {
        let position =
            |name: &str| self.fields.iter().find(|field| field.name() == name).map(FieldInfo::position);
        let places = Places {
            start: position(self.roles.start),
            session: position(self.roles.session),
            id: position(self.roles.id),
            total: position(self.roles.total),
        };
        let mut store = Store {
            columns: self.columns,
            texts: self.interner.finish(),
            rows: self.rows,
            places,
            ripe: self.fields.iter().map(self.roles.ripe).collect(),
            by_id: false,
            longest: 0,
            lengths: self.lengths,
            sessions: OnceLock::new(),
        };
        if places.start.is_some() {
            // Null after everything, as a sort has it.
            let number =
                |position, row| store.number(position, row).map_or((true, 0), |value| (false, value));
            let key = |row: &u32| {
                let row = *row as usize;
                (store.start(row), number(places.session, row), number(places.id, row))
            };
            let mut order: Vec<u32> = (0..).take(store.rows).collect();
            if !order.is_sorted_by_key(key) {
                order.sort_by_key(key);
                for column in &mut store.columns {
                    column.reorder(&order);
                }
                reorder(&mut store.lengths, &order);
            }
        }
        store.by_id = (0..store.rows).is_sorted_by_key(|row| store.id(row));
        store.longest = (0..store.rows).map(|row| store.seconds(row)).max().unwrap_or_default().max(0);
        store
    }
}

/// The values of one row by field.
#[derive(Clone, Debug)]
pub(crate) struct Row(Vec<Slot>);

impl Row {
    pub(crate) fn put(&mut self, field: &FieldInfo, slot: Slot) {
        if let Some(place) = self.0.get_mut(field.position()) {
            *place = slot;
        }
    }
}

#[derive(Debug)]
enum Column {
    Boolean(Vec<Option<bool>>),
    Cents(Vec<i64>),
    List(Vec<Option<TextId>>),
    Number(Vec<i64>),
    Text(Vec<Option<TextId>>),
    Time(Vec<Option<NaiveDateTime>>),
}

impl Column {
    fn of(field: &FieldInfo, roles: Roles) -> Self {
        match field.kind() {
            Kind::Boolean => Self::Boolean(Vec::new()),
            Kind::Number if roles.has_cents && field.is_decimal() => Self::Cents(Vec::new()),
            Kind::Number | Kind::Id => Self::Number(Vec::new()),
            Kind::Iso8601 => Self::Time(Vec::new()),
            Kind::Array | Kind::Object => Self::List(Vec::new()),
            // A kind that the tables gain one day is text until it is known better.
            Kind::Enum | Kind::String | _ => Self::Text(Vec::new()),
        }
    }

    /// A slot of another kind becomes null: makers of rows check kinds first.
    fn push(&mut self, slot: Slot) {
        match (self, slot) {
            (Self::Boolean(values), Slot::Boolean(value)) => values.push(Some(value)),
            (Self::List(values), Slot::List(value)) | (Self::Text(values), Slot::Text(value)) => {
                values.push(Some(value));
            }
            (Self::Number(values), Slot::Number(value)) | (Self::Cents(values), Slot::Cents(value)) => {
                values.push(value);
            }
            (Self::Time(values), Slot::Time(value)) => values.push(Some(value)),
            (column, slot) => {
                debug_assert!(matches!(slot, Slot::Null), "a value of another kind");
                match column {
                    Self::Boolean(values) => values.push(None),
                    Self::List(values) | Self::Text(values) => values.push(None),
                    Self::Number(values) | Self::Cents(values) => values.push(NULL_NUMBER),
                    Self::Time(values) => values.push(None),
                }
            }
        }
    }

    fn slot(&self, row: usize) -> Slot {
        let slot = match self {
            Self::Boolean(values) => values.get(row).copied().flatten().map(Slot::Boolean),
            Self::Cents(values) => {
                values.get(row).copied().filter(|value| *value != NULL_NUMBER).map(Slot::Cents)
            }
            Self::List(values) => values.get(row).copied().flatten().map(Slot::List),
            Self::Number(values) => {
                values.get(row).copied().filter(|value| *value != NULL_NUMBER).map(Slot::Number)
            }
            Self::Text(values) => values.get(row).copied().flatten().map(Slot::Text),
            Self::Time(values) => values.get(row).copied().flatten().map(Slot::Time),
        };
        slot.unwrap_or(Slot::Null)
    }

    fn reorder(&mut self, order: &[u32]) {
        match self {
            Self::Boolean(values) => reorder(values, order),
            Self::Cents(values) | Self::Number(values) => reorder(values, order),
            Self::List(values) | Self::Text(values) => reorder(values, order),
            Self::Time(values) => reorder(values, order),
        }
    }
}

fn reorder<T: Copy>(values: &mut Vec<T>, order: &[u32]) {
    *values = order.iter().filter_map(|index| values.get(*index as usize).copied()).collect();
}
