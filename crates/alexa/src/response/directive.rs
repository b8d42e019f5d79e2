//! Every directive, by its name on the wire.
//!
//! Typed in full: the dialog, connections, tasks, audio, video, hints. Documents, data sources and commands of
//! APL, APLA, APLT and HTML are languages of their own and stay JSON; so do the payloads of families that
//! are retired (Display, Game Engine) or belong to gadgets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whether a field stays out of the JSON: only an empty `Option` does.
trait Field {
    fn is_absent(&self) -> bool {
        false
    }
}
impl<T> Field for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}
impl Field for String {}
impl Field for bool {}
impl Field for i64 {}
impl Field for Value {}
impl<T> Field for Vec<T> {}

fn absent(field: &impl Field) -> bool {
    field.is_absent()
}

macro_rules! directives {
    ($($wire:literal => $variant:ident { $($field:ident: $type:ty),* },)*) => {
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "type", rename_all_fields = "camelCase")]
        pub enum Directive {
            $(
                #[serde(rename = $wire)]
                $variant { $(#[serde(default, skip_serializing_if = "absent")] $field: $type),* },
            )*
        }

        impl Directive {
            /// Every directive there is, by its name on the wire.
            pub const ALL: &[&str] = &[$($wire),*];

            /// `type`.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $wire,)*
                }
            }
        }
    };
}

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $(#[serde(default, skip_serializing_if = "absent")] pub $field: $type),*
        }
    )*};
}

directives! {
    "Dialog.Delegate" => Delegate { updated_intent: Option<UpdatedIntent> },
    "Dialog.ElicitSlot" => ElicitSlot { slot_to_elicit: String, updated_intent: Option<UpdatedIntent> },
    "Dialog.ConfirmSlot" => ConfirmSlot { slot_to_confirm: String, updated_intent: Option<UpdatedIntent> },
    "Dialog.ConfirmIntent" => ConfirmIntent { updated_intent: Option<UpdatedIntent> },
    "Dialog.UpdateDynamicEntities" => UpdateDynamicEntities { update_behavior: String, types: Option<Vec<EntityList>> },
    "Dialog.DelegateRequest" => DelegateRequest { target: String, period: Value, updated_request: Option<Value> },
    "Connections.StartConnection" => StartConnection {
        uri: String, input: Option<Value>, token: Option<String>, on_completion: Option<String>
    },
    "Connections.SendRequest" => SendRequest { name: String, payload: Option<Value>, token: String },
    "Connections.SendResponse" => SendResponse { status: ConnectionStatus, payload: Option<Value> },
    "Tasks.CompleteTask" => CompleteTask { status: ConnectionStatus, result: Option<Value> },
    "AudioPlayer.Play" => Play { play_behavior: String, audio_item: AudioItem },
    "AudioPlayer.Stop" => Stop {},
    "AudioPlayer.ClearQueue" => ClearQueue { clear_behavior: String },
    "Alexa.Presentation.APL.RenderDocument" => AplRenderDocument {
        token: Option<String>, document: Value, datasources: Option<Value>, sources: Option<Value>,
        packages: Option<Vec<Value>>
    },
    "Alexa.Presentation.APL.ExecuteCommands" => AplExecuteCommands { token: String, commands: Vec<Value> },
    "Alexa.Presentation.APL.SendIndexListData" => AplSendIndexListData {
        correlation_token: Option<String>, list_id: String, list_version: Option<i64>, start_index: i64,
        minimum_inclusive_index: Option<i64>, maximum_exclusive_index: Option<i64>, items: Option<Vec<Value>>
    },
    "Alexa.Presentation.APL.SendTokenListData" => AplSendTokenListData {
        correlation_token: Option<String>, list_id: String, page_token: String,
        next_page_token: Option<String>, items: Option<Vec<Value>>
    },
    "Alexa.Presentation.APL.UpdateIndexListData" => AplUpdateIndexListData {
        token: String, list_id: String, list_version: i64, operations: Vec<Value>
    },
    "Alexa.Presentation.APLA.RenderDocument" => AplaRenderDocument {
        token: Option<String>, document: Value, datasources: Option<Value>
    },
    "Alexa.Presentation.APLT.RenderDocument" => ApltRenderDocument {
        token: Option<String>, target_profile: Option<String>, document: Value, datasources: Option<Value>
    },
    "Alexa.Presentation.APLT.ExecuteCommands" => ApltExecuteCommands { token: String, commands: Vec<Value> },
    "Alexa.Presentation.HTML.Start" => HtmlStart {
        request: Value, configuration: Value, data: Option<Value>, transformers: Option<Vec<Value>>
    },
    "Alexa.Presentation.HTML.HandleMessage" => HtmlHandleMessage {
        message: Value, transformers: Option<Vec<Value>>
    },
    "Conversations.ResetContext" => ResetContext {},
    "VideoApp.Launch" => LaunchVideo { video_item: VideoItem },
    "Display.RenderTemplate" => RenderTemplate { template: Value },
    "Hint" => Hint { hint: HintText },
    "Alexa.Advertisement.InjectAds" => InjectAds { expected_previous_token: Option<String> },
    "Alexa.SmartVision.SnapshotProvider.GetSnapshotDirective" => GetSnapshot {
        prefer_on_demand_snapshot: Option<bool>
    },
    "Navigation.Assistance.AnnounceRoadRegulation" => AnnounceRoadRegulation {},
    "CustomInterfaceController.SendDirective" => GadgetSend {
        header: Value, payload: Value, endpoint: Option<Value>
    },
    "CustomInterfaceController.StartEventHandler" => GadgetStart {
        token: String, event_filter: Option<Value>, expiration: Option<Value>
    },
    "CustomInterfaceController.StopEventHandler" => GadgetStop { token: String },
    "GameEngine.StartInputHandler" => GameStart {
        timeout: i64, proxies: Option<Vec<String>>, recognizers: Value, events: Value
    },
    "GameEngine.StopInputHandler" => GameStop { originating_request_id: String },
    "GadgetController.SetLight" => SetLight {
        version: i64, target_gadgets: Option<Vec<String>>, parameters: Value
    },
}

