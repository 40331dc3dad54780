//! What is part of what: the tables of a page are flat, only its sample of an answer shows what is nested.
//!
//! Samples are not JSON as it should be (commas are missing, comments and dots stand between), so names and brackets are
//! all that is read.

use super::Parent;

/// A member of the sample, with its own members. An array of objects has the members of all of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) members: Vec<Self>,
    /// The word in its place, of an array that of its items.
    pub(super) word: Option<String>,
    is_array: bool,
}

impl Member {
    pub(super) fn items(&self) -> Option<String> {
        self.word.clone().filter(|_| self.is_array)
    }

    /// The names of the members and the words in their places, structures before what is in them.
    pub(super) fn flat(&self) -> Vec<(String, String)> {
        let mut flat = Vec::new();
        for member in &self.members {
            let kind = match (&member.word, member.is_array, member.members.is_empty()) {
                (_, true, _) => "array",
                (_, false, false) => "object",
                (Some(word), ..) if KINDS.contains(&&**word) => word,
                _ => "",
            };
            flat.push((member.name.clone(), kind.to_owned()));
            flat.extend(member.flat());
        }
        flat
    }

    fn member(&self, name: &str) -> Option<&Self> {
        self.members.iter().find(|member| member.name == name)
    }
}

/// Words that stand in the place of a value and say its type.
const KINDS: [&str; 6] = ["array", "boolean", "enum", "iso8601", "number", "string"];

/// The row of the sample: what `data` holds.
pub(super) fn row(text: &str) -> Option<Member> {
    let mut tokens = tokens(text).into_iter().peekable();
    let mut root = Member::default();
    while let Some(token) = tokens.peek() {
        if *token == Token::Open('{') { value(&mut tokens, &mut root, 0) } else { _ = tokens.next() }
    }
    let result = root.members.into_iter().find(|member| member.name == "result")?;
    result.members.into_iter().find(|member| member.name == "data").filter(|data| !data.members.is_empty())
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open(char),
    Close,
    Text(String),
    /// A number, true, false or null.
    Bare,
    Colon,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '{' | '[' => tokens.push(Token::Open(letter)),
            '}' | ']' => tokens.push(Token::Close),
            ':' => tokens.push(Token::Colon),
            '"' => {
                let mut word = String::new();
                while let Some(letter) = letters.next().filter(|letter| !matches!(letter, '"' | '\n')) {
                    word.push(letter);
                    if letter == '\\' {
                        word.extend(letters.next());
                    }
                }
                tokens.push(Token::Text(word));
            }
            '0'..='9' | 'a'..='z' => {
                while letters.next_if(|next| next.is_ascii_alphanumeric() || *next == '.').is_some() {}
                tokens.push(Token::Bare);
            }
            _ => {}
        }
    }
    tokens
}

/// Deeper than any sample, and far from the end of the stack.
const DEPTH: usize = 64;

/// Reads what stands in the place of a value into the member.
fn value(tokens: &mut std::iter::Peekable<impl Iterator<Item = Token>>, of: &mut Member, depth: usize) {
    match tokens.next() {
        Some(Token::Open(bracket)) if depth < DEPTH => {
            of.is_array |= bracket == '[';
            while let Some(token) = tokens.peek() {
                match token {
                    Token::Close => {
                        tokens.next();
                        return;
                    }
                    Token::Open(_) => value(tokens, of, depth + 1),
                    Token::Text(_) => {
                        let Some(Token::Text(name)) = tokens.next() else { return };
                        if tokens.peek() != Some(&Token::Colon) {
                            of.word = Some(name);
                            continue;
                        }
                        tokens.next();
                        let known = of.members.iter().position(|member| member.name == name);
                        let mut member = known.map(|at| of.members.swap_remove(at)).unwrap_or_default();
                        member.name = name;
                        if matches!(tokens.peek(), Some(Token::Open(_) | Token::Text(_) | Token::Bare)) {
                            value(tokens, &mut member, depth + 1);
                        }
                        of.members.push(member);
                    }
                    Token::Bare | Token::Colon => _ = tokens.next(),
                }
            }
        }
        Some(Token::Text(word)) => of.word = Some(word),
        Some(Token::Bare | Token::Close | Token::Colon | Token::Open(_)) | None => {}
    }
}

/// Where each of the rows of a table belongs, and the word for the items of an array. A row goes into the innermost
/// structure around the row above that has it in the sample, or else into the last one above that has it.
pub(super) fn places<'a>(
    names: &[(&'a str, bool)],
    sample: Option<&'a Member>,
) -> Vec<(Parent, Option<String>)> {
    let Some(sample) = sample else { return vec![(Parent::Unknown, None); names.len()] };
    let mut structures = vec![Structure { row: Parent::Row, of: sample, around: None, taken: Vec::new() }];
    let (mut here, mut places) = (0, Vec::new());
    for (at, (name, is_structure)) in names.iter().enumerate() {
        let around = std::iter::successors(Some(here), |at| structures.get(*at)?.around);
        let others = (0..structures.len()).rev();
        let lacks = |at: &usize| structures.get(*at).is_some_and(|structure| structure.lacks(name));
        let found = around.chain(others).find(lacks);
        let Some((found, structure)) = found.and_then(|found| Some((found, structures.get_mut(found)?)))
        else {
            places.push((Parent::Unknown, None));
            continue;
        };
        here = found;
        structure.taken.push(name);
        let (row, member) = (structure.row, structure.of.member(name));
        places.push((row, member.and_then(Member::items)));
        if let Some(of) = member.filter(|member| *is_structure && !member.members.is_empty()) {
            here = structures.len();
            structures.push(Structure { row: Parent::Field(at), of, around: Some(found), taken: Vec::new() });
        }
    }
    places
}

/// A structure of the sample that a row stands for.
struct Structure<'a> {
    row: Parent,
    of: &'a Member,
    around: Option<usize>,
    /// The members that rows stand for.
    taken: Vec<&'a str>,
}

impl Structure<'_> {
    fn lacks(&self, name: &str) -> bool {
        self.of.member(name).is_some() && !self.taken.contains(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_into_the_structure_that_has_them() {
        let sample = row(
            "{\"result\": {\"metadata\": {}, \"data\": [{\"id\": 1, \"tags\": [{\"id\": \"number\" \"name\": null}, ...],\n\
             \"sites\": [\"number\"], \"name\": \"string\"}",
        )
        .unwrap();
        let names = [
            ("id", false),
            ("tags", true),
            ("id", false),
            ("name", false),
            ("sites", true),
            ("name", false),
            ("x", false),
        ];
        let places = places(&names, Some(&sample));
        let parents: Vec<_> = places.iter().map(|(parent, _)| *parent).collect();
        let tags = Parent::Field(1);
        assert_eq!(
            parents,
            [Parent::Row, Parent::Row, tags, tags, Parent::Row, Parent::Row, Parent::Unknown]
        );
        assert_eq!(places.get(4).unwrap().1.as_deref(), Some("number"));
    }

    #[test]
    fn what_is_no_answer_has_no_row() {
        assert_eq!(row(""), None);
        assert_eq!(row("{\"result\": {\"data\": {}}}"), None);
        assert_eq!(row(&"{\"a\":[".repeat(10_000)), None);
    }
}
