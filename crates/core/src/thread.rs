//! What people leave for each other, as a machine. In its first form: texts between two households.
//!
//! The contract: [`Thread::leave`] gives a text its place in the thread; save thread and post together,
//! then tell. [`Post::on`] takes what the other side did with it. What always holds: numbers within a
//! thread count up by one without a gap; the same command leaves one post however often it comes; a
//! post's [`State`] never goes back; and whoever deletes a post unheard does not tell its sender.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::{HouseholdId, PersonId, PostId, RequestId, ThreadId};
use crate::time::Time;

/// The longest text, in characters: about a minute when it is read aloud.
pub const MAX_TEXT_CHARS: usize = 1000;
/// How long a command's id is remembered, so that its repeat leaves nothing twice.
pub const REMEMBER_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// How many command ids a thread remembers at most. More than the message limit lets through while a
/// device could still be repeating itself.
pub const MAX_REMEMBERED: usize = 512;

/// What was said: visible text that can be spoken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(String);

/// Why something cannot be left as a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("a message needs some words")]
    Empty,
    #[error("a message may have at most {MAX_TEXT_CHARS} characters, this one has {0}")]
    TooLong(usize),
    #[error("a message may not hold control characters other than line breaks")]
    Control,
}

impl Text {
    /// # Errors
    /// If nothing is left after trimming, it is too long, or it holds control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        let chars = text.chars().count();
        match () {
            () if chars == 0 => Err(TextError::Empty),
            () if chars > MAX_TEXT_CHARS => Err(TextError::TooLong(chars)),
            () if text.chars().any(|c| c.is_control() && c != '\n') => Err(TextError::Control),
            () => Ok(Self(text.to_owned())),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Text {
    type Error = TextError;
    fn try_from(text: String) -> Result<Self, TextError> {
        Self::parse(&text)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

/// One side of a thread: a household, or one person in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct End {
    pub household: HouseholdId,
    /// `None` for the household as a whole, and for a voice that was not recognised.
    pub person: Option<PersonId>,
}

/// Who left a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    pub household: HouseholdId,
    /// `None` when the voice was not recognised.
    pub person: Option<PersonId>,
    /// What the other side is told: "Maya", or the household's name.
    pub name: String,
}

/// How far a post has come; it only moves downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum State {
    /// Saved here.
    Left,
    /// A device of the other household has it.
    Delivered { at: Time },
    /// Somebody read it or listened to it.
    Heard { at: Time },
    /// The recipient deleted it; `heard` if somebody had heard it before.
    Deleted { at: Time, heard: Option<Time> },
    /// The sender took it back before any device of the other household had it: nobody ever sees it.
    TakenBack { at: Time },
}

/// A message in a thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    pub id: PostId,
    pub thread: ThreadId,
    /// Its place in the thread, from 1.
    pub seq: u64,
    pub from: Sender,
    pub to: End,
    pub text: Text,
    pub left_at: Time,
    pub state: State,
    /// The sender is blocked: it stays `left` for them and is shown to nobody.
    #[serde(default)]
    pub withheld: bool,
}

/// What the recipient's side did; or the sender, who may take back what has not arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Delivered,
    Heard,
    Deleted,
    TakenBack,
}

/// What must be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Both households' devices show the new state.
    TellBoth,
    /// Only the recipient's devices do: the sender is not told of a deletion.
    TellRecipient,
}

impl Post {
    /// Takes an event. What is late or repeated changes nothing.
    #[must_use]
    pub fn on(&mut self, event: Event, now: Time) -> Option<Effect> {
        let (state, effect) = match (self.state, event) {
            (State::Left, Event::Delivered) => (State::Delivered { at: now }, Effect::TellBoth),
            (State::Left | State::Delivered { .. }, Event::Heard) => {
                (State::Heard { at: now }, Effect::TellBoth)
            }
            (State::Left | State::Delivered { .. }, Event::Deleted) => {
                (State::Deleted { at: now, heard: None }, Effect::TellRecipient)
            }
            (State::Heard { at }, Event::Deleted) => {
                (State::Deleted { at: now, heard: Some(at) }, Effect::TellRecipient)
            }
            (State::Left, Event::TakenBack) => (State::TakenBack { at: now }, Effect::TellBoth),
            (State::Delivered { .. }, Event::Delivered | Event::TakenBack)
            | (State::Heard { .. }, Event::Delivered | Event::Heard | Event::TakenBack)
            | (State::Deleted { .. } | State::TakenBack { .. }, _) => return None,
        };
        self.state = state;
        Some(effect)
    }

    /// The state as the sender sees it: `left`, `delivered` or `heard`.
    #[must_use]
    pub fn sender_sees(&self) -> &'static str {
        match self.state {
            State::Left | State::TakenBack { .. } => "left",
            State::Delivered { .. } | State::Deleted { heard: None, .. } => "delivered",
            State::Heard { .. } | State::Deleted { heard: Some(_), .. } => "heard",
        }
    }

    #[must_use]
    pub fn is_unheard(&self) -> bool {
        matches!(self.state, State::Left | State::Delivered { .. })
    }

    #[must_use]
    pub fn is_deleted(&self) -> bool {
        matches!(self.state, State::Deleted { .. })
    }

    /// Whether its sender took it back: then it is shown to nobody, the sender included.
    #[must_use]
    pub fn is_taken_back(&self) -> bool {
        matches!(self.state, State::TakenBack { .. })
    }

    /// Whether it is for `household`, and for `person` in it. Somebody who was not recognised hears
    /// what is for anyone in the household: the speaker in the kitchen is trusted by those who live there.
    #[must_use]
    pub fn is_for(&self, household: &HouseholdId, person: Option<&PersonId>) -> bool {
        let for_them = match (&self.to.person, person) {
            (Some(addressee), Some(person)) => addressee == person,
            (None, _) | (_, None) => true,
        };
        self.to.household == *household && for_them && !self.withheld && !self.is_taken_back()
    }
}

