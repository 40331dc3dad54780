//! Local evaluation with SQL's three-valued logic: true, false, and unknown where a value is missing.

use std::cmp::Ordering;

use super::{Condition, Filter, Leaf, Node, Operator, Refusal, Value};
use crate::{
    generated::mnemonics::Mnemonic,
    schema::{Cell, Cells},
};

impl<R> Filter<R> {
    /// Whether the row matches: the filter is true of it. `false` and unknown are both no match, as in SQL.
    ///
    /// ```
    /// # use calllegs_core::{CallLeg, CallLegs};
    /// let filter = CallLegs::DURATION.less_than(30);
    /// let mut leg = CallLeg::default();
    /// assert!(!filter.matches(&leg)?); // no duration: neither below nor above
    /// leg.duration = Some(5);
    /// assert!(filter.matches(&leg)?);
    /// # Ok::<(), calllegs_core::filter::Refusal>(())
    /// ```
    ///
    /// # Errors
    /// For operators that have no local meaning: `jsquery`, `overlap`, `not_overlap`; `regexp` without the feature
    /// `match`, or with an expression that does not parse.
    pub fn matches(&self, row: &impl Cells) -> Result<bool, Refusal> {
        self.node.truth(row).map(|truth| truth == Some(true))
    }
}

impl Node {
    fn truth(&self, row: &impl Cells) -> Result<Option<bool>, Refusal> {
        match self {
            Self::Leaf(leaf) => leaf.truth(row),
            Self::Tree(condition, children) => {
                // `and` is decided by a false member, `or` by a true one; else an unknown member leaves it unknown.
                let decisive = *condition == Condition::Or;
                let mut truth = Some(!decisive);
                for child in children {
                    match child.truth(row)? {
                        Some(value) if value == decisive => return Ok(Some(decisive)),
                        Some(_) => {}
                        None => truth = None,
                    }
                }
                Ok(truth)
            }
        }
    }
}

impl Leaf {
    fn truth(&self, row: &impl Cells) -> Result<Option<bool>, Refusal> {
        let cell = row.cell(self.field);
        let missing = cell == Cell::Null;
        match (self.operator, &self.value) {
            (Operator::Equals | Operator::IsNull, Value::Null) => return Ok(Some(missing)),
            (Operator::Differs | Operator::IsNotNull, Value::Null) => return Ok(Some(!missing)),
            (Operator::Jsquery | Operator::Overlap | Operator::NotOverlap, _) => {
                return Err(only_of_the_server(self.operator));
            }
            _ if missing => return Ok(None),
            _ => {}
        }
        let order = |value: &Value| compare(cell, value);
        let among = |values: &Value| {
            let Value::List(values) = values else { return None };
            Some(values.iter().any(|value| order(value) == Some(Ordering::Equal)))
        };
        let fits = |fold: bool| match (cell, &self.value) {
            (Cell::Text(text), Value::Text(pattern)) => Some(like(text, pattern, fold)),
            _ => None,
        };
        Ok(match self.operator {
            Operator::Equals => order(&self.value).map(Ordering::is_eq),
            Operator::Differs => order(&self.value).map(Ordering::is_ne),
            Operator::Less => order(&self.value).map(Ordering::is_lt),
            Operator::Greater => order(&self.value).map(Ordering::is_gt),
            Operator::AtMost => order(&self.value).map(Ordering::is_le),
            Operator::AtLeast => order(&self.value).map(Ordering::is_ge),
            Operator::In => among(&self.value),
            Operator::NotIn => among(&self.value).map(|among| !among),
            Operator::Like => fits(false),
            Operator::Ilike => fits(true),
            Operator::NotLike => fits(false).map(|fits| !fits),
            Operator::NotIlike => fits(true).map(|fits| !fits),
            Operator::Regexp => match (cell, &self.value) {
                (Cell::Text(text), Value::Text(pattern)) => Some(self.pattern.is_match(text, pattern)?),
                _ => None,
            },
            Operator::IsNull
            | Operator::IsNotNull
            | Operator::Jsquery
            | Operator::Overlap
            | Operator::NotOverlap => None,
        })
    }
}

/// An operator that has no local meaning.
pub(super) fn only_of_the_server(operator: Operator) -> Refusal {
    let reason = format!("`{}` is evaluated by the server only", operator.as_str());
    Refusal::new(Mnemonic::InvalidParameterValue, "filter.operator", reason)
}

