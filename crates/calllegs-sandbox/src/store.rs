//! Rows of one listing, column by column, driven by the listing's table: nothing here knows a field by name.
//!
//! About 180 bytes a leg beside its recording names. Texts are kept once each. Not here: which rows a request asks
//! for (`listing`), where rows come from (`world`, `read`).

mod texts;

use std::{cmp::Ordering, ops::Range};

use calllegs_core::{
    schema::{Cell, Cells, FieldInfo, Kind},
    value::wall_time,
};
use chrono::NaiveDateTime;

pub(crate) use self::texts::TextId;
use self::texts::{Interner, Texts};

/// Stands for null among numbers; no other value may be it.
pub(crate) const NULL_NUMBER: i64 = i64::MIN;

/// Rows that a store holds at most: they are numbered with 32 bits.
pub(crate) const MAX_ROWS: usize = u32::MAX as usize;

/// Finished rows, in the order of their clock field and then of their id where the listing has them.
#[derive(Debug)]
pub(crate) struct Store {
    columns: Vec<Column>,
    texts: Texts,
    rows: usize,
    clock: Option<usize>,
    id: Option<usize>,
}

impl Store {
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// The rows whose clock lies between the two times; which of the two count is said beside them.
    pub(crate) fn window(&self, from: (NaiveDateTime, bool), till: (NaiveDateTime, bool)) -> Range<usize> {
        let Some(Column::Time(clock)) = self.clock.and_then(|clock| self.columns.get(clock)) else {
            return 0..self.rows;
        };
        let before = |bound: NaiveDateTime, equal_too: bool| {
            clock.partition_point(|time| match time.as_ref().map(|time| time.cmp(&bound)) {
                Some(Ordering::Greater) => false,
                Some(Ordering::Equal) => equal_too,
                Some(Ordering::Less) | None => true,
            })
        };
        let (first, end) = (before(from.0, !from.1), before(till.0, till.1));
        first..end.max(first)
    }

    /// Id and clock of the rows, for whoever wants the truth without asking a question.
    pub(crate) fn ids(&self, rows: Range<usize>) -> Vec<(i64, NaiveDateTime)> {
        let column = |position: Option<usize>| position.and_then(|position| self.columns.get(position));
        let (Some(Column::Number(ids)), Some(Column::Time(clock))) = (column(self.id), column(self.clock))
        else {
            return Vec::new();
        };
        let all = ids.iter().zip(clock).skip(rows.start).take(rows.len());
        all.filter_map(|(id, time)| Some((*id, (*time)?))).collect()
    }

    pub(crate) fn row(&self, index: usize) -> RowRef<'_> {
        RowRef { store: self, index }
    }

    /// The order of two rows by one field, as PostgreSQL has it ascending: null after everything, text by bytes.
    pub(crate) fn compare(&self, position: usize, a: usize, b: usize) -> Ordering {
        match (self.cell(position, a), self.cell(position, b)) {
            (Cell::Null, Cell::Null) => Ordering::Equal,
            (Cell::Null, _) => Ordering::Greater,
            (_, Cell::Null) => Ordering::Less,
            (Cell::Boolean(a), Cell::Boolean(b)) => a.cmp(&b),
            (Cell::Number(a), Cell::Number(b)) => a.cmp(&b),
            (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
            (Cell::Time(a), Cell::Time(b)) => a.cmp(&b),
            _ => Ordering::Equal,
        }
    }

    /// The position of the field that tells rows apart, if the listing has one.
    pub(crate) fn id(&self) -> Option<usize> {
        self.id
    }

    /// Writes the rows as a JSON array of objects with these fields, in the server's key order.
    pub(crate) fn write(&self, fields: &[&'static FieldInfo], rows: &[u32], out: &mut Vec<u8>) {
        let mut fields = fields.to_vec();
        fields.sort_by_key(|field| (field.name().len(), field.name()));
        let mut plan = Vec::with_capacity(fields.len());
        for (index, field) in fields.iter().enumerate() {
            let comma = if index == 0 { '{' } else { ',' };
            plan.extend(
                self.columns
                    .get(field.position())
                    .map(|column| (format!("{comma}\"{}\":", field.name()), column)),
            );
        }
        out.push(b'[');
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            for (key, column) in &plan {
                out.extend_from_slice(key.as_bytes());
                self.write_cell(column, *row as usize, out);
            }
            out.push(b'}');
        }
        out.push(b']');
    }

    fn write_cell(&self, column: &Column, row: usize, out: &mut Vec<u8>) {
        match column.slot(row) {
            Slot::Null => out.extend_from_slice(b"null"),
            Slot::Boolean(true) => out.extend_from_slice(b"true"),
            Slot::Boolean(false) => out.extend_from_slice(b"false"),
            Slot::List(json) => out.extend_from_slice(self.texts.get(json).as_bytes()),
            Slot::Number(number) => json(out, &number),
            Slot::Text(text) => {
                if self.texts.is_plain(text) {
                    out.push(b'"');
                    out.extend_from_slice(self.texts.get(text).as_bytes());
                    out.push(b'"');
                } else {
                    json(out, self.texts.get(text));
                }
            }
            Slot::Time(time) => json(out, &wall_time::format(time)),
        }
    }

    fn cell(&self, position: usize, row: usize) -> Cell<'_> {
        match self.columns.get(position).map_or(Slot::Null, |column| column.slot(row)) {
            // Arrays are neither filterable nor sortable in any listing, so nobody compares them.
            Slot::Null | Slot::List(_) => Cell::Null,
            Slot::Boolean(value) => Cell::Boolean(value),
            Slot::Number(value) => Cell::Number(value),
            Slot::Text(text) => Cell::Text(self.texts.get(text)),
            Slot::Time(value) => Cell::Time(value),
        }
    }
}

