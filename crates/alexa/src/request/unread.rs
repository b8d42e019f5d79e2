//! JSON that is kept until somebody asks.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// JSON as it came. What a skill rarely looks at costs a copy of its text, and is parsed by whoever looks.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Unread(Box<RawValue>);

impl Unread {
    /// The text as Amazon sent it: well-formed JSON.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// What it says; `None` if it is nested too deeply, or holds a number or an escape that nothing can mean.
    #[must_use]
    pub fn read(&self) -> Option<Value> {
        serde_json::from_str(self.as_str()).ok()
    }
}

impl PartialEq for Unread {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl fmt::Debug for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
