//! What the spec document says, checked: names are legal, references exist, nothing is said twice.

mod columns;
mod fields;
mod identity;

use std::collections::BTreeMap;

pub(crate) use columns::{Column, ColumnKind};
pub(crate) use fields::{Field, TimeForm};

use super::spec::{self, Complaint, Position, Statement, Word};

/// The whole document.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) brands: Vec<Brand>,
    pub(crate) ids: Vec<IdType>,
    pub(crate) enums: Vec<Enum>,
    pub(crate) errors: Vec<ErrorLine>,
    pub(crate) operators: Vec<Operator>,
    pub(crate) methods: Vec<Method>,
    /// Words of the pages for kinds that have another one here.
    pub(crate) kind_words: Vec<(String, Kind)>,
    /// Differences of a page that quirks explain.
    pub(crate) explained: Vec<Explained>,
}

/// The crate that has the tables of a method or a type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Home {
    #[default]
    Core,
    Reports,
}

/// A platform. Brands with a `table` have no pages of their own.
#[derive(Debug)]
pub(crate) struct Brand {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) table: Option<String>,
}

#[derive(Debug)]
pub(crate) struct IdType {
    pub(crate) home: Home,
    pub(crate) name: String,
    pub(crate) doc: String,
}

#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) home: Home,
    pub(crate) name: String,
    pub(crate) doc: String,
    /// The name of the table of labels, for words with a table of their own.
    pub(crate) labels: Option<String>,
    pub(crate) values: Vec<EnumValue>,
}

#[derive(Debug)]
pub(crate) struct EnumValue {
    pub(crate) word: String,
    pub(crate) variant: String,
    pub(crate) doc: String,
    pub(crate) labels: Option<Labels>,
    pub(crate) brands: Vec<String>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) notes: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Labels {
    pub(crate) ru: String,
    pub(crate) en: String,
}

/// Another spelling; `brand` is the one whose page has it, all when `None`.
#[derive(Debug)]
pub(crate) struct Alias {
    pub(crate) spelling: String,
    pub(crate) brand: Option<String>,
}

#[derive(Debug)]
pub(crate) struct ErrorLine {
    pub(crate) mnemonic: String,
    pub(crate) code: i32,
    pub(crate) message: String,
    /// The variant of `Retryability`.
    pub(crate) retry: &'static str,
    /// The verbs that answer so; all when empty.
    pub(crate) verbs: Vec<String>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) notes: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Operator {
    pub(crate) word: String,
    pub(crate) name: String,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) takes_null: bool,
    pub(crate) brands: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) home: Home,
    pub(crate) name: String,
    pub(crate) summary: String,
    /// What it is about, for lists of methods.
    pub(crate) subject: String,
    /// The brands whose pages list it.
    pub(crate) brands: Vec<String>,
    /// The columns of marks that its pages have.
    pub(crate) marks: Flags,
    /// Where a brand's page has others.
    pub(crate) other_marks: BTreeMap<String, Flags>,
    pub(crate) cost: u32,
    /// The variant of `Audience`.
    pub(crate) audience: &'static str,
    pub(crate) listing: Option<ListingNames>,
    pub(crate) params: Vec<Param>,
    pub(crate) fields: Vec<Field>,
    /// The fields that tell rows apart, where a line says so.
    pub(crate) identity: Option<Vec<Word>>,
    /// The field that places rows in the period, and the field of the call.
    pub(crate) order: Vec<Word>,
    /// In the order in which files have them; none when no file holds these rows.
    pub(crate) columns: Vec<Column>,
    pub(crate) notes: Vec<String>,
}

impl Method {
    /// The name of its generated module.
    pub(crate) fn module(&self) -> String {
        let object = self.name.split_once('.').map_or(&*self.name, |(_, object)| object);
        match (&self.listing, self.home) {
            (Some(_), Home::Core) => object.strip_suffix("_report").unwrap_or(object).to_owned(),
            (Some(_), Home::Reports) => object.to_owned(),
            (None, _) => self.name.replace('.', "_"),
        }
    }

