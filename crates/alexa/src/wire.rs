//! How this crate reads JSON that does not keep to its own documentation.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

/// A text, borrowed from the wire unless it holds escapes.
#[derive(Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// A value, or its default where the wire has `null`.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Structs off the wire: unknown fields are ignored, missing and `null` fields take their default.
macro_rules! tolerant {
    ($($(#[$doc:meta])* $name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, serde::Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name {
            $($(#[$meta])* #[serde(deserialize_with = "crate::wire::or_default")] pub $field: $type,)*
        }
    )*};
}

/// Words off the wire: a word we do not know is kept, because Amazon adds words.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        #[serde(into = "String")]
        pub enum $name {
            $($variant,)*
            /// A word this crate does not know.
            Other(String),
        }
        impl $name {
            /// As it stands on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }
        impl From<std::borrow::Cow<'_, str>> for $name {
            fn from(text: std::borrow::Cow<'_, str>) -> Self {
                match text.as_ref() {
                    $($text => Self::$variant,)*
                    _ => Self::Other(text.into_owned()),
                }
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let crate::wire::Text(text) = serde::Deserialize::deserialize(deserializer)?;
                Ok(text.into())
            }
        }
        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.as_str().to_owned()
            }
        }
    )*};
}

pub(crate) use {tolerant, words};
