//! The syntax of the spec document: lines to statements. What statements mean is the business of `model`.
//!
//! A line is a keyword, then words, `key=value` attributes, flags and at most one quoted description, in any order but
//! for the first words, which a keyword may claim as its own (`operator <= AtMost`). `#` opens a comment.

use std::fmt;

/// What is wrong with a document, and where. Lines and columns count from 1, columns in characters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) at: Position,
    pub(crate) message: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.message)
    }
}

/// A place in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Position {
    pub(crate) fn complain(self, message: impl Into<String>) -> Complaint {
        Complaint { at: self, message: message.into() }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A word and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) at: Position,
}

/// One line. Its parts are taken out one by one; [`finish`](Self::finish) refuses what nobody took.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) keyword: Word,
    words: Vec<Word>,
    attributes: Vec<(Word, Word)>,
    description: Option<Word>,
}

impl Statement {
    /// The next bare word, which is `what`.
    pub(crate) fn word(&mut self, what: &str) -> Result<Word, Complaint> {
        if self.words.is_empty() {
            return Err(self.keyword.at.complain(format!("`{}` needs {what}", self.keyword.text)));
        }
        Ok(self.words.remove(0))
    }

    /// The bare words that are left.
    pub(crate) fn words(&mut self) -> Vec<Word> {
        std::mem::take(&mut self.words)
    }

    /// Whether the flag is there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let position = self.words.iter().position(|word| word.text == name);
        position.map(|position| self.words.remove(position)).is_some()
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&mut self, key: &str) -> Option<Word> {
        let position = self.attributes.iter().position(|(name, _)| name.text == key)?;
        Some(self.attributes.remove(position).1)
    }

    /// The value of an attribute that must be there.
    pub(crate) fn required(&mut self, key: &str) -> Result<Word, Complaint> {
        self.attribute(key)
            .ok_or_else(|| self.keyword.at.complain(format!("`{}` needs {key}=", self.keyword.text)))
    }

    /// The comma-separated value of an attribute.
    pub(crate) fn list(&mut self, key: &str) -> Option<Vec<Word>> {
        let value = self.attribute(key)?;
        let parts = value.text.split(',').map(|part| Word { text: part.to_owned(), at: value.at });
        Some(parts.collect())
    }

    /// Whether it has a description.
    pub(crate) fn is_described(&self) -> bool {
        self.description.is_some()
    }

    /// The quoted description.
    pub(crate) fn description(&mut self) -> Result<String, Complaint> {
        let description = self.description.take();
        description.map(|word| word.text).ok_or_else(|| {
            self.keyword.at.complain(format!("`{}` needs a description in quotes", self.keyword.text))
        })
    }

    /// Refuses parts that nothing asked for.
    pub(crate) fn finish(self) -> Result<(), Complaint> {
        let keyword = &self.keyword.text;
        if let Some(word) = self.words.first() {
            return Err(word.at.complain(format!("`{keyword}` takes no `{}`", word.text)));
        }
        if let Some((key, _)) = self.attributes.first() {
            return Err(key.at.complain(format!("`{keyword}` takes no `{}=`", key.text)));
        }
        match self.description {
            Some(word) => Err(word.at.complain(format!("`{keyword}` takes no description"))),
            None => Ok(()),
        }
    }
}

/// Reads a document.
pub(crate) fn parse(text: &str) -> Result<Vec<Statement>, Complaint> {
    let mut statements = Vec::new();
    for (index, line) in text.lines().enumerate() {
        statements.extend(Line::new(index + 1, line).statement()?);
    }
    Ok(statements)
}

/// How many words after the keyword are taken as they are, whatever characters they have.
fn plain_words(keyword: &str) -> usize {
    if keyword == "operator" { 2 } else { 1 }
}

struct Line<'a> {
    number: usize,
    column: usize,
    rest: std::iter::Peekable<std::str::Chars<'a>>,
}

impl<'a> Line<'a> {
    fn new(number: usize, text: &'a str) -> Self {
        Self { number, column: 1, rest: text.chars().peekable() }
    }

    fn statement(mut self) -> Result<Option<Statement>, Complaint> {
        if !self.skip_spaces() {
            return Ok(None);
        }
        let keyword = self.bare(|_| false);
        let mut plain = plain_words(&keyword.text);
        let mut statement =
            Statement { keyword, words: Vec::new(), attributes: Vec::new(), description: None };
        while self.skip_spaces() {
            let at = self.place();
            if self.rest.peek() == Some(&'"') {
                let text = self.quoted()?;
                if statement.description.replace(Word { text, at }).is_some() {
                    return Err(at.complain("a second description"));
                }
                plain = 0;
            } else if plain > 0 {
                statement.words.push(self.bare(|_| false));
                plain -= 1;
            } else {
                let word = self.bare(|c| c == '=');
                if self.rest.peek() == Some(&'=') {
                    self.next();
                    let value = self.value()?;
                    if word.text.is_empty() || value.text.is_empty() {
                        return Err(at.complain("`=` needs a name before it and a value after it"));
                    }
                    if statement.attributes.iter().any(|(key, _)| key.text == word.text) {
                        return Err(at.complain(format!("a second `{}=`", word.text)));
                    }
                    statement.attributes.push((word, value));
                } else {
                    statement.words.push(word);
                }
            }
        }
        Ok(Some(statement))
    }