    /// Whether its answer has pages.
    pub(crate) fn has_pages(&self) -> bool {
        ["limit", "offset"].iter().all(|name| self.params.iter().any(|param| param.name == *name))
    }

    /// The columns of marks on the page of a brand.
    pub(crate) fn marks_on(&self, table: &str) -> Flags {
        self.other_marks.get(table).copied().unwrap_or(self.marks)
    }

    /// All fields in documented order, also those that are part of others, with their paths.
    pub(crate) fn all_fields(&self) -> Vec<(String, &Field)> {
        let mut all = Vec::new();
        fields::flatten(&mut all, "", &self.fields);
        all.sort_by_key(|(_, field)| field.at);
        all
    }

    /// Whether it is over a period.
    pub(crate) fn is_report(&self) -> bool {
        ["date_from", "date_till"]
            .iter()
            .all(|date| self.params.iter().any(|p| p.required && p.name == *date))
    }
}

/// The Rust names of a method that answers with rows.
#[derive(Debug)]
pub(crate) struct ListingNames {
    pub(crate) name: String,
    pub(crate) row: String,
    pub(crate) each: String,
}

#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    /// The parameter that it is part of.
    pub(crate) part_of: Option<String>,
    pub(crate) exceptions: Exceptions,
}

/// What differs on the pages of single brands.
pub(crate) type Exceptions = BTreeMap<String, Exception>;

#[derive(Debug)]
pub(crate) enum Exception {
    Absent,
    Other { kind: Option<Kind>, flags: Option<Flags> },
}

/// A difference that the page of a brand is known to have.
#[derive(Debug)]
pub(crate) struct Explained {
    pub(crate) brand: String,
    /// The kind of difference, as `spec import` prints it.
    pub(crate) difference: String,
    pub(crate) method: Option<String>,
    pub(crate) name: String,
    /// Only of the file of facts, which was read off the page by somebody else.
    pub(crate) facts: bool,
    pub(crate) reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Array,
    Boolean,
    Enum,
    Id,
    Iso8601,
    Number,
    Object,
    String,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Array,
        Self::Boolean,
        Self::Enum,
        Self::Id,
        Self::Iso8601,
        Self::Number,
        Self::Object,
        Self::String,
    ];

    /// The documentation's word, which is the variant's name in lower case.
    pub(crate) fn word(self) -> String {
        self.variant().to_ascii_lowercase()
    }

    /// The variant of `Kind` in the core.
    pub(crate) fn variant(self) -> String {
        format!("{self:?}")
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    pub(crate) filter: bool,
    pub(crate) sort: bool,
    pub(crate) default: bool,
}

/// Reads the document.
#[cfg(test)]
pub(crate) fn read(text: &str) -> Result<Model, Complaint> {
    let mut model = Model::default();
    extend(&mut model, text, Home::Core)?;
    Ok(model)
}

/// Reads a further document, whose methods and types are at home there. It names types of itself and of those before.
pub(crate) fn extend(model: &mut Model, text: &str, home: Home) -> Result<(), Complaint> {
    let known = model.methods.len();
    let mut reader = Reader { model: std::mem::take(model), home, exceptions: Owner::Nothing };
    for statement in spec::parse(text)? {
        reader.statement(statement)?;
    }
    reader.check(known)?;
    *model = reader.model;
    Ok(())
}

/// What an `on` line would belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Nothing,
    Method,
    Param,
    /// The one of that line.
    Field(Position),
}

struct Reader {
    model: Model,
    home: Home,
    exceptions: Owner,
}

impl Reader {
    fn statement(&mut self, statement: Statement) -> Result<(), Complaint> {
        let keyword = statement.keyword.clone();
        let owner = std::mem::replace(&mut self.exceptions, Owner::Nothing);
        match &*keyword.text {
            "brand" => self.brand(statement),
            "id" => self.id(statement),
            "enum" => self.enumeration(statement),
            "value" => self.value(statement),
            "error" => self.error(statement),
            "operator" => self.operator(statement),
            "method" => self.method(statement),
            "param" => self.param(statement),
            "field" => self.field(statement),
            "on" => self.on(statement, owner),
            "identity" => self.identity(statement),
            "order" => self.order(statement),
            "column" => self.column(statement),
            other => Err(keyword.at.complain(format!("no statement begins with `{other}`"))),
        }
    }

