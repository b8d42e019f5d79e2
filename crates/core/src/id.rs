//! Names of things: one type per kind of thing, so that a device is never mistaken for a person.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest id we accept, in bytes. Alexa's user and device ids are about 200 characters long.
pub const MAX_ID_BYTES: usize = 512;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("an id may not be empty")]
    Empty,
    #[error("an id may have at most {MAX_ID_BYTES} bytes, this one has {0}")]
    TooLong(usize),
    #[error("an id may not hold control characters")]
    Control,
}

fn check(text: &str) -> Result<(), IdError> {
    match text {
        "" => Err(IdError::Empty),
        _ if text.len() > MAX_ID_BYTES => Err(IdError::TooLong(text.len())),
        _ if text.chars().any(char::is_control) => Err(IdError::Control),
        _ => Ok(()),
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                check(&text).map(|()| Self(text))
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::try_from(text.to_owned())
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// People who live together, with their devices.
    HouseholdId
    /// Someone who speaks.
    PersonId
    /// Something to speak to: a page, an Echo, a satellite, a phone.
    DeviceId
    /// An entry in a household's address book.
    ContactId
    RoomId
    GroupId
    CallId
    ThreadId
    PostId
    /// One turn. Alexa's `requestId`; a device's `command_id`.
    RequestId
    /// The long-running state of one person or device.
    ConversationId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_visible_text() {
        assert!("kitchen".parse::<DeviceId>().is_ok());
        assert_eq!("".parse::<DeviceId>(), Err(IdError::Empty));
        assert_eq!("a\nb".parse::<DeviceId>(), Err(IdError::Control));
        assert_eq!("x".repeat(513).parse::<DeviceId>(), Err(IdError::TooLong(513)));
    }
}
