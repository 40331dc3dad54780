//! Known deviations between the vendor's pages and the spec document, applied to the model.
//!
//! A quirk adds a spelling (`alias`), a remark to the generated documentation (`note`), or explains a difference that
//! `spec import` would report (`page`). One that changes nothing is an error, so the list cannot rot.

use serde::Deserialize;

use super::model::{Alias, Explained, Field, Kind, Method, Model};

/// Reads the quirks and applies each.
pub(crate) fn apply(model: &mut Model, text: &str) -> Result<(), String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    for (index, quirk) in file.quirk.into_iter().enumerate() {
        let name = format!("quirk {} ({})", index + 1, quirk.target);
        quirk.apply(model).map_err(|message| format!("{name}: {message}"))?;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    quirk: Vec<Quirk>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quirk {
    /// `error MNEMONIC`, `value ENUM WORD`, `kind KIND`, `method NAME`, `param METHOD NAME` or `field METHOD PATH`;
    /// of the facts also `param * NAME`, of all methods.
    target: String,
    /// The brand whose page deviates, when it is only one.
    brand: Option<String>,
    alias: Option<String>,
    note: Option<String>,
    page: Option<String>,
    /// The difference is one of the file of facts: the page itself says what the spec says.
    #[serde(default)]
    facts: bool,
    /// Why the spec says otherwise.
    reason: String,
    /// When the page was seen so.
    date: toml::value::Datetime,
}

impl Quirk {
    fn apply(self, model: &mut Model) -> Result<(), String> {
        if self.reason.trim().is_empty() {
            return Err("the reason is empty".to_owned());
        }
        if self.date.date.is_none() || self.date.time.is_some() {
            return Err("date is a day: YYYY-MM-DD".to_owned());
        }
        if let Some(brand) = &self.brand
            && !model.tables().any(|table| table == brand)
        {
            return Err(format!("no brand `{brand}` has pages of its own"));
        }
        if self.facts && self.page.is_none() {
            return Err("only a difference can be one of the facts".to_owned());
        }
        let target = self.target.clone();
        let target: Vec<_> = target.split_whitespace().collect();
        match (self.alias, self.note, self.page) {
            (Some(spelling), None, None) => add_alias(model, &target, Alias { spelling, brand: self.brand }),
            (None, Some(note), None) => add_note(model, &target, note),
            (None, None, Some(difference)) => {
                let brand = self.brand.ok_or("an explained difference needs the brand of the page")?;
                explain(model, &target, (brand, self.facts), difference, self.reason)
            }
            _ => Err("needs exactly one of alias, note and page".to_owned()),
        }
    }
}

const UNUSED: &str = "matches nothing; correct it or remove it";

fn add_alias(model: &mut Model, target: &[&str], alias: Alias) -> Result<(), String> {
    match target {
        ["error", mnemonic] => {
            if model.errors.iter().any(|error| error.spellings().any(|known| *known == alias.spelling)) {
                return Err(format!("unused: `{}` is known already", alias.spelling));
            }
            let error = model.errors.iter_mut().find(|error| error.mnemonic == *mnemonic).ok_or(UNUSED)?;
            error.aliases.push(alias);
        }
        ["value", name, word] => {
            let parent = model.enums.iter_mut().find(|declared| declared.name == *name).ok_or(UNUSED)?;
            if parent.values.iter().any(|value| value.spellings().any(|known| *known == alias.spelling)) {
                return Err(format!("unused: `{}` is known already", alias.spelling));
            }
            let value = parent.values.iter_mut().find(|value| value.word == *word).ok_or(UNUSED)?;
            if let Some(brand) = &alias.brand {
                if value.brands.contains(brand) {
                    return Err(format!("unused: the page of `{brand}` lists `{word}` itself"));
                }
                value.brands.push(brand.clone());
                value.brands.sort();
            }
            value.aliases.push(alias);
        }
        ["kind", kind] => {
            let kind = Kind::from_word(kind).ok_or(UNUSED)?;
            if model.kind_of(&alias.spelling).is_some() {
                return Err(format!("unused: `{}` is known already", alias.spelling));
            }
            model.kind_words.push((alias.spelling, kind));
        }
        _ => return Err("an alias is of `error MNEMONIC`, `value ENUM WORD` or `kind KIND`".to_owned()),
    }
    Ok(())
}

fn add_note(model: &mut Model, target: &[&str], note: String) -> Result<(), String> {
    let notes = match target {
        ["error", mnemonic] => {
            model.errors.iter_mut().find(|error| error.mnemonic == *mnemonic).map(|error| &mut error.notes)
        }
        ["value", name, word] => model
            .enums
            .iter_mut()
            .find(|declared| declared.name == *name)
            .and_then(|declared| declared.values.iter_mut().find(|value| value.word == *word))
            .map(|value| &mut value.notes),
        ["method", name] => method(model, name).map(|method| &mut method.notes),
        ["field", name, field] => self::field(model, name, field).map(|field| &mut field.notes),
        _ => return Err("a note is on `error`, `value`, `method` or `field`".to_owned()),
    };
    notes.ok_or(UNUSED)?.push(note);
    Ok(())
}

fn explain(
    model: &mut Model,
    target: &[&str],
    (brand, facts): (String, bool),
    difference: String,
    reason: String,
) -> Result<(), String> {
    let (expected, found, name) = match target {
        ["value", parent, word] => {
            let parent = model.enums.iter().find(|declared| declared.name == *parent);
            let value = parent.and_then(|parent| parent.values.iter().find(|value| value.word == *word));
            ("reason_", value.is_some_and(|value| value.brands.contains(&brand)), word)
        }
        ["method", name] => {
            let expected = if facts { "gone" } else { "second_page" };
            (expected, method(model, name).is_some(), name)
        }
        // Also a second row of what the spec has.
        ["param" | "field", name, added] if difference.ends_with("_added") => {
            ("", method(model, name).is_some(), added)
        }
        ["param", "*", name] => {
            let mut params = model.methods.iter().flat_map(|method| &method.params);
            ("param_", facts && params.any(|param| param.name == **name), name)
        }
        ["param", name, param] => {
            let param = method(model, name)
                .and_then(|method| method.params.iter().find(|known| known.name == *param))
                .map(|known| known.exceptions.contains_key(&brand));
            ("param_", param == Some(false), target.last().unwrap_or(&""))
        }
        ["field", name, field] => {
            let known = self::field(model, name, field).map(|known| known.on(&brand).is_some());
            ("", known == Some(true), field)
        }
        _ => return Err("an explained difference is of `value`, `param` or `field`".to_owned()),
    };
    if !found {
        return Err(UNUSED.to_owned());
    }
    // A flag can be named behind its kind.
    let (kind, flag) =
        difference.split_once(' ').map_or((&*difference, None), |(kind, flag)| (kind, Some(flag)));
    let is_flag = flag.is_none_or(|flag| kind == "flag_changed" && FLAGS.contains(&flag));
    if !DIFFERENCES.contains(&kind) || !is_flag || !kind.starts_with(expected) {
        return Err(format!("`{difference}` is no difference that `spec import` reports of this"));
    }
    let method = target.get(1).filter(|name| name.contains('.')).map(|name| (*name).to_owned());
    let name = (*name).to_owned();
    model.explained.push(Explained { brand, difference, method, name, facts, reason });
    Ok(())
}

/// Differences that can be explained.
const DIFFERENCES: [&str; 13] = [
    "gone",
    "second_page",
    "field_added",
    "param_added",
    "nesting_changed",
    "field_removed",
    "type_changed",
    "flag_changed",
    "values_changed",
    "reason_removed",
    "reason_changed",
    "param_removed",
    "param_changed",
];

const FLAGS: [&str; 4] = ["default", "deprecated", "filterable", "sortable"];

fn method<'a>(model: &'a mut Model, name: &str) -> Option<&'a mut Method> {
    model.methods.iter_mut().find(|method| method.name == name)
}

