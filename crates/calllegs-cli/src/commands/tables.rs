//! `calllegs fields` and `calllegs reasons`: the tables of core, for people and for machines.

use calllegs_arrow::schema::Column;
use calllegs_core::{
    Brand, CallLegs, FinishReason,
    generated::enums::FINISH_REASONS,
    schema::{FieldInfo, Listing, MethodInfo, ReasonInfo},
};
use serde::Serialize;

use crate::{
    cli::{self, FieldsArgs, With},
    failure::Failure,
    input::{listing, with},
    lang::{self, say},
    ui::{stdout, table},
};

/// One field, with the flags of one brand or of all.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "flags are independent")]
struct Field {
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    filterable: bool,
    sortable: bool,
    default: bool,
    deprecated: bool,
    brands: Vec<&'static str>,
    summary: &'static str,
}

impl Field {
    fn new(field: &'static FieldInfo, brand: Option<Brand>) -> Self {
        Self {
            name: field.name(),
            kind: field.kind().as_str(),
            filterable: field.is_filterable(brand),
            sortable: field.is_sortable(brand),
            default: field.is_default(brand),
            deprecated: field.is_deprecated(),
            brands: names(|brand| field.is_documented(brand)),
            summary: field.summary(),
        }
    }

    fn cells(&self) -> Vec<String> {
        let flag = |set: bool, letter: &'static str| if set { letter } else { "·" };
        let flags = [flag(self.filterable, "F"), flag(self.sortable, "S"), flag(self.default, "D")].concat();
        let gone = if self.deprecated { say!("deprecated. ") } else { "" };
        let brands =
            if self.brands.len() == Brand::ALL.len() { "all".to_owned() } else { self.brands.join(" ") };
        vec![self.name.to_owned(), self.kind.to_owned(), flags, brands, format!("{gone}{}", self.summary)]
    }
}

/// One reason why a leg ends.
#[derive(Serialize)]
struct Reason {
    name: &'static str,
    en: &'static str,
    ru: &'static str,
    aliases: Vec<&'static str>,
    brands: Vec<&'static str>,
}

impl Reason {
    fn new(info: &'static ReasonInfo<FinishReason>) -> Self {
        let name = info.reason.as_str();
        let aliases = FinishReason::ALIASES.iter().filter(|(_, word)| *word == name).map(|(alias, _)| *alias);
        Self {
            name,
            en: info.en,
            ru: info.ru,
            aliases: aliases.collect(),
            brands: names(|brand| info.is_documented(brand)),
        }
    }

    fn cells(&self) -> Vec<String> {
        let brands =
            if self.brands.len() == Brand::ALL.len() { "all".to_owned() } else { self.brands.join(" ") };
        vec![self.name.to_owned(), self.en.to_owned(), self.ru.to_owned(), brands, self.aliases.join(" ")]
    }
}

/// One report: a method that lists rows.
#[derive(Serialize)]
struct Listed {
    name: &'static str,
    /// What it is about.
    subject: &'static str,
    /// How it is read whole.
    shape: &'static str,
    /// What it needs: a period, parameters.
    needs: Vec<&'static str>,
    /// What tells a row apart; without it rows are counted only.
    identity: Vec<&'static str>,
    columns: usize,
    /// Points for each page of up to 10,000 rows.
    cost: u32,
    brands: Vec<&'static str>,
}

impl Listed {
    fn new(subject: &'static str, method: &'static MethodInfo) -> Self {
        let own = ["access_token", "date_from", "date_till"];
        let required = method.params.iter().filter(|param| param.required && !own.contains(&param.name));
        let period = method.is_over_period().then_some("period");
        Self {
            name: method.name.strip_prefix("get.").unwrap_or(method.name),
            subject,
            shape: method.shape().as_str(),
            needs: period.into_iter().chain(required.map(|param| param.name)).collect(),
            identity: method.identity().map(FieldInfo::name).collect(),
            columns: method.fields.len(),
            cost: method.cost,
            brands: names(|brand| method.is_documented(brand)),
        }
    }

    fn cells(&self) -> Vec<String> {
        let all = self.brands.len() == Brand::ALL.len();
        let brands = if all { "all".to_owned() } else { self.brands.join(" ") };
        vec![
            format!("  {}", self.name),
            self.shape.to_owned(),
            self.needs.join(" "),
            self.identity.join(" "),
            self.columns.to_string(),
            self.cost.to_string(),
            brands,
        ]
    }
}

