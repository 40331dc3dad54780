//! The text form, for command lines and configuration.

use std::fmt;

use super::{
    Condition, Filter, Leaf, Node, Operator, Reach, Refusal, Value, combine, find_field, find_operator,
    matching, suggest,
};
use crate::{
    generated::mnemonics::Mnemonic,
    schema::{FieldInfo, Kind, Listing, MethodInfo},
    value::wall_time,
};

/// Depth of parentheses and `not` that is read; it protects the stack.
const DEPTH: usize = 64;

/// Up to so many words of an enum are listed.
const FEW_WORDS: usize = 8;

impl<R: Listing> Filter<R> {
    /// Reads the text form for the server: only fields that it can filter by.
    ///
    /// ```text
    /// filter    = all { "or" all }
    /// all       = one { "and" one }
    /// one       = "not" one | "(" filter ")" | condition
    /// condition = FIELD                                   a boolean field that is true
    ///           | FIELD ("=" | "!=" | "<" | ">" | "<=" | ">=") VALUE
    ///           | FIELD ["not"] ("like" | "ilike") TEXT  | FIELD "regexp" TEXT
    ///           | FIELD ["not"] "in" "(" VALUE { "," VALUE } ")"
    ///           | FIELD "is" ["not"] "null"
    ///           | FIELD OPERATOR [VALUE]                  any operator by its name on the wire
    /// VALUE     = NUMBER | WORD | TEXT                    TEXT in '...' or "...", the quote doubled inside
    /// ```
    ///
    /// Words of the language may be in capitals. A bare word is a boolean or a known word of an enum; a quoted one is passed on as it is, so a reason that is newer
    /// than the tables can be asked for. `is null` and `not in` are written with the operators that every brand has.
    ///
    /// # Errors
    /// With the column at fault and, for a misspelt name, the nearest one.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        parse(R::METHOD, text, Reach::Server)
    }

    /// Reads the text form for [`matches`](Self::matches): every field may be used, lists with `is null` and `is not null`.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); and for operators that have no local meaning, and, with the feature `match`, an expression
    /// that does not parse.
    pub fn parse_local(text: &str) -> Result<Self, Refusal> {
        parse(R::METHOD, text, Reach::Local)
    }
}

pub(super) fn parse<R>(method: &MethodInfo, text: &str, reach: Reach) -> Result<Filter<R>, Refusal> {
    let tokens = tokens(text)?;
    let mut parser = Parser { method, tokens: &tokens, end: text.chars().count() + 1, reach, depth: 0 };
    let node = parser.filter()?;
    match parser.tokens.first() {
        None => Ok(Filter::from_node(node)),
        Some((column, token)) => Err(syntax(format!("{token} is not expected here"))
            .hint(if *token == Token::Sign(",") {
                "a fraction has a point, as 4.5; several values stand in `in (...)`"
            } else {
                "join conditions with `and`, `or`"
            })
            .at(*column)),
    }
}

fn syntax(reason: impl Into<Box<str>>) -> Refusal {
    Refusal::new(Mnemonic::InvalidParameterValue, "filter", reason)
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    /// With the text as it was written: phone numbers may start with zeros.
    Number(Value, String),
    Text(String),
    Sign(&'static str),
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => write!(f, "`{word}`"),
            Self::Number(..) => f.write_str("a number"),
            Self::Text(_) => f.write_str("quoted text"),
            Self::Sign(sign) => write!(f, "`{sign}`"),
        }
    }
}

/// Splits the text, each token with its column from 1.
fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Refusal> {
    const SIGNS: [(&str, &str); 11] = [
        ("!=", "!="),
        ("<>", "!="),
        ("<=", "<="),
        (">=", ">="),
        ("==", "="),
        ("=", "="),
        ("<", "<"),
        (">", ">"),
        ("(", "("),
        (")", ")"),
        (",", ","),
    ];
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut column = 1;
    while let Some(first) = rest.chars().next() {
        let sign = SIGNS.iter().find(|(written, _)| rest.starts_with(written));
        let (token, length) = if first.is_whitespace() {
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            column += 1;
            continue;
        } else if let Some((written, sign)) = sign {
            (Token::Sign(sign), written.len())
        } else if first == '"' || first == '\'' {
            quoted(rest, first).map_err(|refusal| refusal.at(column))?
        } else {
            let length = rest.find(|char: char| !is_word(char)).unwrap_or(rest.len());
            let (word, _) = rest.split_at(length);
            if word.is_empty() {
                let refusal = syntax(format!("`{first}` is not expected here"));
                return Err(match first {
                    '&' | '|' => refusal.hint("join conditions with `and`, `or`"),
                    '!' => refusal.hint("write `not` before a condition, or `!=`"),
                    '~' | '^' | ':' | '/' => {
                        refusal.hint("there are = != < > <= >= like, regexp, in (...) and others")
                    }
                    _ => refusal.hint("text stands in quotes"),
                }
                .at(column));
            }
            (
                number(word).map_or_else(
                    || Token::Word(word.to_owned()),
                    |number| Token::Number(number, word.to_owned()),
                ),
                length,
            )
        };
        tokens.push((column, token));
        let (read, unread) = rest.split_at(length);
        column += read.chars().count();
        rest = unread;
    }
    Ok(tokens)
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '-' | '+' | '.')
}

