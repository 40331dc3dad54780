//! `calllegs explain`: what a word means: a field, a reason, an error of the API, an exit code, an operator. Not here: the
//! texts, which are those of core's tables, of `diagnostics` and of `failure`.

use std::fmt::Write as _;

use calllegs_arrow::schema::{Column, Source};
use calllegs_core::{
    Brand, CallLegs, FinishReason, Mnemonic,
    error::Retryability,
    filter::{Operator, nearest},
    generated::enums::FINISH_REASONS,
    schema::{FieldInfo, Listing, MethodInfo, ReasonInfo},
};
use calllegs_stats::{Language, Metric, Parameters};
use serde::Serialize;

use crate::{
    cli::{ExplainArgs, With},
    commands::tables,
    failure::{Exit, Failure},
    input::with,
    lang::{self, Text, say, text},
    ui::{diagnostics, echo::shown, stdout},
};

/// What a word means in one of the tables.
#[derive(Serialize)]
struct Meaning {
    /// Which table it is of.
    kind: Text,
    name: String,
    summary: String,
    /// What else there is to know, each with its name.
    details: Vec<(Text, String)>,
}

/// A table of words. Another one is another line of [`TABLES`], and nothing else.
struct Table {
    kind: Text,
    plural: Text,
    names: fn() -> Vec<String>,
    /// All that the table has under a name, in whatever spelling it knows.
    find: fn(&str) -> Vec<Meaning>,
}

static TABLES: [Table; 8] = [
    Table {
        kind: text!("field"),
        plural: text!("fields"),
        names: || owned(CallLegs::METHOD.fields.iter().map(FieldInfo::name)),
        find: |word| CallLegs::field(word).map(field).into_iter().collect(),
    },
    Table {
        kind: text!("report"),
        plural: text!("reports"),
        names: || owned(calllegs_reports::ALL.iter().map(|method| method.name)),
        find: |word| {
            if let Some(method) = calllegs_reports::method(word) {
                return vec![report(method)];
            }
            // `employees.full_name` is a field of one.
            let (name, of) = word.rsplit_once('.').unwrap_or_default();
            let found = calllegs_reports::method(name).and_then(|method| method.field(of));
            found.map(field).into_iter().collect()
        },
    },
    Table {
        kind: text!("column of --with"),
        plural: text!("columns of --with"),
        names: || {
            let columns = With::ALL.into_iter().flat_map(|with| with::companion(with).columns());
            columns.map(|column| column.name().to_owned()).collect()
        },
        find: |word| with::column(word).map(joined).into_iter().collect(),
    },
    Table {
        kind: text!("metric"),
        plural: text!("metrics"),
        names: || owned(Metric::ALL.into_iter().flat_map(|metric| metric.keys.iter().copied())),
        find: |word| {
            let is_it = |it: &&Metric| it.keys.iter().chain([&it.definition]).any(|name| key(name) == word);
            Metric::ALL.into_iter().filter(is_it).map(metric).collect()
        },
    },
    Table {
        kind: text!("reason"),
        plural: text!("reasons why a leg ends"),
        names: || owned(FINISH_REASONS.iter().map(|info| info.reason.as_str())),
        find: |word| {
            let alias = FinishReason::ALIASES.iter().find(|(alias, _)| *alias == word);
            let name = alias.map_or(word, |(_, name)| name);
            FINISH_REASONS.iter().filter(|info| info.reason.as_str() == name).map(reason).collect()
        },
    },
    Table {
        kind: text!("error"),
        plural: text!("errors of the API"),
        names: || owned(Mnemonic::ALL.iter().map(Mnemonic::as_str)),
        find: |word| {
            let code = word.parse::<i32>().ok();
            let fits = |mnemonic: &&Mnemonic| {
                let info = mnemonic.info();
                mnemonic.as_str() == word || info.is_some_and(|info| Some(info.code) == code)
            };
            Mnemonic::ALL.iter().filter(fits).map(error).collect()
        },
    },
    Table {
        kind: text!("operator"),
        plural: text!("operators of --where"),
        names: || owned(Operator::ALL.iter().map(|operator| operator.as_str())),
        find: |word| {
            Operator::ALL.iter().copied().filter(|known| known.as_str() == word).map(operator).collect()
        },
    },
    Table {
        kind: text!("exit code"),
        plural: text!("exit codes"),
        names: || Exit::ALL.iter().map(|(exit, ..)| exit.code().to_string()).collect(),
        find: |word| {
            let word = word.trim_start_matches("exit_").trim_start_matches("code_");
            let is_it = |known: Exit| known.name() == word || known.code().to_string() == word;
            let is_all = ["exit", "exits", "exit_codes", "codes"].contains(&word);
            Exit::ALL.iter().filter(|(known, ..)| is_all || is_it(*known)).map(exit).collect()
        },
    },
];