/// Prints the reports, by what they are about; of one brand, those that its pages list.
pub(crate) fn reports(json: bool, brand: Option<Brand>) -> Result<(), Failure> {
    let is_there = |method: &&MethodInfo| brand.is_none_or(|brand| method.is_documented(brand));
    let mut listed = Vec::new();
    for (subject, methods) in calllegs_reports::SUBJECTS {
        listed.extend(
            methods.iter().filter(|method| is_there(method)).map(|method| Listed::new(subject, method)),
        );
    }
    if json {
        listed.sort_by_key(|one| one.name);
        return stdout::print_json(&listed);
    }
    let header = [
        say!("report"),
        say!("shape"),
        say!("needs"),
        say!("identity"),
        say!("columns"),
        say!("points"),
        say!("brands"),
    ];
    let header = header.map(str::to_owned);
    let mut rows = table::Grid::new();
    for of_subject in listed.chunk_by(|one, other| one.subject == other.subject) {
        let heading = of_subject.first().map(|one| title(one.subject).to_owned());
        let blank = header.iter().skip(1).map(|_| String::new());
        rows.push(heading.into_iter().chain(blank).collect());
        rows.extend(of_subject.iter().map(Listed::cells));
    }
    table::print_wrapped(&header, rows)?;
    stdout::print(say!(
        "\nShapes: hops by time, windows by time, offset page by page, single in one answer. \
         Points are those of a page of up to 10,000 rows.\n\
         calllegs fields --report NAME lists the columns of one.\n"
    ))
}

/// A subject in words; one that nobody has translated is told as the spec has it.
fn title(subject: &'static str) -> &'static str {
    match subject {
        "account" => say!("Account"),
        "calls" => say!("Calls"),
        "calltracking" => say!("Call tracking"),
        "campaigns" => say!("Campaigns"),
        "chats" => say!("Chats"),
        "communications" => say!("Communications"),
        "contacts" => say!("Contacts"),
        "crm" => say!("CRM"),
        "deals" => say!("Deals"),
        "emails" => say!("Emails"),
        "employees" => say!("Employees"),
        "files" => say!("Files"),
        "numbers" => say!("Numbers"),
        "partners" => say!("Partners"),
        "persons" => say!("Persons"),
        "reports" => say!("Reports"),
        "sip" => say!("SIP"),
        "sites" => say!("Sites"),
        "sources" => say!("Sources"),
        "tags" => say!("Tags"),
        "visits" => say!("Visits"),
        other => other,
    }
}

/// Prints the fields; of one brand, those that its page lists. Of legs, unless a report is named.
pub(crate) fn fields(args: &FieldsArgs, brand: Option<Brand>) -> Result<(), Failure> {
    let method = args.report.as_deref().map_or(Ok(CallLegs::METHOD), listing::method)?;
    let json = args.json;
    let listed = method.fields.iter().filter(|field| brand.is_none_or(|brand| field.is_documented(brand)));
    let fields: Vec<_> = listed.map(|field| Field::new(field, brand)).collect();
    if json {
        return stdout::print_json(&fields);
    }
    let header = [
        say!("field"),
        say!("type"),
        say!("flags"),
        say!("brands"),
        say!("F filter, S sort, D in the default answer"),
    ];
    table::print_wrapped(&header.map(str::to_owned), fields.iter().map(Field::cells).collect())?;
    stdout::print(&format!("\n{}\n", lang::said(cli::CONDITIONS)))?;
    if method.name != CallLegs::METHOD.name {
        return Ok(());
    }
    let joined = With::ALL.into_iter().map(|with| {
        let names: Vec<_> = with::companion(with).columns().iter().map(Column::name).collect();
        format!("  {:<9} {}\n", with.as_str(), names.join(" "))
    });
    let joined: String = joined.collect();
    stdout::print(&say!(
        "\n--with adds columns, which `calllegs explain NAME` tells about:\n{joined}",
        joined
    ))
}

/// Prints the reasons; of one brand, those that its page lists.
pub(crate) fn reasons(json: bool, brand: Option<Brand>) -> Result<(), Failure> {
    let listed = FINISH_REASONS.iter().filter(|info| brand.is_none_or(|brand| info.is_documented(brand)));
    let reasons: Vec<_> = listed.map(Reason::new).collect();
    if json {
        return stdout::print_json(&reasons);
    }
    let header = [say!("reason"), say!("English"), say!("Russian"), say!("brands"), say!("also spelt")];
    table::print_wrapped(&header.map(str::to_owned), reasons.iter().map(Reason::cells).collect())
}

/// The names of the brands that fit.
pub(crate) fn names(fits: impl Fn(Brand) -> bool) -> Vec<&'static str> {
    Brand::ALL.iter().copied().filter(|brand| fits(*brand)).map(Brand::as_str).collect()
}

#[cfg(test)]
mod tests {
    use calllegs_core::filter::{Filter, Operator};

    use super::*;

    #[test]
    fn the_language_is_told_whole_and_its_examples_are_legal() {
        for operator in Operator::ALL {
            assert!(cli::CONDITIONS.contains(operator.as_str()), "{}", operator.as_str());
        }
        let examples: Vec<_> = cli::CONDITIONS
            .lines()
            .filter_map(|line| line.trim().strip_prefix("--where '")?.strip_suffix('\''))
            .collect();
        assert_eq!(examples.len(), 3);
        for example in examples {
            let filter = Filter::<CallLegs>::parse(example).unwrap();
            assert!(filter.doubts().is_empty(), "{example}");
            assert!(Brand::ALL.iter().all(|brand| filter.check(*brand).is_ok()), "{example}");
        }
        assert!(cli::CONDITIONS.lines().all(|line| line.chars().count() <= 80));
    }
}
