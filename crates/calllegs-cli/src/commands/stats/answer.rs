//! Results of one metric: computed by the database that has the legs, or counted from these. Both give the same.

use std::path::Path;

use calllegs_stats::{
    By, Cell, MissedCall, ServiceLevel, Shape, Table,
    report::Header,
    sql::{Database, Source},
};
use calllegs_store::{Error, Postgres, Sqlite, warehouse};
use chrono::{DateTime, NaiveDateTime, Utc};

use crate::{
    commands::numbers::{CALLERS, CUT, Known, Numbers, TOLD},
    failure::{Exit, Failure},
    input::place::Place,
    lang::say,
};

/// Asks a database, by a statement that is written for the name of its table.
type Select<D> = fn(&mut D, &(dyn Fn(&str) -> String + Sync)) -> Result<Vec<warehouse::Answer>, Error>;

/// Columns that every leg of a database has a value in, where anybody extracted them: nothing would be told from no.
const SAID: [&str; 7] =
    ["duration", "total_duration", "finish_reason", "direction", "is_operator", "is_transfered", "is_coach"];

/// Results of a period.
pub(super) struct Answer {
    /// What they are of, and how much of it is there.
    pub(super) header: Header,
    /// One, or those of a split.
    pub(super) parts: Vec<Part>,
}

/// Results of a part, or of all together.
pub(super) struct Part {
    /// What it is called, as the columns of the split have it; nothing of all together.
    pub(super) name: Vec<Cell>,
    pub(super) tables: Vec<Table>,
    /// What only legs tell.
    pub(super) legs: Option<FromLegs>,
}

/// What only legs tell.
pub(super) struct FromLegs {
    pub(super) level: ServiceLevel,
    pub(super) missed: Vec<MissedCall>,
}

impl Part {
    /// One of the results.
    pub(super) fn table(&self, shape: &'static Shape) -> Option<&Table> {
        self.tables.iter().find(|table| table.shape == shape)
    }
}

/// What is asked for.
pub(super) struct Wish<'a> {
    pub(super) numbers: &'a Numbers,
    pub(super) shapes: &'a [&'static Shape],
    pub(super) by: Option<By>,
    /// Whether only legs tell it.
    pub(super) needs_legs: bool,
}

