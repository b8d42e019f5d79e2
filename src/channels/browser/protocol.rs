//! The messages of docs/device-protocol.md.

use hearthline_core::effect::Expects;
use hearthline_core::id::{CallId, ContactId, DeviceId, HouseholdId, PersonId, PostId, RoomId};
use hearthline_core::time::Time;
use serde::{Deserialize, Serialize};

use crate::devices::Resume;

pub const VERSION: u32 = 1;

/// The first frame of a device.
#[derive(Debug, Deserialize)]
pub struct Hello {
    pub protocol: u32,
    pub demo: Option<DemoIdentity>,
    pub resume: Option<Resume>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct DemoIdentity {
    pub household: HouseholdId,
    pub device: DeviceId,
    pub person: Option<PersonId>,
}

/// What a device sends after its hello.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(tag = "type")]
pub enum FromDevice {
    #[serde(rename = "say")]
    Say { command_id: String, text: String },
    #[serde(rename = "audio.start")]
    AudioStart { command_id: String, rate: u32, channels: u16 },
    #[serde(rename = "audio.stop")]
    AudioStop { command_id: String },
    #[serde(rename = "audio.cancel")]
    AudioCancel { command_id: String },
    #[serde(rename = "call.initiate")]
    CallInitiate { command_id: String, contact_id: Option<ContactId>, room_id: Option<RoomId> },
    #[serde(rename = "call.answer")]
    CallAnswer { command_id: String, call_id: CallId },
    #[serde(rename = "call.reject")]
    CallReject { command_id: String, call_id: CallId },
    #[serde(rename = "call.hangup")]
    CallHangup { command_id: String, call_id: CallId },
    #[serde(rename = "call.ringing")]
    CallRinging { call_id: CallId },
    #[serde(rename = "post.send")]
    PostSend { command_id: String, contact_id: ContactId, text: String },
    #[serde(rename = "post.heard")]
    PostHeard { command_id: String, post_id: PostId },
    #[serde(rename = "post.delete")]
    PostDelete { command_id: String, post_id: PostId },
    #[serde(rename = "quiet")]
    Quiet { command_id: String, on: bool },
    #[serde(rename = "ping")]
    Ping {},
    #[serde(other)]
    Unknown,
}

/// What the server sends.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type")]
pub enum ToDevice {
    #[serde(rename = "done")]
    Done {
        command_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        call_id: Option<CallId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        post_id: Option<PostId>,
    },
    #[serde(rename = "error")]
    Error {
        #[serde(skip_serializing_if = "Option::is_none")]
        command_id: Option<String>,
        code: &'static str,
        message: String,
    },
    #[serde(rename = "heard")]
    Heard { command_id: String, text: String },
    #[serde(rename = "answer")]
    Answer {
        command_id: String,
        speech: String,
        choices: Vec<String>,
        expects: &'static str,
        intent: Option<String>,
        confidence: f32,
        slots: hearthline_core::understanding::Slots,
    },
    #[serde(rename = "house")]
    House(Box<House>),
    #[serde(rename = "call.initiate")]
    CallInitiate { call: CallView },
    #[serde(rename = "call.ringing")]
    CallRinging { call: CallView },
    #[serde(rename = "call.accepted")]
    CallAccepted { call: CallView },
    #[serde(rename = "call.update")]
    CallUpdate { call: CallView },
    #[serde(rename = "call.ended")]
    CallEnded { call: CallView },
    #[serde(rename = "announce")]
    Announce { from: String, text: String },
    #[serde(rename = "pong")]
    Pong { now_ms: Time },
}

impl ToDevice {
    /// The frame, with its number.
    #[must_use]
    pub fn numbered(&self, seq: u64) -> String {
        #[derive(Serialize)]
        struct Numbered<'a> {
            seq: u64,
            #[serde(flatten)]
            message: &'a ToDevice,
        }
        serde_json::to_string(&Numbered { seq, message: self })
            .expect("messages are plain strings, numbers and lists")
    }
}

/// `expects` as pages need it.
#[must_use]
pub const fn expects(expects: &Expects) -> &'static str {
    match expects {
        Expects::Nothing => "nothing",
        Expects::Reply | Expects::Slot { .. } | Expects::Confirmation { .. } => "reply",
    }
}

/// The greeting, the only message without a place in the mailbox.
#[derive(Debug, Serialize)]
pub struct Welcome<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub seq: u64,
    pub protocol: u32,
    pub session: &'a str,
    pub resumed: bool,
    pub now_ms: Time,
    pub household: Named<'a>,
    pub device: DeviceHead<'a>,
    pub person: Option<Named<'a>>,
    pub hearing: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct Named<'a> {
    pub id: &'a str,
    pub name: &'a str,
}

#[derive(Debug, Clone, Serialize)]
pub struct DeviceHead<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub room: Option<&'a str>,
}

/// Everything that is true for a household's page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct House {
    pub people: Vec<PersonCard>,
    pub rooms: Vec<RoomCard>,
    pub inbox: Vec<InboxItem>,
    pub unread: usize,
    pub missed: usize,
    pub quiet: bool,
    pub call: Option<CallView>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    Free,
    Busy,
    Quiet,
    Away,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PersonCard {
    pub contact_id: ContactId,
    pub name: String,
    pub relation: Option<String>,
    pub household: Option<String>,
    pub presence: Presence,
    pub favourite: bool,
    /// Whether this server can reach them at all.
    pub callable: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoomCard {
    pub room_id: RoomId,
    pub name: String,
    pub device_id: DeviceId,
    pub presence: Presence,
    /// The page itself stands here.
    pub here: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InboxItem {
    pub id: String,
    pub kind: &'static str,
    pub direction: &'static str,
    pub with: With,
    pub text: String,
    pub at_ms: Time,
    pub fresh: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
}

/// The other side, as this household knows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct With {
    pub contact_id: Option<ContactId>,
    pub name: String,
    pub relation: Option<String>,
    pub household: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallView {
    pub call_id: CallId,
    pub version: u64,
    pub direction: &'static str,
    pub state: &'static str,
    pub with: With,
    pub party_id: Option<DeviceId>,
    pub devices: usize,
    pub lifetime_ms: Option<u64>,
    pub since_ms: Time,
    pub reason: Option<String>,
}