    fn brand(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let name = snake(&statement.word("a name")?)?;
        let table = statement.attribute("table");
        if let Some(table) = &table {
            self.own_page(table)?;
        }
        fresh(statement.keyword.at, &name, self.model.brands.iter().map(|brand| &brand.name))?;
        let brand = Brand { name, table: table.map(|table| table.text), url: statement.description()? };
        self.model.brands.push(brand);
        statement.finish()
    }

    fn id(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let name = camel(&statement.word("a name")?)?;
        fresh(statement.keyword.at, &name, self.types())?;
        let doc = sentence(&mut statement)?;
        self.model.ids.push(IdType { home: self.home, name, doc });
        statement.finish()
    }

    fn enumeration(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let name = camel(&statement.word("a name")?)?;
        fresh(statement.keyword.at, &name, self.types())?;
        let labels = statement.attribute("labels").map(|labels| labels.text);
        let doc = sentence(&mut statement)?;
        self.model.enums.push(Enum { home: self.home, name, doc, labels, values: Vec::new() });
        statement.finish()
    }

    fn value(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let at = statement.keyword.at;
        let word = statement.word("a word")?;
        let variant = match statement.attribute("variant") {
            Some(variant) => camel(&variant)?,
            None => variant_of(&word)?,
        };
        let word = word.text;
        let brands = self.brands_of(&mut statement)?;
        let home = self.home;
        let Some(parent) = self.model.enums.last_mut() else {
            return Err(at.complain("no enum stands above this value"));
        };
        let known = parent.values.iter().flat_map(EnumValue::spellings);
        fresh(at, &word, known)?;
        let (labels, doc) = if parent.labels.is_some() {
            let labels = Labels { ru: statement.required("ru")?.text, en: statement.required("en")?.text };
            let doc = format!("{}.", labels.en.trim_end_matches('.'));
            (Some(labels), doc)
        } else {
            (None, sentence_in(home, &mut statement)?)
        };
        fresh(at, &variant, parent.values.iter().map(|value| &value.variant))?;
        let (aliases, notes) = (Vec::new(), Vec::new());
        parent.values.push(EnumValue { word, variant, doc, labels, brands, aliases, notes });
        statement.finish()
    }

    fn error(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let mnemonic = snake(&statement.word("a mnemonic")?)?;
        fresh(statement.keyword.at, &mnemonic, self.model.errors.iter().map(|error| &error.mnemonic))?;
        let code = number(&statement.word("a code")?)?;
        let retry = statement.required("retry")?;
        let retry = one_of(
            &retry,
            &[
                ("after_login", "AfterLogin"),
                ("at_reset", "AtReset"),
                ("if_idempotent", "IfIdempotent"),
                ("never", "Never"),
            ],
        )?;
        let verbs =
            statement.list("verbs").unwrap_or_default().iter().map(snake).collect::<Result<_, _>>()?;
        let message = statement.description()?;
        let (aliases, notes) = (Vec::new(), Vec::new());
        self.model.errors.push(ErrorLine { mnemonic, code, message, retry, verbs, aliases, notes });
        statement.finish()
    }

    fn operator(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let at = statement.keyword.at;
        let word = statement.word("the wire's word")?.text;
        let name = camel(&statement.word("a name")?)?;
        fresh(at, &word, self.model.operators.iter().map(|operator| &operator.word))?;
        fresh(at, &name, self.model.operators.iter().map(|operator| &operator.name))?;
        let brands = self.brands_of(&mut statement)?;
        let Some(kinds) = statement.list("kinds") else {
            return Err(at.complain("`operator` needs kinds="));
        };
        let kinds = kinds.iter().map(kind).collect::<Result<_, _>>()?;
        let takes_null = statement.flag("null");
        self.model.operators.push(Operator { word, name, kinds, takes_null, brands });
        statement.finish()
    }

