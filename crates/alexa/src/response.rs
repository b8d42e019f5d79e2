//! What a skill may answer.
//!
//! The types let an answer be built that Amazon would refuse, because its rules depend on the request;
//! [`crate::lint`] knows them.

mod directive;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ssml::escape_ssml;

pub use directive::*;

/// The whole answer to one request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    pub version: String,
    /// Comes back with the next request of this session. Counts in the size.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub session_attributes: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    #[serde(rename = "response", default)]
    pub body: Body,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_speech: Option<Speech>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reprompt: Option<Reprompt>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub directives: Vec<Directive>,
    /// The result of an API that Alexa Conversations invoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_response: Option<Value>,
    /// `None` leaves the microphone shut and the session with whatever plays or shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub should_end_session: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_fulfill_intent: Option<CanFulfill>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experimentation: Option<Experimentation>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub enum Speech {
    PlainText {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        play_behavior: Option<String>,
    },
    #[serde(rename = "SSML")]
    Ssml {
        ssml: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        play_behavior: Option<String>,
    },
}

impl Speech {
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self::PlainText { text: text.into(), play_behavior: None }
    }

    /// `inner` is SSML without the `speak` around it; what people said must have gone through [`escape_ssml`].
    #[must_use]
    pub fn ssml(inner: &str) -> Self {
        Self::Ssml { ssml: format!("<speak>{inner}</speak>"), play_behavior: None }
    }

    /// Plain words as SSML.
    #[must_use]
    pub fn words(text: &str) -> Self {
        Self::ssml(&escape_ssml(text))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reprompt {
    pub output_speech: Speech,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directives: Vec<Directive>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Card {
    Simple {
        title: String,
        content: String,
    },
    Standard {
        title: String,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        image: Option<CardImage>,
    },
    LinkAccount,
    AskForPermissionsConsent {
        permissions: Vec<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CardImage {
    pub small_image_url: String,
    pub large_image_url: String,
}

/// `YES`, `NO` or `MAYBE`, for the intent and for each slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CanFulfill {
    pub can_fulfill: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slots: BTreeMap<String, CanFulfillSlot>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CanFulfillSlot {
    pub can_understand: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub can_fulfill: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Experimentation {
    pub triggered_experiments: Vec<String>,
}

impl Response {
    /// Nothing: the answer to events, and to whatever is not understood.
    #[must_use]
    pub fn empty() -> Self {
        let version = "1.0".to_owned();
        Self { version, session_attributes: Map::new(), user_agent: None, body: Body::default() }
    }

    /// Says something and ends the session.
    #[must_use]
    pub fn tell(speech: Speech) -> Self {
        let mut response = Self::empty();
        response.body.output_speech = Some(speech);
        response.body.should_end_session = Some(true);
        response
    }

    /// Asks something, listens, and asks again once if nothing comes.
    #[must_use]
    pub fn ask(speech: Speech, again: Speech) -> Self {
        let mut response = Self::tell(speech);
        response.body.reprompt = Some(Reprompt { output_speech: again, directives: vec![] });
        response.body.should_end_session = Some(false);
        response
    }

    #[must_use]
    pub fn with(mut self, directive: Directive) -> Self {
        self.body.directives.push(directive);
        self
    }

    #[must_use]
    pub fn with_card(mut self, card: Card) -> Self {
        self.body.card = Some(card);
        self
    }

    #[must_use]
    pub fn with_attribute(mut self, name: &str, value: Value) -> Self {
        self.session_attributes.insert(name.to_owned(), value);
        self
    }

    /// Ends the session after all, or leaves it to what plays (`None`).
    #[must_use]
    pub fn ending(mut self, should_end: Option<bool>) -> Self {
        self.body.should_end_session = should_end;
        self
    }

    /// The bytes that go over the wire.
    ///
    /// # Errors
    /// None that these types can cause; serde's signature has one.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}