/// Whether the text is a regular expression, as far as the local engine knows them.
#[cfg(feature = "match")]
pub(super) fn check_regexp(pattern: &str) -> Result<(), Refusal> {
    regex_lite::Regex::new(pattern).map(drop).map_err(|error| {
        // The words of the engine do not repeat the expression.
        let reason = format!("this is not a regular expression: {error}");
        Refusal::new(Mnemonic::InvalidParameterValue, "filter.value", reason).hint(
            "correct the expression; a sign that stands for itself has `\\` before it, as in '\\(495\\)'",
        )
    })
}

#[cfg(not(feature = "match"))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature with and without the feature")]
pub(super) fn check_regexp(_: &str) -> Result<(), Refusal> {
    Ok(())
}

/// `None` where the types differ, which a checked filter rules out.
fn compare(cell: Cell<'_>, value: &Value) -> Option<Ordering> {
    match (cell, value) {
        (Cell::Boolean(cell), Value::Boolean(value)) => Some(cell.cmp(value)),
        (Cell::Number(cell), Value::Number(value)) => Some(cell.cmp(value)),
        #[expect(
            clippy::cast_precision_loss,
            reason = "a value with a fraction is compared as PostgreSQL's double"
        )]
        (Cell::Number(cell), Value::Decimal(value)) => (cell as f64).partial_cmp(value),
        #[expect(clippy::cast_precision_loss, reason = "PostgreSQL compares the two as doubles")]
        (Cell::Decimal(cell), Value::Number(value)) => cell.partial_cmp(&(*value as f64)),
        (Cell::Decimal(cell), Value::Decimal(value)) => cell.partial_cmp(value),
        (Cell::Text(cell), Value::Text(value)) => Some(cell.cmp(value)),
        (Cell::Time(cell), Value::Time(value)) => Some(cell.cmp(value)),
        _ => None,
    }
}

/// SQL LIKE: `%` any text, `_` one character, backslash takes the next character literally.
fn like(text: &str, pattern: &str, fold: bool) -> bool {
    let chars = |text: &str| -> Vec<char> {
        if fold { text.chars().flat_map(char::to_lowercase).collect() } else { text.chars().collect() }
    };
    let mut tokens = Vec::new();
    let mut pattern = chars(pattern).into_iter();
    while let Some(char) = pattern.next() {
        tokens.push(match char {
            '%' => Token::Any,
            '_' => Token::One,
            '\\' => Token::Literal(pattern.next().unwrap_or('\\')),
            char => Token::Literal(char),
        });
    }
    // Greedy with one point of return: the last `%` met takes one more character each time the rest fails.
    let text = chars(text);
    let (mut at, mut token, mut last_any) = (0, 0, None);
    while let Some(char) = text.get(at) {
        match tokens.get(token) {
            Some(Token::Any) => {
                last_any = Some((token, at));
                token += 1;
            }
            Some(Token::One) => (at, token) = (at + 1, token + 1),
            Some(Token::Literal(literal)) if literal == char => (at, token) = (at + 1, token + 1),
            Some(Token::Literal(_)) | None => match last_any {
                Some((any, from)) => {
                    last_any = Some((any, from + 1));
                    (at, token) = (from + 1, any + 1);
                }
                None => return false,
            },
        }
    }
    tokens.iter().skip(token).all(|token| *token == Token::Any)
}

#[derive(Clone, Copy, PartialEq)]
enum Token {
    Any,
    One,
    Literal(char),
}

/// The regular expression of a condition, compiled when the first row meets it.
#[derive(Clone, Default)]
pub(super) struct Pattern {
    #[cfg(feature = "match")]
    compiled: std::sync::OnceLock<Option<regex_lite::Regex>>,
}

impl Pattern {
    #[cfg(feature = "match")]
    fn is_match(&self, text: &str, pattern: &str) -> Result<bool, Refusal> {
        let compiled = self.compiled.get_or_init(|| regex_lite::Regex::new(pattern).ok());
        match compiled {
            Some(regex) => Ok(regex.is_match(text)),
            None => check_regexp(pattern).map(|()| false),
        }
    }

    #[cfg(not(feature = "match"))]
    #[expect(clippy::unused_self, reason = "the same signature with and without the feature")]
    fn is_match(&self, _: &str, _: &str) -> Result<bool, Refusal> {
        let reason = "`regexp` is evaluated by the server only";
        Err(Refusal::new(Mnemonic::InvalidParameterValue, "filter.operator", reason)
            .hint("the feature `match` of calllegs-core evaluates it locally"))
    }
}
