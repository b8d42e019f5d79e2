//! One turn's question, the same for every channel.

use serde::{Deserialize, Serialize};

use crate::id::{CallId, ContactId, DeviceId, HouseholdId, PersonId, PostId, RequestId, RoomId};
use crate::understanding::Parse;

/// The longest utterance we listen to, in characters: about two minutes of fast speech.
pub const MAX_UTTERANCE_CHARS: usize = 2000;

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    Alexa,
    Wyoming,
    Browser,
    Sip,
    Terminal,
}

impl Channel {
    /// As it stands in metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alexa => "alexa",
            Self::Wyoming => "wyoming",
            Self::Browser => "browser",
            Self::Sip => "sip",
            Self::Terminal => "terminal",
        }
    }
}

/// Who speaks, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Speaker {
    pub household: HouseholdId,
    pub device: DeviceId,
    /// `None` when the voice was not recognised.
    pub person: Option<PersonId>,
}

/// What reached us.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Words that are still to be understood: typed, or transcribed by us.
    Words(String),
    /// Already understood elsewhere: an Alexa intent with its slots.
    Understood(Parse),
    /// The skill was opened without a request.
    Launch,
    /// A button or key that means exactly one thing.
    Pressed(Button),
    /// Somebody spoke and nobody understood it: Alexa's Fallback, or an empty transcript.
    Nothing,
}

/// What can be pressed on a page. It meets the same handlers as the same wish in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Button {
    CallContact(ContactId),
    CallRoom(RoomId),
    Answer(CallId),
    Decline(CallId),
    HangUp(CallId),
    Send(ContactId, String),
    MarkHeard(PostId),
    Delete(PostId),
    Quiet(bool),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub id: RequestId,
    pub channel: Channel,
    pub speaker: Speaker,
    pub heard: Heard,
    /// How sure our recogniser is of the words, 0 to 1; `None` if they were typed or understood elsewhere.
    pub certainty: Option<f32>,
}