parts! {
    /// An intent with its slots as they shall be from now on.
    UpdatedIntent { name: String, confirmation_status: Option<String>, slots: Option<BTreeMap<String, UpdatedSlot>> }
    UpdatedSlot { name: String, value: Option<String>, confirmation_status: Option<String> }
    /// Values of a slot type for this session: the household's own names.
    EntityList { name: String, values: Vec<DynamicEntity> }
    DynamicEntity { id: Option<String>, name: EntityName }
    EntityName { value: String, synonyms: Option<Vec<String>> }
    ConnectionStatus { code: String, message: Option<String> }
    AudioItem { stream: AudioStream, metadata: Option<Value> }
    AudioStream {
        url: String, token: String, offset_in_milliseconds: i64, expected_previous_token: Option<String>,
        caption_data: Option<Value>
    }
    VideoItem { source: String, metadata: Option<VideoMetadata> }
    VideoMetadata { title: Option<String>, subtitle: Option<String> }
}
impl Field for ConnectionStatus {}
impl Field for AudioItem {}
impl Field for AudioStream {}
impl Field for EntityName {}
impl Field for VideoItem {}
impl Field for HintText {}

/// What a screen suggests to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum HintText {
    PlainText { text: String },
}

impl Default for HintText {
    fn default() -> Self {
        Self::PlainText { text: String::new() }
    }
}

impl UpdatedIntent {
    /// An intent with filled slots.
    #[must_use]
    pub fn with_slots<'a>(
        name: &str,
        filled: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let slot = |(name, value): (&str, &str)| {
            let value = Some(value.to_owned());
            let slot = UpdatedSlot { name: name.to_owned(), value, confirmation_status: None };
            (name.to_owned(), slot)
        };
        let slots = Some(filled.into_iter().map(slot).collect());
        Self { name: name.to_owned(), confirmation_status: None, slots }
    }
}
