//! Emits what the crate of reports has beside the files of its reports: the list of its methods for code, and for people
//! the first page and the head of each report's page.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    REPORTS_HEADER,
    emit_docs::{PAGE_HEADER, cell, meaning},
    model::{Flags, Home, Method, Model},
};

/// The modules, and all methods in one list.
pub(super) fn root(methods: &[&Method], all: &[&Method]) -> String {
    let mut modules: Vec<_> = methods.iter().map(|method| method.module()).collect();
    modules.extend(["enums".to_owned(), "ids".to_owned()]);
    modules.sort();
    let mut text = format!("{REPORTS_HEADER}//!\n//! Tables and macro invocations only.\n\n");
    text.push_str("use calllegs_core::schema::{Listing, MethodInfo};\n\n");
    for module in &modules {
        _ = writeln!(text, "pub mod {module};");
    }
    text.push_str("\n/// The methods of this crate, by name.\n");
    _ = writeln!(text, "pub static METHODS: [&MethodInfo; {}] = [", methods.len());
    let mut names: Vec<_> =
        methods.iter().filter_map(|method| Some((method, method.listing.as_ref()?))).collect();
    names.sort_by_key(|(method, _)| &method.name);
    for (method, listing) in names {
        _ = writeln!(text, "    {}::{}::METHOD,", method.module(), listing.name);
    }
    text.push_str("];\n");
    text.push_str("\n/// Every reading method, those of the core too, by name.\n");
    _ = writeln!(text, "pub static ALL: [&MethodInfo; {}] = [", all.len());
    let mut by_name = all.to_vec();
    by_name.sort_by_key(|method| &method.name);
    for method in by_name {
        _ = writeln!(text, "    {}::METHOD,", place(method));
    }
    text.push_str("];\n");
    let subjects = subjects(all);
    text.push_str("\n/// The same, by what they are about.\n");
    _ = writeln!(text, "pub static SUBJECTS: [(&str, &[&MethodInfo]); {}] = [", subjects.len());
    for (subject, methods) in subjects {
        let methods: Vec<_> =
            methods.into_iter().map(|method| format!("{}::METHOD", place(method))).collect();
        _ = writeln!(text, "    ({subject:?}, &[{}]),", methods.join(", "));
    }
    text.push_str("];\n");
    text
}

/// The listing of a method, as the root of the crate names it.
fn place(method: &Method) -> String {
    let name = method.listing.as_ref().map_or("", |listing| &*listing.name);
    match method.home {
        Home::Core => format!("calllegs_core::{name}"),
        Home::Reports => format!("{}::{name}", method.module()),
    }
}

/// Methods by what they are about, and by name.
fn subjects<'m>(methods: &[&'m Method]) -> BTreeMap<&'m str, Vec<&'m Method>> {
    let mut subjects: BTreeMap<&str, Vec<&Method>> = BTreeMap::new();
    for method in methods {
        subjects.entry(&method.subject).or_default().push(method);
    }
    for methods in subjects.values_mut() {
        methods.sort_by_key(|method| &method.name);
    }
    subjects
}

/// All methods by subject.
pub(super) fn page(methods: &[&Method]) -> String {
    let mut text = PAGE_HEADER.replace("calllegs-2.0.spec", "calllegs-2.0.spec and xtask/spec/reports/");
    for (subject, methods) in subjects(methods) {
        let mut title = subject.to_owned();
        title.get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
        let head = "| method | rows | shape | brands |\n|---|---|---|---|";
        _ = writeln!(text, "\n## {title}\n\n{head}");
        for method in methods {
            let brands = method.brands.join(", ");
            let (name, summary) = (&method.name, cell(&method.summary));
            let module = if method.home == Home::Core { place(method) } else { method.module() };
            _ = writeln!(text, "| [`{name}`]({module}) | {summary} | {} | {brands} |", shape(method));
        }
    }
    text
}

/// How many fields a row has, what is nested in them, whether the method is over a period, and how it is read.
fn shape(method: &Method) -> String {
    let mut text = format!("{} fields", method.fields.len());
    let nested = method.fields.iter().filter(|field| !field.members.is_empty()).count();
    if nested > 0 {
        _ = write!(text, ", {nested} of them structures");
    }
    text.push_str(if method.is_report() { "; a period" } else { "; a listing" });
    _ = write!(text, "; {}", method.shape());
    text
}

/// The head of a report's file, and of its page.
pub(super) fn opening(model: &Model, method: &Method) -> String {
    let mut text = REPORTS_HEADER.to_owned();
    let mut line = |line: &str| _ = writeln!(text, "//!{}{line}", if line.is_empty() { "" } else { " " });
    line("");
    line(&format!("`{}`: {}.", method.name, method.summary));
    line("");
    let brands: Vec<_> = method.brands.iter().map(|brand| format!("`{brand}`")).collect();
    let costs = if method.cost == 1 { "a point".to_owned() } else { format!("{} points", method.cost) };
    line(&format!(
        "A call costs {costs}. Pages of {} list it; its shape: {}.",
        brands.join(", "),
        shape(method)
    ));
    line("");
    let names =
        |fields: Vec<&str>| fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ");
    match method.identity() {
        fields if fields.is_empty() && !method.has_pages() => line("One answer has all rows."),
        fields if fields.is_empty() => line("Nothing is known to tell its rows apart: they are counted."),
        fields => line(&format!("Its rows are told apart by {}.", names(fields))),
    }
    for note in &method.notes {
        line("");
        line(note);
    }
    line("");
    line("# Parameters");
    line("");
    line("| parameter | type | required |");
    line("|---|---|---|");
    for param in &method.params {
        let name =
            param.part_of.iter().map(|of| format!("{of}.")).chain([param.name.clone()]).collect::<String>();
        let required = if param.required { "yes" } else { "no" };
        line(&format!("| `{name}` | {} | {required} |", param.kind.word()));
    }
    line("");
    line("# Fields");
    line("");
    line("| field | type | filter | sort | default | meaning |");
    line("|---|---|---|---|---|---|");
    for (path, field) in method.all_fields() {
        let Flags { filter, sort, default } = field.flags;
        let mark = |set: bool| if set { "yes" } else { "no" };
        let kind = field.of.as_ref().map_or_else(|| field.kind.word(), |of| linked(model, &of.text));
        let marks = [filter, sort, default].map(mark).join(" | ");
        line(&format!("| `{path}` | {kind} | {marks} | {} |", cell(&meaning(field))));
    }
    text.push('\n');
    text
}

fn linked(model: &Model, name: &str) -> String {
    let module = if model.enums.iter().any(|declared| declared.name == name) { "enums" } else { "ids" };
    format!("[`{name}`](crate::{module}::{name})")
}