fn owned(names: impl Iterator<Item = &'static str>) -> Vec<String> {
    names.map(str::to_owned).collect()
}

/// All that can be explained.
pub(crate) fn names() -> Vec<String> {
    TABLES.iter().flat_map(|table| (table.names)()).collect()
}

/// Runs the command.
pub(crate) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    if args.words.is_empty() {
        return list(args.json);
    }
    let whole = find(&key(&args.words.join(" ")));
    let found = if whole.is_empty() {
        // `exit 5` among other words.
        let words = args.words.iter().filter(|word| !["exit", "code"].contains(&word.as_str()));
        let each = words.map(|word| {
            let found = find(&key(word));
            if found.is_empty() { Err(unknown(word)) } else { Ok(found) }
        });
        each.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()
    } else {
        whole
    };
    if args.json { stdout::print_json(&found) } else { stdout::print(&text(&found)) }
}

/// A word as tables spell it.
fn key(word: &str) -> String {
    let word = word.trim().to_lowercase();
    // `-32001` is a code.
    let (sign, rest) = if word.parse::<i32>().is_ok() { word.split_at(word.len()) } else { ("", &*word) };
    format!("{sign}{}", rest.replace([' ', '-'], "_"))
}

fn find(word: &str) -> Vec<Meaning> {
    TABLES.iter().flat_map(|table| (table.find)(word)).collect()
}

fn unknown(word: &str) -> Failure {
    let names: Vec<String> = TABLES.iter().flat_map(|table| (table.names)()).collect();
    let next = match nearest(&key(word), names.iter().map(String::as_str)) {
        Some(near) => say!("did you mean {near}?", near),
        None => say!("`calllegs explain` lists the words").to_owned(),
    };
    Failure::usage(say!("there is no {word}", word = shown(word)))
        .because(say!("it is no field, reason, error, operator or exit code"))
        .next(next)
}

fn list(json: bool) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Words {
        kind: Text,
        names: Vec<String>,
    }
    if json {
        let all = TABLES.iter().map(|table| Words { kind: table.kind, names: (table.names)() });
        return stdout::print_json(&all.collect::<Vec<_>>());
    }
    let mut text = String::new();
    for table in &TABLES {
        let names = (table.names)();
        // Writing to a string does not fail.
        let _infallible = writeln!(text, "{} {}:\n  {}\n", names.len(), table.plural, names.join(" "));
    }
    text.push_str(say!("calllegs explain WORD\n"));
    stdout::print(&text)
}

fn text(found: &[Meaning]) -> String {
    let mut text = String::new();
    for Meaning { kind, name, summary, details } in found {
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a string does not fail.
        let _infallible = writeln!(text, "{name}  ({kind})\n  {summary}");
        for (name, value) in details {
            let _infallible = writeln!(text, "  {name:<9}{value}");
        }
    }
    text
}

fn brands(fits: impl Fn(Brand) -> bool) -> String {
    let names = tables::names(&fits);
    if names.len() == Brand::ALL.len() { say!("all").to_owned() } else { names.join(", ") }
}

