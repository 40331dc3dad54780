//! The marks of a row: in which columns they may stand. Published pages and facts have one reading; flattened text, whose
//! empty cells are gone, and rows that lack cells have several.

/// Every way in which the marks of a row may stand in the columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::spec) struct Marks {
    readings: Vec<Vec<bool>>,
    /// The marks that are left of a row with more columns.
    seen: Option<Vec<bool>>,
}

impl Marks {
    /// One mark a column.
    pub(super) fn exact(marks: Vec<bool>) -> Self {
        Self { readings: vec![marks], seen: None }
    }

    /// These marks, in this order, in any of the columns. An empty cell means no.
    pub(super) fn loose(marks: &[bool], columns: usize) -> Self {
        Self { readings: places(marks, columns), seen: Some(marks.to_vec()) }
    }

    /// Cells that say yes, no, or nothing that can be read.
    pub(super) fn partly(marks: &[Option<bool>]) -> Self {
        let mut readings = vec![Vec::new()];
        for mark in marks {
            let ways: &[bool] = match mark {
                Some(true) => &[true],
                Some(false) => &[false],
                None => &[false, true],
            };
            let longer = |reading: &Vec<bool>| {
                let reading = reading.clone();
                ways.iter().map(move |way| reading.iter().copied().chain([*way]).collect())
            };
            readings = readings.iter().flat_map(longer).collect();
        }
        Self { readings, seen: None }
    }

    pub(in crate::spec) fn readings(&self) -> &[Vec<bool>] {
        &self.readings
    }

    /// The mark in a column, if every reading has the same.
    pub(in crate::spec) fn agreed(&self, column: usize) -> Option<bool> {
        let mut marks = self.readings.iter().map(|reading| reading.get(column).copied());
        let first = marks.next()??;
        marks.all(|mark| mark == Some(first)).then_some(first)
    }

    /// `yes`, `no` as far as they are seen.
    pub(in crate::spec) fn seen(&self) -> Vec<&'static str> {
        let seen = self.seen.as_deref().unwrap_or_default();
        seen.iter().map(|mark| if *mark { "yes" } else { "no" }).collect()
    }
}

fn places(marks: &[bool], columns: usize) -> Vec<Vec<bool>> {
    let Some((first, rest)) = marks.split_first() else { return vec![vec![false; columns]] };
    let mut all = Vec::new();
    for empty in 0..=columns.saturating_sub(marks.len()) {
        for after in places(rest, columns.saturating_sub(empty + 1)) {
            let mut reading = vec![false; empty];
            reading.push(*first);
            reading.extend(after);
            all.push(reading);
        }
    }
    all
}
