//! The format of a script (docs/scripts.md).

use std::collections::BTreeMap;
use std::time::Duration;

use hearthline_core::id::{DeviceId, HouseholdId, PersonId};
use serde::Deserialize;
use serde_saphyr::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sheet {
    pub title: String,
    /// Chooses the wordings.
    #[serde(default)]
    pub seed: u64,
    /// When the virtual clock begins.
    #[serde(default = "new_year")]
    pub start: jiff::Timestamp,
    /// Words that `${name}` stands for.
    #[serde(default)]
    pub vars: BTreeMap<String, String>,
    /// Household files beside the script; without any, the demo households.
    #[serde(default)]
    pub households: Vec<String>,
    #[serde(default)]
    pub devices: BTreeMap<String, Device>,
    #[serde(default)]
    pub echoes: BTreeMap<String, Echo>,
    pub steps: Vec<Spanned<Step>>,
}

fn new_year() -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_767_261_600).expect("2026-01-01T10:00:00Z is a moment")
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Device {
    pub household: HouseholdId,
    pub device: DeviceId,
    pub person: Option<PersonId>,
    /// Whether it is there from the start.
    #[serde(default = "yes")]
    pub online: bool,
}

fn yes() -> bool {
    true
}

/// An Echo and the Alexa account it belongs to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Echo {
    pub user: String,
    /// `None`: the account belongs to no household here.
    pub household: Option<HouseholdId>,
}

/// One step: somebody does one thing, or time passes; then expectations are checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    /// Which device or Echo.
    pub at: Option<String>,
    pub say: Option<String>,
    /// A recording, beside the script.
    pub hear: Option<String>,
    /// `answer`, `decline`, `hang_up`, `quiet`, `loud`, `heard`, `delete`, `call CONTACT`, `room ROOM`.
    pub press: Option<String>,
    /// A text for a contact: `{ to: CONTACT, text: … }`.
    pub send: Option<Send>,
    /// A raw Echo request: what stands under `request`.
    pub request: Option<serde_json::Value>,
    /// Spoils the request: `signature`, `stale`, `repeat`.
    pub fault: Option<Fault>,
    pub go: Option<Go>,
    pub advance: Option<String>,
    /// Keeps facts for later: variable to fact.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
    /// Fact to expected value; `*` stands for anything.
    #[serde(default)]
    pub expect: BTreeMap<String, Spanned<serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Send {
    pub to: String,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fault {
    Signature,
    Stale,
    Repeat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Go {
    Offline,
    Online,
}

impl Sheet {
    /// # Errors
    /// With the place, if it is not the YAML of a script.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        serde_saphyr::from_str(text).map_err(|error| error.to_string())
    }
}

/// "90s", "30 s", "5min", "2h", "1day".
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit.trim() {
        "s" => 1,
        "min" => 60,
        "h" => 3600,
        "day" | "days" => 86_400,
        _ => {
            return Err(format!(
                "{text:?} is no span of time; write it like 30s, 5min, 2h or 1day"
            ));
        }
    };
    let number: u32 = number.parse().map_err(|_| format!("{text:?} has no number"))?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}