    fn next(&mut self) -> Option<char> {
        self.column += 1;
        self.rest.next()
    }

    fn place(&self) -> Position {
        Position { line: self.number, column: self.column }
    }

    /// Whether something other than spaces and a comment is left.
    fn skip_spaces(&mut self) -> bool {
        while self.rest.peek().is_some_and(|c| c.is_whitespace()) {
            self.next();
        }
        !matches!(self.rest.peek(), None | Some('#'))
    }

    fn bare(&mut self, ends: impl Fn(char) -> bool) -> Word {
        let at = self.place();
        let mut text = String::new();
        while let Some(c) = self.rest.peek().copied().filter(|c| !c.is_whitespace() && !ends(*c)) {
            text.push(c);
            self.next();
        }
        Word { text, at }
    }

    fn value(&mut self) -> Result<Word, Complaint> {
        let at = self.place();
        if self.rest.peek() == Some(&'"') {
            let text = self.quoted()?;
            return Ok(Word { text, at });
        }
        Ok(self.bare(|_| false))
    }

    fn quoted(&mut self) -> Result<String, Complaint> {
        let at = self.place();
        self.next();
        let mut text = String::new();
        loop {
            let escape = self.place();
            match self.next() {
                Some('"') => break,
                Some('\\') => match self.next() {
                    Some(c @ ('"' | '\\')) => text.push(c),
                    _ => return Err(escape.complain("only `\\\"` and `\\\\` can be escaped")),
                },
                Some(c) => text.push(c),
                None => return Err(at.complain("this quote does not end on its line")),
            }
        }
        if self.rest.peek().is_some_and(|c| !c.is_whitespace()) {
            return Err(self.place().complain("a space is missing after the quote"));
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_taken_apart() {
        let mut statements =
            parse("# nothing\n\n  field a number as=Id default \"An \\\"a\\\".\" # why\noperator <= AtMost kinds=x,y")
                .unwrap();
        let mut operator = statements.pop().unwrap();
        assert_eq!(operator.word("a word").unwrap().text, "<=");
        assert_eq!(operator.word("a name").unwrap().text, "AtMost");
        let kinds = operator.list("kinds").unwrap();
        assert_eq!(kinds.iter().map(|kind| &*kind.text).collect::<Vec<_>>(), ["x", "y"]);
        operator.finish().unwrap();
        let mut field = statements.pop().unwrap();
        assert_eq!(field.keyword.text, "field");
        assert_eq!(field.word("a name").unwrap().text, "a");
        assert!(field.flag("default"));
        assert!(!field.flag("sort"));
        assert_eq!(field.word("a kind").unwrap().text, "number");
        assert_eq!(field.attribute("as").unwrap().text, "Id");
        assert_eq!(field.description().unwrap(), "An \"a\".");
        field.finish().unwrap();
        assert!(statements.is_empty());
    }

    #[test]
    fn complaints_name_line_and_column() {
        let complaint = |text: &str| parse(text).unwrap_err().to_string();
        assert_eq!(complaint("\nid A \"open"), "line 2, column 6: this quote does not end on its line");
        assert_eq!(complaint("id A \"\\n\""), "line 1, column 7: only `\\\"` and `\\\\` can be escaped");
        assert_eq!(complaint("id A \"b\"x"), "line 1, column 9: a space is missing after the quote");
        assert_eq!(complaint("id A \"b\" \"c\""), "line 1, column 10: a second description");
        assert_eq!(
            complaint("id A b= c"),
            "line 1, column 6: `=` needs a name before it and a value after it"
        );
        assert_eq!(complaint("id A б=c б=d"), "line 1, column 10: a second `б=`");
    }

    #[test]
    fn what_nobody_asked_for_is_refused() {
        let finish = |text: &str| {
            let mut statement = parse(text).unwrap().pop().unwrap();
            statement.word("a name").unwrap();
            statement.finish().unwrap_err().to_string()
        };
        assert_eq!(finish("id A b"), "line 1, column 6: `id` takes no `b`");
        assert_eq!(finish("id A b=c"), "line 1, column 6: `id` takes no `b=`");
        assert_eq!(finish("id A \"b\""), "line 1, column 6: `id` takes no description");
    }
}
