//! Intents and their slots.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::wire::{tolerant, words};

tolerant! {
    LaunchRequest {
        /// Present when a quick link or custom task opened the skill.
        task: Option<Task>,
    }
    Task {
        name: String,
        version: String,
        input: Value,
    }
    IntentRequest {
        intent: Intent,
        /// Absent for an intent without a dialog model.
        dialog_state: Option<DialogState>,
    }
    Intent {
        name: String,
        confirmation_status: Option<ConfirmationStatus>,
        slots: BTreeMap<String, Slot>,
    }
    /// One slot. Unfilled, it has neither `value` nor `slot_value`.
    Slot {
        name: String,
        value: Option<String>,
        confirmation_status: Option<ConfirmationStatus>,
        resolutions: Option<Resolutions>,
        slot_value: Option<SlotValue>,
        /// Who filled it: `USER`, or a delegated task.
        source: Option<String>,
    }
    Resolutions {
        resolutions_per_authority: Vec<Authority>,
    }
    /// What one list of entities made of the words. With dynamic entities there are two lists.
    Authority {
        authority: String,
        status: ResolutionStatus,
        /// Absent on the wire when nothing matched.
        values: Vec<EntityWrapper>,
    }
    ResolutionStatus {
        code: Option<StatusCode>,
    }
    EntityWrapper {
        value: Entity,
    }
    /// An entry of a slot type: the canonical name, and its id if the model gives one.
    Entity {
        name: String,
        id: Option<String>,
    }
    SessionEndedRequest {
        reason: Option<SessionEndedReason>,
        error: Option<SessionEndedError>,
    }
    SessionEndedError {
        #[serde(rename = "type")]
        kind: Option<SessionEndedErrorType>,
        message: Option<String>,
    }
    SessionResumedRequest {
        cause: Option<Cause>,
    }
    /// Why a session resumed: a connection that completed.
    Cause {
        #[serde(rename = "type")]
        kind: String,
        token: Option<String>,
        status: Option<Status>,
        result: Value,
    }
    Status {
        /// An HTTP-like number in quotes, or without: `"200"`.
        code: Value,
        message: Option<String>,
    }
}

words! {
    DialogState { Started = "STARTED", InProgress = "IN_PROGRESS", Completed = "COMPLETED", }
    ConfirmationStatus { None = "NONE", Denied = "DENIED", Confirmed = "CONFIRMED", }
    StatusCode {
        Match = "ER_SUCCESS_MATCH",
        NoMatch = "ER_SUCCESS_NO_MATCH",
        Timeout = "ER_ERROR_TIMEOUT",
        Exception = "ER_ERROR_EXCEPTION",
    }
    SessionEndedReason {
        UserInitiated = "USER_INITIATED",
        Error = "ERROR",
        ExceededMaxReprompts = "EXCEEDED_MAX_REPROMPTS",
    }
    SessionEndedErrorType {
        InvalidResponse = "INVALID_RESPONSE",
        DeviceCommunicationError = "DEVICE_COMMUNICATION_ERROR",
        InternalServiceError = "INTERNAL_SERVICE_ERROR",
        EndpointTimeout = "ENDPOINT_TIMEOUT",
    }
}

/// The newer form of a slot's value, and the only form of a multi-value slot.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "SlotValueWire")]
pub enum SlotValue {
    Simple { value: Option<String>, resolutions: Option<Resolutions> },
    List { values: Vec<SlotValue> },
    Other(String),
}

#[derive(Deserialize)]
struct SlotValueWire {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    resolutions: Option<Resolutions>,
    #[serde(default)]
    values: Option<Vec<SlotValue>>,
}

impl From<SlotValueWire> for SlotValue {
    fn from(wire: SlotValueWire) -> Self {
        match wire.kind.as_deref() {
            Some("List") => Self::List { values: wire.values.unwrap_or_default() },
            Some("Simple") | None => {
                Self::Simple { value: wire.value, resolutions: wire.resolutions }
            }
            Some(other) => Self::Other(other.to_owned()),
        }
    }
}

impl Resolutions {
    /// The best match. Dynamic entities, which are this household's own, come before static ones.
    #[must_use]
    pub fn best(&self) -> Option<&Entity> {
        let matched = |authority: &&Authority| authority.status.code == Some(StatusCode::Match);
        let dynamic = |authority: &&Authority| authority.authority.contains(".dynamic.");
        let mut lists = self.resolutions_per_authority.iter().filter(matched);
        let list = lists.clone().find(dynamic).or_else(|| lists.next())?;
        list.values.first().map(|wrapper| &wrapper.value)
    }
}

impl Slot {
    /// Every value with its best match, in the order said: none for an unfilled slot, several only for
    /// a multi-value slot.
    #[must_use]
    pub fn filled(&self) -> Vec<(&str, Option<&Entity>)> {
        fn collect<'a>(value: &'a SlotValue, found: &mut Vec<(&'a str, Option<&'a Entity>)>) {
            match value {
                SlotValue::Simple { value: Some(value), resolutions } => {
                    found.push((value, resolutions.as_ref().and_then(Resolutions::best)));
                }
                SlotValue::List { values } => values.iter().for_each(|value| collect(value, found)),
                SlotValue::Simple { value: None, .. } | SlotValue::Other(_) => {}
            }
        }
        let mut found = Vec::new();
        match (&self.value, &self.slot_value) {
            (Some(value), _) => {
                found.push((value.as_str(), self.resolutions.as_ref().and_then(Resolutions::best)));
            }
            (None, Some(value)) => collect(value, &mut found),
            (None, None) => {}
        }
        found.retain(|(value, _)| !value.is_empty());
        found
    }
}
