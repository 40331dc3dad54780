//! Results for people: one page to open or to print, one workbook, and the same in words alone for a terminal.
//!
//! A pure function of what it is given: the same results, options and version give the same bytes. Nothing is fetched when
//! the page is opened, and what is drawn is complete without its script, which sorts and points out.
//!
//! Not here: where results come from, where a file is put.

mod banner;
mod beside;
mod breakdown;
mod chapter;
mod charts;
mod data_table;
mod lead;
mod locale;
mod outline;
mod page;
mod people;
mod reading;
mod reason_words;
mod section;
mod svg;
mod texts;
mod tiles;
mod topic;
mod workbook;

use calllegs_core::value::phone;
use chrono::{NaiveDate, NaiveDateTime};

pub use self::{
    breakdown::Slice,
    chapter::Chapter,
    outline::{Figure, Outline},
    topic::Topic,
    workbook::sheet,
};
use crate::{
    language::Language,
    parameters::Parameters,
    split::By,
    table::{Cell, Table},
    tally::{GroupTransfer, HalfHour, Summary},
};

/// What a report is of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// Brand and account, as in `uis:1103`.
    pub account: String,
    /// The zone that days and hours are counted in.
    pub zone: String,
    /// First and last day.
    pub days: (NaiveDate, NaiveDate),
    /// Whether it is on record which days the data has: then all but those that are missing.
    pub is_recorded: bool,
    /// Days of the period that the data lacks.
    pub missing: Vec<NaiveDate>,
    /// Until when calls are there, on the account's wall clock; later hours are not final.
    pub as_of: Option<NaiveDateTime>,
    /// Since when hours may still change.
    pub settles_from: Option<NaiveDateTime>,
    /// Conditions that the calls were chosen by, in words.
    pub filters: Option<String>,
    /// Calls that agree with the session report, and calls that were compared.
    pub agreement: Option<(i64, i64)>,
    /// From when until when, where that is not all of the days.
    pub hours: Option<(NaiveDateTime, NaiveDateTime)>,
}

impl Header {
    /// Of all calls of these days.
    pub fn new(account: impl Into<String>, zone: impl Into<String>, days: (NaiveDate, NaiveDate)) -> Self {
        let (account, zone) = (account.into(), zone.into());
        Self {
            account,
            zone,
            days,
            is_recorded: true,
            missing: Vec::new(),
            as_of: None,
            settles_from: None,
            filters: None,
            agreement: None,
            hours: None,
        }
    }

    /// Which days the data lacks, in words; `None` where none is known to lack.
    pub fn incomplete(&self, lang: Language) -> Option<String> {
        banner::incomplete(self, lang)
    }

    /// Whose, and in which zone, as far as that is known.
    fn of(&self) -> String {
        let known = [&*self.account, &*self.zone].into_iter().filter(|text| !text.is_empty());
        known.collect::<Vec<_>>().join(" · ")
    }

    /// Of which days, or hours, it is.
    fn when(&self, lang: Language) -> String {
        when(self.days, self.hours, lang)
    }

    /// How many days there are.
    fn day_count(&self) -> i64 {
        (self.days.1 - self.days.0).num_days() + 1
    }
}

/// The same results of an earlier period.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Previous {
    /// First and last day.
    pub days: (NaiveDate, NaiveDate),
    /// Its results.
    pub tables: Vec<Table>,
    /// From when until when, where that is not all of the days.
    pub hours: Option<(NaiveDateTime, NaiveDateTime)>,
}

impl Previous {
    /// Of which days, or hours, they are.
    fn when(&self, lang: Language) -> String {
        when(self.days, self.hours, lang)
    }

    /// Results of these days.
    pub const fn new(days: (NaiveDate, NaiveDate), tables: Vec<Table>) -> Self {
        Self { days, tables, hours: None }
    }
}

fn when(
    days: (NaiveDate, NaiveDate),
    hours: Option<(NaiveDateTime, NaiveDateTime)>,
    lang: Language,
) -> String {
    match hours {
        None => lang.days(days),
        Some((from, till)) if from.date() == till.date() => {
            format!("{}–{}", lang.moment(from), till.format("%H:%M"))
        }
        Some((from, till)) => format!("{} – {}", lang.moment(from), lang.moment(till)),
    }
}

/// A caller with whom nobody talked after a missed call.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LostCaller {
    /// Digits only.
    pub phone: String,
    /// When the last missed call began, on the account's wall clock.
    pub last: NaiveDateTime,
    /// How many calls were missed.
    pub missed: i64,
}

impl LostCaller {
    /// Who called from this number.
    pub fn new(phone: impl Into<String>, last: NaiveDateTime, missed: i64) -> Self {
        Self { phone: phone.into(), last, missed }
    }
}

/// Without the number.
impl std::fmt::Debug for LostCaller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LostCaller")
            .field("last", &self.last)
            .field("missed", &self.missed)
            .finish_non_exhaustive()
    }
}

