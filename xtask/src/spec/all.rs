//! `spec import --all`: a table over every reading method of a brand, and what became of each.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::{Value, json};

use super::{
    Verdict,
    drift::{self, Drift},
    source::Source,
};
use crate::codegen::model::Model;

/// What became of a method.
#[derive(Debug)]
enum Fate {
    Same(Drift),
    Drifted(Drift),
    /// The spec does not have it, or not on this brand.
    New,
    /// The source does not have it.
    Gone,
    Unreadable(String),
}

/// The methods of a brand.
#[derive(Debug)]
pub(super) struct Table {
    brand: String,
    methods: BTreeMap<String, Fate>,
    /// Pages that could not be read, by their places.
    unreadable: Vec<(String, String)>,
    others: usize,
}

impl Table {
    pub(super) fn of(model: &Model, source: &Source) -> Self {
        let Source { brand, table, pages, second, unreadable, others, .. } = source;
        let mut methods = BTreeMap::new();
        let known = |name: &str| model.method(name).is_some_and(|method| method.brands.contains(table));
        for (name, page) in pages {
            if !known(name) {
                methods.insert(name.clone(), Fate::New);
                continue;
            }
            let further: Vec<_> = second.iter().filter(|(_, second)| second.method == *name).collect();
            let fate_of = |page| Fate::of(drift::compare(model, brand, table, page));
            let is_explained = model.explained.iter().any(|explained| {
                explained.difference == "second_page" && explained.name == *name && explained.brand == *table
            });
            if is_explained {
                // One of them is what the spec says.
                let fates = std::iter::once(page).chain(further.iter().map(|(_, page)| page)).map(fate_of);
                methods.extend(fates.min_by_key(Fate::weight).map(|fate| (name.clone(), fate)));
                continue;
            }
            methods.insert(name.clone(), fate_of(page));
            methods.extend(further.iter().map(|(place, page)| (format!("{name} ({place})"), fate_of(page))));
        }
        let is_explained = |name: &str| {
            model.explained.iter().any(|explained| {
                explained.difference == "gone" && explained.name == *name && explained.brand == *table
            })
        };
        let is_missing = |name: &str| {
            let quoted = format!("`{name}`");
            !pages.contains_key(name) && !unreadable.iter().any(|(_, why)| why.contains(&quoted))
        };
        let of_spec = model.methods.iter().filter(|method| method.listing.is_some());
        for method in of_spec.filter(|method| known(&method.name) && is_missing(&method.name)) {
            if is_explained(&method.name) {
                continue;
            }
            methods.insert(method.name.clone(), Fate::Gone);
        }
        Self { brand: brand.clone(), methods, unreadable: unreadable.clone(), others: *others }
    }

    pub(super) fn verdict(&self) -> Verdict {
        let unreadable = self.methods.values().any(|fate| matches!(fate, Fate::Unreadable(_)));
        if unreadable || !self.unreadable.is_empty() {
            Verdict::Unreadable
        } else if self.methods.values().all(|fate| matches!(fate, Fate::Same(_))) {
            Verdict::NoDrift
        } else {
            Verdict::Drift
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let methods: Vec<_> = self
            .methods
            .iter()
            .map(|(name, fate)| match fate {
                Fate::Same(drift) | Fate::Drifted(drift) => {
                    let mut object = drift.to_value();
                    if let Some(object) = object.as_object_mut() {
                        object.insert("fate".to_owned(), json!(fate.word()));
                    }
                    object
                }
                Fate::Unreadable(why) => json!({ "method": name, "fate": fate.word(), "reason": why }),
                Fate::New | Fate::Gone => json!({ "method": name, "fate": fate.word() }),
            })
            .collect();
        let unreadable = self.unreadable.iter().map(|(page, why)| json!({ "page": page, "reason": why }));
        json!({
            "brand": self.brand,
            "methods": methods,
            "unreadable": unreadable.collect::<Vec<_>>(),
            "other_pages": self.others,
        })
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = format!("{}:", self.brand);
        for word in ["same", "drifted", "new", "gone", "unreadable"] {
            let mut count = self.methods.values().filter(|fate| fate.word() == word).count();
            if word == "unreadable" {
                count += self.unreadable.len();
            }
            _ = write!(text, " {count} {word},");
        }
        text.pop();
        _ = writeln!(text, "; {} pages of other things", self.others);
        for (name, fate) in &self.methods {
            _ = writeln!(text, "{:<11}{name}", fate.word());
            match fate {
                Fate::Same(drift) | Fate::Drifted(drift) => text.push_str(&drift.lines("    ")),
                Fate::Unreadable(why) => _ = writeln!(text, "    {why}"),
                Fate::New | Fate::Gone => {}
            }
        }
        for (place, why) in &self.unreadable {
            _ = writeln!(text, "unreadable {place}\n    {why}");
        }
        text
    }
}

impl Fate {
    fn of(compared: Result<Drift, String>) -> Self {
        match compared {
            Ok(drift) if drift.differences.is_empty() => Self::Same(drift),
            Ok(drift) => Self::Drifted(drift),
            Err(why) => Self::Unreadable(why),
        }
    }

    /// How far it is from the spec.
    fn weight(&self) -> usize {
        match self {
            Self::Same(_) => 0,
            Self::Drifted(drift) => drift.differences.len(),
            Self::New | Self::Gone | Self::Unreadable(_) => usize::MAX,
        }
    }

    const fn word(&self) -> &'static str {
        match self {
            Self::Same(_) => "same",
            Self::Drifted(_) => "drifted",
            Self::New => "new",
            Self::Gone => "gone",
            Self::Unreadable(_) => "unreadable",
        }
    }
}
