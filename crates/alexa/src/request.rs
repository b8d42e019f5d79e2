//! What Amazon sends.
//!
//! The types bend where the wire does: everything may be missing or `null`, fields nobody knows are
//! ignored, a request type nobody knows is [`Request::Unknown`]. An [`Envelope`] cannot be
//! deserialized from outside; it comes out of [`crate::Verified`].

mod event;
mod intent;
mod kind;
mod unread;

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::wire::{tolerant, words};

pub use event::*;
pub use intent::*;
use kind::Head;
pub use kind::{KNOWN_TYPES, Request, UnknownRequest};
pub use unread::Unread;

/// One request with everything around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    pub version: String,
    /// Absent in events, which belong to no conversation.
    pub session: Option<Session>,
    pub context: Context,
    /// `requestId`, unique per request; empty if Amazon sent none.
    pub id: String,
    /// When Amazon sent it.
    pub timestamp: Timestamp,
    /// Absent in events.
    pub locale: Option<String>,
    pub request: Request,
}

/// Why a body is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    Json,
    Timestamp,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default, deserialize_with = "crate::wire::or_default")]
    version: String,
    #[serde(default)]
    session: Option<Session>,
    #[serde(default, deserialize_with = "crate::wire::or_default")]
    context: Context,
    /// What it holds depends on a field of its own, which may come last.
    #[serde(borrow)]
    request: &'a RawValue,
}

impl Envelope {
    /// Reads a body; nesting is bounded by `serde_json` (128 levels; what is skipped or left [`Unread`] needs no
    /// stack), size by the caller.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Unreadable> {
        // serde_json does not look into strings it skips, so the encoding is checked first.
        let text = std::str::from_utf8(body).map_err(|_| Unreadable::Json)?;
        let Wire { version, session, context, request } =
            serde_json::from_str(text).map_err(|_| Unreadable::Json)?;
        let head = Head::read(request).ok_or(Unreadable::Json)?;
        let timestamp = head.timestamp().and_then(|text| text.parse().ok());
        let timestamp = timestamp.ok_or(Unreadable::Timestamp)?;
        let kind = head.kind().ok_or(Unreadable::Json)?;
        let request = Request::read(&kind, request).ok_or(Unreadable::Json)?;
        let id = head.request_id().unwrap_or_default().into_owned();
        let locale = head.locale().map(Cow::into_owned);
        Ok(Self { version, session, context, id, timestamp, locale, request })
    }

    /// The skill this request is for: every application id the envelope names.
    pub fn application_ids(&self) -> impl Iterator<Item = &str> {
        let session = self.session.as_ref().and_then(|session| session.application.as_ref());
        let context = self.context.system.application.as_ref();
        context.into_iter().chain(session).map(|application| application.application_id.as_str())
    }

    /// The account that speaks: `context.System.user`, or the session's where Amazon left that out.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        let system = self.context.system.user.as_ref();
        let session = self.session.as_ref().and_then(|session| session.user.as_ref());
        system.or(session).map(|user| user.user_id.as_str()).filter(|id| !id.is_empty())
    }

    /// The Echo; absent in events.
    #[must_use]
    pub fn device_id(&self) -> Option<&str> {
        let device = self.context.system.device.as_ref()?;
        Some(device.device_id.as_str()).filter(|id| !id.is_empty())
    }

    /// The voice, if Alexa recognised it and may say so.
    #[must_use]
    pub fn person_id(&self) -> Option<&str> {
        self.context.system.person.as_ref()?.person_id.as_deref()
    }

    /// Whether the device has an interface, such as `AudioPlayer` or `Alexa.Presentation.APL`.
    #[must_use]
    pub fn supports(&self, interface: &str) -> bool {
        let device = self.context.system.device.as_ref();
        device.is_some_and(|device| device.supported_interfaces.contains_key(interface))
    }
}

tolerant! {
    Session {
        new: bool,
        session_id: String,
        application: Option<Application>,
        /// Any JSON: the skill put it there.
        attributes: Value,
        user: Option<User>,
    }
    Application {
        application_id: String,
    }
    User {
        user_id: String,
        /// Present once the account is linked.
        access_token: Option<String>,
        permissions: Option<Permissions>,
    }
    Permissions {
        consent_token: Option<String>,
        scopes: BTreeMap<String, Scope>,
    }
    Scope {
        status: Option<PermissionStatus>,
    }
    Person {
        person_id: Option<String>,
        access_token: Option<String>,
    }
    Device {
        device_id: String,
        persistent_endpoint_id: Option<String>,
        /// By interface name; what stands behind a name differs for each.
        supported_interfaces: BTreeMap<String, Unread>,
    }
    /// The room or hotel unit a device belongs to.
    Unit {
        unit_id: Option<String>,
        persistent_unit_id: Option<String>,
    }
    System {
        application: Option<Application>,
        user: Option<User>,
        device: Option<Device>,
        person: Option<Person>,
        unit: Option<Unit>,
        api_endpoint: Option<String>,
        api_access_token: Option<String>,
    }
    AudioPlayerState {
        token: Option<String>,
        offset_in_milliseconds: Option<u64>,
        player_activity: Option<PlayerActivity>,
    }
    /// What is true around the request. Interfaces the skill rarely needs stay as they came.
    Context {
        #[serde(rename = "System")]
        system: System,
        #[serde(rename = "AudioPlayer")]
        audio_player: Option<AudioPlayerState>,
        #[serde(rename = "Viewport")]
        viewport: Option<Unread>,
        #[serde(rename = "Viewports")]
        viewports: Option<Unread>,
        #[serde(rename = "Display")]
        display: Option<Unread>,
        #[serde(rename = "Geolocation")]
        geolocation: Option<Unread>,
        #[serde(rename = "Automotive")]
        automotive: Option<Unread>,
        #[serde(rename = "Extensions")]
        extensions: Option<Unread>,
        #[serde(rename = "Alexa.Presentation.APL")]
        apl: Option<Unread>,
        #[serde(rename = "Alexa.DataStore.PackageManager")]
        package_manager: Option<Unread>,
    }
}

words! {
    PermissionStatus { Granted = "GRANTED", Denied = "DENIED", }
    PlayerActivity {
        Playing = "PLAYING",
        Paused = "PAUSED",
        Finished = "FINISHED",
        BufferUnderrun = "BUFFER_UNDERRUN",
        Idle = "IDLE",
        Stopped = "STOPPED",
    }
}

#[cfg(test)]
mod tests;
