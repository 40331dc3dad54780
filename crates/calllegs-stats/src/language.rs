//! In which language something is said.

/// A language of reports and explanations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "every text has all of them")]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Russian.
    Russian,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::English, Self::Russian];

    /// The name, as a flag spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Russian => "ru",
        }
    }
}

/// One text in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Both {
    pub(crate) english: &'static str,
    pub(crate) russian: &'static str,
}

impl Both {
    pub(crate) const fn new(english: &'static str, russian: &'static str) -> Self {
        Self { english, russian }
    }

    pub(crate) const fn text(self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::Russian => self.russian,
        }
    }
}
