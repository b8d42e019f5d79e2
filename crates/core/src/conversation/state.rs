//! What lives across turns, for one person or device.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::bot::Errand;
use super::ledger::Ledger;
use super::memory::{Fact, Memory};
use crate::time::Time;

/// The state's format. An older one is read as far as it goes: every field has a default.
pub(crate) const VERSION: u32 = 1;
/// After this silence what is said next need not belong to the conversation.
const ENGAGED_FOR: Duration = Duration::from_secs(10 * 60);
/// After this silence a new session begins: we greet again and may return to earlier topics.
pub(crate) const SESSION_GAP: Duration = Duration::from_secs(30 * 60);
/// Topics put aside to come back to. More than three nobody remembers.
pub(crate) const MAX_STACK: usize = 3;
/// Topics whose standing is kept. Authored topics are far fewer; an older state may name others.
const MAX_TOPICS: usize = 64;
/// Offers that are remembered; a household has about so many people to call.
const MAX_OFFERED: usize = 64;
/// The last reply is kept for "say that again". In bytes.
const MAX_LAST: usize = 1_200;

/// A node of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub topic: String,
    pub node: String,
}

/// How a topic stands with this person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Standing {
    /// Turns spent in it, over all sessions.
    pub(crate) turns: u32,
    /// The conversation's turn at which it last spoke.
    pub(crate) last: u32,
    /// The session in which it was last open.
    pub(crate) session: u32,
    /// The session in which it was declined; 0 if it never was.
    pub(crate) declined: u32,
}

/// A question of ours that no topic owns, and what a yes to it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Expect {
    /// "Shall I forget everything?"
    ForgetEverything,
    /// One of our open questions: whatever comes is listened to.
    Story,
    /// "Did you say ...?"
    Heard(String),
    /// "Shall I call your sister?"
    Errand { errand: Errand, who: String },
}

/// The card of a game that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Drawn {
    pub(crate) card: u16,
    /// Answers so far.
    pub(crate) attempts: u8,
}

/// Counts since the conversation began.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counters {
    pub turns: u32,
    pub sessions: u32,
    /// Replies for which only the universal fallback was left.
    pub fallbacks: u32,
    /// Topics that were put aside for another, taken up again, and declined.
    pub interrupted: u32,
    pub resumed: u32,
    pub declined: u32,
}

/// The long-running state of one person or device with the socialbot. At most 32 KB as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conversation {
    pub(crate) version: u32,
    pub(crate) place: Option<Place>,
    pub(crate) stack: Vec<Place>,
    pub(crate) topics: BTreeMap<String, Standing>,
    pub(crate) memory: Memory,
    pub(crate) ledger: Ledger,
    pub(crate) counters: Counters,
    pub(crate) expect: Option<Expect>,
    /// The fact that "forget that" means.
    pub(crate) latest_fact: Option<String>,
    /// The last thing named, by kind: what "it" may stand for.
    pub(crate) entities: BTreeMap<String, String>,
    pub(crate) drawn: Option<Drawn>,
    /// Whom we offered to call or write to: never twice.
    pub(crate) offered: BTreeMap<String, BTreeSet<Errand>>,
    /// The turn of the latest such offer.
    pub(crate) offered_at: u32,
    /// An errand was handed over; the talk goes on where it was.
    pub(crate) errand_done: bool,
    /// The turn in which a card was last told unasked.
    pub(crate) card_at: u32,
    /// Turns during which we only listen, after somebody was in distress.
    pub(crate) care: u8,
    /// Turns in which nothing new is brought up, after sad news.
    pub(crate) gentle: u8,
    /// Answers in a row that the open topic could only take loosely.
    pub(crate) loose: u8,
    /// Turns in a row that we did not catch.
    pub(crate) missed: u8,
    pub(crate) last: String,
    pub(crate) last_at: Time,
    pub(crate) session_at: Time,
    pub(crate) open: bool,
}