fn report(method: &'static MethodInfo) -> Meaning {
    let object = method.name.strip_prefix("get.").unwrap_or(method.name);
    let identity: Vec<_> = method.identity().map(FieldInfo::name).collect();
    let told_by = if identity.is_empty() {
        say!("nothing: rows are counted only").to_owned()
    } else {
        identity.join(", ")
    };
    let over = if method.is_over_period() { say!("a period") } else { say!("no period") };
    let details = vec![
        (text!("over"), over.to_owned()),
        (text!("read"), method.shape().as_str().to_owned()),
        (text!("told by"), told_by),
        (text!("columns"), method.fields.len().to_string()),
        (text!("points"), say!("{points} a page of up to 10,000 rows", points = method.cost)),
        (text!("brands"), brands(|brand| method.is_documented(brand))),
        (text!("fields"), format!("calllegs fields --report {object}")),
    ];
    let summary = say!("rows that the API lists: calllegs get --report {object}", object);
    Meaning { kind: text!("report"), name: method.name.to_owned(), summary, details }
}

fn metric(info: &'static Metric) -> Meaning {
    let (language, usual) = (lang::spoken(), Parameters::default());
    Meaning {
        kind: text!("metric"),
        name: info.keys.join(", "),
        summary: info.title(language).to_owned(),
        details: vec![
            (text!("also"), info.definition.to_owned()),
            (text!("means"), info.meaning(language, &usual)),
            (text!("left out"), info.exclusions(language, &usual)),
            (text!("mind"), info.pitfall(language).to_owned()),
        ],
    }
}

fn field(info: &'static FieldInfo) -> Meaning {
    let yes = |fits: bool, what: &'static str| if fits { Some(what) } else { None };
    let can = [
        yes(info.is_filterable(None), "--where"),
        yes(info.is_sortable(None), say!("sort")),
        yes(info.is_default(None), say!("in the default answer")),
        yes(info.is_deprecated(), say!("deprecated")),
    ];
    let can: Vec<_> = can.into_iter().flatten().collect();
    let mut details = vec![(text!("type"), info.kind().as_str().to_owned())];
    let none = say!("after download alone (--where-local)").to_owned();
    details.push((text!("use"), if can.is_empty() { none } else { can.join(", ") }));
    details.push((text!("brands"), brands(|brand| info.is_documented(brand))));
    // The words of finish_reason are a table of their own.
    if !info.words().is_empty() && info.words().len() <= FEW_WORDS {
        details.push((text!("words"), info.words().join(", ")));
    }
    Meaning {
        kind: text!("field"),
        name: info.name().to_owned(),
        summary: lang::said(info.summary()).to_owned(),
        details,
    }
}