impl Wish<'_> {
    /// Whether a database computes it, if legs are kept in one.
    pub(super) fn has_sql(&self) -> bool {
        let is_stated = self.shapes.iter().all(|shape| Shape::ALL.contains(shape));
        is_stated && !self.needs_legs && self.by.is_none_or(|by| by == By::Account)
    }

    /// Whether legs are kept in a database.
    pub(super) fn is_database(&self) -> bool {
        match Place::read(&self.numbers.data) {
            Ok(Place::Postgres(_)) => true,
            Ok(Place::Sqlite(path)) => Path::new(&path).exists(),
            Ok(Place::Lake(_)) | Err(_) => false,
        }
    }

    /// The results.
    pub(super) fn answer(&self) -> Result<Answer, Failure> {
        if self.has_sql() {
            match Place::read(&self.numbers.data) {
                Ok(Place::Postgres(url)) => {
                    return self.computed(&mut Postgres::open(&url)?, |place, sql| {
                        place.select(|legs| vec![sql(legs)])
                    });
                }
                Ok(Place::Sqlite(path)) if Path::new(&path).exists() => {
                    return self.computed(&mut Sqlite::open(path)?.creates(false), |place, sql| {
                        place.select(|legs| vec![sql(legs)])
                    });
                }
                Ok(Place::Lake(_) | Place::Sqlite(_)) | Err(_) => {}
            }
        }
        self.counted()
    }

    /// The results, and beside them missed calls with what came of them also after the period.
    pub(super) fn with_calls(&self, now: DateTime<Utc>) -> Result<Answer, Failure> {
        let Some(((_, till), later)) = self.numbers.parameters.period.zip(self.numbers.with_later(now))
        else {
            return self.counted();
        };
        let mut answer = self.counted()?;
        let followed = Wish { numbers: &later, ..*self }.counted()?;
        for part in &mut answer.parts {
            let same = followed.parts.iter().find(|other| other.name == part.name);
            if let Some((legs, same)) = part.legs.as_mut().zip(same.and_then(|same| same.legs.as_ref())) {
                legs.missed = same.missed.iter().filter(|call| call.start < till).cloned().collect();
            }
        }
        Ok(answer)
    }

    fn counted(&self) -> Result<Answer, Failure> {
        let counted = self.numbers.count_by(self.by)?;
        let parts = counted.results.parts().map(|(name, summary)| Part {
            name: name.to_vec(),
            tables: self.shapes.iter().filter_map(|shape| summary.table(shape)).cloned().collect(),
            legs: Some(FromLegs { level: summary.service_level(), missed: summary.missed_calls().to_vec() }),
        });
        let header = self.numbers.header(&counted.accounts, counted.days);
        self.numbers.check_covered(&header)?;
        Ok(Answer { header, parts: parts.collect() })
    }

    fn computed<D: Database>(&self, database: &mut D, select: Select<D>) -> Result<Answer, Failure> {
        let within = self
            .numbers
            .reach()
            .map(|(from, till)| format!(" WHERE start_time >= '{from}' AND start_time < '{till}'"));
        let within = within.unwrap_or_default();
        let counts: Vec<_> = SAID.iter().map(|name| format!("count({name})")).collect();
        let told = TOLD.map(|name| match name {
            "is_talked" => "count(CASE WHEN is_talked THEN 1 END)".to_owned(),
            "employee_full_name" => "count(nullif(employee_full_name, ''))".to_owned(),
            _ => format!("count({name})"),
        });
        let seen = |legs: &str| {
            format!(
                "SELECT account, min(start_time), max(start_time), max(length({CALLERS})), \
                 sum(CASE WHEN {CALLERS} LIKE '%•%' THEN 1 ELSE 0 END), {}, {} FROM {legs}{within} GROUP BY account",
                told.join(", "),
                counts.join(", ")
            )
        };
        let mut known = Known::default();
        known.columns.extend(self.numbers.needs.iter().map(|name| (*name).to_owned()));
        let mut said = [0_u64; SAID.len()];
        let mut accounts = Vec::new();
        let (mut first, mut last): (Option<NaiveDateTime>, Option<NaiveDateTime>) = (None, None);
        for row in select(database, &seen)?.into_iter().flatten() {
            let [Some(account), Some(begin), Some(end), length, masked, counts @ ..] = row.as_slice() else {
                continue;
            };
            let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<u64>().ok());
            let length = number(length).unwrap_or_default();
            // Places of `sync` have times as they came.
            (known.legs, known.between) = (1, 1);
            known.numbers |= length > 0;
            known.whole |= usize::try_from(length).is_ok_and(|length| length > CUT);
            known.masked |= number(masked).is_some_and(|masked| masked > 0);
            let (told, counts) = counts.split_at_checked(TOLD.len()).unwrap_or_default();
            let has_some = |count: &Option<String>| number(count).is_some_and(|legs| legs > 0);
            let told = TOLD.into_iter().zip(told).filter(|(_, count)| has_some(count));
            known.told.extend(told.map(|(name, _)| name));
            for (sum, count) in said.iter_mut().zip(counts) {
                *sum += number(count).unwrap_or_default();
            }
            let [begin, end] = [begin, end].map(|text| {
                text.parse::<NaiveDateTime>()
                    .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"))
            });
            let unreadable = |_| {
                Failure::new(Exit::Destination, say!("the database has a start_time of another form"))
                    .because(say!("another program may have made the table"))
                    .next(say!("let calllegs make it: calllegs sync --to PLACE"))
            };
            let (begin, end) = (begin.map_err(unreadable)?, end.map_err(unreadable)?);
            first = Some(first.map_or(begin, |first| first.min(begin)));
            last = Some(last.map_or(end, |last| last.max(end)));
            accounts.push(account.clone());
        }
        let days = self.numbers.days(first.zip(last))?;
        known.check(self.numbers)?;
        if let Some((name, _)) = SAID.iter().zip(said).find(|(_, legs)| known.legs > 0 && *legs == 0) {
            return Err(calllegs_stats::Error::Unknown(name).into());
        }
        accounts.sort();
        let header = self.numbers.header(&accounts, days);
        self.numbers.check_covered(&header)?;
        let accounts: Vec<Option<String>> =
            if self.by.is_some() { accounts.into_iter().map(Some).collect() } else { vec![None] };
        let mut parts = Vec::new();
        for account in accounts {
            let source = account.iter().fold(Source::default(), Source::account);
            let tables = database.compute(self.shapes, &source, &self.numbers.parameters)?;
            parts.push(Part { name: account.into_iter().map(Cell::from).collect(), tables, legs: None });
        }
        Ok(Answer { header, parts })
    }
}