impl Default for Conversation {
    fn default() -> Self {
        Self {
            version: VERSION,
            place: None,
            stack: Vec::new(),
            topics: BTreeMap::new(),
            memory: Memory::default(),
            ledger: Ledger::default(),
            counters: Counters::default(),
            expect: None,
            latest_fact: None,
            entities: BTreeMap::new(),
            drawn: None,
            offered: BTreeMap::new(),
            offered_at: 0,
            errand_done: false,
            card_at: 0,
            care: 0,
            gentle: 0,
            loose: 0,
            missed: 0,
            last: String::new(),
            last_at: Time::default(),
            session_at: Time::default(),
            open: false,
        }
    }
}

impl Conversation {
    /// Whether what is said now most likely belongs to this conversation.
    #[must_use]
    pub fn engaged(&self, now: Time) -> bool {
        self.open && now.since(self.last_at) <= ENGAGED_FOR
    }

    /// Where the conversation stands, if a topic is open.
    #[must_use]
    pub const fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Whether we asked if everything is to be forgotten.
    #[must_use]
    pub fn asked_to_forget(&self) -> bool {
        self.expect == Some(Expect::ForgetEverything)
    }

    /// What the person told us.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        self.memory.facts()
    }

    /// The value of a fact such as `user.name`.
    #[must_use]
    pub fn fact(&self, key: &str) -> Option<&str> {
        self.memory.get(key).map(|fact| fact.value.as_str())
    }

    /// Whether a fact was told in an earlier session.
    pub(crate) fn remembers(&self, key: &str) -> bool {
        self.memory.get(key).is_some_and(|fact| fact.learned < self.session_at)
    }

    /// Turns spent in each topic.
    pub fn depths(&self) -> impl Iterator<Item = (&str, u32)> {
        self.topics.iter().map(|(topic, standing)| (topic.as_str(), standing.turns))
    }

    pub(crate) fn standing(&mut self, topic: &str) -> &mut Standing {
        self.topics.entry(topic.to_owned()).or_default()
    }

    pub(crate) fn is_declined(&self, topic: &str) -> bool {
        self.topics
            .get(topic)
            .is_some_and(|s| s.declined == self.counters.sessions && s.declined > 0)
    }

    /// Puts the open topic aside for another.
    pub(crate) fn put_aside(&mut self) {
        let Some(place) = self.place.take() else { return };
        self.drawn = None;
        self.counters.interrupted += 1;
        self.stack.retain(|p| p.topic != place.topic);
        self.stack.push(place);
        if self.stack.len() > MAX_STACK {
            let dropped = self.stack.remove(0);
            self.decline(&dropped.topic);
        }
    }

    /// Leaves a topic for the rest of the session.
    pub(crate) fn decline(&mut self, topic: &str) {
        let session = self.counters.sessions;
        self.standing(topic).declined = session;
        self.counters.declined += 1;
        self.stack.retain(|p| p.topic != topic);
        if self.place.as_ref().is_some_and(|p| p.topic == topic) {
            self.place = None;
        }
    }

    /// Keeps the state within its bounds, whatever an older version or a stranger put into it.
    pub(crate) fn trim(&mut self) {
        while self.topics.len() > MAX_TOPICS {
            self.topics.pop_first();
        }
        while self.entities.len() > 16 {
            self.entities.pop_first();
        }
        if self.last.len() > MAX_LAST {
            let cut = (0..=MAX_LAST).rev().find(|at| self.last.is_char_boundary(*at)).unwrap_or(0);
            self.last.truncate(cut);
        }
        while self.offered.len() > MAX_OFFERED {
            self.offered.pop_first();
        }
        self.stack.truncate(MAX_STACK);
    }
}

impl Conversation {
    /// Counts the turn, and the session if the silence before it was long.
    pub(crate) fn begin_turn(&mut self, now: Time) {
        if self.counters.turns == 0 || now.since(self.last_at) > SESSION_GAP {
            self.counters.sessions = self.counters.sessions.saturating_add(1);
            self.session_at = now;
            self.care = 0;
            self.gentle = 0;
            self.missed = 0;
            self.expect = None;
            // What was open is taken up again only if somebody asks for a chat.
            self.put_aside();
        }
        self.version = VERSION;
        self.counters.turns = self.counters.turns.saturating_add(1);
        self.memory.drop_expired(now);
    }
}
