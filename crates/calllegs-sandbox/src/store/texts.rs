//! Texts of a store, each once, in one allocation.

use std::{collections::HashMap, num::NonZeroU32};

/// A text of one store; its number, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TextId(NonZeroU32);

#[derive(Debug, Default)]
pub(crate) struct Texts {
    bytes: String,
    spans: Vec<Span>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    length: u32,
    /// JSON writes it as it is.
    plain: bool,
}

impl Texts {
    pub(crate) fn get(&self, id: TextId) -> &str {
        let text =
            self.span(id).and_then(|span| self.bytes.get(span.start..span.start + span.length as usize));
        debug_assert!(text.is_some(), "a text of another store");
        text.unwrap_or_default()
    }

    pub(crate) fn is_plain(&self, id: TextId) -> bool {
        self.span(id).is_some_and(|span| span.plain)
    }

    fn span(&self, id: TextId) -> Option<&Span> {
        self.spans.get(id.0.get() as usize - 1)
    }
}

/// Finds a text that is there already. The map goes when the store is finished.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    texts: Texts,
    known: HashMap<Box<str>, TextId>,
}

impl Interner {
    pub(crate) fn intern(&mut self, text: &str) -> TextId {
        if let Some(id) = self.known.get(text) {
            return *id;
        }
        let id = self.append(text);
        self.known.insert(text.into(), id);
        id
    }

    pub(crate) fn append(&mut self, text: &str) -> TextId {
        let texts = &mut self.texts;
        texts.spans.push(Span {
            start: texts.bytes.len(),
            // A text of 4 GiB does not fit a line that anybody could have read.
            length: u32::try_from(text.len()).unwrap_or_default(),
            plain: !text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\'),
        });
        texts.bytes.push_str(text);
        let number = u32::try_from(texts.spans.len()).ok().and_then(NonZeroU32::new);
        debug_assert!(number.is_some(), "more texts than 32 bits number");
        TextId(number.unwrap_or(NonZeroU32::MAX))
    }

    pub(crate) fn get(&self, id: TextId) -> &str {
        self.texts.get(id)
    }

    pub(crate) fn finish(mut self) -> Texts {
        self.texts.bytes.shrink_to_fit();
        self.texts.spans.shrink_to_fit();
        self.texts
    }
}