/// Numbers, times and texts always serialise, and a vector takes every byte.
fn json<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok(), "a scalar did not serialise");
}

/// One row of a store, as filters see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowRef<'a> {
    store: &'a Store,
    index: usize,
}

impl Cells for RowRef<'_> {
    fn cell(&self, field: &FieldInfo) -> Cell<'_> {
        self.store.cell(field.position(), self.index)
    }
}

/// One value on its way into a store.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Slot {
    Null,
    Boolean(bool),
    /// The JSON of an array.
    List(TextId),
    Number(i64),
    Text(TextId),
    Time(NaiveDateTime),
}

/// Collects rows in any order.
#[derive(Debug)]
pub(crate) struct StoreBuilder {
    fields: &'static [FieldInfo],
    columns: Vec<Column>,
    interner: Interner,
    rows: usize,
}

impl StoreBuilder {
    pub(crate) fn new(fields: &'static [FieldInfo]) -> Self {
        let columns = fields.iter().map(|field| Column::of(field.kind())).collect();
        Self { fields, columns, interner: Interner::default(), rows: 0 }
    }

    /// A row of nulls, to be filled with [`Row::put`].
    pub(crate) fn row(&self) -> Row {
        Row(vec![Slot::Null; self.fields.len()])
    }

    pub(crate) fn text(&mut self, text: &str) -> TextId {
        self.interner.intern(text)
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

    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// Orders the rows by `start_time` and `id`, where the listing has them.
    pub(crate) fn finish(self) -> Store {
        let position =
            |name: &str| self.fields.iter().find(|field| field.name() == name).map(FieldInfo::position);
        let (clock, id) = (position("start_time"), position("id"));
        let mut store =
            Store { columns: self.columns, texts: self.interner.finish(), rows: self.rows, clock, id };
        let Some(clock) = clock else { return store };
        let in_order = |a: &usize, b: &usize| {
            let by_id = || id.map_or(Ordering::Equal, |id| store.compare(id, *a, *b));
            store.compare(clock, *a, *b).then_with(by_id)
        };
        let mut order: Vec<usize> = (0..store.rows).collect();
        if order.is_sorted_by(|a, b| in_order(a, b).is_le()) {
            return store;
        }
        order.sort_by(in_order);
        for column in &mut store.columns {
            column.reorder(&order);
        }
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
    List(Vec<Option<TextId>>),
    Number(Vec<i64>),
    Text(Vec<Option<TextId>>),
    Time(Vec<Option<NaiveDateTime>>),
}

impl Column {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Boolean => Self::Boolean(Vec::new()),
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
            (Self::Number(values), Slot::Number(value)) => values.push(value),
            (Self::Time(values), Slot::Time(value)) => values.push(Some(value)),
            (column, slot) => {
                debug_assert!(matches!(slot, Slot::Null), "a value of another kind");
                match column {
                    Self::Boolean(values) => values.push(None),
                    Self::List(values) | Self::Text(values) => values.push(None),
                    Self::Number(values) => values.push(NULL_NUMBER),
                    Self::Time(values) => values.push(None),
                }
            }
        }
    }

    fn slot(&self, row: usize) -> Slot {
        let slot = match self {
            Self::Boolean(values) => values.get(row).copied().flatten().map(Slot::Boolean),
            Self::List(values) => values.get(row).copied().flatten().map(Slot::List),
            Self::Number(values) => {
                values.get(row).copied().filter(|value| *value != NULL_NUMBER).map(Slot::Number)
            }
            Self::Text(values) => values.get(row).copied().flatten().map(Slot::Text),
            Self::Time(values) => values.get(row).copied().flatten().map(Slot::Time),
        };
        slot.unwrap_or(Slot::Null)
    }

    fn reorder(&mut self, order: &[usize]) {
        fn reordered<T: Copy>(values: &mut Vec<T>, order: &[usize]) {
            *values = order.iter().filter_map(|index| values.get(*index).copied()).collect();
        }
        match self {
            Self::Boolean(values) => reordered(values, order),
            Self::List(values) | Self::Text(values) => reordered(values, order),
            Self::Number(values) => reordered(values, order),
            Self::Time(values) => reordered(values, order),
        }
    }
}