    fn method(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let name = statement.word("a name")?;
        let Some((verb, object)) = name.text.split_once('.') else {
            return Err(name.at.complain("a method is named `verb.object`"));
        };
        for part in [verb, object] {
            snake(&Word { text: part.to_owned(), at: name.at })?;
        }
        fresh(name.at, &name.text, self.model.methods.iter().map(|method| &method.name))?;
        let listing = match (verb == "get", statement.attribute("listing")) {
            (true, None) => return Err(name.at.complain("a `get` method needs listing=, row= and each=")),
            (false, Some(listing)) => return Err(listing.at.complain("only `get` methods answer with rows")),
            (false, None) => None,
            (true, Some(listing)) => {
                let row = statement.required("row")?;
                // Types beside each other in the root of the core; elsewhere each report has a module of its own.
                let beside = |method: &&Method| method.home == Home::Core && self.home == Home::Core;
                let known =
                    self.model.methods.iter().filter(beside).filter_map(|method| method.listing.as_ref());
                let mut types: Vec<_> = known.flat_map(|known| [&known.name, &known.row]).collect();
                fresh(listing.at, &listing.text, types.iter().copied())?;
                types.push(&listing.text);
                fresh(row.at, &row.text, types.iter().copied())?;
                Some(ListingNames {
                    name: camel(&listing)?,
                    row: camel(&row)?,
                    each: statement.required("each")?.text,
                })
            }
        };
        let audience = statement.required("audience")?;
        let audience =
            one_of(&audience, &[("client", "Client"), ("everybody", "Everybody"), ("partner", "Partner")])?;
        let marks = statement.list("marks").map(|words| flags(&words)).transpose()?;
        let subject = statement.attribute("subject").map(|subject| subject.text).unwrap_or_default();
        self.exceptions = Owner::Method;
        self.model.methods.push(Method {
            home: self.home,
            brands: self.brands_of(&mut statement)?,
            subject,
            marks: marks.unwrap_or(Flags { filter: true, sort: true, default: true }),
            other_marks: BTreeMap::new(),
            name: name.text,
            cost: number(&statement.required("cost")?)?,
            audience,
            listing,
            summary: statement.description()?,
            params: Vec::new(),
            fields: Vec::new(),
            identity: None,
            order: Vec::new(),
            columns: Vec::new(),
            notes: Vec::new(),
        });
        statement.finish()
    }

    fn param(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let at = statement.keyword.at;
        let Some(method) = self.model.methods.last_mut() else {
            return Err(at.complain("no method stands above this param"));
        };
        let name = snake(&statement.word("a name")?)?;
        let part_of = statement.attribute("in").map(|parent| parent.text);
        if let Some(parent) = &part_of
            && !method.params.iter().any(|param| param.name == *parent)
        {
            return Err(at.complain(format!("no param `{parent}` stands above")));
        }
        let beside = method.params.iter().filter(|param| param.part_of == part_of);
        fresh(at, &name, beside.map(|param| &param.name))?;
        let kind = kind(&statement.word("a kind")?)?;
        let required = statement.flag("required");
        method.params.push(Param { name, kind, required, part_of, exceptions: Exceptions::new() });
        self.exceptions = Owner::Param;
        statement.finish()
    }