fn number(word: &str) -> Option<Value> {
    if !word.starts_with(|char: char| char.is_ascii_digit() || char == '-' || char == '+') {
        return None;
    }
    let integer = word.parse().ok().map(Value::Number);
    integer.or_else(|| word.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Decimal))
}

/// The text up to the closing quote, and how many bytes it took.
fn quoted(rest: &str, quote: char) -> Result<(Token, usize), Refusal> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, char)) = chars.next() {
        if char != quote {
            text.push(char);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            text.push(quote);
        } else {
            return Ok((Token::Text(text), at + 1));
        }
    }
    Err(syntax("the quoted text does not end"))
}

struct Parser<'a> {
    method: &'a MethodInfo,
    tokens: &'a [(usize, Token)],
    end: usize,
    reach: Reach,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn filter(&mut self) -> Result<Node, Refusal> {
        let mut nodes = vec![self.all()?];
        while self.takes_word("or") {
            nodes.push(self.all()?);
        }
        Ok(combine(Condition::Or, nodes))
    }

    fn all(&mut self) -> Result<Node, Refusal> {
        let mut nodes = vec![self.one()?];
        while self.takes_word("and") {
            nodes.push(self.one()?);
        }
        Ok(combine(Condition::And, nodes))
    }

    fn one(&mut self) -> Result<Node, Refusal> {
        let column = self.column();
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(syntax("the filter is nested too deep").at(column));
        }
        let node = if self.takes_word("not") {
            self.one()?.negate().map_err(|refusal| refusal.at(column))?
        } else if self.takes_sign("(") {
            let node = self.filter()?;
            if !self.takes_sign(")") {
                return Err(syntax("the parenthesis is not closed").at(column));
            }
            node
        } else {
            self.condition()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn condition(&mut self) -> Result<Node, Refusal> {
        let column = self.column();
        let name = match self.next() {
            Some(Token::Word(name)) => name,
            Some(token) => {
                return Err(syntax(format!("a field is expected here, not {token}")).at(column));
            }
            None => return Err(syntax("a condition is missing at the end").at(column)),
        };
        let field = find_field(self.method, name, self.reach).map_err(|refusal| refusal.at(column))?;
        let column = self.column();
        let operator = match self.tokens.first().map(|(_, token)| token) {
            Some(Token::Sign(sign @ ("=" | "!=" | "<" | ">" | "<=" | ">="))) => (*sign).to_owned(),
            Some(Token::Word(word))
                if !["and", "or"].iter().any(|junction| word.eq_ignore_ascii_case(junction)) =>
            {
                word.to_ascii_lowercase()
            }
            _ if field.kind() == Kind::Boolean => {
                return self.leaf(field, Operator::Equals, Value::Boolean(true), column);
            }
            _ => {
                return Err(syntax(format!(
                    "`{name}` is {}: it needs an operator and a value",
                    field.kind().as_str()
                ))
                .hint(format!("for example `{name} is not null`"))
                .at(column));
            }
        };
        self.next();
        match operator.as_str() {
            "is" => {
                let negated = self.takes_word("not");
                if !self.takes_word("null") {
                    return Err(syntax("`is` is followed by `null` or `not null`").at(self.column()));
                }
                let operator = if negated { Operator::Differs } else { Operator::Equals };
                if self.reach == Reach::Local && is_list(field) {
                    return Ok(Node::Leaf(Leaf::new(field, operator, Value::Null)));
                }
                self.leaf(field, operator, Value::Null, column)
            }
            "not" => {
                let column = self.column();
                let Some(Token::Word(word)) = self.next() else {
                    return Err(syntax("`not` is followed by `in`, `like` or `ilike` here").at(column));
                };
                let operator =
                    find_operator(&word.to_ascii_lowercase()).map_err(|refusal| refusal.at(column))?;
                // A tree of its own where it is displayed or sent.
                if operator == Operator::In && self.depth == DEPTH {
                    return Err(syntax("the filter is nested too deep").at(column));
                }
                self.operand(field, operator, column)?.negate().map_err(|refusal| refusal.at(column))
            }
            word => {
                let operator = find_operator(word).map_err(|refusal| refusal.at(column))?;
                self.operand(field, operator, column)
            }
        }
    }

    /// The right side of a condition.
    fn operand(
        &mut self,
        field: &'static FieldInfo,
        operator: Operator,
        column: usize,
    ) -> Result<Node, Refusal> {
        if self.reach == Reach::Local
            && matches!(operator, Operator::Jsquery | Operator::Overlap | Operator::NotOverlap)
        {
            return Err(matching::only_of_the_server(operator).at(column));
        }
        let behind = self.column();
        let value = match operator {
            Operator::IsNull | Operator::IsNotNull => Value::Null,
            Operator::In | Operator::NotIn | Operator::Overlap | Operator::NotOverlap => self.list(field)?,
            Operator::Equals
            | Operator::Differs
            | Operator::Less
            | Operator::Greater
            | Operator::AtMost
            | Operator::AtLeast
            | Operator::Like
            | Operator::Ilike
            | Operator::NotLike
            | Operator::NotIlike
            | Operator::Regexp
            | Operator::Jsquery => self.value(field)?,
        };
        if let (Operator::Equals | Operator::Differs, Value::Null) = (operator, &value) {
            let written = if operator == Operator::Equals { "is null" } else { "is not null" };
            return Err(syntax("no value is equal to null, and none differs from it")
                .hint(format!("write `{} {written}`", field.name()))
                .at(behind));
        }
        if let (Reach::Local, Operator::Regexp, Value::Text(pattern)) = (self.reach, operator, &value) {
            matching::check_regexp(pattern).map_err(|refusal| refusal.at(behind))?;
        }
        self.leaf(field, operator, value, column)
    }

    fn list(&mut self, field: &'static FieldInfo) -> Result<Value, Refusal> {
        let column = self.column();
        if !self.takes_sign("(") {
            let written = match self.tokens.first() {
                Some((_, Token::Word(word))) if field.words().contains(&word.as_str()) => word,
                _ => example(field),
            };
            return Err(syntax("a list in parentheses is expected here")
                .hint(format!("write `in ({written})`"))
                .at(column));
        }
        let mut values = vec![self.value(field)?];
        while self.takes_sign(",") {
            values.push(self.value(field)?);
        }
        if !self.takes_sign(")") {
            return Err(syntax("the list is not closed").at(self.column()).hint("separate values with `,`"));
        }
        Ok(Value::List(values))
    }

    fn value(&mut self, field: &'static FieldInfo) -> Result<Value, Refusal> {
        let column = self.column();
        match self.next() {
            // Phone numbers are text that people write as numbers.
            Some(Token::Number(_, written)) if field.kind() == Kind::String => {
                Ok(Value::from(written.strip_prefix('+').unwrap_or(written)))
            }
            Some(Token::Number(number, _)) => Ok(number.clone()),
            Some(Token::Text(text)) => Ok(Value::Text(text.as_str().into())),
            Some(Token::Word(word)) => match (word.to_ascii_lowercase().as_str(), field.kind()) {
                ("null", _) => Ok(Value::Null),
                ("true", Kind::Boolean) => Ok(Value::Boolean(true)),
                ("false", Kind::Boolean) => Ok(Value::Boolean(false)),
                (_, Kind::Enum) => bare_word(field, word).map_err(|refusal| refusal.at(column)),
                (_, kind) => Err(syntax(format!("`{}` is {}, and this is not", field.name(), kind.as_str()))
                    .hint(value_of(field))
                    .at(column)),
            },
            Some(token @ Token::Sign(_)) => {
                Err(syntax(format!("a value is expected here, not {token}")).hint(value_of(field)).at(column))
            }
            None => Err(syntax("a value is missing at the end").at(column)),
        }
    }

    #[expect(clippy::unused_self, reason = "reads as a step of the parser")]
    fn leaf(
        &self,
        field: &'static FieldInfo,
        operator: Operator,
        value: Value,
        column: usize,
    ) -> Result<Node, Refusal> {
        Leaf::checked(field, operator, value).map(Node::Leaf).map_err(|refusal| {
            let is_told = refusal.next_step().is_some() || *refusal.mnemonic() != Mnemonic::DataTypeError;
            if is_told { refusal } else { refusal.hint(value_of(field)) }.at(column)
        })
    }

    fn column(&self) -> usize {
        self.tokens.first().map_or(self.end, |(column, _)| *column)
    }

    fn next(&mut self) -> Option<&'a Token> {
        let ((_, token), rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(token)
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.takes(|token| matches!(token, Token::Word(found) if found.eq_ignore_ascii_case(word)))
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        self.takes(|token| matches!(token, Token::Sign(found) if *found == sign))
    }

    fn takes(&mut self, wanted: impl Fn(&Token) -> bool) -> bool {
        let found = self.tokens.first().is_some_and(|(_, token)| wanted(token));
        if found {
            self.next();
        }
        found
    }
}