fn joined((with, column): (With, &'static Column)) -> Meaning {
    let method = with::companion(with).method().name;
    let field = if let Source::Joined(field) = column.source() { Some(field) } else { None };
    let source = field.map_or_else(|| method.to_owned(), |field| format!("{method}.{}", field.name()));
    let mut details: Vec<_> =
        field.map(|field| (text!("type"), field.kind().as_str().to_owned())).into_iter().collect();
    details.push((text!("from"), source));
    details.push((text!("with"), format!("calllegs get --with {}", with.as_str())));
    details.push((
        text!("use"),
        say!("joined after download: it is not chosen, filtered by or redacted").to_owned(),
    ));
    let summary = field.map(FieldInfo::summary).filter(|summary| !summary.is_empty());
    let summary = summary.map_or_else(|| say!("a column that --with joins to legs"), lang::said).to_owned();
    Meaning { kind: text!("column of --with"), name: column.name().to_owned(), summary, details }
}

/// Words of a field that fit a line.
const FEW_WORDS: usize = 10;

fn reason(info: &'static ReasonInfo<FinishReason>) -> Meaning {
    let name = info.reason.as_str();
    let also = FinishReason::ALIASES.iter().filter(|(_, word)| *word == name).map(|(alias, _)| *alias);
    let also: Vec<_> = also.collect();
    let (summary, other) = match lang::spoken() {
        Language::English => (info.en, (text!("Russian"), info.ru)),
        Language::Russian => (info.ru, (text!("English"), info.en)),
    };
    let mut details = vec![(other.0, other.1.to_owned())];
    if !also.is_empty() {
        details.push((text!("also"), also.join(", ")));
    }
    details.push((text!("brands"), brands(|brand| info.is_documented(brand))));
    details.push((text!("where"), format!("finish_reason = {name}")));
    Meaning { kind: text!("reason"), name: name.to_owned(), summary: summary.to_owned(), details }
}

fn error(mnemonic: &Mnemonic) -> Meaning {
    let mut details = Vec::new();
    let mut summary = String::new();
    if let Some(info) = mnemonic.info() {
        info.message.clone_into(&mut summary);
        details.push((text!("code"), info.code.to_string()));
        details.push((text!("again"), retry(info.retryability).to_owned()));
    }
    if let Some((exit, cause, next)) = diagnostics::of_mnemonic(mnemonic) {
        details.push((text!("cause"), cause.into()));
        let next = if *mnemonic == Mnemonic::IpNotWhitelisted {
            // Brands with one table have one cabinet.
            let cabinet = |brand| format!("{brand}: {}", diagnostics::white_list(Some(brand)));
            let cabinets = [Brand::Uis, Brand::Novofon, Brand::Callgear].map(cabinet);
            format!("{next}; {}", cabinets.join("; "))
        } else {
            next.into()
        };
        details.push((text!("next"), next));
        details.push((text!("exit"), exit.code().to_string()));
    }
    Meaning { kind: text!("error"), name: mnemonic.as_str().to_owned(), summary, details }
}

fn retry(retryability: Retryability) -> &'static str {
    match retryability {
        Retryability::AfterLogin => say!("after a new login, which the tool makes where the key is a login"),
        Retryability::Always => say!("at any time"),
        Retryability::AtReset => say!("when the limit resets: a minute is waited for, a day is not"),
        Retryability::IfIdempotent => say!("by itself, with growing pauses"),
        Retryability::Never | _ => say!("not before request, account or key has changed"),
    }
}

fn operator(operator: Operator) -> Meaning {
    let mut details = Vec::new();
    if let Some(info) = operator.info() {
        let kinds: Vec<_> = info.kinds.iter().map(|kind| kind.as_str()).collect();
        details.push((text!("fields"), kinds.join(", ")));
        details.push((
            text!("null"),
            if info.takes_null { say!("taken") } else { say!("not taken") }.to_owned(),
        ));
        details.push((text!("brands"), brands(|brand| info.is_documented(brand))));
    }
    let (name, summary) = (operator.as_str().to_owned(), lang::said(operator.summary()).to_owned());
    Meaning { kind: text!("operator"), name, summary, details }
}

fn exit((exit, meaning, next): &(Exit, Text, Text)) -> Meaning {
    let details = vec![(text!("code"), exit.name().to_owned()), (text!("next"), (*next).into())];
    Meaning { kind: text!("exit code"), name: exit.code().to_string(), summary: (*meaning).into(), details }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_errors_are_explained_and_exit_lists_them_all() {
        for (exit, ..) in &Exit::ALL {
            assert!(find(exit.name()).iter().any(|meaning| meaning.name == exit.code().to_string()));
        }
        assert_eq!(find("exit").len(), Exit::ALL.len());
        assert!(find("session_is_lost").iter().any(|meaning| !meaning.details.is_empty()));
    }

    #[test]
    fn every_word_that_is_listed_is_explained() {
        for table in &TABLES {
            for name in (table.names)() {
                let found = find(&key(&name));
                assert!(found.iter().any(|meaning| meaning.kind == table.kind), "{name}");
                assert!(found.iter().all(|meaning| !meaning.summary.is_empty()), "{name}");
            }
        }
    }
}