    fn on(&mut self, mut statement: Statement, owner: Owner) -> Result<(), Complaint> {
        let at = statement.keyword.at;
        let brand = statement.word("a brand")?;
        self.own_page(&brand)?;
        if let Some(marks) = statement.list("marks") {
            let Some(method) = self.model.methods.last_mut().filter(|_| owner == Owner::Method) else {
                return Err(at.complain("marks= is said of a method, on the lines below it"));
            };
            method.other_marks.insert(brand.text, flags(&marks)?);
            self.exceptions = owner;
            return statement.finish();
        }
        let absent = statement.flag("absent");
        let kind = statement.attribute("type").map(|word| kind(&word)).transpose()?;
        let flags = statement.list("flags").map(|words| flags(&words)).transpose()?;
        let exception = match (absent, kind, flags) {
            (true, None, None) => Exception::Absent,
            (false, None, None) => {
                return Err(at.complain("nothing differs here: say absent, type= or flags="));
            }
            (false, kind, flags) => Exception::Other { kind, flags },
            (true, ..) => return Err(at.complain("what is absent has no type and no flags")),
        };
        let method = self.model.methods.last_mut();
        let exceptions = match owner {
            Owner::Nothing | Owner::Method => None,
            Owner::Param => {
                method.and_then(|method| method.params.last_mut()).map(|param| &mut param.exceptions)
            }
            Owner::Field(line) => method
                .and_then(|method| fields::at(&mut method.fields, line))
                .map(|field| &mut field.exceptions),
        };
        let Some(exceptions) = exceptions else {
            return Err(at.complain("no param or field stands above this line"));
        };
        if exceptions.insert(brand.text.clone(), exception).is_some() {
            return Err(brand.at.complain(format!("a second line on `{}`", brand.text)));
        }
        self.exceptions = owner;
        statement.finish()
    }

    /// The brands of an item: those listed, or all that have pages.
    fn brands_of(&self, statement: &mut Statement) -> Result<Vec<String>, Complaint> {
        let Some(listed) = statement.list("brands") else {
            return Ok(self.tables().map(str::to_owned).collect());
        };
        for brand in &listed {
            self.own_page(brand)?;
        }
        Ok(listed.into_iter().map(|brand| brand.text).collect())
    }

    fn tables(&self) -> impl Iterator<Item = &str> {
        self.model.tables()
    }

    fn own_page(&self, brand: &Word) -> Result<(), Complaint> {
        if self.tables().any(|table| table == brand.text) {
            return Ok(());
        }
        Err(brand.at.complain(format!("no brand `{}` with pages of its own stands above", brand.text)))
    }

    fn types(&self) -> impl Iterator<Item = &String> {
        let enums = self.model.enums.iter().map(|declared| &declared.name);
        self.model.ids.iter().map(|declared| &declared.name).chain(enums)
    }

    /// What a document says of its own methods is true of all that it says.
    fn check(&self, known: usize) -> Result<(), Complaint> {
        let methods = || self.model.methods.iter().skip(known);
        for (_, field) in methods().flat_map(Method::all_fields) {
            let Some(of) = &field.of else { continue };
            let declared = match field.kind {
                Kind::Enum => self.model.enums.iter().any(|declared| declared.name == of.text),
                Kind::Id | Kind::Number => self.model.ids.iter().any(|declared| declared.name == of.text),
                Kind::Array | Kind::Boolean | Kind::Iso8601 | Kind::Object | Kind::String => false,
            };
            if !declared {
                let message = format!("`{}` is no type for a field of kind `{}`", of.text, field.kind.word());
                return Err(of.at.complain(message));
            }
        }
        methods().try_for_each(identity::check)?;
        methods().try_for_each(columns::check)
    }
}

impl Model {
    /// The brands with pages of their own.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &str> {
        self.brands.iter().filter(|brand| brand.table.is_none()).map(|brand| &*brand.name)
    }

    /// Whose pages a brand goes by.
    pub(crate) fn table_of(&self, brand: &str) -> Option<&str> {
        let brand = self.brands.iter().find(|known| known.name == brand)?;
        Some(brand.table.as_deref().unwrap_or(&brand.name))
    }

    pub(crate) fn method(&self, name: &str) -> Option<&Method> {
        self.methods.iter().find(|method| method.name == name)
    }

    /// The kind that a page means by a word.
    pub(crate) fn kind_of(&self, word: &str) -> Option<Kind> {
        let other = || self.kind_words.iter().find(|(known, _)| known == word).map(|(_, kind)| *kind);
        Kind::from_word(word).or_else(other)
    }

    /// The enum that a field takes its words from.
    pub(crate) fn words_of(&self, field: &Field) -> Option<&Enum> {
        let of = field.of.as_ref().filter(|_| field.kind == Kind::Enum)?;
        self.enums.iter().find(|declared| declared.name == of.text)
    }
}

