//! What the spec document says, checked: names are legal, references exist, nothing is said twice.

mod columns;

use std::collections::BTreeMap;

pub(crate) use columns::{Column, ColumnKind};

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
    /// Differences of a page that quirks explain.
    pub(crate) explained: Vec<Explained>,
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
    pub(crate) name: String,
    pub(crate) doc: String,
}

#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) name: String,
    pub(crate) doc: String,
    /// The name of the table of labels, for words with a table of their own.
    pub(crate) labels: Option<String>,
    pub(crate) values: Vec<EnumValue>,
}

#[derive(Debug)]
pub(crate) struct EnumValue {
    pub(crate) word: String,
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
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) cost: u32,
    /// The variant of `Audience`.
    pub(crate) audience: &'static str,
    pub(crate) listing: Option<ListingNames>,
    pub(crate) params: Vec<Param>,
    pub(crate) fields: Vec<Field>,
    /// In the order in which files have them; none when no file holds these rows.
    pub(crate) columns: Vec<Column>,
    pub(crate) notes: Vec<String>,
}

impl Method {
    /// The name of its generated module.
    pub(crate) fn module(&self) -> String {
        match &self.listing {
            Some(_) => {
                let object = self.name.split_once('.').map_or(&*self.name, |(_, object)| object);
                object.strip_suffix("_report").unwrap_or(object).to_owned()
            }
            None => self.name.replace('.', "_"),
        }
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
    pub(crate) exceptions: Exceptions,
}

#[derive(Debug)]
pub(crate) struct Field {
    /// Where the document says it.
    pub(crate) at: Position,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// The declared type of its values.
    pub(crate) of: Option<Word>,
    /// The type of its column, where the kind does not decide it.
    pub(crate) column: Option<ColumnKind>,
    pub(crate) flags: Flags,
    pub(crate) deprecated: bool,
    pub(crate) doc: String,
    pub(crate) exceptions: Exceptions,
    pub(crate) notes: Vec<String>,
}

impl Field {
    /// Its kind and flags on the page of a brand, if it is there.
    pub(crate) fn on(&self, table: &str) -> Option<(Kind, Flags)> {
        match self.exceptions.get(table) {
            None => Some((self.kind, self.flags)),
            Some(Exception::Absent) => None,
            Some(Exception::Other { kind, flags }) => {
                Some((kind.unwrap_or(self.kind), flags.unwrap_or(self.flags)))
            }
        }
    }
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
pub(crate) fn read(text: &str) -> Result<Model, Complaint> {
    let mut reader = Reader { model: Model::default(), exceptions: Owner::Nothing };
    for statement in spec::parse(text)? {
        reader.statement(statement)?;
    }
    reader.check_references()?;
    Ok(reader.model)
}

/// What an `on` line would belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Nothing,
    Param,
    Field,
}

struct Reader {
    model: Model,
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
        self.model.ids.push(IdType { name, doc });
        statement.finish()
    }

    fn enumeration(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let name = camel(&statement.word("a name")?)?;
        fresh(statement.keyword.at, &name, self.types())?;
        let labels = statement.attribute("labels").map(|labels| labels.text);
        let doc = sentence(&mut statement)?;
        self.model.enums.push(Enum { name, doc, labels, values: Vec::new() });
        statement.finish()
    }

    fn value(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let at = statement.keyword.at;
        let word = word(&statement.word("a word")?)?;
        let brands = self.brands_of(&mut statement)?;
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
            (None, sentence(&mut statement)?)
        };
        parent.values.push(EnumValue { word, doc, labels, brands, aliases: Vec::new(), notes: Vec::new() });
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
                // Types beside each other in the crate's root.
                let known = self.model.methods.iter().filter_map(|method| method.listing.as_ref());
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
        self.model.methods.push(Method {
            name: name.text,
            cost: number(&statement.required("cost")?)?,
            audience,
            listing,
            summary: statement.description()?,
            params: Vec::new(),
            fields: Vec::new(),
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
        fresh(at, &name, method.params.iter().map(|param| &param.name))?;
        let kind = kind(&statement.word("a kind")?)?;
        let required = statement.flag("required");
        method.params.push(Param { name, kind, required, exceptions: Exceptions::new() });
        self.exceptions = Owner::Param;
        statement.finish()
    }

    fn field(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let at = statement.keyword.at;
        let Some(method) = self.model.methods.last_mut() else {
            return Err(at.complain("no method stands above this field"));
        };
        let name = statement.word("a name")?;
        if KEYWORDS.contains(&&*name.text) {
            return Err(name.at.complain("a Rust keyword cannot name a field of a record"));
        }
        let name = snake(&name)?;
        fresh(at, &name, method.fields.iter().map(|field| &field.name))?;
        let kind_word = statement.word("a kind")?;
        let kind = kind(&kind_word)?;
        let of = statement.attribute("as");
        if method.listing.is_some() {
            if matches!(kind, Kind::Enum | Kind::Id) && of.is_none() {
                return Err(kind_word.at.complain(format!("a field of kind `{}` needs as=", kind.word())));
            }
            if kind == Kind::Object {
                return Err(kind_word.at.complain("records have no type for objects yet"));
            }
        }
        let column = columns::of_field(&mut statement, kind, of.as_ref())?;
        let (filter, sort) = (statement.flag("filter"), statement.flag("sort"));
        let flags = Flags { filter, sort, default: statement.flag("default") };
        let deprecated = statement.flag("deprecated");
        let doc = sentence(&mut statement)?;
        let (exceptions, notes) = (Exceptions::new(), Vec::new());
        method.fields.push(Field { at, name, kind, of, column, flags, deprecated, doc, exceptions, notes });
        self.exceptions = Owner::Field;
        statement.finish()
    }

    fn on(&mut self, mut statement: Statement, owner: Owner) -> Result<(), Complaint> {
        let at = statement.keyword.at;
        let brand = statement.word("a brand")?;
        self.own_page(&brand)?;
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
            Owner::Nothing => None,
            Owner::Param => {
                method.and_then(|method| method.params.last_mut()).map(|param| &mut param.exceptions)
            }
            Owner::Field => {
                method.and_then(|method| method.fields.last_mut()).map(|field| &mut field.exceptions)
            }
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

    fn check_references(&self) -> Result<(), Complaint> {
        for field in self.model.methods.iter().flat_map(|method| &method.fields) {
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
        self.model.methods.iter().try_for_each(columns::check)
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
    for part in word.split('_') {
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

/// A word of an enum: it becomes a variant, so it begins with a letter.
fn word(word: &Word) -> Result<String, Complaint> {
    let name = snake(word)?;
    if name == "self" { Err(word.at.complain("`Self` cannot name a variant")) } else { Ok(name) }
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

/// Names that a record's field cannot have.
const KEYWORDS: [&str; 39] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "extra", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static", "struct", "trait", "type",
    "use", "where",
];

#[cfg(test)]
mod tests;