fn field<'a>(model: &'a mut Model, name: &str, path: &str) -> Option<&'a mut Field> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let mut field = method(model, name)?.fields.iter_mut().find(|known| known.name == first)?;
    for name in rest.into_iter().flat_map(|rest| rest.split('.')) {
        field = field.members.iter_mut().find(|known| known.name == name)?;
    }
    Some(field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::model;

    const SPEC: &str = "brand b \"https://b.example\"\nbrand c \"https://c.example\"\n\
        enum Reason labels=REASONS \"Why.\"\nvalue busy ru=\"R\" en=\"E\"\nvalue gone brands=b ru=\"R\" en=\"E\"\n\
        error oops -1 retry=never \"m\"\n\
        method get.rows listing=Rows row=Row cost=1 audience=client each=\"A row.\" \"rows\"\n\
        param fields array\nfield id number \"The row.\"\non c absent\n";

    fn apply_one(quirk: &str) -> Result<Model, String> {
        let mut model = model::read(SPEC).unwrap();
        apply(&mut model, &format!("[[quirk]]\n{quirk}\nreason = \"because\"\ndate = 2026-04-10\n"))?;
        Ok(model)
    }

    #[test]
    fn each_sort_of_quirk_changes_the_model() {
        let model = apply_one("target = \"value Reason gone\"\nbrand = \"c\"\nalias = \"went\"").unwrap();
        let gone = model.enums.first().and_then(|declared| declared.values.get(1)).unwrap();
        assert_eq!(gone.spellings().collect::<Vec<_>>(), ["gone", "went"]);
        assert_eq!(gone.brands, ["b", "c"]);
        let model = apply_one("target = \"error oops\"\nnote = \"N.\"").unwrap();
        assert_eq!(model.errors.first().unwrap().notes, ["N."]);
        let model =
            apply_one("target = \"param get.rows fields\"\nbrand = \"b\"\npage = \"param_removed\"").unwrap();
        assert_eq!(model.explained.first().unwrap().name, "fields");
    }

    #[test]
    fn a_quirk_that_matches_nothing_fails() {
        for (quirk, message) in [
            ("target = \"error other\"\nalias = \"x\"", "quirk 1 (error other): matches nothing"),
            ("target = \"value Reason other\"\nnote = \"x\"", "matches nothing"),
            ("target = \"field get.rows other\"\nnote = \"x\"", "matches nothing"),
            ("target = \"method get.other\"\nnote = \"x\"", "matches nothing"),
            ("target = \"error oops\"\nalias = \"oops\"", "unused: `oops` is known already"),
            (
                "target = \"value Reason busy\"\nbrand = \"c\"\nalias = \"x\"",
                "the page of `c` lists `busy` itself",
            ),
            ("target = \"field get.rows id\"\nbrand = \"c\"\npage = \"type_changed\"", "matches nothing"),
            ("target = \"field get.rows id\"\nbrand = \"b\"\npage = \"typo\"", "`typo` is no difference"),
            (
                "target = \"field get.rows id\"\nbrand = \"b\"\npage = \"flag_changed typo\"",
                "is no difference",
            ),
            ("target = \"kind typo\"\nalias = \"x\"", "matches nothing"),
            ("target = \"kind number\"\nalias = \"string\"", "unused: `string` is known already"),
            (
                "target = \"error oops\"\nfacts = true\nalias = \"x\"",
                "only a difference can be one of the facts",
            ),
            (
                "target = \"param get.rows fields\"\nbrand = \"b\"\npage = \"field_removed\"",
                "is no difference",
            ),
            ("target = \"error oops\"\nbrand = \"d\"\nnote = \"x\"", "no brand `d`"),
            ("target = \"error oops\"", "exactly one of alias, note and page"),
            ("target = \"error oops\"\nnoet = \"x\"", "unknown field `noet`"),
        ] {
            let error = apply_one(quirk).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn reason_and_date_are_required() {
        let mut model = model::read(SPEC).unwrap();
        let error = apply(&mut model, "[[quirk]]\ntarget = \"error oops\"\nnote = \"x\"\n").unwrap_err();
        assert!(error.contains("missing field `reason`"), "{error}");
        let quirk = "[[quirk]]\ntarget = \"error oops\"\nnote = \"x\"\nreason = \" \"\ndate = 2026-04-10\n";
        assert!(apply(&mut model, quirk).unwrap_err().contains("the reason is empty"));
    }
}
