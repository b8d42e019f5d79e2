//! What a turn does, rather than what it is about.

use serde::{Deserialize, Serialize};

/// A dialog act. `dialogs/en/language.yaml` says which words perform which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Act {
    // Safety comes first in the order, and in everything else.
    SelfHarm,
    Abuse,
    Emergency,
    Medical,
    Legal,
    Money,
    Offensive,
    /// Somebody or an animal has died.
    Grief,
    /// Somebody is ill, hurt or in trouble.
    Worry,
    // Commands to the conversation itself.
    Stop,
    Closing,
    Repeat,
    ChangeTopic,
    LetsChat,
    WhatDoYouKnow,
    ForgetThat,
    ForgetEverything,
    /// Somebody spoke and nobody caught it: a channel's fallback, or an empty transcript.
    NotUnderstood,
    // How people answer.
    #[serde(rename = "affirm")]
    Yes,
    #[serde(rename = "deny")]
    No,
    DontKnow,
    Question,
    /// "And you?": our own question turned round.
    AskBack,
    /// "Tell me something": a fact or a story, about what we like.
    TellMe,
    Disclose,
    AlreadySaid,
    Complaint,
    Greeting,
    Thanks,
}

impl Act {
    /// Agreeing with such a turn, or joking about it, would be wrong.
    #[must_use]
    pub const fn is_grave(self) -> bool {
        matches!(self, Self::SelfHarm | Self::Abuse | Self::Emergency | Self::Offensive)
    }

    /// A short answer that carries no content of its own, so nothing in it is worth keeping.
    #[must_use]
    pub const fn is_empty_answer(self) -> bool {
        matches!(
            self,
            Self::Yes
                | Self::No
                | Self::DontKnow
                | Self::Question
                | Self::AskBack
                | Self::AlreadySaid
                | Self::Complaint
                | Self::Greeting
                | Self::Thanks
                | Self::Repeat
                | Self::NotUnderstood
        )
    }
}
