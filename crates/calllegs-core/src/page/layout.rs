//! The order of members as one row has it: the bytes before each value, and what the value belongs to.

use std::borrow::Cow;

use super::{LenientValue, Row, Values, scan};

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Layout<'a> {
    steps: Vec<Step>,
    /// Names of the undocumented members.
    others: Vec<Cow<'a, str>>,
    /// What follows the last value: the end of the object.
    tail: Box<[u8]>,
}

#[derive(Debug)]
struct Step {
    /// What stands before the value: `,"duration":`, with the whitespace of the row.
    before: Box<[u8]>,
    target: Target,
}

/// Where a value goes.
#[derive(Debug)]
enum Target {
    /// The field at this position.
    Field(usize),
    /// The undocumented member at this place.
    Other(usize),
}

impl<'a> Layout<'a> {
    /// Learns from a row that was read by serde. `None` for a row that teaches nothing: one whose names are escaped or
    /// come twice, or that is read otherwise by what was learned.
    pub(super) fn learn(row: &Row<'a>) -> Option<Self> {
        let layout = Self::walk(row)?;
        let mut again = Row {
            fields: row.fields,
            values: Values {
                documented: row.values.documented.iter().map(|_| LenientValue::Null).collect(),
                others: row
                    .values
                    .others
                    .iter()
                    .map(|(name, _)| (name.clone(), LenientValue::Null))
                    .collect(),
            },
            text: row.text,
            at: row.at,
            number: row.number,
            key: row.key,
        };
        let end = layout.read(row.text, 0, &mut again)?;
        let same = end == row.text.len() && again.values == row.values;
        same.then_some(layout)
    }

    fn walk(row: &Row<'a>) -> Option<Self> {
        let (text, bytes) = (row.text, row.text.as_bytes());
        let mut steps = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        let mut behind = 0;
        let mut at = scan::spaces(text, 1);
        while bytes.get(at) == Some(&b'"') {
            let mut value = LenientValue::Null;
            let colon = scan::spaces(text, scan::value(text, at, &mut value)?);
            let LenientValue::Text(Cow::Borrowed(name)) = value else { return None };
            if names.contains(&name) {
                return None;
            }
            names.push(name);
            let start = scan::spaces(text, colon + 1);
            let before = bytes.get(behind..start)?.into();
            let field = row.fields.iter().position(|field| field.name() == name);
            let other = || row.values.others.iter().position(|(known, _)| known == name);
            let target = field.map(Target::Field).or_else(|| other().map(Target::Other))?;
            steps.push(Step { before, target });
            behind = scan::value(text, start, &mut value)?;
            let comma = scan::spaces(text, behind);
            at = if bytes.get(comma) == Some(&b',') { scan::spaces(text, comma + 1) } else { comma };
        }
        let others = row.values.others.iter().map(|(name, _)| name.clone()).collect();
        Some(Self { steps, others, tail: bytes.get(behind..)?.into() })
    }

    /// Makes a row of another shape ready for rows of this one.
    pub(super) fn prepare(&self, row: &mut Row<'a>) {
        row.clear();
        row.values.others.extend(self.others.iter().map(|name| (name.clone(), LenientValue::Null)));
    }

    /// Reads the row that begins here, and tells where it ends. `None` when it differs from the layout, or holds what is
    /// not JSON; the row then holds nothing of use.
    pub(super) fn read(&self, text: &'a str, start: usize, row: &mut Row<'a>) -> Option<usize> {
        let mut at = start;
        for step in &self.steps {
            at = scan::literal(text.as_bytes(), at, &step.before)?;
            let slot = match step.target {
                Target::Field(position) => row.values.documented.get_mut(position),
                Target::Other(place) => row.values.others.get_mut(place).map(|(_, value)| value),
            };
            at = scan::value(text, at, slot?)?;
        }
        scan::literal(text.as_bytes(), at, &self.tail)
    }
}
