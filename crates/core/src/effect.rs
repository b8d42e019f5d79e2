//! What a turn leads to: an [`Answer`] for the speaker, [`Change`]s to be saved with it, and [`Effect`]s that leave the
//! house once everything is saved.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::call;
use crate::household::Household;
use crate::id::{CallId, DeviceId, PostId};
use crate::policy::Settings;
use crate::thread::{self, Post, Thread};
use crate::understanding::Slots;

/// What the speaker hears and sees.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// Plain text; channels that speak SSML escape it.
    pub speech: String,
    pub expects: Expects,
    /// Words to offer as buttons, where there is a screen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What was understood, for screens and scripts.
    #[serde(default)]
    pub intent: Option<String>,
    #[serde(default)]
    pub confidence: f32,
    #[serde(default, skip_serializing_if = "Slots::is_empty")]
    pub slots: Slots,
    /// The call or post that this turn made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<PostId>,
    /// Set when nothing was done: the machine's word for why. `speech` says it for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
}

/// Whether the assistant waits for more.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Expects {
    /// The turn is over.
    #[default]
    Nothing,
    /// Something was asked, or a conversation is going on.
    Reply,
    /// A missing slot was asked for.
    Slot { intent: String, slot: String, slots: Slots },
    /// Yes or no decides whether `intent` is carried out.
    Confirmation { intent: String, slots: Slots },
}

/// Why nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// No such contact, call, message or room.
    Unknown,
    /// Known, but there is no way to reach it from here.
    Unreachable,
    /// Not at this moment: it has ended, or somebody is in a call.
    TooLate,
    Busy,
    Forbidden,
    TooMany,
    TooLong,
}

impl Refused {
    /// As it stands in the device protocol.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Unreachable => "unreachable",
            Self::TooLate => "too_late",
            Self::Busy => "busy",
            Self::Forbidden => "forbidden",
            Self::TooMany => "too_many",
            Self::TooLong => "too_long",
        }
    }
}

/// What is saved in the same transaction as the turn.
#[derive(Debug, Clone)]
pub enum Change {
    /// The speaker's household has other settings now.
    Settings(Box<Settings>),
    /// The speaker's household has other contacts now.
    Household(Box<Household>),
    /// A message was left.
    Leave(Box<(Thread, Post)>),
    /// Something happened to a message.
    Mark(PostId, thread::Event),
    /// Missed calls up to now were told.
    CallsHeard,
}

/// What is done once the turn is saved. Carried out twice, each does no more than once.
#[derive(Debug, Clone)]
pub enum Effect {
    PlaceCall(call::Place),
    Call(CallId, call::Event),
    Announce { devices: BTreeSet<DeviceId>, from: String, text: String },
}
