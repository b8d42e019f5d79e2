//! The call's vocabulary: what happens to it, what it asks for, and how it ends.

use serde::{Deserialize, Serialize};

use crate::id::DeviceId;

/// How a call ended. The names are those of the device protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// People talked, and one of them hung up.
    Completed,
    NoAnswer,
    Declined,
    Busy,
    /// The caller hung up before anyone answered.
    Cancelled,
    /// No device of the household was there.
    Unreachable,
    /// A device lost its line and did not come back.
    Lost,
    Forbidden,
    /// Both called each other at once and the other call lives on.
    Replaced,
}

impl Outcome {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::NoAnswer => "no_answer",
            Self::Declined => "declined",
            Self::Busy => "busy",
            Self::Cancelled => "cancelled",
            Self::Unreachable => "unreachable",
            Self::Lost => "lost",
            Self::Forbidden => "forbidden",
            Self::Replaced => "replaced",
        }
    }

    /// Whether the callee's household should find a missed call. They know of the others.
    pub(super) const fn is_missed(self) -> bool {
        match self {
            Self::NoAnswer | Self::Busy | Self::Cancelled | Self::Unreachable | Self::Lost => true,
            Self::Completed | Self::Declined | Self::Forbidden | Self::Replaced => false,
        }
    }
}

/// Why one device falls silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    AnsweredElsewhere,
    /// Somebody asked this device to be quiet; the others ring on.
    Ignored,
    /// This device is in use; the others ring on.
    InUse,
    #[serde(untagged)]
    Ended(Outcome),
}

impl Silence {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AnsweredElsewhere => "answered_elsewhere",
            Self::Ignored => "ignored",
            Self::InUse => "in_use",
            Self::Ended(outcome) => outcome.as_str(),
        }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A device acknowledges that it rings.
    Ringing {
        device: DeviceId,
    },
    Answer {
        device: DeviceId,
    },
    /// A person declines: for the whole household, as SIP's 603 does. Letting the other rooms ring on
    /// after "decline" would make one refusal a round through the house.
    Decline {
        device: DeviceId,
    },
    /// A person wants this device quiet and the caller none the wiser; the others ring on, and this
    /// one may still answer.
    Ignore {
        device: DeviceId,
    },
    /// A device cannot ring because it is in use: it alone stops, as SIP's 486 says.
    InUse {
        device: DeviceId,
    },
    HangUp {
        device: DeviceId,
    },
    /// A device's line is gone.
    Lost {
        device: DeviceId,
    },
    /// A device's line is there again.
    Back {
        device: DeviceId,
    },
    /// The server restarted: every line is gone. Give it to each call that was loaded, and save it.
    Restart,
    /// The callee was calling the caller in the same moment, from this device; see [`super::glare`].
    Met {
        device: DeviceId,
    },
    /// The other call of the same two lives on; see [`super::glare`].
    Replaced,
    Tick,
}

/// What must be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    Ring {
        device: DeviceId,
    },
    StopRinging {
        device: DeviceId,
        why: Silence,
    },
    /// Tells someone who takes part how the call stands.
    Tell {
        device: DeviceId,
        progress: Progress,
    },
    /// These two devices talk now.
    Accepted {
        caller: DeviceId,
        callee: DeviceId,
    },
    /// The last effect of every call.
    Ended {
        outcome: Outcome,
        talked_ms: u64,
        /// Who takes part and must be told: the caller's device, and the one that answered.
        tell: Vec<DeviceId>,
        /// The callee's household finds a missed call.
        missed: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    Ringing,
    Connected,
    Reconnecting,
}