/// Results with what they are of.
///
/// ```
/// use calllegs_stats::{Language, Table, report::{Header, Report}, shape};
///
/// let days = ("2026-10-05".parse()?, "2026-10-18".parse()?);
/// let missed = Table::new(&shape::ABANDONMENT, vec![vec![2.into(), 1.into(), 3.into(), calllegs_stats::Cell::Null]]);
/// let page = Report::new(Header::new("uis:1103", "Europe/Moscow", days), vec![missed]).html(Language::English);
/// assert!(page.starts_with("<!doctype html>"));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// What it is of.
    pub header: Header,
    /// Results, in any order; what is not there is left out of the report.
    pub tables: Vec<Table>,
    /// Load and people by half hour of the day.
    pub half_hours: Vec<HalfHour>,
    /// Transfers between groups, most frequent first.
    pub group_transfers: Vec<GroupTransfer>,
    /// Calls of each part, most offered first, and what they are split by.
    pub slices: Option<(By, Vec<Slice>)>,
    /// The parts that are shown; all where none is named.
    pub topics: Vec<Topic>,
    /// Results for programs in the page: a name for the file that they are saved as, and its text.
    pub attachment: Option<(String, String)>,
    /// What the results were computed with.
    pub parameters: Parameters,
    /// What they are compared with.
    pub previous: Option<Previous>,
    /// Who is to be called back, latest first.
    pub lost_callers: Vec<LostCaller>,
    /// Whether their numbers are shown whole. The report says so at its top.
    pub show_phones: bool,
}

impl Report {
    /// A report of these results.
    pub fn new(header: Header, tables: Vec<Table>) -> Self {
        Self {
            header,
            tables,
            half_hours: Vec::new(),
            group_transfers: Vec::new(),
            slices: None,
            topics: Vec::new(),
            attachment: None,
            parameters: Parameters::default(),
            previous: None,
            lost_callers: Vec::new(),
            show_phones: false,
        }
    }

    /// Of everything that an analysis counted.
    pub fn of(header: Header, summary: &Summary) -> Self {
        let mut report = Self::new(header, summary.tables().cloned().collect());
        report.half_hours = summary.half_hours().to_vec();
        report.group_transfers = summary.group_transfers().to_vec();
        report
    }

    /// What the results were computed with.
    #[must_use]
    pub fn parameters(mut self, parameters: Parameters) -> Self {
        self.parameters = parameters;
        self
    }

    /// Compared with these.
    #[must_use]
    pub fn previous(mut self, previous: Previous) -> Self {
        self.previous = Some(previous);
        self
    }

    /// With a list of callers to call back, whose numbers are shown whole or masked.
    #[must_use]
    pub fn lost_callers(mut self, callers: Vec<LostCaller>, show_phones: bool) -> Self {
        (self.lost_callers, self.show_phones) = (callers, show_phones);
        self
    }

    /// With a line for each [part](crate::Results::parts) of the same legs.
    #[must_use]
    pub fn split<'a>(mut self, by: By, parts: impl Iterator<Item = (&'a [Cell], &'a Summary)>) -> Self {
        let mut slices: Vec<_> =
            parts.map(|(name, summary)| Slice::of(name, summary)).filter(|slice| slice.offered > 0).collect();
        slices.sort_by(|one, other| (-one.offered, &one.name).cmp(&(-other.offered, &other.name)));
        self.slices = Some((by, slices));
        self
    }

    /// These parts alone; all where none is named. The order is that of the page.
    #[must_use]
    pub fn topics(mut self, topics: Vec<Topic>) -> Self {
        self.topics = topics;
        self
    }

    /// With results for programs in the page, which a reader can save as a file of this name.
    #[must_use]
    pub fn attachment(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.attachment = Some((name.into(), text.into()));
        self
    }

    /// Whether numbers of people are shown whole.
    fn has_phones(&self) -> bool {
        self.show_phones && !self.lost_callers.is_empty()
    }

    /// The number of a caller as it is shown.
    fn phone(&self, caller: &LostCaller) -> String {
        if self.show_phones { format!("+{}", caller.phone) } else { phone::masked(&caller.phone) }
    }

    /// The page: one file without anything to fetch.
    pub fn html(&self, language: Language) -> String {
        page::write(self, language)
    }

    /// What it has beside [`tables`](Self::tables), as tables of the same form: half hours, transfers between groups, calls
    /// told apart.
    pub fn beside(&self) -> Vec<Table> {
        beside::tables(self)
    }

    /// The same in words and numbers.
    pub fn outline(&self, language: Language) -> Outline {
        outline::outline(self, language)
    }

    /// The workbook: a sheet for each result and one that explains them.
    ///
    /// # Errors
    /// When a text is longer than a cell can be, or a name is none for a sheet.
    pub fn xlsx(&self, language: Language) -> std::io::Result<Vec<u8>> {
        workbook::write(self, language)
    }
}
