//! The Russian first page is the English one in other words: the same headings, the same code but for what is said beside
//! commands, and each names the other. Code that is the same need not be tested twice.

use super::Sources;

/// The page, and its translation.
const PAGES: [&str; 2] = ["README.md", "README.ru.md"];

/// What of a page does not depend on the language, a line each.
#[derive(Debug, PartialEq, Eq)]
enum Bone<'p> {
    Heading(usize),
    Code(&'p str),
    /// The rows of tables by their first cell that names something.
    Row(&'p str),
}

pub(super) fn check(sources: &Sources) -> Vec<String> {
    let [english, russian] = PAGES.map(|page| sources.get(page).map_or("", String::as_str));
    let mut complaints = Vec::new();
    for (page, text, other) in [(PAGES[0], english, PAGES[1]), (PAGES[1], russian, PAGES[0])] {
        if !text.contains(&format!("]({other})")) {
            complaints.push(format!("{page}: does not link to {other}"));
        }
    }
    let (bones, others) = (bones(english), bones(russian));
    if let Some((bone, other)) = bones.iter().zip(&others).find(|(bone, other)| bone != other) {
        complaints.push(format!("{} and {} differ: {bone:?} and {other:?}", PAGES[0], PAGES[1]));
    } else if bones.len() != others.len() {
        complaints.push(format!("{} and {} are not equally long", PAGES[0], PAGES[1]));
    }
    complaints
}

fn bones(page: &str) -> Vec<Bone<'_>> {
    let mut bones = Vec::new();
    let mut language = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), language) {
            (Some(_), Some(_)) => language = None,
            (Some(info), None) => {
                language = Some(info);
                bones.push(Bone::Code(line));
            }
            // What stands behind a command is said to people.
            (None, Some("console")) => {
                bones.push(Bone::Code(line.split(" # ").next().unwrap_or(line).trim_end()));
            }
            (None, Some(_)) => bones.push(Bone::Code(line)),
            (None, None) if line.starts_with('#') => {
                bones.push(Bone::Heading(line.chars().take_while(|c| *c == '#').count()));
            }
            (None, None) => {
                bones.extend(line.strip_prefix("| [").and_then(|row| row.split(']').next()).map(Bone::Row));
            }
        }
    }
    bones
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(english: &str, russian: &str) -> Vec<String> {
        let pages = [english, russian].map(str::to_owned);
        check(&PAGES.map(str::to_owned).into_iter().zip(pages).collect())
    }

    #[test]
    fn a_translation_has_the_headings_and_the_code_of_the_page() {
        let english = "# A\n[ru](README.ru.md)\n```console\n$ a  # what it does\n```\n| [`a`](b) | what |\n";
        let russian = "# Б\n[en](README.md)\n```console\n$ a # что делает\n```\n| [`a`](b) | что |\n";
        assert_eq!(told(english, russian), [] as [&str; 0]);
        assert_eq!(told(english, &russian.replace("$ a", "$ b")).len(), 1);
        assert_eq!(told(english, &russian.replace("# Б", "## Б")).len(), 1);
        assert_eq!(told(english, &russian.replace("[`a`]", "[`b`]")).len(), 1);
        assert_eq!(told(english, &russian.replace("(README.md)", "(README)")).len(), 1);
        assert_eq!(told(english, &format!("{russian}## В\n")).len(), 1);
    }
}