fn is_list(field: &FieldInfo) -> bool {
    matches!(field.kind(), Kind::Array | Kind::Object)
}

/// A value that the field could have.
fn example(field: &FieldInfo) -> &str {
    match field.kind() {
        Kind::Boolean => "true",
        Kind::Enum => field.words().first().copied().unwrap_or("'word'"),
        Kind::Iso8601 => "'2026-10-05 14:00:00'",
        Kind::Number | Kind::Id => "30",
        Kind::Array | Kind::Object | Kind::String => "'text'",
    }
}

/// How a value of the field is written.
fn value_of(field: &FieldInfo) -> String {
    let (name, example) = (field.name(), example(field));
    match field.kind() {
        Kind::Boolean => format!("write `{name}`, `not {name}` or `{name} = {example}`"),
        Kind::Number | Kind::Id => format!("write a number without quotes, for example {example}"),
        Kind::Enum => format!("write a word, for example {example}"),
        Kind::Array | Kind::Iso8601 | Kind::Object | Kind::String => {
            format!("text stands in quotes, for example {example}")
        }
    }
}

/// A word of an enum without quotes: it must be known, so that a typo does not silently match nothing.
fn bare_word(field: &'static FieldInfo, word: &str) -> Result<Value, Refusal> {
    let known = field.words().iter().copied().chain(field.aliases().iter().map(|(alias, _)| *alias));
    if known.clone().any(|known| known == word) {
        return Ok(Value::from(word));
    }
    let refusal = Refusal::new(
        Mnemonic::InvalidParameterValue,
        format!("filter.{}", field.name()),
        format!("`{word}` is not a known word of `{}`", field.name()),
    );
    let refusal = suggest(refusal, &word.to_lowercase(), known);
    Err(if refusal.next_step().is_some() {
        refusal
    } else if let Some(words) = few_words(field) {
        refusal.hint(format!("there are {words}; put it in quotes if the server is newer than this tool"))
    } else {
        refusal.hint("put it in quotes if the server is newer than this tool")
    })
}

