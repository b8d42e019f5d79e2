//! Variants of one thing to say.

use std::fmt;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

/// One authored variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: String,
    /// What the said-ledger keeps of it. The template counts, not what it became: a sentence with
    /// another name in it is still the same sentence.
    pub(crate) key: u32,
}

/// One or more variants; in a file either a text or a list of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lines(pub(crate) Vec<Line>);

impl Line {
    pub(crate) fn new(text: &str) -> Self {
        // FNV-1a folded to the 24 bits that the ledger has room for.
        let hash = text
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193));
        Self { text: text.to_owned(), key: (hash ^ (hash >> 24)) & 0x00ff_ffff }
    }
}

impl Lines {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn asks(&self) -> bool {
        self.0.iter().any(|line| line.text.contains('?'))
    }
}

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Lines;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts (quote words like yes, no and on)")
            }
            fn visit_str<E>(self, text: &str) -> Result<Lines, E> {
                Ok(Lines(vec![Line::new(text)]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Lines, A::Error> {
                let mut lines = Vec::new();
                while let Some(text) = seq.next_element::<String>()? {
                    lines.push(Line::new(&text));
                }
                Ok(Lines(lines))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

/// What editors are told about lines.
#[cfg(test)]
impl schemars::JsonSchema for Lines {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Lines".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A text or a list of texts. Quote yes, no, on and off.",
            "anyOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" } },
            ],
        })
    }
}
