//! What a person told us: typed facts that can be listed and deleted by voice.

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// How many facts about one person are kept; the oldest leaves first. Bounds the state's size.
const MOST: usize = 48;
/// A longer value is a story, not a fact. In bytes.
pub(crate) const MAX_VALUE: usize = 80;
const MAX_KEY: usize = 48;

/// "maya's favourite colour is blue": subject `favourite`, predicate `colour`, value `blue`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    pub subject: String,
    pub predicate: String,
    pub value: String,
    /// 0 to 1: told in so many words, or taken from a short answer.
    pub confidence: f32,
    pub learned: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Time>,
    /// The session in which it was told, as long as we mean to ask how it went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ask_after: Option<u32>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Memory(Vec<Fact>);

impl Memory {
    /// Keeps a fact; a newer one replaces what it contradicts. False if it is not one to keep.
    pub(crate) fn keep(&mut self, key: &str, value: &str, confidence: f32, now: Time) -> bool {
        let Some((subject, predicate)) = key.split_once('.') else { return false };
        let value = value.trim();
        if value.is_empty() || value.len() > MAX_VALUE || key.len() > MAX_KEY {
            return false;
        }
        self.forget(key);
        self.0.push(Fact {
            subject: subject.to_owned(),
            predicate: predicate.to_owned(),
            value: value.to_owned(),
            confidence,
            learned: now,
            expires: None,
            ask_after: None,
        });
        if self.0.len() > MOST {
            self.0.remove(0);
        }
        true
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Fact> {
        let (subject, predicate) = key.split_once('.')?;
        self.0.iter().find(|f| f.subject == subject && f.predicate == predicate)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Fact> {
        let (subject, predicate) = key.split_once('.')?;
        self.0.iter_mut().find(|f| f.subject == subject && f.predicate == predicate)
    }

    pub(crate) fn forget(&mut self, key: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|f| key.split_once('.') != Some((&f.subject, &f.predicate)));
        self.0.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn drop_expired(&mut self, now: Time) {
        self.0.retain(|f| f.expires.is_none_or(|expires| expires > now));
    }

    pub(crate) fn facts(&self) -> &[Fact] {
        &self.0
    }
}