/// What `person` of `household` has not heard yet, oldest first.
#[must_use]
pub fn unread<'a>(
    posts: &'a [Post],
    household: &HouseholdId,
    person: Option<&PersonId>,
) -> Vec<&'a Post> {
    let mut unread: Vec<&Post> =
        posts.iter().filter(|post| post.is_unheard() && post.is_for(household, person)).collect();
    unread.sort_by(|a, b| (a.left_at, &a.thread, a.seq).cmp(&(b.left_at, &b.thread, b.seq)));
    unread
}

/// A text on its way into a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub id: PostId,
    /// The turn or device command that leaves it: the same again leaves nothing new.
    pub command: RequestId,
    pub from: Sender,
    pub text: Text,
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// A new post: save it and the thread, then tell both.
    New(Box<Post>),
    /// The command was carried out before; this is what it left.
    Before { id: PostId, seq: u64 },
}

/// Why a draft is not left.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("this household takes no part in the thread; send to a contact instead")]
    Stranger,
    #[error("this command id was used for another message; use a new one for each message")]
    Conflict,
}

/// What is remembered of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    post: PostId,
    seq: u64,
    /// Of the text, to tell a repeat from another message under the same id.
    fingerprint: [u8; 16],
    at: Time,
}

/// A direct chat between two ends. Posts are stored beside it, not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    id: ThreadId,
    ends: [End; 2],
    /// The number of the newest post; 0 when there is none.
    seq: u64,
    #[serde(default)]
    recent: BTreeMap<RequestId, Remembered>,
}

impl Thread {
    /// The direct chat between two ends, whichever of them begins it.
    #[must_use]
    pub fn direct(one: End, other: End) -> Self {
        let mut ends = [one, other];
        ends.sort();
        Self { id: direct_id(&ends), ends, seq: 0, recent: BTreeMap::new() }
    }

    #[must_use]
    pub fn id(&self) -> &ThreadId {
        &self.id
    }

    /// The number of the newest post; 0 when there is none.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    #[must_use]
    pub fn ends(&self) -> &[End; 2] {
        &self.ends
    }

    /// Gives a text its place. It goes to the other end, so a reply stays in the thread whoever of the
    /// household speaks it.
    ///
    /// # Errors
    /// If the sender takes no part in the thread, or the command's id was used for another text.
    pub fn leave(&mut self, draft: Draft, now: Time) -> Result<Left, Refused> {
        let to = self.other_end(&draft.from).ok_or(Refused::Stranger)?.clone();
        let fingerprint = fingerprint([draft.from.household.as_str(), draft.text.as_str()]);
        if let Some(before) = self.recent.get(&draft.command) {
            return if before.fingerprint == fingerprint {
                Ok(Left::Before { id: before.post.clone(), seq: before.seq })
            } else {
                Err(Refused::Conflict)
            };
        }
        self.seq += 1;
        let Draft { id, command, from, text } = draft;
        self.remember(
            command,
            Remembered { post: id.clone(), seq: self.seq, fingerprint, at: now },
        );
        Ok(Left::New(Box::new(Post {
            id,
            thread: self.id.clone(),
            seq: self.seq,
            from,
            to,
            text,
            left_at: now,
            state: State::Left,
            withheld: false,
        })))
    }

    fn remember(&mut self, command: RequestId, remembered: Remembered) {
        let now = remembered.at;
        self.recent.retain(|_, old| now.since(old.at) < REMEMBER_FOR);
        if self.recent.len() >= MAX_REMEMBERED {
            let oldest = self.recent.iter().min_by_key(|(_, old)| old.seq);
            if let Some(oldest) = oldest.map(|(command, _)| command.clone()) {
                self.recent.remove(&oldest);
            }
        }
        self.recent.insert(command, remembered);
    }

    /// Where something from `sender` goes. Between two people of one household the person decides.
    fn other_end(&self, sender: &Sender) -> Option<&End> {
        let [one, other] = &self.ends;
        let is = |end: &End| end.household == sender.household;
        match (is(one), is(other)) {
            (true, false) => Some(other),
            (false, true) => Some(one),
            (false, false) => None,
            (true, true) if sender.person == one.person => Some(other),
            (true, true) if sender.person == other.person => Some(one),
            (true, true) => None,
        }
    }
}

/// The id of the direct chat between two ends: the same whoever asks, and without their names.
fn direct_id(ends: &[End; 2]) -> ThreadId {
    let person = |end: &End| end.person.as_ref().map_or(String::new(), ToString::to_string);
    let [one, other] = ends;
    let parts = [one.household.as_str(), &person(one), other.household.as_str(), &person(other)];
    let hex: String = fingerprint(parts).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("direct-{hex}").parse().expect("39 visible characters are an id")
}

/// 128 bits of SHA-256 over the parts, each with its length before it so that no two lists look alike.
fn fingerprint<const N: usize>(parts: [&str; N]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let mut short = [0; 16];
    short.copy_from_slice(&hash.finalize()[..16]);
    short
}

#[cfg(test)]
mod tests;
