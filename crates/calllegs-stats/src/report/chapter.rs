//! A part of the page in words and numbers. Not here: which parts there are.

/// A part of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chapter {
    /// Its name, as in [`Topic`](super::Topic).
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// What stands out.
    pub says: Option<String>,
    /// Heads of the columns.
    pub heads: Vec<&'static str>,
    /// How many of the first columns are texts; others are numbers.
    pub texts: usize,
    /// What the two parts of a bar are, where they are two.
    pub signs: Option<[&'static str; 2]>,
    /// Rows, each with the parts of its bar: what is good and what is not. Two zeros are no bar.
    pub rows: Vec<(Vec<String>, [i64; 2])>,
}