impl EnumValue {
    /// The word and its aliases.
    pub(crate) fn spellings(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.word).chain(self.aliases.iter().map(|alias| &alias.spelling))
    }
}

impl ErrorLine {
    /// The mnemonic and its aliases.
    pub(crate) fn spellings(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.mnemonic).chain(self.aliases.iter().map(|alias| &alias.spelling))
    }
}

/// `operator_busy` -> `OperatorBusy`: the variant of a word.
pub(crate) fn variant(word: &str) -> String {
    let mut variant = String::new();
    for part in word.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = part.chars();
        variant.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        variant.extend(letters);
    }
    variant
}

fn fresh<'a>(at: Position, name: &str, mut known: impl Iterator<Item = &'a String>) -> Result<(), Complaint> {
    if known.any(|other| other == name) { Err(at.complain(format!("a second `{name}`"))) } else { Ok(()) }
}

fn snake(word: &Word) -> Result<String, Complaint> {
    let mut letters = word.text.chars();
    let legal = letters.next().is_some_and(|c| c.is_ascii_lowercase())
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if legal { Ok(word.text.clone()) } else { Err(word.at.complain("expected a lower_case name")) }
}

/// The variant of a word, if its letters make one.
fn variant_of(word: &Word) -> Result<String, Complaint> {
    let variant = variant(&word.text);
    if variant == "Self" {
        return Err(word.at.complain("`Self` cannot name a variant"));
    }
    if !variant.starts_with(|c: char| c.is_ascii_uppercase()) {
        return Err(word.at.complain("no variant can have this name: say variant="));
    }
    Ok(variant)
}

fn camel(word: &Word) -> Result<String, Complaint> {
    let mut letters = word.text.chars();
    let legal =
        letters.next().is_some_and(|c| c.is_ascii_uppercase()) && letters.all(|c| c.is_ascii_alphanumeric());
    if legal { Ok(word.text.clone()) } else { Err(word.at.complain("expected a CamelCase name")) }
}

fn kind(word: &Word) -> Result<Kind, Complaint> {
    Kind::from_word(&word.text).ok_or_else(|| word.at.complain(format!("`{}` is no kind", word.text)))
}

fn flags(words: &[Word]) -> Result<Flags, Complaint> {
    let mut flags = Flags::default();
    for word in words {
        match &*word.text {
            "filter" => flags.filter = true,
            "sort" => flags.sort = true,
            "default" => flags.default = true,
            "none" if words.len() == 1 => {}
            other => return Err(word.at.complain(format!("`{other}` is no flag"))),
        }
    }
    Ok(flags)
}

fn number<T: std::str::FromStr>(word: &Word) -> Result<T, Complaint> {
    word.text.parse().map_err(|_| word.at.complain("expected a number"))
}

fn one_of<T: Copy>(word: &Word, choices: &[(&str, T)]) -> Result<T, Complaint> {
    let chosen = choices.iter().find(|(name, _)| *name == word.text).map(|(_, chosen)| *chosen);
    chosen.ok_or_else(|| {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        word.at.complain(format!("`{}` is none of {}", word.text, names.join(", ")))
    })
}

fn sentence(statement: &mut Statement) -> Result<String, Complaint> {
    let at = statement.keyword.at;
    let text = statement.description()?;
    if text.ends_with('.') { Ok(text) } else { Err(at.complain("the description must end with a full stop")) }
}

/// A description, which only what is at home in the core must have.
fn sentence_in(home: Home, statement: &mut Statement) -> Result<String, Complaint> {
    if home == Home::Reports && !statement.is_described() {
        return Ok(String::new());
    }
    sentence(statement)
}

#[cfg(test)]
mod tests;
