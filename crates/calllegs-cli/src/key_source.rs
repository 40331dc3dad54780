//! The words of a configuration for where a key is. Not here: how it is read there (`account::secrets`).

use crate::lang::{Text, text};

/// The word of a configuration for where a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// In the file of secrets, under the name of the profile.
    File(String),
    /// In a variable.
    Variable(String),
    /// On the standard output of a program.
    Command(Vec<String>),
}

impl KeySource {
    /// What may be written, for messages.
    pub(crate) const LEGAL: Text = text!("file, env:NAME or command:[\"PROGRAM\", \"ARGUMENT\"]");

    /// Reads it; `None` where it is none, or perhaps the key itself.
    pub(crate) fn read(text: &str, profile: &str) -> Option<Self> {
        if text == "file" {
            return Some(Self::File(profile.to_owned()));
        }
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "env" if !rest.trim().is_empty() => Some(Self::Variable(rest.trim().to_owned())),
            "command" => {
                let words: Vec<String> = serde_json::from_str(rest).ok()?;
                (!words.is_empty()).then_some(Self::Command(words))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_no_key() {
        let read = |text| KeySource::read(text, "acme");
        assert_eq!(read("file"), Some(KeySource::File("acme".to_owned())));
        assert_eq!(read("env:KEY"), Some(KeySource::Variable("KEY".to_owned())));
        let words = ["pass", "show", "uis/acme"].map(str::to_owned).to_vec();
        assert_eq!(read(r#"command:["pass","show","uis/acme"]"#), Some(KeySource::Command(words)));
        for text in ["", "env:", "command:", "command:[]", "command:pass show", "f1l3k3y0000000000000"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