/// The words of an enum that has few of them.
pub(super) fn few_words(field: &FieldInfo) -> Option<String> {
    let words = field.words();
    (1..=FEW_WORDS).contains(&words.len()).then(|| words.join(", "))
}

/// The text form; [`Filter::parse`] reads it back as an equal filter. It shows every value: mind who reads it.
impl<R> fmt::Display for Filter<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leaf(leaf) => leaf.fmt(f),
            Self::Tree(condition, nodes) => {
                for (at, node) in nodes.iter().enumerate() {
                    if at > 0 {
                        write!(f, " {} ", condition.as_str())?;
                    }
                    match node {
                        Self::Leaf(leaf) => leaf.fmt(f)?,
                        Self::Tree(..) => write!(f, "({node})")?,
                    }
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.field.name();
        match (self.operator, &self.value) {
            (Operator::Equals, Value::Boolean(true)) => f.write_str(name),
            (Operator::IsNull | Operator::IsNotNull, _) => write!(f, "{name} {}", self.operator.as_str()),
            (Operator::Equals, Value::Null) => write!(f, "{name} is null"),
            (Operator::Differs, Value::Null) => write!(f, "{name} is not null"),
            (operator, value) => {
                write!(f, "{name} {} ", operator.as_str())?;
                self.show(value, f)
            }
        }
    }
}

impl Leaf {
    fn show(&self, value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match value {
            Value::Null => f.write_str("null"),
            Value::Boolean(value) => write!(f, "{value}"),
            Value::Number(value) => write!(f, "{value}"),
            // `{:?}` keeps the fraction and the exponent, so that it reads back as a decimal.
            Value::Decimal(value) => write!(f, "{value:?}"),
            Value::Text(word) if self.field.words().contains(&&**word) => f.write_str(word),
            Value::Text(text) => write!(f, "\"{}\"", text.replace('"', "\"\"")),
            Value::Time(time) => write!(f, "\"{}\"", wall_time::format(*time)),
            Value::List(values) => {
                f.write_str("(")?;
                for (at, value) in values.iter().enumerate() {
                    if at > 0 {
                        f.write_str(", ")?;
                    }
                    self.show(value, f)?;
                }
                f.write_str(")")
            }
        }
    }
}
